"""How runs end on a Dask cluster of which something is killed, lost, stopped or held up."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from clusters import Cluster, cluster
from on_dask import STAYS, began, pids, report, with_library
from program import Program, wait_until
from watching import PATIENCE, child, ends, gone, parent, wait_for

distributed: Any = pytest.importorskip(
    "distributed", reason="DASK IS NOT INSTALLED: pip install 'runwright[dask]'"
)
cloudpickle: Any = pytest.importorskip("cloudpickle")


@pytest.fixture
def called(runner: Program) -> Program:
    """With functions in `lib.py`."""
    return with_library(runner)


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
          commands: {map: {over: [0, 1]}, run: "trap '' TERM; echo $$ > ran{{ item }}; sleep 1000"}
          calls: {map: {over: [0]}, call: "lib.py:spin", with: {n: "{{ item }}"}}
          last: {run: "until test -e all; do sleep 0.01; done"}
          heard: {needs: [last], run: "echo $$ > heard; sleep 1000"}
    """)
    # One worker tells in order: who has heard of the end of `last` has heard of all that began before.
    with cluster(tmp_path_factory.mktemp("cluster"), workers=1) as own:
        process = began(called, f"dask={own.address}")
        running = [pid for name in ("ran0", "ran1", "called") for pid in pids(called.folder / name)]
        (called.folder / "all").touch()
        running += pids(called.folder / "heard")
        own.scheduler.kill()
        _, err = process.communicate(timeout=PATIENCE)
        assert all(ends(pid) for pid in running)
    assert (process.returncode, err) == (1, b"")
    tasks = json.loads((called.folder / "report.json").read_text())["tasks"]
    lost = f"the Dask scheduler {own.address} was lost"
    assert {tasks[name]["reason"] for name in ("commands", "calls", "heard")} == {lost}
    told = [(it["status"], it["attempts"]) for name in ("commands", "calls") for it in tasks[name]["items"]]
    assert told == [("cancelled", 1)] * 3


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


def test_a_worker_that_stops_with_a_result_that_nobody_has_yet_holds_nobody_up(
    called: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write("tasks: {command: {run: echo $PPID > beside; until test -e go; do sleep 0.01; done}}\n")
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        process = began(called, f"dask={own.address}")
        stopped = parent(parent(parent(*pids(called.folder / "beside"))))
        seen = called.folder / "seen"
        cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the scheduler has no tests
        with distributed.Client(own.address) as client:
            client.run_on_scheduler(stop_once_it_has_a_result, stopped, str(seen))
        (called.folder / "go").touch()
        wait_for(seen)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
        os.kill(stopped, signal.SIGCONT)
    assert (process.returncode, err) == (130, b"")


def stop_once_it_has_a_result(worker: int, seen: str, dask_scheduler: Any) -> None:
    """On the scheduler, which tells the program of the result before that can have it."""

    class Stopping(distributed.SchedulerPlugin):  # type: ignore[misc]  # it has no types
        def transition(self, key: str, start: str, finish: str, *args: Any, **more: Any) -> None:
            if finish == "memory":
                os.kill(worker, signal.SIGSTOP)
                Path(seen).write_text("yes\n")

    dask_scheduler.add_plugin(Stopping(), name="stopping")


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


ENDS_AT_ONCE = """
import os, signal, sys

if "runner.work.forking" in sys.orig_argv[-1] and os.path.exists(os.environ["KILL"]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def kill(called: Program) -> Path:
    """While this is there, who starts the workers for calls is killed as it begins, also on a cluster."""
    called.write(ENDS_AT_ONCE, "site/sitecustomize.py")
    paths = [str(called.folder / "site"), os.environ.get("PYTHONPATH", "")]
    called.environment |= {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "KILL": str(called.folder / "kill"),
    }
    return called.folder / "kill"


UNSTARTED = "no worker process could be started: who starts them ended with signal 9"


def test_where_who_starts_workers_is_killed_nothing_runs_and_the_cluster_is_left_as_it_was(
    called: Program, kill: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    called.write("tasks: {a: {run: touch ran}, b: {call: 'lib.py:same', with: {n: 1}}}\n")
    with cluster(tmp_path_factory.mktemp("cluster"), environment=called.environment) as own:
        kill.touch()
        for _ in range(5):  # there are four threads
            ended = called("run", "--executor", f"dask={own.address}")
            assert (ended.code, ended.out) == (2, "")
            assert ended.err == f"error: {UNSTARTED}\n  = on a worker of {own.address}\n"
        assert not (called.folder / "ran").exists()
        kill.unlink()
        assert called("run", "-q", "--executor", f"dask={own.address}").code == 0


WORKERS_END = "import os, sys\nif 'spawn_main' in sys.orig_argv[-2] + sys.orig_argv[-1]:\n    os._exit(3)\n"
CLUSTER_ENDS = "import os, sys\nif 'local_cluster' in sys.orig_argv[-1]:\n    os._exit(3)\n"


@pytest.mark.parametrize(
    ("customised", "why"),
    [(WORKERS_END, "RuntimeError: "), (CLUSTER_ENDS, "its process ended with exit code 3\n")],
    ids=["workers", "cluster"],
)
def test_why_no_cluster_can_be_started_here_is_told(
    called: Program, kill: Path, customised: str, why: str
) -> None:
    called.write(customised, "site/sitecustomize.py")
    called.write("tasks: {a: {run: touch ran}, b: {call: 'lib.py:same', with: {n: 1}}}\n")
    ended = called("run", "--executor", "dask")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: no Dask cluster could be started on this machine: {why}")
    assert ended.err.count("\n") == 1
    assert not (called.folder / "ran").exists()


def test_if_who_starts_workers_is_killed_calls_are_lost_and_commands_go_on(
    called: Program, kill: Path
) -> None:
    called.write(
        "import os, time\n\ndef act(n):\n    open('called', 'w').write(f'{os.getpid()} {os.getppid()}\\n')\n"
        "    time.sleep(1000)\n",
        "act.py",
    )
    called.write("""
        tasks:
          call: {call: "act.py:act", with: {n: 1}, allow_failure: true}
          command: {run: "echo $$ > ran; until test -e go; do sleep 0.01; done; echo done"}
          none: {needs: [call], call: "lib.py:same", with: {n: 1}, allow_failure: true}
          after: {needs: [none], run: touch go}
    """)
    process = began(called, "dask")
    wait_for(called.folder / "ran")
    calls, starts = pids(called.folder / "called")
    kill.touch()
    os.kill(starts, signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    tasks = json.loads((called.folder / "report.json").read_text())["tasks"]
    told = [(tasks[name]["error"]["kind"], tasks[name]["error"]["message"]) for name in ("call", "none")]
    assert told == [
        ("lost", "its worker process was given up: who had started it was ended"),
        ("start", UNSTARTED),
    ]
    assert tasks["command"]["result"] == "done"
    assert ends(calls)


def test_what_is_under_way_when_the_process_beside_a_worker_is_killed_is_lost(
    called: Program, dask: Cluster
) -> None:
    found = report(called, """
        tasks:
          command: {run: "kill -9 $PPID; sleep 1000", allow_failure: true}
          call: {needs: [command], call: "lib.py:cut_off", with: {n: 1}, allow_failure: true}
          again:
            needs: [call]
            run: "test -e once || { touch once; kill -9 $PPID; sleep 1000; }; echo again"
            retry: {attempts: 2}
    """, f"dask={dask.address}")  # fmt: skip
    errors = [found["tasks"][name]["error"] for name in ("command", "call")]
    lost = ("lost", "the process beside its worker was ended")
    assert [(error["kind"], error["message"]) for error in errors] == [lost] * 2
    assert (found["tasks"]["again"]["result"], found["tasks"]["again"]["attempts"]) == ("again", 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_is_imported_for_programs_that_have_gone_keeps_no_worker_from_others(
    called: Program, tmp_path_factory: pytest.TempPathFactory, number: signal.Signals
) -> None:
    called.write(
        "import os, time\nif not os.path.exists('sound'):\n    open(f'called{os.getpid()}', 'w').close()\n"
        "    time.sleep(1000)\n\ndef act():\n    return 1\n",
        "hangs.py",
    )
    called.write("tasks: {a: {call: 'hangs.py:act'}}\n")
    with cluster(tmp_path_factory.mktemp("cluster")) as own:
        processes = [began(called, f"dask={own.address}") for _ in range(4)]  # as many as it has threads
        wait_until(lambda: len([*called.folder.glob("called*")]) == 4)
        for process in processes:
            os.killpg(process.pid, number)
            process.communicate(timeout=PATIENCE)
        importing = [int(path.name.removeprefix("called")) for path in called.folder.glob("called*")]
        assert all(ends(pid) for pid in importing)
        (called.folder / "sound").touch()
        assert called("run", "-q", "--executor", f"dask={own.address}").code == 0
