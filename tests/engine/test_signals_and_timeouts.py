"""Signals and timeouts, with real processes: everything ends, and the report is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from program import Program, wait_until
from watching import PATIENCE, ends, wait_for


def started(runner: Program, *arguments: str, ignoring: int | None = None) -> subprocess.Popen[bytes]:
    """The program, in a process group of its own."""
    command = runner.command("run", "--report", "json=report.json", *arguments)
    if ignoring is not None:
        name = signal.Signals(ignoring).name.removeprefix("SIG")
        command = ["sh", "-c", f"trap '' {name}; exec \"$@\"", "sh", *command]
    return subprocess.Popen(
        command,
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


ASLEEP = """
tasks:
  asleep:
    run: |
      sleep 1000 &
      echo $! >child
      echo $$ >pid
      wait
  after:
    needs: [asleep]
    run: touch after
  clean:
    when: always()
    run: touch clean
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_the_run_in_order(runner: Program, number: int, code: int) -> None:
    runner.write(ASLEEP)
    process = started(runner)
    pids = [int(wait_for(runner.folder / name)) for name in ("pid", "child")]
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    assert all(ends(pid) for pid in pids)
    assert not (runner.folder / "after").exists()
    assert not (runner.folder / "clean").exists()
    report = json.loads((runner.folder / "report.json").read_text())
    assert report["run"]["status"] == "cancelled"
    assert {name: task["status"] for name, task in report["tasks"].items()} == {
        "asleep": "cancelled",
        "after": "cancelled",
        "clean": "cancelled",
    }
    assert signal.Signals(number).name in report["tasks"]["after"]["reason"]
    assert b"Traceback" not in out + err


def test_a_second_signal_does_not_wait_for_a_command_that_ignores_the_first(runner: Program) -> None:
    runner.write(
        """
        tasks:
          stubborn:
            run: |
              trap '' TERM INT HUP
              echo $$ >pid
              while :; do sleep 0.05; done
        """
    )
    process = started(runner)
    pid = int(wait_for(runner.folder / "pid"))
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert ends(pid)


def test_a_signal_that_was_ignored_at_the_start_stays_ignored(runner: Program) -> None:
    runner.write(
        """
        tasks:
          a:
            run: |
              echo $$ >pid
              until [ -e go ]; do sleep 0.01; done
        """
    )
    process = started(runner, ignoring=signal.SIGHUP)
    wait_for(runner.folder / "pid")
    process.send_signal(signal.SIGHUP)
    (runner.folder / "go").touch()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_a_callable_that_never_returns_does_not_keep_the_program(runner: Program, executor: str) -> None:
    text = (
        "import threading\n\ndef never():\n    open('pid', 'w').write('1\\n')\n    threading.Event().wait()\n"
    )
    (runner.folder / "work.py").write_text(text)
    runner.write("tasks:\n  a: {call: 'work.py:never'}\n")
    process = started(runner, "--executor", executor)
    wait_for(runner.folder / "pid")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    report = json.loads((runner.folder / "report.json").read_text())
    assert report["tasks"]["a"]["status"] == "cancelled"


def test_calls_that_are_about_to_return_have_done_what_they_did(runner: Program) -> None:
    runner.write(
        """
        import os, signal, time

        def act(number):
            if number == 1000:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.02)  # meanwhile the run is told to stop
            with open("witness", "a") as witness:
                witness.write(f"{number}\\n")
            return number
        """,
        "lib.py",
    )
    runner.write(
        """
        tasks:
          each: {map: {over: "{{ range(100000) }}"}, call: "lib.py:act", with: {number: "{{ item }}"}}
        """
    )
    process = started(runner, "-q")
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    report = json.loads((runner.folder / "report.json").read_text())
    succeeded = [it["index"] for it in report["tasks"]["each"]["items"] if it["status"] == "succeeded"]
    acted = sorted(map(int, (runner.folder / "witness").read_text().split()))
    assert acted == succeeded


def test_a_callable_over_its_timeout_fails_and_its_worker_is_replaced(runner: Program) -> None:
    text = "import threading\n\ndef never():\n    threading.Event().wait()\n\ndef soon():\n    return 1\n"
    (runner.folder / "work.py").write_text(text)
    runner.write(
        """
        pool: {max_workers: 1}
        tasks:
          a: {call: "work.py:never", timeout: 200ms, retry: {attempts: 2}}
          b: {call: "work.py:soon"}
        """
    )
    ended = runner("run", "--format", "json")
    assert ended.code == 1
    tasks = json.loads(ended.out)["tasks"]
    assert tasks["a"]["error"]["kind"] == "timeout"
    assert tasks["a"]["error"]["message"] == "took longer than its timeout of 200ms"
    assert tasks["a"]["attempts"] == 2
    assert tasks["b"]["status"] == "succeeded"
    assert "still running" in ended.err


@pytest.mark.parametrize("executor", ["thread", "inline", "process"])
def test_a_callable_over_its_timeout_shows_the_end_of_what_it_had_printed(
    runner: Program, executor: str
) -> None:
    runner.write(
        """
        import sys, time

        def rest():
            print("step 1")
            print("in vain", file=sys.stderr)
            print("with hunter2-hunter2")
            time.sleep(2)
            print("step 2")
            return "late"
        """,
        "work.py",
    )
    runner.write("""
        secrets: [PASSWORD]
        tasks:
          a: {call: "work.py:rest", timeout: 1s}
    """)
    ended = runner(
        "run", "--format", "json", "--executor", executor, environment={"PASSWORD": "hunter2-hunter2"}
    )
    a = json.loads(ended.out)["tasks"]["a"]
    told = (a["error"]["kind"], a["error"]["message"])
    assert told == ("timeout", "took longer than its timeout of 1s")
    late = ["step 2"] if executor == "inline" else []
    assert a["error"]["output"].splitlines() == ["step 1", "with ***", *late, "in vain"]
    assert a["result"] is None


ENDLESS = """
import itertools, time

def rows():
    for number in itertools.count():
        open("rows", "a").write("x")
        time.sleep(0.005)
        yield number

async def later():
    for number in rows():
        yield number
"""

LOOKS = """
  looks:
    needs: [asks]
    run: |
      seen=
      until [ "$seen" = "$(wc -c <rows)" ]; do seen=$(wc -c <rows); sleep 0.5; done
"""
"""Ends once nothing more is asked for."""


@pytest.mark.parametrize("name", ["rows", "later"])
@pytest.mark.parametrize("executor", ["thread", "inline", "concurrent.futures:ProcessPoolExecutor"])
def test_an_iterator_is_asked_for_nothing_more_once_its_timeout_is_over(
    runner: Program, executor: str, name: str
) -> None:
    runner.write(ENDLESS, "work.py")
    runner.write(f"tasks:\n  asks: {{call: 'work.py:{name}', timeout: 1s, allow_failure: true}}{LOOKS}")
    process = started(runner, "--executor", executor)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    asks = json.loads((runner.folder / "report.json").read_text())["tasks"]["asks"]
    assert asks["error"]["message"] == "took longer than its timeout of 1s"


@pytest.mark.parametrize("executor", ["thread", "inline", "concurrent.futures:ProcessPoolExecutor"])
def test_an_iterator_is_asked_for_nothing_more_once_it_is_cancelled(runner: Program, executor: str) -> None:
    runner.write(ENDLESS, "work.py")
    group = "{timeout: 1s, allow_failure: true, tasks: {rows: {call: 'work.py:rows'}}}"
    runner.write(f"tasks:\n  asks: {group}{LOOKS}")
    process = started(runner, "--executor", executor)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    asks = json.loads((runner.folder / "report.json").read_text())["tasks"]["asks"]
    assert (asks["status"], asks["tasks"]["rows"]["status"]) == ("failed", "cancelled")


def test_a_callable_that_is_given_up_is_named_with_its_item(runner: Program) -> None:
    runner.write("import time\n\ndef rest(n):\n    time.sleep(n)\n", "work.py")
    runner.write("""
        tasks:
          a: {map: {over: [1000, 0]}, call: "work.py:rest", with: {n: "{{ item }}"}, timeout: 2s}
    """)
    notices = json.loads(runner("run", "--format", "json", "-q").out)["notices"]
    assert [notice.partition(" was ")[0] for notice in notices] == ["a[1000]"]


def test_a_command_over_its_timeout_is_ended_with_all_that_it_started(runner: Program) -> None:
    runner.write(
        """
        tasks:
          a:
            timeout: 2s
            run: |
              sh -c 'echo $$ >child; exec sleep 1000' &
              setsid sh -c 'echo $$ >daemon; exec sleep 1000' &
              wait
        """
    )
    ended = runner("run", "--format", "json")
    assert ended.code == 1
    assert json.loads(ended.out)["tasks"]["a"]["error"]["kind"] == "timeout"
    assert all(ends(int((runner.folder / name).read_text())) for name in ("child", "daemon"))


def test_the_timeout_of_the_run_ends_what_runs(runner: Program) -> None:
    runner.write("timeout: 2s\n" + ASLEEP)
    ended = runner("run", "--format", "json")
    assert ended.code == 1
    report = json.loads(ended.out)
    assert report["run"]["status"] == "failed"
    assert (
        report["tasks"]["asleep"]["reason"] == "the run took longer than its timeout of 2s at workflow.yml:1"
    )
    assert ends(int((runner.folder / "child").read_text()))


def test_what_a_command_leaves_in_the_background_does_not_hold_the_run_and_is_ended(runner: Program) -> None:
    runner.write(
        """
        tasks:
          a:
            run: |
              sleep 1000 &
              echo $! >child
        """
    )
    ended = runner("run")
    assert ended.code == 0
    assert ends(int((runner.folder / "child").read_text()))
    assert "background" in ended.err + ended.out


def test_a_reader_that_goes_away_does_not_break_the_run(runner: Program) -> None:
    runner.write("tasks:\n  a: {run: touch ran}\n")
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen(
        runner.command("run"), cwd=runner.folder, env=runner.environment, stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    _, err = process.communicate(timeout=PATIENCE)
    assert (runner.folder / "ran").exists()
    assert process.returncode == 0, err
    assert b"Traceback" not in err and b"BrokenPipe" not in err


def test_a_signal_interrupts_a_callable_inline_and_the_report_is_written(runner: Program) -> None:
    runner.write(
        """
        import time

        def forever():
            open("begun", "w").write("yes\\n")
            time.sleep(1000)
        """,
        "lib.py",
    )
    runner.write("tasks: {call: {call: 'lib.py:forever'}, after: {needs: [call], run: echo}}")
    process = started(runner, "--executor", "inline")
    wait_for(runner.folder / "begun")
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    tasks = json.loads((runner.folder / "report.json").read_text())["tasks"]
    assert [task["status"] for task in tasks.values()] == ["cancelled", "cancelled"]
    assert [task["reason"] for task in tasks.values()] == ["stopped by SIGINT", "stopped by SIGINT"]


PROGRAM = """
import subprocess

def start():
    script = "trap 'sleep 1; echo yes > tidied; exit' TERM; echo yes > begun; while :; do sleep 0.05; done"
    subprocess.Popen(["sh", "-c", script]).wait()
    return "late"
"""


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_a_callable_has_started_has_the_time_of_a_command_to_end(
    runner: Program, executor: str, number: int
) -> None:
    runner.write(PROGRAM, "lib.py")
    runner.write("tasks: {call: {call: 'lib.py:start'}}")
    process = started(runner, "--executor", executor)
    wait_for(runner.folder / "begun")
    process.send_signal(number)
    process.communicate()
    assert wait_for(runner.folder / "tidied") == "yes"


def test_a_program_that_a_callable_has_started_need_not_wait_for_a_command_that_does_not_end(
    runner: Program,
) -> None:
    runner.write(PROGRAM, "lib.py")
    runner.write("""
        tasks:
          call: {call: "lib.py:start"}
          stubborn:
            run: |
              trap '' TERM
              until test -e tidied; do sleep 0.05; done
              echo yes > seen
              sleep 100
    """)
    process = started(runner)
    wait_for(runner.folder / "begun")
    process.terminate()
    process.communicate()
    assert (runner.folder / "seen").read_text() == "yes\n"


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_the_timeout_of_a_body_ends_what_runs_in_it_on_every_executor(runner: Program, executor: str) -> None:
    (runner.folder / "pausing.py").write_text("import time\ndef pause(seconds): time.sleep(seconds)\n")
    runner.write(
        """
        tasks:
          command:
            timeout: 300ms
            allow_failure: true
            tasks: {long: {run: sleep 1000}, next: {needs: [long], run: "true"}}
          callable:
            needs: [command]
            timeout: 300ms
            allow_failure: true
            tasks: {long: {call: "pausing.py:pause", with: {seconds: 1}}}
          beside: {run: "true"}
        """
    )
    ended = runner("run", "--format", "json", "--executor", executor)
    assert ended.code == 0, ended.err
    tasks = json.loads(ended.out)["tasks"]
    for name, line in (("command", 4), ("callable", 9)):
        why = f"{name} took longer than its timeout of 300ms at workflow.yml:{line}"
        assert tasks[name]["status"] == "failed"
        assert (tasks[name]["error"]["kind"], tasks[name]["error"]["message"]) == ("timeout", why)
        told = {(task["status"], task["reason"]) for task in tasks[name]["tasks"].values()}
        assert told == {("cancelled", why)}
    assert tasks["beside"]["status"] == "succeeded"


def test_the_timeout_of_one_body_does_not_end_what_runs_beside_it_inline(runner: Program) -> None:
    runner.write(
        """
        tasks:
          timed: {timeout: 200ms, tasks: {again: {run: "false", retry: {attempts: 2, delay: 1h}}}}
          beside: {run: "sleep 0.5; echo done"}
        pool: {executor: inline}
        """
    )
    ended = runner("run", "--format", "json")
    assert ended.code == 1
    tasks = json.loads(ended.out)["tasks"]
    assert (tasks["timed"]["status"], tasks["beside"]["result"]) == ("failed", "done")


LAST_MOMENT = """
import os, signal
from runner.engine.signals import Signals
from runner.supervisor import readiness

readiness.share()
for _ in range(200):
    with Signals(lambda numbers: None, lambda: None):
        os.kill(os.getpid(), signal.SIGTERM)
os.write(1, b"ended")
os._exit(0)
"""


def test_a_signal_at_the_very_end_of_a_run_keeps_it_from_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAST_MOMENT], capture_output=True, timeout=PATIENCE, check=True
    )
    assert done.stdout == b"ended"


STRUCK_IN_AN_IMPORT = """
import importlib._bootstrap as imports, os, signal, sys, time, weakref

class Held: ...

lock_of, where = imports._get_module_lock, sys.argv.pop(1)

def strike(_):
    with open(f"/proc/{os.getppid()}/stat") as stat:
        os.kill(int(stat.read().rsplit(")", 1)[1].split()[1]), signal.SIGINT)
    time.sleep(0.1)

def struck(name):
    if name == where:
        held = Held()
        weakref.finalize(held, strike, None)  # what is raised in there, Python only tells of
    return lock_of(name)

imports._get_module_lock = struck
from runner.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("runner.cli.entry", False),
        ("_sqlite3", False),
        ("_sqlite3", True),  # what our own modules need is looked for while they are imported together
        ("runner.loader", True),
        ("runner.engine.callables", True),
    ],
)
def test_a_signal_while_something_is_imported_is_never_lost(
    runner: Program, tmp_path_factory: pytest.TempPathFactory, where: str, kept: bool
) -> None:
    runner.environment["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    runner.write("tasks: {a: {run: echo a}}\n")
    for _ in range(2 if kept else 0):
        assert runner("run", "-q", "--state-dir", str(tmp_path_factory.mktemp("state"))).code == 0
    runner.write("tasks: {a: {call: 'acts.py:act'}}\n")
    runner.write("def act(): open('done', 'w').close()\n", "acts.py")
    done = subprocess.run(
        [sys.executable, "-c", STRUCK_IN_AN_IMPORT, where, "run"],
        cwd=runner.folder,
        env=runner.environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, b"")
    assert not (runner.folder / "done").exists()
    assert not list((runner.folder).glob(".runner/runs/*"))


def test_a_call_that_fails_of_the_same_signal_before_the_run_hears_of_it_is_cancelled(
    runner: Program,
) -> None:
    runner.write(
        """
        import os, signal, sys

        def act():
            sys.setswitchinterval(1)  # nobody else comes to do anything before it has failed
            os.kill(os.getpid(), signal.SIGINT)
            raise RuntimeError("its program died of SIGINT")
        """,
        "acts.py",
    )
    runner.write("tasks: {a: {call: 'acts.py:act', retry: {attempts: 2}}}\n")
    ended = runner("run", "--no-progress", "--report", "json=report.json")
    assert ended.code == 130
    assert "tries again" not in ended.err
    task = json.loads((runner.folder / "report.json").read_text())["tasks"]["a"]
    assert (task["status"], task["attempts"], task["error"]) == ("cancelled", 1, None)


COROUTINES = """
    import asyncio

    async def waits(name):
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(0.01)
            open(f"{name}.cleaned", "w").close()

    async def gives(name):
        try:
            yield 1
            open(f"{name}.begun", "w").close()
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(0.01)
            open(f"{name}.cleaned", "w").close()
"""


GIVEN_UP = (
    "a was still running when it was given up: as a coroutine it is cancelled where it awaits something. "
    "Its late result is thrown away."
)


@pytest.mark.parametrize("executor", ["thread", "inline"])
@pytest.mark.parametrize("function", ["waits", "gives"])
def test_a_coroutine_that_takes_too_long_is_cancelled_and_cleans_up(
    runner: Program, executor: str, function: str
) -> None:
    runner.write(COROUTINES, "late.py")
    runner.write(f"tasks: {{a: {{call: 'late.py:{function}', with: {{name: a}}, timeout: 200ms}}}}")
    report = runner.report("--executor", executor)
    task = report["tasks"]["a"]
    assert (task["status"], task["error"]["kind"]) == ("failed", "timeout")
    assert (runner.folder / "a.cleaned").exists()
    assert report["notices"] == ([GIVEN_UP] if executor == "thread" else [])


@pytest.mark.parametrize("executor", ["thread", "inline"])
def test_a_coroutine_that_is_stopped_is_cancelled_and_cleans_up(runner: Program, executor: str) -> None:
    runner.write(COROUTINES, "late.py")
    runner.write("tasks: {a: {call: 'late.py:gives', with: {name: a}}}")
    process = started(runner, "--executor", executor)
    wait_until((runner.folder / "a.begun").exists)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert (runner.folder / "a.cleaned").exists()
