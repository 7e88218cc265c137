"""The kinds of values that are lists of plain values, or mappings of them, or a single one.

Each element is checked by itself, so that one that is wrong hides no other. As in `fields`, a
check knows neither the name of the key nor its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from runner.loader.fields import (
    Json,
    identifier,
    identifier_schema,
    literal,
    scalar_schema,
    text_schema,
)
from runner.loader.keys import checked
from runner.loader.mistakes import each, each_value, expected, mistake, unread
from runner.regex import regex
from runner.wording import described

_T = TypeVar("_T")

_dotted = regex(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_no_program = "is an empty list: it needs a program"
_shells = ("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh")


def _literals(value: Any) -> tuple[str, ...]:
    return _one_or_each(value, "text or a list of texts", literal)


def _names(value: Any) -> tuple[str, ...]:
    return _one_or_each(value, "a name or a list of names", _name)


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("a name", value)
    return value


def _secrets(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        hint = f"did you mean [{value}]?" if isinstance(value, str) and value else ""
        raise expected("a list of environment variables", value, hint)
    return tuple(name for name in each(value, _secret) if name is not unread)


def _secret(value: Any) -> str:
    if not isinstance(value, str) or not identifier.fullmatch(value):
        raise expected("the name of an environment variable", value)
    return value


def _command(value: Any) -> str | tuple[Any, ...]:
    if isinstance(value, str):
        if not value.strip():
            raise mistake("is empty: it needs a command")
        return value
    if not isinstance(value, list):
        hint = "if it is a script, put it in quotes" if isinstance(value, dict) else ""
        raise expected("a script or a list of arguments", value, hint)
    if not value:
        raise mistake(_no_program)
    return each(value, _argument)


def _argument(value: Any) -> Any:
    if value is None or isinstance(value, list | dict):
        raise expected("text", value, "if it is text, put it in quotes" if isinstance(value, dict) else "")
    return value


def _exceptions(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(name for name in each(value, _exception) if name is not unread)
    return (_exception(value),)


def _exception(value: Any) -> str:
    if not isinstance(value, str) or not _dotted.fullmatch(value):
        raise expected("the name of an exception, such as OSError or package.module.Error", value)
    return value


def _interpreter(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value in ("sh", "bash"):
        return (value,)
    if isinstance(value, list):
        if not value:
            raise mistake(_no_program)
        return each(value, literal)
    # Others put the script in the place of `{0}`.
    words = [it for it in literal(value).split() if it != "{0}"] if isinstance(value, str) else []
    hint = _interpreter_hint(words) if words else ""
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
        return dict.fromkeys((name for name in each(value, _name) if name is not unread), 1)
    if not isinstance(value, dict):
        raise expected("a name, a list of names, or units of each such as {cores: 4}", value)
    return {
        name: 1 if units is unread else units for name, units in each_value(value, _number_of_units).items()
    }


def _number_of_units(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise expected("a whole number of units, from 1", value)
    return value


def _patterns(value: Any) -> Any:
    _one_or_each(value, "a pattern or a list of patterns", _pattern)
    return value


def _pattern(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise expected("a pattern", value)
    return value


def _exit_codes(value: Any) -> tuple[int, ...]:
    if isinstance(value, list):
        return tuple(code for code in each(value, _exit_code) if code is not unread)
    return (_exit_code(value),)


def _exit_code(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 255:
        raise expected("an exit code from 0 to 255", value)
    return value


def _one_or_each(value: Any, what: str, check: Callable[[Any], _T]) -> tuple[_T, ...]:
    """A list of what `check` lets pass, or a single text that it does."""
    if isinstance(value, list):
        return each(value, check)
    if not isinstance(value, str) or not value:
        raise expected(what, value)
    return (check(value),)


def _one_or_more(of: Json, title: str) -> Json:
    return {**of, "title": title, "type": [of["type"], "array"], "items": of}


def _either(title: str, **arms: Json) -> Json:
    """Each arm has a title of its own: the language server tells by it which one a value is."""
    return {"title": title, "anyOf": [{**arm, "title": name} for name, arm in arms.items()]}


def _list_of(items: Json, **more: Any) -> Json:
    return {"type": "array", "items": items, **more}


_exit_code_schema: Json = {"type": "integer", "minimum": 0, "maximum": 255}
_command_schema = _either("script or list", script=text_schema, arguments=_list_of(scalar_schema, minItems=1))
_interpreter_schema = _either(
    "sh, bash or list", shell={"enum": ["sh", "bash"]}, program=_list_of(text_schema, minItems=1)
)
_units_schema = _either(
    "name, list of names or units of each",
    name=identifier_schema,
    names=_list_of(identifier_schema),
    units={"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
)
_paths_schema = _either("path or list of paths", path=text_schema, paths=_list_of(text_schema))

texts = checked(_literals, _paths_schema)
names = checked(_names, _one_or_more(identifier_schema, "name or list of names"))
secrets = checked(_secrets, {**_list_of(identifier_schema), "title": "list of names"})
command = checked(_command, _command_schema)
interpreter = checked(_interpreter, _interpreter_schema)
units = checked(_units, _units_schema)
patterns = checked(_patterns, _one_or_more(text_schema, "pattern or list of patterns"))
exit_codes = checked(_exit_codes, _one_or_more(_exit_code_schema, "exit code or list of them"))
exceptions = checked(_exceptions, _one_or_more(text_schema, "name or list of names"))
