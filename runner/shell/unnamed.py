"""Which programs may be run where a variable names them, or where a function runs its arguments.

What the script assigns is known; the name of a variable tells what it holds by convention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from runner.shell.findings import Assigned, Command, Facts, Piece, Word
from runner.shell.flat import HOLE
from runner.shell.interpreters import is_interpreter
from runner.shell.options import is_option, words_of

# Programs to whom neither `-c` nor `-e` brings program text.
_plain_programs = words_of(
    "cc cxx cpp gcc gxx clang ld ar fc f77 nvcc grep egrep fgrep rg wc tar gzip gunzip bzip2 xz zstd sort "
    "head tail cut uniq diff cmp cat tr git make cmake go cargo rustc pip pip3 uv npm curl wget rsync helm"
)
# The long options of interpreters whose value is the next word.
_long_values = words_of("--rcfile --init-file --require --import --check-hash-based-pycs")
# Names of variables that say nothing, though programs are called so too.
_says_nothing = words_of("command exec builtin script batch at watch")
_code = re.compile(r"-(?:[eluxi]*c|e)")
_most_dropped, _most_names = 9, 12
_from = re.compile(r"\$\{@:(\d+)")
_shift = re.compile(r"\bshift\b[ \t]*(\d*)")
_loops = re.compile(r"\b(?:while|until|for)\b")


def command_lines(
    assigned: Mapping[str, Sequence[Assigned]], words: Sequence[Word], known: Callable[[str], bool]
) -> tuple[list[list[Word]], bool]:
    """What a command may be whose program a variable names; whether it is certain to be one of these."""
    first = words[0]
    name = _variable_of(first)
    if not name:
        return [], False
    given = [_words_of(one, first) for one in assigned.get(name, ())]
    named = {" ".join(word.text for word in line): line for line in given if line}
    if len(named) > _most_names:
        named = {text: line for text, line in named.items() if known(line[0].base)}
    lines = [[*line, *words[1:]] for line in list(named.values())[:_most_names]]
    if given and all(given):
        return lines, True
    told = name.lower()
    if told in _plain_programs:
        return lines, True
    if known(told) and told not in _says_nothing and (name.isupper() or is_interpreter(told)):
        return [*lines, [_word(first, told), *words[1:]]], True
    return lines, False


def _variable_of(word: Word) -> str:
    """The variable that is all of a word."""
    alone = word.text == HOLE and len(word.variables) == 1 and not (word.holes or word.inner)
    return word.variables[0] if alone else ""


def _word(place: Word, text: str) -> Word:
    return Word(place.start, place.end, text, text)


def _words_of(assigned: Assigned, place: Word) -> list[Word]:
    """The words that a variable becomes by an assignment; none if they are not known."""
    word = assigned.word
    if word.elements:
        return word.elements if all(element.known for element in word.elements[:1]) else []
    text = word.text.partition("=")[2] if assigned.declared else word.text
    if HOLE in text or not text:
        return []
    return [_word(place, part) for part in (text.split() if place.bare_variables else [text])]


def unknown_code(words: Sequence[Word]) -> Iterator[Word]:
    """What would be program text if a program that nobody knows were an interpreter."""
    value_may_follow = False
    for at, word in enumerate(words[1:], 1):
        if _code.fullmatch(word.text):
            yield from words[at + 1 : at + 2]
            return
        if word.text == "--":
            return
        if is_option(word):
            value_may_follow = not word.text.startswith("--") or word.text in _long_values
        elif word.bare_variables and word.text == HOLE:
            continue
        elif value_may_follow:
            value_may_follow = False
        else:
            return


def forwarded(facts: Facts, text: str, body: Piece) -> list[tuple[Sequence[Word], int]]:
    """Behind which words, and from which one on, a function runs its arguments as a command."""
    found: list[tuple[Sequence[Word], int]] = []
    for command in facts.commands:
        if body.start <= command.start < body.end:
            for line in command.programs:
                at = next((at for at, word in enumerate(line) if _is_arguments(word)), len(line))
                if at < len(line) and (at == 0 or line[0].base in facts.functions):
                    found += [(line[:at], start) for start in _dropped(text, body, line[at])]
    return found


def _is_arguments(word: Word) -> bool:
    return word.text == HOLE and word.variables in (["@"], ["*"])


def _dropped(text: str, body: Piece, word: Word) -> range:
    """How many of its first arguments a function leaves out where it names all of them."""
    later = _from.search(text, word.start, word.end)
    before = text[body.start : word.start]
    shifts = [int(number or 1) for number in _shift.findall(before)]
    most = sum(shifts) if not (shifts and _loops.search(before)) else _most_dropped
    first = int(later[1]) - 1 if later else 0
    return range(first, first + min(most, _most_dropped) + 1)


def calls(command: Command, facts: Facts) -> Iterator[tuple[str, Sequence[Word]]]:
    """The functions of the script that a command calls, with their arguments; more may come up meanwhile."""
    for line in command.programs:
        if line[0].base in facts.functions:
            yield line[0].base, line[1:]
