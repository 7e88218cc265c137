"""The doors by which errors leave: a user's mistake is explained, and what the system refuses; a bug
of ours is reported.

None shows a traceback, nor a secret that it has been told of. It does not know what was being done.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from runner import __version__
from runner.cli.terminal import OutputFailed, say
from runner.display import visible
from runner.hints import Any
from runner.hosts import here
from runner.in_c import signal
from runner.masks import Mask, mask_of
from runner.position import Position
from runner.problem import Problem, UserError, WorkflowError, with_hint, write_text
from runner.refusals import refusal
from runner.struct import replace

FAILED = 1
MISTAKE = 2
BUG = 3
SIGNALLED = 128

_mask = mask_of({})


def hide(mask: Mask) -> None:
    """From now on no error shows these secrets."""
    global _mask
    _mask = mask


_begins = False
_begun = False


def run_begins() -> None:
    """A run is about to begin: what the system refuses now is the reason why nothing of it runs."""
    global _begins
    _begins = True


def run_has_begun() -> None:
    """From now on what the system refuses ends a run that has done something."""
    global _begins, _begun
    _begins, _begun = False, True


def _tell(text: str) -> None:
    say(visible(_mask.text(text)))


def leave(error: BaseException) -> int:
    """The exit code for an error that nobody else took care of, after telling the user of it."""
    if isinstance(error, UserError):
        return mistake(error)
    if isinstance(error, OutputFailed):
        _tell(f"error: {error}")
        return FAILED
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":  # so Typer tells of it
        return SIGNALLED + signal.SIGINT
    # Typer keeps the class of its errors about the command line to itself.
    if hasattr(error, "format_message"):
        return misused(error)
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        _tell("error: the current folder is not there any more")
        _tell("  = `cd` to one that is, and start again from there")
        return FAILED if _begun else MISTAKE
    told = refusal(error)
    return refused(*told) if told else bug(error)


def _is_nowhere() -> bool:
    """Whether the folder that relative paths begin at was removed."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def misused(error: Any) -> int:
    """Say what is wrong with the command line."""
    words = error.format_message().replace("Value error, ", "").replace("Input should be", "must be")
    if words.startswith("Usage:"):
        error.show()
        return MISTAKE
    command = error.ctx.command_path if error.ctx else _command()
    _tell(f"error: {words.partition(', unable to')[0].rstrip('.')}")
    _tell(f"  = `{command} -h` explains what can be asked")
    return MISTAKE


def _command() -> str:
    """The command that was given: an option without its value does not tell whose it is."""
    first = sys.argv[1] if len(sys.argv) > 1 else "-"
    return "runner" if first.startswith("-") else f"runner {first}"


def refused(what: str, hint: str) -> int:
    """Say what the system did not give."""
    _tell(f"error: {with_hint(what, hint)}")
    return MISTAKE if _begins else FAILED


def mistake(error: UserError) -> int:
    """Explain what the user can put right. Nothing ran."""
    if isinstance(error, WorkflowError):
        _tell(write_text(error.problems).rstrip("\n"))
        _annotate(error.problems)
        return MISTAKE
    _tell(f"error: {with_hint(error.message, error.hint)}")
    _annotate([Problem(Position("", 0, 0), "runner", error.message, error.hint)])
    return MISTAKE


def _annotate(problems: Iterable[Problem]) -> None:
    hidden = [replace(it, message=_mask.text(it.message), hint=_mask.text(it.hint)) for it in problems]
    here().annotate(hidden, sys.stderr)


def bug(error: BaseException) -> int:
    """Write down what we need to know, say where, and leave the user's terminal readable."""
    path = _write_down(error)
    summary = _mask.text(" ".join(f"{type(error).__name__}: {error}".split()))
    where = f"the details are in {path}" if path else "the details could not be written anywhere"
    _tell(f"error: this is a bug in runner, not a mistake of yours: {summary[:500]}")
    _tell(f"  = {where}; please report them")
    return BUG


def _write_down(error: BaseException) -> str | None:
    import platform
    import tempfile
    import traceback

    details = "\n".join(
        [
            "A bug in runner. Please look through this before you send it: it may name your files.",
            "",
            f"runner {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: {_command_line()}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    try:
        descriptor, path = tempfile.mkstemp(prefix="runner-bug-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_mask.text(details))
    except OSError:
        return None
    return path


def _command_line() -> str:
    """The command line without the values of params, which may be private."""
    shown = []
    follows_param = False
    for word in sys.argv[1:]:
        name, equals, _ = word.partition("=")
        private = follows_param or word.startswith(("-p", "--param="))
        shown.append(f"{name}=…" if private and equals else word)
        follows_param = word in ("-p", "--param")
    return " ".join(["runner", *shown])
