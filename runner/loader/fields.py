"""The kinds of values that stand in single keys of a workflow file, each checked by itself.

A check gives the value in the form that the loader uses, or says `must be …`. It knows neither
the name of the key nor its place; every kind carries its JSON Schema for editors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unicodedata import combining, normalize

from pydantic_core import core_schema as core

from runner.loader import durations
from runner.loader.keys import Kind, checked
from runner.loader.mistakes import expected, mistake
from runner.regex import regex
from runner.wording import described, quoted
from runner.workflow import most_workers

Json = dict[str, Any]

identifier = regex(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_digit_first = regex(r"[0-9][A-Za-z0-9_]*", re.ASCII)
percentage = regex(r"(\d+(?:\.\d+)?)%", re.ASCII)
_largest_factor = 1_000_000

text_schema: Json = {"title": "text", "type": "string"}
template_schema: Json = {"title": "text with expressions", "type": "string"}
any_schema: Json = {"title": "any value"}
mapping_schema: Json = {"title": "mapping", "type": "object"}
identifier_schema: Json = {
    "title": "name",
    "type": "string",
    "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
    "errorMessage": "must be a name of ASCII letters, digits and _",
}
scalar_schema: Json = {"type": ["string", "number", "boolean"]}


def _present(value: Any) -> Any:
    if value is None:
        raise mistake("is empty: give it a value, or leave the key out")
    return value


def _duration(value: Any) -> float:
    if value is None or isinstance(value, bool | list | dict):
        raise expected(durations.forms, value)
    try:
        return durations.seconds(value)
    except durations.DurationError as error:
        raise mistake(str(error), error.hint, "bad-duration") from None


def _positive_duration(value: Any) -> float:
    length = _duration(value)
    if length == 0:
        raise mistake("must be longer than 0", code="bad-duration")
    return length


def _rate(value: Any) -> tuple[int, float]:
    if not isinstance(value, str):
        raise expected(durations.rate_forms, value)
    try:
        return durations.rate(value)
    except durations.DurationError as error:
        raise mistake(str(error), error.hint, "bad-rate") from None


def literal(value: Any) -> str:
    """A text that no expression stands in."""
    if not isinstance(value, str) or not value:
        raise expected("text", value)
    if "{{" in value or "{%" in value:
        raise mistake("is read as it stands: no expression can be used here", code="expression-not-allowed")
    return value


def _identifier(value: Any) -> str:
    if not isinstance(value, str) or not identifier.fullmatch(value):
        raise mistake(
            f"must be a name of ASCII letters, digits and _, not {quoted(value)}",
            f"did you mean '{name}'?" if isinstance(value, str) and (name := identifier_like(value)) else "",
            "bad-name",
        )
    return value


def why_no_name(text: str, what: str) -> str:
    """Why expressions could not name a `what` that is called so."""
    need = "ASCII letters, digits and _"
    if _digit_first.fullmatch(text):
        need = "a name that does not begin with a digit"
    return f"'{text}' cannot be the name of a {what}: expressions need {need}"


def identifier_like(text: str) -> str:
    """The identifier nearest to a text: `my-task` → `my_task`, `größe` → `grosse`; none for other scripts."""
    plain = "".join(it for it in normalize("NFKD", text.replace("ß", "ss")) if not combining(it))
    if any(it.isalnum() and not it.isascii() for it in plain):
        return ""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def _argument_names(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise expected("a mapping of arguments", value)
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise expected("a mapping", value)
    return value


def _environment(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        first = value[0] if isinstance(value, list) and value else value
        name, equals, text = first.partition("=") if isinstance(first, str) else ("", "", "")
        hint = f"did you mean {{{name}: {text}}}?" if equals else ""
        raise expected("a mapping of variables", value, hint)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise expected("text", value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise expected("a number", value)
    return value


def _factor(value: Any) -> float:
    if not 0 < _number(value) <= _largest_factor:
        raise expected(f"a number above 0, up to {_largest_factor}", value)
    return float(value)


def _condition_as(example: str) -> Callable[[Any], str | bool]:
    def check(value: Any) -> str | bool:
        if isinstance(value, bool) or (isinstance(value, str) and value.strip()):
            return value
        raise expected(f"a condition such as {example}", value)

    return check


def _budget(value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (match := percentage.fullmatch(value)) and float(match[1]) <= 100:
        return value
    raise mistake(f"must be a number of items or a percentage such as 5%, not {described(value)}")


def _mapping_or_expression(what: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, dict) or (isinstance(value, str) and "{{" in value):
            if not value:
                raise mistake(f"is empty: it must be {what}")
            return value
        raise expected(what, value)

    return check


_duration_schema: Json = {
    "title": "duration",
    "type": ["string", "number"],
    "pattern": r"^(?=.)(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?$",
    "minimum": 0,
    "errorMessage": f"must be {durations.forms}",
}
_rate_schema: Json = {
    "title": "rate",
    "type": "string",
    "pattern": r"^\d+\s*/.+$",
    "errorMessage": f"must be {durations.rate_forms}",
}
_budget_schema: Json = {
    "title": "number or percentage",
    "type": ["integer", "string"],
    "minimum": 0,
    "pattern": r"^\d+(\.\d+)?%$",
    "errorMessage": "must be a number of items or a percentage such as 5%",
}
_result_schema: Json = {
    "title": "any value, with expressions",
    "type": ["string", "number", "boolean", "array", "object", "null"],
}
_source_schema: Json = {
    "title": "list, mapping or expression",
    "type": ["string", "array", "object"],
}
_condition_schema: Json = {"title": "condition", "type": ["string", "boolean"]}
_lists_schema: Json = {"title": "mapping of lists, or an expression", "type": ["object", "string"]}
_params_schema: Json = {
    "title": "mapping",
    "type": "object",
    "propertyNames": {**identifier_schema, "title": "param"},
    "additionalProperties": {
        "anyOf": [
            {"$ref": "#/definitions/ParamEntry"},
            {"title": "default", "type": ["string", "number", "boolean", "array"]},
        ]
    },
}
_tasks_schema: Json = {
    "title": "mapping",
    "type": "object",
    "minProperties": 1,
    "propertyNames": {**identifier_schema, "title": "task"},
    "additionalProperties": {"$ref": "#/definitions/task"},
}


def given(kind: Kind) -> Kind:
    """A value that, where its key stands, is not null."""
    return core.no_info_before_validator_function(_present, kind)


def word(*words: str) -> Kind:
    """One of these."""
    return core.literal_schema(list(words))


def list_of(kind: Kind) -> Kind:
    """A list, each element of which is of a kind."""
    return core.list_schema(kind, strict=True)


def mapping_of(kind: Kind) -> Kind:
    """A mapping, each value of which is of a kind."""
    return core.dict_schema(core.str_schema(), kind, strict=True)


def _any(told: Json) -> Kind:
    return core.any_schema(metadata={"told": told})


flag = core.bool_schema(strict=True)
string = core.str_schema(strict=True)
whole = core.int_schema(strict=True, ge=1, le=1_000_000_000)
workers = core.int_schema(strict=True, ge=1, le=most_workers)
count = core.int_schema(strict=True, ge=0)
duration = checked(_duration, _duration_schema)
positive_duration = checked(_positive_duration, _duration_schema)
rate = checked(_rate, _rate_schema)
text = checked(literal, text_schema)
name = checked(_identifier, identifier_schema)
arguments = checked(_argument_names, mapping_schema)
environment = checked(_environment, mapping_schema)
template = checked(_text, template_schema)
when = checked(_condition_as("failure() or params.deploy"), _condition_schema)
until = checked(_condition_as("result == 'ready'"), _condition_schema)
failure_budget = checked(_budget, _budget_schema)
bodies = _any(_tasks_schema)
number = checked(_number, {"title": "number", "type": "number"})
factor = checked(_factor, {"title": "number", "type": "number", "exclusiveMinimum": 0})
lists = checked(_mapping_or_expression("a mapping of lists, or an expression giving one"), _lists_schema)
anything = _any(any_schema)
result = _any(_result_schema)
source = _any(_source_schema)
params = checked(_mapping, _params_schema)
