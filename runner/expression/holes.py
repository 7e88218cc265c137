"""Text cut at its `{{ }}`: what is literal, and the tree of each hole or its fault.

It knows neither names nor values. Cutting never fails, and takes time in proportion to the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from runner.expression.dashes import meant_around
from runner.expression.grammar import Parser
from runner.expression.slips import SyntaxFault, Token, is_foreign, raw_hint
from runner.expression.tokens import tokens
from runner.expression.tree import Node
from runner.regex import regex
from runner.struct import struct


@struct
class Literal:
    """Text that stands for itself; `offset` is where it stands (after a `{% raw %}`, if there is one)."""

    text: str
    offset: int


@struct
class Hole:
    """A `{{ source }}`: `offset` is that of its first brace, `end` the offset after its last one."""

    source: str
    offset: int
    end: int


@struct
class Expression:
    """A parsed hole, or a whole condition: `tree` is None where `fault` says why."""

    hole: Hole
    tree: Node | None
    fault: SyntaxFault | None = None


Part = Literal | Expression


@struct
class Cut:
    """A text cut at its holes. `faults` are those that belong to no hole (statements)."""

    parts: tuple[Part, ...]
    faults: tuple[SyntaxFault, ...] = ()


most_parts = 10_000
"""Of one text: expressions and the literal text between them."""

_statement = regex(r"\{%[-+]?\s*([A-Za-z_]\w*)?")
_statement_words = frozenset(
    {
        "if",
        "elif",
        "else",
        "endif",
        "for",
        "endfor",
        "set",
        "endset",
        "block",
        "endblock",
        "include",
        "import",
    }
    | {"from", "extends", "macro", "endmacro", "call", "endcall", "filter", "endfilter", "with", "endwith"}
    | {"autoescape", "endautoescape", "do", "raw", "endraw"}
)
_raw = regex(r"\{%\s*raw\s*%\}(.*?)\{%\s*endraw\s*%\}", re.DOTALL)
_opening = regex(r"\{\{|\{%")


@lru_cache(maxsize=20_000)
def cut(text: str) -> Cut:
    """Cut a text at its `{{ }}`. It never fails: what cannot be read is a fault at its place."""
    parts: list[Part] = []
    faults: list[SyntaxFault] = []
    begun = at = 0
    last = text.rfind("%}")
    while (match := _opening.search(text, at)) is not None:
        at = match.start()
        if len(parts) > most_parts:
            faults.append(SyntaxFault(at, 2, "there are too many expressions in one text"))
            break
        if match.group() == "{{":
            _literal(parts, text, begun, at)
            expression = _expression(text, at)
            parts.append(expression)
            begun = at = expression.hole.end
        elif (raw := _raw.match(text, at)) is not None:
            _literal(parts, text, begun, at)
            _literal(parts, text, raw.start(1), raw.end(1))
            begun = at = raw.end()
        else:
            fault = _statement_fault(text, at, last)
            if fault is not None:
                faults.append(fault)
            at = fault.at + fault.length if fault is not None else at + 2
    _literal(parts, text, begun, len(text))
    return Cut(tuple(parts), tuple(faults))


def _literal(parts: list[Part], text: str, start: int, end: int) -> None:
    if start < end:
        parts.append(Literal(text[start:end], start))


def _expression(text: str, at: int) -> Expression:
    try:
        found = tokens(text, at + 2, inside=True)
    except SyntaxFault as fault:
        closing = text.find("}}", max(at + 2, fault.at))
        if closing < 0:
            return _unread(text, Hole(text[at + 2 :], at, len(text)), fault)
        return _unread(text, Hole(text[at + 2 : closing], at, closing + 2), fault)
    end = found[-1].end
    hole = Hole(text[at + 2 : end - 2], at, end)
    if hole.source[:1] == "-" and not hole.source[1:2].isdigit():
        return Expression(hole, None, _trimming(at, hole.source))
    return _parsed(text, hole, found)


def _trimming(at: int, source: str) -> SyntaxFault:
    hint = raw_hint if is_foreign(source) else "write `{{ -x }}` for a minus sign"
    return SyntaxFault(at, 3, "`{{-` trims space in report templates only", hint)


def _parsed(text: str, hole: Hole, found: list[Token]) -> Expression:
    try:
        return Expression(hole, Parser(text, found).whole())
    except SyntaxFault as fault:
        return _unread(text, hole, fault)


def _unread(text: str, hole: Hole, fault: SyntaxFault) -> Expression:
    if text.startswith("{{", hole.offset) and (not hole.source.strip() or is_foreign(hole.source)):
        fault.hint = raw_hint
    else:
        fault.hint = meant_around(text, fault.at) or fault.hint
    return Expression(hole, None, fault)


def _statement_fault(text: str, at: int, last: int) -> SyntaxFault | None:
    match = _statement.match(text, at)
    word = match.group(1) if match else None
    if word not in _statement_words:
        return None
    closing = text.find("%}", at + 2) if at < last else -1
    if word == "raw":
        return SyntaxFault(at, len(text) - at, "this {% raw %} is never ended", "end it with {% endraw %}")
    if closing >= 0:
        message = f"`{{% {word} %}}` cannot stand here: only {{{{ … }}}} and {{% raw %}} can"
        hint = "write `{{ a if test else b }}`" if word in ("if", "elif", "else", "endif") else ""
        return SyntaxFault(at, closing + 2 - at, message, hint or raw_hint, "statement")
    return None


@lru_cache(maxsize=20_000)
def condition(text: str) -> Cut:
    """A bare expression, or one inside `{{ }}`, as the only part of a cut."""
    stripped = text.strip()
    if stripped.startswith("{{"):
        inner = cut(text)
        parts = [part for part in inner.parts if isinstance(part, Expression)]
        others = [part for part in inner.parts if isinstance(part, Literal) and part.text.strip()]
        if len(parts) == 1 and not others and not inner.faults:
            return Cut((parts[0],))
        if parts[0].fault is None:
            at = (
                others[0].offset + len(others[0].text) - len(others[0].text.lstrip())
                if others
                else parts[1].hole.offset
            )
            message = "a condition is one expression"
            return Cut(
                (), (SyntaxFault(at, 1, message, "write it without {{ }}, or put {{ }} around all of it"),)
            )
        return Cut((parts[0],), inner.faults)
    hole = Hole(text, 0, len(text))
    try:
        found = tokens(text, 0, inside=False)
    except SyntaxFault as fault:
        return Cut((_unread(text, hole, fault),))
    return Cut((_parsed(text, hole, found),))


def split(text: str) -> list[Literal | Hole]:
    """Cut a string at its `{{ }}`; what stands in `{% raw %}…{% endraw %}` is literal text."""
    return [part.hole if isinstance(part, Expression) else part for part in cut(text).parts]
