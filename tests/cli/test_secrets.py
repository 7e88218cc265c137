"""Secrets show nowhere: not on a terminal, not in a pipe, not in a report, not on the disk."""

from __future__ import annotations

import base64
import json
import os
import random
import shlex
import string
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Program, wait_until

from runner.cli import doors
from runner.masks import mask_of

letters = string.ascii_letters + string.digits
LONG = "eyJ" + "".join(random.Random(7).choices(letters + "-_", k=230))
QUOTED = "q\"uo\\te'd $pässwörd"
LINES = "-----BEGIN KEY-----\n" + "\n".join(LONG[start : start + 64][::-1] for start in (0, 64)) + "\n"
NUMBER = "8675309421"
secrets = {"LONG": LONG, "QUOTED": QUOTED, "LINES": LINES, "NUMBER": NUMBER}

hostile = """
    secrets: [LONG, QUOTED, LINES, NUMBER]
    params: {given: ""}
    tasks:
      all:
        run: |
          printf '%s\\n' "$LONG" "$QUOTED" "$LINES" "$NUMBER"
          printf '%s\\n' "$LONG" "$QUOTED" "$LINES" "$NUMBER" >&2
          printf '%s' "$QUOTED" | base64
          sleep 0.3
          printf '%s\\n' "{$LONG}"
        shell: bash
        env: &all
          LONG: "{{ secrets.LONG }}"
          QUOTED: "{{ secrets.QUOTED }}"
          LINES: "{{ secrets.LINES }}"
          NUMBER: "{{ secrets.NUMBER }}"
      json:
        run: printf '%s' "$J"; printf '%s' "$J" >&2
        capture: json
        env: {J: "{{ {'a': secrets.LONG, 'b': [secrets.QUOTED, secrets.LINES, secrets.NUMBER]} }}"}
      text: {run: "printf '%s' \\"$J\\"", env: {J: "{{ [secrets.QUOTED, {'a': secrets.LINES}] }}"}}
      number: {result: "{{ tasks.json.result.b[2] | int }}"}
      list: {result: "{{ [tasks.json.result.a] + tasks.json.result.b }}"}
      keyed: {result: "{{ {tasks.json.result.a: 1, tasks.json.result.b[0]: tasks.number.result} }}"}
      dict: {map: {over: "{{ tasks.keyed.result }}"}, run: 'printenv RUNNER_KEY; echo {{ item }}'}
      each: {map: {over: "{{ tasks.list.result }}"}, run: 'printenv RUNNER_KEY RUNNER_TASK; echo {{ item }}'}
      follow: {map: {over: "{{ tasks.each.results }}"}, run: 'echo {{ item }}; false'}
      retried: {run: "echo {{ tasks.list.result }}; false", retry: {attempts: 2, delay: 0}}
      group:
        map: {over: "{{ tasks.list.result }}", as: it, key: "{{ it }}", max_failures: 1}
        tasks:
          fails: {run: [sh, -c, 'printf "%s" "$0"; exit 3', "{{ it }}"]}
          skipped: {run: "echo {{ tasks.fails.result }}"}
      flat:
        map: {over: "{{ tasks.list.result }}", as: it, key: "x{{ it | replace('\\n', '') }}"}
        tasks:
          fails: {run: [sh, -c, 'printf "%s" "$0"; exit 3', "{{ it }}"]}
      background: {run: '"./$LONG" > /dev/null 2>&1 &', env: *all}
      no_json: {run: "echo \\"$LONG\\"", env: *all, capture: json}
      quoted_no_json: {run: "printf '%s x' \\"$J\\"", capture: json, env: {J: "{{ [secrets.QUOTED] }}"}}
      when: {when: tasks.json.result.a, run: [echo]}
      when_quoted: {when: "tasks.json.result.b[0]", run: [echo]}
      over: {map: {over: "{{ tasks.json.result.a }}"}, run: [echo]}
      matrix: {map: {matrix: "{{ {'os': tasks.json.result.a} }}"}, run: [echo]}
      zip: {map: {zip: "{{ {'os': tasks.json.result.b[0]} }}"}, run: [echo]}
      key: {map: {over: [1, 2], key: "{{ tasks.json.result.b[0] }}"}, run: [echo]}
      env: {run: [echo], env: {X: "{{ secrets.LONG + 1 }}"}}
      cwd: {run: [echo], cwd: "{{ tasks.json.result.a }}"}
      none: {run: ["{{ tasks.json.result.a }}"]}
      shaped: {run: [echo], result: "{{ tasks.json.result.a + 1 }}"}
      until: {run: [echo], retry: {attempts: 2, until: "{{ tasks.json.result.b[0] }}"}}
      told: {run: "echo {{ tasks.when.error.message }} {{ tasks.no_json.error.message }}", when: always()}
      made: {call: "made.py:print_all", with: {given: "{{ tasks.list.result }}"}}
      raised: {call: "made.py:fail", with: {given: "{{ tasks.list.result }}"}}
      raised_long: {call: "made.py:fail_at_length", with: {given: "{{ tasks.json.result.a }}"}}
      deep: {call: "made.py:deep", with: {given: "{{ tasks.json.result.a }}"}}
    outputs:
      list: "{{ tasks.list.result }}"
      keyed: "{{ tasks.keyed.result }}"
      wrong: "{{ tasks.json.result.a + 1 }}"
    reports: [{to: out/report.json}, {to: out/report.md}, {to: out/own.txt, template: own.j2}]
"""
code = """
    import base64, json, logging, os, subprocess, sys, urllib.parse
    def spellings(text):
        yield from [text, repr(text), repr(text.encode()), json.dumps(text), json.dumps(json.dumps(text))]
        yield from [urllib.parse.quote(text), urllib.parse.quote_plus(text), text.encode().hex()]
        yield from [base64.b64encode(b"x" * before + text.encode() + b"y").decode() for before in range(3)]
    def print_all(given):
        said = [spelling for text in given for spelling in spellings(text)]
        for spelling in said:
            print(spelling)
            logging.warning("%s", spelling)
            os.write(1, spelling.encode())
        for text in given:
            sys.stdout.write(text[:7]); sys.stdout.write(text[7:])
        subprocess.run(["cat"], input="".join(given).encode(), stdout=sys.stdout, check=True)
        return said
    def fail(given):
        try:
            raise ValueError(given)
        except ValueError:
            raise KeyError("\\n".join(given))
    def fail_at_length(given):
        raise ValueError("x" * (2000 - len("ValueError: ") - 100) + given + "y" * 9000 + given + "z" * 1900)
    def deep(given):
        for _ in range(900):
            given = {"a": given}
        return given
"""
own = "{{ run }} {{ tasks }} {{ outputs }} {{ params }}"


def spellings() -> Iterator[str]:
    """All that must not be found, as a program would write it that knows nothing of masks."""
    yield from (LONG[start : start + 12] for start in range(len(LONG) - 11))
    for text in [LONG, QUOTED, NUMBER, *LINES.splitlines()]:
        yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
        yield from (repr(text)[1:-1], shlex.quote(text).strip("'"), json.dumps(json.dumps(text))[3:-3])
        yield text.replace("\\t", "\t")  # by the echo of sh
        yield from (urllib.parse.quote(text), urllib.parse.quote_plus(text), text.encode().hex())
        for before in range(3):
            encoded = base64.b64encode(b"x" * before + text.encode() + b"y").decode()
            yield encoded[4 : len(encoded) // 4 * 4 - 4]


def found_in(data: bytes) -> set[str]:
    return {spelling for spelling in spellings() if spelling.encode() in data}


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def hidden(runner: Program) -> Program:
    """A folder with the hostile workflow, and the secrets in the environment."""
    runner.write(hostile)
    runner.write(code, "made.py")
    runner.write(own, "own.j2")
    (runner.folder / LONG).write_text("#!/bin/sh\nsleep 1000\n")
    (runner.folder / LONG).chmod(0o700)
    runner.environment |= secrets
    return runner


@pytest.mark.parametrize(
    "how", ["failed", "all", "stream", "none", "stream verbose", "terminal", "terminal stream", "inline"]
)
def test_no_spelling_of_a_secret_is_shown_or_recorded(hidden: Program, how: str) -> None:
    options = ["-p", f"given={QUOTED}", "--report", "text=out/report.txt"]
    if how.startswith("terminal"):
        hidden.environment["TERM"] = "xterm"
        options += ["-v", "--output", "stream"] if how.endswith("stream") else []
        ended = hidden.in_a_terminal("run", *options)
    elif how == "inline":
        ended = hidden("run", *options, "--executor", "inline", "--format", "json")
    else:
        output, *verbose = how.split()
        ended = hidden("run", *options, "--output", output, *(["-v"] if verbose else []))
    shown = (ended.out + ended.err).encode()
    assert b"***" in shown
    assert ended.code == 1, ended.err
    assert found_in(shown) == set()
    assert found_in(everything_in(hidden.folder / ".runner")) == set()
    assert found_in(everything_in(hidden.folder / "out")) == set()
    for later in (["logs"], ["runs"], ["report"], ["report", "--format", "json"]):
        read = hidden(*later)
        assert read.code == 0
        assert found_in((read.out + read.err).encode()) == set(), later


def test_what_the_hostile_run_comes_to_is_told_in_stars(hidden: Program) -> None:
    report = hidden.report()
    tasks = report["tasks"]
    assert [name for name in ("all", "json", "dict", "each", "made", "deep") if tasks[name]["error"]] == []
    assert [item["key"] for item in tasks["each"]["items"]] == ["0", "***", "2", "***"]
    assert tasks["json"]["result"] == {"a": "***", "b": ["***", "***", "***"]}
    assert (tasks["number"]["result"], tasks["keyed"]["result"]) == ("***", {"***": "***"})
    assert report["outputs"]["list"] == ["***"] * 4
    messages = {name: task["error"]["message"] for name, task in tasks.items() if task["error"]}
    text = "a condition gives true or false, and this is the text"
    assert messages["when"] == f"{text} '***…', in `tasks.json.result.a`"
    assert messages["when_quoted"] == f"{text} '***', in `tasks.json.result.b[0]`"
    assert messages["no_json"].endswith("it begins with '***…'")
    assert messages["raised_long"].endswith(" characters left out …\n***" + "z" * 1900)


def test_within_the_run_values_and_keys_are_whole(runner: Program) -> None:
    runner.write(
        """
        secrets: [QUOTED]
        tasks:
          text: {run: [printenv, Q], env: {Q: "{{ secrets.QUOTED }}"}}
          each: {map: {over: ["{{ tasks.text.result }}"]}, run: 'printf "%s" {{ item }}'}
          then: {map: {over: "{{ tasks.each.results }}"}, result: "{{ [item | length, key | length] }}"}
          told:
            run: printf '%s%s' {{ tasks.each.items[0].item }} "$KEY"
            env: {KEY: "{{ tasks.each.items[0].key }}"}
          last: {result: "{{ [tasks.told.result | length, tasks.each.by_key | first | length] }}"}
        """
    )
    runner.environment |= secrets
    tasks = runner.report()["tasks"]
    size = len(QUOTED)
    assert [item["key"] for item in tasks["each"]["items"]] == ["***"]
    assert tasks["then"]["results"] == [[size, size]]
    assert tasks["last"]["result"] == [2 * size, size]


def test_a_class_that_is_named_by_a_secret_is_recorded_masked(runner: Program) -> None:
    runner.write("def f(name):\n    raise type(name, (Exception,), {})('x')\n", "lib.py")
    runner.write("""
        secrets: [TOKEN]
        tasks: {a: {call: "lib.py:f", with: {name: "{{ secrets.TOKEN }}"}}}
    """)
    runner.environment["TOKEN"] = "hunter2hunter2"
    assert runner("run").code == 1
    files = [path for path in (runner.folder / ".runner").rglob("*") if path.is_file()]
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


def test_no_secret_is_shown_before_a_run(hidden: Program) -> None:
    for form in ("text", "json", "mermaid", "dot"):
        ended = hidden("plan", "--format", form)
        assert (ended.code, ended.err) == (0, "")
        assert found_in(ended.out.encode()) == set()
    hidden.write("secrets: [LONG]\ntasks: {a: {map: {over: '{{ env.LONG }}'}, run: [echo]}}", "over.yml")
    for command in ("plan", "run"):
        ended = hidden(command, "over.yml")
        assert found_in((ended.out + ended.err).encode()) == set()
    hidden.write("secrets: [LONG]\nparams: {n: 1}\ntasks: {a: {run: [echo]}}", "params.yml")
    for command in ("plan", "run"):
        ended = hidden(command, "params.yml", "-p", f"n={LONG}")
        assert ended.code == 2
        assert "***" in ended.err
        assert found_in((ended.out + ended.err).encode()) == set()


def test_a_failing_import_shows_no_secret(runner: Program) -> None:
    runner.write("import os\ndef go(): pass\nraise ValueError(os.environ['LINES'])\n", "broken.py")
    runner.write("{secrets: [LINES], tasks: {a: {call: 'broken.py:go'}}}")
    ended = runner("run", environment=secrets)
    file = runner.folder / "broken.py"
    assert ended.err == (
        f"workflow.yml:1:39: error: '{file}' cannot be imported: ValueError: *** [not-imported]\n"
        "    1 | {secrets: [LINES], tasks: {a: {call: 'broken.py:go'}}}\n"
        "      |                                       ^^^^^^^^^^^^\n"
        f"      = raised in line 3 of {file}\n"
        "        Traceback (most recent call last):\n"
        f'          File "{file}", line 3, in <module>\n'
        "            raise ValueError(os.environ['LINES'])\n"
        "        ValueError: ***\n"
        "1 error\n"
    )
    assert ended.code == 2


def test_what_is_written_down_of_a_bug_holds_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    doors.hide(mask_of(secrets))
    try:
        assert doors.leave(RuntimeError(f"{QUOTED}{LONG}" * 10)) == 3
    finally:
        doors.hide(mask_of({}))
    assert capsys.readouterr().err.startswith("error: this is a bug in runner, not a mistake of yours: ")
    assert found_in(everything_in(tmp_path)) == set()
    assert b"RuntimeError: ***" in everything_in(tmp_path)


def test_output_is_streamed_and_logs_are_there_while_a_task_runs(runner: Program) -> None:
    os.mkfifo(runner.folder / "go")
    runner.write(
        """
        secrets: [NUMBER]
        tasks:
          slow: {run: 'echo "is $NUMBER"; cat go; echo end', env: {NUMBER: "{{ secrets.NUMBER }}"}}
        """
    )
    process = subprocess.Popen(
        runner.command("run", "--output", "stream"),
        cwd=runner.folder,
        env={**runner.environment, **secrets},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "slow | is ***\n"
    wait_until(lambda: runner("logs", "slow").out == "is ***\n")
    (runner.folder / "go").write_text("on\n")
    assert [line.strip() for line in process.stderr][:2] == ["slow | on", "slow | end"]
    assert process.wait() == 0


def test_a_missing_secret_hides_no_wrong_param(runner: Program) -> None:
    runner.write("""
        secrets: [GONE, THERE]
        params: {w: {type: int, default: 1, help: width}}
        tasks: {a: {run: echo}}
    """)
    done = runner("run", "-p", "w=hunter2hunter2", "-p", "z=1", environment={"THERE": "hunter2hunter2"})
    assert (done.code, done.err) == (
        2,
        "error: the secret GONE is not set in the environment\n"
        "  = export GONE=…, or put it into a dotenv file that the workflow names\n"
        "error: -p w=***: 'w' must be a whole number, not the text '***'\n"
        "  = w: width\n"
        "error: -p z=1: unknown param 'z'\n"
        "  = there is w\n",
    )


def test_all_that_is_wrong_with_secrets_is_told_at_once(runner: Program) -> None:
    runner.write("secrets: [GONE, SHORT]\ntasks: {a: {run: 'true'}}")
    ended = runner("run", environment={"SHORT": "abc"})
    assert (ended.code, ended.err) == (
        2,
        "error: the secret GONE is not set in the environment; "
        "the secret SHORT is shorter than 6 characters\n"
        "  = export GONE=…, or put it into a dotenv file that the workflow names; "
        "masking so short a value would blot out ordinary text\n",
    )
