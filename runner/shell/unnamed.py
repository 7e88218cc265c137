"""Which programs may be run where a variable names them, or where a function runs its arguments.

What the script assigns is known; the name of a variable tells what it holds by convention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from runner.regex import regex
from runner.shell.arguments import positional
from runner.shell.findings import Assigned, Facts, Word
from runner.shell.flat import HOLE
from runner.shell.known.interpreters import is_interpreter
from runner.shell.known.options import is_option, words_of

# Programs to whom neither `-c` nor `-e` brings program text.
_plain_programs = words_of(
    "cc cxx cpp gcc gxx clang ld ar fc f77 nvcc grep egrep fgrep rg wc tar gzip gunzip bzip2 xz zstd sort "
    "head tail cut uniq diff cmp cat tr git make cmake go cargo rustc pip pip3 uv npm curl wget rsync helm"
)
# The long options of interpreters whose value is the next word.
_long_values = words_of("--rcfile --init-file --require --import --check-hash-based-pycs")
# Names of variables that say nothing, though programs are called so too.
_says_nothing = words_of("command exec builtin script batch at watch")
_code = regex(r"-(?:[eluxi]*c|e)")
_most_names = 12
_program = regex(r"(?<![\w.+])[\w.+]+(?![\w.+]*[/-])")
_lookup = regex(r"(?:\$\(|`)[ \t]*(?:command[ \t]+-v|which|type[ \t]+-[pP])[ \t]+([\w.+-]+)")
_variable = regex(r"\$\{?!?(\w+|[@*])")


def command_lines(words: Sequence[Word], names: Names) -> tuple[list[list[Word]], bool]:
    """What a command may be whose program a variable names; whether it is certain to be one of these.

    What the script assigns as it is, is left to others.
    """
    first, name = words[0], words[0].variable
    if not name:
        return [], False
    told, given = name.lower(), names.assigned.get(name, ())
    named = set(names.written(first, name)) | names.looked_up(name)
    if not (given and all(map(_is_known, given))):
        if names.known(told) and told not in _says_nothing and (name.isupper() or is_interpreter(told)):
            named.add(told)
        elif told not in _plain_programs:
            return _lines(named, words), False
        named |= names.behind(name)
    certain = len(named) <= _most_names and not any(_is_read(one) for one in given)
    return _lines(named, words), certain


def _lines(named: Collection[str], words: Sequence[Word]) -> list[list[Word]]:
    return [[_word(words[0], name), *words[1:]] for name in sorted(named)[:_most_names]]


def is_read_into(words: Sequence[Word], names: Names) -> bool:
    """Whether a command is all elements of an array that is read from somewhere."""
    first, name = words[0], words[0].variable
    all_of = re.search(r"\[[@*]\]", names.text[first.start : first.end]) is not None
    return all_of and any(map(_is_read, names.assigned.get(name, ())))


def _is_known(assigned: Assigned) -> bool:
    """Whether it is known which program a variable names by an assignment."""
    word = assigned.word
    if word.elements:
        return word.elements[0].known
    return HOLE not in assigned.text and assigned.text.strip() != ""


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

    def looked_up(self, variable: str) -> set[str]:
        """Those whose path it is given, as by `$(command -v python3)`."""
        found = (
            _lookup.search(self.text, given.word.start, given.word.end)
            for given in self.assigned.get(variable, ())
        )
        return {match[1] for match in found if match is not None}

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
        if variable in positional:
            for command in self._facts.commands:
                if any(line[0].base in self._facts.functions for line in command.programs):
                    words += command.words
        return words


def _word(place: Word, text: str) -> Word:
    return Word(place.start, place.end, text, text)


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
