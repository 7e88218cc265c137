"""Which texts variables may be exactly, and which of them may be others, too. It knows no value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

Key = tuple[str, object]
"""A place that may hold values, such as `("variable", "x")`."""

_most = 50


def variable_of(key: Key) -> str:
    """The name of the variable that a place is; empty if it is none."""
    kind, name = key
    if kind != "variable":
        return ""
    return str(name[1] if isinstance(name, tuple) else name)


class Texts:
    """What is written into variables as it is; `grown` says whether anything was added."""

    def __init__(self) -> None:
        self.grown = False
        self._known: dict[Key, set[str]] = {}
        self._named: dict[str, list[Key]] = {}
        self._same: dict[Key, set[Key]] = {}
        self._unsure: set[Key] = set()

    def of(self, key: Key) -> Collection[str]:
        """The texts that are known by now."""
        return tuple(self._known.get(key, ()))

    def named(self, name: str) -> Sequence[Key]:
        """The variables of a name of which texts are known."""
        return self._named.get(name, ())

    def say(self, key: Key, texts: Iterable[str]) -> None:
        """A variable may be exactly these texts."""
        if key not in self._known:
            self._named.setdefault(variable_of(key), []).append(key)
        kept = self._known.setdefault(key, set())
        if len(kept) >= _most:
            self.unsay(key)
        elif not kept.issuperset(texts):
            kept.update(texts)
            self.grown = True

    def unsay(self, key: Key) -> None:
        """A variable may be other texts than those that are known."""
        if key not in self._unsure:
            self._unsure.add(key)
            self.grown = True

    def hand_on(self, other: Key, key: Key) -> None:
        """A variable may be whatever another one is."""
        self.say(key, self.of(other))
        self._same.setdefault(key, set()).add(other)

    def are_unsure(self, key: Key) -> bool:
        """Whether a variable is known to be other texts, too."""
        return key in self._unsure

    def are_sure(self, key: Key, asked: frozenset[Key] = frozenset()) -> bool:
        """Whether a variable is sure to be one of the texts that are known."""
        if key in self._unsure or not self._known.get(key):
            return False
        others = self._same.get(key, set()) - asked - {key}
        return all(self.are_sure(other, asked | {key}) for other in others)
