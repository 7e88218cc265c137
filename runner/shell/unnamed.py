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
_program = re.compile(r"(?<![\w.+])[\w.+]+(?![\w.+]*[/-])")
_variable = re.compile(r"\$\{?!?(\w+|[@*])")
_subscript = re.compile(r"\$\{\w+\[([^\]]*)\]")
_loops = re.compile(r"\b(?:while|until|for)\b")


def command_lines(words: Sequence[Word], names: Names) -> tuple[list[list[Word]], bool]:
    """What a command may be whose program a variable names; whether it is certain to be one of these."""
    first, name = words[0], _variable_of(words[0])
    if not name:
        return [], False
    told, given = name.lower(), names.assigned.get(name, ())
    meanings = [_meanings(one, first, names.text) for one in given]
    found = {" ".join(word.text for word in line): line for lines in meanings for line in lines}
    if len(found) > _most_names:
        found = {said: line for said, line in found.items() if names.known(line[0].base)}
    lines = [[*line, *words[1:]] for line in list(found.values())[:_most_names]]
    named = set(names.written(first, name))
    if not (given and all(meanings)):
        if names.known(told) and told not in _says_nothing and (name.isupper() or is_interpreter(told)):
            named.add(told)
        elif told not in _plain_programs:
            return lines, False
        named |= names.behind(name)
    certain = len(named) <= _most_names and not any(_is_read(one) for one in given)
    return [*lines, *([_word(first, name), *words[1:]] for name in sorted(named)[:_most_names])], certain


def _is_read(assigned: Assigned) -> bool:
    """Whether it is `read` that gives a variable its value."""
    return assigned.word.start == assigned.word.end


class Names:
    """What programs variables may name that make more than data of their arguments.

    They are looked for in what is written, with its defaults and commands, and in the variables named there.
    """

    def __init__(
        self,
        assigned: Mapping[str, Sequence[Assigned]],
        facts: Facts,
        text: str,
        known: Callable[[str], bool],
    ) -> None:
        self.assigned, self.text, self.known = assigned, text, known
        self._facts = facts
        self._found: dict[str, set[str]] = {}

    def behind(self, variable: str) -> set[str]:
        """Those that a variable is given."""
        if variable not in self._found:
            self._found[variable] = self._collected(self._values_of(variable), variable)
        return self._found[variable]

    def written(self, word: Word, variable: str) -> set[str]:
        """Those in a word that expands a variable, beside the value of that."""
        source = self.text[word.start : word.end]
        if source not in self._found:
            self._found[source] = self._collected([word], variable)
        return self._found[source]

    def _collected(self, words: Sequence[Word], variable: str) -> set[str]:
        found: set[str] = set()
        seen, left = {variable}, list(words)
        while left:
            word = left.pop()
            left += word.elements
            source = re.sub(r"[\"'\\]", "", self.text[word.start : word.end])
            for name in _program.findall(source):
                if is_interpreter(name) or (self.known(name) and not re.search(r"`|\$\(", source)):
                    found.add(name)
            for name in set(_variable.findall(source)) - seen:
                seen.add(name)
                left += self._values_of(name)
                if name == "SHELL" or is_interpreter(name.lower()):
                    found.add("sh" if name == "SHELL" else name.lower())
        return found

    def _values_of(self, variable: str) -> list[Word]:
        """What a variable is given, as an argument of any function too."""
        words = [given.word for given in self.assigned.get(variable, ())]
        if re.fullmatch(r"[1-9@*]", variable):
            for command in self._facts.commands:
                if any(line[0].base in self._facts.functions for line in command.programs):
                    words += command.words
        return words


def _variable_of(word: Word) -> str:
    """The variable that is all of a word."""
    alone = word.text == HOLE and len(word.variables) == 1 and not (word.holes or word.inner)
    return word.variables[0] if alone else ""


def _word(place: Word, text: str) -> Word:
    return Word(place.start, place.end, text, text)


def _meanings(assigned: Assigned, place: Word, text: str) -> list[list[Word]]:
    """The command lines that a variable may become by an assignment; none if they are not all known."""
    word = assigned.word
    if not word.elements:
        said = word.text.partition("=")[2] if assigned.declared else word.text
        return _split([said], place)
    keyed = any(text[element.start] == "[" for element in word.elements)
    said_each = [
        element.text.partition("=")[2] if text[element.start] == "[" else element.text
        for element in word.elements
    ]
    asked = _subscript.search(text, place.start, place.end)
    if asked is None or asked[1] not in ("@", "*"):
        index = int(asked[1]) if asked and asked[1].isdecimal() else None if asked else 0
        alone = index is not None and not keyed and index < len(said_each)
        return _split(said_each[index : index + 1] if alone and index is not None else said_each, place)
    if not keyed:
        return [word.elements] if word.elements[0].known else []
    return [[line[0], *word.elements] for line in _split(said_each, place)]


def _split(texts: Sequence[str], place: Word) -> list[list[Word]]:
    """The words that each of these texts becomes in place of a variable."""
    if any(HOLE in text or not text.strip() for text in texts):
        return []
    return [
        [_word(place, part) for part in (text.split() if place.bare_variables else [text])] for text in texts
    ]


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
