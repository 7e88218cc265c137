"""What a scalar of YAML 1.2 means, and where in the file each of its characters stands.

It is given the text of one scalar. It knows neither mappings nor files nor how errors are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.regex import regex
from runner.struct import struct

longest_number = 1000

_words: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + dots for sign in ("", "+") for dots in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_marked = frozenset("'\"|>")
_special_starts = frozenset(["", *"0123456789+-.~nNtTfF"])
_integer = regex(r"[-+]?[0-9]+\Z")
_based = regex(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_float = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_break = regex(r"\r\n|\r|\n")
_escape_lengths = {"x": 4, "u": 6, "U": 10}
_escapes = {
    **dict(zip("0abtnvfre", "\0\a\b\t\n\v\f\r\x1b", strict=True)),
    **{"\t": "\t", " ": " ", '"': '"', "/": "/", "\\": "\\"},
    **dict(zip("N_LP", "\x85\xa0\u2028\u2029", strict=True)),
}

Unit = tuple[str, int]
"""A character of a value, and the place in the raw text that it comes from."""


class NumberTooLong(Exception):
    """A number of more digits than any program would want."""


def meaning(plain: str) -> object:
    """What an unquoted scalar means by the core schema of YAML 1.2."""
    if plain[:1] not in _special_starts:
        return plain
    if plain in _words:
        return _words[plain]
    if _integer.match(plain):
        return int(_bounded(plain))
    if _based.match(plain):
        return int(_bounded(plain), 0)
    if _float.match(plain):
        return float(plain)
    return plain


def quoted(text: str) -> str:
    """The text as a YAML string in quotes, in the kind of quotes that is easier to read."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def places(raw: str, value: str) -> Sequence[int] | None:
    """For each character of the value, and for its end, its place in the raw text of the scalar.

    None where the two cannot be matched.
    """
    if raw[:1] not in _marked and raw.startswith(value):
        return range(len(value) + 1)
    units = list(_units(raw, value))[: len(value)]
    if "".join(unit[0] for unit in units) != value:
        return None
    found = [unit[1] for unit in units]
    found.append(found[-1] + 1 if found else 0)
    return found


def _bounded(number: str) -> str:
    if len(number) > longest_number:
        raise NumberTooLong
    return number


def _units(raw: str, value: str) -> Iterator[Unit]:
    if raw[:1] == "|":
        return _literal(raw, value)
    if raw[:1] == ">":
        return _folded(raw, value)
    if raw[:1] == '"':
        return _flow([_double_quoted_line(raw, *span) for span in _lines(raw, 1, len(raw) - 1)])
    if raw[:1] == "'":
        return _flow([_single_quoted_line(raw, *span) for span in _lines(raw, 1, len(raw) - 1)])
    return _flow([_plain_line(raw, *span) for span in _lines(raw, 0, len(raw))])


def _lines(raw: str, start: int, end: int) -> list[tuple[int, int]]:
    """The spans of the lines between two places, without their breaks."""
    spans = []
    for found in _break.finditer(raw, start, end):
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, end))
    return spans


# Plain and quoted: lines are trimmed and folded ------------------------------------------------


@struct
class _Line:
    """One line of a plain or quoted scalar.

    Blanks are trimmed no further than `first_escape` from the left and `last_escape` from the
    right. `joined`: a backslash ends the line, so that nothing stands for its break.
    """

    units: list[Unit]
    end: int
    first_escape: int
    last_escape: int = 0
    joined: bool = False

    def trimmed(self, left: bool, right: bool) -> list[Unit]:
        """What stands in it without the blanks around it."""
        start, end = 0, len(self.units)
        while left and start < self.first_escape and self.units[start][0] in " \t":
            start += 1
        first = max(start, self.last_escape)
        while right and not self.joined and end > first and self.units[end - 1][0] in " \t":
            end -= 1
        return self.units[start:end]


def _plain_line(raw: str, start: int, end: int) -> _Line:
    return _Line([(raw[place], place) for place in range(start, end)], end, end - start)


def _single_quoted_line(raw: str, start: int, end: int) -> _Line:
    units, place = [], start
    while place < end:
        units.append((raw[place], place))
        place += 2 if raw[place] == "'" else 1
    return _Line(units, end, len(units))


def _double_quoted_line(raw: str, start: int, end: int) -> _Line:
    units: list[Unit] = []
    escapes: list[int] = []
    place, joined = start, False
    while place < end and not joined:
        if raw[place] != "\\":
            units.append((raw[place], place))
            place += 1
        elif place + 1 == end:
            joined = True
        else:
            escapes.append(len(units))
            character, length = _unescaped(raw, place)
            units.append((character, place))
            place += length
    if not escapes:
        return _Line(units, end, len(units), 0, joined)
    return _Line(units, end, escapes[0], escapes[-1] + 1, joined)


def _unescaped(raw: str, place: int) -> tuple[str, int]:
    """The character that an escape stands for, and the length of the escape."""
    letter = raw[place + 1]
    if letter not in _escape_lengths:
        return _escapes.get(letter, letter), 2
    length = _escape_lengths[letter]
    code = int(raw[place + 2 : place + length], 16)
    if not 0xD800 <= code < 0xDC00 or raw[place + 6 : place + 8] != "\\u":
        return chr(code), length
    low = int(raw[place + 8 : place + 12], 16)
    return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), 12


def _flow(lines: list[_Line]) -> Iterator[Unit]:
    """One break between two lines is a space; of more breaks each but the first is a newline."""
    breaks: list[int] = []
    joined = True
    last = len(lines) - 1
    for number, line in enumerate(lines):
        units = line.trimmed(left=number > 0, right=number < last)
        if units or line.joined or number in (0, last):
            if len(breaks) == 1 and not joined:
                yield " ", breaks[0]
            else:
                yield from (("\n", place) for place in breaks[1:])
            yield from units
            breaks, joined = [], line.joined
        breaks.append(line.end)


# Block scalars: lines lose their indentation -----------------------------------------------------


def _content(raw: str, value: str) -> list[tuple[int, int]]:
    """The spans of the lines of a block scalar, without header and indentation."""
    spans = _lines(raw, 0, len(raw))[1:]
    indent = _indent(raw, spans, value)
    content = []
    for start, end in spans:
        if end - start > indent and raw[start : start + indent].strip(" "):
            break
        content.append((min(start + indent, end), end))
    return content


def _indent(raw: str, spans: list[tuple[int, int]], value: str) -> int:
    """How many spaces every line has in the file and not in the value."""
    in_file = next((_spaces(raw[start:end]) for start, end in spans if raw[start:end].strip(" ")), 0)
    in_value = next((_spaces(line) for line in value.split("\n") if line.strip(" ")), 0)
    return max(in_file - in_value, 0)


def _spaces(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _literal(raw: str, value: str) -> Iterator[Unit]:
    for start, end in _content(raw, value):
        yield from ((raw[place], place) for place in range(start, end))
        yield "\n", end


def _folded(raw: str, value: str) -> Iterator[Unit]:
    breaks: list[Unit] = []
    spaced_before = True
    for start, end in _content(raw, value):
        if start == end:
            breaks.append(("\n", end))
            continue
        spaced = raw[start] in " \t"
        if spaced or spaced_before:
            yield from breaks
        elif len(breaks) == 1:
            yield " ", breaks[0][1]
        else:
            yield from breaks[1:]
        yield from ((raw[place], place) for place in range(start, end))
        breaks = [("\n", end)]
        spaced_before = spaced
    yield from breaks
