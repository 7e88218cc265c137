"""The file is UTF-8, and so is what becomes of it, whatever encoding the locale has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from program import Ended, Program

ASCII = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def bytes_of(text: str) -> str:
    return " ".join(f"{byte:02x}" for byte in text.encode())


def results(ended: Ended) -> dict[str, object]:
    return {name: task["result"] for name, task in json.loads(ended.out)["tasks"].items()}


dump = """\
    tasks:
      value: {run: "printf %s {{ 'é日本' }} | od -An -v -w99 -tx1", shell: bash}
      script: {run: "printf %s é日本 | od -An -v -w99 -tx1", shell: bash}
      entry: {run: 'printf %s "$V" | od -An -v -w99 -tx1', shell: bash, env: {V: é日本}}
      list: {run: [printf, "%s", é日本]}
"""


def all_of_it(ended: Ended) -> dict[str, object]:
    assert (ended.code, ended.err) == (0, ""), ended
    return {name: str(value).strip() for name, value in results(ended).items()}


expected = {
    "value": bytes_of("é日本"),
    "script": bytes_of("é日本"),
    "entry": bytes_of("é日本"),
    "list": "é日本",
}


def test_values_scripts_and_environment_are_utf8_where_the_locale_knows_only_ascii(runner: Program) -> None:
    runner.write(dump)
    assert all_of_it(runner("run", "-q", "--format", "json", environment=ASCII)) == expected


@pytest.mark.skipif(shutil.which("localedef") is None, reason="no locale can be made here")
def test_they_are_utf8_in_a_locale_of_latin_letters(runner: Program) -> None:
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(runner.folder / "de_DE.ISO-8859-1")]
    if subprocess.run(command, capture_output=True, check=False).returncode > 1:
        pytest.skip("this system has no source of the locale")
    runner.write(dump)
    latin = {"LOCPATH": str(runner.folder), "LC_ALL": "de_DE.ISO-8859-1"}
    assert all_of_it(runner("run", "-q", "--format", "json", environment=latin)) == expected


def test_names_of_files_lines_and_params_are_utf8_in_any_locale(runner: Program) -> None:
    (runner.folder / "日.txt").write_text("é\n", encoding="utf-8")
    runner.write(
        """\
        params: {from: ""}
        tasks:
          each: {map: {over: "{{ lines(params.from) }}"}, run: "cat {{ params.from }}; echo {{ item }}"}
        reports: [{to: "{{ params.from }}.md"}]
        """
    )
    ended = runner("run", "-p", "from=日.txt", environment=ASCII)
    assert ended.code == 0, ended
    assert (runner.folder / "日.txt.md").is_file()
    logs = runner("logs", "each[é]", environment=ASCII)
    assert (logs.code, logs.out) == (0, "é\né\n")


def test_what_is_said_of_a_file_is_utf8_in_any_locale(runner: Program) -> None:
    runner.write("tasks: {a: {run: echo, wher: 日本}}\n", "é.yml")
    ended = runner("validate", "é.yml", environment=ASCII)
    assert ended.code == 2
    assert ended.out.startswith("é.yml:1:24: ")
    missing = runner("run", "日.yml", environment=ASCII)
    assert missing.code == 2
    assert missing.err.startswith("日.yml: error: there is no such file [not-found]\n")


def test_the_environment_reaches_commands_as_it_was_in_any_locale(runner: Program) -> None:
    runner.write(
        'tasks: {a: {run: \'env -0 | tr "\\0" "\\n" | grep -a ^OUTSIDE > env.txt; env > all.txt\'}}\n'
    )
    ended = runner("run", "-q", environment={**ASCII, "OUTSIDE": os.fsdecode(b"\xe9\xff") + "é"})
    assert ended.code == 0, ended
    assert (runner.folder / "env.txt").read_bytes() == b"OUTSIDE=\xe9\xff\xc3\xa9\n"
    inherited = (runner.folder / "all.txt").read_bytes().splitlines()
    assert b"PYTHONUTF8=0" in inherited
    assert b"LC_ALL=POSIX" in inherited
