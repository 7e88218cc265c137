"""What is wrong with the text of an expression, and what was probably meant.

It knows neither the grammar nor what stands around: it is asked about one character or one token.
"""

from __future__ import annotations

from typing import Any

from runner.regex import regex
from runner.struct import struct

raw_hint = "for literal braces write {% raw %}…{% endraw %}"


class SyntaxFault(Exception):
    """An expression that cannot be read; `at` is an offset in the whole text."""

    def __init__(
        self, at: int, length: int, message: str, hint: str = "", code: str = "bad-expression"
    ) -> None:
        super().__init__(message)
        self.at = at
        self.length = length
        self.message = message
        self.hint = hint
        self.code = code


@struct
class Token:
    kind: str
    """`name`, `number`, `text`, `end`, or the operator itself."""
    at: int
    end: int
    value: Any = None


_characters = {
    "&": "write `and`",
    "!": "write `not`",
    ";": "one expression stands in {{ }}",
    "?": "write `a if test else b`",
    "$": "names stand without `$` in an expression",
    "`": "quote text with ' or \"",
    **dict.fromkeys("\u2018\u2019\u201c\u201d", "quote text with straight quotes: ' or \""),
}


def of_character(text: str, at: int) -> SyntaxFault:
    """The fault where no token begins."""
    character = text[at]
    if character in "'\"":
        return SyntaxFault(at, 1, f"this {character} is never closed")
    length = 2 if text[at : at + 2] == "&&" else 1
    return SyntaxFault(at, length, f"unexpected `{text[at : at + length]}`", _characters.get(character, ""))


def of_token(token: Token, before: Token | None, depth: int) -> str:
    """What to write instead of a token that cannot stand where it stands, or nothing."""
    if before is None:
        return raw_hint if token.kind in (".", "%", "/") else ""
    if token.kind == "=":
        return "write `==` to compare; nothing is assigned in an expression"
    if token.kind == "|" and before.kind == "|":
        return "write `or`"
    if before.value in ("for", "lambda"):
        return "loops are filters here: `map`, `select`, `selectattr`"
    if token.kind == "," and depth <= 1:
        return "put several values in [ ]"
    if before.kind == "name" and token.kind in ("name", "text", "number"):
        return "is a quote, an operator or a comma missing before it?"
    return ""


_text = regex(r"'[^']*'|\"[^\"]*\"")
_of_templates = regex(
    r"(?:^|[\s(|])\.(?:[A-Za-z_]|\s|$)|(?:^|[\s(])\$(?:\w*\.|\s)|:=|^/\*"
    r"|^-?\s*(?:if|else|end|with|range|define|template|include|block)\b|^(?:printf|println|join|index|len|json)\s+[\"'.$]"
)


def is_foreign(source: str) -> bool:
    """Whether what stands in `{{ }}` looks like an action of another program's template, such as Go's."""
    return bool(_of_templates.search(_text.sub("''", source.strip().strip("-").strip())))
