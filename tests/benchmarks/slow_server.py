"""A server that answers each request after a fixed time, and takes next to nothing itself.

    python tests/benchmarks/slow_server.py BYTES MILLISECONDS

It prints its URL, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys


class Answering(asyncio.Protocol):
    """One connection, with one request."""

    def __init__(self, answer: bytes, seconds: float) -> None:
        self._answer = answer
        self._seconds = seconds
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        if self._asked.endswith(b"\r\n\r\n"):
            asyncio.get_running_loop().call_later(self._seconds, self._give)

    def _give(self) -> None:
        self._transport.write(self._answer)
        self._transport.close()


async def main(size: int, milliseconds: int) -> None:
    """Serve until nobody wants it."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    answer, loop = head.encode() + bytes(size), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Answering(answer, milliseconds / 1000), "127.0.0.1", backlog=512
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
