"""A tree → a function from the values of names to the value of the expression.

Each part becomes a small closure; there is no generated code and nothing that a value could reach.
What a part may do to a value is said in `operations`, `filters` and `sources`. The folder that paths
start from and the status of the run come as hidden values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from runner.expression import bounds, lookups
from runner.expression.filters import filters, lazy_filters, meant_by, method, methods, tests
from runner.expression.lazies import Filtered, materialised
from runner.expression.lookups import Evaluate, Values, shown, spine
from runner.expression.operations import (
    arithmetic,
    compared,
    elements,
    joined,
    nothing,
    signed,
    summed,
    truth,
    whole,
)
from runner.expression.sources import functions
from runner.expression.text_filters import formatted
from runner.expression.tree import (
    Applied,
    Attribute,
    Call,
    Chain,
    Conditional,
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
    Unary,
    walk,
)
from runner.expression.values import EvaluationError, Lazy, Missing, describe
from runner.problem import did_you_mean

forgiving_filters = frozenset({"default", "d"})
forgiving_tests = frozenset({"defined", "undefined"})
status_functions = {"success": "__success__", "failure": "__failure__", "always": None}
function_names = (*functions, *status_functions)

_refusals = (TypeError, ValueError, OverflowError, AttributeError, ArithmeticError)


def compiled(tree: Node, text: str, lazy: bool = False) -> Evaluate:
    """The function of a whole expression; each call has a budget of its own."""
    evaluate = _Compiler(text).lazily(tree) if lazy else _Compiler(text).strictly(tree)
    if not any(isinstance(part, Applied | Chain) for part in walk(tree)):
        return evaluate

    def bounded(values: Values) -> Any:
        bounds.begin()
        return evaluate(values)

    return bounded


class _Compiler:
    """Turns the parts of one text into closures."""

    def __init__(self, text: str) -> None:
        self.text = text

    def lazily(self, node: Node) -> Evaluate:
        """Like `strictly`, but a lazy source stays one through the filters that can follow it."""
        if isinstance(node, Call) and node.name in functions:
            return self.call(node)
        if isinstance(node, Filter) and node.name in lazy_filters:
            return self.lazy_filter(node, self.lazily(node.target))
        if isinstance(node, Conditional) and node.otherwise is not None:
            return self.choice(node, self.lazily(node.then), self.lazily(node.otherwise))
        return self.strictly(node)

    def strictly(self, node: Node) -> Evaluate:
        match node:
            case Constant(value=value):
                return lambda values: value
            case Name():
                return lookups.named(node, node.name, function_names)
            case Attribute():
                return lookups.attribute(node, self.text, self.strictly(node.target))
            case Subscript():
                key = self.strictly(node.key)
                return lookups.subscript(node, self.text, self.strictly(node.target), key)
            case Slice():
                return self.slice(node)
            case Call():
                call = self.call(node)
                return lambda values: materialised(call(values))
            case Method():
                return self.method(node)
            case Filter():
                return self.filter(node)
            case Test():
                return self.test(node)
            case ListOf(parts=parts):
                inner = tuple(map(self.strictly, parts))
                return lambda values: [part(values) for part in inner]
            case DictOf():
                return self.mapping(node)
            case Unary():
                return self.unary(node)
            case Chain():
                return self.chain(node)
            case Conditional():
                otherwise = self.absent(node) if node.otherwise is None else self.strictly(node.otherwise)
                return self.choice(node, self.strictly(node.then), otherwise)
        raise AssertionError(node)

    def slice(self, node: Slice) -> Evaluate:
        target = self.strictly(node.target)
        ends = [None if end is None else self.strictly(end) for end in node.bounds]

        def cut(values: Values) -> Any:
            value = target(values)
            if not isinstance(value, str | list | tuple):
                raise EvaluationError(
                    f"`{shown(node.target, self.text)}` is {describe(value)}, which has no slices"
                )
            places = [None if end is None else self.place(end(values)) for end in ends]
            if places[2] == 0:
                raise EvaluationError("the step of a slice cannot be 0")
            return value[slice(*places)]

        return cut

    def place(self, value: Any) -> int | None:
        return None if value is None else whole(value, "a slice")

    # What is named and given arguments ---------------------------------------------------------------

    def arguments(self, node: Applied) -> Callable[[Values], tuple[list[Any], dict[str, Any]]]:
        places = tuple(map(self.strictly, node.arguments))
        names = tuple((name, self.strictly(value)) for name, value in node.keywords)
        return lambda values: (
            [place(values) for place in places],
            {name: value(values) for name, value in names},
        )

    def call(self, node: Call) -> Evaluate:
        if node.name in status_functions:
            hidden = status_functions[node.name]
            return (lambda values: True) if hidden is None else (lambda values: self.status(values, hidden))
        function, arguments = functions.get(node.name), self.arguments(node)
        if function is None:
            raise EvaluationError(
                f"there is no function `{node.name}`", did_you_mean(node.name, function_names)
            )

        def apply(values: Values) -> Any:
            places, names = arguments(values)
            folder = values.get("__folder__")
            return self.apply(node, function, os.getcwd() if folder is None else folder, places, names)

        return apply

    def status(self, values: Values, hidden: str) -> bool:
        if hidden not in values:
            raise EvaluationError("the status functions have their place in `when`")
        return bool(values[hidden])

    def apply(
        self,
        node: Applied,
        function: Callable[..., Any],
        first: Any,
        places: list[Any],
        names: dict[str, Any],
    ) -> Any:
        try:
            return function(first, *places, **names)
        except Exception as error:
            raise self.refused(node, error) from None

    def refused(self, node: Applied, error: Exception) -> Exception:
        if isinstance(error, EvaluationError):
            error.message = f"`{node.name}`: {error.message}"
            return error
        if isinstance(error, _refusals):
            return EvaluationError(f"`{node.name}`: {error}")
        return error

    def method(self, node: Method) -> Evaluate:
        target, arguments, name = self.strictly(node.target), self.arguments(node), node.name
        if name not in methods:
            raise EvaluationError(f"there is no method `{name}`", did_you_mean(name, methods))

        def apply(values: Values) -> Any:
            places, names = arguments(values)
            return method(name, target(values), tuple(places), names)

        return apply

    def filter(self, node: Filter) -> Evaluate:
        if node.name in forgiving_filters:
            return self.default(node)
        target, function = self.strictly(node.target), filters.get(node.name)
        if function is None:
            raise EvaluationError(f"there is no filter `{node.name}`", did_you_mean(node.name, filters))
        if not node.arguments and not node.keywords:
            return self.bare_filter(node, target, function)
        arguments = self.arguments(node)
        return lambda values: self.found(node, self.apply(node, function, target(values), *arguments(values)))

    def bare_filter(self, node: Filter, target: Evaluate, function: Callable[[Any], Any]) -> Evaluate:
        def apply(values: Values) -> Any:
            value = target(values)
            try:
                result = function(value)
            except Exception as error:
                raise self.refused(node, error) from None
            return self.found(node, result) if result is nothing else result

        return apply

    def found(self, node: Node, value: Any) -> Any:
        if value is nothing:
            raise Missing(
                node,
                lambda: (f"`{shown(node, self.text)}` finds nothing: the list is empty", "add a `default`"),
            )
        return value

    def default(self, node: Filter) -> Evaluate:
        target, arguments = self.forgiving(node.target), self.arguments(node)
        return lambda values: self.apply(node, filters[node.name], target(values), *arguments(values))

    def forgiving(self, node: Node) -> Evaluate:
        inner, forgiven = self.strictly(node), spine(node)

        def evaluate(values: Values) -> Any:
            try:
                return inner(values)
            except Missing as missing:
                if missing.node in forgiven:
                    return nothing
                raise

        return evaluate

    def lazy_filter(self, node: Filter, target: Evaluate) -> Evaluate:
        arguments, name = self.arguments(node), node.name

        def apply(values: Values) -> Any:
            source = target(values)
            places, names = arguments(values)
            return Filtered(
                source if isinstance(source, Lazy) else elements(source), name, tuple(places), names
            )

        return apply

    def test(self, node: Test) -> Evaluate:
        forgiving = node.name in forgiving_tests
        target = self.forgiving(node.target) if forgiving else self.strictly(node.target)
        arguments, function, negated = self.arguments(node), tests.get(node.name), node.negated
        if function is None:
            raise EvaluationError(f"there is no test `{node.name}`", meant_by(node.name, tests))
        return lambda values: (
            bool(self.apply(node, function, target(values), *arguments(values))) is not negated
        )

    # Operators -----------------------------------------------------------------------------------------

    def mapping(self, node: DictOf) -> Evaluate:
        pairs = tuple((self.strictly(key), self.strictly(value)) for key, value in node.pairs)

        def build(values: Values) -> dict[str, Any]:
            built = {}
            for key, value in pairs:
                name = key(values)
                if not isinstance(name, str):
                    raise EvaluationError(f"the keys of a mapping are text, and this is {describe(name)}")
                built[name] = value(values)
            return built

        return build

    def unary(self, node: Unary) -> Evaluate:
        operand, operator = self.strictly(node.operand), node.operator
        if operator == "not":
            return lambda values: not truth(operand(values))
        return lambda values: signed(operator, operand(values))

    def chain(self, node: Chain) -> Evaluate:
        first = self.strictly(node.first)
        rest = tuple((operator, self.strictly(operand)) for operator, operand in node.rest)
        operands = (first, *(operand for _, operand in rest))
        operators = {operator for operator, _ in rest}
        if operators <= {"and", "or"}:
            return _logic("or" in operators, operands)
        if operators == {"~"}:
            return lambda values: joined([operand(values) for operand in operands])
        if operators == {"+"}:
            return lambda values: summed([operand(values) for operand in operands])
        if operators <= arithmetic.keys():
            return self.arithmetic(node, first, rest)
        return _comparison(first, rest)

    def arithmetic(self, node: Chain, first: Evaluate, rest: tuple[tuple[str, Evaluate], ...]) -> Evaluate:
        fixed = [isinstance(operand, ListOf) and operand.fixed for _, operand in node.rest]
        steps = tuple(
            (partial(_remainder, many) if operator == "%" else arithmetic[operator], operand)
            for (operator, operand), many in zip(rest, fixed, strict=True)
        )

        def calculate(values: Values) -> Any:
            result = first(values)
            for apply, operand in steps:
                result = apply(result, operand(values))
            return result

        return calculate

    def choice(self, node: Conditional, then: Evaluate, otherwise: Evaluate) -> Evaluate:
        test = self.strictly(node.test)
        return lambda values: then(values) if truth(test(values)) else otherwise(values)

    def absent(self, node: Conditional) -> Evaluate:
        def fail(values: Values) -> Any:
            words = (f"`{shown(node, self.text)}` has no value where the test is false", "add `else`")
            raise Missing(node, lambda: words)

        return fail


def _remainder(many: bool, left: Any, right: Any) -> Any:
    """`text % value`, `text % (a, b)`, `text % {…}`, or what a division leaves."""
    if isinstance(left, str):
        return formatted(left, right if many or isinstance(right, Mapping) else [right])
    return arithmetic["%"](left, right)


def _logic(until: bool, operands: tuple[Evaluate, ...]) -> Evaluate:
    *before, last = operands

    def decide(values: Values) -> Any:
        for operand in before:
            value = operand(values)
            if truth(value) is until:
                return value
        return last(values)

    return decide


def _comparison(first: Evaluate, rest: tuple[tuple[str, Evaluate], ...]) -> Evaluate:
    def decide(values: Values) -> bool:
        left = first(values)
        for operator, operand in rest:
            right = operand(values)
            if not compared(operator, left, right):
                return False
            left = right
        return True

    return decide
