"""Whether a program of python, node, perl and their like prints numbers and fixed texts only.

It is believed only where each thing that is printed is one as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.regex import regex
from runner.shell.flat import HOLE

_prints = regex(r"\b(?:print|println|printf|say|puts|echo|write|log|cat)\b")
_otherwise = regex(
    r"\b(?:std(?:out|err)|system|exec\w*|popen|subprocess|spawn\w*|eval|writelines|writeln|pprint|dumps?|p|pp|inspect"
    r"|die|warn|sprintf|format|print_r|var_dump|var_export|putchar|syswrite|table|info|error)\b"
)
_counts = (
    r"(?:len|int|sum|round|float|abs|bool|scalar|length|count|strlen|intval|Number|parseInt|nchar|hex|ord)"
)
_bracketed = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
_of_variable = r"(?:length|scalar)[ \t]+[$@]\w+(?:\[\d+\]|\{\w+\})?"
_number = rf"(?:-?\d+(?:\.\d+)?|\$\.|{_counts}[ \t]*{_bracketed}|{_of_variable})"
_whole = regex(rf"{_number}(?:[ \t]*(?://|[-+*/%])[ \t]*{_number})*")
_fixed = regex(r"(?:(?:end|sep)[ \t]*=[ \t]*)?(?:\"(?:[^\"\\$#{@%]|\\.)*\"|'(?:[^'\\$#{@%]|\\.)*')")
_letter = r"(?:[^%\"'\\$#{@]|\\.|%%|%[-+ 0]*\d*(?:\.\d+)?[dieEfgGxXou])"
_format = regex(rf"[\"']{_letter}*[\"']")


def only_numbers(program: str) -> bool:
    """Whether all that it prints is computed, or fixed."""
    printed = list(_printed(program))
    if not printed or HOLE in program or _otherwise.search(program):
        return False
    return all(_is_number(kind, text) for kind, text in printed)


def _printed(program: str) -> Iterator[tuple[str, str]]:
    """How each thing is printed, and its text up to the end of the statement."""
    for begun in _prints.finditer(program):
        depth, end = 0, begun.end()
        while end < len(program) and (depth or program[end] not in ";\n}"):
            depth += (program[end] in "([{") - (program[end] in ")]}")
            if depth < 0:
                break
            end += 1
        yield begun[0], program[begun.end() : end]


def _is_number(kind: str, text: str) -> bool:
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closed(text) == len(text) - 1:
        text = text[1:-1].strip()
    parts = list(_parted(text))
    if kind == "printf" and parts and _format.fullmatch(parts[0]):
        return True
    return bool(text) and all(_whole.fullmatch(part) or _fixed.fullmatch(part) for part in parts)


def _closed(text: str) -> int:
    """Where the parenthesis is closed that a text begins with."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return at
    return -1


def _parted(text: str) -> Iterator[str]:
    """A list at its commas; what is in brackets is one."""
    depth, begun = 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            yield text[begun:at].strip()
            begun = at + 1
    yield text[begun:].strip()
