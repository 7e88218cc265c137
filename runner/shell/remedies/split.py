"""What to write instead of a variable without quotes that would be split into the words of a command.

Quotes are the fix where it holds one word. A command line that was put together in it is better kept as
the words it is made of, so that the value stays one of them.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, begins_command, reference, write
from runner.shell.flat import HOLE

_value = r"""(?:"[^"]*"|'[^']*'|\\.|[^\s;&|"'\\])*"""
_plain_words = regex(r"\"((?:[^\"'`\\$;&|<>(){}#!~\n]|\$(?=\w)|\$\{\w+\})*)\"")
_ends_alone = regex(r"[ \t]*(?:\Z|[\n;&|)])")
_uses_arguments = regex(r"\bset\b|\bshift\b|\$\{?[@*1-9]|\([ \t]*\)")


def command(case: Case) -> str:
    """For `x={{ x }}; $x` and `x="ls {{ x }}"; $x`."""
    name = _name(case)
    if not holds_words(case, name):
        return _quoted(case, name)
    if name.isdecimal():
        return 'give each word of the command as an argument of its own, and run "$@"'
    kept = KeptWords(case, name)
    return kept.spelled() or kept.told()


def test(case: Case) -> str:
    """For `x={{ x }}; [ $x -gt 3 ]` and `x="{{ x }} -gt 3"; [ $x ]`."""
    name = _name(case)
    if not holds_words(case, name):
        return _quoted(case, name)
    words = KeptWords(case, name).words
    return "write the test out where it is asked" + (f": {words}" if words else "")


def _name(case: Case) -> str:
    return case.refusal.detail.strip()


def _quoted(case: Case, name: str) -> str:
    text = f"${name}"
    if name == "*":
        text = "$@"
    elif re.search(rf"\$\{{{re.escape(name)}\[[@*]\]\}}", case.flat.text):
        text = f"${{{name}[@]}}"
    return f'put double quotes around it: "{text}"'


def holds_words(case: Case, name: str) -> bool:
    """Whether the variable is given more than one word, as the script is written."""
    given = [match[1] for match in assignments(case, name)]
    return any(re.search(r"[\s\\]", value) for value in [*given, _around(case)])


def assignments(case: Case, name: str) -> list[re.Match[str]]:
    pattern = rf"(?<![\w${{]){re.escape(name)}\+?=(?!\()({_value})"
    return list(re.finditer(pattern, case.flat.text)) if name.isidentifier() else []


def _around(case: Case) -> str:
    """The text in quotes, or the line of a heredoc, that the value stands in."""
    if case.spot.place != "quoted":
        return ""
    before, quote, left = case.flat.text[: case.spot.at].rpartition('"')
    left_of_line, right_of_line = case.flat.line(case.spot.at)
    if before.count('"') % 2 or not quote:
        return case.flat.text[left_of_line:right_of_line]
    return left + case.flat.text[case.spot.at : right_of_line].partition('"')[0]


class KeptWords:
    """The words of a command that a variable is given, kept in an array or as the script's arguments."""

    def __init__(self, case: Case, name: str, use: str = "{}") -> None:
        """`use` is a pattern of how the variable is run, with `{}` for the variable."""
        self._use = use
        self._case, self._name, self._text = case, name, case.flat.text
        self._given = assignments(case, name)
        self._array = case.dialect == "bash"
        self.words = self._words()

    def spelled(self) -> str:
        """On the user's own line, where the command is put together and run on one line."""
        uses = list(re.finditer(self._use.format(reference(self._name)), self._text))
        read_once = len(re.findall(reference(self._name), self._text)) == len(uses) == 1
        if not self._movable or not read_once or uses[0].start() < self._given[0].end():
            return ""
        (given,), (use,) = self._given, uses
        between = self._case.flat.shown(given.end(), use.start())
        line = self._case.line(given.start(), use.end(), f"{self._kept(self.words)}{between}{self._run}")
        return write(line, "")

    def told(self) -> str:
        """In words."""
        if self._movable:
            return f"keep its words apart, `{self._kept(self.words)}`, and run `{self._run}`"
        if not self.words and self._given and (self._array or self._arguments_are_free):
            return f"keep its words apart, `{self._kept(f'… {self._case.hole} …')}`, and run `{self._run}`"
        return "write the command out where it is run" + (f": {self.words}" if self.words else "")

    def _words(self) -> str:
        """As the user wrote them, where nothing in them would be read in another way without the quotes."""
        if len(self._given) != 1:
            return ""
        (given,) = self._given
        plain = _plain_words.fullmatch(given[1])
        if plain is None or HOLE not in plain[1]:
            return ""
        return self._case.flat.shown(given.start(1) + 1, given.end(1) - 1).strip()

    @property
    def _movable(self) -> bool:
        """Whether the assignment can be written otherwise in its place."""
        if not self.words or not (self._array or self._arguments_are_free):
            return False
        (given,) = self._given
        starts = begins_command.search(self._text, 0, given.start())
        return starts is not None and _ends_alone.match(self._text, given.end()) is not None

    @property
    def _arguments_are_free(self) -> bool:
        return _uses_arguments.search(self._text) is None

    def _kept(self, words: str) -> str:
        several = len(self._given) > 1
        if self._array:
            return f"{self._name}{'+' * several}=({words})"
        return f'set -- "$@" {words}' if several else f"set -- {words}"

    @property
    def _run(self) -> str:
        return f'"${{{self._name}[@]}}"' if self._array else '"$@"'
