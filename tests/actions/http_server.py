"""A real HTTP server on the loopback that gives pictures after a fixed latency, and wrong answers.

`/pictures/<name>` gives `pictures[name]`; `/broken/<sort>` answers wrongly in the way that `sort`
names; `seen` collects the headers of every request. With a `gate`, nobody is answered before all
have come.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """A server that answers; `url` has no slash at its end."""

    url: str
    pictures: Mapping[str, bytes]
    latency: float
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    gate: threading.Barrier | None = None
    peak: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a request for `peak`, the most that were answered at once."""
        with self._lock:
            self._now += 1
            self.peak = max(self.peak, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1

    @property
    def port(self) -> str:
        """The port alone, as text."""
        return self.url.rpartition(":")[2]


class Answers(BaseHTTPRequestHandler):
    """One method for each sort of answer: `/broken/cut-off` is `cut_off`."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        """Wait for the latency, then answer as the path says."""
        self.close_connection = True
        self.site.seen.append((self.path, dict(self.headers.items())))
        with self.site.counted():
            if self.site.gate is not None:
                self.site.gate.wait(timeout=30)
            time.sleep(self.site.latency)
        path = self.path.partition("?")[0]
        if path.startswith("/broken/"):
            getattr(self, path.removeprefix("/broken/").replace("-", "_"))()
        elif path.rpartition("/")[2] in self.site.pictures:
            self.whole(self.site.pictures[path.rpartition("/")[2]])
        else:
            self.status(404)

    def whole(self, body: bytes, media_type: str = "image/png") -> None:
        """The right answer."""
        self.begin(200, ("Content-Length", str(len(body))), ("Content-Type", media_type))
        self.wfile.write(body)

    def begin(self, status: int, *headers: tuple[str, str], reason: str | None = None) -> None:
        """The status line and the headers."""
        self.send_response(status, reason)
        for name, value in (*headers, ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()

    def status(self, status: int, reason: str | None = None) -> None:
        """An answer whose body is a page of apology, as real servers send."""
        body = b"<h1>Sorry</h1>"
        self.begin(status, ("Content-Length", str(len(body))), reason=reason)
        self.wfile.write(body)

    def many_headers(self) -> None:
        self.begin(200, *((f"X-{number}", "x") for number in range(200)))

    def long_header(self) -> None:
        self.begin(200, ("X-Long", "x" * (1 << 16)))

    def error_404(self) -> None:
        self.status(404)

    def error_500(self) -> None:
        self.status(500)

    def error_503_own_words(self) -> None:
        self.status(503, "Back Soon")

    def error_without_reason(self) -> None:
        self.wfile.write(b"HTTP/1.1 418 \r\nContent-Length: 0\r\n\r\n")

    def accepted(self) -> None:
        self.status(202)

    def part(self) -> None:
        self.status(206)

    def empty(self) -> None:
        self.begin(200, ("Content-Length", "0"))

    def empty_until_close(self) -> None:
        self.begin(200)

    def empty_chunks(self) -> None:
        self.begin(200, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"0\r\n\r\n")

    def no_content(self) -> None:
        self.begin(204)

    def cut_off(self) -> None:
        self.begin(200, ("Content-Length", "300000"))
        self.wfile.write(b"x" * 200000)

    def cut_off_before_body(self) -> None:
        self.begin(200, ("Content-Length", "300000"))

    def cut_off_chunk(self) -> None:
        self.begin(200, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"5\r\nhello\r\n10\r\nwor")

    def cut_off_in_first_chunk(self) -> None:
        self.begin(200, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"64\r\nwor")

    def cut_off_before_chunks(self) -> None:
        self.begin(200, ("Transfer-Encoding", "chunked"))

    def cut_off_between_chunks(self) -> None:
        self.begin(200, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"5\r\nhello\r\n")

    def reset(self) -> None:
        self.begin(200, ("Content-Length", "300000"))
        self.wfile.write(b"x" * 1000)
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def closed(self) -> None:
        """Nothing at all."""

    def gibberish(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

    def silent(self) -> None:
        self.connection.recv(1)

    def silent_half_way(self) -> None:
        self.begin(200, ("Content-Length", "300000"))
        self.wfile.write(b"x" * 1000)
        self.connection.recv(1)

    def chunks(self) -> None:
        self.begin(200, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    def until_close(self) -> None:
        self.begin(200)
        self.wfile.write(b"hello world")

    def moved(self) -> None:
        self.begin(302, ("Location", "/broken/chunks"), ("Content-Length", "0"))

    def moved_elsewhere(self) -> None:
        self.begin(302, ("Location", self.path.partition("?")[2]), ("Content-Length", "0"))

    def circle(self) -> None:
        self.begin(302, ("Location", "/broken/circle"), ("Content-Length", "0"))

    def log_message(self, format: str, *args: object) -> None:
        """The tests print what they need."""


class Server(ThreadingHTTPServer):
    """Takes many connections at once."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error here."""


@contextmanager
def serve(pictures: Mapping[str, bytes] | None = None, *, latency: float = 0.0) -> Iterator[Site]:
    """A site for the length of the block."""
    server = Server(("127.0.0.1", 0), Answers)
    site = Site(f"http://127.0.0.1:{server.server_port}", pictures or {}, latency)
    server.RequestHandlerClass = type("AnswersOfSite", (Answers,), {"site": site})
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port of the loopback on which nobody listens and that nobody else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
