"""What goes through a socket between two of our own processes: a kind, of one byte, and a body."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from socket import socket

ASK = b"a"
"""To a worker: calls to be made, or a callable to be looked at."""
BEGUN = b"b"
"""From it: an item has begun, at a time."""
PART = b"p"
"""From it: outcomes for which there was no room elsewhere."""
DONE = b"d"
"""From it: it has done what it was asked for."""
MADE_AGAIN = b"logs"
"""Said with that: it has made the folder of the logs again, which somebody had removed."""
UNREADABLE = b"u"
"""From it: it was asked for something that it cannot read."""
SETUP = b"s"
"""To who starts workers: what they all begin with."""
FORK = b"f"
"""To it: start one; from it: its number, or why there is none."""
END = b"e"
"""To who does many things at once: end one of them."""
LEAVE = b"l"
"""To it: there is nothing more to do."""

_head = struct.Struct("<cQ")


def framed(kind: bytes, body: bytes = b"") -> bytes:
    """As it goes through."""
    return _head.pack(kind, len(body)) + body


def receive(line: socket) -> tuple[bytes, bytes] | None:
    """The next one; waits for it. None at the end."""
    head = _exactly(line, _head.size)
    if head is None:
        return None
    kind, length = _head.unpack(head)
    body = _exactly(line, length)
    return None if body is None else (kind, bytes(body))


def _exactly(line: socket, length: int) -> bytearray | None:
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        more = line.recv_into(view[got:])
        if not more:
            return None
        got += more
    return data


class Inbox:
    """What has come so far, for who does not wait for the rest."""

    def __init__(self) -> None:
        self._data = bytearray()

    def take(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All that is whole now."""
        self._data += data
        while len(self._data) >= _head.size:
            kind, length = _head.unpack_from(self._data)
            end = _head.size + length
            if len(self._data) < end:
                return
            body = bytes(self._data[_head.size : end])
            del self._data[:end]
            yield kind, body
