"""What a URL names, and how messages name it: never by its login, nor by a part of what may be one.

A program that masks secrets knows them whole: of one that stands in a URL as it is, with a `/` or `@` in it,
a part would be shown.
"""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit

from runner.struct import struct

_port = re.compile(r":\d*$")
_hosts = re.compile(r"[^\s/?#@%<>\\^`{|}\"]+")


class NoURLError(Exception):
    """It is no URL; the text says why, and ends in it."""


@struct
class Source:
    """A URL taken apart; `shown` is how messages name it: without its login."""

    parts: SplitResult
    shown: str

    @property
    def host(self) -> str:
        """With its port, and without the login."""
        return self.parts.netloc.rpartition("@")[2]

    @property
    def name(self) -> str:
        """The host as it is written: a mask knows a secret in no other way."""
        return _port.sub("", self.host)

    @property
    def is_plain(self) -> bool:
        """Whether its host is surely no part of its login."""
        return "@" not in self.parts.netloc or "@" not in self.parts.geturl().partition(self.parts.netloc)[2]

    @property
    def authorization(self) -> str | None:
        """The header that its login comes to."""
        if self.parts.username is None:
            return None
        login = f"{unquote(self.parts.username)}:{unquote(self.parts.password or '')}"
        return "Basic " + b64encode(login.encode()).decode()


def read_url(url: object) -> Source:
    """Take a URL of http, https or file apart. Raises `NoURLError`."""
    if not isinstance(url, str):
        raise NoURLError(f"a URL is text, not {type(url).__name__}: {url!r}")
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _bad("host name", url) from None
    shown = _without_login(url) if "@" in parts.netloc else url
    if "://" not in url:
        raise NoURLError(f"not a URL (it has no scheme such as https://): {shown or repr(url)}")
    if parts.scheme not in ("http", "https", "file"):
        raise NoURLError(f"unsupported scheme '{parts.scheme}', expected http, https or file: {shown}")
    if parts.scheme == "file":
        return Source(parts, shown)
    if not parts.hostname:
        raise NoURLError(f"not a URL (it names no host): {shown}")
    try:
        _ = parts.port
    except ValueError:
        raise _bad("port", url) from None
    if not _hosts.fullmatch(parts.hostname):
        raise _bad("host name", url)
    return Source(parts, shown)


def _bad(what: str, url: str) -> NoURLError:
    if "@" not in url:
        return NoURLError(f"not a URL (bad {what}): {url}")
    return NoURLError(f"not a URL (bad {what}; a login is written percent-encoded): {_without_login(url)}")


def _without_login(url: str) -> str:
    """What stands before the last `@` may all be one, if it is not written as it should be."""
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2]
