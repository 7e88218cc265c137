"""Guards at the top of a script that let nothing pass but digits: what they look at is a number behind them.

`[[ $n =~ ^[0-9]+$ ]] || exit 1` and `case $n in ''|*[!0-9]*) exit 1;; esac` are such. They tell nothing of a
variable that is given a value behind them, or by a function, which may be called there.
"""

from __future__ import annotations

from runner.regex import regex
from runner.shell.findings import Compound, Facts
from runner.shell.structure import functions_of

_variable = r"\"?\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})\"?"
_digit = r"\[(?:[0-9]-[0-9]|\[:digit:\])\]"
_matches = (
    rf"{_variable}[ \t]+=~[ \t]+\^(?:-\?)?{_digit}(?:[*+]|{_digit}[*+]|\{{\d+(?:,\d*)?\}})?\$[ \t]+\]\]"
)
_tells = r"(?:(?:echo|printf)[ \t](?:\"[^\"`(\\]*\"|'[^']*'|>&2|[^;&|<>\n\"'#`(\\])*[;\n]\s*)*"
_leaves = rf"{_tells}exit(?:[ \t]+\d+)?\s*"
_guard = regex(
    rf"(?:\[\[[ \t]+{_matches}[ \t]*\|\|\s*(?:exit(?:[ \t]+\d+)?|\{{\s+{_leaves}[;\n]\s*\}})"
    rf"|if[ \t]+(?:![ \t]+\[\[|\[\[[ \t]+!)[ \t]+{_matches}\s*[;\n]\s*then\s+{_leaves}[;\n]\s*fi"
    rf"|case[ \t]+{_variable}[ \t]+in\s+\(?(?:(?:''|\"\")[ \t]*\|[ \t]*)?\*\[[!^](?:0-9|\[:digit:\])\]\*"
    rf"(?:[ \t]*\|[ \t]*(?:''|\"\"))?[ \t]*\)\s*{_leaves}(?:;;\s*(?:\*\)[ \t]*(?::[ \t]*)?;;\s*)?)?esac)"
    r"[ \t]*(?:[;\n]|\Z)"
)
_begins = regex(r"(?:\A|(?<!\\)\n|;)[ \t]*\Z")


class Guards:
    """Tells which variables are sure to hold digits, and from where on."""

    def __init__(self, text: str, facts: Facts, whole: Compound) -> None:
        self._facts, self._around = facts, functions_of(facts)
        self._guarded: dict[str, tuple[int, int]] = {}
        for piece in whole.pieces if "exit" not in facts.functions else ():
            match = None if piece.joined or piece.piped else _guard.match(text, piece.start)
            if match is not None and _begins.search(text, 0, piece.start):
                name = next(filter(None, match.groups()))
                self._guarded.setdefault(name, match.span())

    def pass_digits(self, name: str, at: int) -> bool:
        """Whether a variable holds nothing but digits at an offset."""
        start, end = self._guarded.get(name, (0, 0))
        if not end or at < end or name in self._facts.arrays:
            return False
        words = (given.word for given in self._facts.assigned if given.name == name)
        return all(word.end <= start and self._around.at(word.start) is None for word in words)
