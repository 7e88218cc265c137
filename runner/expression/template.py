"""Templates: values of the file in which `{{ }}` may stand; what they name, and what they give.

A template is compiled once, when it is first asked. It does not know which names there will be, nor
where in a workflow it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from runner.expression.columns import Column, Faults, column_of, one_by_one
from runner.expression.compilation import (
    Path,
    condition_function,
    faults_of,
    function_of,
    has_holes,
    strings,
    uses_of,
)
from runner.expression.holes import Expression, condition, cut
from runner.expression.lookups import Evaluate, Values
from runner.expression.tree import Attribute, Constant, Filter, Name, Node, Subscript
from runner.expression.uses import Step, Use, Uses
from runner.struct import struct


@struct
class Reference:
    """`tasks.<task>.<attribute>` in the string at `path`; the offsets are those of the names.

    `steps` is what is asked of that in turn; `guarded` as in `NameUse`.
    """

    task: str
    attribute: str
    path: Path
    offset: int
    attribute_offset: int
    steps: tuple[Step, ...] = ()
    guarded: bool = False


@struct
class NameUse:
    """A name in the string at `path`, and the attribute asked of it where the text shows one.

    `guarded`: `default` or `is defined` stands over it, so that it may be missing. `hint` is what
    may have been meant (`item.runs-on` subtracts).
    """

    name: str
    attribute: str | None
    path: Path
    offset: int
    attribute_offset: int = 0
    guarded: bool = False
    hint: str = ""


@struct
class ExpressionFault:
    """Something wrong in the string at `path`, `length` characters from `offset`."""

    path: Path
    offset: int
    length: int
    code: str
    message: str
    hint: str = ""


class Template:
    """A value of the file in which `{{ }}` may stand: a string, or lists and mappings of them.

    A string that is one `{{ … }}` and nothing else gives the value itself; with anything around it,
    text. `condition`: the string is a bare expression (or one in `{{ }}`) that gives true or false.
    `lazy`: sources stay unread (`over`). It is immutable, compares by identity and pickles.
    """

    __slots__ = ("__weakref__", "_column", "_evaluate", "condition", "lazy", "literal", "value")

    def __init__(self, value: Any, *, condition: bool = False, lazy: bool = False) -> None:
        self.value = value
        self.condition = condition
        self.lazy = lazy
        self.literal = not isinstance(value, str) if condition else not has_holes(value)
        self._evaluate: Evaluate | None = None
        self._column: Column | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.value, self.condition, self.lazy)

    def __repr__(self) -> str:
        return f"Template({self.value!r})"

    # What it names, read from the text ---------------------------------------------------------------

    @property
    def names(self) -> frozenset[str]:
        """The names that need a value: `params`, `tasks`, `url`, `index`, …"""
        return frozenset(use.name for _, found in self._uses() for use in found.names)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every use of a task."""
        return tuple(
            Reference(
                use.task,
                use.attribute,
                path,
                use.offset,
                use.attribute_offset,
                use.steps,
                use.guarded,
            )
            for path, found in self._uses()
            for use in found.tasks
        )

    @property
    def paths(self) -> tuple[NameUse, ...]:
        """Every use of a name, those of `tasks` aside."""
        return self._named(lambda found: (use for use in found.names if use.name != "tasks"))

    @property
    def functions(self) -> tuple[NameUse, ...]:
        """Every call of a function."""
        return self._named(lambda found: found.functions)

    @property
    def filters(self) -> tuple[NameUse, ...]:
        """Every use of a filter."""
        return self._named(lambda found: found.filters)

    def _named(self, chosen: Callable[[Uses], Iterable[Use]]) -> tuple[NameUse, ...]:
        return tuple(
            NameUse(use.name, use.attribute, path, use.offset, use.attribute_offset, use.guarded, use.hint)
            for path, found in self._uses()
            for use in chosen(found)
        )

    def _uses(self) -> Iterator[tuple[Path, Uses]]:
        for path, text in self._texts():
            for found in uses_of(text, self.condition):
                yield path, found

    def _texts(self) -> Iterator[tuple[Path, str]]:
        return iter(()) if self.literal else strings(self.value, ())

    def check(self) -> list[ExpressionFault]:
        """All that is wrong as far as the text shows; nothing is evaluated but constants."""
        return [
            ExpressionFault(path, fault.at, fault.length, fault.code, fault.message, fault.hint)
            for path, text in self._texts()
            for fault in faults_of(text, self.condition, self.lazy)
        ]

    # What it gives -------------------------------------------------------------------------------------

    def evaluate(self, values: Values) -> Any:
        """The value; an `EvaluationError` says why there is none."""
        return self.value if self.literal else self._function()(values)

    def evaluate_each(self, shared: Values, each: Sequence[Values]) -> list[Any]:
        """The value for each of several items, or the `EvaluationError` that stands for it.

        Every element of `each` holds the same names, which come before those of `shared`.
        """
        if self.literal:
            return [self.value] * len(each)
        if self._column is None:
            by_one = self.condition or self.lazy
            self._column = one_by_one(self._function()) if by_one else column_of(self.value)
        faults: Faults = {}
        results = self._column(shared, each, faults)
        for place, error in faults.items():
            results[place] = error
        return results

    def _function(self) -> Evaluate:
        if self._evaluate is None:
            if self.condition and isinstance(self.value, str):
                self._evaluate = condition_function(self.value)
            else:
                self._evaluate = function_of(self.value, self.lazy)
        return self._evaluate


def _restored(value: Any, condition: bool, lazy: bool) -> Template:
    return Template(value, condition=condition, lazy=lazy)


# Questions about single expressions ------------------------------------------------------------------------


def exact_tasks_results(template: Template) -> str | None:
    """`other` where the template is exactly `{{ tasks.other.results }}`."""
    if template.literal or template.condition or not isinstance(template.value, str):
        return None
    parts = cut(template.value).parts
    tree = parts[0].tree if len(parts) == 1 and isinstance(parts[0], Expression) else None
    target, attribute = _looked_up(tree)
    tasks, task = _looked_up(target)
    return task if attribute == "results" and isinstance(tasks, Name) and tasks.name == "tasks" else None


def _looked_up(node: Node | None) -> tuple[Node | None, str | None]:
    if isinstance(node, Attribute):
        return node.target, node.name
    if isinstance(node, Subscript) and isinstance(node.key, Constant) and isinstance(node.key.value, str):
        return node.target, node.key.value
    return None, None


def has_verbatim(source: str) -> bool:
    """Whether the source of a hole ends in the filter `verbatim`."""
    last = _last_filter(source)
    return last is not None and last.name == "verbatim"


def is_whole_number(source: str) -> bool:
    """Whether the source of a hole ends in a filter that makes a whole number of anything."""
    last = _last_filter(source)
    return (
        last is not None and last.name in ("int", "length", "count") and not (last.arguments or last.keywords)
    )


def _last_filter(source: str) -> Filter | None:
    parts = condition(source).parts
    tree = parts[0].tree if parts and isinstance(parts[0], Expression) else None
    return tree if isinstance(tree, Filter) else None
