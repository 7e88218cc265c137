"""What Python code prints reaches the log of the attempt that printed it, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.work.capture import routing

if TYPE_CHECKING:
    from conftest import Bench


def test_print_and_logging_go_to_the_log_of_the_task(bench: Bench) -> None:
    source = """
import logging, sys, warnings
def f():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    sys.stdout.buffer.write(b"bytes\\n")
    sys.stdout.writelines(["a\\n", "b\\n"])
    logging.info("plainly")
    logging.getLogger("shop.cart").warning("with %s", "care")
    logging.getLogger("shop").debug("too fine")
    print("é\\udce9\\ud800", flush=True)
"""
    outcome = bench.outcome(bench.call(source))
    assert bench.log(outcome) == "to stdout\nbytes\na\nb\né\udce9\\ud800\n"
    assert bench.log(outcome, "err") == "to stderr\nINFO:root:plainly\nWARNING:shop.cart:with care\n"


def test_logging_that_the_user_configured_is_routed_too(bench: Bench) -> None:
    source = """
import logging
def f():
    logging.basicConfig(format="%(message)s!", level="DEBUG")
    logging.getLogger("x").debug("fine")
"""
    assert bench.log(bench.outcome(bench.call(source)), "err") == "fine!\n"


def test_no_output_makes_no_file(bench: Bench) -> None:
    assert bench.outcome(bench.call("def f(): print(end='')")).log == ()
    assert not bench.logs.exists()


def test_coroutines_and_their_threads_print_into_the_log(bench: Bench) -> None:
    source = """
import asyncio
async def f():
    print("coroutine")
    await asyncio.gather(asyncio.to_thread(print, "thread"))
"""
    assert bench.log(bench.outcome(bench.call(source))) == "coroutine\nthread\n"


def test_a_subprocess_that_is_given_stdout_writes_into_the_log(bench: Bench) -> None:
    source = """
import subprocess, sys
def f():
    print("before")
    subprocess.run(["echo", "from a program"], stdout=sys.stdout, check=True)
    print("after")
"""
    assert bench.log(bench.outcome(bench.call(source))) == "before\nfrom a program\nafter\n"


def test_a_task_that_closes_its_streams_disturbs_nobody(bench: Bench) -> None:
    source = """
import os, sys
def f():
    print("one")
    with os.fdopen(sys.stdout.fileno(), "w") as stream:
        stream.write("two\\n")
    sys.stdout.buffer.close()
    sys.stdout.close()
    print("three", sys.stdout.name, sys.stdout.isatty(), sys.stdout.encoding)
    os.write(sys.stdout.fileno(), b"four\\n")
"""
    action = bench.call(source)
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(3):
        assert bench.log(bench.outcome(action)) == "one\ntwo\nthree <stdout> False utf-8\nfour\n"
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_what_belongs_to_no_task_goes_to_the_log_of_the_run(bench: Bench) -> None:
    source = """
import os, subprocess, threading
def f():
    os.write(1, b"raw\\n")
    os.write(2, b"raw error\\n")
    subprocess.run(["echo", "a program"], check=True)
    thread = threading.Thread(target=print, args=["a thread"])
    thread.start()
    thread.join()
"""
    with bench.routed():
        print("nobody")
        outcome = bench.outcome(bench.call(source))
    assert outcome.log == ()
    assert bench.run_log() == "raw\nraw error\na program\na thread\n"


def test_output_after_the_end_of_an_attempt_goes_to_the_log_of_the_run(bench: Bench) -> None:
    source = """
import contextvars, threading
go, threads = threading.Event(), []
def late():
    go.wait(60)
    print("late")
def f(n):
    if n == 0:
        context = contextvars.copy_context()
        threads.append(threading.Thread(target=context.run, args=[late]))
        threads[0].start()
        print("early")
    else:
        go.set()
        threads[0].join()
"""
    outcomes = bench.outcomes(bench.call(source, n="{{ item }}"), [0, 1])
    assert [one.log != () for one in outcomes] == [True, False]
    assert bench.log(outcomes[0]) == "early\n"
    assert bench.run_log() == "late\n"


def test_a_program_has_its_own_stdout_while_everything_else_is_routed(tmp_path: Path) -> None:
    program = f"""
import os, sys
from runner.work.capture import routing
with routing({str(tmp_path / "run.log")!r}) as terminal:
    print("printed")
    print("failed", file=sys.stderr)
    os.write(1, b"raw\\n")
    os.system("echo program >&2")
    sys.__stdout__.write("kept\\n")
    print("the report", file=terminal.stdout)
    print("progress", file=terminal.stderr)
print("afterwards", flush=True)
os.write(1, b"raw afterwards\\n")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "the report\nafterwards\nraw afterwards\n"
    assert done.stderr == "progress\n"
    assert (tmp_path / "run.log").read_text() == "printed\nfailed\nraw\nprogram\nkept\n"


def test_a_run_that_prints_nothing_leaves_no_log(tmp_path: Path) -> None:
    with routing(str(tmp_path / "run.log")) as terminal:
        print("to the user", file=terminal.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_a_program_may_be_started_with_its_streams_closed(closed: str, tmp_path: Path) -> None:
    program = f"""
import sys
from runner.work.capture import routing
with routing({str(tmp_path / "run.log")!r}) as terminal:
    print("printed")
    print("x", file=terminal.stdout)
    print("y", file=terminal.stderr)
"""
    subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", program], check=True)
    assert (tmp_path / "run.log").read_text() == "printed\n"


def test_a_worker_of_its_own_routes_without_being_told(bench: Bench, tmp_path: Path) -> None:
    import pickle

    action = bench.call("def f(): print('in another process'); return 7")
    (tmp_path / "submission").write_bytes(pickle.dumps(bench.submission(action)))
    program = f"""
import pickle
from runner.work.halt import Halt
from runner.work import perform
with open({str(tmp_path / "submission")!r}, "rb") as file:
    [outcome] = perform(pickle.load(file), Halt())
print("the worker's own:", outcome.result, len(outcome.log))
pickle.dumps(outcome)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("the worker's own: 7 1\n", "")


# Secrets --------------------------------------------------------------------------------------------


def test_secrets_never_reach_a_log(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    source = """
import os, subprocess, sys
def f(token):
    print("x", token, "y")
    print(token[:5], end=""); print(token[5:])
    sys.stdout.write(token[:3]); sys.stdout.write(token[3:] + token)
    print(token, file=sys.stderr)
    subprocess.run(["echo", "-n", token], stdout=sys.stdout, check=True)
    os.write(1, token.encode())
    return {"token": token, "n": 1}
"""
    bench.values["params"] = {"token": "hunter2-token"}
    outcome = bench.outcome(bench.call(source, token="{{ params.token }}"))
    assert bench.log(outcome) == "x *** y\n***\n*********"
    assert bench.log(outcome, "err") == "***\n"
    assert bench.run_log() == "***"
    assert outcome.result == {"token": "hunter2-token", "n": 1}


def test_a_failure_holds_no_secret(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    source = "def f():\n    print('using hunter2-token')\n    raise ValueError('bad hunter2-token')"
    failure = bench.outcome(bench.call(source)).failure
    assert failure is not None
    assert failure.message == "ValueError: bad ***"
    assert failure.output == "using ***"
    assert "hunter2" not in repr(failure)


def test_long_lines_are_masked_where_they_are_cut(bench: Bench) -> None:
    bench.secrets = {"TOKEN": "hunter2-token"}
    source = """
def f():
    for _ in range(20_000):
        print("hunter2-token", end="-")
"""
    assert bench.log(bench.outcome(bench.call(source))) == "***-" * 20_000
