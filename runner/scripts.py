"""What a command is given at run: each value in its place, as an argument or by a variable, never as text.

It does not know how a script is looked at before (`shell`), nor how a command is started.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from runner.expression import EvaluationError, text_of
from runner.hints import Any
from runner.workflow import Place, Script

largest_value = 128 * 1024
"""What the system takes as one argument or one variable, its name and its end included."""

_longest_name = len("RUNNER_V999999=")
empty_list = "${RUNNER_V0+}"
"""What stands in a script for a list without elements."""


def assemble(script: Script, values: Sequence[Any]) -> tuple[str, dict[str, str]]:
    """The text of a script and the variables that its references name. `values` are one a slot."""
    pieces = [script.literals[0]]
    variables: dict[str, str] = {}
    for slot, value, literal in zip(script.slots, values, script.literals[1:], strict=True):
        try:
            pieces.append(_spelled(slot.place, value, variables))
        except EvaluationError as error:
            source = str(slot.template.value).removeprefix("{{").removesuffix("}}").strip()
            raise EvaluationError(f"{error.message}, in `{source}`", error.hint) from None
        pieces.append(literal)
    return "".join(pieces), variables


def _spelled(place: Place, value: Any, variables: dict[str, str]) -> str:
    """What stands in the script for a value; the value itself goes into `variables`."""
    if place == "verbatim":
        return text_of(value)
    if isinstance(value, list | tuple):
        if fault := list_fault(place):
            raise EvaluationError(*fault)
        return " ".join(f'"{_bound(part, variables)}"' for part in value) or empty_list
    reference = _bound(value, variables)
    return reference if place == "quoted" else f'"{reference}"'


def list_fault(place: str) -> tuple[str, str] | None:
    """Why a list cannot stand at a place of a script, and what to write instead."""
    if place == "word":
        return None
    where = "inside quotes" if place == "quoted" else "where one word is wanted"
    hint = "let it stand alone, or make it text: `| join(' ')`, `| json`"
    return f"the value is a list, which cannot stand {where}", hint


def _bound(value: Any, variables: dict[str, str]) -> str:
    name = f"RUNNER_V{len(variables) + 1}"
    variables[name] = _carried(value)
    return f"${{{name}}}"


def _carried(value: Any) -> str:
    """The text of a value, if the system can hand it to a command."""
    text = text_of(value)
    if len(text) * 4 + _longest_name < largest_value:
        size = 0 if text.isascii() else _size(text)
    else:
        size = _size(text)
    if size + _longest_name >= largest_value:
        most = largest_value - _longest_name - 1
        message = f"the value has {size:,} bytes: one argument takes no more than {most:,}"
        raise EvaluationError(message, "give it by `stdin`, or write it to a file and name the file")
    return text


def _size(text: str) -> int:
    try:
        return len(os.fsencode(text))
    except UnicodeEncodeError:
        message = "the value holds half of a surrogate pair, which no command can be given"
        raise EvaluationError(message) from None


def bind_argv(values: Sequence[Any]) -> list[str]:
    """The arguments of a command without a shell; a list becomes its elements."""
    arguments: list[str] = []
    for place, value in enumerate(values):
        parts = value if isinstance(value, list | tuple) else [value]
        try:
            arguments.extend(_carried(part) for part in parts)
        except EvaluationError as error:
            raise EvaluationError(error.message, error.hint, (place,)) from None
    return arguments
