"""`--only … --again`: whether what failed is mended, as the line in a report asks."""

from __future__ import annotations

import html
import json
import re

import pytest
from program import Program

forgiving = """
    tasks:
      base: {run: "false", allow_failure: true}
      each:
        needs: [base]
        map: {over: [a, b, c], max_failures: 2}
        run: "test -e mended || test {{ item }} = a"
      after: {map: {over: "{{ tasks.each.results }}", as: each}, run: "true"}
      share: {map: {over: [a, b, c], max_failures: 90%}, run: "test {{ item }} = a"}
      soft: {run: test -e mended, allow_failure: true}
      some: {map: {over: [a, b, c], quorum: 1}, run: "test {{ item }} = a"}
      country:
        map: {over: [fr, de], max_failures: 1}
        allow_failure: true
        tasks:
          ask: {run: "test {{ item }} = fr"}
          each: {map: {over: [1, 2], max_failures: 1}, run: "test {{ item }} = 1"}
      file: {workflow: other.yml, allow_failure: true}
    reports: [{to: out/report.html}]
"""
other = "tasks: {x: {run: 'false', allow_failure: true}, y: {run: 'true'}}"


@pytest.fixture
def forgiven(runner: Program) -> Program:
    runner.write(forgiving)
    runner.write(other, "other.yml")
    return runner


@pytest.mark.parametrize(
    ("only", "code"),
    [
        (["each[b]"], 1),
        (["each[a]"], 0),
        (["each[a]", "each[b]"], 1),
        (["share[b]"], 1),
        (["after[b]"], 1),
        (["after[a]"], 0),
        (["each"], 0),
        (["soft"], 1),
        (["some[b]", "some[a]"], 1),
        (["country[de]"], 1),
        (["country[fr]"], 0),
        (["country.ask"], 1),
        (["country[fr].each[2]"], 1),
        (["country[fr].each[1]"], 0),
        (["file.x"], 1),
        (["file"], 0),
    ],
)
def test_what_is_to_be_mended_is_not_tolerated_when_it_fails_again(
    forgiven: Program, only: list[str], code: int
) -> None:
    words = [word for address in only for word in ("--only", address)]
    assert forgiven("run", "--quiet", *words, "--again").code == code


def lines_of(runner: Program, *arguments: str) -> list[str]:
    """The lines that the HTML report of the newest run shows for its failures, with its hints."""
    page = runner("report", *arguments, "--format", "html").out
    found = re.findall(r'whether it is mended:</span><code class="copy">(.*?)</code>|"hint">(.*?)</p>', page)
    return [html.unescape("".join(each)) for each in found]


def test_the_line_for_a_failure_leaves_the_report_alone_in_which_it_stands(forgiven: Program) -> None:
    forgiven("run", "--quiet", "--only", "each")
    report = forgiven.folder / "out" / "report.html"
    before = report.read_bytes()
    (line,) = {line for line in lines_of(forgiven) if "each[b]" in line}
    assert line == "runner run workflow.yml --only 'each[b]' --again"
    assert forgiven.shell(line).code == 1
    (forgiven.folder / "mended").touch()
    assert forgiven.shell(line).code == 0
    assert report.read_bytes() == before
    assert forgiven("run", "--only", "soft", "--again", "--report", "out/report.html").code == 0
    assert report.read_bytes() != before


def test_a_line_says_what_must_be_filled_in(runner: Program) -> None:
    text = """
        secrets: [TOKEN]
        params: {token: none, most: 3}
        tasks: {ask: {run: "test {{ params.token }} = none"}}
    """
    runner.write(text, "asks.yml")
    with_secret = (
        f"TOKEN=sesame-open runner run - -q -p token=sesame-open -p most=4 < {runner.folder}/asks.yml"
    )
    assert runner.shell(with_secret).code == 1
    assert lines_of(runner)[:2] == [
        "runner run - --only ask --again -p most=4 -p 'token=…' < FILE",
        "Put the secret token in the place of …, and what was standard input in the place of FILE.",
    ]


def test_where_no_line_can_be_pasted_the_report_says_how_to_go_on(runner: Program) -> None:
    runner.write("tasks: {each: {map: {over: ['a\u202eb'], key: '{{ item }}'}, run: 'false'}}")
    assert runner("run", "-q").code == 1
    run = json.loads(runner("runs", "--format", "json").out)[0]["id"]
    assert lines_of(runner)[0] == (
        f"No line does just that again, since what it holds cannot be pasted: runner resume {run}"
    )


def test_again_without_a_name_is_refused(forgiven: Program) -> None:
    ended = forgiven("run", "--again")
    assert (ended.code, ended.err) == (
        2,
        "error: --again: there is no --only\n  = name what is to be done again: --only TASK --again\n",
    )


def test_resume_goes_on_with_the_run_that_was_looked_at_and_not_with_the_look(runner: Program) -> None:
    runner.write("tasks: {a: {run: test -e mended}, b: {run: test -e mended}}")
    assert runner("run", "--quiet").code == 1
    assert runner("run", "--quiet", "--only", "a", "--again").code == 1
    look, whole = (run["id"] for run in json.loads(runner("runs", "--format", "json").out))
    assert f"(run {whole})" in runner("resume").out
    assert f"(run {look})" in runner("resume", look).out
    (runner.folder / "mended").touch()
    ended = runner("resume", "--format", "json")
    assert (ended.code, json.loads(ended.out)["run"]["id"]) == (0, whole)
    ended = runner("resume")
    assert (ended.code, ended.out, ended.err) == (
        0,
        "",
        "nothing to do: every run has succeeded, but for those with --again, which are not gone on with\n",
    )
    assert runner("resume", "--quiet", look).code == 0
    assert runner("resume").err == "nothing to do: every run has succeeded\n"


def test_a_look_that_could_not_be_reported_is_passed_over_as_well(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'true'}}")
    assert runner("run", "--quiet").code == 0
    (runner.folder / "out").touch()
    assert runner("run", "-q", "--only", "a", "--again", "--report", "out/report.md").code == 1
    assert runner("resume").err == "nothing to do: every run has succeeded\n"
