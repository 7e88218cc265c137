"""The columns of what a program prints: `du` prints a number, and a name behind it.

A name stands behind some columns, and what takes only those gets nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.regex import regex
from runner.shell.findings import Command, Word
from runner.shell.flat import HOLE
from runner.shell.known import awk
from runner.shell.known.families import awks, greps, seds
from runner.shell.known.options import Options, is_option, words_of
from runner.struct import struct


@struct
class Columns:
    """The first columns of each line; `parted` are the characters that may stand between them."""

    number: int = 0
    parted: str = ""

    def hold(self, taken: Columns) -> bool:
        """Whether these hold all that is taken."""
        return taken.number <= self.number and set(self.parted) <= set(taken.parted)

    def common(self, other: Columns) -> Columns:
        """Those of both."""
        if self.parted != other.parted:
            return nowhere
        return self if self.number <= other.number else other


nowhere = Columns()
_blanks = " \t"
_changes_separator = regex(r"\bIFS=(?:\$?'[^']*'|\"[^\"]*\"|[^\s;])*[ \t]*(?:[;\n]|\Z)")
_keep_rows = words_of("cat tee sort head tail uniq tac shuf") | greps
_cut = Options(
    "bcdf", long=words_of("--bytes --characters --delimiter --fields --output-delimiter"), mixed=True
)


def parted_by(spelled: str) -> str:
    """The characters of a separator, as it is spelled in a script; empty if that cannot be told."""
    return {"": _blanks, "' '": " ", '" "': " ", "\\ ": " ", "$'\\t'": "\t"}.get(spelled, "")


def read_apart(command: Command) -> str:
    """What parts the words that a command reads; empty if that is not known."""
    text = command.flat.text
    given = next((word for word in command.assignments if word.name == "IFS"), None)
    if given is not None:
        return parted_by(text[given.start + len("IFS=") : given.end] or "''")
    return "" if _changes_separator.search(text) else parted_by("")


def keeps_rows(words: Sequence[Word]) -> bool:
    """Whether a program prints lines as it reads them."""
    base, texts = words[0].base, [word.text for word in words[1:]]
    if base == "tr":
        return texts[:1] in (["-s"], ["--squeeze-repeats"]) and texts[1:] in ([" "], ["[:blank:]"])
    if base == "xargs":
        return not texts or (len(words) == 2 and words[1].text == HOLE)
    return base in _keep_rows and not any(
        re.match(r"-\w*[ozc]|--only|--zero|--bytes", text) for text in texts
    )


def taken(words: Sequence[Word], spelled: Sequence[str]) -> Columns | None:
    """The columns that a program takes of what it reads; None: any.

    `spelled` are its words as they stand in the script.
    """
    base = words[0].base if words else ""
    if base == "cut":
        return _cut_columns(words, spelled)
    if base in awks and len(words) > 1 and not is_option(words[1]):
        number = awk.of(words).columns
        return Columns(number, _blanks) if number else None
    if base in seds and len(words) == 2:
        parted = _first_by_sed.get(words[1].text, "")
        return Columns(1, parted) if parted else None
    return None


_first_by_sed = {
    **dict.fromkeys((r"s/[[:space:]].*//", r"s/[[:blank:]].*//", r"s/[ \t].*//", r"s/\s.*//"), _blanks),
    **dict.fromkeys((r"s/ .*//", r"s/ .*$//"), " "),
    r"s/\t.*//": "\t",
}


def _cut_columns(words: Sequence[Word], spelled: Sequence[str]) -> Columns | None:
    fields, parted = "", "\t"
    for option, word in _cut.read(words[1:]):
        glued = len(option) if word.text.startswith(option) and option else 0
        if option in ("-f", "--fields"):
            fields = word.text[glued:].lstrip("=")
        elif option in ("-d", "--delimiter"):
            at = next(index for index, other in enumerate(words) if other is word)
            parted = parted_by(spelled[at][glued:].lstrip("="))
        elif option not in ("", "-s"):
            return None
    ends = re.fullmatch(r"(?:\d+-|-|\d+,)*(\d+)", fields)
    return Columns(max(map(int, re.findall(r"\d+", fields))), parted) if ends else None
