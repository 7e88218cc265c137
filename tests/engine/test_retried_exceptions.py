"""Which exceptions `retry.on` names: by any name that Python has for them, lateness among them."""

from __future__ import annotations

import pytest
from program import Program

RAISING = """
import json
import socket
import time

import shop

def reset():
    raise ConnectionResetError("gone")

def busy():
    raise shop.Busy("later")

def decode():
    json.loads("{")

def late():
    raise socket.timeout("late")

def endless():
    while True:
        time.sleep(0.01)
"""

NAMES = {
    "reset": [
        "OSError",
        "builtins.OSError",
        "IOError",
        "builtins.ConnectionError",
        "socket.error",
        "Exception",
    ],
    "busy": ["Busy", "shop.Busy", "shop.within.errors.Busy", "LookupError"],
    "decode": ["JSONDecodeError", "json.JSONDecodeError", "json.decoder.JSONDecodeError", "ValueError"],
    "late": ["TimeoutError", "socket.timeout", "asyncio.TimeoutError", "concurrent.futures.TimeoutError"],
}
OTHERS = {"reset": ["TimeoutError", "shop.OSError"], "busy": ["json.Busy", "shop.within.Busy", "KeyError"]}
OF_TIMEOUTS = ["TimeoutError", "builtins.TimeoutError", "OSError", "IOError", "Exception", "BaseException"]


@pytest.fixture
def raising(runner: Program) -> Program:
    runner.write(RAISING, "raising.py")
    runner.write("from shop.within.errors import Busy\n", "shop/__init__.py")
    runner.write("", "shop/within/__init__.py")
    runner.write("class Busy(LookupError):\n    pass\n", "shop/within/errors.py")
    return runner


def tasks(names: dict[str, list[str]], action: str) -> list[str]:
    return [
        f"  {name}_{number}: {{{action.format(name)}, retry: {{attempts: 2, on: {{exceptions: [{one}]}}}}}}"
        for name, some in names.items()
        for number, one in enumerate(some)
    ]


def attempts(runner: Program, lines: list[str], *options: str) -> set[int]:
    """The numbers of attempts that there were."""
    runner.write("\n".join(["tasks:", *lines, ""]))
    report = runner.report(*options)["tasks"]
    assert len(report) == len(lines)
    return {task["attempts"] for task in report.values()}


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_an_exception_is_tried_again_by_each_of_its_names(raising: Program, executor: str) -> None:
    assert attempts(raising, tasks(NAMES, 'call: "raising.py:{}"'), "--executor", executor) == {2}


def test_an_exception_is_not_tried_again_by_the_name_of_another(raising: Program) -> None:
    assert attempts(raising, tasks(OTHERS, 'call: "raising.py:{}"')) == {1}


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_a_timeout_is_the_exception_that_it_is_called(raising: Program, executor: str) -> None:
    calls = tasks({"endless": OF_TIMEOUTS}, 'call: "raising.py:{}", timeout: 50ms')
    commands = tasks({"command": OF_TIMEOUTS}, "run: sleep 60, timeout: 50ms")
    assert attempts(raising, [*calls, *commands], "--executor", executor) == {2}
    others = {"endless": ["ConnectionError", "KeyError"]}
    assert attempts(raising, tasks(others, 'call: "raising.py:{}", timeout: 50ms')) == {1}
