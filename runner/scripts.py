"""What a command is given at run: each value in its place, as an argument or by a variable, never as text.

It does not know how a script is looked at before (`shell`), nor how a command is started.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from runner.expression import EvaluationError, text_of
from runner.hints import Any
from runner.workflow import Place, Script

largest_value = 128 * 1024
"""What the system takes as one argument or one variable, its name and its end included."""

_longest_name = len("RUNNER_V999999=")
_reference = r'"\$\{(RUNNER_V[0-9]+)\}"'
_empty_list = "${RUNNER_V0+}"
_one_command = r"[^`$\\#(){}!;|&\n]*[^`$\\#(){}!;|&\n\s][^`$\\#(){}!;|&\n]*"
_words_of_shells = frozenset(
    ("if", "for", "while", "until", "case", "select", "function", "time", "coproc", "[[")
)
_longest_shown = 1000
"""What has more characters would hide the command behind it."""
_simple_script = r"[^'\"`$\\#<(){}\[\]=~*?!]*"


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
        return " ".join(f'"{_bound(part, variables)}"' for part in value) or _empty_list
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


def quote_command(
    command: str | Sequence[str], variables: Mapping[str, str], env: Mapping[str, str | None] | None = None
) -> str:
    """A command as it can be pasted into a shell: arguments, or a script with its variables.

    `env` is what its task sets besides; None unsets.
    """
    import re
    from shlex import join, quote

    if not isinstance(command, str):
        return _before_one(env or {}) + join(command)
    script = command.rstrip("\n").replace(_empty_list, "")
    used = {name: value for name, value in variables.items() if name.startswith("RUNNER_V")}
    bare = re.sub(_reference, "", script)
    if used and not re.fullmatch(_simple_script, bare):
        return _before_all(env or {}, used, script)
    line = re.sub(_reference, lambda match: quote(used.get(match[1], "")), script) if used else script
    is_one = re.fullmatch(_one_command, bare) and bare.split()[0] not in _words_of_shells
    if is_one and None not in (env or {}).values() and all(map(str.isidentifier, env or ())):
        return _before_one(env or {}) + line
    return _before_all(env or {}, {}, line)


def _before_one(env: Mapping[str, str | None]) -> str:
    """What stands before a single command, so that only it sees these variables."""
    from shlex import quote

    without = "".join(f"-u {quote(name)} " for name, value in env.items() if value is None)
    needed = without or not all(map(str.isidentifier, env))
    return (f"env {without}" if needed else "") + _assignments(env)


def _before_all(env: Mapping[str, str | None], used: Mapping[str, str], script: str) -> str:
    """A script behind what it is given: `used` is seen by its own text only.

    A name that no shell knows is left out.
    """
    without = [name for name, value in env.items() if value is None and name.isidentifier()]
    exported = _assignments({name: value for name, value in env.items() if name.isidentifier()})
    given = [
        f"unset {' '.join(without)}" if without else "",
        f"export {exported}" if exported else "",
        _assignments(used),
    ]
    return ("\n" if "\n" in script else "; ").join([*filter(None, map(str.rstrip, given)), script])


def _assignments(values: Mapping[str, str | None]) -> str:
    return "".join(f"{_assigned(name, value)} " for name, value in values.items() if value is not None)


def _assigned(name: str, value: str) -> str:
    from shlex import quote

    if not name.startswith("RUNNER_V") and len(value) > _longest_shown:
        value = "…"
    return f"{name}={quote(value)}" if name.isidentifier() else quote(f"{name}={value}")
