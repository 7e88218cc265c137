"""`posix_spawn` of the GNU C library: a child in a session and a folder of its own.

`os.posix_spawn` knows no folder, and like `subprocess` it holds up all other threads until the child has
become its program: of many short commands on two processors that is a third of the time.
"""

from __future__ import annotations

import errno
import os
import sys
from _ctypes import Array, byref
from collections.abc import Sequence

from runner.hints import Any
from runner.in_c import signal
from runner.work.c_library import Int, Quick, Room, Slow, Text, function

_SETSIGDEF, _SETSIGMASK, _SETSID = 0x04, 0x08, 0x80
_FEW = 256

_spawn = function(Slow, "posix_spawn")
_actions_init = function(Quick, "posix_spawn_file_actions_init")
_actions_destroy = function(Quick, "posix_spawn_file_actions_destroy")
_add_dup2 = function(Quick, "posix_spawn_file_actions_adddup2")
_add_closefrom = function(Quick, "posix_spawn_file_actions_addclosefrom_np")
_add_chdir = function(Quick, "posix_spawn_file_actions_addchdir_np")


def _signals(*numbers: int) -> bytes:
    return sum(1 << number - 1 for number in numbers).to_bytes(128, sys.byteorder)


def _attributes() -> Room:
    """A session of its own, no signal blocked, and none ignored of those that Python ignores."""
    room = Room()
    function(Quick, "posix_spawnattr_init")(room)
    function(Quick, "posix_spawnattr_setflags")(room, _SETSIGDEF | _SETSIGMASK | _SETSID)
    function(Quick, "posix_spawnattr_setsigdefault")(room, _signals(signal.SIGPIPE, signal.SIGXFSZ))
    function(Quick, "posix_spawnattr_setsigmask")(room, _signals())
    return room


_session = _attributes()


class _Actions:
    """What the child does first: its three streams, no other descriptors, its folder."""

    def __init__(self, streams: tuple[int, int, int], cwd: bytes) -> None:
        self.room = Room()
        _checked(_actions_init(self.room))
        for number, stream in enumerate(streams):
            refused = _add_dup2(self.room, stream, number)
            # It is open, but above what a limit allows that was lowered since.
            _checked(errno.EMFILE if refused == errno.EBADF else refused)
        _checked(_add_closefrom(self.room, 3))
        _checked(_add_chdir(self.room, cwd))

    def __del__(self, destroy: Any = _actions_destroy) -> None:  # when Python ends, globals are gone
        destroy(self.room)


_known: dict[tuple[tuple[int, int, int], bytes], _Actions] = {}
"""Descriptors have few numbers, and a run has few folders."""


def posix_spawn(
    program: bytes,
    argv: Sequence[bytes],
    variables: Sequence[bytes],
    streams: tuple[int, int, int],
    cwd: bytes,
) -> int:
    """The process, which runs `program`. `streams` are none of the first three descriptors.

    Raises `OSError` with what the system says, or `ValueError` if a text holds a NUL.
    """
    actions = _known.get((streams, cwd))
    if actions is None:
        if len(_known) >= _FEW:
            _known.clear()
        actions = _known[streams, cwd] = _Actions(streams, _whole(cwd))
    pid = Int()
    _checked(_spawn(byref(pid), _whole(program), actions.room, _session, _texts(argv), _texts(variables)))
    return int(pid.value)


def _texts(texts: Sequence[bytes]) -> Array[Any]:
    """As C has them, with a null behind the last."""
    if b"\0" in b"".join(texts):
        raise ValueError("embedded null byte")
    return (Text * (len(texts) + 1))(*texts)


def _whole(text: bytes) -> bytes:
    if b"\0" in text:
        raise ValueError("embedded null byte")
    return text


def _checked(number: int) -> None:
    if number:
        raise OSError(number, os.strerror(number))
