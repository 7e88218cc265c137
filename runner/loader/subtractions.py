"""Whether what is written as a subtraction is meant as a key: `item.runs-on` is `item.runs - on`.

It is, where there is such a key, or where what would be subtracted is no number. It is told which keys
there are, and reports nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from runner.expression import ExpressionFault, NameUse, Reference, Template
from runner.expression.dashes import Dash, Operand, advice, as_asked, asked, reason
from runner.findings import Path
from runner.likeness import nearest
from runner.loader.fields import identifier_like
from runner.loader.namespace import View, everywhere
from runner.struct import field, struct
from runner.wording import listed

_without_numbers = frozenset({"env", "key", "run", "secrets", "workflow"})
"""Names that are no numbers, and of which no part is one."""


@struct
class Why:
    """Why a subtraction cannot succeed: `what` is wrong at `offset`."""

    offset: int
    length: int
    what: str
    unknown: bool = False


@struct
class Wrong:
    """A subtraction that is meant otherwise."""

    offset: int
    length: int
    message: str
    hint: str
    code: str = "subtraction"


def why_hopeless(dash: Dash, view: View) -> Why | None:
    """Why the subtraction can never succeed at a place, if that is so."""
    for operand in dash.operands:
        if operand.name not in view.names and operand.name != "tasks" and not view.around.unsure:
            return Why(operand.offset, len(operand.name), f"unknown name '{operand.name}'", unknown=True)
    for operand in dash.operands:
        if _is_no_number(operand, view):
            return Why(operand.offset, len(operand.written), f"`{operand.written}` is no number")
    if dash.text:
        return Why(dash.offset, len(dash.key), f"`{dash.text}` is text")
    if dash.target in _without_numbers:
        return Why(dash.offset, len(dash.name), f"`{dash.target}.{dash.name}` is no number")
    return None


def _is_no_number(operand: Operand, view: View) -> bool:
    name = operand.name
    if operand.changed:
        return False
    if name == "tasks":
        return operand.depth < 2
    if name in _without_numbers and (name in view.names or not view.around.unsure):
        return True
    return operand.depth == 0 and (name in everywhere or bool(view.around.keys.get(name)))


def is_absent(dash: Dash, keys: Collection[str] | None, why: Why | None) -> bool:
    """Whether the whole of it is meant as a key of `keys`, where there is none such."""
    if keys is None or dash.among(keys):
        return False
    near = nearest(dash.key, [key for key in keys if key])
    if dash.name in keys and dash.target not in _without_numbers:
        return why is not None and near not in ("", dash.name)
    return bool(near) or why is not None


def wrong_in(dash: Dash, keys: Collection[str] | None, why: Why | None) -> Wrong | None:
    """What is wrong with a subtraction from one of `keys`; None for these: nothing is known of them."""
    key = dash.among(keys or ())
    if key and dash.target == "params":  # its declaration is told to be called otherwise
        hint = f"did you mean params.{identifier_like(key)}?"
        return Wrong(dash.offset, len(key), "no param has a `-` in its name: `-` subtracts", hint)
    if key and why is None:
        hint = f"did you mean {asked(dash.target, key)}? {advice}"
        return Wrong(dash.offset, len(key), f"`{dash.target}` has the key {key!r}: {reason}", hint)
    if why is None:
        return None
    if key or keys is None:
        hint = f"did you mean {asked(dash.target, key or dash.key)}?"
        return Wrong(why.offset, why.length, f"{why.what}: {reason}", hint)
    hint = f"`{dash.target}` has {listed(as_asked(keys))}"
    if why.unknown:
        return Wrong(why.offset, why.length, why.what, hint, "unknown-name")
    return Wrong(why.offset, why.length, f"{why.what}, and `-` subtracts", hint)


# In a whole template ------------------------------------------------------------------------------

Place = tuple[Path, int]
"""The path of a string in a template, and an offset in it."""

KeysOf = Callable[[NameUse | None, Reference | None], Collection[str] | None]
"""The keys of what a name or a task gives that something is asked of, where they are known."""


@struct
class Read:
    """How the subtractions of a template are meant that may be keys."""

    keys: dict[Place, str] = field(default_factory=dict)
    """What is asked for at a place in truth; nothing where all has been told."""
    late: dict[Place, tuple[Dash, Why | None]] = field(default_factory=dict)
    """Those parts of what a task gives of which only all tasks together show how they are meant."""
    wrong: list[tuple[Path, Wrong]] = field(default_factory=list)
    covered: list[ExpressionFault] = field(default_factory=list)
    """The parts of which nothing more is to be told."""


def read_subtractions(
    template: Template, faults: Iterable[ExpressionFault], view: View, keys_of: KeysOf
) -> Read:
    """How those of `template` are meant; in its `faults` nothing is looked at."""
    read = Read(covered=list(faults))
    dashes = template.dashes
    if not dashes:
        return read
    names = {(use.path, use.attribute_offset): use for use in template.paths if use.attribute is not None}
    tasks = {(one.path, one.attribute_offset): one for one in template.references if not one.steps}
    late = {(one.path, one.steps[-1].offset) for one in template.references if one.steps}
    for path, dash in dashes:
        place, why = (path, dash.offset), why_hopeless(dash, view)
        name = names.get(place)
        told = why is not None or dash.target == "tasks"
        if place in late:
            read.late[place] = dash, why
        elif dash.target != "tasks" and (name is None or name.name in view.names):
            told = _read(read, place, dash, why, keys_of(name, tasks.get(place)))
        if told:
            read.covered.append(ExpressionFault(path, dash.offset, len(dash.key), "", ""))
    return read


def _read(read: Read, place: Place, dash: Dash, why: Why | None, keys: Collection[str] | None) -> bool:
    """Whether that was told or will be; else it is what it looks like."""
    if is_absent(dash, keys, why):
        read.keys[place] = dash.key
    elif why is not None and why.unknown and keys is not None and not dash.among(keys):
        return False
    elif wrong := wrong_in(dash, keys, why):
        read.keys[place] = ""
        read.wrong.append((place[0], wrong))
    return place in read.keys
