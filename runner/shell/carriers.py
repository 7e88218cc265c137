"""Which variables hold a value as it is, and which a part that is cut from it, as a script is written.

It reads a script as people write them: what it does not recognize it does not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from runner.regex import regex
from runner.shell.arguments import positional
from runner.shell.cases import Case
from runner.shell.flat import HOLE, filtered

_end = r"(?=[\s;&|)}]|\Z)"
_assigned = regex(r"(?<![\w$+])(\w+)(?:\[[^\]\s]*\])?=\Z")
_default = regex(r"\$\{(\w+):?[-=]\Z")
_loop = regex(r"\bfor[ \t]+(\w+)[ \t]+in\b[^;\n]*[ \t]\Z")
_array = regex(r"(\w+)=\((?:\[[^\]]*\]=)?\Z")
_arguments = regex(r"\bset[ \t]+--[ \t]+(?:[^;\n]*[ \t])?\Z")
_read = regex(r"(?:\bIFS=(?P<ifs>\S*)[ \t]+)?\bread\b(?P<names>[^;|&<\n]*)<<<[ \t]*\Z")
_call = regex(
    r"(?:\A|[;&|\n({]|\b(?:do|then|else))[ \t]*(?!(?:do|then|else|if|while|until)\b)([\w-]+)"
    r"[ \t]+(?:[^;&|\n]*[ \t])?\Z"
)
_copy = regex(rf"(?<![\w$+])(\w+)=(\"?)\$\{{?(\w+)(?:\[[^\]\s]*\])?\}}?\2{_end}")
_elements = regex(r"\bfor[ \t]+(\w+)[ \t]+in[ \t]+\"?\$\{?(\w+|@)(?:\[[@*]\])?\}?\"?\s*(?:;|\n)")
_cut = regex(r"(?<![\w$+])(\w+)=(\"?)\$\{(\w+)(%%|##|#|%)([^}]+)\}\2" + _end)
_piped = regex(
    rf"(\w+)=\"?\$\(echo \"?{HOLE}\"? *\| *cut +-d *[\"']?([^\s\"'\\])[\"']? +-f *(\d+)\)\"?{_end}"
)
_shift = regex(r"\bshift\b")
_letters = regex(r"[\w .:,/@=+-]+")


def _line_before(text: str, at: int) -> str:
    """What stands before an offset on its line, with the end of the line before."""
    return text[max(text.rfind("\n", 0, at), 0) : at]


@lru_cache(maxsize=8)
def _pairs(text: str) -> list[tuple[str, str]]:
    """The variables of a script that are given others."""
    pairs = [(match[1], match[3]) for match in _copy.finditer(text)]
    return pairs + [(match[1], match[2]) for match in _elements.finditer(text)]


class Carriers:
    """The variables that a value comes into whole: `names`."""

    def __init__(self, case: Case) -> None:
        self._case, self._text, self._at = case, case.flat.text, case.spot.at
        before, after = _line_before(self._text, self._at), self._text[self._at + 1 : self._at + 3]
        quoted = before.endswith('"') and after.startswith('"')
        self._before = before[:-1] if quoted else before
        self._read = _read.search(self._before)
        ends = re.match(_end, after[1:] if quoted else after) is not None
        self.names = set(self._given()) if ends else set[str]()
        self._copied()

    def _given(self) -> Iterator[str]:
        """Those that are given the value where it stands."""
        before = self._before
        alone = re.match(r"\"?\s*\)", self._text[self._at + 1 :]) is not None
        for pattern in (_assigned, _default, _loop, *[_array] * alone):
            if match := pattern.search(before):
                yield match[1]
        if _arguments.search(before):
            yield from positional
        yield from self._places(before)
        if self._read and len(self._names_read) == 1:
            yield from self._names_read

    @property
    def _names_read(self) -> list[str]:
        """The variables that `read` is to give values; none where options say how."""
        words = str(self._read["names"]).split() if self._read else []
        return (
            [] if any(word[0] == "-" and word != "-r" for word in words) else [w for w in words if w != "-r"]
        )

    def _calls(self, before: str) -> bool:
        """Whether a function of the script is given what follows."""
        match = _call.search(before)
        return match is not None and re.search(rf"\b{re.escape(match[1])}[ \t]*\(\)", self._text) is not None

    def _places(self, before: str) -> Iterator[str]:
        """As what a function that is called gets what follows, if it counts its arguments by their places."""
        match = _call.search(before)
        if match is not None and self._calls(before) and not _shift.search(self._text):
            yield from (str(len(before[match.end(1) :].split()) + 1), "@", "*")

    def _copied(self) -> None:
        found = set[str]()
        while found != self.names:
            found = set(self.names)
            self.names |= {to for to, of in _pairs(self._text) if of in self.names}
            if any(
                self._calls(_line_before(self._text, use.start()))
                for name in found
                for use in self._uses(name)
            ):
                self.names |= set(positional)

    def _uses(self, name: str) -> list[re.Match[str]]:
        """Where a variable is a word of its own."""
        if f"${name}" not in self._text and f"${{{name}}}" not in self._text:
            return []
        word = rf"(?<=[ \t])\"?\$(?:{re.escape(name)}|\{{{re.escape(name)}\}})\"?{_end}"
        return list(re.finditer(word, self._text))

    # Parts -------------------------------------------------------------------------------------

    def part(self, name: str) -> str:
        """What gives a variable the number that is cut from the value, if that can be told."""
        if self._case.kind(self._case.spot.number) not in ("str", "path", None):
            return ""
        expression = self._cut_off(name) or self._read_apart(name) or self._piped(name)
        return f"{name}={{{{ {expression} | int }}}}" if expression else ""

    @property
    def _source(self) -> str:
        return (
            filtered(self._case.source.partition("|")[0])
            if "|" not in self._case.source
            else f"({self._case.source})"
        )

    def _cut_off(self, name: str) -> str:
        """For `${v%%.*}` and its like."""
        cuts = [match for match in _cut.finditer(self._text) if match[1] == name]
        if len(cuts) != 1 or cuts[0][3] not in self.names:
            return ""
        operator, pattern = cuts[0][4], cuts[0][5].strip("\"'")
        if operator in ("%%", "##"):
            separator = pattern.removesuffix("*") if operator == "%%" else pattern.removeprefix("*")
            place = "0" if operator == "%%" else "-1"
            split = separator != pattern and _letters.fullmatch(separator)
            return f"{self._source}.split('{separator}')[{place}]" if split else ""
        method = "removeprefix" if operator == "#" else "removesuffix"
        return f"{self._source}.{method}('{pattern}')" if _letters.fullmatch(pattern) else ""

    def _read_apart(self, name: str) -> str:
        """For `IFS=: read -r host port <<< {{ x }}`."""
        separator = str(self._read["ifs"] or "").strip("\"'") if self._read else ""
        names = self._names_read
        if len(separator) != 1 or not _letters.fullmatch(separator) or names.count(name) != 1:
            return ""
        return f"{self._source}.split('{separator}')[{names.index(name)}]"

    def _piped(self, name: str) -> str:
        """For `n=$(echo {{ x }} | cut -d. -f1)`."""
        for match in _piped.finditer(self._text):
            if match[1] == name and match.start() < self._at < match.end() and _letters.fullmatch(match[2]):
                return f"{self._source}.split('{match[2]}')[{int(match[3]) - 1}]"
        return ""
