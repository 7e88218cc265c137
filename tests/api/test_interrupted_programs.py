"""Signals to a program while it waits for a run: the run ends first, then the program has its own ways."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time

import pytest
from hosts import SLOW, Script, sleepers
from program import wait_until

WAITING = """
    import signal, threading, time
    from runner import ItemStarted, run

    going = run("workflow.yml")
    while not isinstance(event := next(going), ItemStarted) or event.address != "a":
        pass
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]

    def tell():
        while signal.getsignal(signal.SIGTERM) == before[1]:
            time.sleep(0.01)
        print("waiting")

    threading.Thread(target=tell).start()
    result = going.result()
    print(result.status, result.exit_code, result["a"].reason)
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    print("goes on")
"""


def told(script: Script, numbers: list[int], text: str = WAITING) -> tuple[int, str]:
    """How a script ends that is sent signals once its run waits, and what it says."""
    process = script.start(text)
    assert process.stdout is not None and process.stdout.readline() == b"waiting\n"
    wait_until((script.folder / "begun").exists)
    for number in numbers:
        process.send_signal(number)
    said = process.stdout.read().decode()
    return process.wait(), said


def test_ctrl_c_ends_the_run_in_order_and_the_program_goes_on(script: Script) -> None:
    script.write(SLOW)
    assert told(script, [signal.SIGINT]) == (0, "cancelled 130 stopped by SIGINT\ngoes on\n")
    assert sleepers(script.folder) == []


def test_a_ctrl_c_that_comes_twice_at_once_counts_once(script: Script) -> None:
    script.write("""
        tasks:
          a:
            run: |
              trap 'sleep 0.5; touch finished; exit' TERM
              touch begun
              while true; do sleep 0.05 || true; done
    """)
    process = script.start(WAITING)
    assert process.stdout is not None and process.stdout.readline() == b"waiting\n"
    wait_until((script.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    assert process.stdout.read() == b"cancelled 130 stopped by SIGINT\ngoes on\n"
    assert (script.folder / "finished").exists(), "the command was killed at once, as by a second signal"


def test_a_second_ctrl_c_ends_at_once_what_does_not_heed_the_first(script: Script) -> None:
    script.write("""
        tasks:
          a:
            run: |
              trap 'touch told' TERM
              touch begun
              while true; do sleep 0.05 || true; done
    """)
    process = script.start(WAITING)
    assert process.stdout is not None and process.stdout.readline() == b"waiting\n"
    wait_until((script.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    wait_until((script.folder / "told").exists)
    process.send_signal(signal.SIGINT)
    assert process.stdout.read() == b"cancelled 130 stopped by SIGINT\ngoes on\n"
    assert process.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_would_end_the_program_ends_the_run_first(script: Script, number: int) -> None:
    script.write(SLOW)
    assert told(script, [number]) == (-number, "")
    assert "  cancelled  workflow" in script("runs").out
    assert sleepers(script.folder) == []


def test_ctrl_c_is_left_to_a_program_that_has_its_own_way_for_it(script: Script) -> None:
    script.write('tasks: {a: {run: "touch begun; until test -e enough; do sleep 0.01; done"}}')
    own = """
    import pathlib, signal
    signal.signal(signal.SIGINT, lambda number, frame: pathlib.Path("enough").touch())
    """
    said = told(script, [signal.SIGINT], own + WAITING)
    assert said == (0, "succeeded 0 None\ngoes on\n")


def test_a_third_ctrl_c_is_the_program_s_again_whatever_holds_up_the_run(script: Script) -> None:
    script.write(
        "import time\n\ndef stay():\n    open('begun', 'w').close()\n    time.sleep(600)\n", "stay.py"
    )
    script.write("tasks: {a: {call: 'stay.py:stay'}}")
    process = script.start(WAITING.replace('"workflow.yml"', '"workflow.yml", executor="inline"'))
    assert process.stdout is not None and process.stdout.readline() == b"waiting\n"
    wait_until((script.folder / "begun").exists)
    while process.poll() is None:  # signals that come at once count as one
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    assert (process.returncode, process.stdout.read()) == (-signal.SIGINT, b"")
