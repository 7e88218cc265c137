"""What the file shows of the values that a task gives: which keys they have, and which are lists.

It knows no expressions beyond the steps that one takes into a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from runner.expression.dashes import key_meant
from runner.expression.uses import Step
from runner.loader.namespace import Declared
from runner.struct import struct
from runner.wording import listed

_of_a_record = ("index", "key", "item", "status", "result", "error", "attempts", "seconds")
_of_an_error = ("kind", "message", "address")
_of_counts = ("succeeded", "failed", "skipped", "cancelled")


@struct
class Keyed:
    """A mapping with these keys and no others; None: nothing is known of what stands there."""

    what: str
    keys: Mapping[str, Shape | None]


@struct
class Elements:
    """A list, or a mapping by keys that only the run knows, of values of one shape."""

    what: str
    each: Shape | None
    by_number: bool


Shape = Keyed | Elements


@struct
class Misstep:
    """A step into a value that leads nowhere."""

    step: Step
    message: str
    hint: str


def shape_of(task: Declared, attribute: str) -> Shape | None:
    """What is known of `tasks.<task>.<attribute>`."""
    name = task.name
    match attribute:
        case "result":
            return _result(f"the result of '{name}'", task)
        case "results":
            return Elements(f"tasks.{name}.results", _result(f"a result of '{name}'", task), by_number=True)
        case "items" | "failures":
            return Elements(f"tasks.{name}.{attribute}", _record(task), by_number=True)
        case "by_key":
            return Elements(f"tasks.{name}.by_key", _record(task), by_number=False)
        case "counts":
            return _plain(f"tasks.{name}.counts", _of_counts)
        case "error":
            return _plain(f"the error of '{name}'", _of_an_error)
    return None


def _result(what: str, task: Declared) -> Shape | None:
    return None if task.keys is None else _plain(what, task.keys)


def _record(task: Declared) -> Shape:
    what = f"a record of '{task.name}'"
    known = {
        "result": _result(f"a result of '{task.name}'", task),
        "error": _plain(f"the error of {what}", _of_an_error),
    }
    return Keyed(what, dict.fromkeys(_of_a_record) | known)


def _plain(what: str, keys: Iterable[str]) -> Keyed:
    return Keyed(what, dict.fromkeys(keys))


def it_has(keys: Sequence[str]) -> str:
    """Which keys there are, for a hint."""
    return f"it has {listed(keys)}" if keys else "it is empty"


def keys_after(shape: Shape | None, steps: Iterable[Step]) -> Collection[str] | None:
    """The keys of the value that the steps lead to, where they are known."""
    for step in steps:
        match shape:
            case Elements(each=each):
                shape = each
            case Keyed(keys=keys) if step.name is not None:
                shape = keys.get(step.name)
            case _:
                return None
    return shape.keys if isinstance(shape, Keyed) else None


def misstep(shape: Shape | None, steps: Iterable[Step]) -> Misstep | None:
    """The first of the steps that is sure to find nothing."""
    for step in steps:
        name = step.name
        match shape:
            case Elements(what=what, by_number=True) if name is not None:
                hint = f"an element has a number: {what}[0]"
                return Misstep(step, f"{what} is a list: it has no '{name}'", hint)
            case Elements(each=each):
                shape = each
            case Keyed(what=what, keys=keys) if name is not None:
                if name not in keys:
                    hint = key_meant(step.target, name, keys, it_has)
                    return Misstep(step, f"{what} has no '{name}'", hint)
                shape = keys[name]
            case _:
                return None
    return None
