"""Signals reach the run once, to whomever they are sent; stopping and going on stays what it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from program import Program, wait_until
from terminal import Terminal
from watched_run import BROKE_OFF, Watched
from watching import PATIENCE, ends, state, wait_for

PATIENT = """
tasks:
  patient:
    run: |
      echo $PPID >runner
      trap 'echo >told; sleep 0.5; echo >finished; exit' TERM
      echo $$ >patient
      while :; do sleep 0.05; done
"""

CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]

Send = Callable[[Watched, int], None]


def to_the_process(watched: Watched, number: int) -> None:
    os.kill(watched.outer, number)


def to_the_group(watched: Watched, number: int) -> None:
    os.killpg(watched.outer, number)


def to_each_of_the_group(watched: Watched, number: int) -> None:
    for pid in (watched.outer, watched.inner, watched.runner):
        os.kill(pid, number)


def to_the_runner(watched: Watched, number: int) -> None:
    os.kill(watched.runner, number)


def as_timeout_does(watched: Watched, number: int) -> None:
    os.kill(watched.outer, number)
    os.killpg(watched.outer, number)


def twice_at_once(watched: Watched, number: int) -> None:
    os.kill(watched.outer, number)
    time.sleep(0.005)
    os.kill(watched.outer, number)


def as_a_wrapper_passes_on_what_the_terminal_sends(watched: Watched, number: int) -> None:
    os.killpg(watched.outer, number)
    time.sleep(0.005)
    os.killpg(watched.outer, number)


def twice_to_the_runner(watched: Watched, number: int) -> None:
    os.kill(watched.runner, number)
    time.sleep(0.005)
    os.kill(watched.runner, number)


WAYS = [
    to_the_process,
    to_the_group,
    to_each_of_the_group,
    to_the_runner,
    as_timeout_does,
    twice_at_once,
    as_a_wrapper_passes_on_what_the_terminal_sends,
    twice_to_the_runner,
]


@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize("send", WAYS)
def test_a_signal_counts_once(runner: Program, send: Send, number: int, code: int) -> None:
    finished = runner.folder / "finished"
    for _ in range(3):  # on a busy machine what is sent at once may arrive as two
        watched = Watched(runner, PATIENT, awaited=("patient",))
        send(watched, number)
        ended = watched.ended()
        assert (ended[0], ended[2]) == (code, "")
        assert ended[1].startswith("workflow was cancelled")
        assert watched.left() == []
        if finished.exists():
            break
        (runner.folder / "patient").unlink()
    assert finished.exists(), "the command was killed at once, as by a second signal"


@pytest.mark.parametrize("send", [to_the_process, to_the_group])
def test_the_same_signal_a_second_time_ends_the_run_at_once(runner: Program, send: Send) -> None:
    told_later = PATIENT.replace("echo >told; sleep 0.5", "sleep 0.1; echo >told; sleep 1000")
    watched = Watched(runner, told_later, awaited=("patient",))
    send(watched, signal.SIGTERM)
    wait_for(runner.folder / "told")
    began = time.monotonic()
    send(watched, signal.SIGTERM)
    assert watched.ended()[0] == 143
    assert time.monotonic() - began < 4, "the command had the time that it has after a first signal"
    assert watched.left() == []


def test_other_signals_end_the_program_as_if_nobody_watched(runner: Program) -> None:
    watched = Watched(runner, PATIENT, awaited=("patient",))
    os.kill(watched.outer, signal.SIGUSR1)
    assert watched.ended() == (-signal.SIGUSR1, "", BROKE_OFF.format(name="SIGUSR1"))
    assert watched.left() == []


WAITING = "tasks: {a: {run: 'echo $PPID >runner; echo $$ >a; until [ -e go ]; do sleep 0.01; done'}}"

ALL = ("outer", "inner", "runner")


def stop(watched: Watched, names: tuple[str, ...]) -> None:
    pids = [getattr(watched, name) for name in names]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: {state(pid) for pid in pids} == {"T"})


def go_on(watched: Watched, names: tuple[str, ...]) -> None:
    for name in names:
        os.kill(getattr(watched, name), signal.SIGCONT)


@pytest.mark.parametrize("names", [("runner",), ("inner",), ("outer",), ("outer", "inner"), ALL])
def test_who_stops_and_goes_on_comes_to_the_same_end(runner: Program, names: tuple[str, ...]) -> None:
    watched = Watched(runner, WAITING, awaited=("a",))
    stop(watched, names)
    (runner.folder / "go").touch()
    assert ends(watched.pids["a"]), "commands are not stopped"
    go_on(watched, names)
    ended = watched.ended()
    assert (ended[0], ended[2]) == (0, "")


@pytest.mark.parametrize("send", [to_the_process, to_the_group, to_the_runner])
def test_a_signal_to_who_is_stopped_counts_once_when_they_go_on(runner: Program, send: Send) -> None:
    watched = Watched(runner, PATIENT, awaited=("patient",))
    stop(watched, ALL)
    send(watched, signal.SIGTERM)
    go_on(watched, ALL)
    assert watched.ended()[0] == 143
    assert (runner.folder / "finished").exists()


def test_under_nohup_the_end_of_the_terminal_is_no_signal_at_all(runner: Program) -> None:
    watched = Watched(runner, PATIENT, before=("nohup",), awaited=("patient",))
    os.killpg(watched.outer, signal.SIGHUP)
    os.killpg(watched.outer, signal.SIGHUP)
    os.killpg(watched.outer, signal.SIGTERM)
    assert watched.ended()[0] == 143
    assert (runner.folder / "finished").exists(), "the command was killed at once, as by a second signal"


def test_ctrl_c_in_a_terminal_counts_once(runner: Program) -> None:
    runner.write(PATIENT)
    terminal = Terminal(runner, "trap : INT; runner run -q; echo code $?")
    pid = int(wait_for(runner.folder / "patient"))
    terminal.type(b"\x03")
    shown = terminal.shown()
    assert "workflow was cancelled" in shown
    assert "code 130" in shown
    assert (runner.folder / "finished").exists()
    assert ends(pid)


def test_ctrl_c_a_second_time_ends_the_run_at_once(runner: Program) -> None:
    runner.write(PATIENT.replace("sleep 0.5", "trap '' TERM; sleep 1000"))
    terminal = Terminal(runner, "trap : INT; runner run -q; echo code $?")
    pid = int(wait_for(runner.folder / "patient"))
    terminal.type(b"\x03")
    wait_for(runner.folder / "told")
    terminal.type(b"\x03")
    shown = terminal.shown()
    assert "workflow was cancelled" in shown
    assert "code 130" in shown
    assert ends(pid)


HELD = """
import ctypes, os, time

def hold():
    "In the end no other thread of Python runs any more, and no handler of a signal."
    while not os.path.exists("shown"):
        time.sleep(0.01)
    with open("held", "w") as file:
        file.write("yes\\n")
    library, mutex = ctypes.PyDLL(None), ctypes.create_string_buffer(256)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)
"""
DRAWN = b"\x1b[?7h\r\x1b["
"""The end of what is sent when what goes on is drawn below."""


@pytest.mark.parametrize("keys", [b"\x03", b"\x03\x03\x03"], ids=["once", "held down"])
def test_a_run_that_had_to_be_killed_gives_the_terminal_back_without_what_it_showed(
    runner: Program, keys: bytes
) -> None:
    runner.write(HELD, "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:hold'}}")
    del runner.environment["NO_COLOR"]
    runner.environment.update(TERM="xterm", CI="")
    terminal = Terminal(runner, "trap : INT; runner run; echo code $?")
    before = b""
    while DRAWN not in before:
        before += os.read(terminal.master, 1 << 16)
    (runner.folder / "shown").touch()
    wait_for(runner.folder / "held")
    terminal.type(keys)
    after = terminal.shown()
    assert "\r\x1b[J\x1b[?7herror: the run did not end when it was told to, and was killed: " in after
    assert "code 130" in after


def test_so_does_one_that_was_killed(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'echo $PPID >runner; sleep 100'}}")
    runner.environment.update(TERM="xterm", CI="")
    terminal = Terminal(runner, "runner run; echo code $?")
    before = b""
    while DRAWN not in before:
        before += os.read(terminal.master, 1 << 16)
    os.kill(int(wait_for(runner.folder / "runner")), signal.SIGKILL)
    after = terminal.shown()
    assert "\r\x1b[J\x1b[?7herror: the run broke off: its process was ended by SIGKILL" in after
    assert "code 137" in after


def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'echo $$ >a; until [ -e go ]; do sleep 0.01; done; echo >after'}}")
    terminal = Terminal(runner, "set -m; runner run -q; echo >back; touch go; fg; echo code $?")
    wait_for(runner.folder / "a")
    terminal.type(b"\x1a")
    wait_for(runner.folder / "back")
    shown = terminal.shown()
    assert "workflow succeeded" in shown
    assert "code 0" in shown
    assert (runner.folder / "after").exists()


def test_a_terminal_that_is_closed_ends_the_run(runner: Program) -> None:
    runner.write(PATIENT)
    terminal = Terminal(runner, "exec " + " ".join(runner.command("run", "-q")))
    pid = int(wait_for(runner.folder / "patient"))
    os.close(terminal.master)
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == 129
    assert (runner.folder / "finished").exists()
    assert ends(pid)


def test_a_reader_that_has_had_enough_is_no_failure(runner: Program) -> None:
    runner.write("tasks: {a: {map: {over: '{{ range(300) }}'}, run: 'false'}}")
    ended = runner.shell("set +o pipefail; { runner run -q; echo $? >code; } | head -1")
    assert ended.out.startswith("workflow failed")
    assert (runner.folder / "code").read_text() == "1\n"


def test_nor_does_it_matter_to_the_run_that_nobody_reads_of_its_progress(runner: Program) -> None:
    runner.write("tasks: {a: {map: {over: '{{ range(300) }}'}, run: 'echo {{ item }}; echo >>ran'}}")
    ended = runner.shell("set +o pipefail; { runner run --output stream -v 2>&1; echo $? >code; } | head -1")
    assert ended.out.count("\n") == 1
    assert (runner.folder / "code").read_text() == "0\n"
    assert (runner.folder / "ran").read_text().count("\n") == 300


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_has_closed_stay_out_of_use(runner: Program, closed: str) -> None:
    runner.write("tasks: {a: {run: 'echo $PPID >runner; readlink /proc/$PPID/fd/0 >stdin'}}")
    assert runner.shell(f"runner run -q {closed}").code == 0
    assert (runner.folder / "stdin").read_text() == "/dev/null\n"


@pytest.mark.parametrize("arguments", [("validate", "workflow.yml"), ("plan",), ("run", "--help")])
def test_what_runs_no_commands_is_one_process(runner: Program, arguments: tuple[str, ...]) -> None:
    runner.write("tasks: {a: {run: 'true'}}")
    traced = subprocess.run(
        [runner.command()[0], "-c", ONE_PROCESS, *arguments],
        cwd=runner.folder,
        env=runner.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert traced.returncode == 0, traced.stderr


ONE_PROCESS = """
import os, sys
os.fork = None
sys.argv[0] = "runner"
from runner.__main__ import main
main()
"""
