"""Secrets, and every spelling of them that commands and programs print, replaced by `***`.

Knows neither where secrets come from nor what is done with masked text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from runner.hints import Any, AnyStr
from runner.json_text import encode_basestring, encode_basestring_ascii
from runner.records import Failure
from runner.struct import replace

shortest = 6
"""Shorter secrets, and shorter lines of a secret, would mask half of every text."""

_stars = "***"
_wrapped_at = (64, 76)
"""The line lengths of `openssl base64` and of `base64`."""
_left_out = "…"
"""What our own texts say for a part that was cut out."""
_shortest_piece = 4
_indent = 80


class Mask:
    """Replaces secrets. False, and nearly free, where there are none."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        texts = {spelling for secret in secrets.values() for spelling in _spellings(secret)}
        self._texts = tuple(sorted(texts, key=len, reverse=True))
        self._bytes = tuple(text.encode("utf-8", "surrogateescape") for text in self._texts)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def text(self, text: str) -> str:
        """The text with its secrets masked, and with what a cut at a `…` has left of one."""
        if not self._texts or len(text) < shortest:
            return text
        spans = [*_find(text, self._texts), *_find_pieces(text, self._texts)]
        return "".join(_cut(text, _merge(spans), _stars)) if spans else text

    def settled(self, data: bytes) -> tuple[bytes, bytes]:
        """As much as can be masked now, masked, and the rest, in which a secret has perhaps begun."""
        spans = _merge(_find(data, self._bytes))
        end = len(data) - self._begun(data)
        end = min((span[0] for span in spans if span[0] < end < span[1]), default=end)
        whole = [span for span in spans if span[1] <= end]
        return b"".join(_cut(data[:end], whole, _stars.encode())), data[end:]

    def last(self, data: bytes) -> bytes:
        """What nothing follows, masked; whoever printed it may have been ended within a secret."""
        spans = _find(data, self._bytes)
        begun = self._begun(data)
        if begun >= _shortest_piece:
            spans.append((len(data) - begun, len(data)))
        return b"".join(_cut(data, _merge(spans), _stars.encode()))

    def _begun(self, data: bytes) -> int:
        return max((_begun(data, spelling) for spelling in self._bytes), default=0)

    def failure(self, failure: Failure) -> Failure:
        """The failure with its secrets masked."""
        return replace(
            failure,
            message=self.text(failure.message),
            traceback=failure.traceback and self.text(failure.traceback),
            command=failure.command and self.text(failure.command),
            output=failure.output and self.text(failure.output),
            address=failure.address and self.text(failure.address),
            exception=tuple(map(self.text, failure.exception)),
        )

    def value(self, value: Any) -> tuple[Any, bool]:
        """A JSON-like value with its secrets masked, however deep it is, and whether there were any.

        What cannot be looked into may hold one: it is None.
        """
        try:
            if not self._texts or all(self._leaf(leaf) is leaf for leaf in _leaves(value)):
                return value, False
            return self._copy(value), True
        except BaseException:  # the methods of what it holds may be the user's
            return None, True

    def _leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, str):
            return self.text(leaf)
        if isinstance(leaf, bool) or not isinstance(leaf, int | float):
            return leaf
        try:
            text = repr(leaf)
        except ValueError:  # a number that is too long to be written out anywhere
            return leaf
        masked = self.text(text)
        return leaf if masked == text else masked

    def _copy(self, value: Any) -> Any:
        whole = [value]
        copies: dict[int, Any] = {}
        waiting: list[Any] = [whole]
        while waiting:
            part = waiting.pop()
            for place, inner in list(part.items() if isinstance(part, dict) else enumerate(part)):
                if not isinstance(inner, dict | list | tuple):
                    part[place] = self._leaf(inner)
                    continue
                if id(inner) not in copies:
                    copies[id(inner)] = self._shallow_copy(inner)
                    waiting.append(copies[id(inner)])
                part[place] = copies[id(inner)]
        return whole[0]

    def _shallow_copy(self, container: Any) -> Any:
        if isinstance(container, dict):
            return {self._leaf(name): inner for name, inner in container.items()}
        return list(container)


def _leaves(value: Any) -> Iterator[Any]:
    """Keys, texts, numbers and the rest; what a value holds twice, or itself in a circle, once."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict | list | tuple):
            yield part
        elif id(part) not in seen:
            seen.add(id(part))
            waiting.extend(part)
            if isinstance(part, dict):
                waiting.extend(part.values())


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
    once = {text, *_escaped(text)}
    # JSON in JSON, and JSON in a message that quotes it.
    yield from (twice for escaped in once for twice in _escaped(escaped))
    for plain in {text, *_as_json(text)}:
        data = plain.encode("utf-8", "surrogateescape")
        yield from _url_quoted(data)
        yield from _shell_quoted(plain)
        yield data.hex()
        yield data.hex().upper()
        yield from _base64(data)
    if text.isdecimal():
        yield text.lstrip("0")


def _escaped(text: str) -> Iterator[str]:
    yield text
    yield from _as_json(text)
    yield from _as_python(repr(text + '"')[1:-2])
    yield from _as_python(repr(text.encode("utf-8", "surrogateescape") + b'"')[2:-2])


def _as_json(text: str) -> Iterator[str]:
    yield encode_basestring_ascii(text)[1:-1]
    yield encode_basestring(text)[1:-1]


def _as_python(quoted: str) -> Iterator[str]:
    """With its apostrophes escaped, and plain: which it is depends on what stands around the secret."""
    yield quoted
    yield quoted.replace("\\'", "'")


def _url_quoted(data: bytes) -> Iterator[str]:
    from urllib.parse import quote, quote_plus

    for quoted in (
        quote(data, safe=""),
        quote(data),
        quote_plus(data),
        quote(data, safe="!*'()"),
    ):
        yield quoted
        yield _lower_escapes(quoted)


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


_escapes = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_escape = r"\\([abfnrtv\\])"


def _shell_quoted(text: str) -> Iterator[str]:
    """As commands that are shown quote it, and as the `echo` of `sh` prints it."""
    import re
    from shlex import quote

    yield quote(text).removeprefix("'").removesuffix("'")
    yield text.replace("'", "'\\''")
    yield re.sub(_escape, lambda found: _escapes[found[1]], text)
    yield "".join(letter if letter.isalnum() or letter in "_-./:@%+=," else f"\\{letter}" for letter in text)


def _base64(data: bytes) -> Iterator[str]:
    """What all base64 texts of anything with `data` inside have in common, for its three alignments."""
    from base64 import b64encode

    for before in range(3):
        whole = b64encode(bytes(before) + data).decode()
        first, end = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        yield whole[first:end]
        yield whole[first:end].translate(str.maketrans("+/", "-_"))
    whole = b64encode(data).decode().rstrip("=")
    for width in _wrapped_at:
        if len(whole) > width:
            yield from (whole[start : start + width] for start in range(0, len(whole), width))


# Cutting ----------------------------------------------------------------------------------------

_Spans = list[tuple[int, int]]


def _find(text: AnyStr, spellings: Iterable[AnyStr]) -> _Spans:
    """Where the spellings stand, each overlapping one too."""
    return [(start, start + len(spelling)) for spelling in spellings for start in _places(text, spelling)]


def _places(text: AnyStr, part: AnyStr) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def _find_pieces(text: str, spellings: Sequence[str]) -> _Spans:
    """Where, beside something that was left out, stands the beginning or the end of a spelling."""
    spans = []
    for at in _places(text, _left_out):
        reach = len(spellings[0]) + _indent
        first, last = max(at - reach, 0), min(at + 1 + reach, len(text))
        before, after = text[first:at].rstrip(), text[at + 1 : last].lstrip()
        size = max(_begun(before, spelling) for spelling in spellings)
        if size >= _shortest_piece:
            spans.append((first + len(before) - size, first + len(before)))
        size = max(_begun(after[::-1], spelling[::-1]) for spelling in spellings)
        if size >= _shortest_piece:
            spans.append((last - len(after), last - len(after) + size))
    return spans


def _begun(text: AnyStr, spelling: AnyStr) -> int:
    """How much of a spelling, short of all of it, is the end of the text."""
    first = max(len(text) - len(spelling) + 1, 0)
    while (first := text.find(spelling[:1], first)) >= 0:
        if spelling.startswith(text[first:]):
            return len(text) - first
        first += 1
    return 0


def _merge(spans: _Spans) -> _Spans:
    merged: _Spans = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _cut(text: AnyStr, spans: _Spans, stars: AnyStr) -> Iterator[AnyStr]:
    last = 0
    for start, end in spans:
        yield text[last:start]
        yield stars
        last = end
    yield text[last:]
