"""A run in a program that is not ours leaves it its streams, signals, processes and its end."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from hosts import SLOW, Folder, Script, sleepers
from program import Ended, Program, wait_until

from runner import ItemStarted, Result, Status, TaskSettled, UserError, run
from runner.processes import living

SPEAKING = """
    import logging, sys

    def speak():
        print("from the task")
        sys.stdout.buffer.write(b"bytes\\n")
        print("aside", file=sys.stderr)
        logging.getLogger("lib").info("logged")
        return sys.stdout.isatty()
"""


class Cell(io.StringIO):
    """A stream as a notebook has it: a terminal to some, and without a descriptor."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


# Streams ------------------------------------------------------------------------------------------


def test_what_tasks_print_goes_to_their_logs_and_all_else_where_it_went(
    here: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Cell(), Cell()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    here.write(SPEAKING, "speaking.py")
    here.write("tasks: {a: {call: 'speaking.py:speak'}, b: {needs: [a], run: 'echo b; echo c >&2'}}")
    with run("workflow.yml") as going:
        for event in going:
            if isinstance(event, TaskSettled):
                print(event.address, sys.stdout.isatty(), file=sys.stdout)
                print("aside", file=sys.stderr)
        result = going.result()
    assert (sys.stdout, sys.stderr) == (out, err)
    assert (out.getvalue(), err.getvalue()) == ("a True\nb True\n", "aside\naside\n")
    assert result["a"].output == "from the task\nbytes\naside\n"
    assert (result["a"].result, result["b"].output) == (False, "b\nc\n")


def test_a_stream_that_the_program_puts_there_meanwhile_stays(
    here: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Cell())
    here.write("tasks: {a: {run: echo}}")
    going = run("workflow.yml")
    next(going)
    sys.stdout = theirs = Cell()
    going.result()
    assert sys.stdout is theirs


def test_a_redirection_around_a_run_is_left_as_it_was_found(here: Folder) -> None:
    here.write("tasks: {a: {run: echo}}")
    before = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        run("workflow.yml").result()
        print("here")
    assert (sys.stdout, caught.getvalue()) == (before, "here\n")


def test_logging_is_as_before_and_what_the_program_logs_goes_where_it_went(script: Script) -> None:
    script.write(SPEAKING, "speaking.py")
    script.write("tasks: {a: {call: 'speaking.py:speak'}}")
    ended = script.run("""
        import logging
        from runner import run

        going = run("workflow.yml")
        for event in going:
            logging.getLogger("own").info("not to be seen")
        print(going.result()["a"].output)
        logging.getLogger("own").info("nor this")
        logging.getLogger("own").warning("seen")
        assert logging.getLogger().level == logging.WARNING
    """)
    assert ended == Ended(0, "from the task\nbytes\naside\nINFO:lib:logged\n\n", "seen\n")


def test_a_stream_of_results_can_be_piped_and_no_descriptor_is_moved(script: Script) -> None:
    script.write("import os\n\ndef raw():\n    os.write(1, b'raw\\n')\n", "raw.py")
    script.write("tasks: {a: {call: 'raw.py:raw'}, b: {run: echo b}}")
    ended = script.run("""
        import os
        from runner import run

        before = os.fstat(0), os.fstat(1), os.fstat(2)
        print(run("workflow.yml").result().status)
        assert before == (os.fstat(0), os.fstat(1), os.fstat(2))
    """)
    assert ended == Ended(0, "raw\nsucceeded\n", "")


# Threads ------------------------------------------------------------------------------------------


def test_runs_go_on_at_once_in_several_threads_and_one_after_another(here: Folder) -> None:
    here.write(SPEAKING, "speaking.py")
    here.write("""
        params: {n: 0}
        tasks:
          a: {map: {over: "{{ range(20) }}"}, call: "speaking.py:speak"}
          b: {needs: [a], run: "echo {{ params.n }}"}
    """)
    before = sys.stdout, sys.stderr, logging.root.level
    found: list[Result] = []

    def both(n: int) -> None:
        found.extend(run("workflow.yml", {"n": n + more}).result().check() for more in (0, 1))

    threads = [threading.Thread(target=both, args=(n,)) for n in (10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(it["b"].result for it in found) == ["10", "11", "20", "21", "30", "31"]
    assert all(it["a[7]"].output.startswith("from the task\nbytes\n") for it in found)
    assert len({it.id for it in found}) == 6
    assert (sys.stdout, sys.stderr, logging.root.level) == before


def test_events_are_told_while_it_goes_on_and_a_slow_loop_slows_it(here: Folder) -> None:
    here.write("tasks: {a: {map: {over: '{{ range(3000) }}', max_parallel: 1}, run: 'touch {{ item }}'}}")
    with run("workflow.yml") as going:
        next(going)
        wait_until(lambda: len(list(here.path.iterdir())) > 20)
    assert 10 < going.result()["a"].counts.succeeded < 1000


def test_the_result_may_be_asked_for_in_the_middle_of_the_events(here: Folder) -> None:
    here.write("tasks: {a: {map: {over: '{{ range(500) }}'}, result: '{{ item }}'}}")
    going = run("workflow.yml")
    for _ in going:
        assert len(going.result()["a"].results) == 500
    assert list(going) == [] and going.result() is going.result()


# Leaving ------------------------------------------------------------------------------------------


@pytest.fixture
def slow(here: Folder) -> Iterator[Folder]:
    here.write(SLOW)
    yield here
    assert sleepers(here.path) == []


def test_leaving_a_with_ends_the_run_in_order(slow: Folder) -> None:
    with run("workflow.yml") as going:
        next(going)
        wait_until((slow.path / "begun").exists)
    result = going.result()
    assert (result.status, result.exit_code) == (Status.CANCELLED, 1)
    assert [it.status.value for it in result.tasks.values()] == ["cancelled"] * 3
    assert result["a"].reason == "stopped by the program"


def test_an_error_in_the_loop_ends_the_run_and_is_the_program_s(slow: Folder) -> None:
    with pytest.raises(ZeroDivisionError), run("workflow.yml") as going:
        for _ in going:
            raise ZeroDivisionError
    assert going.result().status is Status.CANCELLED


def test_a_run_that_is_let_go_ends(slow: Folder) -> None:
    for event in run("workflow.yml"):
        if isinstance(event, ItemStarted):
            break
    gc.collect()
    wait_until(lambda: not any(it.name.startswith("runner-2") for it in threading.enumerate()))


def test_a_run_that_was_closed_before_it_began_leaves_nothing(here: Folder) -> None:
    here.write("tasks: {a: {run: touch ran}}")
    with run("workflow.yml") as going:
        assert repr(going) == f"<Run {going.id} has not begun>"
    assert repr(going) == f"<Run {going.id} was closed before it began>"
    assert list(going) == [] and here.runs() == []
    with pytest.raises(UserError, match=r"run .* was closed before it began: it has no result"):
        going.result()


def test_a_run_that_nobody_asks_for_is_warned_of(here: Folder) -> None:
    here.write("tasks: {a: {run: touch ran}}")
    with pytest.warns(RuntimeWarning, match=r"run .* never began: nobody asked for its result\(\) or events"):
        run("workflow.yml")
    assert here.runs() == [] and not (here.path / "ran").exists()


def test_the_end_of_the_program_ends_runs_that_it_has_left(script: Script) -> None:
    script.write(SLOW)
    ended = script.run("""
        from runner import ItemStarted, run

        going = run("workflow.yml")
        while not isinstance(next(going), ItemStarted):
            pass
        print(going.id)
    """)
    assert (ended.code, ended.err) == (0, "")
    assert f"{ended.out.strip()}  cancelled" in script("runs").out
    assert sleepers(script.folder) == []


# Processes ----------------------------------------------------------------------------------------


def test_no_process_is_ended_that_the_run_has_not_started(here: Folder) -> None:
    own = subprocess.Popen(["sleep", "600"], cwd="/")
    try:
        here.write(
            """
            import subprocess

            def start():
                return subprocess.Popen(["sleep", "600"], cwd="/").pid
        """,
            "starting.py",
        )
        here.write("""
            tasks:
              a: {call: "starting.py:start"}
              left: {run: "setsid sleep 600 & echo $!"}
              stop: {needs: [a, left], run: sleep 600}
        """)
        going = run("workflow.yml")
        for event in going:
            if isinstance(event, ItemStarted) and event.address == "stop":
                going.close()
        result = going.result()
        started = int(result["a"].result)
        assert own.poll() is None and started in living()
        assert int(result["left"].result) not in living()
        assert any("left a command running in the background" in text for text in result.notices)
        os.kill(started, signal.SIGKILL)
    finally:
        own.kill()
        own.wait()


def test_a_run_inside_of_a_task_of_another_leaves_that_one_alone(runner: Program) -> None:
    runner.write("tasks: {in: {run: 'echo inner; sleep 0.01 &'}}", "inner.yml")
    runner.write(
        """
        from runner import run

        def nested(folder):
            print("before")
            result = run("inner.yml", state=folder).result().check()
            print("after")
            return result["in"].output
        """,
        "nesting.py",
    )
    runner.write("""
        tasks:
          beside: {run: "until test -e done; do sleep 0.01; done; echo beside"}
          a: {call: "nesting.py:nested", with: {folder: inner}}
          b: {needs: [a], run: touch done}
        outputs: {a: "{{ tasks.a.result }}", beside: "{{ tasks.beside.result }}"}
    """)
    report = runner.report()
    assert report["outputs"] == {"a": "inner\n", "beside": "beside"}
    assert runner("logs", "a").out == "before\nafter\n"
