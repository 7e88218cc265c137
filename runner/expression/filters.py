"""The filters and tests of expressions by name: Jinja's that are safe and give the same each time, and ours.

Those that can go through a lazy source stand here too, because `map` and `select` look others up.
It knows neither syntax nor the names that values have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from itertools import islice
from typing import Any

from runner.expression import bounds, list_filters, text_filters
from runner.expression.list_filters import attribute_of, required
from runner.expression.operations import compared, elements, nothing, truth, whole
from runner.expression.text_filters import replaced
from runner.expression.values import EvaluationError, describe, is_opaque, listed, written
from runner.problem import did_you_mean

Filter = Callable[..., Any]

# The filters that can go through a lazy source -----------------------------------------------------


def batch(source: Iterable[Any], linecount: int, fill_with: Any = None) -> Iterator[list[Any]]:
    if whole(linecount, "linecount") < 1:
        raise EvaluationError("a batch has at least 1 element")
    remaining = iter(source)
    while part := list(islice(remaining, linecount)):
        if fill_with is not None and len(part) < linecount:
            bounds.charge((linecount - len(part)) * bounds.weight(fill_with))
            part += [fill_with] * (linecount - len(part))
        yield part


def map_(source: Iterable[Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
    if "attribute" in kwargs and not args:
        path, default = kwargs.pop("attribute"), kwargs.pop("default", nothing)
        if kwargs:
            raise EvaluationError(f"map by attribute has no argument {next(iter(kwargs))!r}")
        for part in source:
            found = attribute_of(part, path)
            yield (default if default is not nothing else required(part, path)) if found is nothing else found
        return
    if not args:
        raise EvaluationError("map takes the name of a filter or attribute=…")
    apply = _named("filter", filters, args[0])
    for part in source:
        found = apply(part, *args[1:], **kwargs)
        if found is nothing:
            raise EvaluationError(f"`{args[0]}` of an element finds nothing: it is {describe(part)}")
        yield found


def select(source: Iterable[Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
    fits = _test_of(args, kwargs)
    return (part for part in source if fits(part))


def reject(source: Iterable[Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
    fits = _test_of(args, kwargs)
    return (part for part in source if not fits(part))


def selectattr(source: Iterable[Any], attribute: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
    fits = _test_of_attribute(attribute, args, kwargs)
    return (part for part in source if fits(part))


def rejectattr(source: Iterable[Any], attribute: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
    fits = _test_of_attribute(attribute, args, kwargs)
    return (part for part in source if not fits(part))


def _test_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any], bool]:
    if not args:
        return lambda value: value is not nothing and truth(value)
    test, rest = _named("test", tests, args[0]), args[1:]
    return lambda value: bool(test(value, *rest, **kwargs))


def _test_of_attribute(
    attribute: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[Any], bool]:
    fits = _test_of(args, kwargs)
    look = attribute_of if not args or args[0] in ("defined", "undefined") else required
    return lambda part: fits(look(part, attribute))


def _named(kind: str, known: Mapping[str, Filter], name: Any) -> Filter:
    if isinstance(name, str) and name in known:
        return known[name]
    raise EvaluationError(f"there is no {kind} {name!r}", meant_by(name, known))


def _at_once(lazy: Filter) -> Filter:
    """The filter that gives a list where the source is no lazy one."""

    @wraps(lazy)
    def apply(value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return list(lazy(elements(value), *args, **kwargs))

    return apply


# Two that take any value ----------------------------------------------------------------------


def verbatim(value: Any) -> Any:
    """What a script pastes as it is."""
    return value


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """`default_value` for what is not there, or where `boolean` for all that is empty or false."""
    return default_value if value is nothing or (boolean and not truth(value)) else value


# The names --------------------------------------------------------------------------------

lazy_filters: dict[str, Filter] = {
    "batch": batch,
    "map": map_,
    "select": select,
    "reject": reject,
    "selectattr": selectattr,
    "rejectattr": rejectattr,
}

filters: dict[str, Filter] = {
    "abs": text_filters.abs_,
    "basename": text_filters.basename,
    "capitalize": text_filters.capitalize,
    "center": text_filters.center,
    "count": list_filters.length,
    "d": default,
    "default": default,
    "dictsort": list_filters.dictsort,
    "dirname": text_filters.dirname,
    "e": text_filters.escape,
    "escape": text_filters.escape,
    "filesizeformat": text_filters.filesizeformat,
    "first": list_filters.first,
    "float": text_filters.float_,
    "forceescape": text_filters.escape,
    "format": text_filters.format_,
    "from_json": text_filters.from_json,
    "from_yaml": text_filters.from_yaml,
    "groupby": list_filters.groupby,
    "indent": text_filters.indent,
    "int": text_filters.int_,
    "items": list_filters.items,
    "join": list_filters.join,
    "json": text_filters.json_,
    "last": list_filters.last,
    "length": list_filters.length,
    "list": list_filters.list_,
    "lower": text_filters.lower,
    "max": list_filters.max_,
    "min": list_filters.min_,
    "replace": text_filters.replace,
    "reverse": list_filters.reverse,
    "round": text_filters.round_,
    "slice": list_filters.slice_,
    "slug": text_filters.slug,
    "sort": list_filters.sort,
    "stem": text_filters.stem,
    "string": text_filters.string,
    "striptags": text_filters.striptags,
    "suffix": text_filters.suffix,
    "sum": list_filters.sum_,
    "title": text_filters.title,
    "tojson": text_filters.json_,
    "trim": text_filters.trim,
    "truncate": text_filters.truncate,
    "unique": list_filters.unique,
    "upper": text_filters.upper,
    "urlencode": text_filters.urlencode,
    "verbatim": verbatim,
    "wordcount": text_filters.wordcount,
    "wordwrap": text_filters.wordwrap,
    **{name: _at_once(lazy) for name, lazy in lazy_filters.items()},
}

left_out = {
    "attr": "write `x.name` or `x['name']`",
    "pprint": "write `x | json(indent=2)`",
    "random": "an expression gives the same each time: choose at random in a `call`",
    "safe": "nothing is escaped in a workflow file",
    "urlize": "it is for report templates",
    "xmlattr": "it is for report templates",
}
"""Jinja's filters that expressions do without, and what to write instead."""


def _has_length(value: Any) -> bool:
    return isinstance(value, str | list | tuple | Mapping)


def _divisible(value: Any, num: Any) -> bool:
    divisor = whole(num, "divisibleby")
    if divisor == 0:
        raise EvaluationError("nothing is divisible by 0")
    return whole(value, "divisibleby") % divisor == 0


def _ending(name: str) -> Filter:
    """Whether text begins or ends with another, or with one of a list."""

    def has(value: Any, part: Any) -> bool:
        parts = list(part) if isinstance(part, list | tuple) else [part]
        for text in (value, *parts):
            if not isinstance(text, str):
                raise EvaluationError(f"expected text for {name}, and this is {describe(text)}")
        return any(getattr(str(value), name)(str(each)) for each in parts)

    return has


def _comparison(operator: str) -> Filter:
    return lambda value, other: compared(operator, value, other)


tests: dict[str, Filter] = {
    "boolean": lambda value: isinstance(value, bool),
    "defined": lambda value: value is not nothing,
    "divisibleby": _divisible,
    "endswith": _ending("endswith"),
    "even": lambda value: whole(value, "even") % 2 == 0,
    "false": lambda value: value is False,
    "float": lambda value: isinstance(value, float),
    "in": lambda value, seq: compared("in", value, seq),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "iterable": _has_length,
    "lower": lambda value: written(value).islower(),
    "mapping": lambda value: isinstance(value, Mapping),
    "none": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float),
    "odd": lambda value: whole(value, "odd") % 2 == 1,
    "sameas": lambda value, other: value is other,
    "sequence": _has_length,
    "startswith": _ending("startswith"),
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "undefined": lambda value: value is nothing,
    "upper": lambda value: written(value).isupper(),
}
for _operator, _names in {
    "==": ("eq", "equalto"),
    "!=": ("ne",),
    "<": ("lt", "lessthan"),
    "<=": ("le",),
    ">": ("gt", "greaterthan"),
    ">=": ("ge",),
}.items():
    tests |= dict.fromkeys((*_names, _operator), _comparison(_operator))


def meant_by(name: Any, known: Mapping[str, Filter]) -> str:
    """What may be meant by an unknown name of a filter or a test; of tests, which are few, all there are."""
    names = [each for each in known if each.isidentifier()]
    near = did_you_mean(str(name), names)
    if near or known is not tests:
        return near
    if name in ("match", "regex", "search"):
        return "there are no regular expressions: `startswith`, `endswith`, `eq` and `in` compare text"
    return f"the tests are {listed(names, len(names))}"


# Methods of text ----------------------------------------------------------------------------------


def _checked(name: str, arguments: tuple[Any, ...]) -> None:
    for argument in arguments:
        if is_opaque(argument):
            raise EvaluationError(f"{name} cannot take {describe(argument)}")


def method(name: str, text: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """`text.name(…)` for the methods that text has."""
    if not isinstance(text, str):
        raise EvaluationError(f"only text has the method {name!r}, and this is {describe(text)}")
    _checked(name, (*arguments, *keywords.values()))
    try:
        if name == "replace" and len(arguments) in (2, 3) and not keywords:
            return replaced(text, *arguments)
        if name in ("startswith", "endswith") and arguments and isinstance(arguments[0], list):
            arguments = (tuple(arguments[0]), *arguments[1:])
        return getattr(str(text), name)(*arguments, **keywords)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise EvaluationError(f"{name}: {error}") from None


methods = frozenset(
    {"split", "strip", "startswith", "endswith", "replace", "lower", "upper", "removeprefix", "removesuffix"}
)
"""Of text; nothing else has methods."""
for _name, _test in tests.items():  # what Python says of missing arguments names it
    if "<" in _test.__qualname__:
        _test.__qualname__ = _name
