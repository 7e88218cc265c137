"""The functions that make items: `range`, `glob`, and files read line by line, row by row.

A source is read while it is gone through, each time from the beginning, and it pickles. It knows
nothing of expressions and maps.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from runner.encodings import longest_mark, other_encoding
from runner.expression.values import EvaluationError, Lazy, describe
from runner.json_text import TooLarge, finite
from runner.links import broken_link
from runner.struct import struct

largest_text = 64 * 1024 * 1024
"""Bytes of a file that `read` gives as one text."""


@struct
class Lines(Lazy):
    """The lines of a file, without their ends: split at `\\n`, one `\\r` dropped."""

    path: str
    shown: str

    def __iter__(self) -> Iterator[str]:
        with _opened(self.path, self.shown) as file:
            for line in file:
                yield line.removesuffix("\n").removesuffix("\r")


_largest_cell = 1 << 26


@struct
class Rows(Lazy):
    """The rows of a CSV file as mappings from the names in its first row."""

    path: str
    shown: str
    delimiter: str

    def __iter__(self) -> Iterator[dict[str, str | None]]:
        import csv

        csv.field_size_limit(_largest_cell)
        with _opened(self.path, self.shown) as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            begun = 0
            try:
                names = next(filter(None, reader), [])
                self._check_names(names)
                begun = reader.line_num
                for cells in reader:
                    if len(cells) > len(names):
                        fault = f"a row of {len(cells)} cells under {len(names)} names"
                        raise EvaluationError(f"{self.shown}:{reader.line_num}: {fault}")
                    begun = reader.line_num
                    if cells:
                        yield dict(zip(names, cells + [None] * (len(names) - len(cells)), strict=True))
            except csv.Error as error:
                raise EvaluationError(f"{self.shown}:{begun + 1}: {_csv_fault(error)}") from None

    def _check_names(self, names: list[str]) -> None:
        for name in names:
            if names.count(name) > 1:
                raise EvaluationError(f"{self.shown}: the first row names the column {name!r} twice")


def _csv_fault(error: Exception) -> str:
    told = str(error)
    if "unexpected end" in told:
        return "a quote is not closed in the row that begins here"
    if "expected after" in told:
        return "something stands behind a closing quote"
    if "universal-newline" in told:
        return "the lines end with a carriage return alone: write the file with line feeds"
    return f"a cell of more than {_largest_cell >> 20} MiB" if "field limit" in told else told


@struct
class Values(Lazy):
    """The JSON values of a file that holds one a line; empty lines are passed over."""

    path: str
    shown: str

    def __iter__(self) -> Iterator[Any]:
        with _opened(self.path, self.shown) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield self._value(line, number)

    def _value(self, line: str, number: int) -> Any:
        try:
            return parse_json(line)
        except EvaluationError as error:
            raise EvaluationError(f"{self.shown}:{number}: {error.message}") from None


@struct
class Numbers(Lazy):
    """Whole numbers, as `range` gives them."""

    numbers: range

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def known_length(self) -> int | None:
        begin, end, step = self.numbers.start, self.numbers.stop, self.numbers.step
        return max(0, (end - begin + step - (1 if step > 0 else -1)) // step)


def _opened(path: str, shown: str) -> TextIO:
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR):
            raise EvaluationError(f"{shown} is not a regular file", "a source is read anew each time")
        file = open(path, encoding="utf-8", errors="surrogateescape", newline="\n")  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise EvaluationError(*_explain(error, path, shown)) from None
    begin = bytes(file.buffer.read(longest_mark))
    file.seek(0)
    if encoding := other_encoding(begin):
        file.close()
        hint = f"convert it: iconv -f {encoding} -t UTF-8"
        raise EvaluationError(f"{shown} is {encoding}, and UTF-8 is expected", hint)
    if file.read(1) != "\ufeff":
        file.seek(0)
    return file


def _explain(error: Exception, path: str, shown: str) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {shown}", broken_link(path) or (
            f"looked for {path}" if path != shown else ""
        )
    if isinstance(error, IsADirectoryError):
        return f"{shown} is a folder", "glob gives the files of a folder"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{shown} cannot be read: {reason}", ""


def parse_json(text: str) -> Any:
    """The value that a JSON text holds, by the letter of JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=finite)
    except RecursionError:
        raise EvaluationError("the JSON is nested too deeply") from None
    except TooLarge as error:
        raise EvaluationError(f"the JSON holds a number that is too large: {error}") from None
    except ValueError as error:
        raise EvaluationError(f"this is not JSON: {error}") from None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number of JSON")


# The functions, each given the folder that relative paths start from ------------------------------


def lines(folder: str, path: str) -> Lines:
    """The lines of a text file."""
    return Lines(_absolute(folder, path), path)


def csv_rows(folder: str, path: str, delimiter: str | None = None) -> Rows:
    """The rows of a CSV file; a `.tsv` file is cut at tabs."""
    if delimiter is None:
        delimiter = "\t" if str(path).lower().endswith(".tsv") else ","
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"':
        raise EvaluationError(f"the delimiter is one character, and this is {describe(delimiter)}")
    return Rows(_absolute(folder, path), path, delimiter)


def jsonl(folder: str, path: str) -> Values:
    """The values of a file with a JSON value on each line."""
    return Values(_absolute(folder, path), path)


def read(folder: str, path: str) -> str:
    """The text of a file."""
    with _opened(_absolute(folder, path), path) as file:
        if os.fstat(file.fileno()).st_size > largest_text:
            raise EvaluationError(f"{path} is over 64 MB", "lines, csv and jsonl read a file bit by bit")
        file.seek(0)
        return file.read()


def glob(folder: str, pattern: str) -> list[str]:
    """The sorted names that a pattern fits; `**` goes into folders."""
    from runner.patterns import found

    _absolute(folder, pattern)
    return sorted(found(pattern, folder))


def numbers(folder: str, start: int, stop: int | None = None, step: int = 1) -> Numbers:
    """`range(stop)`, `range(start, stop)` or `range(start, stop, step)`."""
    first, last = (0, start) if stop is None else (start, stop)
    for number in (first, last, step):
        if not isinstance(number, int) or isinstance(number, bool):
            raise EvaluationError(f"expected a whole number, and this is {describe(number)}")
    if step == 0:
        raise EvaluationError("the step of a range cannot be 0")
    return Numbers(range(first, last, step))


def _absolute(folder: str, path: Any) -> str:
    if not isinstance(path, str) or not path or "\0" in path:
        raise EvaluationError(f"expected a path, and this is {describe(path)}")
    return os.path.join(folder, path)


Function = Callable[..., Any]

functions: dict[str, Function] = {
    "range": numbers,
    "glob": glob,
    "lines": lines,
    "csv": csv_rows,
    "jsonl": jsonl,
    "read": read,
}
