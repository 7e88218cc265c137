"""What may be wrong with a YAML text, as data and in words. It does not know how it is found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from runner.source.scalars import quoted

most_troubles = 100

save_as_text = "if it is text, put the whole value in quotes"
bare_expression = "an expression needs quotes: YAML reads a bare '{' as a mapping"

_longest_shown = 60
_kinds: dict[type, str] = {
    str: "text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}


class Trouble(NamedTuple):
    """What is wrong at a place of the text. `related` are other places, each with its words."""

    at: int
    code: str
    message: str
    hint: str = ""
    length: int = 1
    related: tuple[tuple[int, str], ...] = ()


class LimitReached(Exception):
    """The text asks for more than is ever built."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


class Troubles:
    """What was found so far. After the first hundred nobody reads on, and nothing is added."""

    def __init__(self) -> None:
        self.found: list[Trouble] = []

    @property
    def full(self) -> bool:
        """Whether more would be too much."""
        return len(self.found) >= most_troubles

    def add(self, trouble: Trouble) -> None:
        """Keeps a trouble, if there are not too many."""
        if not self.full:
            self.found.append(trouble)

    def forget_between(self, start: int, end: int) -> None:
        """Drops what was found in a part of the text that turned out to be something else."""
        self.found = [trouble for trouble in self.found if not start <= trouble.at < end]


def short(text: str, most: int = _longest_shown) -> str:
    """The text, or its beginning where it is long."""
    return text if len(text) <= most else text[: most - 3] + "..."


def second_document(at: int) -> Trouble:
    """Only one document is read."""
    return Trouble(at, "second-document", "a second document begins here, and a file holds one", length=3)


def directive(at: int, length: int) -> Trouble:
    """Only one is read, and only where it belongs; in YAML 1.1 `yes` would be true."""
    message = "a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read"
    return Trouble(at, "syntax", message, "leave it out", length)


def too_deep(at: int, most: int) -> Trouble:
    """Lists and mappings inside each other, without end."""
    return Trouble(at, "too-deep", f"lists and mappings are nested more than {most} deep here")


def too_many(at: int, most: int) -> Trouble:
    """More values than are ever built."""
    message = f"this comes to more than {most:,} values, with what aliases stand for"
    return Trouble(at, "too-many-values", message)


def too_large(at: int, most: int) -> Trouble:
    """More text than is ever built."""
    message = f"this comes to more than {most >> 20} MB, with what aliases stand for"
    return Trouble(at, "too-large", message)


def too_many_merged(at: int, most: int) -> Trouble:
    """More keys than are ever merged."""
    return Trouble(at, "too-many-values", f"merge keys bring in more than {most:,} keys", length=2)


def tab(at: int, length: int) -> Trouble:
    """A tab as indentation."""
    message = "indentation is made of spaces, and this is a tab"
    return Trouble(at, "tab", message, "replace it with spaces", length)


def alias_cycle(at: int, name: str) -> Trouble:
    """Something that would hold itself."""
    return Trouble(at, "alias-cycle", f"*{short(name)} stands inside what it names", length=len(name) + 1)


def unknown_alias(at: int, name: str, anchors: Iterable[str]) -> Trouble:
    """An alias of nothing that was named above."""
    from difflib import get_close_matches

    message = f"*{short(name)} names an anchor that does not stand above"
    names = [anchor for anchor in anchors if len(anchor) <= _longest_shown][:100]
    near = get_close_matches(short(name), names, 1)
    hint = f"did you mean *{near[0]}?" if near else save_as_text
    return Trouble(at, "unknown-alias", message, hint, len(name) + 1)


def long_number(at: int, text: str) -> Trouble:
    """A number of absurd length."""
    message = f"a number of {len(text)} digits is longer than any that is read"
    return Trouble(at, "long-number", message, "put it in quotes to keep it as text", len(text))


longest_key = 1024
"""So YAML has it for keys without a '?', and no other has a use for more."""


def long_key(at: int, length: int) -> Trouble:
    """A key of absurd length."""
    return Trouble(at, "syntax", f"a key may not be longer than {longest_key} characters", length=length)


def no_key(at: int) -> Trouble:
    """A colon with nothing before it."""
    return Trouble(at, "wrong-key", "a key is missing before ':'")


def key_not_text(at: int, text: str, value: object) -> Trouble:
    """A key that YAML reads as a number, a boolean or null."""
    message = f"a key is text, and {short(text)} is {_kind(value)}"
    return Trouble(at, "wrong-key", message, f"write {quoted(text)}" if len(text) < 80 else "", len(text))


def key_not_scalar(at: int, length: int, value: object) -> Trouble:
    """A list or mapping as a key."""
    return Trouble(at, "wrong-key", f"a key is text, and this is {_kind(value)}", length=max(length, 1))


def duplicate_key(at: int, length: int, key: str, first: int) -> Trouble:
    """A key that its mapping has already."""
    message = f"the key '{short(key)}' stands twice in this mapping"
    return Trouble(at, "duplicate-key", message, "", length, ((first, "first defined"),))


def second_merge(at: int, first: int) -> Trouble:
    """A second merge key in one mapping."""
    hint = "merge several with a list: <<: [*one, *other]"
    message = "the key '<<' stands twice in this mapping"
    return Trouble(at, "duplicate-key", message, hint, 2, ((first, "first defined"),))


def wrong_merge(at: int, length: int, value: object) -> Trouble:
    """A merge key with something that has no keys."""
    message = f"'<<' takes a mapping or a list of mappings, not {_kind(value)}"
    return Trouble(at, "wrong-merge", message, "name an anchor: <<: *name", max(length, 1))


def unquoted_expression(at: int, text: str) -> Trouble:
    """An expression that YAML took for a mapping in a mapping."""
    one_line = len(text) < 200 and len(text.splitlines()) == 1
    hint = f"write {quoted(text)}" if one_line else "put it in quotes"
    return Trouble(at, "unquoted-expression", bare_expression, hint, len(text))


def too_many_directives(at: int) -> Trouble:
    """Declarations of tags, which are of no use here."""
    message = "there are more than 100 '%TAG' lines, and tags are not read"
    return Trouble(at, "tag", message, "leave them out", 4)


def _kind(value: Any) -> str:
    return _kinds.get(type(value), "null")
