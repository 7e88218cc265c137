r"""Text in which GitHub's runner finds no command, whatever it says. It does not know whose text it is.

The runner looks at each line of both streams by itself (its `ActionCommand.cs`): `::name …::` at the
beginning, after white space, and `##[name …]` anywhere. It compares as people read, so that what
cannot be seen (a soft hyphen, a zero-width space) may stand inside of either. So the second colon, and the
bracket, are written `\:` and `\[`. Each line is inert by itself: a token by which commands are stopped and
allowed again would not hold between two streams, of which the runner reads now one and now the other, and
commands would stay stopped after a program that is killed.
"""

from __future__ import annotations

import io
import os
import re
import stat
from typing import TextIO

from runner.regex import regex

_unseen = bytes({*range(256)} - {*range(0x20, 0x7F)} - set(b"\r\n"))
_blank = _unseen + b" "
_command = regex(
    rb"([\r\n][^!-~\r\n]*:[^ -~\r\n]*|#[^ -~\r\n]*#[^ -~\r\n]*)([:\[])", re.DOTALL
)  # fmt: skip
_in_text = {b":": rb"\:", b"[": rb"\["}
_in_json = {b":": rb"\u003a", b"[": rb"\u005b"}
_in_markup = {b":": b"&#58;", b"[": b"&#91;"}
_forms = {b"{": _in_json, b"[": _in_json, b"<": _in_markup}


def inert(text: str) -> str:
    """Whole lines, without commands."""
    if "#" not in text and ":" not in text:
        return text
    data = b"\n" + text.encode("utf-8", "surrogatepass")
    return _without_commands(data, _in_text)[1:].decode("utf-8", "surrogatepass")


def _without_commands(data: bytes, form: dict[bytes, bytes]) -> bytes:
    return _command.sub(lambda found: found[1] + form[found[2]], data)


class InertBytes:
    """What is printed piece by piece, without commands. What begins as JSON or as markup means the same."""

    def __init__(self) -> None:
        self._before = b"\n"
        self._form = _in_text
        self._begun = False

    def __call__(self, piece: bytes) -> bytes:
        if not self._begun and (start := piece.lstrip()):
            self._begun = True
            self._form = _forms.get(start[:1], _in_text)
        whole = self._before + piece
        shown = _without_commands(whole, self._form)[len(self._before) :]
        self._before = _end(whole)
        return shown


def _end(text: bytes) -> bytes:
    """What of a text could be the beginning of a command, in as few words as say it."""
    seen = text.rstrip(_unseen)
    if seen.endswith(b"#"):
        return b"##" if seen[:-1].rstrip(_unseen).endswith(b"#") else b"#"
    if _is_line_end(text.rstrip(_blank)):
        return b"\n"
    if seen.endswith(b":") and _is_line_end(seen[:-1].rstrip(_blank)):
        return b"\n:"
    return b"."


def _is_line_end(text: bytes) -> bool:
    return not text or text[-1:] in b"\r\n"


class InertStream(io.TextIOWrapper):
    """A stream of lines without commands but those that it is told to give. Its descriptor stays open."""

    def __init__(self, stream: TextIO) -> None:
        binary = io.BufferedWriter(io.FileIO(stream.fileno(), "w", closefd=False))
        super().__init__(binary, encoding="utf-8", errors="backslashreplace", line_buffering=True)

    def write(self, text: str, /) -> int:
        super().write(inert(text))
        return len(text)

    def command(self, text: str) -> None:
        """Give commands."""
        super().write(text)
        self.flush()


def is_read(descriptor: int) -> bool:
    """Whether the service may read what is written there, as it does not read a file."""
    try:
        return not stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False
