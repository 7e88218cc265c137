"""Scripts that a script gives to another shell as they stand: `sh -c 'echo "$1"' sh {{ x }}`.

Each is read once more as a function in the place of the command, called with its arguments. It knows neither
what is refused nor how that is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Command, Facts, Word
from runner.shell.flat import HOLE, FlatScript, flatten
from runner.struct import struct

shells = ("sh", "dash", "bash")
_called, _zeroth = "runner_script", "runner_zeroth"
_read = '"$(cat)"'
_of_zeroth = regex(r"\$(?:0(?!\w)|\{0\})")
_named = regex(rf"{_zeroth}\d+")
_apart = "_of_runner_script"
_sets = regex(r"(?<![\w$-])([A-Za-z_]\w*)\+?=|\bfor\s+([A-Za-z_]\w*)\b")
_option = regex(r"-[A-Za-z]*c[A-Za-z]*")
_assignment = regex(r"[A-Za-z_]\w*=")
_exported = regex(r"\b(?:export|(?:declare|typeset|local)\s+-\w*x\w*)\b([^;&|\n]*)")
_exports_all = regex(r"\bset\s+-\w*a|\ballexport\b")


def script_at(words: Sequence[str]) -> int | None:
    """Which word of a command is a script that it gives to a shell."""
    if words[0].rpartition("/")[2] not in shells:
        return None
    for at, (before, option) in enumerate(pairwise(words[:-1]), 2):
        if _option.fullmatch(option):
            return at
        if option[:1] not in ("-", "+") and not re.fullmatch(r"[-+][A-Za-z]*o", before):
            return None
    return None


def called(script: str, arguments: Sequence[str], number: int = 0) -> str:
    """A script as a function that is called, in a script of its own; the first argument is its `$0`."""
    zeroth = f"{_zeroth}{number}"
    own = _of_zeroth.sub(f"${{{zeroth}}}", script)
    first, rest = (arguments[0] if arguments else '""'), " ".join(arguments[1:])
    return f"{_called}{number}() {{\n{own}\n}}\n{zeroth}={first}\n{_called}{number} {rest}\n"


def as_named(text: str) -> str:
    """What is told of a script that was made a function, as it is for who knows the script."""
    return _named.sub("0", text).replace(_apart, "")


@struct
class Unfolded:
    """A script in which each shell is a function. `given` are the values that stand in their commands."""

    flat: FlatScript
    given: Set[int]
    sees_all: bool
    """The functions have the variables of the script, since it exports some."""

    def tells_of(self, number: int, variable: str) -> bool:
        """Whether a value may be in a variable of a shell, when it would be in one of the function."""
        return self.sees_all or number in self.given or variable.isdecimal() or variable in ("@", "*")


def unfolded(flat: FlatScript, facts: Facts) -> Unfolded | None:
    """A script with those unfolded that it gives to a shell; None where it gives none."""
    found: dict[tuple[int, int], str] = {}
    for command in facts.commands:
        for words in command.programs:
            script, arguments = _given(flat, command, words)
            start, end = stretch = _stretch(command)
            script = _with_own_names(script, flat, command, words[0])
            if script.strip() and all(end <= other[0] or other[1] <= start for other in found):
                found[stretch] = _set_before(flat, command, words[0], called(script, arguments, len(found)))
    given = {number for stretch in found for number in flat.inside(*stretch)}
    if not found:
        return None
    pieces, last = list[str](), 0
    for (start, end), text in sorted(found.items()):
        pieces += [flat.shown(last, start), text]
        last = end
    other = flatten("".join([*pieces, flat.shown(last, len(flat.text))]), flat.types)
    if [hole.source for hole in other.holes] != [hole.source for hole in flat.holes]:
        return None
    exports = _exported.search(flat.text) or _exports_all.search(flat.text)
    return Unfolded(other, given, exports is not None)


def _with_own_names(script: str, flat: FlatScript, command: Command, shell: Word) -> str:
    """A script whose variables are not those of the script around it, as far as that hands none on."""
    if _exports_all.search(flat.text):
        return script
    start, end = _stretch(command)
    handed_on = " ".join([flat.text[start : shell.start], *_exported.findall(flat.text)])
    around = f"{flat.text[:start]} {flat.text[end:]}"
    for name in {first or second for first, second in _sets.findall(script)}:
        whole_name = rf"(?<![\w-]){name}(?!\w)"
        if re.search(whole_name, around) and not re.search(whole_name, handed_on):
            script = re.sub(whole_name, f"{name}{_apart}", script)
    return script


def _given(flat: FlatScript, command: Command, words: Sequence[Word]) -> tuple[str, list[str]]:
    """The script that a command is, if it is a shell, and its arguments."""
    texts = [word.text for word in words]
    at = script_at(texts) if len(words) > 2 else None
    if at is not None:
        arguments = [flat.shown(word.start, word.end) for word in words[at + 1 :]]
        read = [_read] * 3 if _reads_arguments(command, words) else []
        return _as_written(flat, words[at]), [*arguments, *read]
    if texts[0].rpartition("/")[2] in shells and all(text.startswith("-") for text in texts[1:]):
        for redirection in command.redirections:
            if redirection.body is not None and _is_quoted(flat, redirection.target):
                return flat.text[redirection.body.start : redirection.body.end], []
    return "", []


def _reads_arguments(command: Command, words: Sequence[Word]) -> bool:
    """Whether `xargs` gives a shell what it reads."""
    return words is not command.words and "xargs" in [word.base for word in command.words]


def _is_quoted(flat: FlatScript, delimiter: Word | None) -> bool:
    """Whether nothing in a heredoc is expanded."""
    written = "" if delimiter is None else flat.text[delimiter.start : delimiter.end]
    return any(sign in written for sign in "'\"\\")


def _as_written(flat: FlatScript, word: Word) -> str:
    """The script in single quotes, or nothing."""
    written = flat.text[word.start : word.end]
    plain = written[:1] == written[-1:] == "'" and "'" not in written[1:-1] and HOLE not in written
    return written[1:-1] if plain else ""


def _stretch(command: Command) -> tuple[int, int]:
    words = [*command.assignments, *command.words]
    return min(word.start for word in words), max(word.end for word in words)


def _set_before(flat: FlatScript, command: Command, shell: Word, body: str) -> str:
    """A function in the place of a command, behind the variables that are set for it."""
    words = [word for word in command.words if word.start < shell.start and _assignment.match(word.text)]
    lines = [flat.shown(word.start, word.end) for word in (*command.assignments, *words)]
    return "\n".join(["{", *lines, f"{body}}}"])
