"""What is said of a YAML tag. Mostly none was meant: `when: !failure()` is a condition.

It knows no more of the keys of a file than which of them hold conditions.
"""

from __future__ import annotations

from runner.regex import regex
from runner.source.lines import line_at, line_start
from runner.source.quoting import reads_in_brackets
from runner.source.scalars import quoted
from runner.source.troubles import Trouble, save_as_text, short

_name = regex(r"\S*")
_key_before = regex(r"(?<![^\s{,])(['\"]?)(?P<key>when|until)\1\s*:\s+\Z")
_of_yaml = "tag:yaml.org,2002:"
_farthest = 200
_pairs = {"(": ")", "[": "]", "{": "}"}
_other_signs = regex(r"&&|\|\||!(?!=)|^$|^['\"]")


def tag(text: str, at: int) -> Trouble:
    """A tag, which would make something other than plain data."""
    found = _name.match(text, at)
    name = (found.group().rstrip(",}") if found else "") or "!"
    message = f"'{short(name)}' is a YAML tag, and tags are not read"
    hint = _written_rightly(text, at) or f"leave it out, or, {save_as_text}"
    return Trouble(at, "tag", message, hint, len(name))


def of_condition(text: str, at: int) -> str:
    """The key whose condition begins where a tag does, or nothing."""
    found = _key_before.search(text, max(0, at - _farthest), at)
    return found["key"] if found else ""


def reads_plainly(tag: str | None, plain: bool) -> bool:
    """Whether a scalar is read as one without quotes: what its tag asks for comes before them."""
    kind = (tag or "").removeprefix(_of_yaml)
    return kind not in ("!", "str") and (plain or kind in ("int", "float", "bool", "null"))


def _written_rightly(text: str, at: int) -> str:
    key = of_condition(text, at)
    if not key:
        return ""
    rest = _value(line_at(text, at)[at - line_start(text, at) :].removeprefix("!"))
    if rest.startswith("{{") and rest.endswith("}}"):
        rest = rest[2:-2].strip()
    if _other_signs.search(rest):
        return "write `not` for `!`"
    right = f"not {rest}"
    return f"write `{key}: {right if reads_in_brackets(right) else quoted(right)}`"


def _value(rest: str) -> str:
    """A line up to where a comment begins, or the list or mapping around goes on."""
    closing: list[str] = []
    for place, character in enumerate(rest):
        if closing and character == closing[-1]:
            closing.pop()
        elif character in _pairs:
            closing.append(_pairs[character])
        elif character in ")]}" or (not closing and rest.startswith((", ", " #"), place)):
            return rest[:place].strip()
    return rest.strip().rstrip(",")
