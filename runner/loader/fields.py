"""The kinds of values that stand in single keys of a workflow file, each checked by itself.

A check gives the value in the form that the loader uses, or says `must be …`. It knows neither
the name of the key nor its place; every kind carries its JSON Schema for editors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from runner.loader import durations
from runner.wording import described, quoted

Json = dict[str, Any]

identifier = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
percentage = re.compile(r"(\d+(?:\.\d+)?)%", re.ASCII)
_dotted = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_shells = ("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh")
_largest_factor = 1_000_000
_variable = re.compile(r"[^=\0]+")

text_schema: Json = {"type": "string"}
any_schema: Json = {}
scalar_schema: Json = {"type": ["string", "number", "boolean"]}


_T = TypeVar("_T")
Path = tuple[str | int, ...]


def mistake(text: str, hint: str = "", code: str = "wrong-type", at: Path = ()) -> PydanticCustomError:
    """What a check raises: `text` goes on after the name of the key; `at` is the part that is wrong."""
    return PydanticCustomError(code, "{text}", {"text": text, "hint": hint, "at": at})


def expected(what: str, value: object, hint: str = "", at: Path = ()) -> PydanticCustomError:
    """`must be <what>, not <value>`."""
    return mistake(f"must be {what}, not {described(value)}", hint, at=at)


def _each(value: Any) -> list[tuple[Path, Any]]:
    """The elements of a list with their places, or the value itself."""
    if isinstance(value, list):
        return [((index,), one) for index, one in enumerate(value)]
    return [((), value)]


class Checked:
    """Makes a type whose values pass through `check`, described to editors by `schema`."""

    def __init__(self, check: Callable[[Any], Any], schema: Json) -> None:
        self._check = check
        self._schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Json:
        return dict(self._schema)


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


def _literal(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise expected("text", value)
    if "{{" in value or "{%" in value:
        raise mistake("is read as it stands: no expression can be used here", code="expression-not-allowed")
    return value


def _literals(value: Any) -> tuple[str, ...]:
    for at, one in _each(value):
        if not isinstance(one, str) or not one:
            raise expected("text" if at else "text or a list of texts", one, at=at)
    return tuple(_literal(one) for _, one in _each(value))


def _names(value: Any) -> tuple[str, ...]:
    for at, one in _each(value):
        if not isinstance(one, str):
            raise expected("a name" if at else "a name or a list of names", one, at=at)
    return tuple(one for _, one in _each(value))


def _secrets(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        hint = f"did you mean [{value}]?" if isinstance(value, str) and value else ""
        raise expected("a list of environment variables", value, hint)
    for at, one in _each(value):
        if not isinstance(one, str) or not identifier.fullmatch(one):
            raise expected("the name of an environment variable", one, at=at)
    return tuple(value)


def _identifier(value: Any) -> str:
    if not isinstance(value, str) or not identifier.fullmatch(value):
        raise mistake(
            f"must be a name of letters, digits and _, not {quoted(value)}",
            f"did you mean '{name}'?" if isinstance(value, str) and (name := identifier_like(value)) else "",
            "bad-name",
        )
    return value


def identifier_like(text: str) -> str:
    """The identifier nearest to a text: `my-task` → `my_task`."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def _command(value: Any) -> str | tuple[Any, ...]:
    if isinstance(value, str):
        if not value.strip():
            raise mistake("is empty: it needs a command")
        return value
    if not isinstance(value, list):
        raise expected("a script or a list of arguments", value)
    if not value:
        raise mistake("is an empty list: it needs a program")
    for index, one in enumerate(value):
        if one is None or isinstance(one, list | dict):
            raise expected("text", one, at=(index,))
    return tuple(value)


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
    for name in value:
        if not _variable.fullmatch(name):
            raise mistake(f"has {quoted(name)}, which cannot be the name of a variable", code="bad-name")
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


def _exceptions(value: Any) -> tuple[str, ...]:
    for at, one in _each(value):
        if not isinstance(one, str) or not _dotted.fullmatch(one):
            raise expected("the name of an exception, such as OSError or package.module.Error", one, at=at)
    return tuple(one for _, one in _each(value))


def _condition(value: Any) -> str | bool:
    if isinstance(value, bool) or (isinstance(value, str) and value.strip()):
        return value
    raise expected("a condition such as failure() or params.deploy", value)


def _interpreter(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value in ("sh", "bash"):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
        for one in value:
            _literal(one)
        return tuple(value)
    hint = _interpreter_hint(_literal(value).split()) if isinstance(value, str) and value.strip() else ""
    raise mistake(f"must be sh, bash or a list such as [python, -c], not {described(value)}", hint)


def _interpreter_hint(words: list[str]) -> str:
    program, *options = words
    if program in _shells:
        better = program if program in ("sh", "bash") else "sh"
        options = options if "-c" in options else [*options, "-c"]
        listed = ", ".join([program, *options])
        return f"say {better}, in whose scripts values can stand; a list such as [{listed}] takes none"
    return f"a program and its options are a list: [{', '.join([program, *(options or ['-c'])])}]"


def _units(value: Any) -> dict[str, int]:
    if isinstance(value, str):
        return {value: 1}
    if isinstance(value, list):
        return dict.fromkeys(_names(value), 1)
    if not isinstance(value, dict):
        raise expected("a name, a list of names, or units of each such as {cores: 4}", value)
    for name, units in value.items():
        if not isinstance(units, int) or isinstance(units, bool) or units < 1:
            raise expected("a whole number of units, from 1", units, at=(name,))
    return value


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


def _patterns(value: Any) -> Any:
    for at, one in _each(value):
        if not isinstance(one, str) or not one:
            raise expected("a pattern" if at else "a pattern or a list of patterns", one, at=at)
    return value


def _exit_codes(value: Any) -> tuple[int, ...]:
    for at, code in _each(value):
        if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= 255:
            raise expected("an exit code from 0 to 255", code, at=at)
    return tuple(code for _, code in _each(value))


def _texts(schema: Json | None = None) -> Json:
    one = schema or text_schema
    return {"anyOf": [one, {"type": "array", "items": one}]}


_duration_schema: Json = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^(?=.)(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?$",
        },
        {"type": "number", "minimum": 0},
    ]
}
_identifier_schema: Json = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_mapping_schema: Json = {"anyOf": [{"type": "object"}, {"type": "string"}]}
_params_schema: Json = {
    "type": "object",
    "propertyNames": _identifier_schema,
    "additionalProperties": {
        "anyOf": [{"$ref": "#/definitions/ParamEntry"}, {"type": ["string", "number", "boolean", "array"]}]
    },
}
_tasks_schema: Json = {
    "type": "object",
    "propertyNames": _identifier_schema,
    "additionalProperties": {"$ref": "#/definitions/task"},
}

Given = Annotated[_T | None, BeforeValidator(_present)]
"""An optional value that, where its key stands, is not null."""

Duration = Annotated[Any, Checked(_duration, _duration_schema)]
PositiveDuration = Annotated[Any, Checked(_positive_duration, _duration_schema)]
Rate = Annotated[Any, Checked(_rate, {"type": "string", "pattern": r"^\d+\s*/.+$"})]
Text = Annotated[Any, Checked(_literal, text_schema)]
Texts = Annotated[Any, Checked(_literals, _texts())]
Names = Annotated[Any, Checked(_names, _texts(_identifier_schema))]
Secrets = Annotated[Any, Checked(_secrets, {"type": "array", "items": _identifier_schema})]
Identifier = Annotated[Any, Checked(_identifier, _identifier_schema)]
Command = Annotated[
    Any,
    Checked(
        _command,
        {"anyOf": [text_schema, {"type": "array", "items": scalar_schema, "minItems": 1}]},
    ),
]
Arguments = Annotated[Any, Checked(_argument_names, {"type": "object"})]
Environment = Annotated[Any, Checked(_environment, {"type": "object"})]
TextTemplate = Annotated[Any, Checked(_text, text_schema)]
Condition = Annotated[Any, Checked(_condition, {"type": ["string", "boolean"]})]
Interpreter = Annotated[
    Any,
    Checked(
        _interpreter,
        {"anyOf": [{"enum": ["sh", "bash"]}, {"type": "array", "items": text_schema, "minItems": 1}]},
    ),
]
Units = Annotated[
    Any,
    Checked(
        _units,
        {
            "anyOf": [
                _identifier_schema,
                {"type": "array", "items": _identifier_schema},
                {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
            ]
        },
    ),
]
FailureBudget = Annotated[
    Any,
    Checked(
        _budget,
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d+)?%$"}]},
    ),
]
Bodies = Annotated[Any, WithJsonSchema(_tasks_schema)]
Executor = Annotated[
    Any, Checked(_literal, {"anyOf": [{"enum": ["thread", "process", "inline", "dask"]}, text_schema]})
]
Whole = Annotated[int, Field(ge=1, le=1_000_000_000)]
Count = Annotated[int, Field(ge=0)]
Patterns = Annotated[Any, Checked(_patterns, _texts())]
Number = Annotated[Any, Checked(_number, {"type": "number"})]
Factor = Annotated[Any, Checked(_factor, {"type": "number", "exclusiveMinimum": 0})]
ExitCodes = Annotated[
    Any,
    Checked(
        _exit_codes,
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 255},
                {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}},
            ]
        },
    ),
]
Exceptions = Annotated[Any, Checked(_exceptions, _texts())]
Lists = Annotated[
    Any, Checked(_mapping_or_expression("a mapping of lists, or an expression giving one"), _mapping_schema)
]
Anything = Annotated[Any, WithJsonSchema(any_schema)]
Params = Annotated[Any, Checked(_mapping, _params_schema)]
