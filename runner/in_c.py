"""What the standard library has in C, without the Python around it, which takes longer to load.

To type checkers it is what the library names. Signals are plain numbers here.
"""

from __future__ import annotations

from runner.hints import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from contextvars import ContextVar
    from heapq import heapify, heappop, heappush, heapreplace
    from queue import Empty, SimpleQueue
    from struct import Struct
else:
    try:
        import _signal as signal
        from _contextvars import ContextVar
        from _heapq import heapify, heappop, heappush, heapreplace
        from _queue import Empty, SimpleQueue
        from _struct import Struct
    except ImportError:
        import signal
        from contextvars import ContextVar
        from heapq import heapify, heappop, heappush, heapreplace
        from queue import Empty, SimpleQueue
        from struct import Struct

__all__ = [
    "ContextVar",
    "Empty",
    "SimpleQueue",
    "Struct",
    "heapify",
    "heappop",
    "heappush",
    "heapreplace",
    "name_of_signal",
    "signal",
]


def name_of_signal(number: int) -> str:
    """`SIGTERM`; raises `ValueError` for what is no signal."""
    from signal import Signals

    return Signals(number).name
