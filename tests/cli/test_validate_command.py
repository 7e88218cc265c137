"""`runner validate`: silence for what is sound, every problem at its place, nothing run."""

from __future__ import annotations

import json

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


def test_nothing_of_the_users_is_imported_or_run(runner: Program) -> None:
    runner.write("open('imported', 'w').close()\ndef go(): pass\n", "mine.py")
    runner.write("tasks: {one: {call: 'mine.py:go'}, two: {run: [touch, ran]}}")
    assert runner("validate", "workflow.yml").code == 0
    assert runner("plan").code == 0
    assert not (runner.folder / "imported").exists()
    assert not (runner.folder / "ran").exists()
