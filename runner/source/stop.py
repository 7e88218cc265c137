"""Where a YAML parser stopped, with the lines around it, and the text that it stopped in.

It knows no words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from runner.source.events import SyntaxFailure
from runner.source.flow import Span
from runner.source.lines import behind_blanks, line_at, line_start
from runner.source.quoting import quote_value, spans_of

farthest_line = 1000


class Stop:
    """A failure with the lines around it. `opened`: where the collections begin that are still open."""

    def __init__(self, failure: SyntaxFailure, text: str, opened: Sequence[int]) -> None:
        self.text = text
        self.problem = failure.problem
        self.context = failure.context
        self.at = failure.at
        self.context_at = failure.context_at
        self.opened = opened
        self.start = line_start(text, self.at)
        self.line = line_at(text, self.at)
        self.indent = behind_blanks(self.line)
        self.character = text[self.at : self.at + 1]

    @property
    def leads(self) -> bool:
        """Whether nothing but blanks stands before it on its line."""
        return self.at - self.start <= self.indent

    @property
    def in_quotes(self) -> str:
        """The advice to put the value in quotes."""
        return self.in_quotes_at(self.at)

    @cached_property
    def text_around(self) -> Span | None:
        """The text of its line, without quotes, that the parser stopped in."""
        return self.text_at(self.at)

    def in_quotes_at(self, at: int) -> str:
        """The advice to put the value of a line in quotes."""
        return quote_value(self.text, at, self._bracket(at))

    def text_at(self, at: int) -> Span | None:
        """The text without quotes that a place is in, on its line, as far as that can be told."""
        column = at - line_start(self.text, at)
        spans = spans_of(self.text, at, self._bracket(at))
        return next((span for span in spans if span.start <= column < span.end), None)

    def _bracket(self, at: int) -> str:
        """What the list or mapping in brackets began with that goes on in the line of a place."""
        start = line_start(self.text, at)
        above = [self.text[place] for place in self.opened if place < start]
        return above[-1] if above and above[-1] in ("[", "{") else ""

    def line_before(self) -> tuple[int, str]:
        """The last line above that holds more than blanks and a comment, and where it starts."""
        start = self.start
        for _ in range(farthest_line):
            if start == 0:
                break
            start = line_start(self.text, start - 1)
            line = line_at(self.text, start)
            if line.strip() and not line.lstrip().startswith("#"):
                return start, line
        return 0, ""
