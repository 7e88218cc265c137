"""Where something stands in a file, and what may be wrong there.

It knows neither how a file is read nor how that is told.
"""

from __future__ import annotations

from runner.struct import struct


@struct(order=True)
class Position:
    """A place in a file, 1-based; it prints as `file:line:column`. Line 0 is the file as a whole."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@struct
class Fault:
    """Something wrong with the text. `length` is that of the token; `related` are other places."""

    position: Position
    code: str
    message: str
    hint: str = ""
    length: int = 1
    related: tuple[tuple[Position, str], ...] = ()
