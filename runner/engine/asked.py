"""A question that an executor of others is given, as who waits for the answer sees it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Executor, Future
from contextlib import suppress

from runner.problem import UserError
from runner.work.answering import READ, UNREAD
from runner.work.grounds import Ground


class Asked:
    """A question under way. Its executor is kept, which would end with the last who knows it."""

    def __init__(self) -> None:
        self.executor: Executor | None = None
        """Which is given it; None as long as it is being made."""
        self.future: Future[bytes] | None = None
        """None as long as it is being given."""
        self.given: float | None = None
        """When that began (`time.monotonic`)."""
        self.ground = Ground()
        self.taken_back = False

    def take_back(self) -> bool:
        """Whether the executor says that it does not do it."""
        self.taken_back = True
        return self.future is not None and self.future.cancel()

    def answer(self) -> bytes:
        """Wait for it. Raises what the executor does, and `Unheard`."""
        if self.future is None or not hasattr(self.future, "result"):
            raise Unheard(f"`submit` gave no future, but one of type {_type(self.future)}")
        answer = self.future.result()
        if not isinstance(answer, bytes) or answer[:1] not in (READ, UNREAD):
            raise Unheard(f"a future holds another result, of type {_type(answer)}")
        return answer

    def kill(self) -> bool:
        """End the process that has not answered, if it is known and not this one; whether it has ended."""
        writer = self.ground.area.writer
        if self.future is not None and self.future.done() and not (self.future.cancelled() and writer):
            return True
        if writer in (0, os.getpid()):
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.kill(writer, signal.SIGKILL)
        return True


class Unheard(UserError):
    """An executor that does not do what it is given."""

    def __init__(self, how: str) -> None:
        super().__init__(f"the executor does not do what is submitted: {how}")


def _type(value: object) -> str:
    return type(value).__qualname__
