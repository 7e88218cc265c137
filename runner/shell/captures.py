"""Whether what a regular expression captures is harmless wherever it stands: words, numbers, paths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.shell.flat import HOLE

_used = re.compile(r"BASH_REMATCH(?:\[(?P<number>\d+)\])?")
_class = re.compile(r"\[(?P<not>\^?)(?P<of>\]?(?:\[:\w+:\]|[^\]])*)\]")
_harmless = re.compile(r"(?:\[:(?:alnum|alpha|digit|lower|upper|xdigit):\]|[\w./:@+,=%-])*")
_anything = re.compile(r"\\[WSD]|\.")
_escaped = re.compile(r"\\[^\w]")


def captures_are_plain(pattern: str, script: str) -> bool:
    """Whether those captures of a pattern that a script uses can hold nothing that a shell acts on."""
    groups = [pattern, *_groups(pattern)]
    used = {match["number"] or "0" for match in _used.finditer(script)}
    dynamic = "BASH_REMATCH[$" in script or "BASH_REMATCH[@]" in script or "BASH_REMATCH[*]" in script
    chosen = groups if dynamic else [groups[int(one)] for one in used if int(one) < len(groups)]
    return all(map(_is_plain, chosen))


def _is_plain(pattern: str) -> bool:
    if HOLE in pattern:
        return False
    classes = list(_class.finditer(pattern))
    rest = _escaped.sub("", _class.sub("", pattern))
    return not _anything.search(rest) and all(
        not match["not"] and _harmless.fullmatch(match["of"]) for match in classes
    )


def _groups(pattern: str) -> Iterator[str]:
    """The text of each group, in the order in which they begin."""
    plain = _class.sub(lambda match: "x" * len(match[0]), re.sub(r"\\.", "xx", pattern))
    for start, letter in enumerate(plain):
        if letter == "(":
            depth = 0
            for end in range(start, len(plain)):
                depth += {"(": 1, ")": -1}.get(plain[end], 0)
                if not depth:
                    yield pattern[start + 1 : end]
                    break
            else:
                yield HOLE
