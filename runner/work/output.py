"""What a command printed, read as its result: text, lines or JSON. Knows no processes."""

from __future__ import annotations

import os

from runner.hints import Any, NoReturn
from runner.json_text import TooLarge, finite
from runner.work.quick import size_of
from runner.workflow import Capture

largest = 1 << 20
"""More bytes than this are not held as a result; the log has them."""


class BadOutput(Exception):
    """stdout is not what `capture` expects; its text says why."""


def read_result(stdout: int, capture: Capture) -> tuple[Any, bool]:
    """The result in an open file, and whether it was too large to be one. Raises `BadOutput`."""
    if capture == "none":
        return None, False
    size = size_of(stdout)
    if size > largest:
        return None, True
    text = _read(stdout, size).decode("utf-8", "surrogateescape")
    match capture:
        case "text":
            return text.rstrip("\n"), False
        case "lines":
            return _lines(text), False
        case "json":
            return _json(text), False


def _read(file: int, size: int) -> bytes:
    data = b""
    while len(data) < size and (block := os.pread(file, size - len(data), len(data))):
        data += block
    return data


def _lines(text: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def _json(text: str) -> Any:
    if not text.strip():
        raise BadOutput("stdout is empty; `capture: json` expects one JSON value there")
    import json

    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse, parse_float=finite)
    except RecursionError:
        reason = "it is nested too deeply"
    except TooLarge as error:
        raise BadOutput(f"stdout holds a number that is too large: {error}") from None
    except ValueError as error:
        reason = str(error)
    raise BadOutput(f"stdout is not JSON: {reason}; it begins with {_beginning(text)}")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")


def _beginning(text: str) -> str:
    start = text.lstrip()
    return repr(start[:40] + "…" if len(start) > 40 else start)
