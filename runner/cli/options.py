"""The words of the command line: its options and arguments, and what `--help` says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Annotated, Any, Literal, TypeVar

import typer

from runner.cli.words import Option
from runner.workflow import most_workers


def _said(value: Any) -> Any:
    """A value that says something: one that is empty is mostly that of a variable that is not set."""
    if "" in (value if isinstance(value, list) else [value]):
        raise typer.BadParameter("it is empty")
    return value


def _told(option: Option) -> Any:
    """What Typer is told of an option."""
    return typer.Option(
        *option.flags,
        metavar=option.metavar or None,
        show_default=option.default is not None,
        help=option.help,
        envvar=option.variable or None,
        callback=_said,
        min=1 if option.number else None,
        max=most_workers if option.number else None,
    )


def _type_of(option: Option) -> Any:
    if option.is_switch:
        return bool
    kind: Any = Literal[option.choices] if option.choices else int if option.number else str
    if option.many:
        return list[str] | None
    return kind if option.default is not None else kind | None


WorkflowFile = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        callback=_said,
        show_default=False,
        help="The workflow file; `-` reads it from standard input. [default: workflow.yml or workflow.yaml]",
    ),
]
CheckedFiles = Annotated[
    list[str],
    typer.Argument(metavar="FILE", callback=_said, help="Workflow files; `-` is standard input."),
]
NewFile = Annotated[
    str,
    typer.Argument(metavar="FILE", callback=_said, help="The file to write; `-` is standard output."),
]
Logs = Annotated[
    str | None,
    typer.Argument(
        metavar="TASK[KEY]",
        callback=_said,
        show_default=False,
        help="A task or an item. [default: all that was printed]",
    ),
]
Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        callback=_said,
        show_default=False,
        help="A run's id, or its beginning. [default: the newest run]",
    ),
]
UnfinishedRun = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        callback=_said,
        show_default=False,
        help="A run's id, or its beginning. [default: the newest run that did not succeed]",
    ),
]
Command = TypeVar("Command", bound=Callable[..., None])


def taking(options: Sequence[Option]) -> Callable[[Command], Command]:
    """Let a command take options besides its own, as further named arguments."""

    def with_options(command: Command) -> Command:
        own = signature(command, eval_str=True)
        kept = [it for it in own.parameters.values() if it.kind is not Parameter.VAR_KEYWORD]
        more = [
            Parameter(
                option.name,
                Parameter.KEYWORD_ONLY,
                annotation=Annotated[_type_of(option), _told(option)],
                default=option.default,
            )
            for option in options
        ]
        command.__signature__ = own.replace(parameters=[*kept, *more])  # type: ignore[attr-defined]  # Typer asks
        return command

    return with_options
