"""Completion in shells: the scripts for both names of the program, and what a shell shows of it.

It knows the names of the shells, not what there is to complete, which Typer finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

import typer

from runner.cli.terminal import Stdout, say
from runner.cli.words import COMPLETION

PROGRAMS = ("runner", "runwright")

INSTALL, SHOW = "--install-completion", "--show-completion"

Shell = Literal["bash", "zsh", "fish", "powershell", "pwsh"]
SHELLS: tuple[str, ...] = get_args(Shell)


def with_shell(words: Sequence[str]) -> list[str]:
    """The words of a command line; where one of the options is all that stands there, the shell is added."""
    return [*words, _detected(words[0])] if list(words) in ([INSTALL], [SHOW]) else list(words)


def _detected(option: str) -> str:
    from typer._completion_shared import _get_shell_name

    if shell := _get_shell_name():
        return shell
    from runner.problem import UserError

    raise UserError("which shell this is cannot be told", f"name it: runner {option} {'|'.join(SHELLS)}")


def answer_shells() -> None:
    """Make ready for a shell that asks. What it is told of a word is one whole line.

    Typer would take `[key]` for markup, and break lines.
    """
    from typer import _completion_classes as classes

    classes.completion_init()
    classes._sanitize_help_text = _in_one_line


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _print_scripts(shell: str | None) -> None:
    """What the shell reads to complete the program, by each of its names."""
    if not shell:
        return
    from typer._completion_shared import get_completion_script

    for name in PROGRAMS:
        script = get_completion_script(prog_name=name, complete_var=COMPLETION, shell=shell)
        Stdout().write(f"{script}\n")
    raise typer.Exit


def _install_scripts(shell: str | None) -> None:
    """Write them where the shell finds them."""
    if not shell:
        return
    from subprocess import SubprocessError

    from typer._completion_shared import install

    from runner.problem import UserError

    try:
        files = [install(shell, prog_name=name, complete_var=COMPLETION)[1] for name in PROGRAMS]
    except OSError as error:
        raise UserError(
            f"completion for {shell} cannot be installed: {error.filename}: {error.strerror}"
        ) from error
    except SubprocessError as error:
        raise UserError(f"completion for {shell} cannot be installed: {error}") from error
    say(f"wrote {' and '.join(map(str, files))}: the next shell completes {' and '.join(PROGRAMS)}")
    raise typer.Exit


InstallCompletion = Annotated[
    Shell | None,
    typer.Option(
        INSTALL,
        metavar="[SHELL]",
        callback=_install_scripts,
        is_eager=True,
        show_default=False,
        help=f"Have a shell complete this program: {', '.join(SHELLS)}. [default: the current shell]",
    ),
]
ShowCompletion = Annotated[
    Shell | None,
    typer.Option(
        SHOW,
        metavar="[SHELL]",
        callback=_print_scripts,
        is_eager=True,
        show_default=False,
        help="Print how a shell completes this program, to install it by hand.",
    ),
]
