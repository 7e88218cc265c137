"""Values of the file in which `{{ }}` may stand → their functions, uses and faults; one for equal texts.

It does not know which names there will be, nor where in a workflow a value stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from runner.expression.evaluation import compiled
from runner.expression.faults import faults
from runner.expression.holes import Cut, Expression, condition, cut
from runner.expression.lookups import Evaluate, Values
from runner.expression.marks import has_holes, marked
from runner.expression.slips import SyntaxFault
from runner.expression.uses import Uses, uses
from runner.expression.values import (
    EvaluationError,
    Missing,
    advice,
    describe,
    let_pass,
    shortened,
    text_of,
    told,
)

# One compilation for equal strings -----------------------------------------------------------------------


def _cut(text: str, as_condition: bool) -> Cut:
    return condition(text) if as_condition else cut(text)


def expressions(text: str, as_condition: bool) -> list[Expression]:
    """The expressions in a text, those that cannot be read included."""
    return [part for part in _cut(text, as_condition).parts if isinstance(part, Expression)]


@lru_cache(maxsize=20_000)
def uses_of(text: str, as_condition: bool) -> tuple[Uses, ...]:
    """What each expression of a text uses, as far as it can be read."""
    if not as_condition and not marked(text):
        return ()
    return tuple(uses(part.tree, text) for part in expressions(text, as_condition) if part.tree is not None)


@lru_cache(maxsize=20_000)
def faults_of(text: str, as_condition: bool, lazy: bool) -> tuple[SyntaxFault, ...]:
    """What is wrong with a text, in its order."""
    if not as_condition and not marked(text):
        return ()
    found = list(_cut(text, as_condition).faults)
    for part in expressions(text, as_condition):
        if part.fault is not None:
            found.append(part.fault)
        elif part.tree is not None:
            found.extend(faults(part.tree, text, lazy))
    return tuple(sorted(found, key=lambda fault: fault.at))


def function_of(value: Any, lazy: bool) -> Evaluate:
    """The function from values to what a template gives."""
    if not has_holes(value):
        return lambda values: value
    if isinstance(value, str):
        return _text_function(value, lazy)
    if isinstance(value, Mapping):
        return _mapping_function([(key, function_of(part, lazy)) for key, part in value.items()])
    return _list_function([function_of(part, lazy) for part in value])


def _mapping_function(parts: list[tuple[str, Evaluate]]) -> Evaluate:
    def evaluate(values: Values) -> Any:
        result = {}
        for key, part in parts:
            try:
                result[key] = part(values)
            except EvaluationError as error:
                error.path = (key, *error.path)
                raise
        return result

    return evaluate


def _list_function(parts: list[Evaluate]) -> Evaluate:
    def evaluate(values: Values) -> Any:
        result = []
        for part in parts:
            try:
                result.append(part(values))
            except EvaluationError as error:
                error.path = (len(result), *error.path)
                raise
        return result

    return evaluate


@lru_cache(maxsize=20_000)
def _text_function(text: str, lazy: bool) -> Evaluate:
    found = cut(text)
    if found.faults:
        return _failing(text, found.faults[0])
    if len(found.parts) == 1 and isinstance(found.parts[0], Expression):
        return hole_function(text, found.parts[0], lazy)
    parts = [
        hole_function(text, part, False, text_of) if isinstance(part, Expression) else part.text
        for part in found.parts
    ]
    return _joining(parts)


def _joining(parts: list[Evaluate | str]) -> Evaluate:
    if all(isinstance(part, str) for part in parts):
        whole = "".join(map(str, parts))
        return lambda values: whole

    def evaluate(values: Values) -> str:
        return "".join([part if isinstance(part, str) else part(values) for part in parts])

    return evaluate


@lru_cache(maxsize=20_000)
def condition_function(text: str) -> Evaluate:
    """The function from values to whether a condition holds."""
    found = condition(text)
    if found.faults:
        return _failing(text, found.faults[0])
    part = found.parts[0]
    assert isinstance(part, Expression)
    return hole_function(text, part, False, _decided)


def _decided(value: Any) -> bool:
    if not isinstance(value, bool):
        message = f"a condition gives true or false, and this is {describe(value)}"
        raise EvaluationError(message, advice(value))
    return value


def hole_function(
    text: str, part: Expression, lazy: bool, then: Callable[[Any], Any] | None = None
) -> Evaluate:
    """The function of one hole of a text, and of what is `then` done with its value."""
    if part.tree is None:
        return _failing(text, part.fault)
    try:
        inner = compiled(part.tree, text, lazy)
    except EvaluationError as error:
        return _raising(error, part)

    def evaluate(values: Values) -> Any:
        try:
            value = inner(values)
            return value if then is None else then(value)
        except BaseException as error:  # the methods of a value may be the user's
            let_pass(error)
            raise _explained(error, part) from None

    return evaluate


def _explained(error: BaseException, part: Expression) -> EvaluationError:
    if isinstance(error, Missing):
        error = error.explained()
    if isinstance(error, EvaluationError):
        message, hint = error.message, error.hint
    elif isinstance(error, RecursionError):
        message, hint = "the value is nested too deeply", ""
    else:
        message, hint = _words(error), ""
    source = shortened(" ".join(part.hole.source.split()), 80)
    return EvaluationError(f"{message}, in `{source}`" if f"`{source}`" not in message else message, hint)


def _words(error: BaseException) -> str:
    """What Python says of a value; of what else is raised also by which name."""
    plain = type(error) in (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
    return str(error) if plain and str(error) else told(error)


def _failing(text: str, fault: SyntaxFault | None) -> Evaluate:
    message = f"{fault.message}, in {shortened(text)!r}" if fault is not None else ""
    return _raising(EvaluationError(message, fault.hint if fault is not None else ""), None)


def _raising(error: EvaluationError, part: Expression | None) -> Evaluate:
    def evaluate(values: Values) -> Any:
        told = EvaluationError(error.message, error.hint)
        raise told if part is None else _explained(told, part)

    return evaluate
