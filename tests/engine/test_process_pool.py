"""Callables in processes of their own: the same as in threads, and what a process can do besides."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import killing_workers
import pytest
from program import Program, wait_until
from watching import PATIENCE, ends, wait_for

LIBRARY = """
import ctypes, logging, os, signal, subprocess, sys, threading, time

def same(value):
    return value

def leave(n, code=3):
    if n == 5:
        os._exit(code)
    return n

def crash(n):
    if n == 5:
        ctypes.string_at(0)
    return n

def killed(n):
    if n == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return n

def lock(n):
    return threading.Lock() if n == 2 else n

def large(n):
    if n == 5:
        os._exit(3)
    return "x" * 200_000 * n

def leave_once(n):
    with open(f"tried{n}", "a") as tried:
        tried.write("x")
    if n == 5 and os.path.getsize(f"tried{n}") == 1:
        os._exit(1)
    return n

def fail_once(n):
    if not os.path.exists("failed"):
        open("failed", "w").close()
        raise ValueError(n)
    return n

class Point:
    def __init__(self, x):
        self.x = x

def point(x):
    return Point(x)

def x_of(point):
    return point.x

def spin(name="pids"):
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with open(name, "w") as pids:
        pids.write(f"{os.getpid()} {child.pid}\\n")
    while True:
        pass

def spin_if(n):
    return spin() if n == 1 else n

def who():
    return [os.getpid(), os.environ.get("RUNNER_RUN_ID")]

def say(text):
    print("printed", text)
    logging.warning("logged %s", text)
    print("to stderr", text, file=sys.stderr)
    return len(text)

def say_and_leave(text):
    print("said", text)
    os._exit(1)

def cooperative():
    def tidy(number, frame):
        time.sleep(0.2)
        open("tidied", "w").write("yes\\n")
        sys.exit(1)
    signal.signal(signal.SIGTERM, tidy)
    open("pids", "w").write(f"{os.getpid()} 0\\n")
    while True:
        time.sleep(0.01)

def double(values):
    values.append(1)
    return len(values)

seen = 0

def count():
    global seen
    seen += 1
    return seen
"""


@pytest.fixture
def called(runner: Program) -> Program:
    """With functions in `lib.py`, and `process` as its executor."""
    runner.write(LIBRARY, "lib.py")
    return runner


def report(program: Program, text: str, *arguments: str) -> dict[str, Any]:
    program.write(text)
    return program.report("--executor", "process", *arguments)


def mapped(function: str, count: int = 20, more: str = "") -> str:
    over = f'map: {{over: "{{{{ range({count}) }}}}", max_failures: 1}}'
    return f"tasks:\n  m: {{{over}, call: 'lib.py:{function}', with: {{n: '{{{{ item }}}}'}}{more}}}\n"


def began(program: Program, *arguments: str, name: str = "pids") -> tuple[subprocess.Popen[bytes], list[int]]:
    """The program once its callable is under way, and the processes that this has."""
    process = subprocess.Popen(
        program.command("run", "-q", "--executor", "process", "--report", "json=report.json", *arguments),
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    return process, [int(pid) for pid in wait_for(program.folder / name).split()]


# The same as in threads ---------------------------------------------------------------------------


def test_one_worker_is_enough_for_groups_in_maps(called: Program) -> None:
    found = report(called, """
        tasks:
          g:
            map: {over: [1, 2], as: outer}
            tasks: {m: {map: {over: [3, 4]}, call: "lib.py:same", with: {value: "{{ outer * item }}"}}}
            result: "{{ tasks.m.results }}"
        outputs: {all: "{{ tasks.g.results }}"}
    """, "-j", "1")  # fmt: skip
    assert found["outputs"] == {"all": [[3, 4], [6, 8]]}


def test_a_worker_is_used_again_and_its_globals_are_its_own(called: Program) -> None:
    text = "tasks: {m: {map: {over: [1, 2, 3]}, call: 'lib.py:count'}, who: {needs: [m], call: 'lib.py:who'}}"
    found = report(called, text, "-j", "1")
    assert [item["result"] for item in found["tasks"]["m"]["items"]] == [1, 2, 3]
    pid, mark = found["tasks"]["who"]["result"]
    assert ends(pid) and mark is None


def test_no_item_sees_what_another_has_made_of_its_arguments(called: Program) -> None:
    text = """
        params: {shared: [0]}
        tasks:
          m: {map: {over: "{{ range(100) }}"}, call: "lib.py:double", with: {values: "{{ params.shared }}"}}
    """
    assert set(report(called, text)["tasks"]["m"]["results"]) == {2}


def test_what_is_printed_goes_into_the_log_of_its_attempt_without_secrets(called: Program) -> None:
    called.write("""
        secrets: [TOKEN]
        tasks: {m: {map: {over: [ant]}, call: "lib.py:say", with: {text: "{{ item ~ secrets.TOKEN }}"}}}
    """)
    ended = called("run", "-q", "--executor", "process", environment={"TOKEN": "sesame-open"})
    assert ended.code == 0, ended.err
    logs = {path.suffix: path.read_text() for path in called.folder.glob(".runner/runs/*/logs/*-*-*.*")}
    assert logs == {
        ".out": "printed ant***\n",
        ".err": "WARNING:root:logged ant***\nto stderr ant***\n",
    }
    kept = [path for path in (called.folder / ".runner").rglob("*") if path.is_file()]
    assert not any(b"sesame-open" in path.read_bytes() for path in kept)


def test_a_cache_knows_calls_again(called: Program) -> None:
    text = "tasks: {m: {map: {over: [1, 2]}, call: 'lib.py:same', with: {value: '{{ item }}'}, cache: true}}"
    first, second = (report(called, text)["tasks"]["m"] for _ in range(2))
    assert first["results"] == second["results"] == [1, 2]
    assert [item["marks"] for item in second["items"]] == [["reused"], ["reused"]]


def test_what_cannot_be_imported_is_told_before_anything_runs(called: Program) -> None:
    called.write("import os\nos._exit(4)\n\ndef f(): pass\n", "gone.py")
    called.write("raise ValueError('early')\n\ndef f(): pass\n", "bad.py")
    text = "tasks: {a: {run: touch ran}, b: {call: 'bad.py:f'}, c: {call: 'gone.py:f'}}"
    called.write(text)
    ended = called("run", "--executor", "process")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.replace(f"{called.folder}/", "") == (
        "workflow.yml:1:41: error: 'bad.py' cannot be imported: ValueError: early [not-imported]\n"
        f"    1 | {text}\n"
        "      |                                         ^^^^^^^^\n"
        "      = raised in line 1 of bad.py\n"
        "        Traceback (most recent call last):\n"
        '          File "bad.py", line 1, in <module>\n'
        "            raise ValueError('early')\n"
        "        ValueError: early\n"
        "workflow.yml:1:64: error: 'gone.py' cannot be imported: the process that did so "
        "ended with exit code 4, as by `os._exit` [not-imported]\n"
        f"    1 | {text}\n"
        "      |                                                                ^^^^^^^^^\n"
        "2 errors\n"
    )
    assert not (called.folder / "ran").exists()


def test_where_no_worker_can_be_started_nothing_runs(called: Program) -> None:
    called.write("import os, sys\nif '-c' in sys.orig_argv:\n    os._exit(5)\n", "site/sitecustomize.py")
    called.write("tasks: {a: {run: touch ran}, b: {call: 'lib.py:who'}}")
    paths = [str(called.folder / "site"), called.environment.get("PYTHONPATH", "")]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    ended = called("run", "--executor", "process", environment=environment)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: no worker process could be started: who starts them ended with exit code 5\n"
    )
    assert not (called.folder / "ran").exists()


def test_a_rate_counts_from_when_a_call_begins_and_not_its_process(called: Program) -> None:
    called.write(
        "import time\ntime.sleep(0.35)\n\ndef act():\n    now = time.monotonic()\n    time.sleep(0.25)\n"
        "    return now\n",
        "slow.py",
    )
    task = "{map: {over: [1, 2, 3, 4]}, call: 'slow.py:act', limit: l}"
    text = f"limits: {{l: {{rate: 1/200ms}}}}\ntasks: {{m: {task}}}"
    begun = sorted(report(called, text)["tasks"]["m"]["results"])
    assert all(after - before >= 0.2 for before, after in pairwise(begun))


# A worker that dies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "how"),
    [
        ("leave", "ended with exit code 3, as by `os._exit`"),
        ("crash", "was ended by SIGSEGV"),
        ("killed", "was ended by SIGKILL: perhaps the system had no memory left"),
    ],
)
def test_only_the_item_is_lost_whose_worker_died(called: Program, function: str, how: str) -> None:
    task = report(called, mapped(function))["tasks"]["m"]
    assert task["results"] == [n for n in range(20) if n != 5]
    error = task["items"][5]["error"]
    assert (error["kind"], error["message"]) == ("lost", f"its worker process {how}")


def test_results_of_any_size_come_back_and_none_is_lost_with_another(called: Program) -> None:
    task = report(called, mapped("large", 8))["tasks"]["m"]
    assert [len(result) // 200_000 for result in task["results"]] == [0, 1, 2, 3, 4, 6, 7]


def test_what_is_lost_is_tried_again(called: Program) -> None:
    task = report(called, mapped("leave_once", more=", retry: {attempts: 2}"))["tasks"]["m"]
    assert task["results"] == list(range(20))
    assert [item["attempts"] for item in task["items"]] == [1] * 5 + [2] + [1] * 14
    assert {path.name: path.read_text() for path in called.folder.glob("tried*")} == {
        f"tried{n}": "xx" if n == 5 else "x" for n in range(20)
    }


def test_what_a_lost_call_had_printed_is_told(called: Program) -> None:
    found = report(called, "tasks: {a: {call: 'lib.py:say_and_leave', with: {text: hello}}}")
    assert found["tasks"]["a"]["error"]["output"] == "said hello"


def test_what_does_not_pickle_is_the_failure_of_its_item_alone(called: Program) -> None:
    task = report(called, mapped("lock", 5))["tasks"]["m"]
    assert task["results"] == [0, 1, 3, 4]
    error = task["items"][2]["error"]
    assert (error["kind"], error["message"]) == (
        "output",
        "its result, of type lock, cannot be pickled, and so cannot go from one process to another: "
        "TypeError: cannot pickle '_thread.lock' object",
    )


def test_workers_that_are_killed_at_random_cost_no_item(tmp_path: Path) -> None:
    killed, items = killing_workers.run(tmp_path, kills=12, seed=1)
    assert killed >= 12
    assert Counter(item["status"] for item in items) == {"succeeded": len(items)}


# Ends ---------------------------------------------------------------------------------------------


def test_a_call_over_its_timeout_is_ended_with_all_that_it_started_and_the_next_goes_on(
    called: Program,
) -> None:
    text = mapped("spin_if", 4, ", timeout: 1s").replace("tasks:", "pool: {max_workers: 1}\ntasks:")
    found = report(called, text)
    task = found["tasks"]["m"]
    assert task["results"] == [0, 2, 3]
    error = task["items"][1]["error"]
    assert (error["kind"], error["message"]) == ("timeout", "took longer than its timeout of 1s")
    assert found["notices"] == []
    assert all(ends(int(pid)) for pid in (called.folder / "pids").read_text().split())


def test_a_signal_ends_a_call_that_never_returns(called: Program) -> None:
    called.write("tasks: {a: {call: 'lib.py:spin'}, after: {needs: [a], run: touch after}}")
    process, pids = began(called)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, b"")
    assert all(ends(pid) for pid in pids)
    found = json.loads((called.folder / "report.json").read_text())
    assert {name: task["reason"] for name, task in found["tasks"].items()} == {
        "a": "stopped by SIGINT",
        "after": "stopped by SIGINT",
    }
    assert found["notices"] == []


def test_a_call_that_is_ended_may_tidy_up_and_is_cancelled(called: Program) -> None:
    called.write("tasks: {a: {call: 'lib.py:cooperative'}}")
    process, _ = began(called)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert (called.folder / "tidied").read_text() == "yes\n"
    found = json.loads((called.folder / "report.json").read_text())
    assert found["tasks"]["a"]["status"] == "cancelled"


def test_a_call_is_ended_where_its_map_fails_fast(called: Program) -> None:
    text = """
        tasks:
          m:
            map: {over: [{f: spin}, {f: wait}], fail_fast: true}
            tasks:
              s: {when: item.f == "spin", call: "lib.py:spin"}
              w: {when: item.f == "wait", run: "until test -s pids; do sleep 0.01; done; exit 1"}
    """
    found = report(called, text)
    assert found["tasks"]["m"]["items"][0]["tasks"]["s"]["status"] == "cancelled"
    assert all(ends(int(pid)) for pid in (called.folder / "pids").read_text().split())


def test_no_worker_outlives_a_program_that_is_killed_and_it_can_be_resumed(called: Program) -> None:
    called.write("""
        tasks:
          done: {map: {over: [1, 2]}, call: "lib.py:same", with: {value: "{{ item }}"}}
          a: {needs: [done], call: "lib.py:spin"}
    """)
    process, pids = began(called)
    status = Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()
    server = int(status[1])
    above = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(above, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert all(ends(pid) for pid in [server, *pids])
    called.write("\ndef spin():\n    return 'done'\n\ndef same(value):\n    1 / 0\n", "lib.py")
    ended = called("resume", "--format", "json")
    assert ended.code == 0, ended.err
    tasks = json.loads(ended.out)["tasks"]
    assert (tasks["a"]["result"], tasks["done"]["results"]) == ("done", [1, 2])


def test_if_who_starts_workers_is_killed_others_are_started(called: Program) -> None:
    called.write("""
        tasks:
          m: {call: "lib.py:spin", retry: {attempts: 1}, allow_failure: true}
          after: {needs: [m], call: "lib.py:same", with: {value: 1}}
    """)
    process, pids = began(called)
    status = Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(status[1]), signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    tasks = json.loads((called.folder / "report.json").read_text())["tasks"]
    assert tasks["m"]["error"]["kind"] == "lost"
    assert tasks["m"]["error"]["message"] == "its worker process was given up: who had started it was ended"
    assert tasks["after"]["result"] == 1
    assert all(ends(pid) for pid in pids)


MEET = """
import os, time

def meet(name):
    open(f"met-{name}", "w").close()
    while not all(os.path.exists(f"met-{one}") for one in "abc"):
        time.sleep(0.01)
    return [os.getpid(), os.getppid()]
"""


def names(*parts: str) -> str:
    return " ".join(f"{{{{ {part} }}}}" for part in parts)


MET = [f"tasks.{name}.result[0]" for name in "abc"]
SERVER = "tasks.a.result[1]"


@pytest.mark.parametrize(
    "killed",
    [names(*MET), names(MET[1]), names(SERVER), names(SERVER, MET[1])],
    ids=["all workers", "one worker", "who starts them", "both"],
)
def test_what_is_killed_while_it_is_idle_costs_no_call(called: Program, killed: str) -> None:
    called.write(MEET, "meet.py")
    called.write(f"""
        pool: {{executor: process, max_workers: 3}}
        tasks:
          a: {{call: "meet.py:meet", with: {{name: a}}}}
          b: {{call: "meet.py:meet", with: {{name: b}}}}
          c: {{call: "meet.py:meet", with: {{name: c}}}}
          kill:
            needs: [b, c]
            shell: bash
            run: |
              for pid in {killed}; do
                kill -9 "$pid"
                until ! [ -e "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.01; done
              done
          after:
            needs: [kill]
            map: {{over: "{{{{ range(30) }}}}"}}
            call: "lib.py:same"
            with: {{value: "{{{{ item }}}}"}}
    """)
    assert called.report()["tasks"]["after"]["results"] == list(range(30))


def test_logs_that_a_worker_makes_again_were_removed_all_the_same(called: Program) -> None:
    called.write(
        """
        import glob, shutil

        def remove():
            shutil.rmtree(*glob.glob(".runner/runs/*/logs"))
            print("done")
        """,
        "removing.py",
    )
    called.write("tasks: {a: {call: 'removing.py:remove'}}")
    ended = called("run", "-q", "--executor", "process")
    assert (ended.code, ended.err) == (0, ""), ended.out
    assert "note: the logs of this run were removed while it went on" in ended.out


# In a program of somebody's -----------------------------------------------------------------------


def test_a_program_of_its_own_runs_calls_in_processes(called: Program) -> None:
    called.write("tasks: {m: {map: {over: [1, 5]}, call: 'lib.py:point', with: {x: '{{ item }}'}}}\n"
                 "outputs: {first: '{{ tasks.m.results[0] }}'}")  # fmt: skip
    script = (
        "import os, sys\nfrom runner import run\n"
        "result = run('workflow.yml', executor='process').result().check()\n"
        "print(type(result.outputs['first']).__name__, result.outputs['first'].x)\n"
    )
    path = called.write(script, "script.py")
    command = [called.command()[0], "-X", "dev", "-W", "error", str(path)]
    done = subprocess.run(
        command, cwd=called.folder, env=called.environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("Point 1\n", "")


def test_no_worker_outlives_a_program_of_somebodys_that_is_killed(called: Program) -> None:
    called.write("tasks: {a: {call: 'lib.py:spin'}}")
    path = called.write(
        "from runner import run\nrun('workflow.yml', executor='process').result()\n", "script.py"
    )
    process = subprocess.Popen(
        [called.command()[0], str(path)], cwd=called.folder, env=called.environment, start_new_session=True
    )
    pids = [int(pid) for pid in wait_for(called.folder / "pids").split()]
    process.kill()
    process.wait()
    wait_until(lambda: all(ends(pid) for pid in pids))


def test_a_run_that_never_begins_leaves_no_process(called: Program) -> None:
    called.write("tasks: {a: {call: 'lib.py:who'}}")
    script = """
import os, warnings
from runner import run
warnings.simplefilter("error")
going = run("workflow.yml", executor="process")
going.close()
del going
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("nobody is left")
"""
    path = called.write(script, "script.py")
    command = [called.command()[0], "-X", "dev", str(path)]
    done = subprocess.run(
        command, cwd=called.folder, env=called.environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("nobody is left\n", "")
