"""What was bound, as a few bytes: equal ones mean that doing it again would be doing the same.

It knows nothing of when that is asked. What JSON cannot hold has no digest, and is never the same.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping, Sequence

from runner.blake import blake2b
from runner.expression import Template
from runner.expression.values import is_a
from runner.hints import Any
from runner.records import Shared
from runner.work.binding import Bound, Names
from runner.workflow import Call, Run

LENGTH = 16
_of_an_attempt = frozenset({"attempt", "result", "exit_code"})

Digest = Callable[[int, Any], "bytes | None"]
"""Of the item of a number, and of what is bound for it: arguments, or a `Bound`."""


def digests(shared: Shared, each: Sequence[Names]) -> Digest:
    """What makes the digests of a slice."""
    task, action = shared.task, shared.task.action
    shaped = [] if task.result is None else [task.result]
    common: list[Any] = [[template.value for template in shaped], _used(shaped, shared.values)]
    names = {name for template in shaped for name in template.names} - _of_an_attempt
    own = sorted(name for name in names if each and name in each[0])
    if isinstance(action, Call):
        make = _hashing([action.reference, *common])
        if not own:
            return make
        return lambda number, arguments: make(number, [arguments, [each[number][name] for name in own]])
    assert isinstance(action, Run)
    declared = sorted(shared.declared | _variables(action.env))
    make = _hashing([action.shell, action.capture, *common])

    def of_command(number: int, bound: Bound) -> bytes | None:
        return make(number, [_command(bound, declared), [each[number][name] for name in own]])

    return of_command


def _command(bound: Bound, declared: Sequence[str]) -> list[Any]:
    command = bound.command
    return [
        list(command.argv),
        dict(bound.variables),
        {name: command.env.get(name) for name in declared},
        command.cwd,
        command.stdin,
        command.stdin_file,
    ]


def _variables(template: Template | None) -> frozenset[str]:
    value = template.value if template else None
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _used(templates: Sequence[Template], values: Mapping[str, Any]) -> list[Any]:
    """The values that templates name, as far down as their text shows."""
    found: list[Any] = []
    for template in templates:
        for use in template.paths:
            value: Any = values.get(use.name)
            inside = is_a(value, dict) and dict.__contains__(value, use.attribute)
            found.append(dict.__getitem__(value, use.attribute) if inside else value)
        for reference in template.references:
            found.append(values.get("tasks", {}).get(reference.task, {}).get(reference.attribute))
    return found


def _hashing(common: list[Any]) -> Digest:
    """Makes digests of what they all have in common and of what is each one's own."""
    try:
        begun = blake2b(_bytes(common), digest_size=LENGTH)
    except ValueError:
        return lambda number, own: None

    def make(_number: int, own: Any) -> bytes | None:
        digest = begun.copy()
        try:
            digest.update(_bytes(own))
        except ValueError:
            return None
        return digest.digest()

    return make


def _bytes(content: Any) -> bytes:
    # The first version of the format is the same for equal values, whoever refers to them.
    return marshal.dumps(content, 0)
