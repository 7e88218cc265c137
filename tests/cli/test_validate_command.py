"""`runner validate`: silence for what is sound, every problem at its place, nothing run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from program import Program

sound = "tasks: {one: {run: [echo, hi]}}"
wrong = "tasks:\n  one: {rum: [echo, hi]}\n"


def test_a_sound_file_is_passed_over_in_silence(runner: Program) -> None:
    runner.write(sound)
    ended = runner("validate", "workflow.yml")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert runner("validate", "workflow.yml", "--format", "json").out == "[]\n"


def test_the_problems_of_all_files_are_the_result(runner: Program) -> None:
    runner.write(sound, "a.yml")
    runner.write(wrong, "b.yml")
    runner.write(wrong, "c.yml")
    ended = runner("validate", "c.yml", "a.yml", "missing.yml", "b.yml")
    assert ended.out == (
        "b.yml:2:9: error: unknown key 'rum' in task 'one' [unknown-key]\n"
        "    2 |   one: {rum: [echo, hi]}\n"
        "      |         ^^^\n"
        "      = did you mean 'run'?\n"
        "c.yml:2:9: error: unknown key 'rum' in task 'one' [unknown-key]\n"
        "    2 |   one: {rum: [echo, hi]}\n"
        "      |         ^^^\n"
        "      = did you mean 'run'?\n"
        "missing.yml: error: there is no such file [not-found]\n"
        "3 errors\n"
    )
    assert (ended.code, ended.err) == (2, "")


def test_a_file_whose_name_is_no_text_is_told_once(runner: Program) -> None:
    runner.write("dotenv: [2024.10]\ntasks: {a: {run: echo}}\n")
    ended = runner("validate", "workflow.yml")
    assert ended.out == (
        "workflow.yml:1:10: error: `dotenv` must be text, not the number 2024.1 [wrong-type]\n"
        "    1 | dotenv: [2024.10]\n"
        "      |          ^^^^^^^\n"
        "      = put it in quotes: '2024.10'\n"
        "1 error\n"
    )


beside = """\
dotenv: [.env, other.env, none.env]
pool: {executor: 'p:make'}
tasks: {a: {run: [echo, hi]}}
reports:
  - {to: z, template: bad.j2}  # and nothing else is meant
"""

told_of_reports = """\
workflow.yml:5:23: error: bad.j2:2: Expected an expression, got 'end of statement block' [bad-report]
    5 |   - {to: z, template: bad.j2}  # and nothing else is meant
      |                       ^^^^^^
"""

told_of_dotenv = """\
.env:2:1: error: expected NAME=value [bad-dotenv]
"""


def test_what_run_refuses_before_anything_runs_validate_tells_at_the_same_place(runner: Program) -> None:
    runner.write(beside)
    runner.write("A=1\nB 2\n", ".env")
    runner.write("hello\n{% if %}\n", "bad.j2")
    (runner.folder / "other.env").write_bytes(b"A=\xff")
    ended = runner("validate", "workflow.yml")
    assert ended.out == (
        f"{told_of_dotenv}"
        "other.env: error: the dotenv file is not UTF-8 at byte 2 [bad-dotenv]\n"
        "workflow.yml:2:18: error: no module named 'p' [unknown-callable]\n"
        "    2 | pool: {executor: 'p:make'}\n"
        "      |                  ^^^^^^\n"
        f"      = looked in the Python environment, {runner.folder}\n"
        f"{told_of_reports}"
        "4 errors\n"
    )
    assert (ended.code, ended.err) == (2, "")
    assert runner("run").err == f"{told_of_dotenv}1 error\n"
    runner.write("", ".env")
    runner.write("", "other.env")
    refused = runner("run")
    assert (refused.code, refused.err) == (2, f"{told_of_reports}1 error\n")


def test_an_executor_that_nothing_makes_is_refused_at_its_place(runner: Program) -> None:
    runner.write("pool: {executor: 'pools:make'}\ntasks: {one: {run: [echo, hi]}}\n")
    message = (
        "workflow.yml:1:18: error: no module named 'pools' [unknown-callable]\n"
        "    1 | pool: {executor: 'pools:make'}\n"
        "      |                  ^^^^^^^^^^\n"
        f"      = looked in the Python environment, {runner.folder}\n"
        "1 error\n"
    )
    ended = runner("validate", "workflow.yml")
    assert (ended.code, ended.out) == (2, message)
    refused = runner("run")
    assert (refused.code, refused.err) == (2, message)
    assert runner("run", "--executor", "inline").code == 0


def test_another_mistake_does_not_hide_what_run_refuses(runner: Program) -> None:
    runner.write("tasks: {one: {rum: [echo, hi]}}\nreports: [{to: x, template: bad.j2}]\n")
    runner.write("{% if %}", "bad.j2")
    told = json.loads(runner("validate", "workflow.yml", "--format", "json").out)
    assert [it["code"] for it in told] == ["unknown-key", "bad-report"]


def test_problems_are_data_for_programs(runner: Program) -> None:
    runner.write(wrong)
    ended = runner("validate", "workflow.yml", "--format", "json")
    assert json.loads(ended.out) == [
        {
            "file": "workflow.yml",
            "line": 2,
            "column": 9,
            "length": 3,
            "severity": "error",
            "code": "unknown-key",
            "message": "unknown key 'rum' in task 'one'",
            "hint": "did you mean 'run'?",
            "related": [],
        }
    ]
    ended = runner("validate", "workflow.yml", "--format", "github")
    assert ended.out == (
        "::error file=workflow.yml,line=2,col=9,endColumn=12,title=unknown-key::"
        "unknown key 'rum' in task 'one'%0Adid you mean 'run'?\n"
    )
    assert ended.code == 2


def test_standard_input_is_a_file_too(runner: Program) -> None:
    ended = runner("validate", "-", "--strict", stdin=wrong)
    assert ended.out.startswith("-:2:9: error: unknown key 'rum'")
    assert ended.code == 2


def test_warnings_count_only_when_it_is_strict(runner: Program) -> None:
    runner.write("tasks:\n  one:\n    run: echo hi | cat\n")
    ended = runner("validate", "workflow.yml")
    assert ended.out.startswith("workflow.yml:3:18: warning: ")
    assert ended.code == 0
    assert runner("validate", "workflow.yml", "--strict").out == ended.out
    assert runner("validate", "workflow.yml", "--strict").code == 2


def test_strict_lists_each_value_that_is_pasted_into_a_script(runner: Program) -> None:
    runner.write(
        """\
        params: {flags: -v}
        tasks:
          one: {run: "make {{ params.flags | verbatim }}"}
          group:
            tasks:
              two:
                run: |
                  make all
                  make {{ params.flags }} {{ params.flags | verbatim }}
        """
    )
    assert runner("validate", "workflow.yml").out == ""
    ended = runner("validate", "workflow.yml", "--strict")
    assert ended.out == (
        "workflow.yml:3:20: warning: this value becomes part of the script as it is [verbatim]\n"
        '    3 |   one: {run: "make {{ params.flags | verbatim }}"}\n'
        "      |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "workflow.yml:9:35: warning: this value becomes part of the script as it is [verbatim]\n"
        "    9 |           make {{ params.flags }} {{ params.flags | verbatim }}\n"
        "      |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "2 warnings\n"
    )
    assert ended.code == 2


def test_strict_lists_each_value_that_is_pasted_into_what_a_shell_runs_by_itself(runner: Program) -> None:
    runner.write(
        """\
        env: {BASH_ENV: "{{ workflow.dir | verbatim }}/env.sh", FLAGS: "{{ run.id | verbatim }}"}
        tasks:
          one: {run: make, env: {PS4: "{{ run.id | verbatim }}> "}}
        """
    )
    assert runner("validate", "workflow.yml").out == ""
    ended = runner("validate", "workflow.yml", "--strict")
    assert ended.out == (
        "workflow.yml:1:18: warning: this value becomes part of the script as it is [verbatim]\n"
        '    1 | env: {BASH_ENV: "{{ workflow.dir | verbatim }}/env.sh", FLAGS: "{{ run.id | verbatim }}"}\n'
        "      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "workflow.yml:3:32: warning: this value becomes part of the script as it is [verbatim]\n"
        '    3 |   one: {run: make, env: {PS4: "{{ run.id | verbatim }}> "}}\n'
        "      |                                ^^^^^^^^^^^^^^^^^^^^^^^\n"
        "2 warnings\n"
    )


def test_nothing_of_the_users_is_imported_or_run(runner: Program) -> None:
    runner.write("open('imported', 'w').close()\ndef go(): pass\n", "mine.py")
    runner.write("tasks: {one: {call: 'mine.py:go'}, two: {run: [touch, ran]}}")
    assert runner("validate", "workflow.yml").code == 0
    assert runner("plan").code == 0
    assert not (runner.folder / "imported").exists()
    assert not (runner.folder / "ran").exists()


PEAK = """
import os, sys
child = os.fork()
if not child:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss, file=sys.stderr)
"""


@pytest.mark.parametrize("file", ["large.yml", "/dev/zero", "-"])
def test_what_is_too_large_is_refused_in_less_than_100_mb(runner: Program, file: str) -> None:
    with (runner.folder / "large.yml").open("wb") as large:
        large.truncate((64 << 20) + 1)
    # Started by a small process: what a large one had at the fork would count, too.
    with Path("/dev/zero").open("rb") as endless:
        ended = subprocess.run(
            [sys.executable, "-c", PEAK, *runner.command("validate", file)],
            cwd=runner.folder,
            env=runner.environment,
            stdin=endless,
            capture_output=True,
            check=True,
            text=True,
        )
    assert ended.stdout == f"{file}: error: the file is larger than 64 MB [too-large]\n1 error\n"
    code, kibibytes = map(int, ended.stderr.split())
    assert code == 2
    assert kibibytes < 100 << 10
