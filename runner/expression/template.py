"""Templates: values of the file in which `{{ }}` may stand; what they name, and what they give.

A template is compiled once, when it is first asked. It does not know which names there will be, nor
where in a workflow it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from runner.expression.marks import Path, has_holes, strings
from runner.hints import TYPE_CHECKING, Any
from runner.struct import struct

if TYPE_CHECKING:
    from runner.expression.columns import Column, Faults
    from runner.expression.dashes import Dash
    from runner.expression.lookups import Evaluate, Values
    from runner.expression.uses import Step, Use, Uses


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

    `guarded`: `default` or `is defined` stands over it, so that it may be missing. `hint` says how it
    is written rightly.
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

    @property
    def dashes(self) -> tuple[tuple[Path, Dash], ...]:
        """Every subtraction that may be meant as a key with a `-` in it, and where its string stands."""
        return tuple((path, dash) for path, found in self._uses() for dash in found.dashes)

    def _named(self, chosen: Callable[[Uses], Iterable[Use]]) -> tuple[NameUse, ...]:
        return tuple(
            NameUse(use.name, use.attribute, path, use.offset, use.attribute_offset, use.guarded, use.hint)
            for path, found in self._uses()
            for use in chosen(found)
        )

    def _uses(self) -> Iterator[tuple[Path, Uses]]:
        if self.literal:
            return
        from runner.expression.compilation import uses_of

        for path, text in strings(self.value, ()):
            for found in uses_of(text, self.condition):
                yield path, found

    def check(self) -> list[ExpressionFault]:
        """All that is wrong as far as the text shows; nothing is evaluated but constants."""
        if self.literal:
            return []
        from runner.expression.compilation import faults_of

        return [
            ExpressionFault(path, fault.at, fault.length, fault.code, fault.message, fault.hint)
            for path, text in strings(self.value, ())
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
            self._column = self._new_column()
        faults: Faults = {}
        results = self._column(shared, each, faults)
        for place, error in faults.items():
            results[place] = error
        return results

    def _new_column(self) -> Column:
        from runner.expression.columns import column_of, one_by_one

        by_one = self.condition or self.lazy
        return one_by_one(self._function()) if by_one else column_of(self.value)

    def _function(self) -> Evaluate:
        if self._evaluate is None:
            self._evaluate = self._new_function()
        return self._evaluate

    def _new_function(self) -> Evaluate:
        from runner.expression.compilation import condition_function, function_of

        if self.condition and isinstance(self.value, str):
            return condition_function(self.value)
        return function_of(self.value, self.lazy)


def _restored(value: Any, condition: bool, lazy: bool) -> Template:
    return Template(value, condition=condition, lazy=lazy)
