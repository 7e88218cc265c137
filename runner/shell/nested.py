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

shells = ("sh", "dash", "bash")
deepest = 3
"""So many scripts inside each other are looked into."""

_called, _zeroth = "runner_script", "runner_zeroth"
_read = '"$(cat)"'
_of_zeroth = regex(r"(?<!\\)\$(?:0(?!\w)|\{0\})")
_quoted = regex(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^'"\\]+""", re.DOTALL)
_named = regex(rf"{_zeroth}\w+")
_apart = "_of_runner_script"
_sets = regex(r"(?<![\w$-])([A-Za-z_]\w*)\+?=|\bfor\s+([A-Za-z_]\w*)\b")
_escaped = regex(r'\\([$`"\\])')
_piece = regex(r"""\$'((?:[^'\\]|\\.)*)'|'([^']*)'|"((?:[^"\\]|\\.)*)"|([\w@%+=:,./-]+)|\\(.)""", re.DOTALL)
_ansi = regex(r"\\(.)", re.DOTALL)
_signs = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
_reads = regex(r"\$\{?[#!]?([A-Za-z_]\w*)")
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
            return at + 1 if words[at] == "--" and at + 1 < len(words) else at
        if option[:1] not in ("-", "+") and not re.fullmatch(r"[-+][A-Za-z]*o", before):
            return None
    return None


def called(script: str, arguments: Sequence[str], number: str = "0", exported: str = "") -> str:
    """A script as a function that is called, in a script of its own; the first argument is its `$0`.

    `exported`: what gives it its variables.
    """
    zeroth = f"{_zeroth}{number}"
    own = _quoted.sub(
        lambda found: found[0] if found[0][0] == "'" else _of_zeroth.sub(f"${{{zeroth}}}", found[0]), script
    )
    first, rest = (arguments[0] if arguments else '""'), " ".join(arguments[1:])
    named = f"IFS= read -r {zeroth}" if first == _read else f"{zeroth}={first}"
    return f"{_called}{number}() {{\n{own}\n}}\n{exported}{named}\n{_called}{number} {rest}\n"


def as_named(text: str) -> str:
    """What is told of a script that was made a function, as it is for who knows the script."""
    return _named.sub("0", text).replace(_apart, "")


def unfolded(flat: FlatScript, facts: Facts, level: int) -> FlatScript | None:
    """A script in which each script that it gives to a shell is a function; None where it gives none.

    `level`: how often that was done before; functions are called by it.
    """
    found: dict[tuple[int, int], str] = {}
    names = _names_set(flat.text)
    for command in facts.commands:
        for words in command.programs:
            script, arguments = _given(flat, command, words)
            start, end = stretch = _stretch(command)
            if script.strip() and all(end <= other[0] or other[1] <= start for other in found):
                script = _with_own_names(script, flat, command, words[0], names)
                number = f"{level}_{len(found)}"
                found[stretch] = _set_before(flat, command, words[0], called(script, arguments, number))
    if not found:
        return None
    pieces, last = list[str](), 0
    for (start, end), text in sorted(found.items()):
        pieces += [flat.shown(last, start), text]
        last = end
    other = flatten("".join([*pieces, flat.shown(last, len(flat.text))]), flat.types)
    if [hole.source for hole in other.holes] != [hole.source for hole in flat.holes]:
        return None
    return other


def _with_own_names(script: str, flat: FlatScript, command: Command, shell: Word, around_it: Set[str]) -> str:
    """A script whose variables are not those of the script around it, as far as that hands none on."""
    if _exports_all.search(flat.text):
        return script
    start, end = _stretch(command)
    handed_on = " ".join([flat.text[start : shell.start], *_exported.findall(flat.text)])
    around = f"{flat.text[:start]} {flat.text[end:]}"
    own = {*_names_set(script), *_reads.findall(script), *(name for name in around_it if name in script)}
    for name in own:
        whole_name = rf"(?<![\w-]){name}(?!\w)"
        if re.search(whole_name, around) and not re.search(whole_name, handed_on):
            script = re.sub(whole_name, f"{name}{_apart}", script)
    return script


def _names_set(script: str) -> set[str]:
    return {first or second for first, second in _sets.findall(script)}


def _given(flat: FlatScript, command: Command, words: Sequence[Word]) -> tuple[str, list[str]]:
    """The script that a command is, if it is a shell, and its arguments."""
    texts = [word.text for word in words]
    at = script_at(texts) if len(words) > 2 else None
    if at is not None:
        arguments = [flat.shown(word.start, word.end) for word in words[at + 1 :]]
        if "{}" in arguments and command.words[0].base == "find":
            arguments[arguments.index("{}")] = _found(flat, command, words)
        if _reads_arguments(command, words):
            arguments = [*filter(None, arguments), *[_read] * 3]
        return _as_written(flat, words[at]), arguments
    first = _arguments_of_input(texts)
    if first is not None:
        for redirection in command.redirections:
            if redirection.body is not None:
                text = flat.text[redirection.body.start : redirection.body.end]
                arguments = ['""', *(flat.shown(word.start, word.end) for word in words[first:])]
                return text if _is_quoted(flat, redirection.target) else _unescaped(text), arguments
    return "", []


def _found(flat: FlatScript, command: Command, words: Sequence[Word]) -> str:
    """What `find` puts in the place of `{}`: the names that it prints without its `-exec`."""
    before = [word for word in command.words if word.start < words[0].start]
    names = flat.shown(before[0].start, before[-2].end) if len(before) > 1 else "find"
    return f'"$({names})"'


def _arguments_of_input(words: Sequence[str]) -> int | None:
    """From which word on a shell has arguments for the script that it reads; None where it reads none."""
    if words[0].rpartition("/")[2] not in shells:
        return None
    at, reads = 1, False
    while at < len(words) and words[at][:1] in ("-", "+") and words[at] not in ("-", "--"):
        reads |= "s" in words[at][1:] and words[at][:2] != "--"
        at += 2 if re.fullmatch(r"[-+][A-Za-z]*[oO]", words[at]) else 1
    if at < len(words) and words[at] in ("-", "--"):
        at += 1
    if reads or at >= len(words):
        return at
    return at + 1 if words[at] == "/dev/stdin" else None


def _reads_arguments(command: Command, words: Sequence[Word]) -> bool:
    """Whether `xargs` gives a shell what it reads."""
    return words is not command.words and "xargs" in [word.base for word in command.words]


def _is_quoted(flat: FlatScript, delimiter: Word | None) -> bool:
    """Whether nothing in a heredoc is expanded."""
    written = "" if delimiter is None else flat.text[delimiter.start : delimiter.end]
    return any(sign in written for sign in "'\"\\")


def _as_written(flat: FlatScript, word: Word) -> str:
    """The script of whose pieces, in quotes or not, nothing is expanded; or nothing."""
    written = flat.text[word.start : word.end]
    if HOLE in written:
        return ""
    script, end = "", 0
    for piece in _piece.finditer(written):
        expanded = _unescaped(piece[3] or "", '"')
        if piece.start() != end or (piece[3] and not expanded):
            return ""
        if not all(found[1] in _signs for found in _ansi.finditer(piece[1] or "")):
            return ""
        plain = _ansi.sub(lambda found: _signs[found[1]], piece[1] or "")
        script += plain + (piece[2] or piece[4] or piece[5] or "") + expanded
        end = piece.end()
    return script if end == len(written) else ""


def _unescaped(text: str, quote: str = "") -> str:
    """What a shell makes of a text in double quotes, or of a heredoc; nothing where it expands something."""
    if any(sign in _escaped.sub("", text) for sign in ("$", "`", HOLE, *quote)):
        return ""
    return _escaped.sub(lambda found: found[1], text)


def _stretch(command: Command) -> tuple[int, int]:
    words = [*command.assignments, *command.words]
    return min(word.start for word in words), max(word.end for word in words)


def _set_before(flat: FlatScript, command: Command, shell: Word, body: str) -> str:
    """A function in the place of a command, behind the variables that are set for it."""
    words = [word for word in command.words if word.start < shell.start and _assignment.match(word.text)]
    lines = [f"export {flat.shown(word.start, word.end)}" for word in (*command.assignments, *words)]
    return "\n".join(["{", *lines, f"{body}}}"])
