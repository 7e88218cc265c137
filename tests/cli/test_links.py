"""Links to what is not there are told for what they are, wherever a file is named."""

from __future__ import annotations

import pytest
from program import Program

GONE = "is a link to 'gone', which is not there"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run", "dang.yml"],
            f"dang.yml: error: there is no such file [not-found]\n      = 'dang.yml' {GONE}\n1 error\n",
        ),
        (
            ["run", "away/flow.yml"],
            f"away/flow.yml: error: there is no such file [not-found]\n      = 'away' {GONE}\n1 error\n",
        ),
        (
            ["run", "dangs.yml"],  # `dang.yml` is no help
            "dangs.yml: error: there is no such file [not-found]\n1 error\n",
        ),
        (
            ["run", "flow", "--params-file", "dang.yml"],
            f"error: dang.yml: there is no such file\n  = 'dang.yml' {GONE}\n",
        ),
        (
            ["run", "flow", "--template", "dang.j2"],
            f"error: cannot read the template dang.j2: there is no such file\n  = 'dang.j2' {GONE}\n",
        ),
    ],
)
def test_a_link_to_nothing_that_the_command_line_names(
    runner: Program, arguments: list[str], message: str
) -> None:
    for name in ("dang.yml", "dang.j2", "away"):
        (runner.folder / name).symlink_to("gone")
    runner.write("tasks: {a: {run: [echo]}}", "flow")
    ended = runner(*arguments)
    assert (ended.code, ended.out, ended.err) == (2, "", message)


def test_a_link_to_nothing_where_the_usual_file_is_looked_for(runner: Program) -> None:
    (runner.folder / "workflow.yml").symlink_to("gone")
    ended = runner("run")
    assert (ended.code, ended.out, ended.err) == (
        2,
        "",
        f"error: no workflow file here: neither workflow.yml nor workflow.yaml is in {runner.folder}\n"
        f"  = 'workflow.yml' {GONE}\n",
    )


def test_links_to_nothing_that_a_file_names(runner: Program) -> None:
    for name in ("dang.yml", "dang.j2", "dang.py"):
        (runner.folder / name).symlink_to("gone")
    runner.write(
        """\
        tasks:
          a: {call: dang.py:f}
          b: {workflow: dang.yml}
        reports:
          - {to: x.md, template: dang.j2}
        """
    )
    ended = runner("validate", "workflow.yml")
    there = runner.folder
    assert (ended.code, ended.out) == (
        2,
        f"""\
workflow.yml:2:13: error: no such file: 'dang.py' [unknown-callable]
    2 |   a: {{call: dang.py:f}}
      |             ^^^^^^^
      = '{there}/dang.py' {GONE}
workflow.yml:3:17: error: 'dang.yml': there is no such file [not-found]
    3 |   b: {{workflow: dang.yml}}
      |                 ^^^^^^^^
      = 'dang.yml' {GONE}
workflow.yml:5:26: error: there is no template 'dang.j2' [not-found]
    5 |   - {{to: x.md, template: dang.j2}}
      |                          ^^^^^^^
      = '{there}/dang.j2' {GONE}
3 errors
""",
    )


def test_a_link_to_nothing_that_a_task_reads(runner: Program) -> None:
    (runner.folder / "dang").symlink_to("gone")
    runner.write(
        """
        tasks:
          a: {map: {over: "{{ lines('dang') }}"}, run: [echo]}
          b: {run: [cat], stdin: {file: dang}}
        """
    )
    tasks = runner.report()["tasks"]
    assert tasks["a"]["error"]["message"] == f"there is no file dang ('{runner.folder}/dang' {GONE})"
    assert tasks["b"]["error"]["message"] == f"stdin cannot be opened: '{runner.folder}/dang' {GONE}"
