"""What a URL names, and how messages name it: as it is written, or, if it has a login, by its scheme alone.

A program that masks secrets knows them whole. Of one that is the whole URL, or that stands in it as it is
though there is a `/` or `@` in it, any other part that was shown would be one of the secret.
"""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit

from runner.regex import regex
from runner.struct import struct

_port = regex(r":\d*$")
_hosts = regex(r"[^\s/?#@%<>\\^`{|}\"]+")


class NoURLError(Exception):
    """It is no URL; the text says why, and ends in it."""


@struct
class Source:
    """A URL taken apart; `shown` is how messages name it."""

    parts: SplitResult
    shown: str

    @property
    def host(self) -> str:
        """With its port, and without the login."""
        return self.parts.netloc.rpartition("@")[2]

    @property
    def name(self) -> str:
        """The host as it is written; empty where none is named, or with a login."""
        return "" if "@" in self.parts.netloc else _port.sub("", self.parts.netloc)

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
    shown = _shown(url, parts)
    if "://" not in url:
        raise NoURLError(f"not a URL (it has no scheme such as https://): {shown or repr(url)}")
    if parts.scheme not in ("http", "https", "file"):
        raise NoURLError(f"unsupported scheme, expected http, https or file: {shown}")
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
    return NoURLError(f"not a URL (bad {what}; a login is written percent-encoded): {_scheme(url)}")


def _shown(url: str, parts: SplitResult) -> str:
    return _scheme(url) if "@" in parts.netloc else url


def _scheme(url: str) -> str:
    """As it is written: whatever of it is a secret is known again."""
    scheme, separator, _ = url.partition("://")
    return f"{scheme}{separator}…"
