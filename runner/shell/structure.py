"""Which commands stand inside which, for each place of a script."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from runner.shell.findings import Command, Compound, Facts, Piece, Redirection, Word
from runner.struct import struct

T = TypeVar("T")


class Nested(Generic[T]):
    """Stretches that stand apart or inside each other, and what each is."""

    def __init__(self, stretches: Iterable[tuple[int, int, T]]) -> None:
        self._edges: list[int] = []
        self._inner: list[T | None] = []
        self._outer: dict[int, T | None] = {}
        around: list[tuple[int, T]] = []
        for start, end, it in sorted(stretches, key=lambda one: (one[0], -one[1])):
            self._close(around, start)
            self._outer[id(it)] = around[-1][1] if around else None
            around.append((end, it))
            self._begin(start, it)
        self._close(around, None)

    def _begin(self, at: int, it: T | None) -> None:
        self._edges.append(at)
        self._inner.append(it)

    def _close(self, around: list[tuple[int, T]], before: int | None) -> None:
        while around and (before is None or around[-1][0] <= before):
            end, _ = around.pop()
            self._begin(end, around[-1][1] if around else None)

    def at(self, place: int) -> T | None:
        """The innermost one that a place stands in."""
        found = bisect_right(self._edges, place) - 1
        return self._inner[found] if found >= 0 else None

    def outwards(self, place: int) -> Iterator[T]:
        """All that a place stands in, from the innermost on."""
        one = self.at(place)
        while one is not None:
            yield one
            one = self._outer[id(one)]


def functions_of(facts: Facts) -> Nested[Piece]:
    """The bodies of the functions of a script."""
    bodies = (body for bodies in facts.functions.values() for body in bodies)
    return Nested((body.start, body.end, body) for body in bodies if body.end > body.start)


class Structure:
    """The functions, lists of commands and heredocs of a script."""

    def __init__(self, facts: Facts, whole: Compound) -> None:
        bodies = [body for bodies in facts.functions.values() for body in bodies]
        pieces = {id(piece): piece for piece in _pieces([whole, *bodies])}.values()
        self._functions = functions_of(facts)
        self._lists = Nested(
            (one.start, one.end, one) for one in pieces if isinstance(one, Compound) and one.end > one.start
        )
        self._read_elsewhere = Nested(
            stretch for piece in pieces for one in piece.redirections for stretch in _read_before(piece, one)
        )

    def function(self, at: int) -> Piece | None:
        """The body of the function that a place stands in."""
        return self._functions.at(at)

    def lists(self, at: int) -> Iterator[Compound]:
        """The lists of commands that a place stands in, from the innermost to that of its function."""
        body = self.function(at)
        for one in self._lists.outwards(at):
            if self.function(max(one.start, 0)) is not body:
                return
            yield one

    def innermost(self, at: int) -> Compound | None:
        """The list of commands that a place stands in."""
        return self._lists.at(at)

    def read_at(self, at: int) -> int:
        """Where what stands at a place is read: a heredoc with its command, what a loop reads before it."""
        moved = self._read_elsewhere.at(at)
        return at if moved is None else self.read_at(moved.at)


@struct(eq=False)
class _Moved:
    at: int


def _read_before(piece: Piece, redirection: Redirection) -> Iterator[tuple[int, int, _Moved]]:
    """The stretches of a redirection that are read before what stands between it and its command."""
    target, heredoc = redirection.target, redirection.heredoc
    compound = isinstance(piece, Compound)
    if compound and target.end > target.start:
        yield target.start, target.end, _Moved(piece.start - 1)
    if heredoc is not None and heredoc.body is not None and heredoc.body.end > heredoc.body.start:
        yield heredoc.body.start, heredoc.body.end, _Moved(piece.start - 1 if compound else heredoc.at)


def _pieces(of: Iterable[Piece | Word | None]) -> Iterator[Piece]:
    """All commands, with those inside of them."""
    left = list(of)
    while left:
        one = left.pop()
        if one is None:
            continue
        if isinstance(one, Word):
            left += [*one.inner, *one.elements, one.process]
            continue
        yield one
        for redirection in one.redirections:
            left += [redirection.target, redirection.body]
        if isinstance(one, Compound):
            left += [*one.words, *one.pieces]
        elif isinstance(one, Command):
            left += [*one.words, *one.assignments]
