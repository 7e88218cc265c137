"""Functions of the user's that make a `concurrent.futures.Executor`, found and called."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

from runner.callables.loading import ImportFailure, load
from runner.callables.tracebacks import message_of, place_of
from runner.problem import UserError

Make = Callable[[], Executor]


def maker(reference: str, folder: str, workers: int) -> Make:
    """Makes executors by a factory, which is imported now. What comes of it raises `UserError`."""
    try:
        factory = load(reference, folder)
    except ImportFailure as failure:
        notes = "\n".join(filter(None, [failure.hint, (failure.traceback or "").rstrip()]))
        raise UserError(failure.message, notes) from None
    return partial(_made, reference, factory, workers)


def _made(reference: str, factory: Callable[..., object], workers: int) -> Executor:
    try:
        executor = factory(workers)
    except BaseException as error:
        raise UserError(
            f"the executor '{reference}' cannot be made: {message_of(error)}", place_of(error)
        ) from None
    if not isinstance(executor, Executor):
        given = type(executor).__qualname__
        hint = "it is called with the number of workers, and gives a `concurrent.futures.Executor`"
        raise UserError(f"'{reference}' gives no executor: it gave one of type {given}", hint)
    return executor
