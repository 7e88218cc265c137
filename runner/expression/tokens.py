"""The words of an expression: names, numbers, texts and operators, each with its place.

It knows no grammar. What cannot be read is a `SyntaxFault` that says what to write.
"""

from __future__ import annotations

import re

from runner.expression.slips import SyntaxFault, Token, of_character, raw_hint
from runner.regex import regex

_digits = r"[0-9](?:_?[0-9])*"
_token = regex(
    rf"""
      (?P<space>\s+)
    | (?P<number>(?<=\.)[0-9]+ | 0[xX](?:_?[0-9a-fA-F])+ | 0[bB](?:_?[01])+ | 0[oO](?:_?[0-7])+
        | {_digits}(?:\.{_digits})?(?:[eE][+-]?{_digits})?)
    | (?P<name>[^\W\d]\w*)
    | (?P<text>'[^'\\]*(?:\\.[^'\\]*)*' | "[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<operator>//|\*\*|==|!=|<=|>=|[-+/*%~\[\](){{}}<>=.:|,])
    """,
    re.VERBOSE | re.DOTALL,
)
longest = 100_000
"""Characters of one expression."""

_closing = {"(": ")", "[": "]", "{": "}"}


def tokens(text: str, start: int, inside: bool) -> list[Token]:
    """The tokens from `start`; where `inside` a hole, up to its `}}`, else up to the end of the text.

    The last token is `end`, and lies where the expression ends.
    """
    found: list[Token] = []
    waiting: list[Token] = []
    at = start
    while at < len(text):
        if at - start > longest:
            raise SyntaxFault(start, 1, f"the expression is longer than {longest:,} characters")
        if inside and not waiting and text.startswith("}}", at):
            found.append(Token("end", at, at + 2))
            return found
        match = _token.match(text, at)
        if match is None:
            raise of_character(text, at)
        end = match.end()
        kind = match.lastgroup
        if kind == "operator":
            operator = match.group()
            token = Token(operator, at, end)
            if operator in _closing:
                waiting.append(token)
            elif operator in ")]}":
                _close(waiting, token)
            found.append(token)
        elif kind != "space":
            found.append(_valued(str(kind), match.group(), at, end))
        at = end
    if waiting:
        raise SyntaxFault(
            waiting[-1].at, 1, f"this `{waiting[-1].kind}` is never closed", raw_hint if inside else ""
        )
    if inside:
        raise SyntaxFault(start - 2, 2, "this `{{` is never closed", raw_hint)
    found.append(Token("end", at, at))
    return found


def _close(waiting: list[Token], token: Token) -> None:
    if not waiting:
        raise SyntaxFault(token.at, 1, f"this `{token.kind}` closes nothing")
    opened = waiting.pop()
    if token.kind == "}" and opened.kind != "{":
        raise SyntaxFault(opened.at, 1, f"this `{opened.kind}` is never closed")
    if _closing[opened.kind] != token.kind:
        raise SyntaxFault(token.at, 1, f"expected `{_closing[opened.kind]}` here, to close `{opened.kind}`")


def _valued(kind: str, spelling: str, at: int, end: int) -> Token:
    if kind == "text":
        return Token(kind, at, end, _unescaped(spelling[1:-1], at))
    if kind == "number":
        return Token(kind, at, end, _number(spelling, at))
    return Token(kind, at, end, spelling)


def _number(spelling: str, at: int) -> int | float:
    digits = spelling.replace("_", "")
    try:
        if digits.isdigit():
            if len(digits) > 1 and digits[0] == "0" and digits.strip("0"):
                raise SyntaxFault(
                    at, len(spelling), f"the number {spelling} begins with 0", f"write '{spelling}' for text"
                )
            return int(digits)
        if digits[:2].lower() in ("0x", "0b", "0o"):
            return int(digits, 0)
        number = float(digits)
    except ValueError:
        raise SyntaxFault(at, len(spelling), "this number has too many digits") from None
    if number in (float("inf"), float("-inf")):
        raise SyntaxFault(at, len(spelling), "this number is too large")
    return number


_escape = regex(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
_escapes = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
_escapes |= {character: character for character in "\\'\""}


def _unescaped(spelling: str, at: int) -> str:
    def character(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "xuU" and len(code) > 1:
            number = int(code[1:], 16)
        elif code[0] in "01234567":
            number = int(code, 8)
        elif code in "xuU":
            raise SyntaxFault(
                at + 1 + match.start(), 2, f"`\\{code}` needs hexadecimal digits", r"write `\\` for `\`"
            )
        else:
            return _escapes.get(code, match.group())
        if number > 0x10FFFF:
            raise SyntaxFault(at + 1 + match.start(), len(match.group()), "there is no such character")
        return chr(number)

    return _escape.sub(character, spelling) if "\\" in spelling else spelling
