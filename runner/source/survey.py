"""What a long text would come to, counted before anything of it is built.

It takes the same events as a `Builder`, goes by the same limits, and keeps no value. Which keys a merge
brings in it does not know: of a text that is beyond that limit, too, it tells another.
"""

from __future__ import annotations

from typing import Any, ClassVar

from runner.source.build import Anchored, Builder, most_values
from runner.source.events import event_reader, syntax_errors
from runner.source.troubles import LimitReached, Trouble, Troubles

_indicators = "-?:,[{"
_soon_built = 300_000
"""Indicators of a text that takes little memory, whatever it holds: each stands for a few values at most."""


def limit_reached(text: str) -> tuple[Trouble, Troubles] | None:
    """The limit that a text is beyond, and what is wrong with it besides; None for what can be built."""
    if len(text) < _soon_built or sum(map(text.count, _indicators)) < _soon_built:
        return None
    survey = _Survey(text)
    try:
        survey.build(event_reader(text))
    except LimitReached as reached:
        return reached.trouble, survey.troubles
    except syntax_errors:  # which are told with what stands before them
        pass
    return None


class _Counted:
    """A list or a mapping of which nothing is kept but what was counted before it."""

    __slots__ = ("anchor", "characters", "nodes", "start")
    wants_key: ClassVar[bool] = False

    def __init__(self, start: int, anchor: str | None, nodes: int, characters: int) -> None:
        self.start = start
        self.anchor = anchor
        self.nodes = nodes
        self.characters = characters

    def add(self, value: Any, start: int, end: int) -> None:
        """Lets go of what is in it."""

    def pass_over(self) -> None:
        """Has nothing to leave out."""


class _Survey(Builder):
    def _scalar(self, event: Any) -> None:
        start, text = event.start_mark.index, event.value
        if event.anchor is not None or event.tag is not None:
            start = min(self._behind_properties(event, start), event.end_mark.index)
        self._nodes += 1
        self._characters += len(text)
        if self._nodes > most_values or start in self._tabs:
            self._count(0, 0, start)
        if event.anchor is not None:
            self._anchors[event.anchor] = Anchored(None, start, start, 1, len(text))

    def _open_list(self, event: Any) -> None:
        start = self._opening(event)
        counted: Any = _Counted(start, event.anchor, self._nodes - 1, self._characters)
        self._push(counted)

    _open_mapping = _open_list

    def _close_list(self, event: Any) -> None:
        self._finish(self._pop(), None, 0)

    _close_mapping = _close_list
