"""Which processes belong to a command, or to this program, and ending them all.

Knows neither tasks nor output, and imports none of our rooms. On Linux it reads /proc and waits on pidfds;
elsewhere a command is its process group, and nothing more can be known of it.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from runner.in_c import signal
from runner.struct import struct

grace = 5.0
"""Seconds from TERM to KILL."""

_last_rounds = 50
_name_limit = 15
"""The system cuts longer names of processes."""
_has_proc = sys.platform == "linux"


@struct
class Process:
    """A line of the process table. `started` tells a process from a later one of the same number."""

    pid: int
    parent: int
    group: int
    session: int
    started: int
    name: str

    def __str__(self) -> str:
        return f"{self.pid} {self.name}{'…' if len(os.fsencode(self.name)) >= _name_limit else ''}"


class Table(dict[int, Process]):
    """All processes of this machine that had not ended (zombies have) at a time after `began`.

    What each of them was started with is read once.
    """

    def __init__(self, began: float) -> None:
        super().__init__()
        self.began = began
        self._entries: dict[int, frozenset[bytes]] = {}

    def bears(self, pid: int, marks: Iterable[bytes]) -> bool:
        """Whether all these stand in the environment of a process."""
        entries = self._entries.get(pid)
        if entries is None:
            entries = self._entries[pid] = frozenset(_entries(pid))
        return entries.issuperset(marks)


_looking = threading.RLock()
_last = Table(0.0)


def living() -> Table:
    """All processes as they are now; who asks while others look is given what is looked for after that.

    Hundreds of commands are ended at once, each by a thread of its own.
    """
    global _last
    asked = time.monotonic()
    with _looking:
        if _last.began <= asked:
            table = Table(time.monotonic())
            for entry in os.listdir("/proc") if _has_proc else ():
                if entry.isdecimal() and (process := look_up(int(entry))):
                    table[process.pid] = process
            _last = table
        return _last


def _look_anew() -> None:
    """In a process that was forked: of those who look, none is here."""
    global _looking
    _looking = threading.RLock()


os.register_at_fork(after_in_child=_look_anew)


def look_up(pid: int) -> Process | None:
    """One process, if it has not ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            line = file.read()
    except OSError:
        return None
    name_start, name_end = line.index(b"("), line.rindex(b")")
    fields = line[name_end + 2 :].split()
    # The first thread may have gone before the others, whose children have not been given away.
    if fields[0] in b"ZX" and int(fields[17]) < 2:
        return None
    name = line[name_start + 1 : name_end].decode("utf-8", "replace")
    return Process(pid, int(fields[1]), int(fields[2]), int(fields[3]), int(fields[19]), name)


def family(leader: int, marks: Sequence[bytes]) -> list[Process]:
    """The living processes of a command: its group and session, who bears all its marks, and their children.

    `marks` are entries of the environment that only this command was given.
    """
    table = living()
    found = {pid for pid, process in table.items() if leader in (pid, process.group, process.session)}
    return _with_descendants(found | _bearers(table, marks), table)


def families(leaders: Mapping[int, Sequence[bytes]]) -> list[Process]:
    """Likewise those of several commands, each with its marks."""
    table = living()
    found = {pid for pid, it in table.items() if {pid, it.group, it.session} & leaders.keys()}
    wanted = [marks for marks in leaders.values() if marks]
    found |= {pid for pid in _younger(table) if any(table.bears(pid, marks) for marks in wanted)}
    return _with_descendants(found, table)


def survivors(
    members: Iterable[Process], marks: Sequence[bytes], adopter: int | None = None
) -> list[Process]:
    """Of some earlier found processes those that still live, who bears all the marks, and their children.

    With an `adopter`, who lives as a child of that one, too.
    """
    table = living()
    found = _still_among(table, members) | _bearers(table, marks)
    if adopter is not None:
        found |= {pid for pid, process in table.items() if process.parent == adopter}
    return _with_descendants(found, table)


def _still_among(table: Mapping[int, Process], members: Iterable[Process]) -> set[int]:
    return {
        known.pid for known in members if known.pid in table and table[known.pid].started == known.started
    }


def still_living(members: Iterable[Process]) -> list[Process]:
    """Of some earlier found processes those that have not ended, as they are now."""
    now = ((known, look_up(known.pid)) for known in members)
    return [found for known, found in now if found is not None and found.started == known.started]


def left_of(marks: Sequence[bytes], others: Iterable[int]) -> list[Process]:
    """Who bears all the marks, some others, and their children; neither this process nor those above it."""
    table = living()
    found = {pid for pid in table if marks and table.bears(pid, marks)} | (set(others) & set(table))
    return _with_descendants(found - set(_line_of(os.getpid(), table)), table)


def _line_of(pid: int, table: Mapping[int, Process]) -> Iterator[int]:
    """A process, its parent, and so on upwards."""
    while pid in table:
        yield pid
        pid = table[pid].parent


def holders(locks: Sequence[str]) -> dict[int, int]:
    """Who holds a `flock` on one of these, and who took it: the same process, or it was inherited."""
    stats = []
    for path in locks:
        with contextlib.suppress(OSError):
            stats.append(os.stat(path))
    found = {pid: _taker(pid, stats) for pid in living()} if stats else {}
    return {pid: taker for pid, taker in found.items() if taker is not None}


def _taker(pid: int, locks: Sequence[os.stat_result]) -> int | None:
    with contextlib.suppress(OSError):  # another user's, or just gone
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                opened = os.stat(f"/proc/{pid}/fd/{descriptor}")
                if any(os.path.samestat(opened, lock) for lock in locks):
                    with open(f"/proc/{pid}/fdinfo/{descriptor}", "rb") as file:
                        for line in file:
                            # lock:  1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF
                            if b" FLOCK " in line:
                                return int(line.split()[5])
    return None


def _with_descendants(found: set[int], table: Mapping[int, Process]) -> list[Process]:
    found.discard(os.getpid())
    more = found
    while more:
        more = {pid for pid, process in table.items() if process.parent in more and pid not in found}
        found |= more
    return [table[pid] for pid in sorted(found)]


def _bearers(table: Table, marks: Sequence[bytes]) -> set[int]:
    """Those that bear all the marks, of those that began after this process, which started them."""
    return {pid for pid in _younger(table) if marks and table.bears(pid, marks)}


def _younger(table: Mapping[int, Process]) -> list[int]:
    own = look_up(os.getpid())
    return [pid for pid, process in table.items() if own is None or process.started >= own.started]


def environment_of(pid: int) -> dict[bytes, bytes]:
    """The environment that a process was started with; empty where that cannot be known."""
    return {name: value for name, _, value in (entry.partition(b"=") for entry in _entries(pid))}


def _entries(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:  # another user's, or just gone
        return []


# Ending -----------------------------------------------------------------------------------------


def end(
    find: Callable[[], list[Process]], group: int | None, hurry: int | None, patience: float
) -> list[Process]:
    """Ends all that `find` finds: TERM, and KILL for what is still there after `patience` seconds.

    `group` is signalled as a whole too, and must be one whose leader has not been reaped.
    As soon as the descriptor `hurry` is readable, KILL comes at once. Returns what was ended.
    """
    found = find()
    ended = {process.pid: process for process in found}
    if patience > 0:
        deadline = time.monotonic() + patience
        told = ticks()
        with _Watch(found) as watch:
            watch.signal(group, signal.SIGTERM, signal.SIGCONT)
            while watch.all_gone(deadline - time.monotonic(), hurry):
                found = find()
                if not found:
                    return list(ended.values())
                # Whoever has begun since is not sent TERM: it may be tidying up for one that was.
                ask_to_end(it for it in found if it.pid not in ended and it.started < told)
                ended.update((process.pid, process) for process in found)
                watch.follow(found)
    for _ in range(_last_rounds):
        found = find()
        ended.update((process.pid, process) for process in found)
        with _Watch(found) as watch:
            watch.signal(group, signal.SIGKILL)
            if not found:
                break
            watch.all_gone(0.1, None)
    return list(ended.values())


def ticks() -> int:
    """Now, as `started` tells it."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")) if _has_proc else 0


def ask_to_end(processes: Iterable[Process]) -> None:
    """TERM to each of these, stopped ones included."""
    with _Watch(processes) as watch:
        watch.signal(None, signal.SIGTERM, signal.SIGCONT)


def end_descendants(patience: float) -> list[Process]:
    """Ends what this process has started, or has been given by those who started it."""
    return end(descendants, None, None, patience)


def descendants(but: int = 0) -> list[Process]:
    """The living processes below this one, without the process `but` and those below it."""
    if not has_children():
        return []
    table = dict(living())
    table.pop(but, None)
    return _with_descendants({pid for pid, it in table.items() if it.parent == os.getpid()}, table)


def has_children() -> bool:
    """Whether this process has any, living or not yet waited for. It is one question to the system."""
    if not _has_proc:
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def is_alone_below(adopter: int) -> bool:
    """Whether nothing lives below `adopter`, who is the parent of this process, but this process.

    That is told without a look at all processes of the machine, where the system lists children.
    """
    if has_children():
        return False
    try:
        with open(f"/proc/{adopter}/task/{adopter}/children", "rb") as file:
            return file.read().split() == [str(os.getpid()).encode()]
    except OSError:
        return False


def wait_until_gone(processes: Iterable[Process], seconds: float) -> None:
    """Waits until all of them have ended, for so long at most."""
    with _Watch(processes) as watch:
        watch.all_gone(seconds, None)


class _Watch:
    """Some processes, each by a descriptor that can only mean this very one."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self._descriptors: dict[int, int] = {}
        self.follow(processes)

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._descriptors.values():
            os.close(descriptor)

    def follow(self, processes: Iterable[Process]) -> None:
        for process in processes:
            if process.pid in self._descriptors:
                continue
            with contextlib.suppress(ProcessLookupError):
                self._descriptors[process.pid] = descriptor = os.pidfd_open(process.pid)
                now = look_up(process.pid)
                if now is None or now.started != process.started:
                    os.close(descriptor)
                    del self._descriptors[process.pid]

    def signal(self, group: int | None, *signals: signal.Signals) -> None:
        for number in signals:
            if group is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, number)
            for pid, descriptor in self._descriptors.items():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    if group is None or os.getpgid(pid) != group:
                        signal.pidfd_send_signal(descriptor, number)

    def all_gone(self, seconds: float, hurry: int | None) -> bool:
        """Whether all ended within so many seconds, and before `hurry` became readable."""
        deadline = time.monotonic() + seconds
        poll = select.poll()
        if hurry is not None:
            poll.register(hurry, select.POLLIN)
        for descriptor in self._descriptors.values():
            poll.register(descriptor, select.POLLIN)
        while self._descriptors:
            ready = {descriptor for descriptor, _ in poll.poll(max(deadline - time.monotonic(), 0) * 1000)}
            if not ready or hurry in ready:
                return False
            for pid, descriptor in list(self._descriptors.items()):
                if descriptor in ready:
                    poll.unregister(descriptor)
                    os.close(descriptor)
                    del self._descriptors[pid]
        return True
