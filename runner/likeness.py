"""Which known name was probably meant by one that is unknown.

It knows only letters, not what is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from os.path import splitext


def nearest(word: str, candidates: Sequence[str]) -> str:
    """The candidate that is near enough to be meant, or nothing."""
    if not word or len(word) > 80:
        return ""
    if (before := word.partition(":")[0]) in candidates and before != word:
        return before
    bare = _bare(word)
    for candidate in candidates:
        if _bare(candidate) == bare:
            return candidate
    for candidate in candidates:
        if _bare(candidate).rstrip("s") == bare.rstrip("s"):
            return candidate
    most = 1 if len(word) < 5 else 2 if len(word) < 9 else 3
    near = [it for it in candidates if _may_be_near(it, word, most)]
    best, found = most + 1, ""
    for candidate in near:
        distance = _distance(word.lower(), candidate.lower(), best)
        if distance < best and distance < len(word):
            best, found = distance, candidate
    return found or _continued(word, candidates)


def misspelt(word: str, candidates: Sequence[str]) -> str:
    """The candidate that has one letter wrong, a long one two, or nothing: for words that are all alike."""
    most = 1 if len(word) < 12 else 2
    near = [it for it in candidates if it[:1].lower() == word[:1].lower() and _may_be_near(it, word, most)]
    distances = {it: _distance(word.lower(), it.lower(), most + 1) for it in near}
    found = min(near, key=distances.__getitem__, default="")
    return found if distances.get(found, most + 1) <= most else ""


def nearest_file(name: str, files: Iterable[str]) -> str:
    """The file whose name is near enough to be meant, or nothing: `.yml` makes no two files alike."""
    stem, suffix = splitext(name)
    by_stem: dict[str, str] = {}
    for file in sorted(files, key=lambda it: (splitext(it)[1] != suffix, it)):
        by_stem.setdefault(splitext(file)[0], file)
    return by_stem.get(nearest(stem, list(by_stem)), "")


@lru_cache(maxsize=4096)
def _bare(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


def _may_be_near(candidate: str, word: str, most: int) -> bool:
    if abs(len(candidate) - len(word)) > most:
        return False
    if len(candidate) == len(word) < 3:  # where another letter makes another word
        return sorted(candidate) == sorted(word)
    return candidate[:1].lower() == word[:1].lower() or candidate[-1:].lower() == word[-1:].lower()


def _continued(word: str, candidates: Sequence[str]) -> str:
    """The one candidate that begins with the word, or that the word begins with."""
    if len(word) < 3:
        return ""
    begun = [it for it in candidates if it.lower().startswith(word.lower())]
    if not begun:
        begun = [it for it in candidates if len(it) >= 3 and word.lower().startswith(it.lower())]
    return begun[0] if len(begun) == 1 else ""


def _distance(left: str, right: str, enough: int) -> int:
    """How many letters are changed, added, missing or swapped with their neighbour; `enough` ends it."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) >= enough:
            return enough
    return row[-1]
