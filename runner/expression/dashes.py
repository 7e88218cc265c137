"""Keys with a `-` in them, asked for by a dot: `item.runs-on` is read as `item.runs - on`.

It finds them by their text, without blanks around the `-`, and says how such a key is asked for. It knows
neither the values nor which names there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from runner.expression.tree import (
    Attribute,
    Call,
    Chain,
    Constant,
    DictOf,
    Filter,
    ListOf,
    Method,
    Name,
    Node,
    Slice,
    Subscript,
    Test,
    children,
    walk,
)
from runner.likeness import nearest
from runner.regex import regex
from runner.struct import struct

_dashed = regex(r"[^\W\d]\w*(?:-\w+)+")
_identifier = regex(r"[^\W\d]\w*")
_key_begun = r"(?P<target>(?<![\w.\])])[^\W\d]\w*(?:\.[^\W\d]\w*|\[[^\[\]]*\])*)\.(?P<key>\w[\w-]*)\Z"
_key_goes_on = r"\w+(?:-\w+)*"
_farthest = 200
_bare = (Name, Attribute, Subscript, Constant, Call, Method, ListOf, DictOf)
_giving_text = frozenset(
    (
        *("basename", "capitalize", "center", "dirname", "e", "escape", "filesizeformat", "forceescape"),
        *("format", "indent", "join", "json", "lower", "replace", "slug", "stem", "string", "striptags"),
        *("suffix", "title", "tojson", "trim", "truncate", "upper", "urlencode", "verbatim", "wordwrap"),
    )
)
_giving_the_same = frozenset({"default", "d"})

advice = "to subtract, put blanks around the `-`"
reason = "`-` subtracts, so that a key with a dash needs quotes"


@struct
class Operand:
    """A name that is subtracted, at `offset`, with the `depth` steps that are taken into it.

    `changed`: something stands over it that may make a number of it.
    """

    name: str
    offset: int
    depth: int
    written: str
    changed: bool


@struct
class Dash:
    """What may be the key `key` of `target`, and is `name`, at `offset`, from which `operands` are taken.

    `text` is a part of the subtraction that is text for sure, so that it cannot succeed.
    """

    key: str
    name: str
    offset: int
    target: str
    operands: tuple[Operand, ...]
    text: str = ""

    def among(self, keys: Collection[str]) -> str:
        """The longest of the keys that it may be: of `a-b-c` also `a-b`."""
        return next((key for key in _possible(self.key) if key in keys), "")


def _possible(key: str) -> Iterator[str]:
    while "-" in key:
        yield key
        key = key.rpartition("-")[0]


def asked(target: str, key: str) -> str:
    """How a key is asked for: `item.os`, `item['runs-on']`."""
    return f"{target}.{key}" if _identifier.fullmatch(key) else f"{target}[{key!r}]"


def as_asked(keys: Iterable[str]) -> list[str]:
    """Keys for a sentence, those with quotes that no dot can ask for."""
    return [key if _identifier.fullmatch(key) else f"[{key!r}]" for key in keys]


def key_meant(target: str, wanted: str, keys: Iterable[str], otherwise: Callable[[list[str]], str]) -> str:
    """Which key of `target` was meant; `otherwise` says which there are, as they are asked for."""
    known = list(keys)
    near = nearest(wanted, [key for key in known if key and key != wanted])
    if not near:
        return otherwise(as_asked(known))
    meant = repr(near) if _identifier.fullmatch(near) else asked(target, near)
    return f"did you mean {meant}?"


def target_of(node: Attribute | Subscript, text: str) -> str:
    """What is looked into, as it stands before a dot."""
    written = " ".join(text[node.target.at : node.target.end].split())
    return written if isinstance(node.target, _bare) else f"({written})"


def key_in(text: str, at: int) -> str:
    """The key with a `-` that the text may mean by the name at an offset, or nothing."""
    found = _dashed.match(text, at)
    if found is None:
        return ""
    key = found.group()
    return key.rpartition("-")[0] if text.startswith("(", found.end()) else key


def meant_around(text: str, at: int) -> str:
    """What was meant where an expression breaks off in the middle of a key: `item.sign-in`, `item.2fa`."""
    before = re.search(_key_begun, text[max(0, at - _farthest) : at])
    after = re.match(_key_goes_on, text[at : at + _farthest])
    if before is None or after is None:
        return ""
    key = before["key"] + after.group()
    return "" if _identifier.fullmatch(key) else f"did you mean {asked(before['target'], key)}?"


def possible_keys(node: Attribute, text: str) -> tuple[str, ...]:
    """The keys with a `-` that may be meant by an attribute, the longest first."""
    return tuple(_possible(key_in(text, node.name_at))) if text.startswith("-", node.end) else ()


def dashes(tree: Node, text: str) -> tuple[Dash, ...]:
    """Every subtraction that may be meant as a key."""
    if text.find("-", tree.at, tree.end) < 0:
        return ()
    found = [
        (node, key)
        for node in walk(tree)
        if isinstance(node, Attribute)
        and text.startswith("-", node.end)
        and "-" in (key := key_in(text, node.name_at))
    ]
    if not found:
        return ()
    above = {child: node for node in walk(tree) for child in children(node)}
    names = {node.at: node for node in walk(tree) if isinstance(node, Name)}
    return tuple(_dash(node, key, text, above, names) for node, key in found)


def _dash(node: Attribute, key: str, text: str, above: dict[Node, Node], names: dict[int, Name]) -> Dash:
    operands, sure = [], _joined(node, text, above)
    at = node.end + 1
    for word in key.split("-")[1:]:
        if at in names:
            operand, is_text = _operand(names[at], text, above)
            operands.append(operand)
            sure = sure or is_text
        at += len(word) + 1
    return Dash(key, node.name, node.name_at, target_of(node, text), tuple(operands), sure)


def _joined(node: Node, text: str, above: dict[Node, Node]) -> str:
    """The text that is made of an attribute and what stands before it, where that is done first."""
    around = above.get(node)
    last = isinstance(around, Chain) and around.rest[-1][1] is node and around.rest[-1][0] == "~"
    return _shown(around, text) if around is not None and last else ""


def _operand(name: Name, text: str, above: dict[Node, Node]) -> tuple[Operand, str]:
    """A name that is subtracted, and the text that is made of it before that, if any is."""
    node: Node = name
    depth = 0
    while isinstance(around := above.get(node), Attribute | Subscript) and around.target is node:
        node, depth = around, depth + 1
    written, changed = _shown(node, text), False
    while (around := above.get(node)) is not None and _begins(around, node):
        node = around
        if _is_text(node):
            return Operand(name.name, name.at, depth, written, False), _shown(node, text)
        changed = changed or (isinstance(node, Filter) and node.name not in _giving_the_same)
    return Operand(name.name, name.at, depth, written, changed), ""


def _begins(around: Node, node: Node) -> bool:
    """Whether a part takes what stands first in it, and that is `node`."""
    if isinstance(around, Filter | Test | Method | Slice):
        return around.target is node
    return isinstance(around, Chain) and around.first is node


def _is_text(node: Node) -> bool:
    if isinstance(node, Filter):
        return node.name in _giving_text
    return isinstance(node, Chain) and all(operator == "~" for operator, _ in node.rest)


def _shown(node: Node, text: str) -> str:
    return " ".join(text[node.at : node.end].split())
