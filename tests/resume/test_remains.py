"""What a death at the beginning or the end of a run leaves: an empty folder, reports that are not written."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess

import pytest
from program import Program, wait_until
from watching import PATIENCE, ends, wait_for


def killed_before_it_begins(runner: Program) -> None:
    """A run that is killed while it imports a callable: its folder is there, and nothing in it."""
    (runner.folder / "die").touch()
    runner.write(
        """
        import os, signal
        if os.path.exists("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        def go(): pass
        """,
        "dying_module.py",
    )
    runner.write("tasks: {one: {call: 'dying_module.py:go'}}")
    assert runner("run").code == -signal.SIGKILL
    (folder,) = runner.folder.glob(".runner/runs/*")
    assert runner("runs").err == "no run is recorded in .runner\n"
    os.utime(folder, (1, 1))
    (runner.folder / "die").unlink()


@pytest.mark.parametrize("arguments", [("run", "-q"), ("runs", "--prune", "100")])
def test_the_folder_of_a_run_that_never_began_is_taken_away(
    runner: Program, arguments: tuple[str, ...]
) -> None:
    killed_before_it_begins(runner)
    (folder,) = runner.folder.glob(".runner/runs/*")
    assert runner(*arguments).code == 0
    assert not folder.exists()


def test_that_of_a_run_that_died_is_not(runner: Program) -> None:
    runner.write("tasks: {a: {run: kill -9 $PPID}}")
    runner("run", "-q")
    (folder,) = runner.folder.glob(".runner/runs/*")
    os.utime(folder, (1, 1))
    runner("run", "-q")
    assert folder.exists()


def killed_before_its_report(runner: Program, text: str) -> None:
    """A run that is killed while it waits for somebody to read its report."""
    runner.write(text)
    os.mkfifo(runner.folder / "report.json")
    process = subprocess.Popen(
        runner.command("run", "--report", "json=report.json"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    wait_until(lambda: '"succeeded"' in runner("runs", "--format", "json").out)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (runner.folder / "report.json").unlink()


def test_a_run_that_succeeded_and_died_before_its_reports_is_reported_and_nothing_else(
    runner: Program,
) -> None:
    killed_before_its_report(
        runner,
        """
        tasks: {a: {run: echo >>witness}}
        reports: [{to: "{{ run.id }}.md"}]
        """,
    )
    (run,) = (path.name for path in runner.folder.glob(".runner/runs/*"))
    ended = runner("resume")
    assert (ended.code, ended.err) == (0, f"nothing to do but to report: run {run} has succeeded\n")
    assert ended.out.startswith("workflow succeeded")
    assert json.loads((runner.folder / "report.json").read_text())["run"]["status"] == "succeeded"
    assert (runner.folder / f"{run}.md").exists()
    assert (runner.folder / "witness").read_text() == "\n"
    assert runner("resume").err == "nothing to do: every run has succeeded\n"


def test_a_report_that_could_not_be_written_is_owed_until_it_is(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'true'}}")
    (runner.folder / "out").write_text("a file, no folder")
    assert runner("run", "-q", "--report", "out/report.md").code == 1
    assert runner("resume").code == 1
    (runner.folder / "out").unlink()
    assert runner("resume").code == 0
    assert (runner.folder / "out" / "report.md").exists()


STRACE = ("strace", "-f", "-qq", "-y", "-e", "trace=pwrite64", "-o", "writes")


def traced(runner: Program, *options: str) -> int:
    """Run under strace, which notes each write to a database; the exit code."""
    command = [*STRACE, *options, *runner.command("run", "-q")]
    done = subprocess.run(
        command, cwd=runner.folder, env=runner.environment, capture_output=True, check=False
    )
    return done.returncode


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace kills at a write")
@pytest.mark.parametrize("before_the_last", [2, 3, 4, 5])
def test_a_run_that_dies_while_its_record_is_closed_is_read_and_resumed(
    runner: Program, before_the_last: int
) -> None:
    runner.write("tasks: {a: {run: 'echo >>witness'}}")
    assert traced(runner) == 0
    writes = (runner.folder / "writes").read_text().splitlines()
    last = max(number for number, line in enumerate(writes, 1) if "/run.sqlite" in line)
    shutil.rmtree(runner.folder / ".runner")
    (runner.folder / "witness").unlink()
    kill = f"inject=pwrite64:signal=KILL:when={last - before_the_last}"
    # How many writes there are varies a little with what is committed together.
    assert traced(runner, "-e", kill) in (-signal.SIGKILL, 0)
    (run,) = json.loads(runner("runs", "--format", "json").out)
    assert run["status"] in ("succeeded", "died")
    assert runner("resume", "-q").code == 0
    assert (runner.folder / "witness").read_text() == "\n"


def test_a_signal_while_a_resume_ends_what_was_left_kills_it(runner: Program) -> None:
    runner.write("""
        tasks:
          a: {run: "trap 'echo >told' TERM; echo $$ >pid; while :; do sleep 0.05 || :; done"}
    """)
    died = subprocess.Popen(
        runner.command("run", "-q"), cwd=runner.folder, env=runner.environment, start_new_session=True
    )
    pid = int(wait_for(runner.folder / "pid"))
    os.killpg(died.pid, signal.SIGKILL)
    died.wait()
    resume = subprocess.Popen(
        runner.command("resume"), cwd=runner.folder, env=runner.environment, stderr=subprocess.PIPE
    )
    wait_for(runner.folder / "told")
    resume.send_signal(signal.SIGINT)
    _, err = resume.communicate(timeout=PATIENCE)
    assert (resume.returncode, err.decode()) == (
        130,
        "stopping: what the run had left running was killed\ninterrupted by Ctrl-C before anything began\n",
    )
    assert ends(pid)
