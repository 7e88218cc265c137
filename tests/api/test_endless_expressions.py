"""An expression that takes minutes, in a run on a thread of its own: who ends it does not wait."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from hosts import Folder, Script
from program import wait_until
from watching import processor_time

from runner import TaskSettled, resume, run

MANY, FEW = 100_000, 10
ENDLESS = "tasks.names.result | reject('in', tasks.others.result) | list | length"
"""Minutes for `MANY` lines."""

KINDS = {
    "value": f'result: "{{{{ {ENDLESS} }}}}"',
    "when": f'when: "{ENDLESS} > 0", run: echo',
    "over": f'map: {{over: "{{{{ range({ENDLESS}) }}}}"}}, run: echo',
    "key": f'map: {{over: [1, 2], key: "{{{{ {ENDLESS} ~ item }}}}"}}, run: echo',
}

WAITING = """
    import os, signal, threading
    from runner import TaskSettled, run

    going = run("workflow.yml")
    while not isinstance(event := next(going), TaskSettled) or event.address != "others":
        pass
    before = signal.getsignal(signal.SIGINT)

    def tell():
        while signal.getsignal(signal.SIGINT) == before:
            pass
        print("waiting")

    threading.Thread(target=tell).start()
    result = going.result()
    print(result.status, result.exit_code, result["long"].reason)
    assert sum(range(100_000)) == 4_999_950_000
    print("goes on")
"""


def text(keys: str) -> str:
    """A workflow that evaluates for long, once `others` has settled."""
    return f"""
        params: {{file: many.txt}}
        tasks:
          names: {{result: "{{{{ lines(params.file) }}}}"}}
          others: {{result: "{{{{ tasks.names.result | map('upper') | list }}}}"}}
          long: {{{keys}}}
          after: {{needs: [long], run: echo}}
    """


def write_files(folder: Path) -> None:
    for name, count in (("many.txt", MANY), ("few.txt", FEW)):
        (folder / name).write_text("".join(f"name {number}\n" for number in range(count)))


def wait_until_it_evaluates() -> None:
    """This process takes a while of a processor's time, though this thread only waits."""
    before = time.process_time()
    wait_until(lambda: time.process_time() > before + 0.3)


@pytest.mark.parametrize("keys", KINDS.values(), ids=KINDS)
def test_leaving_a_with_breaks_off_what_is_evaluated(here: Folder, keys: str) -> None:
    write_files(here.path)
    here.write(text(keys))
    with run("workflow.yml") as going:
        for event in going:
            if isinstance(event, TaskSettled) and event.address == "others":
                break
        wait_until_it_evaluates()
    ended = going.result()
    assert [(task.name, task.status.value) for task in ended.tasks.values()] == [
        ("names", "succeeded"),
        ("others", "succeeded"),
        ("long", "cancelled"),
        ("after", "cancelled"),
    ]
    assert (ended["long"].reason or "").startswith("stopped by the program")
    assert not any(it.name.startswith("runner-2") for it in threading.enumerate())
    again = resume(params={"file": "few.txt"}).result()
    assert again["long"].status == "succeeded"


def test_a_signal_breaks_off_what_is_evaluated_and_the_program_goes_on(script: Script) -> None:
    write_files(script.folder)
    script.write(text(KINDS["value"]))
    process = script.start(WAITING)
    assert process.stdout is not None and process.stdout.readline() == b"waiting\n"
    before = processor_time(process.pid)
    wait_until(lambda: processor_time(process.pid) > before + 0.3)
    process.send_signal(signal.SIGINT)
    assert process.stdout.read() == b"cancelled 130 stopped by SIGINT\ngoes on\n"
    assert process.wait() == 0
