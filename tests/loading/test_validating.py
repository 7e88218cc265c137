"""`runner validate` on the command line: many files, three forms, and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

tests = Path(__file__).parent.parent


def validate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runner", "validate", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


not_in_this_version = {
    "02_everything_at_the_top",
    "47_reports",
    "49_pool_process",
    "50_pool_own_factory",
    "51_pool_dask",
}


def test_all_valid_files_together_give_no_word() -> None:
    found = (tests / "valid").glob("*.yml")
    files = sorted(file.name for file in found if file.stem not in not_in_this_version)
    done = validate(tests / "valid", *files)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_problems_are_told_as_pinned_and_end_with_2() -> None:
    done = validate(tests / "mistakes", "cycle.yml")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == (tests / "mistakes" / "cycle.out").read_text(encoding="utf-8")


def test_warnings_alone_end_with_0() -> None:
    done = validate(tests / "mistakes", "several_commands_in_a_list.yml")
    assert done.returncode == 0
    assert done.stdout == (tests / "mistakes" / "several_commands_in_a_list.out").read_text(encoding="utf-8")


def test_as_json_every_problem_has_its_place() -> None:
    done = validate(tests / "mistakes", "unknown_task_in_needs.yml", "--format", "json")
    first = json.loads(done.stdout)[0]
    assert (first["file"], first["line"], first["column"], first["length"]) == (
        "unknown_task_in_needs.yml",
        3,
        26,
        5,
    )
    assert (first["severity"], first["code"]) == ("error", "unknown-task")
    assert (first["message"], first["hint"]) == ("unknown task 'fetsh' in needs", "did you mean 'fetch'?")


def test_for_github_every_problem_is_an_annotation() -> None:
    done = validate(tests / "mistakes", "unknown_executor.yml", "--format", "github")
    assert done.stdout == (
        "::error file=unknown_executor.yml,line=1,col=18,endColumn=24,title=unknown-executor::"
        "there is no executor 'theads'%0Adid you mean 'thread'?\n"
    )


def test_nothing_of_the_user_is_imported_or_run(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text("open('imported', 'w').close()\n\n\ndef f():\n    pass\n")
    (tmp_path / "flow.yml").write_text(
        "params: {x: 1}\n"
        "tasks:\n"
        "  a: {call: 'lib.py:f'}\n"
        "  b: {call: 'lib:f'}\n"
        "  c: {run: touch ran}\n"
        '  d: {map: {over: "{{ glob(\'*\') }}"}, run: "touch {{ item }}.ran"}\n'
    )
    done = validate(tmp_path, "flow.yml")
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flow.yml", "lib.py"]
