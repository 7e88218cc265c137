"""A Dask cluster does the work: a real scheduler, and two workers that are processes on this machine."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from clusters import Cluster, cluster
from program import Program, wait_until
from watching import PATIENCE, child, ends, gone, parent, wait_for

from runner.engine.outpost import Setup, number_of
from runner.work.calls import Calls, packed
from runner.work.frames import ASK, BEGUN, SETUP, framed, receive

pytest.importorskip("distributed", reason="DASK IS NOT INSTALLED: pip install 'runwright[dask]'")

LIBRARY = """
import logging, os, subprocess, sys, threading, time
from helpers.numbers import double

def same(n):
    return n

def twice(n):
    return double(n)

def slowly(n):
    time.sleep(0.05)
    with open(f"done{n}", "a") as done:
        done.write("x")
    return n

def leave(n):
    if n == 5:
        os._exit(3)
    return n

def lock(n):
    return threading.Lock() if n == 2 else n

class Point:
    def __init__(self, x):
        self.x = x

def point(x):
    return Point(x)

def x_of(point):
    return point.x

def long(n):
    return "x" * n

def length(text):
    return len(text)

def say(n):
    print("printed", n)
    logging.warning("logged %s", n)
    return n

def spin(n):
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with open("called", "w") as pids:
        pids.write(f"{os.getpid()} {child.pid}\\n")
    while True:
        pass

def stay_at(n, last):
    open(f"began{n}", "w").close()
    while n == last:
        pass
    return n

def late(n):
    while n == 1:
        pass
    return n

def raw(n, secret):
    os.write(1, f"token {secret}\\n".encode())
    os.system("echo started by $PPID >&2")
    thread = threading.Thread(target=print, args=("in a thread",))
    thread.start()
    thread.join()
    return n

def crash(n):
    os.kill(os.getpid(), 11)

def cut_off(n):
    os.write(1, b"last words\\n")
    with open(f"/proc/{os.getppid()}/stat") as stat:
        beside = int(stat.read().rpartition(")")[2].split()[1])
    os.kill(beside, 9)
    time.sleep(1000)

def flood(n):
    print("mine")
    for _ in range(n):
        os.write(1, b"x" * 999_999 + b"\\n")

def fail_once(n):
    if not os.path.exists("failed"):
        open("failed", "w").close()
        raise ValueError(n)
    return n
"""

STAYS = 'run: "sleep 1000 & echo $$ $! > ran; echo began; wait"'


@pytest.fixture
def called(runner: Program) -> Program:
    """With functions in `lib.py`."""
    return with_library(runner)


def with_library(program: Program) -> Program:
    program.write(LIBRARY, "lib.py")
    (program.folder / "helpers").mkdir()
    program.write("def double(n):\n    return 2 * n\n", "helpers/numbers.py")
    return program


def report(program: Program, text: str, executor: str, *arguments: str) -> dict[str, Any]:
    program.write(text)
    return program.report("--executor", executor, *arguments)


def began(program: Program, executor: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        program.command("run", "-q", "--executor", executor, "--report", "json=report.json"),
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def pids(path: Path) -> list[int]:
    return [int(pid) for pid in wait_for(path).split()]


def test_callables_and_commands_run_on_its_workers_and_all_comes_back(called: Program, dask: Cluster) -> None:
    found = report(called, """
        params: {names: [ant, bee]}
        tasks:
          m: {map: {over: "{{ range(500) }}"}, call: "lib.py:twice", with: {n: "{{ item }}"}}
          sum: {run: "echo {{ tasks.m.results | sum }}", capture: json}
          each:
            map: {over: "{{ params.names }}"}
            run: "echo {{ item }}; echo no >&2; exit {{ index }}"
            allow_failure: true
          pairs:
            map: {over: "{{ tasks.m.results }}"}
            when: "item < 6"
            call: "lib.py:same"
            with: {n: "{{ [item, index] }}"}
          opaque: {call: "lib.py:point", with: {x: 3}}
          inside: {call: "lib.py:x_of", with: {point: "{{ tasks.opaque.result }}"}}
          said: {call: "lib.py:say", with: {n: 1}}
          large: {run: "head -c 9000000 /dev/zero | tr '\\\\0' x", capture: none}
          left: {run: "sleep 1000 & echo $!"}
          long: {call: "lib.py:long", with: {n: 11000000}}
          length: {call: "lib.py:length", with: {text: "{{ tasks.long.result }}"}}
          limited: {map: {over: [1, 2, 3]}, run: "true", limit: some}
          polled:
            run: "echo x >> polled; wc -l < polled"
            capture: json
            retry: {attempts: 3, until: "result == 2"}
        limits: {some: {rate: 10/s}}
        outputs:
          sum: "{{ tasks.sum.result }}"
          x: "{{ tasks.inside.result }}"
          left: "{{ tasks.left.result }}"
    """, f"dask={dask.address}")  # fmt: skip
    left = found["outputs"].pop("left")
    assert found["outputs"] == {"sum": 2 * sum(range(500)), "x": 3}
    (notice,) = found["notices"]
    assert notice.startswith("left left a command running in the background: ") and left in notice
    assert ends(int(left))
    failed = found["tasks"]["each"]["items"][1]
    assert (failed["error"]["exit_code"], failed["error"]["output"]) == (1, "bee\nno")
    assert found["tasks"]["pairs"]["results"] == [[0, 0], [2, 1], [4, 2]]
    assert found["tasks"]["polled"]["attempts"] == 2
    assert found["tasks"]["length"]["result"] == 11_000_000
    logs = {
        path.stat().st_size: path.read_text() for path in called.folder.glob(".runner/runs/*/logs/*-0-1.*")
    }
    assert "printed 1\n" in logs.values() and "WARNING:root:logged 1\n" in logs.values()
    assert logs[9_000_000] == "x" * 9_000_000
    assert [path.read_text() for path in called.folder.glob(".runner/runs/*/logs/run.log")] == []


@pytest.mark.parametrize("joined", [True, False])
def test_what_calls_write_outside_of_their_logs_goes_to_that_of_the_run(
    called: Program, dask: Cluster, joined: bool
) -> None:
    secret = "s3cr3t-t0ken"
    called.environment |= {"TOKEN": secret, "TMPDIR": str(called.folder)}
    report(called, """
        secrets: [TOKEN]
        tasks:
          raw: {call: "lib.py:raw", with: {n: 1, secret: "{{ secrets.TOKEN }}"}}
          crash: {needs: [raw], call: "lib.py:crash", with: {n: 1}, allow_failure: true}
          cut: {needs: [crash], call: "lib.py:cut_off", with: {n: 1}, allow_failure: true}
          flood: {needs: [crash], call: "lib.py:flood", with: {n: 12}}
    """, f"dask={dask.address}" if joined else "dask")  # fmt: skip
    (log,) = (path.read_text() for path in called.folder.glob(".runner/runs/*/logs/run.log"))
    first, *lines = log.splitlines()
    assert (first, lines[1]) == ("token ***", "in a thread")
    assert lines[0].startswith("started by ")
    assert "Fatal Python error: Segmentation fault" in lines
    assert any(re.search(r'lib\.py", line \d+ in crash$', line) for line in lines)
    assert "last words" in lines
    assert Counter(map(len, lines))[999_999] == 12
    assert [path for path in dask.folder.glob("*.txt") if secret in path.read_text()] == []
    place = dask.folder if joined else called.folder
    wait_until(lambda: not list(place.rglob("runner-*")))  # nor is anything left of what was cut off


def test_what_goes_wrong_on_a_worker_costs_its_item_alone(called: Program, dask: Cluster) -> None:
    found = report(called, """
        tasks:
          leave:
            map: {over: "{{ range(10) }}", max_failures: 1}
            call: "lib.py:leave"
            with: {n: "{{ item }}"}
          lock: {map: {over: [0, 1, 2, 3], max_failures: 1}, call: "lib.py:lock", with: {n: "{{ item }}"}}
          late:
            map: {over: [0, 1, 2, 3], max_failures: 1}
            call: "lib.py:late"
            with: {n: "{{ item }}"}
            timeout: 1s
          command: {run: sleep 1000, timeout: 500ms, allow_failure: true}
          again: {call: "lib.py:fail_once", with: {n: 7}, retry: {attempts: 2}}
          nowhere: {run: ls, cwd: nowhere, allow_failure: true}
    """, f"dask={dask.address}")  # fmt: skip
    tasks = found["tasks"]
    told = {
        name: [
            item["error"] and (item["error"]["kind"], item["error"]["message"])
            for item in tasks[name]["items"]
        ]
        for name in ("leave", "lock", "late")
    }
    assert (
        told["leave"]
        == [None] * 5 + [("lost", "its worker process ended with exit code 3, as by `os._exit`")] + [None] * 4
    )
    assert told["lock"][2] == (
        "output",
        "its result, of type lock, cannot be pickled, and so cannot go from one process to another: "
        "TypeError: cannot pickle '_thread.lock' object",
    )
    assert told["late"] == [None, ("timeout", "took longer than its timeout of 1s"), None, None]
    assert tasks["command"]["error"]["message"] == "took longer than its timeout of 500ms"
    assert (tasks["again"]["result"], tasks["again"]["marks"]) == (7, ["flaky"])
    assert tasks["nowhere"]["error"]["kind"] == "start"
    assert found["notices"] == []


def test_a_signal_ends_what_runs_on_the_cluster(called: Program, dask: Cluster) -> None:
    called.write(f"""
        tasks:
          command: {{{STAYS}}}
          call: {{call: "lib.py:spin", with: {{n: 1}}}}
          after: {{needs: [command], run: touch after}}
    """)
    process = began(called, f"dask={dask.address}")
    running = [*pids(called.folder / "ran"), *pids(called.folder / "called")]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, b"")
    assert all(ends(pid) for pid in running)
    found = json.loads((called.folder / "report.json").read_text())
    assert {task["reason"] for task in found["tasks"].values()} == {"stopped by SIGINT"}
    assert found["notices"] == []
    logs = [path.read_text() for path in called.folder.glob(".runner/runs/*/logs/*-0-1.out")]
    assert logs == ["began\n"]


def test_if_the_program_is_killed_nothing_goes_on_and_it_can_be_resumed(
    called: Program, dask: Cluster
) -> None:
    called.write(f"""
        tasks:
          done: {{call: "lib.py:same", with: {{n: 1}}}}
          left: {{run: "sleep 1000 & echo $! $PPID > left"}}
          command: {{needs: [done, left], {STAYS}}}
          call: {{needs: [done], call: "lib.py:spin", with: {{n: 1}}}}
    """)
    process = began(called, f"dask={dask.address}")
    running = [pid for name in ("ran", "called", "left") for pid in pids(called.folder / name)]
    os.killpg(process.pid, signal.SIGKILL)  # those who watch over it as well
    process.communicate(timeout=PATIENCE)
    assert all(ends(pid) for pid in running)
    called.write("""
        tasks:
          done: {call: "lib.py:same", with: {n: 1}}
          left: {run: "true"}
          command: {needs: [done], run: echo resumed}
          call: {needs: [done], call: "lib.py:same", with: {n: 2}}
    """)
    ended = called("resume", "--format", "json")
    assert ended.code == 0, ended.err
    tasks = json.loads(ended.out)["tasks"]
    assert (tasks["command"]["result"], tasks["call"]["result"]) == ("resumed", 2)
    wait_until(lambda: not list(dask.folder.rglob("runner-*")))
    assert tasks["done"]["marks"] == ["reused"]


def test_a_worker_that_is_killed_costs_no_item(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write("""
        pool: {max_workers: 4}
        tasks:
          m: {map: {over: "{{ range(60) }}"}, call: "lib.py:slowly", with: {n: "{{ item }}"}}
          c: {map: {over: "{{ range(40) }}"}, run: "echo $$ > pid{{ item }}; sleep 0.1; echo {{ item }}"}
    """)
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        wait_until((called.folder / "done9").exists)
        own.workers[0].kill()
        _, err = process.communicate(timeout=PATIENCE)
        wait_until(lambda: not list(own.folder.rglob("runner-*")))  # nor is anything left on its disk
    assert err == b""
    tasks = json.loads((called.folder / "report.json").read_text())["tasks"]
    assert [item["error"] for item in tasks["m"]["items"] if item["error"]] == []
    assert tasks["m"]["results"] == list(range(60))
    assert tasks["c"]["results"] == [str(n) for n in range(40)]
    assert Counter(item["attempts"] for name in "mc" for item in tasks[name]["items"]) == {1: 100}
    assert all(ends(int(path.read_text())) for path in called.folder.glob("pid*"))


def test_a_scheduler_that_is_lost_ends_the_run_in_order_and_it_can_be_resumed(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write(f"""
        tasks:
          done: {{call: "lib.py:same", with: {{n: 1}}}}
          command: {{needs: [done], {STAYS}}}
    """)
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        running = pids(called.folder / "ran")
        own.scheduler.kill()
        _, err = process.communicate(timeout=PATIENCE)
        assert all(ends(pid) for pid in running)
    assert (process.returncode, err) == (1, b"")
    found = json.loads((called.folder / "report.json").read_text())
    lost = f"the Dask scheduler {own.address} was lost"
    assert (found["run"]["status"], found["problems"][0]["message"]) == ("failed", lost)
    assert (found["tasks"]["command"]["status"], found["tasks"]["command"]["reason"]) == ("cancelled", lost)
    called.write("""
        tasks:
          done: {call: "lib.py:same", with: {n: 1}}
          command: {needs: [done], run: echo resumed}
    """)
    ended = called("resume", "--executor", "thread", "--format", "json")
    assert ended.code == 0, ended.err
    tasks = json.loads(ended.out)["tasks"]
    assert (tasks["command"]["result"], tasks["done"]["marks"]) == ("resumed", ["reused"])


def test_what_had_begun_when_the_scheduler_was_lost_is_recorded_as_cancelled(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write("""
        tasks:
          commands: {map: {over: [0, 1, 2]}, run: "trap '' TERM; echo $$ > ran{{ item }}; sleep 1000"}
          calls: {map: {over: [0, 1]}, call: "lib.py:spin", with: {n: "{{ item }}"}}
    """)
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        running = [pid for n in range(3) for pid in pids(called.folder / f"ran{n}")]
        running += pids(called.folder / "called")
        own.scheduler.kill()
        _, err = process.communicate(timeout=PATIENCE)
        assert all(ends(pid) for pid in running)
    assert (process.returncode, err) == (1, b"")
    tasks = json.loads((called.folder / "report.json").read_text())["tasks"]
    assert {task["reason"] for task in tasks.values()} == {f"the Dask scheduler {own.address} was lost"}
    told = [(it["status"], it["attempts"]) for it in tasks["commands"]["items"]]
    assert told == [("cancelled", 1)] * 3
    assert ("cancelled", 1) in [(it["status"], it["attempts"]) for it in tasks["calls"]["items"]]


def test_of_calls_that_went_out_together_it_is_told_how_many_have_begun(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text(LIBRARY)
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "numbers.py").write_text("double = None\n")
    folder, reference = str(tmp_path), f"{tmp_path}/lib.py:stay_at"
    items = tuple((index, 1) for index in range(4))
    calls = Calls(reference, folder, 0, folder, {}, items, [{"n": n, "last": 2} for n in range(4)])
    with beside(Setup("a-run", folder, ((reference, folder),), (), 0.0, ""), tmp_path) as line:
        line.sendall(framed(ASK, number_of.pack(7) + packed(calls)))
        told = [receive(line) for _ in range(2)]
    count = struct.Struct("<qq")
    assert told == [(BEGUN, count.pack(7, 1)), (BEGUN, count.pack(7, 3))]


@contextmanager
def beside(setup: Setup, folder: Path) -> Iterator[socket.socket]:
    """The process that stands beside a worker, and the worker's end of its line."""
    line, theirs = socket.socketpair()
    (folder / "place").mkdir()
    with line:
        code = f"serve({theirs.fileno()}, '{folder}/place')"
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from runner.engine.outpost import serve; {code}"],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        line.sendall(framed(SETUP, pickle.dumps(setup)))
        line.settimeout(PATIENCE)
        yield line
    assert process.wait(PATIENCE) == 0
    assert not (folder / "place").exists()


def test_a_cluster_without_any_worker_ends_the_run_in_order_and_it_can_be_resumed(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write(f"""
        tasks:
          done: {{call: "lib.py:same", with: {{n: 1}}}}
          command: {{needs: [done], {STAYS}}}
          each: {{needs: [done], map: {{over: [1, 2, 3, 4, 5]}}, call: "lib.py:spin", with: {{n: 1}}}}
    """)
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        running = [*pids(called.folder / "ran"), *pids(called.folder / "called")]
        for worker in own.workers:
            worker.kill()
        _, err = process.communicate(timeout=PATIENCE)
        assert all(ends(pid) for pid in running)
    assert (process.returncode, err) == (1, b"")
    found = json.loads((called.folder / "report.json").read_text())
    lost = f"the Dask cluster {own.address} had no workers for 10 s"
    assert [(it["kind"], it["message"]) for it in found["problems"]] == [("lost", lost)]
    tasks = found["tasks"]
    assert [(it["status"], it["reason"]) for it in tasks.values()] == [
        ("succeeded", None),
        ("cancelled", lost),
        ("cancelled", lost),
    ]
    called.write("""
        tasks:
          done: {call: "lib.py:same", with: {n: 1}}
          command: {needs: [done], run: echo resumed}
          each: {needs: [done], map: {over: [1, 2, 3, 4, 5]}, call: "lib.py:same", with: {n: "{{ item }}"}}
    """)
    ended = called("resume", "--executor", "thread", "--format", "json")
    assert ended.code == 0, ended.err
    tasks = json.loads(ended.out)["tasks"]
    assert (tasks["command"]["result"], tasks["done"]["marks"]) == ("resumed", ["reused"])
    assert tasks["each"]["results"] == [1, 2, 3, 4, 5]


def test_the_only_worker_may_die_if_it_is_started_again(called: Program) -> None:
    called.write("""
        pool: {max_workers: 1}
        tasks:
          one: {run: "echo $PPID >> beside; test $(wc -l < beside) = 2 || sleep 1000"}
    """)
    process = began(called, "dask")
    worker = parent(parent(parent(int(wait_for(called.folder / "beside")))))
    os.kill(worker, signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert json.loads((called.folder / "report.json").read_text())["tasks"]["one"]["attempts"] == 1


hides = pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0,
    reason="NO FOLDER CAN BE HIDDEN FROM A PROCESS HERE: unshare is not allowed",
)


@hides
def test_nothing_is_called_where_the_start_folder_is_not(
    runner: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = Program(runner.folder / "here")
    here.folder.mkdir()
    with_library(here)
    here.write("""
        tasks:
          m: {map: {over: [1, 2]}, call: "lib.py:slowly", with: {n: "{{ item }}"}, allow_failure: true}
          c: {run: ls, allow_failure: true}
    """)
    with cluster(tmp_path_factory.mktemp("cluster"), hidden=runner.folder) as own:
        tasks = here.report("--executor", f"dask={own.address}")["tasks"]
    missing = f"no such folder for cwd: '{here.folder}'"
    needed = (
        f"{missing} on {socket.gethostname()}: the folder where `runner` was started must be on all workers, "
        "under the same path, empty as it may be"
    )
    told = [(it["error"]["kind"], it["error"]["message"]) for it in tasks["m"]["items"]]
    assert told == [("start", needed)] * 2
    assert (tasks["c"]["error"]["kind"], tasks["c"]["error"]["message"]) == ("start", missing)


@hides
def test_modules_reach_workers_that_do_not_see_them(
    runner: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = Program(runner.folder / "here")
    here.folder.mkdir()
    with_library(here)
    here.write("def same(n):\n    return n\n", "../outside.py")
    here.write("""
        tasks:
          m: {map: {over: [1, 2]}, call: "lib.py:twice", with: {n: "{{ item }}"}}
          opaque: {call: "lib.py:point", with: {x: 3}}
          inside: {call: "lib.py:x_of", with: {point: "{{ tasks.opaque.result }}"}}
          none: {call: "lib.py:x_of", with: {point: 7}, allow_failure: true}
    """)
    here.write("tasks: {o: {call: '../outside.py:same', with: {n: 1}}}\n", "beside.yml")
    with cluster(tmp_path_factory.mktemp("cluster"), hidden=runner.folder, empty=here.folder) as own:
        executor = f"dask={own.address}"
        tasks = here.report("--executor", executor)["tasks"]
        refused = here("run", "beside.yml", "--executor", executor)
    assert (tasks["m"]["results"], tasks["inside"]["result"]) == ([2, 4], 3)
    assert f'File "{here.folder}/lib.py", line ' in tasks["none"]["error"]["traceback"]
    assert (refused.code, refused.out) == (2, "")
    assert f"no such file: '{runner.folder}/outside.py' [not-imported]" in refused.err
    assert f"on a worker of {own.address}" in refused.err


@hides
def test_modules_that_are_too_large_to_be_sent_are_told_of(
    runner: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = Program(runner.folder / "here")
    here.folder.mkdir()
    here.write("def same(n):\n    return n\n", "lib.py")
    here.write("#" * (33 << 20), "large.py")
    here.write("tasks: {o: {call: 'lib.py:same', with: {n: 1}}}\n")
    with cluster(tmp_path_factory.mktemp("cluster"), hidden=runner.folder, empty=here.folder) as own:
        refused = here("run", "--executor", f"dask={own.address}")
    assert (refused.code, refused.out) == (2, "")
    assert f"no such file: '{here.folder}/lib.py' [not-imported]" in refused.err
    assert (
        f"the Python files below '{here.folder}' are 34 MB, and no more than 32 MB are sent to workers: "
        "install them there, or have the same folder there"
    ) in refused.err


def test_a_worker_that_does_not_answer_holds_nobody_up_who_is_in_a_hurry(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write(f"tasks: {{command: {{{STAYS}}}, outpost: {{run: echo $PPID > beside}}}}\n")
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        running = pids(called.folder / "ran")
        stopped = parent(parent(parent(*pids(called.folder / "beside"))))
        os.kill(stopped, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
        os.kill(stopped, signal.SIGCONT)
        assert all(ends(pid) for pid in running)
    assert (process.returncode, err) == (130, b"")


def test_what_goes_on_at_a_worker_that_does_not_answer_is_told_of(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write("""
        pool: {max_workers: 2}
        tasks:
          each: {map: {over: [0, 1]}, run: "echo $$ $PPID > ran{{ item }}; sleep 1000"}
    """)
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        running = [pids(called.folder / f"ran{n}") for n in range(2)]
        beside = {parent(parent(parent(outpost))) for _, outpost in running}
        for worker in beside:
            os.kill(worker, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert [gone(pid) for pid, _ in running] == [False, False]
        for worker in beside:
            os.kill(worker, signal.SIGCONT)
        assert all(ends(pid) for pid, _ in running)
    assert (process.returncode, err) == (130, b"")
    found = json.loads((called.folder / "report.json").read_text())
    assert [(it["status"], it["attempts"]) for it in found["tasks"]["each"]["items"]] == [
        ("cancelled", 1)
    ] * 2
    assert sorted(found["notices"]) == [
        f"each[{n}] was still running when it was given up: its worker did not answer. "
        "It ends there as soon as it does."
        for n in range(2)
    ]


def test_a_scheduler_that_cannot_be_reached_is_told_before_anything_runs(called: Program) -> None:
    called.write("tasks: {a: {run: touch ran}}\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        ended = {
            address: began(called, f"dask={address}")
            for address in ("tcp://127.0.0.1:9", address, "tls://127.0.0.1:9")
        }
        told = [process.communicate(timeout=PATIENCE)[1].decode() for process in ended.values()]
    assert {process.returncode for process in ended.values()} == {2}
    assert told[0].startswith("error: the Dask scheduler tcp://127.0.0.1:9 cannot be reached: OSError: ")
    assert told[1] == f"error: the Dask scheduler {address} does not answer\n"
    assert told[2].startswith(
        "error: the Dask scheduler tls://127.0.0.1:9 cannot be reached: TypeError: TLS "
    )
    assert not (called.folder / "ran").exists()


def test_a_cluster_is_started_on_this_machine_if_none_is_named(called: Program) -> None:
    found = report(called, """
        pool: {executor: dask, max_workers: 2}
        tasks:
          m: {map: {over: "{{ range(1000) }}"}, call: "lib.py:same", with: {n: "{{ item }}"}}
          pid: {run: "echo $PPID"}
        outputs: {sum: "{{ tasks.m.results | sum }}", pid: "{{ tasks.pid.result }}"}
    """, "dask")  # fmt: skip
    assert found["outputs"]["sum"] == sum(range(1000))
    assert found["notices"] == []
    assert ends(int(found["outputs"]["pid"]))


@pytest.mark.parametrize("killed", ["program", "cluster"])
def test_if_the_program_or_its_own_cluster_is_killed_no_folder_is_left(called: Program, killed: str) -> None:
    temporary = called.folder / "temporary"
    temporary.mkdir()
    called.environment["TMPDIR"] = str(temporary)
    called.write(f"""
        tasks:
          command: {{{STAYS}}}
          call: {{call: "lib.py:spin", with: {{n: 1}}}}
    """)
    process = began(called, "dask")
    running = [*pids(called.folder / "ran"), *pids(called.folder / "called")]
    program = child(child(process.pid))
    os.kill(program if killed == "program" else child(program), signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert all(ends(pid) for pid in running)
    wait_until(lambda: not list(temporary.iterdir()))


def test_dask_is_not_imported_where_nobody_asks_for_it(runner: Program) -> None:
    runner.write("import sys\ndef seen():\n    return 'distributed' in sys.modules\n", "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:seen'}}\n")
    assert runner.report()["tasks"]["a"]["result"] is False
