"""Whichever process of runner is killed, no command is left running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest
from program import Program, wait_until
from watched_run import BROKE_OFF, COMMANDS, HARD_TO_END, Watched
from watching import child, ends, gone, reaped, wait_for

from runner.processes import holders


def test_if_the_runner_is_killed_nothing_is_left_when_the_program_has_ended(runner: Program) -> None:
    watched = Watched(runner, HARD_TO_END, awaited=COMMANDS)
    watched.kill("runner")
    assert watched.ended() == (-signal.SIGKILL, "", BROKE_OFF.format(name="SIGKILL"))
    assert watched.left() == []


@pytest.mark.parametrize("name", ["inner", "outer"])
def test_if_one_that_watches_is_killed_the_run_ends_in_order_and_nothing_is_left(
    runner: Program, name: str
) -> None:
    watched = Watched(runner, HARD_TO_END, "--report", "report.json", awaited=COMMANDS)
    watched.kill(name)
    code, out, err = watched.ended()
    assert code == -signal.SIGKILL
    assert err == "error: a process that watches over this run was killed: the run is ended\n"
    assert out.startswith("workflow was cancelled (run ")
    assert all(ends(pid) for pid in [watched.outer, watched.inner, watched.runner, *watched.pids.values()])
    assert (runner.folder / "report.json").exists()


@pytest.mark.parametrize("names", [("inner", "runner"), ("runner", "inner")])
def test_if_the_runner_and_the_inner_one_are_killed_the_commands_are_told_to_end(
    runner: Program, names: tuple[str, str]
) -> None:
    text = """
        tasks:
          child: {call: "spawn.py:spawn"}
          polite:
            run: |
              trap 'echo >told; exit' TERM
              echo $PPID >runner
              echo $$ >polite
              while :; do sleep 0.05; done
    """
    child = "['sh', '-c', 'echo $$ >child; sleep 1000']"
    spawn = f"import subprocess\n\ndef spawn():\n    subprocess.run({child})\n"
    runner.write(spawn, "spawn.py")
    watched = Watched(runner, text, awaited=("child", "polite"))
    os.kill(watched.outer, signal.SIGSTOP)
    for name in names:
        watched.kill(name)
    os.kill(watched.outer, signal.SIGCONT)
    code, out, err = watched.ended()
    assert (code, out) == (-signal.SIGKILL, "")
    # Who saw how it ended may have been killed before telling.
    assert err.replace(": its process was ended by SIGKILL", "") == (
        "error: the run broke off; `runner resume` goes on with it\n"
    )
    assert watched.left() == []
    assert (runner.folder / "told").exists()


def test_what_is_in_the_background_is_told_to_end_while_commands_are(runner: Program) -> None:
    text = """
        tasks:
          a:
            run: |
              env -i PATH="$PATH" setsid sh -c '(setsid sh daemon.sh &)'
              trap '' TERM
              echo $PPID >runner
              until [ -e told ]; do sleep 0.05; done
              echo >finished
    """
    daemon = "trap 'echo >told; exit' TERM; echo $$ >daemon; while :; do sleep 0.05; done\n"
    runner.write(daemon, "daemon.sh")
    watched = Watched(runner, text, awaited=("daemon",))
    os.kill(watched.outer, signal.SIGTERM)
    code, out, _ = watched.ended()
    told = "note: a process was left running in the background, it is not known by which task: "
    assert code == 143 and f"{told}{watched.pids['daemon']} sh\n" in out
    assert (runner.folder / "finished").exists()
    assert watched.left() == []


def test_a_process_whose_first_thread_has_gone_is_ended_too(runner: Program) -> None:
    program = """
        import ctypes, os, threading, time
        threading.Thread(target=time.sleep, args=[1000]).start()
        open("odd", "w").write(f"{os.getpid()}\\n")
        ctypes.CDLL(None).pthread_exit(None)
    """
    runner.write(program, "odd.py")
    text = """
        tasks:
          a:
            run: |
              echo $PPID >runner
              setsid python3 odd.py &
              until [ -s odd ]; do sleep 0.01; done
              until grep -q Z /proc/$(cat odd)/stat; do sleep 0.01; done
    """
    watched = Watched(runner, text, awaited=("odd",))
    assert watched.ended()[0] == 0
    assert reaped(watched.pids["odd"])


def test_if_all_are_killed_at_once_resume_ends_what_is_left_and_goes_on(runner: Program) -> None:
    known = ("stubborn", "session", "forked")
    watched = Watched(runner, HARD_TO_END, awaited=COMMANDS)
    watched.kill_all()
    assert ends(watched.runner)
    assert watched.left() == list(COMMANDS)
    (runner.folder / "calm").touch()
    resumed = runner("resume", "-q")
    os.kill(watched.pids["daemon"], signal.SIGKILL)
    assert resumed.code == 0, resumed.err
    assert resumed.err.startswith("ended what run ") and resumed.err.count("\n") == 1
    assert all(f"{watched.pids[name]} " in resumed.err for name in known)
    assert [name for name in watched.left() if name in known] == []
    assert resumed.out.startswith("workflow succeeded")


def test_resume_leaves_a_run_alone_that_is_still_going_on(runner: Program) -> None:
    watched = Watched(runner, HARD_TO_END, awaited=COMMANDS)
    (run,) = runner.folder.glob(".runner/runs/*")
    refused = runner("resume", run.name)
    said = f"error: run {run.name} is still going on: process {watched.runner} performs it\n"
    assert (refused.code, refused.err) == (2, said)
    assert watched.left() == list(COMMANDS)
    watched.kill("runner")
    watched.ended()


@pytest.mark.parametrize(
    ("call", "code"),
    [("lib.py:leave, with: {status: 7}", 1), ("lib.py:crash", -signal.SIGSEGV)],
)
def test_a_callable_that_ends_the_runner_ends_the_commands_and_is_no_success(
    runner: Program, call: str, code: int
) -> None:
    watched = Watched(runner, f"{HARD_TO_END}  end: {{call: {call}}}\n", awaited=COMMANDS)
    (runner.folder / "go").touch()
    assert watched.ended()[0] == code
    assert watched.left() == []
    assert not list(runner.folder.glob("core*"))


def test_an_orphan_that_ends_during_the_run_leaves_no_zombie(runner: Program) -> None:
    text = """
        tasks:
          orphan:
            run: |
              echo $PPID >runner
              (sh -c 'echo $$ >orphan; until [ -e go ]; do sleep 0.01; done' &)
              until [ -e done ]; do sleep 0.01; done
    """
    watched = Watched(runner, text, awaited=("orphan",))
    (runner.folder / "go").touch()
    assert reaped(watched.pids["orphan"])
    assert not gone(watched.runner)
    (runner.folder / "done").touch()
    assert watched.ended()[0] == 0


def test_what_has_left_the_run_altogether_is_ended_at_its_end(runner: Program) -> None:
    text = """
        tasks:
          daemon:
            run: |
              echo $PPID >runner
              env -i PATH="$PATH" setsid sh -c '(setsid sh -c "echo \\$\\$ >daemon; exec sleep 1000" &)'
              until [ -e daemon ]; do sleep 0.01; done
    """
    watched = Watched(runner, text, awaited=("daemon",))
    assert watched.ended()[0] == 0
    assert watched.left() == []


_UP = """
import pathlib, sys, time

def runs(argv):
    for told in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if told.read_bytes() == argv:
                return True
        except OSError:
            pass

while not runs(f"sleep\\0{sys.argv[1]}\\0".encode()):
    time.sleep(0.01)
"""
"""Ends once a `sleep` of so many seconds runs."""


def test_what_is_left_in_the_background_is_named_wherever_it_hides(runner: Program) -> None:
    text = """
        env: {up: PYTHON up.py}
        tasks:
          group: {run: "sleep 1001 & $up 1001"}
          session: {run: "setsid -f sleep 1002; $up 1002; echo x"}
          quiet: {run: "setsid -f sleep 1003 >/dev/null 2>&1; $up 1003"}
          each: {map: {over: [1004, 1005]}, run: "setsid -f sleep {{ item }}; $up {{ item }}"}
          stubborn: {run: "setsid -f sh -c 'trap : TERM; sleep 1006; sleep 1000'; $up 1006"}
          bare: {run: "env -i setsid -f sleep 1007; $up 1007"}
          tidy: {run: "setsid -f true"}
    """
    runner.write(_UP, "up.py")
    runner.write(text.replace("PYTHON", sys.executable))
    ended = runner("run", "-q")
    assert ended.code == 0
    notes = [re.sub(r": \d+", ": N", line) for line in ended.out.splitlines() if line.startswith("note: ")]
    named = ["group", "session", "quiet", "each[1004]", "each[1005]", "stubborn"]
    assert sorted(set(notes)) == sorted(
        [
            *(f"note: {name} left a command running in the background: N sleep" for name in named),
            "note: stubborn left a command running in the background: N sh",
            "note: a process was left running in the background, it is not known by which task: N sleep",
        ]
    )


def test_only_who_took_the_lock_of_a_run_performs_it(runner: Program) -> None:
    watched = Watched(runner, HARD_TO_END, awaited=COMMANDS)
    (run,) = runner.folder.glob(".runner/runs/*")
    assert holders([run]) == {watched.runner: watched.runner, watched.pids["forked"]: watched.runner}
    watched.kill("runner")
    watched.ended()
    assert holders([run]) == {}


@pytest.mark.parametrize(
    ("body", "code", "how"),
    [
        ("os._exit(0)", 1, "something in it ended its process with exit code 0, as `os._exit` does"),
        ("os._exit(7)", 1, "something in it ended its process with exit code 7, as `os._exit` does"),
        ("os.kill(os.getpid(), 11)", -11, "its process was ended by SIGSEGV"),
        (
            "os.closerange(3, 256)",
            1,
            "something in it closed the files that the program itself had open, as `os.closerange` does",
        ),
    ],
)
@pytest.mark.parametrize(
    ("place", "said"),
    [("    ", "broke off: {how}; `runner resume` goes on with it"), ("", "broke off before it began: {how}")],
    ids=["in a call", "at its import"],
)
def test_a_process_that_ends_without_a_word_is_no_success(
    runner: Program, body: str, code: int, how: str, place: str, said: str
) -> None:
    runner.write(f"import os\n\ndef f():\n    pass\n{place}{body}\n", "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:f'}, b: {needs: [a], run: echo never}}")
    ended = runner("run", "-q")
    assert (ended.code, ended.out) == (code, "")
    assert ended.err == f"error: the run {said.format(how=how)}\n"


def test_the_report_of_a_run_that_died_says_what_broke_off_and_what_was_not_begun(runner: Program) -> None:
    text = """
        name: flow
        tasks:
          before: {result: "1"}
          during: {needs: [before], run: "echo $PPID > runner; sleep 100"}
          after: {needs: [during], run: "true"}
    """
    watched = Watched(runner, text, awaited=())
    run_id = next((runner.folder / ".runner" / "runs").iterdir()).name
    verdict = f"flow is still running (run {run_id})"
    tasks = "succeeded  before  0ms\nrunning    during\nwaiting    after"
    live = f"{verdict}\n\n{tasks}\n\n1 running, 1 waiting, 1 succeeded\n"
    wait_until(lambda: runner("report").out == live)  # what came just now is in the record a moment later
    watched.kill("runner")
    watched.ended()
    verdict = f"flow died before its end (run {run_id})"
    tasks = "succeeded  before  0ms\nbroke off  during\nnot begun  after"
    assert runner("report").out == f"{verdict}\n\n{tasks}\n\n1 broke off, 1 not begun, 1 succeeded\n"
    table = runner("report", "--format", "markdown").out
    assert "| broke off | `during` |" in table
    assert "| not begun | `after` |" in table


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_before_the_run_begins_says_nothing_of_a_run_to_go_on_with(
    runner: Program, number: int
) -> None:
    runner.write(
        "import os, time\nopen('begun', 'w').write('yes\\n')\ntime.sleep(60)\ndef go(): pass\n", "lib.py"
    )
    runner.write("tasks: {a: {call: 'lib.py:go'}}")
    process = subprocess.Popen(
        runner.command("run", "-q"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(runner.folder / "begun")
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode in (-number, 128 + number)
    assert "broke off" not in err
    assert not list((runner.folder / ".runner").glob("runs/*"))


def test_if_the_runner_is_killed_before_the_run_begins_there_is_none_to_go_on_with(runner: Program) -> None:
    process = subprocess.Popen(
        runner.command("run", "-q", "-"),
        cwd=runner.folder,
        env=runner.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    inner = child(process.pid)
    os.kill(child(inner), signal.SIGKILL)
    out, err = process.communicate("tasks: {a: {run: 'true'}}")
    assert (process.returncode, out) == (-signal.SIGKILL, "")
    assert err == "error: the run broke off before it began: its process was ended by SIGKILL\n"
    assert not list(runner.folder.glob(".runner/runs/*"))


def test_a_run_that_is_killed_while_it_is_resumed_is_one_to_go_on_with(runner: Program) -> None:
    runner.write(
        "import os, time\nos.path.exists('go') and os.kill(os.getpid(), 9)\ndef f(): 1 / 0\n", "lib.py"
    )
    runner.write("tasks: {a: {call: 'lib.py:f'}}")
    assert runner("run", "-q").code == 1
    (runner.folder / "go").touch()
    ended = runner("resume", "-q")
    assert (ended.code, ended.err) == (-signal.SIGKILL, BROKE_OFF.format(name="SIGKILL"))


def test_what_was_under_way_is_done_again_for_that_and_not_for_what_it_needs(runner: Program) -> None:
    text = """
        tasks:
          before: {run: echo before}
          during: {needs: [before], run: "echo $PPID > runner; test -e calm || sleep 100"}
    """
    watched = Watched(runner, text, awaited=())
    watched.kill("runner")
    watched.ended()
    (runner.folder / "calm").touch()
    said = runner("resume", "--explain", "--no-progress").err
    assert "rerun           during: it was under way when the run broke off\n" in said
    assert "reused           before: " in said
