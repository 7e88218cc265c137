"""The tokens of programs of awk, and what these are put together to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from runner.regex import regex
from runner.shell.known.options import words_of

_token = regex(
    r"""(?P<text>"(?:\\.|[^"\\])*")|(?P<environ>ENVIRON\["(?P<name>\w+)"\])|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<skipped>[ \t\r]+|\\\n|\#[^\n]*)"""
    r"""|(?P<sign>\+\+|--|[-+*/%^]=|\*\*|&&|\|\||[<>=!]=|!~|>>|.|\n)""",
    re.DOTALL,
)
_regex = regex(r"/(?:\\.|\[\^?\]?[^\]\n]*\]|[^/\\\n])*/")
_begins_regex = frozenset("(,~!{};=\n") | words_of("!~ && || return print")


def tokens_of(text: str) -> Iterator[str]:
    """The tokens of a program; a regular expression is `//`, `ENVIRON["X"]` is `$X`."""
    at, before = 0, "\n"
    while at < len(text):
        if text[at] == "/" and before in _begins_regex and (match := _regex.match(text, at)):
            at, before = match.end(), "//"
            yield before
            continue
        token = _token.match(text, at)
        assert token is not None
        at = token.end()
        if token["skipped"] is None:
            before = f"${token['name']}" if token["environ"] else token[0]
            yield before


def prints(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Each `print` or `printf` with its arguments."""
    for at, token in enumerate(tokens):
        if token in ("print", "printf"):
            depth, end = 0, at + 1
            while end < len(tokens) and (depth or tokens[end] not in ("}", ";", "\n")):
                depth += (tokens[end] in "([{") - (tokens[end] in ")]}")
                end += 1
            yield list(tokens[at:end])


def has_bare_pattern(tokens: Sequence[str]) -> bool:
    """Whether it prints lines for having no action beside a pattern."""
    depth, pattern = 0, list[str]()
    for token in (*tokens, "\n"):
        if token == "{":
            pattern.clear()
            depth += 1
        elif token == "}":
            depth -= 1
        elif depth:
            continue
        elif token in ("\n", ";"):
            continued = pattern and pattern[-1] in ("&&", "||", ",", ")")
            if pattern and (not continued or (pattern[-1] == ")" and pattern[0] not in ("function", "func"))):
                return True
        else:
            pattern.append(token)
    return bool(pattern)


def after_subscript(tokens: Sequence[str], at: int) -> int:
    """Where a variable ends that begins there."""
    at += 1
    if tokens[at : at + 1] == ["["]:
        depth = 0
        while at < len(tokens):
            depth += (tokens[at] == "[") - (tokens[at] == "]")
            at += 1
            if not depth:
                break
    return at


def call_around(tokens: Sequence[str], at: int) -> str:
    """The function in whose arguments a token stands; empty if in none."""
    depth = 0
    for index in range(at - 1, -1, -1):
        depth += (tokens[index] in ")]") - (tokens[index] in "([")
        if depth < 0:
            called = tokens[index] == "(" and index and re.fullmatch(r"[a-z]\w*", tokens[index - 1])
            return tokens[index - 1] if called else ""
        if tokens[index] in ("{", "}", ";", "\n"):
            return ""
    return ""


def parted(tokens: Sequence[str]) -> list[list[str]]:
    parts, depth = [list[str]()], 0
    for token in tokens:
        depth += (token in "([") - (token in ")]")
        if token == "," and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def closes(tokens: Sequence[str], at: int) -> int:
    """Where the parenthesis is closed that stands there."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += (tokens[index] in "([") - (tokens[index] in ")]")
        if not depth:
            return index
    return len(tokens)


def operand_end(tokens: Sequence[str], at: int) -> int | None:
    """Where the operand ends that begins there."""
    while at < len(tokens) and tokens[at] in ("-", "+", "!", "++", "--"):
        at += 1
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token == "$" and at + 1 < len(tokens):
        end = operand_end(tokens, at + 1)
    elif token == "(":
        end = closes(tokens, at) + 1
    elif re.fullmatch(r"[A-Za-z_]\w*", token):
        called = tokens[at + 1 : at + 2] == ["("] and token[0].islower()
        end = closes(tokens, at + 1) + 1 if called else after_subscript(tokens, at)
    elif token[0] in '"$/' or token[0].isdigit() or token[0] == ".":
        end = at + 1
    else:
        return None
    while end is not None and tokens[end : end + 1] and tokens[end] in ("++", "--"):
        end += 1
    return end
