"""The way in and the way out: a command line is answered, and the program leaves by the right door."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from runner.bundle import all_is_imported, keep
from runner.cli import answers
from runner.cli.terminal import leave, open_closed_streams, say
from runner.cli.understanding import understood
from runner.cli.words import COMPLETION
from runner.hints import NoReturn
from runner.hosts import here
from runner.refusals import advice, reason


def main() -> NoReturn:
    """Answer the command line and leave."""
    open_closed_streams()
    sys.stderr = here().stderr(sys.stderr)
    try:
        code = _answer(sys.argv[1:])
    except SystemExit as leaving:
        code = leaving.code
    except BaseException as error:
        code = _explained(error)
    leave(code if isinstance(code, int) else 0)


def _answer(words: Sequence[str]) -> object:
    asked = None if COMPLETION in os.environ else understood(words)
    if asked is None:
        from runner.cli.app import answer

        return answer(words)
    command = words[0]
    if command == "run":
        import runner.cli.running  # noqa: F401  # begins every run

        all_is_imported()
    code: int = getattr(answers, command)(**asked)
    keep()
    return code


def _explained(error: BaseException) -> int:
    try:
        from runner.cli import doors

        return doors.leave(error)
    except OSError as refused:  # not even our own files open
        say(f"error: {reason(refused)}\n  = {advice(refused)}".removesuffix("\n  = "))
        return 2 if sys.argv[1:2] in (["run"], ["resume"]) else 1
