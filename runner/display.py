"""Text as people are shown it: nothing in it can steer a terminal, and it stands in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.hints import TYPE_CHECKING, Any
from runner.records import Counts

if TYPE_CHECKING:
    import re

_steering = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_plainly = r"(?:[A-Za-z_/]|[-.](?=[A-Za-z]))[\w./@%+~-]*"
_containers = (dict, list, tuple)
_scalars = (str, bool, int, float, type(None))
_lone_bytes = range(0xDC80, 0xDD00)


def visible(text: str) -> str:
    """`text` with control characters, and what turns the direction of text, written out."""
    if text.isascii() and text.isprintable():
        return text
    import re

    return re.sub(_steering, _written_out, text.replace("\r\n", "\n"))


def shown_lines(text: str) -> list[str]:
    """The lines of what a task printed, as they may be shown; only a line feed ends one."""
    lines = visible(text).split("\n")
    return lines if lines[-1] else lines[:-1]


def one_line(text: str, most: int = 200) -> str:
    """`text` on one line, cut when it is long."""
    line = visible(" ".join(text.split()) if "\n" in text else text)
    return line if len(line) <= most else line[: most - 1] + "…"


def as_argument(path: str) -> str:
    """A path as it may be pasted into the line of a shell, where it cannot be an option either."""
    from shlex import quote

    return quote(f"./{path}" if path.startswith("-") else path)


def width(text: str) -> int:
    """How many columns `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def cut(text: str, columns: int) -> str:
    """As much of `text` as fits into so many columns."""
    if width(text) <= columns:
        return text
    taken = 1
    for place, letter in enumerate(text):
        taken += _columns(letter)
        if taken > columns:
            return text[:place] + "…"
    return text


def pad(text: str, columns: int) -> str:
    """`text` with spaces up to so many columns."""
    return text + " " * (columns - width(text))


def in_columns(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines, the cells under each other."""
    table = list(rows)
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    used = [place for place, columns in enumerate(widths) if columns]
    return ["  ".join(pad(row[place], widths[place]) for place in used).rstrip() for row in table]


def took(seconds: float | None) -> str:
    """A duration as people say it: `320ms`, `3.2s`, `1m 05s`, `2h 03m`."""
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"


def item_in_a_line(key: str | None, value: Any, failure: str = "", most: int = 200) -> str:
    """`{python: python3, mode: ''}`: an item in a line, or nothing where its key or its failure says it."""
    kind = type(value)
    if kind not in (*_containers, *_scalars):
        return ""
    if kind in _scalars:
        text = _plain(value)
        is_said = _says(key or "", text) or _says(failure, text)
    else:
        is_said = not _is_number(key or "0") and all(
            type(it) in _scalars and (it == "" or _says(key or "", _plain(it)))
            for it in (value.values() if kind is dict else value)
        )
    return "" if is_said else one_line(_begun(value, most), most)


def _is_number(key: str) -> bool:
    """Whether a key is an index, or told apart from an equal one by a number."""
    return key.rpartition("#")[2].isdecimal()


def _says(where: str, text: str) -> bool:
    import re

    return bool(text) and text in where and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", where) is not None


def _begun(value: Any, most: int) -> str:
    """As much of a value, written as in a workflow file, as a line may need."""
    if type(value) is str and value:
        return value[: 2 * most]
    text = ""
    for piece in _in_braces(value):
        text += piece[: 2 * most]
        if len(text) > most:
            break
    return text


def _in_braces(value: Any) -> Iterator[str]:
    if type(value) is dict:
        yield "{"
        for number, (name, part) in enumerate(value.items()):
            yield ", " * bool(number) + _word(name) + ": "
            yield from _in_braces(part)
        yield "}"
    elif type(value) in (list, tuple):
        yield "["
        for number, part in enumerate(value):
            yield ", " * bool(number)
            yield from _in_braces(part)
        yield "]"
    else:
        yield _word(value)


def _word(value: Any) -> str:
    """A scalar as it is written in braces; text in quotes where it could be taken for something else."""
    import re

    plain = _plain(value)
    if type(value) is not str or (re.fullmatch(_plainly, plain) and plain not in ("true", "false", "null")):
        return plain
    return "'" + plain.replace("'", "''") + "'"


def _plain(value: Any) -> str:
    if type(value) is str:
        return value
    if value is None or type(value) is bool:
        return "null" if value is None else str(value).lower()
    return repr(value) if type(value) in (int, float) else "…"


def items_in_words(counts: Counts, total: int | None = None, broke_off: int = 0) -> str:
    """`200 items`, or `195 of 200 items succeeded, 5 failed`. `total`: how many there are, if known."""
    begun = counts.total + broke_off
    total = begun if total is None else total
    others = [
        f"{number} {word}"
        for number, word in (
            (counts.failed, "failed"),
            (counts.skipped, "skipped"),
            (counts.cancelled, "cancelled"),
            (broke_off, "broke off"),
            (total - begun, "not begun"),
        )
        if number
    ]
    items = f"{total} item{'' if total == 1 else 's'}" if total else "no items"
    return ", ".join([f"{counts.succeeded} of {items} succeeded", *others]) if others else items


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in _lone_bytes:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _columns(letter: str) -> int:
    from unicodedata import category, east_asian_width

    if category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
