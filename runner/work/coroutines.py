"""Waiting on a worker for a coroutine, which is cancelled when nobody waits for it any more.

Knows neither callables nor who gives them up.
"""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from runner.work.halt import Halt


def awaited(coroutine: Coroutine[Any, Any, Any], halt: Halt) -> Any:
    """What it returns in the end; what it awaits raises `CancelledError`, once, when it is given up."""
    import asyncio

    async def attended() -> Any:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def cancel() -> None:
            if not halt.cancelled:
                halt.cancelled = True
                task.cancel()

        halt.cancels = partial(loop.call_soon_threadsafe, cancel)
        if halt.given_up:  # before there was anything to cancel
            cancel()
        if halt.seconds is not None:
            loop.call_later(halt.seconds, cancel)
        return await coroutine

    try:
        return asyncio.run(attended())
    finally:
        halt.cancels, halt.cancelled = None, False
