"""Callables for everyday work, to be named in `call:`; so far `download`.

They are plain functions that any program may call: they know nothing of workflows, tasks or
runs, and say what went wrong by raising one readable line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from functools import cache, partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from socket import gaierror
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
    url2pathname,
)

from runner.actions.names import name_of, with_digest
from runner.actions.urls import NoURLError, Source, read_url
from runner.draft import open_draft
from runner.struct import struct

_block_size = 1 << 17
_kept_in_urls = "/%:@!$&'()*+,;=~?"
_longest_silence = 1_000_000_000
"""In seconds; the system takes not much more."""
_bound_to_host = ("authorization", "cookie")
_worth_another_try = (408, 425, 429, 500, 502, 503, 504)


class DownloadError(Exception):
    """A download failed; the text is one line that ends in the URL."""


class TemporaryDownloadError(DownloadError):
    """A download failed in a way that may be over soon: `retry: {on: {exceptions: […]}}`."""


def download(url: str, to: str, *, timeout: float = 30.0, headers: Mapping[str, str] | None = None) -> str:
    """Copy what `url` (http, https or file) gives into the file or folder `to`; return its path.

    The file appears whole or not at all, and replaces what was there. Where `to` is a folder
    (it exists, or ends in `/`) the URL gives the name, and nothing else there is lost: a second
    `cat.jpg` with other contents becomes `cat-1a2b3c4d.jpg`. `timeout` is how many seconds the
    server may be silent.
    """
    try:
        source = read_url(url)
    except NoURLError as error:
        raise DownloadError(str(error)) from None
    if fault := _fault(to):
        raise DownloadError(f"'to' {fault}, expected a file or a folder: {source.shown}")
    if headers is not None and not isinstance(headers, Mapping):
        raise DownloadError(f"'headers' is {_kind(headers)}, expected names with texts: {source.shown}")
    if fault := _fault_of_timeout(timeout):
        raise DownloadError(f"'timeout' is {fault}: {source.shown}")
    with _opened(source, timeout, headers or {}) as answer:
        return _save(answer, to)


def _fault(to: object) -> str:
    if not isinstance(to, str):
        return f"is {_kind(to)}"
    return "" if to and "\0" not in to else "holds a NUL" if to else "is empty"


def _fault_of_timeout(timeout: object) -> str:
    if not isinstance(timeout, int | float) or isinstance(timeout, bool):
        return f"{_kind(timeout)}, expected a number of seconds"
    return (
        ""
        if 0 < timeout <= _longest_silence
        else f"{timeout}, expected seconds above 0, up to a thousand million"
    )


def _kind(value: object) -> str:
    return f"a value of type {type(value).__name__}"


@struct
class _Answer:
    """What is to be copied: `length` and `media_type` where they are told beforehand."""

    source: Source
    blocks: Iterator[bytes]
    media_type: str | None = None


# Reading --------------------------------------------------------------------------------------


@contextmanager
def _opened(source: Source, timeout: float, headers: Mapping[str, str]) -> Iterator[_Answer]:
    if source.parts.scheme == "file":
        with _open_file(source) as file:
            length = os.fstat(file.fileno()).st_size
            yield _Answer(
                source, _blocks(iter(partial(file.read, _block_size), b""), length, source, timeout)
            )
        return

    try:
        response = _opener().open(_request(source, headers), timeout=timeout)
    except HTTPError as error:
        with error:
            raise _refusal(error.code, error.reason, source) from None
    except ValueError:  # all that is ours was looked at before
        raise DownloadError(f"redirected to what is no URL: {source.shown}") from None
    except (OSError, HTTPException) as error:
        raise _no_answer(error, source, timeout) from None
    assert isinstance(response, HTTPResponse)
    with response:
        if response.status not in (200, 203):
            raise _refusal(response.status, response.reason, source)
        media_type = _media_type(response.headers)
        yield _Answer(source, _blocks(_body(response), response.length, source, timeout), media_type)


def _open_file(source: Source) -> BinaryIO:
    if source.parts.hostname not in (None, "localhost"):
        raise DownloadError(f"a file on another host: {source.shown}")
    path = url2pathname(source.parts.path)
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise DownloadError(f"not a plain file: {source.shown}")
        return open(path, "rb")
    except FileNotFoundError:
        raise DownloadError(f"no such file: {source.shown}") from None
    except (OSError, ValueError) as error:
        raise DownloadError(f"{_lowered(error)}: {source.shown}") from None


def _request(source: Source, headers: Mapping[str, str]) -> Request:
    parts = source.parts
    try:
        host = source.host.encode("idna").decode("ascii")
    except UnicodeError:
        raise DownloadError(f"not a URL (bad host name): {source.shown}") from None
    path, query = quote(parts.path, _kept_in_urls), quote(parts.query, _kept_in_urls)
    request = Request(parts._replace(netloc=host, path=path, query=query, fragment="").geturl())
    request.add_header("User-Agent", "runwright")
    if login := source.authorization:
        request.add_unredirected_header("Authorization", login)
    for name, value in headers.items():
        add = request.add_unredirected_header if str(name).lower() in _bound_to_host else request.add_header
        if not _may_be_sent(str(name), str(value)):
            raise DownloadError(f"'headers': what '{name}' says cannot stand in a header: {source.shown}")
        add(str(name), str(value))
    return request


def _may_be_sent(name: str, value: str) -> bool:
    """Whether a header can be written so: in Latin-1, and on a line."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return not {"\r", "\n"} & {*value} and bool(re.fullmatch(r"[^:\s]+", name, re.ASCII)) and name.isascii()


@cache
def _opener() -> OpenerDirector:
    """Proxies and redirects as everywhere; no redirect can lead to a local file or to FTP."""
    opener = OpenerDirector()
    for made in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPRedirectHandler(),
        HTTPErrorProcessor(),
        UnknownHandler(),
    ):
        opener.add_handler(made)
    return opener


def _body(response: HTTPResponse) -> Iterator[bytes]:
    """What comes, as it comes: so it is known how much that was when no more does."""
    left = response.length
    while block := response.read1(_block_size if left is None else min(left, _block_size)):
        yield block
        left = None if left is None else left - len(block)


def _media_type(headers: Message) -> str | None:
    return headers.get_content_type() if "content-type" in headers else None


def _blocks(body: Iterator[bytes], length: int | None, source: Source, timeout: float) -> Iterator[bytes]:
    """The body, block by block; raises unless all of it came and it is not empty."""
    received = 0
    try:
        for block in body:
            received += len(block)
            yield block
    except TimeoutError:
        silence = f"nothing more came within {timeout:g} s"
        raise TemporaryDownloadError(f"{silence}, {_reached(received, length)}: {source.shown}") from None
    except (OSError, HTTPException):
        raise _cut_off(received, length, source) from None
    if length is not None and received < length:
        raise _cut_off(received, length, source)
    if not received:
        raise DownloadError(f"empty body: {source.shown}")


# Writing --------------------------------------------------------------------------------------


def _save(answer: _Answer, to: str) -> str:
    is_folder = to.endswith(("/", os.sep)) or os.path.isdir(to)
    path = os.path.join(to, name_of(answer.source, answer.media_type)) if is_folder else to
    try:
        if os.path.exists(path) and not os.path.isfile(path) and not is_folder:
            raise DownloadError(f"cannot write {path}: not a plain file: {answer.source.shown}")
        folder = os.path.dirname(path) or "."
        os.makedirs(folder, exist_ok=True)
        with open_draft(folder) as draft:
            _fill(draft.file, answer)
            if not is_folder:
                draft.replace(path)
            elif not draft.add(path) and not _same(draft.file, path):
                path = with_digest(path, answer.source)
                draft.replace(path)
    except (FileExistsError, NotADirectoryError):  # of what is above it
        raise DownloadError(f"cannot write {path}: below a file: {answer.source.shown}") from None
    except OSError as error:
        raise DownloadError(f"cannot write {path}: {_lowered(error)}: {answer.source.shown}") from None
    return path


def _fill(file: BinaryIO, answer: _Answer) -> None:
    for block in answer.blocks:
        file.write(block)
    file.flush()


def _same(file: BinaryIO, path: str) -> bool:
    if not os.path.isfile(path) or os.path.getsize(path) != os.fstat(file.fileno()).st_size:
        return False
    file.seek(0)
    with open(path, "rb") as other:
        while block := file.read(_block_size):
            if block != other.read(_block_size):
                return False
    return True


# Words ----------------------------------------------------------------------------------------


def _refusal(status: int, reason: str | None, source: Source) -> DownloadError:
    said = (reason or "").strip()
    if 300 <= status < 400 and "\n" in said:
        said = "redirects without end"
    kind = TemporaryDownloadError if status in _worth_another_try else DownloadError
    return kind(f"{status} {said or _phrase(status)}: {source.shown}")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in list(HTTPStatus) else "unknown status"


def _no_answer(error: Exception, source: Source, timeout: float) -> DownloadError:
    cause = error.reason if isinstance(error, URLError) else error
    if untrusted := getattr(cause, "verify_message", None):
        return DownloadError(f"certificate not trusted ({untrusted}): {source.shown}")
    if lasting := _no_tls(cause) or _too_much(cause):
        return DownloadError(f"{lasting}: {source.shown}")
    if isinstance(cause, TimeoutError):
        said = f"no answer within {timeout:g} s"
    elif isinstance(cause, gaierror):
        said = "unknown host"
    elif isinstance(cause, ConnectionRefusedError):
        said = "connection refused"
    elif isinstance(cause, ConnectionError) or _is_of_tls(cause):
        said = "connection closed without an answer"
    elif isinstance(cause, HTTPException):
        said = "the answer is not HTTP"
    else:
        said = _lowered(cause)
    return TemporaryDownloadError(f"{said}: {source.shown}")


def _is_of_tls(error: object) -> bool:
    return getattr(error, "library", None) == "SSL"


def _no_tls(error: object) -> str:
    """Why there is no encrypted connection, and will be none; of one that was closed it is not known."""
    reason = str(getattr(error, "reason", "")) if _is_of_tls(error) else ""
    if reason in _of_plain_text:
        return "the server does not speak TLS there, as https:// asks for"
    return (
        "" if reason in ("", "UNEXPECTED_EOF_WHILE_READING") else f"no TLS connection ({_in_words(reason)})"
    )


_of_plain_text = (
    "WRONG_VERSION_NUMBER",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)


def _in_words(reason: str) -> str:
    return reason.lower().replace("_", " ")


def _too_much(error: object) -> str:
    """What is too much is told in words that nothing but the error's text says."""
    said = str(error) if isinstance(error, HTTPException) else ""
    if said == "got more than 100 headers":
        return "the answer has more than 100 header lines"
    return "the answer has a header line of more than 64 KiB" if said.endswith("reading header line") else ""


def _cut_off(received: int, length: int | None, source: Source) -> DownloadError:
    return TemporaryDownloadError(f"cut off half-way {_reached(received, length)}: {source.shown}")


def _reached(received: int, length: int | None) -> str:
    if length is None:
        return f"after {received} bytes" if received else "at the beginning"
    return f"at {received} of {length} bytes"


def _lowered(error: object) -> str:
    said = str(getattr(error, "strerror", None) or error)
    return said[:1].lower() + said[1:]
