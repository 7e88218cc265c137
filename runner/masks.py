"""Secrets, and every spelling of them that commands and programs print, replaced by `***`.

Knows neither where secrets come from nor what is done with masked text.
"""

from __future__ import annotations

import base64
import json
import shlex
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, AnyStr

shortest = 6
"""Shorter secrets, and shorter lines of a secret, would mask half of every text."""

_stars = "***"
_wrapped_at = (64, 76)
"""The line lengths of `openssl base64` and of `base64`."""


class Mask:
    """Replaces secrets. False, and nearly free, where there are none."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        texts = {spelling for secret in secrets.values() for spelling in _spellings(secret)}
        self._texts = tuple(sorted(texts, key=len, reverse=True))
        self._bytes = tuple(text.encode("utf-8", "surrogateescape") for text in self._texts)
        self.longest = max(map(len, self._bytes), default=0)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def text(self, text: str) -> str:
        """The text with its secrets masked."""
        spans = _find(text, self._texts)
        return text if not spans else "".join(_cut(text, spans, _stars))

    def raw(self, data: bytes) -> bytes:
        """The bytes with their secrets masked."""
        spans = _find(data, self._bytes)
        return data if not spans else b"".join(_cut(data, spans, _stars.encode()))

    def value(self, value: Any) -> tuple[Any, bool]:
        """A JSON value with its secrets masked, and whether there were any."""
        if not self._texts:
            return value, False
        masked = self._value(value)
        return (masked, True) if masked != value else (value, False)

    def _value(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case bool() | None:
                return value
            case int() | float():
                text = str(value)
                masked = self.text(text)
                return value if masked == text else masked
            case list():
                return [self._value(element) for element in value]
            case dict():
                return {self.text(name): self._value(element) for name, element in value.items()}
        return value

    def holds(self, text: str) -> bool:
        """Whether there is a secret in the text."""
        return any(spelling in text for spelling in self._texts)

    def settled(self, data: bytes) -> int:
        """How many of the first bytes can be masked now: no secret of theirs goes on in what follows."""
        safe = max(len(data) - self.longest + 1, 0)
        for start, end in _find(data, self._bytes):
            if start < safe < end:
                safe = start
        return safe


@lru_cache(maxsize=8)
def _mask_of(secrets: tuple[tuple[str, str], ...]) -> Mask:
    return Mask(dict(secrets))


_nothing = Mask({})


def mask_of(secrets: Mapping[str, str]) -> Mask:
    """The mask of these secrets, made once."""
    return _mask_of(tuple(secrets.items())) if secrets else _nothing


# Spellings --------------------------------------------------------------------------------------


def _spellings(secret: str) -> Iterator[str]:
    """A secret, and each of its lines, in every encoding that is masked."""
    lines = [line.strip() for line in secret.splitlines()]
    for part in {secret, secret.strip(), *lines}:
        if len(part) >= shortest:
            yield from (spelling for spelling in _encodings(part) if len(spelling) >= shortest)


def _encodings(text: str) -> Iterator[str]:
    data = text.encode("utf-8", "surrogateescape")
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield from _url_quoted(data)
    yield from _shell_quoted(text)
    yield data.hex()
    yield data.hex().upper()
    yield from _base64(data)


def _url_quoted(data: bytes) -> Iterator[str]:
    for quoted in (
        urllib.parse.quote(data, safe=""),
        urllib.parse.quote(data),
        urllib.parse.quote_plus(data),
        urllib.parse.quote(data, safe="!*'()"),
    ):
        yield quoted
        yield _lower_escapes(quoted)


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _shell_quoted(text: str) -> Iterator[str]:
    yield shlex.quote(text).removeprefix("'").removesuffix("'")
    yield text.replace("'", "'\\''")
    yield "".join(letter if letter.isalnum() or letter in "_-./:@%+=," else f"\\{letter}" for letter in text)


def _base64(data: bytes) -> Iterator[str]:
    """What all base64 texts of anything with `data` inside have in common, for its three alignments."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).decode()
        first, end = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        yield whole[first:end]
        yield whole[first:end].translate(str.maketrans("+/", "-_"))
    whole = base64.b64encode(data).decode().rstrip("=")
    for width in _wrapped_at:
        if len(whole) > width:
            yield from (whole[start : start + width] for start in range(0, len(whole), width))


# Cutting ----------------------------------------------------------------------------------------


def _find(text: AnyStr, spellings: Iterable[AnyStr]) -> list[tuple[int, int]]:
    """Where the spellings stand, each overlapping one too, merged into spans."""
    spans: list[tuple[int, int]] = []
    for spelling in spellings:
        start = text.find(spelling)
        while start >= 0:
            spans.append((start, start + len(spelling)))
            start = text.find(spelling, start + 1)
    return _merge(spans)


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _cut(text: AnyStr, spans: list[tuple[int, int]], stars: AnyStr) -> Iterator[AnyStr]:
    last = 0
    for start, end in spans:
        yield text[last:start]
        yield stars
        last = end
    yield text[last:]
