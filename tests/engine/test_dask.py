"""A Dask cluster does the work: a real scheduler, and two workers that are processes on this machine."""

from __future__ import annotations

import re
import shutil
import socket
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from clusters import Cluster, cluster
from on_dask import LIBRARY, began, beside, report, with_library
from program import Program, wait_until
from watching import PATIENCE, ends

from runner.engine.outpost import OutpostFailed, Setup, answer_in, number_of
from runner.work.calls import Calls, packed
from runner.work.frames import ASK, BEGUN, DONE, framed, receive
from runner.work.pickles import pickled

pytest.importorskip("distributed", reason="DASK IS NOT INSTALLED: pip install 'runwright[dask]'")


@pytest.fixture
def called(runner: Program) -> Program:
    """With functions in `lib.py`."""
    return with_library(runner)


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


def test_whatever_goes_wrong_while_a_question_is_answered_is_an_answer(tmp_path: Path) -> None:
    """It is a bug of ours; else who asks, and a thread of the cluster's worker, would wait for ever."""
    with beside(Setup("a-run", str(tmp_path), (), (), 0.0, ""), tmp_path) as line:
        line.sendall(framed(ASK, number_of.pack(7) + pickled("no question")))
        told = receive(line)
    assert told is not None
    assert (told[0], *number_of.unpack_from(told[1])) == (DONE, 7)
    with pytest.raises(OutpostFailed) as bug:
        answer_in(told[1][number_of.size :])
    assert str(bug.value).startswith("AttributeError: ")
    assert "outpost.py" in "".join(bug.value.__notes__)


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
          own: {run: ls, cwd: own, allow_failure: true}
    """)
    (here.folder / "own").mkdir()
    with cluster(tmp_path_factory.mktemp("cluster"), hidden=runner.folder) as own:
        tasks = here.report("--executor", f"dask={own.address}")["tasks"]
    missing = f"no such folder for cwd: '{here.folder}'"
    needed = (
        f"{missing} on {socket.gethostname()}: the folder where `runner` was started must be on all workers, "
        "under the same path, empty as it may be"
    )
    told = [(it["error"]["kind"], it["error"]["message"]) for it in tasks["m"]["items"]]
    assert told == [("start", needed)] * 2
    assert (tasks["c"]["error"]["kind"], tasks["c"]["error"]["message"]) == ("start", needed)
    own_folder = f"no such folder for cwd: '{here.folder}/own' on {socket.gethostname()}"
    assert (tasks["own"]["error"]["kind"], tasks["own"]["error"]["message"]) == ("start", own_folder)


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


def test_dask_is_not_imported_where_nobody_asks_for_it(runner: Program) -> None:
    runner.write("import sys\ndef seen():\n    return 'distributed' in sys.modules\n", "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:seen'}}\n")
    assert runner.report()["tasks"]["a"]["result"] is False
