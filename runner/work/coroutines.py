"""Waiting on a worker for a coroutine, which is cancelled when nobody waits for it any more.

Knows neither callables nor who gives them up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from runner.work.halt import Halt


def awaited(coroutine: Coroutine[Any, Any, Any], halt: Halt) -> Any:
    """What it returns in the end; what it awaits raises `CancelledError`, once, when it is given up."""

    async def attended() -> Any:
        halt.awaited = under_way = _UnderWay()
        if halt.given_up:  # before there was anything to cancel
            under_way.cancel_here()
        if halt.seconds is not None:
            under_way.loop.call_later(halt.seconds, under_way.cancel_here)
        return await coroutine

    try:
        return asyncio.run(attended())
    finally:
        halt.awaited = None


class _UnderWay:
    """The task that asks for it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.cancelled = False
        self._task = asyncio.current_task()

    def cancel(self) -> None:
        self.loop.call_soon_threadsafe(self.cancel_here)

    def cancel_here(self) -> None:
        if not self.cancelled and self._task is not None:
            self.cancelled = True
            self._task.cancel()
