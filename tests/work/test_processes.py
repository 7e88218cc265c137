"""A command is ended with everything that it started, and nobody is waited for longer than needed."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner import processes
from runner.work import left_behind
from runner.work.command import Ended, run
from runner.work.halt import Halt
from runner.work.launch import Command, StartFailure
from runner.work.left_behind import end_left_behind

WAIT = 60.0


class Yard:
    """Runs commands in a folder; they tell of themselves through named pipes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run_id = f"yard-{os.getpid()}-{folder.name}"
        self.env = {**os.environ, "RUNNER_RUN_ID": self.run_id}
        self.numbers = itertools.count()

    def run(
        self, script: str, halt: Halt | None = None, timeout: float | None = None, **options: object
    ) -> Ended:
        env = {**self.env, "RUNNER_COMMAND": str(next(self.numbers))}
        command = Command(["bash", "-c", script], env, str(self.folder), **options)  # type: ignore[arg-type]
        return self.start(command, halt, timeout)

    def start(self, command: Command, halt: Halt | None = None, timeout: float | None = None) -> Ended:
        output = os.open(self.folder / "output", os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            return run(command, output, output, halt or Halt(), timeout)
        finally:
            os.close(output)

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def pids(self) -> list[int]:
        """The numbers that the commands have written to the file `pids`."""
        return [int(line) for line in (self.folder / "pids").read_text().split()]

    def signpost(self, name: str = "ready") -> Callable[[], str]:
        """A named pipe; the function returned waits until a command has written a line to it."""
        os.mkfifo(self.folder / name)
        return (self.folder / name).read_text


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    yield yard
    halt = Halt()
    halt.kill()
    end_left_behind(yard.run_id, halt)


each_way = pytest.mark.parametrize(
    "way", ["", "import sys; sys.modules['_ctypes'] = None"], ids=["c library", "subprocess"]
)
"""How commands are started: where `_ctypes` is missing, as where the C library is another one."""


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if processes.look_up(pid) is not None]


def when(ready: Callable[[], str], then: Callable[[], None]) -> threading.Thread:
    def wait() -> None:
        ready()
        then()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


# Its own end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "code"),
    [("true", 0), ("exit 3", 3), ("kill -KILL $$", 137), ("kill -TERM $$", 143), ("exit 255", 255)],
)
def test_the_exit_code_is_that_of_a_shell(script: str, code: int, yard: Yard) -> None:
    assert yard.run(script) == Ended(code)


def test_a_command_leads_a_session_and_has_no_terminal(yard: Yard) -> None:
    assert yard.run(
        'test "$(ps -o pid=,pgid=,sid= -p $$ | xargs -n1 | sort -u | wc -l)" = 1; echo $?'
    ) == Ended(0)
    assert yard.run("exec 3<>/dev/tty").exit_code == 1
    assert yard.output().startswith("0\n")


def test_stdin_is_empty_unless_something_is_given(yard: Yard) -> None:
    (yard.folder / "given").write_bytes(b"from a file")
    yard.run("cat; echo -n '|'")
    yard.run("cat; echo -n '|'", stdin=b"\0\xff" * 3)
    yard.run("cat; echo -n '|'", stdin_file=str(yard.folder / "given"))
    assert (yard.folder / "output").read_bytes() == b"|\0\xff\0\xff\0\xff|from a file|"


def test_a_large_stdin_that_nobody_reads_is_no_trouble(yard: Yard) -> None:
    assert yard.run("true", stdin=b"x" * 10_000_000) == Ended(0)
    assert yard.run("wc -c", stdin=b"x" * 10_000_000) == Ended(0)
    assert yard.output() == "10000000\n"


def test_signals_that_the_worker_blocks_or_python_ignores_reach_a_command(yard: Yard) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1})
    try:
        assert yard.run("kill -TERM $$; exit 5") == Ended(143)
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) >= {signal.SIGTERM, signal.SIGUSR1}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert yard.run("kill -PIPE $$; exit 5") == Ended(141)


# What it leaves behind ------------------------------------------------------------------------------


def test_a_grandchild_that_keeps_the_output_open_is_not_waited_for(yard: Yard) -> None:
    ended = yard.run("sleep 1000 & echo $! >pids; echo done")
    assert (ended.exit_code, yard.output()) == (0, "done\n")
    assert [(left.pid, left.name) for left in ended.left_behind] == [(yard.pids()[0], "sleep")]


def test_what_ends_by_itself_soon_is_not_left_behind(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_behind, "linger", 60.0)  # soon enough on a busy machine, too
    assert yard.run("echo last > >(sleep 0.01; cat)") == Ended(0)
    assert yard.output() == "last\n"


@pytest.mark.parametrize(
    "hide",
    [
        "sleep 1000",
        "env -i sleep 1000",
        "setsid sleep 1000",
        "setsid setsid sleep 1000",
        "setsid sh -c 'sleep 1000 & echo $! >>pids; exit'",
        "sh -c 'trap \"\" TERM; sleep 1000; sleep 1000'",
    ],
)
def test_what_is_left_behind_ends_with_the_run(hide: str, yard: Yard) -> None:
    ready = yard.signpost()
    yard.run(f"({hide}) & echo $! >>pids; echo go >ready &")
    ready()
    found = processes.survivors([], [b"RUNNER_RUN_ID=" + yard.run_id.encode()])
    if "env -i" not in hide:
        assert found != []
    halt = Halt()
    if "trap" in hide:
        halt.kill()
    ended = end_left_behind(yard.run_id, halt)
    assert any("sleep" in one or "sh" in one for one in ended)
    assert alive([*yard.pids(), *(process.pid for process in found)]) == []
    assert end_left_behind(yard.run_id, Halt()) == ()


# Timeouts and halts ---------------------------------------------------------------------------------

TREES = {
    "a child": "sleep 1000 & echo $! >>pids; echo $$ >>pids; {then}; wait",
    "a group of its own": "set -m; sleep 1000 & echo $! >>pids; {then}; wait",
    "a session of its own": "setsid sh -c 'echo $$ >>pids; exec sleep 1000' & {then}; wait",
    "an orphan": "(sleep 1000 & echo $! >>pids); {then}; sleep 1000",
    "a hidden orphan": "(setsid sh -c 'echo $$ >>pids; exec sleep 1000' &); {then}; sleep 1000",
    "a stopped child": "sleep 1000 & echo $! >>pids; kill -STOP $!; {then}; wait",
}


@pytest.mark.parametrize("tree", TREES)
def test_a_halt_ends_the_whole_tree(tree: str, yard: Yard) -> None:
    ready, halt = yard.signpost(), Halt()
    script = TREES[tree].format(then="until test -s pids; do sleep 0.01; done; echo up >ready")
    thread = when(ready, lambda: halt.stop("enough"))
    assert yard.run(script, halt) == Ended(143, "halt")
    thread.join()
    assert yard.pids() != []
    assert alive(yard.pids()) == []


def test_a_timeout_ends_the_whole_tree(yard: Yard) -> None:
    assert yard.run(TREES["a hidden orphan"].format(then=":"), timeout=2) == Ended(143, "timeout")
    assert alive(yard.pids()) == []


@pytest.mark.parametrize("answer", [":", "echo no"])
def test_who_ignores_term_is_killed_after_the_grace(
    answer: str, yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "grace", 0.3)
    stay = f"trap '{answer}' TERM; echo $$ >>pids; while :; do sleep 1; done"
    (yard.folder / "stay.sh").write_text(stay)
    ended = yard.run(f"setsid sh stay.sh & {stay}", timeout=2)
    assert ended == Ended(137, "timeout")
    assert len(yard.pids()) == 2
    assert alive(yard.pids()) == []


def test_a_command_may_use_its_grace_to_tidy_up(yard: Yard) -> None:
    ready, halt = yard.signpost(), Halt()
    script = "trap 'sleep 0.2; echo tidied; exit 7' TERM; echo up >ready; while :; do sleep 0.01; done"
    thread = when(ready, halt.stop)
    assert yard.run(script, halt) == Ended(7, "halt")
    thread.join()
    assert yard.output().endswith("tidied\n")


def test_a_child_may_outlive_its_parent_to_tidy_up(yard: Yard) -> None:
    ready, halt = yard.signpost(), Halt()
    child = 'trap "sleep 0.2; echo tidied; exit" TERM; echo up >ready; while :; do sleep 0.01; done'
    script = f"sh -c '{child}' & wait"
    thread = when(ready, halt.stop)
    assert yard.run(script, halt) == Ended(143, "halt")
    thread.join()
    assert yard.output().endswith("tidied\n")


def test_what_is_seen_only_later_may_tidy_up_too_if_it_was_there_before(yard: Yard) -> None:
    ready = yard.signpost()
    script = "trap 'echo tidied; exit' TERM; echo >ready; while :; do sleep 0.01; done"
    with open(yard.folder / "output", "w") as output:
        child = subprocess.Popen(["bash", "-c", script], cwd=yard.folder, stdout=output)
    ready()
    process = processes.look_up(child.pid)
    assert process is not None
    while processes.ticks() <= process.started:
        pass
    nothing_at_first = iter([[]])
    ended = processes.end(lambda: next(nothing_at_first, processes.still_living([process])), None, None, WAIT)
    assert (ended, child.wait()) == ([process], 0)
    assert yard.output() == "tidied\n"


def test_a_second_halt_kills_at_once(yard: Yard) -> None:
    ready, stopped, halt = yard.signpost(), yard.signpost("stopped"), Halt()
    script = "trap 'echo no >stopped' TERM; echo $$ >pids; echo up >ready; while :; do sleep 0.01; done"
    threads = [when(ready, lambda: halt.stop("first")), when(stopped, lambda: halt.kill("second"))]
    began = time.monotonic()
    assert yard.run(script, halt) == Ended(137, "halt")
    assert time.monotonic() - began < processes.grace
    for thread in threads:
        thread.join()
    assert (halt.state, halt.reason) == ("killing", "first")
    assert alive(yard.pids()) == []


def test_a_kill_needs_no_stop_before_it(yard: Yard) -> None:
    ready, halt = yard.signpost(), Halt()
    thread = when(ready, halt.kill)
    assert yard.run("trap '' TERM; echo up >ready; while :; do sleep 0.01; done", halt) == Ended(137, "halt")
    thread.join()


def test_a_halt_before_the_start_counts(yard: Yard) -> None:
    halt = Halt()
    halt.stop("too late")
    assert yard.run("sleep 1000", halt) == Ended(143, "halt")


def test_a_timeout_spares_the_other_commands_of_the_run(yard: Yard) -> None:
    ready, ended = yard.signpost(), []
    os.mkfifo(yard.folder / "go")
    other = threading.Thread(
        target=lambda: ended.append(yard.run("echo up >ready; read -r line <go; exit 9"))
    )
    other.start()
    ready()
    assert yard.run("setsid sleep 1000 & sleep 1000", timeout=0.1) == Ended(143, "timeout")
    (yard.folder / "go").write_text("go\n")
    other.join()
    assert ended == [Ended(9)]


def test_one_halt_may_end_many_commands(yard: Yard) -> None:
    halt, ended = Halt(), []
    ready = [yard.signpost(str(number)) for number in range(4)]
    threads = [
        threading.Thread(
            target=lambda number=number: ended.append(yard.run(f"echo up >{number}; sleep 1000", halt))
        )
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for up in ready:
        up()
    halt.stop()
    for thread in threads:
        thread.join()
    assert ended == [Ended(143, "halt")] * 4


def test_a_signal_handler_may_halt(tmp_path: Path) -> None:
    program = f"""
import os, signal
from runner.work.command import Command, run
from runner.work.halt import Halt
halt = Halt()
signal.signal(signal.SIGINT, lambda *_: halt.kill("interrupted"))
command = Command(["sh", "-c", "kill -INT $PPID; exec sleep 1000"], dict(os.environ), {str(tmp_path)!r})
print(run(command, 1, 2, halt), halt.reason)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "Ended(exit_code=137, cause='halt', left_behind=()) interrupted\n"


def test_where_processes_cannot_be_watched_the_group_is_still_ended(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.setattr(processes, "grace", 0.3)
    assert yard.run("sleep 0.1; exit 3", timeout=WAIT) == Ended(3)
    script = "trap '' TERM; sleep 1000 & echo $! >pids; echo $$ >>pids; wait; sleep 1000"
    assert yard.run(script, timeout=2) == Ended(137, "timeout")
    monkeypatch.undo()
    known = [process for process in map(processes.look_up, yard.pids()) if process is not None]
    processes.wait_until_gone(known, WAIT)
    assert alive(yard.pids()) == []


def test_no_descriptor_is_left_open(yard: Yard) -> None:
    def use_all() -> list[str]:
        for _ in range(3):
            yard.run("true", stdin=b"x")
            yard.run("true")
            yard.run("sleep 1000 & sleep 1000", timeout=0.05)
            with pytest.raises(StartFailure):
                yard.start(Command(["no-such-program"], {}, str(yard.folder)))
        return sorted(os.listdir("/proc/self/fd"))

    assert use_all() == use_all()


def test_whoever_looks_sees_who_lives_though_others_look_at_the_same_time() -> None:
    def look() -> list[bool]:
        seen = []
        for _ in range(20):
            child = subprocess.Popen(["sleep", "1000"])
            seen.append(child.pid in processes.living())
            child.kill()
            child.wait()
            seen.append(child.pid not in processes.living())
        return seen

    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(look) for _ in range(8)]
    assert all(all(each.result()) for each in found)


def test_a_fork_while_others_look_can_look_itself() -> None:
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            processes.living()

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(look)
        codes = []
        for _ in range(20):
            child = os.fork()
            if not child:
                os._exit(0 if os.getpid() in processes.living() else 1)
            codes.append(os.waitpid(child, 0)[1])
        stop.set()
    assert codes == [0] * 20


# Starting -------------------------------------------------------------------------------------------


@each_way
def test_a_command_inherits_three_streams_and_nothing_else(way: str, yard: Yard) -> None:
    program = f"""
        {way}
        import os, signal, sys
        from runner.work.command import run
        from runner.work.halt import Halt
        from runner.work.launch import Command
        os.open("/", os.O_RDONLY)
        os.set_inheritable(os.open("/", os.O_RDONLY), True)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):  # as `&` and `nohup` leave them
            signal.signal(number, signal.SIG_DFL)
        for closed in ([], [0], [1], [0, 1], [0, 1, 2]):
            for descriptor in closed:
                os.closerange(descriptor, descriptor + 1)
            out = os.open("out", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            err = os.open("err", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            script = "cat; echo /proc/$$/fd/*; echo error >&2; pwd; grep -E '^Sig(Blk|Ign)' /proc/$$/status"
            ended = run(Command(["bash", "-c", script], {{**os.environ, "A": "ä"}}, "/usr"), out, err, Halt())
            os.write(out, str(ended.exit_code).encode() + b"\\n")
            os.close(out)
            os.close(err)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=yard.folder, check=True)
    told = re.sub(r"/proc/\d+", "PROC", (yard.folder / "out").read_text())
    one = (
        "PROC/fd/0 PROC/fd/1 PROC/fd/2 PROC/fd/3\n/usr\n"  # the shell itself looks by the fourth
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n"
    )
    assert told.replace("0000000180000000", "0" * 16) == one * 5  # two that are the C library's own
    assert (yard.folder / "err").read_text() == "error\n" * 5


@each_way
def test_why_a_command_cannot_be_started_is_told_in_either_way(way: str, yard: Yard) -> None:
    (yard.folder / "tool").write_text("#!/no/such/python3\n")
    (yard.folder / "tool").chmod(0o755)
    program = f"""
        {way}
        from runner.work.command import run
        from runner.work.halt import Halt
        from runner.work.launch import Command, StartFailure
        for argv, env, cwd in [
            (["./tool"], {{}}, "."),
            (["tool"], {{"PATH": ":/bin"}}, "."),
            (["true"], {{"PATH": "/bin"}}, "gone"),
            (["none"], {{"PATH": "/bin"}}, "."),
            (["true", "a\\0b"], {{"PATH": "/bin"}}, "."),
            (["true", "\\ud800"], {{"PATH": "/bin"}}, "."),
            (["true"], {{"PATH": "/bin", "A": "x" * 200_000}}, "."),
        ]:
            try:
                run(Command(argv, env, cwd), 1, 2, Halt())
            except StartFailure as failure:
                print(failure)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=yard.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        "'./tool' cannot be executed: its interpreter '/no/such/python3' was not found",
        "'tool' cannot be executed: its interpreter '/no/such/python3' was not found",
        "no such folder for cwd: 'gone'",
        "no such program: 'none' (in no folder of PATH)",
        "its arguments, its environment or its cwd hold a NUL character",
        "its arguments or its environment hold half of a surrogate pair, which no command can be given",
        "the variable A has 200,000 bytes, and one takes no more than 128 KiB: pass large values by stdin "
        "or in a file",
    ]


def test_a_program_is_looked_for_again_when_it_is_gone(yard: Yard) -> None:
    for name in ("first", "second"):
        (yard.folder / name).mkdir()
        (yard.folder / name / "tool").write_text(f"#!/bin/sh\necho {name}\n")
        (yard.folder / name / "tool").chmod(0o755)
    env = {"PATH": "first:second", "RUNNER_RUN_ID": yard.run_id, "RUNNER_COMMAND": "1-0-1"}
    command = Command(["tool"], env, str(yard.folder))
    yard.start(command)
    (yard.folder / "first" / "tool").unlink()
    yard.start(command)
    assert yard.output() == "first\nsecond\n"


def test_a_command_that_cannot_be_started_is_explained(yard: Yard) -> None:
    folder = yard.folder
    (folder / "plain.sh").write_text("echo hi\n")
    (folder / "tool").write_text("#!/no/such/python3 -u\n")
    (folder / "dos").write_bytes(b"#!/bin/sh\r\necho\r\n")
    (folder / "notes").write_text("just text\n")
    for name in ("tool", "dos", "notes"):
        (folder / name).chmod(0o755)
    (folder / "inside").mkdir()

    def why(*argv: str, **options: object) -> str:
        command = Command(argv, {"PATH": f"{folder}:/usr/bin:/bin"}, **{"cwd": str(folder), **options})  # type: ignore[arg-type]
        with pytest.raises(StartFailure) as caught:
            yard.start(command)
        return str(caught.value).replace(str(folder), "FOLDER")

    assert why("conver") == "no such program: 'conver' (in no folder of PATH)"
    assert why("./conver") == "no such program: './conver'"
    assert why("./plain.sh") == "'./plain.sh' is not executable: `chmod +x ./plain.sh` makes it so"
    assert why("plain.sh") == "'plain.sh' is not executable: `chmod +x plain.sh` makes it so"
    assert why("./inside") == "'./inside' is a folder, not a program"
    assert why("./tool") == "'./tool' cannot be executed: its interpreter '/no/such/python3 -u' was not found"
    assert why("tool") == "'tool' cannot be executed: its interpreter '/no/such/python3 -u' was not found"
    assert why("./dos") == "'./dos' cannot be executed: its interpreter '/bin/sh\\r' was not found"
    assert (
        why("./notes")
        == "'./notes' cannot be executed: it is no program for this machine, and has no `#!` line"
    )
    assert why("true", cwd=f"{folder}/gone") == "no such folder for cwd: 'FOLDER/gone'"
    assert why("true", cwd=f"{folder}/tool") == "cwd is not a folder: 'FOLDER/tool'"
    assert why("true", stdin_file=f"{folder}/none") == "stdin cannot be opened: no such file: 'FOLDER/none'"
    assert why("true", stdin_file=f"{folder}/inside") == "stdin cannot be opened: 'FOLDER/inside' is a folder"


def test_a_relative_folder_of_path_counts_from_the_folder_of_the_command(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    (yard.folder / "bin").mkdir()
    (yard.folder / "bin" / "tool").write_text("#!/bin/sh\necho found\n")
    (yard.folder / "bin" / "tool").chmod(0o755)
    (yard.folder / "inside").mkdir()
    monkeypatch.chdir(yard.folder)
    yard.start(Command(["tool"], {"PATH": "bin:/bin"}, str(yard.folder)))
    assert yard.output() == "found\n"
    with pytest.raises(StartFailure) as caught:
        yard.start(Command(["tool"], {"PATH": "bin:/bin"}, str(yard.folder / "inside")))
    assert str(caught.value) == "no such program: 'tool' (in no folder of PATH)"


def test_what_is_too_large_for_a_command_is_named(yard: Yard) -> None:
    def why(*argv: str, **env: str) -> str:
        with pytest.raises(StartFailure) as caught:
            yard.start(Command(argv, {"PATH": "/usr/bin:/bin", **env}, "/"))
        return str(caught.value)

    largest = 128 * 1024 - len("A=") - 1
    advice = "and one takes no more than 128 KiB: pass large values by stdin or in a file"
    taken = yard.start(Command(["true"], {"PATH": "/usr/bin:/bin", "A": "x" * largest}, "/"))
    assert taken.exit_code == 0
    assert why("true", A="x" * (largest + 1), B="b") == f"the variable A has 131,070 bytes, {advice}"
    assert why("true", A="é" * 70_000) == f"the variable A has 140,000 bytes, {advice}"
    assert why("true", "a", "x" * 131_072) == f"argument 2 of 'true' has 131,072 bytes, {advice}"
    assert why("true", "x" * 200_000, A="x" * 300_000, B="x" * 400_000) == (
        "argument 1 of 'true' has 200,000 bytes, the variable A has 300,000 bytes "
        f"and the variable B has 400,000 bytes, {advice}"
    )
    assert why("true", *["x" * 100_000] * 100) == (
        "the arguments and the environment are together too large for a command: "
        "pass large values by stdin or in a file"
    )
