"""One call of a callable: a function, a coroutine, or what gives bit by bit. What it raises is a failure.

Knows neither tasks nor where the arguments come from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from threading import get_ident
from types import AsyncGeneratorType, GeneratorType
from typing import Any

from runner.callables.loading import ImportFailure, load
from runner.callables.tracebacks import message_of, traceback_text, type_names
from runner.exact import normalise
from runner.expression.values import type_name
from runner.records import Failure, FailureKind, Outcome
from runner.work import standing_in
from runner.work.attempting import timed_out
from runner.work.capture import owns_streams, route_logging
from runner.work.gathering import Gathering, Unwanted, gives_once, is_whole
from runner.work.halt import Halt

_deepest = sys.getrecursionlimit()

_forks = 0
"""Differs in a process that was forked, of which this is told: to ask for its number is a system call."""


def _count_fork() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_count_fork)


def imported(reference: str, folder: str, halt: Halt) -> Callable[..., Any] | Failure:
    """The callable, or why there is none."""
    try:
        route_logging()
        try:
            halt.doing = "calling"
            return load(reference, folder)
        finally:
            halt.doing = ""
            if owns_streams():
                standing_in.keep()
    except ImportFailure as failure:
        message = f"{failure.message} ({failure.hint})" if failure.hint else failure.message
        return Failure(FailureKind.START, message, traceback=failure.traceback)


def call(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    halt: Halt,
    timeout: float | None,
    outcome: Outcome,
    name: str,
) -> None:
    """Put into its outcome what it returns, or how it failed; `name` is what the file calls it.

    `SystemExit` and `KeyboardInterrupt` are failures as any other.
    """
    forks, gathering, thread = _forks, None, get_ident()
    try:
        try:
            standing_in.begins(thread)
            halt.doing = "calling"
            result = function(**arguments)
            if _forks == forks and not is_whole(result):
                gathering = Gathering(halt, timeout)
                result = _whole(result, gathering, halt)
            if _forks != forks:
                os._exit(0)
        finally:
            halt.doing = ""
            standing_in.has_ended(thread)
            if sys.getrecursionlimit() < _deepest:  # too low for our own code
                sys.setrecursionlimit(_deepest)
    except Unwanted as end:
        outcome.cancelled = not end.late
        outcome.failure = timed_out(timeout or 0.0) if end.late else None
    except BaseException as error:
        if _forks != forks:  # a child that it forked, which is nobody's worker
            os._exit(_exit_code(error))
        through = None if gathering is None else gathering.through
        outcome.failure = Failure(
            FailureKind.EXCEPTION,
            message_of(error) + _after_the_call(through, function, name),
            traceback=traceback_text(error),
            exception=type_names(error),
        )
    else:
        outcome.result, outcome.encoded = normalise(result)


def _after_the_call(through: Any, function: Callable[..., Any], name: str) -> str:
    """That it had returned when this was raised, unless what it returned is its own body (a generator)."""
    if through is None:
        return ""
    if type(through) in (GeneratorType, AsyncGeneratorType):
        own: Any = getattr(function, "__name__", None)
        if type(own) is str and through.__name__ == own:
            return ""
    return f"\n(raised when the {type_name(type(through))} that {name} had returned was gone through)"


def _whole(result: Any, gathering: Gathering, halt: Halt) -> Any:
    """What a coroutine returns in the end; lists in the place of what gives its elements only once."""
    kind = type(result)
    if hasattr(kind, "__await__") or gives_once(kind, "__anext__", "__aenter__"):
        result = _wait_for(result, gathering, halt)
    return gathering.within(result)


def _wait_for(result: Any, gathering: Gathering, halt: Halt) -> Any:
    async def waiting() -> Any:
        found = await result if hasattr(type(result), "__await__") else result
        if gives_once(type(found), "__anext__", "__aenter__"):
            return await gathering.all_of_later(found)
        return found

    from runner.work.coroutines import awaited

    return awaited(waiting(), halt)


def _exit_code(error: BaseException) -> int:
    code = error.code if isinstance(error, SystemExit) else 1
    return 0 if code is None else code & 0xFF if isinstance(code, int) else 1
