"""How a Dask cluster is joined: it is reached, has workers, and they have this program.

Nothing here waits for ever, as Dask does for what does not answer.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import Any

from runner import __version__
from runner.callables.tracebacks import message_of
from runner.engine import station
from runner.problem import UserError

_distributed: Any = import_module("distributed")  # it has no types
warnings.filterwarnings("ignore", "Sending large graph")  # what it advises is not for users to do

CONNECT = 10.0
"""Seconds that a scheduler may take to answer, and to have a worker."""

ANSWER = 30.0
"""Seconds that a worker may take to answer: somebody else's task may hold it up."""


def connected(address: str) -> Any:
    """A client. Raises `UserError`."""
    try:
        return within(
            CONNECT + 2.0,
            lambda: _distributed.Client(address, timeout=CONNECT, set_as_default=False, name="runner"),
        )
    except NoAnswer:
        raise UserError(f"the Dask scheduler {address} does not answer") from None
    except Exception as error:
        raise UserError(f"the Dask scheduler {address} cannot be reached: {message_of(error)}") from None


def look_at_workers(client: Any, address: str) -> None:
    """Whether all of them can do the work. Raises `UserError`."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError:
        raise UserError(f"the Dask scheduler {address} has no workers") from None
    try:
        versions = within(ANSWER, lambda: client.run(station.version))
    except NoAnswer:
        raise UserError(f"a worker of {address} does not answer") from None
    except Exception as error:
        hint = f"install it there: `pip install runwright[dask]=={__version__}`"
        raise UserError(f"a worker of {address} cannot import runner: {message_of(error)}", hint) from None
    for worker, found in versions.items():
        if found != __version__:
            message = f"the worker {worker} of {address} has runner {found}, and this is {__version__}"
            raise UserError(message, "a run takes the same version everywhere")


class NoAnswer(Exception):
    """It took too long."""


class Question:
    """Asked on a thread of its own, since what waits for a cluster cannot be called back."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._came: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._over = threading.Event()
        threading.Thread(target=self._ask, args=(ask,), daemon=True).start()

    def answer(self, seconds: float | None = None) -> Any:
        """What comes of it, or its error. Raises `NoAnswer` if that takes longer, or is given up."""
        try:
            answer, error = self._came.get(timeout=seconds)
        except Empty:
            raise NoAnswer from None
        if error is not None:
            raise error
        return answer

    def is_answered_within(self, seconds: float) -> bool:
        """Whether it is; who waits for the answer has it then."""
        return self._over.wait(seconds)

    def give_up(self) -> None:
        """Whoever waits for the answer waits no more."""
        self._came.put((None, NoAnswer()))

    def _ask(self, ask: Callable[[], Any]) -> None:
        try:
            self._came.put((ask(), None))
        except BaseException as error:
            self._came.put((None, error))
        self._over.set()


def within(seconds: float, ask: Callable[[], Any]) -> Any:
    """What comes of a question, or its error. Raises `NoAnswer` if that takes longer."""
    return Question(ask).answer(seconds)
