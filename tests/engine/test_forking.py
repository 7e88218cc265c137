"""Callables that start processes: these are their own masters, and end with the program."""

from __future__ import annotations

import pytest
from program import Program
from watching import ends

library = """
import atexit, multiprocessing, os, time

pool = None

def keep_a_pool():
    global pool
    pool = multiprocessing.get_context("fork").Pool(1)
    return pool.map(abs, [-1])

def terminate():
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,))
    process.start()
    process.terminate()
    process.join()
    return process.exitcode

def leave_a_pool():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map_async(time.sleep, [1000])
    return "left"

def leave_a_child():
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,))
    process.start()
    open("pid", "w").write(str(process.pid))

def fork_until_all_is_done():
    children = [os.fork() or wait_for_the_end() for _ in range(100)]
    return [os.waitpid(child, 0)[1] for child in children]

def masks():
    import signal

    told, tell = os.pipe()

    def say():
        os.write(tell, bytes(len(signal.pthread_sigmask(signal.SIG_BLOCK, ())) for _ in "x"))

    say()
    if os.fork() == 0:
        say()
        if os.fork() == 0:
            say()
        else:
            os.wait()
        os._exit(0)
    os.wait()
    return list(os.read(told, 10))

def wait_for_the_end():
    while not os.path.exists("done"):
        time.sleep(0.05)
    os._exit(0)

def fork(ends):
    with open("performed", "a") as performed:
        print(ends, file=performed)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ends == "return":
        return "of a child"
    raise SystemExit(3) if ends == "exit" else ValueError(ends)

def sleep_at_exit():
    atexit.register(time.sleep, 1000)
"""


@pytest.fixture
def called(runner: Program) -> Program:
    runner.write(library, "lib.py")
    return runner


@pytest.mark.parametrize(
    ("name", "result"), [("keep_a_pool", [1]), ("terminate", -15), ("leave_a_pool", "left")]
)
def test_processes_of_a_callable_work_as_they_do_elsewhere(
    called: Program, name: str, result: object
) -> None:
    called.write(f"tasks: {{it: {{call: 'lib.py:{name}'}}}}")
    assert called.report()["tasks"]["it"]["result"] == result


def test_what_a_callable_leaves_running_ends_with_the_program(called: Program) -> None:
    called.write("tasks: {it: {call: 'lib.py:leave_a_child'}, exit: {call: 'lib.py:sleep_at_exit'}}")
    assert called("run").code == 0
    assert ends(int((called.folder / "pid").read_text()))


def test_commands_that_start_while_a_callable_forks_do_not_wait_for_its_children(called: Program) -> None:
    called.write(
        """
        tasks:
          forks: {call: "lib.py:fork_until_all_is_done"}
          commands: {map: {over: "{{ range(300) }}"}, run: "true"}
          done: {needs: [commands], run: touch done}
        """
    )
    assert called.report("-j8")["tasks"]["forks"]["result"] == [0] * 100


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_a_child_that_comes_back_from_a_callable_performs_nothing_more(
    called: Program, executor: str
) -> None:
    called.write(
        f"""
        pool: {{executor: {executor}}}
        tasks:
          it: {{map: {{over: [return, exit, raise]}}, call: "lib.py:fork", with: {{ends: "{{{{ item }}}}"}}}}
        """
    )
    assert called.report()["tasks"]["it"]["results"] == [0, 3, 1]
    assert sorted((called.folder / "performed").read_text().split()) == ["exit", "raise", "return"]


@pytest.mark.parametrize("executor", ["thread", "inline", "process"])
def test_no_signal_is_blocked_in_what_a_callable_forks_and_that_forks(called: Program, executor: str) -> None:
    called.write(f"""
        pool: {{executor: {executor}}}
        tasks:
          it: {{call: "lib.py:masks"}}
    """)
    assert called.report()["tasks"]["it"]["result"] == [0, 0, 0]
