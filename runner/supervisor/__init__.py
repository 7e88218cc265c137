"""Two processes above the one that runs, so that no command outlives a program that is killed.

    outer (what the user started) > inner > the runner > commands

All three are this program, forked before it has threads or has imported much. Outer and inner adopt
whoever below them loses its parent. If the runner dies, the inner one ends what is left; if the inner
one is killed, the outer one does; if the outer one is killed, the inner one has the run end. It takes
two, since what has left its group and its environment can only be found by who adopts it, and the runner
must not: it would have to wait for orphans, which it cannot tell from children that a callable waits for.

It knows nothing of runs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable

from runner.hints import NoReturn
from runner.in_c import signal
from runner.supervisor import farewell, readiness
from runner.supervisor.lifeline import Lifeline
from runner.supervisor.watches import OURS, Inner, outer

_watcher: int | None = None


def supervise() -> None:
    """Go on two processes further down; those above end as this one will have ended.

    Where nobody can adopt orphans, it goes on alone. Raises `OSError` if no process can be started.
    """
    if sys.platform != "linux":
        return
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, OURS)
    # Whoever ignored it would not hear of the ends of children.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    farewell.share()
    readiness.share()
    # Both who watch need it at once: where there are two CPUs, the one who runs would wait for them.
    with contextlib.suppress(ImportError):
        import _ctypes  # noqa: F401
    above = _go_on_below(outer)
    _go_on_below(lambda child: Inner(child, above).watch())
    readiness.say_runner()
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    global _watcher
    _watcher = os.getppid()


def wait_until_watched() -> None:
    """From now on nothing that is started can be lost; to be asked for before anything is."""
    if _watcher is not None:
        readiness.wait_for(_watcher)


def say_that_it_heeds() -> None:
    """The run ends at once, as it was told, and only its reports may take some time."""
    readiness.say_heeds()


def say_that_only_reports_are_left() -> None:
    """The run is over. What signals mean from now on is for this process alone to say."""
    readiness.say_reports()


def say_that_it_has_begun() -> None:
    """From now on there is something recorded, which `runner resume` can go on with."""
    readiness.say_begun()


def give_sign_of_life() -> bool:
    """To be called again and again once this process is told to end: not held up. Whether anybody watches."""
    return readiness.give_sign()


def break_off(code: int) -> NoReturn:
    """End the program as it stands, since nothing else will; those who watch tell of it."""
    farewell.say_unheeded()
    os._exit(code)


def adopter() -> int | None:
    """The process whose children the orphans of this one become, if it watches over nothing else."""
    return _watcher if _watcher == os.getppid() else None


def _go_on_below(watch: Callable[[int], NoReturn]) -> Lifeline:
    """Returns in a child, with its line to the parent; the parent watches, and never comes back."""
    below, above = Lifeline.ends()
    child = os.fork()
    if child:
        try:
            watch(child)
        except (OSError, ImportError) as refused:
            why = (getattr(refused, "strerror", None) or str(refused)).lower()
            os.write(2, f"error: nobody can watch over this run: {why}\n".encode())
            os._exit(1)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(3)
    os.close(above)
    return Lifeline(below)
