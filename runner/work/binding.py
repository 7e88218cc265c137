"""The commands of a slice of items, bound: each value in its place, nothing pasted.

Knows neither how commands are started nor what becomes of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from runner import scripts
from runner.expression import EvaluationError, Template, json_of, text_of
from runner.hints import TYPE_CHECKING, Any, TypeVar
from runner.records import Item, Shared
from runner.struct import struct
from runner.work.launch import Command
from runner.workflow import Run

if TYPE_CHECKING:
    from runner.expression.holes import Hole, Literal

Names = dict[str, Any]
Made = TypeVar("Made")


@struct
class Bound:
    """A command that can be started. What follows it is what the line for people is made of.

    `own` are the variables that its task itself sets or takes away.
    """

    command: Command
    source: str | Sequence[str]
    variables: Mapping[str, str]
    own: Sequence[str] = ()

    def line(self) -> str:
        """The command as a line that can be pasted."""
        from runner.pasting import quote_command

        own = {name: self.command.env.get(name) for name in self.own}
        return quote_command(self.source, self.variables, own)


class Column:
    """The values of one template for every item; what has no value says so where it is asked for."""

    def __init__(
        self, key: str, template: Template | None, shared: Mapping[str, Any], each: Sequence[Names]
    ) -> None:
        self._key = key
        self._values = [None] * len(each) if template is None else template.evaluate_each(shared, each)

    def __getitem__(self, number: int) -> Any:
        value = self._values[number]
        if isinstance(value, EvaluationError):
            raise named(self._key, value)
        return value


class Glued:
    """The values of an argument in which `{{ }}` stands beside text; a list has no place there."""

    def __init__(
        self, key: str, parts: Sequence[Literal | Hole], shared: Mapping[str, Any], each: Sequence[Names]
    ) -> None:
        from runner.expression import holes

        self._key = key
        self._parts = [
            part.text
            if isinstance(part, holes.Literal)
            else (Column(key, Template(f"{{{{ {part.source} }}}}"), shared, each), part.source.strip())
            for part in parts
        ]

    def __getitem__(self, number: int) -> str:
        return "".join(
            part if isinstance(part, str) else self._text(part[0][number], part[1]) for part in self._parts
        )

    def _text(self, value: Any, source: str) -> str:
        if isinstance(value, list):
            message = "a list cannot be glued to text"
            raise EvaluationError(
                f"{self._key}: {message}", "let it stand alone as an argument, or use `join`"
            )
        try:
            return text_of(value)
        except EvaluationError as error:
            raise named(self._key, EvaluationError(f"{error.message}, in `{source}`", error.hint)) from None


def named(key: str, error: EvaluationError) -> EvaluationError:
    """The error, with the key of the file that it is about."""
    place = ".".join([key, *map(str, error.path)])
    return EvaluationError(f"{place}: {error.message}", error.hint)


def bind(
    action: Run, shared: Shared, items: Sequence[Item], each: Sequence[Names]
) -> list[Bound | EvaluationError]:
    """The command of every item, or why it has none."""
    environments = environments_of(action.env, shared, each)
    source = _argv(action, shared, each) if action.script is None else _script(action, shared, each)
    cwd = Column("cwd", action.cwd, shared.values, each)
    stdin = Column("stdin", action.stdin, shared.values, each)
    stdin_file = Column("stdin.file", action.stdin_file, shared.values, each)
    own = () if action.env is None else tuple(action.env.value)

    def bound(number: int) -> Bound:
        environment = environments[number]
        if isinstance(environment, EvaluationError):
            raise environment
        argv, line, variables = source(number)
        command = Command(
            argv,
            {**environment, **_address(shared, items[number]), **variables},
            _around(shared) if action.cwd is None else _path(shared, "cwd", cwd[number]),
            stdin=None if action.stdin is None else _stdin(stdin[number]),
            stdin_file=None if action.stdin_file is None else _path(shared, "stdin.file", stdin_file[number]),
        )
        return Bound(command, line, variables, own)

    return [_or_error(bound, number) for number in range(len(each))]


def _or_error(made: Callable[[int], Made], number: int) -> Made | EvaluationError:
    try:
        return made(number)
    except EvaluationError as error:
        return error


# The parts of a command ---------------------------------------------------------------------------

_Source = Callable[[int], tuple[list[str], "str | Sequence[str]", Mapping[str, str]]]


def _argv(action: Run, shared: Shared, each: Sequence[Names]) -> _Source:
    columns = [
        _argument(f"run.{place}", template, shared.values, each) for place, template in enumerate(action.argv)
    ]

    def source(number: int) -> tuple[list[str], list[str], Mapping[str, str]]:
        argv = _in_run(scripts.bind_argv, [column[number] for column in columns])
        if not argv:
            raise EvaluationError("run: there is no program: the list is empty")
        return argv, argv, {}

    return source


def _argument(
    key: str, template: Template, shared: Mapping[str, Any], each: Sequence[Names]
) -> Column | Glued:
    if template.literal:
        return Column(key, template, shared, each)
    from runner.expression.holes import split

    parts = split(template.value)
    return Glued(key, parts, shared, each) if len(parts) > 1 else Column(key, template, shared, each)


def _script(action: Run, shared: Shared, each: Sequence[Names]) -> _Source:
    script = action.script
    assert script is not None
    pasted = os.path.basename(action.shell[0]) in ("sh", "bash")
    columns = [Column("run", slot.template, shared.values, each) for slot in script.slots]

    def source(number: int) -> tuple[list[str], str | list[str], Mapping[str, str]]:
        text, variables = _in_run(partial(scripts.assemble, script), [column[number] for column in columns])
        argv = [*action.shell, text]
        return argv, text if pasted else argv, variables

    return source


def _in_run(bound: Callable[[list[Any]], Made], values: list[Any]) -> Made:
    try:
        return bound(values)
    except EvaluationError as error:
        raise named("run", error) from None


def environments_of(
    template: Template | None, shared: Shared, each: Sequence[Names]
) -> list[dict[str, str] | EvaluationError]:
    """The environment of every item; where expressions name `env`, it is what they see from now on."""
    if template is None:
        return [dict(shared.env) for _ in each]
    own = Column("env", template, shared.values, each)
    made = [
        _or_error(lambda number: _with_own(dict(shared.env), own[number]), number)
        for number in range(len(each))
    ]
    if "env" in shared.task.names:
        for names, environment in zip(each, made, strict=True):
            names["env"] = shared.env if isinstance(environment, EvaluationError) else environment
    return made


def _with_own(environment: dict[str, str], own: Any) -> dict[str, str]:
    if not isinstance(own, Mapping):
        raise EvaluationError(f"env must give a mapping of names to values, not {_kind(own)}")
    for name, value in own.items():
        if not isinstance(name, str) or not name or "=" in name or "\0" in name:
            raise EvaluationError(f"env: {name!r} cannot be the name of a variable")
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = _text(f"env.{name}", value)
    return environment


def _address(shared: Shared, item: Item) -> dict[str, str]:
    return {
        "RUNNER_RUN_ID": shared.context.run_id,
        "RUNNER_TASK": _sendable(shared.address),
        "RUNNER_KEY": _sendable(item.key or ""),
        "RUNNER_ATTEMPT": str(item.attempt),
        # Unlike an address, it is never twice the same: what bears it belongs to this very command.
        "RUNNER_COMMAND": f"{shared.fan}-{item.index}-{item.attempt}",
    }


def _around(shared: Shared) -> str:
    start = shared.context.start_folder
    return os.path.join(start, shared.cwd) if shared.cwd else start


def _path(shared: Shared, key: str, value: Any) -> str:
    return os.path.join(shared.context.start_folder, _text(key, value))


def _sendable(text: str) -> str:
    """A name that may hold anything, as something that a command can be given."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _stdin(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        text = value if isinstance(value, str) else json_of(value)
        return text.encode("utf-8", "surrogateescape")
    except EvaluationError as error:
        raise named("stdin", error) from None
    except UnicodeEncodeError:
        raise EvaluationError("stdin: the text holds half of a surrogate pair, which has no bytes") from None


def _text(key: str, value: Any) -> str:
    try:
        return text_of(value)
    except EvaluationError as error:
        raise named(key, error) from None


def _kind(value: Any) -> str:
    return f"a value of type {type(value).__name__}"
