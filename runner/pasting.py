"""A command as a line for people, that can be pasted into a shell.

It knows what a command is given (`scripts`), and nothing of how that is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import join, quote

from runner.regex import regex
from runner.scripts import empty_list

_reference = regex(r'"\$\{(RUNNER_V[0-9]+)\}"')
_one_command = regex(r"[^`$\\#(){}!;|&\n]+")
_simple_script = regex(r"[^'\"`$\\#<(){}\[\]=~*?!]*")
_words_of_shells = frozenset(
    ("if", "for", "while", "until", "case", "select", "function", "time", "coproc", "[[")
)
_longest_shown = 1000
"""What has more characters would hide the command behind it."""


def quote_command(
    command: str | Sequence[str], variables: Mapping[str, str], env: Mapping[str, str | None] | None = None
) -> str:
    """A command as it can be pasted into a shell: arguments, or a script with its variables.

    `env` is what its task sets besides; None unsets.
    """
    if not isinstance(command, str):
        return _before_one(env or {}) + join(command)
    script = command.rstrip("\n").replace(empty_list, "")
    used = {name: value for name, value in variables.items() if name.startswith("RUNNER_V")}
    bare = _reference.sub("", script)
    if used and not _simple_script.fullmatch(bare):
        return _before_all(env or {}, used, script)
    line = _reference.sub(lambda match: quote(used.get(match[1], "")), script) if used else script
    begins = bare.split(maxsplit=1)[:1]
    is_one = begins and _one_command.fullmatch(bare) and begins[0] not in _words_of_shells
    if is_one and None not in (env or {}).values() and all(map(str.isidentifier, env or ())):
        return _before_one(env or {}) + line
    return _before_all(env or {}, {}, line)


def _before_one(env: Mapping[str, str | None]) -> str:
    """What stands before a single command, so that only it sees these variables."""
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
    if not name.startswith("RUNNER_V") and len(value) > _longest_shown:
        value = "…"
    return f"{name}={quote(value)}" if name.isidentifier() else quote(f"{name}={value}")
