"""A key and its value with no space between them, `run:true`, which YAML reads as one text.

It does not know which keys there are.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.source.lines import line_start
from runner.source.stop import Stop
from runner.source.troubles import Trouble, short

_glued = regex(r"([A-Za-z_][\w-]*):(?!//|:|\\)\S.*", re.DOTALL)
_before_a_bracket = regex(r"(?:^|[{,])[ \t]*([A-Za-z_][\w-]*):$")
_leading = regex(r"([A-Za-z_][\w-]*):[\[{]")


def key_in(text: object) -> str:
    """The key that a text begins with, if its value follows without a space."""
    found = _glued.fullmatch(text) if isinstance(text, str) else None
    return found[1] if found else ""


def space_missing(text: object) -> str:
    """What is advised for a text that should be a key and its value; nothing where it is neither."""
    key = key_in(text)
    return f"a space is missing after '{short(key)}:'" if key else ""


def before_a_bracket(stop: Stop) -> Trouble | None:
    """A key that a bracket follows at once, which makes YAML stop there or behind it."""
    column = stop.at - stop.start
    if stop.character == ":" and stop.line[column + 1 : column + 2] in ("[", "{"):
        found = _before_a_bracket.search(stop.line[: column + 1])
    elif stop.indent in {start - line_start(stop.text, start) for start in stop.opened}:
        found = _leading.match(stop.line, stop.indent)
    else:
        return None
    if found is None:
        return None
    message = f"a space is missing after '{short(found[1])}:'"
    return Trouble(stop.start + found.start(1), "syntax", message, "", len(found[1]) + 1)
