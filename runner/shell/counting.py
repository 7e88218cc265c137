"""Which variables arithmetic reads, and which subscripts are arithmetic.

The key of an associative array is text. Only where it is certain that a variable is one, in an
assignment or `${…}`, is its subscript no arithmetic: other places expand it twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator

from runner.regex import regex
from runner.shell.findings import Assigned, Facts, Keyed, Refusal, Subscript, Word
from runner.shell.flat import HOLE

_counted_name = regex(r"BASH_REMATCH\[\d+\]|[A-Za-z_]\w*|(?<=\$)[0-9@*]")


def settle_subscripts(facts: Facts) -> None:
    """Tell keys, where values may stand, from arithmetic."""
    declared = _declared(facts) if facts.keyed else {}
    for subscript in facts.subscripts:
        if any(_counts(facts, keyed, subscript.word) for keyed in declared.get(subscript.name, ())):
            _spare(facts, subscript)
        else:
            _compute(facts, subscript.word)


def _declared(facts: Facts) -> dict[str, list[Keyed]]:
    """Where which names are certain to be associative: an array of another kind stays what it is."""
    declared: dict[str, list[Keyed]] = {}
    first = {given.name: given.word.start for given in reversed(facts.assigned)}
    for keyed in facts.keyed:
        name = keyed.name
        if not facts.retyped.intersection((name, HOLE)) and first.get(name, keyed.start) >= keyed.start:
            declared.setdefault(name, []).append(keyed)
    return declared


def _counts(facts: Facts, keyed: Keyed, word: Word) -> bool:
    """Whether a word stands where a declaration counts: in its list, but in no function inside of that."""
    scope = keyed.scope
    if scope is None:
        return keyed.start <= word.start
    others = (body for bodies in facts.functions.values() for body in bodies if body.start > scope.start)
    end = next((at for at in scope.branches if at > keyed.start), scope.end)
    inside = keyed.start <= word.start < end
    return inside and not any(body.start <= word.start < body.end for body in others)


def _spare(facts: Facts, subscript: Subscript) -> None:
    word = subscript.word
    facts.uncounted.append((word.start, word.end))
    facts.assigned.append(Assigned(keys_of(subscript.name), word))
    for spot in word.holes:
        if spot.refusal is not None and spot.refusal.kind == "subscript":
            spot.refusal = subscript.outer


def _compute(facts: Facts, word: Word) -> None:
    facts.computed.append((word.start, word.end))
    word.refusals.append(Refusal("subscript", word.start, word.end))
    facts.evaluated.append(word)


def keys_of(name: str) -> str:
    """By what name the keys of an array are followed."""
    return f"!{name}[@]"


def counted(text: str, facts: Facts, integers: Container[str]) -> Iterator[tuple[str, int]]:
    """Each name in arithmetic, with its place, but none in commands and lengths inside it.

    All that an integer variable is given is arithmetic.
    """
    others = sorted(facts.uncounted)
    given = [(one.word.start, one.word.end) for one in facts.assigned if one.name in integers]
    for start, end in [*facts.computed, *given]:
        read = start
        for at in range(bisect_left(others, (start, 0)), len(others)):
            first, last = others[at]
            if first >= end:
                break
            if first >= read and last <= end:
                yield from _names(text, read, first)
                read = last
        yield from _names(text, read, end)


def _names(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    return ((name, start) for name in sorted(set(_counted_name.findall(text, start, end))))
