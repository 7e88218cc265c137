"""Log files: two channels for each attempt, made only if something is written, masked on the way.

Knows neither tasks nor who writes: Python code, or a command that is given the descriptor.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import suppress

from runner.masks import Mask, mask_of
from runner.records import Item
from runner.work import spares
from runner.work.carrying import carry, carry_no_more, give_back
from runner.work.folders import make_again
from runner.work.output import largest
from runner.work.quick import close, open_file, size_of, unlink

_block = 1 << 20
no_mask = mask_of({})


def private_file() -> int:
    """A file without a name, gone when it is closed: in memory where the system has such."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("runner", os.MFD_CLOEXEC)
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        return os.dup(file.fileno())


class Channel:
    """One file of a log, made by the first thing that needs it. Any thread may write.

    With secrets, what is written is masked, and the end of it waits as long as a secret may have
    begun there. Who writes to the descriptor itself writes to a private file: that is moved into
    the log while it grows.
    """

    __slots__ = (
        "_broken",
        "_closed",
        "_file",
        "_lent",
        "_lock",
        "_mask",
        "_moved",
        "_private",
        "_unsettled",
        "_waiting",
        "path",
    )

    def __init__(self, path: str, mask: Mask) -> None:
        self.path = path
        self._mask = mask
        self._file = -1
        self._private = -1
        self._lent = -1
        self._waiting = b""
        self._unsettled = b""
        self._moved = 0
        self._broken: OSError | None = None
        self._closed = False
        self._lock = threading.Lock()

    def write(self, data: bytes) -> bool:
        """False when it is closed."""
        with self._lock:
            if self._closed:
                return False
            if self._mask:
                data, self._waiting = self._mask.settled(self._waiting + data)
            self._write(data)
            return True

    def _write(self, data: bytes) -> None:
        if data:
            file = self._open()
            while data:
                data = data[os.write(file, data) :]

    def _open(self) -> int:
        if self._file < 0:
            flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
            try:
                self._file = open_file(self.path, flags, 0o600)
            except FileNotFoundError:
                make_again(os.path.dirname(self.path))
                self._file = open_file(self.path, flags, 0o600)
        return self._file

    def move(self) -> bool:
        """Move a part of the private file into the log; whether there may be more of it already."""
        with self._lock:
            if self._closed or self._broken:
                return False
            try:
                return self._move_block()
            except OSError as error:  # told to who closes the channel
                self._broken = error
                return False

    def fileno(self) -> int:
        """A descriptor to write to and to read from. Raises `ValueError` when it is closed."""
        with self._lock:
            return self._descriptor()

    def for_command(self) -> int:
        """Another one to write to, which whoever starts a command closes then: the command alone has it."""
        with self._lock:
            file = self._descriptor(spare=True)
            if file == self._file:
                with suppress(FileNotFoundError):  # somebody has removed it
                    return open_file(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0)
            return os.dup(file)

    def lend(self) -> int:
        """The same for code that may well close it."""
        with self._lock:
            if self._lent < 0 or not _same_file(self._lent, self._descriptor()):
                self._lent = os.dup(self._descriptor())
            return self._lent

    def _descriptor(self, spare: bool = False) -> int:
        if self._closed:
            raise ValueError("the log of this attempt is closed")
        if not self._mask:
            if spare and self._file < 0:
                self._file = spares.take(self.path)
            return self._open()
        if self._private < 0:
            self._private = _nameless_file(os.path.dirname(self.path))
            fcntl.fcntl(self._private, fcntl.F_SETFL, os.O_APPEND)
            carry(self)
        return self._private

    def close(self) -> bool:
        """Whether it holds anything; if not, no file is left."""
        with self._lock:
            if self._closed:
                return False
            self._closed = True
            try:
                if self._waiting:
                    self._write(self._mask.last(self._waiting))
                if self._private >= 0:
                    self._move_rest()
            finally:
                filled = self._close_files()
            return filled

    def _close_files(self) -> bool:
        held = [file for file in (self._file, self._private) if file >= 0]
        if self._lent >= 0 and any(_same_file(self._lent, file) for file in held):
            held.append(self._lent)
        filled = self._file >= 0 and size_of(self._file) > 0
        if held == [self._file] and not filled and spares.keep(self._file, self.path):
            return False
        for file in held:
            close(file)
        if self._file >= 0 and not filled:
            with suppress(OSError):  # an empty file that stays says nothing
                unlink(self.path)
        return filled

    def _move_block(self) -> bool:
        block = os.pread(self._private, _block, self._moved)
        masked, self._unsettled = self._mask.settled(self._unsettled + block)
        self._write(masked)
        end = self._moved + len(block)
        # Its beginning is kept: a command's result is read from there.
        give_back(self._private, max(self._moved, largest), end)
        self._moved = end
        return len(block) == _block

    def _move_rest(self) -> None:
        """What is there now: who has been left behind may go on writing for ever."""
        carry_no_more(self)
        if self._broken:
            raise self._broken
        size = os.fstat(self._private).st_size
        while self._moved < size:
            self._move_block()
        self._write(self._mask.last(self._unsettled))


def _nameless_file(folder: str) -> int:
    """A file on the disk that nobody else can open, gone when it is closed."""
    from tempfile import TemporaryFile

    make_again(folder)
    with TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())


def _same_file(left: int, right: int) -> bool:
    """Whether two descriptors still mean one file; a closed one may by now mean another."""
    try:
        return os.path.samestat(os.fstat(left), os.fstat(right))
    except OSError:
        return False


class Logs:
    """Where the logs of one fan's attempts lie: `<fan>-<index>-<attempt>.out` and `.err` in a folder."""

    __slots__ = ("fan", "folder", "mask")

    def __init__(self, folder: str, fan: int, mask: Mask = no_mask) -> None:
        self.folder = folder
        self.fan = fan
        self.mask = mask


class Log:
    """The output of one attempt. Most have none, so nothing is made before it is needed."""

    __slots__ = ("_channels", "_item", "_logs", "closed")

    def __init__(self, logs: Logs, item: Item) -> None:
        self._logs = logs
        self._item = item
        self._channels: dict[str, Channel] = {}
        self.closed = False

    def channel(self, suffix: str) -> Channel:
        """The channel `out` or `err`."""
        channel = self._channels.get(suffix)
        if channel is None:
            path = os.path.join(self._logs.folder, self._file(suffix))
            channel = self._channels.setdefault(suffix, Channel(path, self._logs.mask))
        return channel

    def _file(self, suffix: str) -> str:
        return f"{self._logs.fan}-{self._item.index}-{self._item.attempt}.{suffix}"

    def write(self, suffix: str, data: bytes) -> bool:
        """False when the attempt is over: late output belongs to the run."""
        return not self.closed and self.channel(suffix).write(data)

    def close(self) -> tuple[str, ...]:
        """The names of the files that hold something."""
        self.closed = True
        if not self._channels:
            return ()
        filled = [suffix for suffix, channel in self._channels.items() if channel.close()]
        return tuple(self._file(suffix) for suffix in sorted(filled, reverse=True))

    def so_far(self) -> tuple[str, ...]:
        """The names of those files, while somebody else writes them."""
        return tuple(name for name, size in self._sizes() if size)

    def left(self) -> tuple[str, ...]:
        """The same, where another process wrote them that has ended since; empty ones are removed."""
        for name, size in self._sizes():
            if not size:
                with suppress(OSError):
                    os.unlink(os.path.join(self._logs.folder, name))
        return self.so_far()

    def _sizes(self) -> Iterator[tuple[str, int]]:
        for suffix in ("out", "err"):
            with suppress(OSError):
                name = self._file(suffix)
                yield name, os.stat(os.path.join(self._logs.folder, name)).st_size
