"""Scripts and their values: where each value may stand, and how it gets there without being pasted.

A value never becomes text of a script: it travels as an environment variable, and the script gets
a reference to it. This room knows neither how commands are started nor where values come from.
"""

from __future__ import annotations

import os
import re
import shlex
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from runner.expression import EvaluationError, Literal, Template, split, text_of
from runner.shell.advice import ShellFault, emptied_fault, fault_of, other_fault, pipe_fault
from runner.shell.commands import Commands
from runner.shell.findings import Dialect, Place, Spot
from runner.shell.flat import HOLE, FlatScript, flatten
from runner.workflow import Script, Slot

__all__ = ["ShellFault", "assemble", "bind_argv", "parse", "parse_other", "program_operands", "quote_command"]

largest_value = 128 * 1024
"""What the system takes as one argument or one variable, its name and its end included."""

_longest_name = len("RUNNER_V999999=")
_reference = re.compile(r'"\$\{(RUNNER_V[0-9]+)\}"')
_empty_list = "${RUNNER_V0+}"
_simple_script = re.compile(r"[^'\"`$\\#<(){}\[\]=~*?!]*")


# At load ------------------------------------------------------------------------------------------


def parse(text: str, dialect: Dialect) -> tuple[Script, list[ShellFault]]:
    """Cut a script at its `{{ }}`, with a fault for each that no value may stand in."""
    if not any(sign in text for sign in ("{{", "{%", "|", "/dev/std")):
        return Script((text,)), []
    flat = flatten(text)
    commands = Commands(flat, dialect)
    spots = commands.read()
    faults = [fault_of(flat, spot) for spot in spots if spot.refusal is not None]
    if dialect == "sh" and commands.first_pipe is not None and "pipefail" not in text:
        faults.append(pipe_fault(flat, commands.first_pipe))
    faults += [emptied_fault(flat, word) for word in commands.emptied]
    return _script(flat, spots), sorted(faults, key=lambda fault: fault.offset)


def parse_other(text: str) -> tuple[Script, list[ShellFault]]:
    """Cut a program for any other interpreter: nothing but `verbatim` may stand in it."""
    flat = flatten(text)
    spots = [Spot(number, at) for number, at in enumerate(flat.at)]
    for spot in spots:
        spot.place = "verbatim" if flat.verbatim[spot.number] else "bare"
    return _script(flat, spots), [other_fault(flat, spot) for spot in spots if spot.place != "verbatim"]


def _script(flat: FlatScript, spots: Sequence[Spot]) -> Script:
    slots = (
        Slot(Template("{{" + hole.source + "}}"), spot.place)
        for hole, spot in zip(flat.holes, spots, strict=True)
    )
    return Script(tuple(flat.text.split(HOLE)), tuple(slots))


# At run -------------------------------------------------------------------------------------------


def program_operands(words: Sequence[str]) -> list[int]:
    """Which arguments of a command without a shell are program text into which a value is put."""
    line, ends = "", []
    for word in words:
        line += f'"{_within_quotes(word)}" '
        ends.append(len(line))
    faults = parse(line, "sh")[1]
    found = {bisect_right(ends, fault.offset) for fault in faults if fault.code == "program-text"}
    return sorted(found)


def _within_quotes(word: str) -> str:
    parts = [
        re.sub(r'([\\"$`])', r"\\\1", part.text) if isinstance(part, Literal) else f"{{{{ {part.source} }}}}"
        for part in split(word)
    ]
    return "".join(parts)


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
        if place != "word":
            raise EvaluationError(_list_message(place), _list_hint)
        return " ".join(f'"{_bound(part, variables)}"' for part in value) or _empty_list
    reference = _bound(value, variables)
    return reference if place == "quoted" else f'"{reference}"'


_list_hint = "let it stand alone, or make it text: `| join(' ')`, `| json`"


def _list_message(place: Place) -> str:
    where = "inside quotes" if place == "quoted" else "where one word is wanted"
    return f"the value is a list, which cannot stand {where}"


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
        message = f"the value has {size:,} bytes: one argument takes no more than 128 KiB"
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


# For people ---------------------------------------------------------------------------------------


def quote_command(command: str | Sequence[str], variables: Mapping[str, str]) -> str:
    """A command as it can be pasted into a shell: arguments, or a script with its variables."""
    if not isinstance(command, str):
        return shlex.join(command)
    script = command.rstrip("\n").replace(_empty_list, "")
    used = {name: value for name, value in variables.items() if name.startswith("RUNNER_V")}
    if not used:
        return script
    if _simple_script.fullmatch(_reference.sub("", script)):
        return _reference.sub(lambda match: shlex.quote(used.get(match[1], "")), script)
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in used.items())
    return f"{given}\n{script}" if "\n" in script else f"{given}; {script}"
