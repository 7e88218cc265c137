"""What the commands of a run leave in the background: told when a command ends, or else when the run does.

At its end a command's own process group is looked at, which costs next to nothing; who has left that is
found in one sweep at the end of the run. Knows neither tasks nor reports.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from runner import processes
from runner.processes import Process
from runner.struct import struct
from runner.supervisor import adopter
from runner.work.halt import Halt

linger = 0.1
"""Seconds that what is still running may take to end by itself, once the command has ended."""

_under_way: dict[int, Mapping[str, str]] = {}
"""The commands that are waited for, each with its environment: what belongs to them is not left behind."""

_starting: set[threading.Lock] = set()
"""One is held for each command that is being started."""

_known: dict[str, list[Process]] = {}
"""By the run, what has been told of."""
_lock = threading.Lock()

_only_below = False


def look_only_below() -> None:
    """From now on nobody is of the run by what it bears: others like this process may be on the machine."""
    global _only_below
    _only_below = True


@struct
class Left:
    """Something that is left; `fan`, `address` and `key` are those of its task, if it tells them."""

    process: Process
    fan: int | None = None
    address: str = ""
    key: str = ""


class Starting:
    """Lasts as long as a command is being started, until it is among those that are under way."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = threading.Lock()

    def __enter__(self) -> None:
        self._held.acquire()
        _starting.add(self._held)

    def __exit__(self, *_raised: object) -> None:
        _starting.discard(self._held)
        self._held.release()


def _wait_for_starts() -> None:
    """Until all those that are being started now are under way."""
    for held in tuple(_starting):
        with held:
            pass


os.register_at_fork(after_in_child=_starting.clear)  # there is none of the threads that hold them


def now_under_way(command: int, env: Mapping[str, str]) -> None:
    """As long as a command is waited for, what belongs to it ends with it, and is not left behind."""
    _under_way[command] = env


def no_longer_under_way(command: int) -> None:
    """What belongs to it and lives on is left behind."""
    _under_way.pop(command, None)


def left_in_group(group: int, env: Mapping[str, str]) -> tuple[Process, ...]:
    """What lives on in the group of a command that has ended, remembered for the end of the run."""
    if not _group_lives(group):
        return ()
    marks = marks_of(env)
    processes.wait_until_gone(processes.family(group, marks), linger)
    left = tuple(processes.family(group, marks))
    _remember(env.get("RUNNER_RUN_ID", ""), left)
    return left


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remember(run_id: str, left: Sequence[Process]) -> None:
    if left:
        with _lock:
            _known.setdefault(run_id, []).extend(left)


def anything_left(run_id: str) -> bool:
    """Whether it has been told of something that commands of the run have left behind."""
    return run_id in _known


def left_untold(run_id: str, alone: bool = True) -> tuple[Left, ...]:
    """What is left of the commands of a run, when all have ended, that no command's end has told of.

    What these have started is not counted if it was told of who started it. `alone`, here and below: this
    process is there for the run alone, and what lives below it is the run's.
    """
    found = {process.pid: process for process in _left_of(run_id, alone)}
    untold = _untold(run_id, found)
    if untold:
        processes.wait_until_gone(untold, linger)
        untold = processes.still_living(untold)
        _remember(run_id, untold)
    return tuple(_with_task(run_id, process, found) for process in untold)


def _untold(run_id: str, found: Mapping[int, Process]) -> list[Process]:
    known = {(process.pid, process.started) for process in _known.get(run_id, ())}
    return [it for it in found.values() if not any((p.pid, p.started) in known for p in _line(it, found))]


def end_left_behind(run_id: str, halt: Halt, alone: bool = True) -> tuple[str, ...]:
    """Ends what the commands of a run have left behind, however it hides; says what that was."""
    ended = _end(partial(_left_of, run_id, alone), halt)
    with _lock:
        _known.pop(run_id, None)
    return tuple(map(str, ended))


def left_beside(run_id: str, alone: bool = True) -> tuple[Left, ...]:
    """What is left while commands are under way, which are ended by those who wait for them."""
    found = {process.pid: process for process in _beside(run_id, alone)}
    untold = [process for process in _untold(run_id, found) if process.parent not in found]
    untold = processes.still_living(untold)  # commands begin and end meanwhile
    _remember(run_id, untold)
    return tuple(_with_task(run_id, process, found) for process in untold)


def end_left_beside(run_id: str, halt: Halt, alone: bool = True) -> None:
    """Ends that, and the programs that callables have started until now, if those can be no one else's."""
    _end(partial(_beside, run_id, alone, processes.descendants() if alone else ()), halt)


def _end(find: Callable[[], list[Process]], halt: Halt) -> list[Process]:
    return processes.end(find, None, halt.kill_fileno(), 0 if halt.killing else processes.grace)


def _beside(run_id: str, alone: bool, started: Sequence[Process] = ()) -> list[Process]:
    commands = dict(_under_way)
    found = _left_of(run_id, alone, started)
    _wait_for_starts()
    commands |= dict(_under_way)
    # Looked up last: what a command starts meanwhile must not pass for something that is left.
    belonging = processes.families({pid: marks_of(env) for pid, env in commands.items()})
    own = {process.pid for process in belonging}
    return [process for process in found if process.pid not in own]


def _left_of(run_id: str, alone: bool, started: Sequence[Process] = ()) -> list[Process]:
    with _lock:
        known = [*_known.get(run_id, ()), *started]
    parent = adopter() if alone else None
    if not known and parent is not None and processes.is_alone_below(parent):
        return []
    marks = [] if _only_below else [_mark("RUNNER_RUN_ID", run_id)]
    return processes.survivors(known, marks, parent)


def _line(process: Process, found: Mapping[int, Process]) -> Iterator[Process]:
    """A process and those above it, as far as they were found."""
    above: Process | None = process
    while above is not None:
        yield above
        above = found.get(above.parent)


def _with_task(run_id: str, process: Process, found: Mapping[int, Process]) -> Left:
    """By the nearest environment that tells: its own may be empty."""
    for each in _line(process, found):
        told = processes.environment_of(each.pid)
        if told.get(b"RUNNER_RUN_ID") == os.fsencode(run_id):
            fan = told.get(b"RUNNER_COMMAND", b"").partition(b"-")[0]
            address, key = (os.fsdecode(told.get(name, b"")) for name in (b"RUNNER_TASK", b"RUNNER_KEY"))
            return Left(process, int(fan) if fan.isdigit() and len(fan) < 10 else None, address, key)
    return Left(process)


def _mark(name: str, value: str) -> bytes:
    return os.fsencode(f"{name}={value}")


def marks_of(env: Mapping[str, str]) -> list[bytes]:
    """The entries of the environment that tell a command from all others of all runs, if it has them."""
    own = [_mark(name, env[name]) for name in ("RUNNER_RUN_ID", "RUNNER_COMMAND") if name in env]
    return own if len(own) == 2 else []
