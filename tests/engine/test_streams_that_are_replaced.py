"""What callables put in the place of `sys.stdout` and `sys.stderr`, and leave there."""

from __future__ import annotations

import pytest
from program import Program

LIBRARY = """
import contextlib, io, sys, threading, time

inside, both, apart = threading.Event(), threading.Event(), threading.Event()

def first():
    with contextlib.redirect_stdout(io.StringIO()):
        inside.set()
        both.wait()
    apart.set()

def second():
    inside.wait()
    with contextlib.redirect_stdout(io.StringIO()):
        both.set()
        apart.wait()

def leave():
    sys.stdout, sys.stderr = io.StringIO(), None
    print("nowhere")

def hold():
    with contextlib.redirect_stdout(io.StringIO()):
        apart.wait()

def take_away():
    del sys.stdout

def say():
    print("out")
    print("err", file=sys.stderr)

class Wrapper:
    def __init__(self, stream):
        self.stream = stream
    def write(self, text):
        return self.stream.write(text)
    def flush(self):
        pass

def wrap(n):
    if not isinstance(sys.stdout, Wrapper):
        sys.stdout, sys.stderr = Wrapper(sys.stdout), Wrapper(sys.stderr)
    print("out", n)
    print("err", n, file=sys.stderr)

def say_twice(n):
    print("once", n)
    time.sleep(0.005)
    print("twice", n)
"""

LOUD = """
import sys

class Loud:
    def __init__(self, stream):
        self.stream = stream
    def write(self, text):
        return self.stream.write(text.upper())
    def flush(self):
        pass

sys.stdout = Loud(sys.stdout)

def say():
    print("out")
"""

SAID = "==> later <==\nout\n==> later (stderr) <==\nerr\n"


@pytest.fixture
def saying(runner: Program) -> Program:
    runner.write(LIBRARY, "lib.py")
    runner.write(LOUD, "loud.py")
    return runner


def test_two_calls_that_redirect_side_by_side_take_nothing_of_what_comes_later(saying: Program) -> None:
    saying.write("""
        tasks:
          first: {call: "lib.py:first"}
          second: {call: "lib.py:second"}
          later: {needs: [first, second], call: "lib.py:say"}
    """)
    assert saying("run", "-q").code == 0
    assert saying("logs", "later").out == SAID


@pytest.mark.parametrize("executor", ["thread", "inline", "process", "concurrent.futures:ThreadPoolExecutor"])
@pytest.mark.parametrize("function", ["leave", "take_away"])
def test_what_a_call_leaves_there_is_taken_away(saying: Program, executor: str, function: str) -> None:
    saying.write(f"""
        pool: {{max_workers: 1, executor: "{executor}"}}
        tasks:
          leave: {{call: "lib.py:{function}"}}
          later: {{needs: [leave], call: "lib.py:say"}}
    """)
    assert saying("run", "-q").code == 0
    assert saying("logs", "later").out == SAID


def test_what_is_taken_away_while_others_print_in_it_stays_as_long_as_they_do(saying: Program) -> None:
    saying.write("""
        tasks:
          wrap: {map: {over: "{{ range(40) }}"}, call: "lib.py:wrap", with: {n: "{{ item }}"}}
          say: {map: {over: "{{ range(60) }}"}, call: "lib.py:say_twice", with: {n: "{{ item }}"}}
    """)
    assert saying("run", "-q").code == 0
    assert saying("logs", "say[7]").out == "once 7\ntwice 7\n"


def test_what_a_call_that_is_given_up_holds_takes_nothing_of_what_comes_later(saying: Program) -> None:
    saying.write("""
        tasks:
          hold: {call: "lib.py:hold", timeout: 100ms, allow_failure: true}
          later: {needs: [hold], call: "lib.py:say"}
    """)
    assert saying("run", "-q").code == 0
    assert saying("logs", "later").out == SAID


@pytest.mark.parametrize("executor", ["thread", "inline", "process"])
def test_what_a_module_puts_there_stays(saying: Program, executor: str) -> None:
    saying.write(f"""
        pool: {{max_workers: 1, executor: {executor}}}
        tasks:
          first: {{call: "loud.py:say"}}
          later: {{needs: [first], call: "loud.py:say"}}
    """)
    assert saying("run", "-q").code == 0
    assert saying("logs", "later").out == "OUT\n"
