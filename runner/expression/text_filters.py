"""The filters that write text, cut paths, and convert between text and values.

They write by the one text rule and charge what they add to `bounds`. They know neither syntax nor names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.expression import bounds
from runner.expression.operations import real, whole
from runner.expression.sources import parse_json
from runner.expression.values import EvaluationError, describe, json_of, written
from runner.regex import regex

# Text -------------------------------------------------------------------------------------------


def upper(value: Any) -> str:
    return written(value).upper()


def lower(value: Any) -> str:
    return written(value).lower()


def capitalize(value: Any) -> str:
    return written(value).capitalize()


def title(value: Any) -> str:
    words = re.split(r"([-\s({\[<]+)", written(value))
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


def trim(value: Any, chars: str | None = None) -> str:
    return written(value).strip(chars)


def replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:
    return replaced(
        written(value), written(old), written(new), -1 if count is None else whole(count, "count")
    )


def replaced(text: str, old: str, new: str, count: int = -1) -> str:
    """`text.replace`, charged for what it adds."""
    if len(new) > len(old):
        found = text.count(old) if count < 0 else min(text.count(old), count)
        bounds.charge(found * (len(new) - len(old)))
    return text.replace(old, new, count)


def center(value: Any, width: int = 80) -> str:
    text = written(value)
    bounds.charge_growth(len(text), whole(width, "width"))
    return text.center(width)


def indent(value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    text = written(value)
    margin = width if isinstance(width, str) else " " * min(whole(width, "width"), bounds.most + 1)
    lines = (text + "\n").splitlines()
    bounds.charge(len(margin) * len(lines))
    begun = margin if first else ""
    return begun + "\n".join(
        margin + line if number and (line or blank) else line for number, line in enumerate(lines)
    )


def truncate(
    value: Any, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5
) -> str:
    text, tail = written(value), written(end)
    if len(text) <= whole(length, "length") + whole(leeway, "leeway"):
        return text
    if length < len(tail):
        raise EvaluationError(f"length {length} leaves no room for the end {tail!r}")
    begun = text[: length - len(tail)]
    return (begun if killwords else begun.rsplit(" ", 1)[0]) + tail


def wordwrap(
    value: Any,
    width: int = 79,
    break_long_words: bool = True,
    wrapstring: str = "\n",
    break_on_hyphens: bool = True,
) -> str:
    from textwrap import wrap

    text, joint = written(value), written(wrapstring)
    if whole(width, "width") < 1:
        raise EvaluationError("the width of a line is at least 1")
    lines = [
        wrap(
            line,
            width,
            expand_tabs=False,
            replace_whitespace=False,
            break_long_words=bool(break_long_words),
            break_on_hyphens=bool(break_on_hyphens),
        )
        for line in text.splitlines()
    ]
    bounds.charge(len(joint) * sum(max(1, len(wrapped)) for wrapped in lines))
    return joint.join(joint.join(wrapped) for wrapped in lines)


def wordcount(value: Any) -> int:
    return len(re.findall(r"\w+", written(value)))


def striptags(value: Any) -> str:
    from html import unescape

    kept = []
    rest = written(value)
    pieces = rest.split("<!--")
    kept.append(pieces[0])
    for piece in pieces[1:]:
        kept.append(piece.partition("-->")[2])
    return unescape(" ".join(re.sub(r"<[^<>]*>", "", "".join(kept)).split()))


def escape(value: Any) -> str:
    from html import escape as escaped

    text = written(value)
    bounds.charge_growth(0, 5 * sum(map(text.count, "&<>\"'")))
    return escaped(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def urlencode(value: Any) -> str:
    from urllib.parse import quote

    def quoted(part: Any, safe: str) -> str:
        text = quote(written(part), safe=safe, errors="surrogateescape")
        bounds.charge_growth(len(text) // 3, len(text))
        return text

    if isinstance(value, Mapping):
        value = list(value.items())
    if not isinstance(value, list | tuple):
        return quoted(value, "/")
    pairs = [pair for pair in value if isinstance(pair, list | tuple) and len(pair) == 2]
    if len(pairs) < len(value):
        raise EvaluationError("expected a text, a mapping or a list of pairs")
    query = "&".join(f"{quoted(name, '')}={quoted(part, '')}" for name, part in pairs)
    return query.replace("%20", "+")


_conversion = regex(r"%(?:\(([^)]*)\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?.", re.DOTALL)


def formatted(value: Any, arguments: Any) -> str:
    """`text % arguments`, where `%s` writes any value by the text rule."""
    text = written(value)
    for name, width, precision in _conversion.findall(text):
        if "*" in (width, precision):
            raise EvaluationError("a width of * is not supported", "write the width as a number")
        bounds.charge(sum(int(digits[:9]) for digits in (width, precision) if digits))
        if name and isinstance(arguments, Mapping):
            bounds.charge(bounds.weight(arguments.get(name)))
    try:
        if isinstance(arguments, Mapping):
            return text % {name: _printable(part) for name, part in arguments.items()}
        return text % tuple(map(_printable, arguments))
    except (TypeError, ValueError, OverflowError, KeyError) as error:
        raise EvaluationError(f"{describe(text)} does not fit what it is given: {error}") from None


def _printable(value: Any) -> Any:
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else written(value)


def format_(value: Any, *args: Any, **kwargs: Any) -> str:
    if args and kwargs:
        raise EvaluationError("format takes arguments by place or by name, not both")
    return formatted(value, kwargs or args)


def filesizeformat(value: Any, binary: bool = False) -> str:
    number = float_(value, None) if isinstance(value, str) else value
    size = float(real(value if number is None else number))
    base, ending = (1024, "iB") if binary else (1000, "B")
    if size < base:
        return "1 Byte" if size == 1 else f"{int(size)} Bytes"
    for prefix in "KMGTPEZY":
        size /= base
        if size < base or prefix == "Y":
            break
    return f"{size:.1f} {prefix if binary or prefix != 'K' else 'k'}{ending}"


def slug(value: Any) -> str:
    """Lower-case letters and digits joined by `-`; accents are dropped."""
    from unicodedata import combining, normalize

    plain = "".join(c for c in normalize("NFKD", written(value)) if not combining(c))
    return re.sub(r"[\W_]+", "-", plain.lower()).strip("-")


# Paths ------------------------------------------------------------------------------------------


def basename(value: Any) -> str:
    return written(value).rstrip("/").rpartition("/")[2]


def dirname(value: Any) -> str:
    text = written(value)
    head = text.rstrip("/").rpartition("/")[0].rstrip("/")
    return "/" if not head and text.startswith("/") else head


def stem(value: Any) -> str:
    name = basename(value)
    return name.removesuffix(suffix(name))


def suffix(value: Any) -> str:
    name = basename(value)
    head, dot, tail = name.rpartition(".")
    return dot + tail if head.strip(".") and tail else ""


# Conversions ------------------------------------------------------------------------------------


least_weighed = 10_000
"""Characters of JSON text under which nothing of note can have been added."""


def string(value: Any) -> str:
    return _json_charged(value) if not isinstance(value, str) else written(value)


def json_(value: Any, indent: int | None = None) -> str:
    return _json_charged(value, indent)


def _json_charged(value: Any, indent: int | None = None) -> str:
    """JSON text, charged for what escapes and indents add."""
    if indent is not None:
        indent = max(0, min(whole(indent, "indent"), 8))
    text = json_of(value, indent)
    if len(text) > least_weighed or isinstance(value, str):
        bounds.charge_growth(bounds.weight(value, len(text), number=24), len(text))
    return text


def from_json(value: Any) -> Any:
    return parse_json(written(value).removeprefix("\ufeff"))


def from_yaml(value: Any) -> Any:
    from runner.source import parse

    document = parse(written(value), "text")
    if document.faults:
        fault = document.faults[0]
        raise EvaluationError(
            f"line {fault.position.line} of the text is not YAML: {fault.message}", fault.hint
        )
    return document.value


_no_other: Any = object()


def int_(value: Any, default: Any = _no_other, base: int = 10) -> Any:
    """A whole number; Jinja makes 0 of what is none, where no other value is given."""
    number = _whole_number(value, base)
    if number is None or number.bit_length() > bounds.most_bits:
        return _instead(value, default, "int", "whole number")
    return number


def _whole_number(value: Any, base: int) -> int | None:
    if isinstance(value, str) and not _is_written_plainly(value):
        return None
    try:
        return int(value, whole(base, "base")) if isinstance(value, str) else int(real(value))
    except (EvaluationError, ValueError, OverflowError):
        pass
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None


def _is_written_plainly(number: str) -> bool:
    """Python takes more for numbers: underscores in them, and the digits of any script."""
    return "_" not in number and number.isascii()


def float_(value: Any, default: Any = _no_other) -> Any:
    try:
        if not isinstance(value, str) or _is_written_plainly(value):
            return float(value)
        return _instead(value, default, "float", "number")
    except (TypeError, ValueError, OverflowError):
        return _instead(value, default, "float", "number")


def _instead(value: Any, default: Any, name: str, kind: str) -> Any:
    if default is _no_other:
        raise EvaluationError(f"{describe(value)} is no {kind}", f"write `{name}(0)` to have 0 then")
    return default


def abs_(value: Any) -> Any:
    return abs(real(value))


def round_(value: Any, precision: int = 0, method: str = "common") -> Any:
    import math

    number, digits = real(value), whole(precision, "precision")
    if not -300 <= digits <= 300:
        raise EvaluationError("the precision of round lies between -300 and 300")
    if method == "common":
        return round(number, digits)
    if method not in ("ceil", "floor"):
        raise EvaluationError(f"the method of round is common, ceil or floor, and this is {describe(method)}")
    return getattr(math, method)(number * 10.0**digits) / 10.0**digits
