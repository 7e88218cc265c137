"""What the processes above the runner do: pass on signals, wait for its end, end what is left of it.

A signal to a whole process group, as the terminal sends, reaches the runner by itself and must not
count twice. So the inner process is a witness: what it got as well, it does not pass on.
"""

from __future__ import annotations

import contextlib
import os
import time

from runner.echoes import Echoes
from runner.hints import NoReturn
from runner.in_c import name_of_signal, signal
from runner.processes import ask_to_end, descendants, end, end_descendants, grace
from runner.supervisor import farewell, readiness
from runner.supervisor.lifeline import Lifeline
from runner.supervisor.vigil import Vigil

PASSED_ON = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)

# From outer to inner a signal goes under a number of its own: one of the same number would merge with it.
_marked: dict[int, int] = {number: signal.SIGRTMIN + number for number in PASSED_ON}
_meant = {marked: number for number, marked in _marked.items()}

OURS = {*_marked, *_meant, signal.SIGCHLD}

TWINS = 0.02
"""Seconds in which a signal that was sent to one process after the other reaches all of them."""

IN_TURN = 0.2
"""Seconds for which a signal waits until the one before it is heard: of two at once a process may take the
second one first, each on a thread of its own."""

REMEMBERED = 1.0
"""Seconds for which the inner process remembers a signal of its own; the outer one may be slow."""

FAILED = 1

UNHEEDED = "the run did not end when it was told to, and was killed"

GOES_ON = "`runner resume` goes on with it"

REST_CLEARED = "\r\x1b[J\x1b[?7h"
"""Clears what was shown below of what was going on, and lets long lines go on in the next."""

PATIENCE = 10.0
"""Seconds for a run to end in order: those from TERM to KILL of its commands, and some for its reports."""

DYING = 0.2
"""Seconds in which a process that is killed has gone, all its threads included."""

BLINK = 0.005

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

LAST_PATIENCE = (2.0, 2.5)
"""Seconds for a run to heed a second signal, and to end after a third, which may come of a key that is held
down: it may be where no signal reaches it, as in a C function that never gives back Python's lock."""


def outer(child: int) -> NoReturn:
    """Watch over the inner process."""
    _adopt_orphans(readiness.OUTER)
    while True:
        number = signal.sigwaitinfo({*_marked, signal.SIGCHLD}).si_signo
        if number != signal.SIGCHLD:
            os.kill(child, _marked[number])
            continue
        status = _reap(child)
        if status is not None:
            if os.WIFSIGNALED(status):
                _wait_for_the_run()
            _end_like(status)


class Inner:
    """Watches over the runner, at the end of a line from the outer process."""

    def __init__(self, runner: int, above: Lifeline) -> None:
        self._runner = runner
        self._above = above
        self._orphaned = False
        self._own: dict[int, float] = {}
        """When signals came that were not passed on by the outer process."""
        self._held: dict[int, float] = {}
        """When signals that were are due to be passed on, if they do not come by themselves until then."""
        self._passed_on: float | None = None
        """When the run was told to end for the first time, from here."""
        self._echoes = Echoes()
        """Of signals that were passed on by the outer process before."""
        self._given_up: float | None = None
        """When a run must have ended that nobody watches over any more, or that was told twice to end."""
        self._given_more = False
        """It heeds the second signal, and has had more time for that."""
        self._killed = False
        self._told: list[int] = []
        """The signals by which it was told to end."""
        self._vigil: Vigil | None = None
        self._grace = grace
        """Seconds that what is left has from TERM to KILL."""

    def watch(self) -> NoReturn:
        """Until the runner has ended."""
        _adopt_orphans(readiness.INNER)
        while True:
            number = self._wait()
            if number == signal.SIGCHLD:
                status = _reap(self._runner)
                if status is not None:
                    self._end(status)
            elif not self._orphaned and self._above.is_cut():
                self._end_the_run()
            elif number:
                self._weigh(number)
            self._pass_on()

    def _wait(self) -> int | None:
        """The next signal, unless something else is due before."""
        dues = [*self._held.values()]
        dues += [] if self._given_up is None else [self._given_up]
        dues += [] if self._vigil is None else [self._vigil.due]
        if not dues:
            return signal.sigwaitinfo(OURS).si_signo
        found = signal.sigtimedwait(OURS, max(0.0, min(dues) - time.monotonic()))
        return found.si_signo if found else None

    def _weigh(self, number: int) -> None:
        """Of a signal that reached the group there are two: an own one, and the outer process's."""
        now = time.monotonic()
        if number not in _meant:
            if self._held.pop(number, None) is None:
                self._own[number] = now
        elif self._echoes.has(_meant[number]):
            self._own.pop(_meant[number], None)
        else:
            self._count(_meant[number], now)
            if self._own.pop(_meant[number], 0.0) < now - REMEMBERED:
                self._held[_meant[number]] = now + TWINS

    def _count(self, number: int, now: float) -> None:
        """The run has been told, in whichever way, and has so much time to end."""
        if not _tells_to_end(number):
            return
        self._told.append(number)
        self._vigil = self._vigil or Vigil(self._runner, now)
        if len(self._told) > 1 and not readiness.is_at_its_reports():
            self._vigil.hurry()
            due = now + LAST_PATIENCE[min(len(self._told), 3) - 2]
            self._given_up = min(due, self._given_up or due)

    def _pass_on(self) -> None:
        now = time.monotonic()
        for number in [number for number, due in self._held.items() if due <= now]:
            if self._has_yet_to_be_heard(now):
                self._held[number] = now + BLINK
                continue
            del self._held[number]
            os.kill(self._runner, number)
            if _tells_to_end(number):
                self._passed_on = self._passed_on or now
        if self._given_up is not None and self._given_up <= now:
            self._give_more_or_kill(now)
        elif self._vigil is not None:
            self._look_after(self._vigil, now)

    def _give_more_or_kill(self, now: float) -> None:
        """A run that was told no more than twice has what time it takes for its reports."""
        if len(self._told) == 2 and readiness.is_at_its_reports():
            self._given_up = None
        elif len(self._told) == 2 and readiness.heeds() and not self._given_more:
            self._given_more = True
            self._given_up = now + PATIENCE
        else:
            self._kill()

    def _has_yet_to_be_heard(self, now: float) -> bool:
        """Whether the first signal that was passed on may still be on its way."""
        return self._passed_on is not None and not readiness.signs() and now < self._passed_on + IN_TURN

    def _look_after(self, vigil: Vigil, now: float) -> None:
        """Do what the runner cannot, as it hears nothing or is held up."""
        found = vigil.look(now)
        if found == "deaf":
            ask_to_end(it for it in descendants() if it.pid != self._runner)
        elif found == "held up":
            self._grace = vigil.grace(now)
            self._kill()

    def _kill(self) -> None:
        self._given_up = self._vigil = None
        self._killed = True
        os.kill(self._runner, signal.SIGKILL)

    def _end_the_run(self) -> None:
        _say_that_one_was_killed()
        self._orphaned = True
        self._given_up = time.monotonic() + PATIENCE
        os.kill(self._runner, signal.SIGTERM)

    def _end(self, status: int) -> NoReturn:
        if self._killed and self._told:
            status = (128 + self._told[0]) << 8
            farewell.say_unheeded()
        if farewell.is_unheeded():
            _say(f"{UNHEEDED}: {GOES_ON}" if readiness.has_begun() else f"{UNHEEDED} before it began")
        elif not farewell.was_said() and not self._told:
            _say_that_it_broke_off(status)
            status = status if os.WIFSIGNALED(status) else FAILED << 8
        elif not farewell.was_said():
            _write("")
        farewell.say_told()
        _end_like(status, 0 if len(self._told) > 1 else self._grace)


def _tells_to_end(number: int) -> bool:
    return number in STOPPING and signal.getsignal(number) is not signal.SIG_IGN


def _how(status: int) -> str:
    """How a process ended that did not say that it would."""
    if farewell.files_are_gone():
        return "something in it closed the files that the program itself had open, as `os.closerange` does"
    if os.WIFSIGNALED(status):
        return f"its process was ended by {name_of_signal(os.WTERMSIG(status))}"
    return f"something in it ended its process with exit code {os.WEXITSTATUS(status)}, as `os._exit` does"


def _adopt_orphans(watcher: int) -> None:
    """Be the parent of all processes below that lose theirs."""
    _prctl(36, 1)
    readiness.say(watcher)


def _dump_no_core() -> None:
    _prctl(4, 0)


def _prctl(option: int, value: int) -> None:
    try:  # what is needed of `ctypes`, which takes three times as long to import
        from _ctypes import call_function, dlopen, dlsym
    except ImportError:
        from ctypes import CDLL

        CDLL(None).prctl(option, value, 0, 0, 0)
    else:
        own = dlopen(None, 0)  # type: ignore[arg-type]  # the program itself
        call_function(dlsym(own, "prctl"), (option, value, 0, 0, 0))


def _reap(child: int) -> int | None:
    """Take note of all who have ended; the status of the child if it is among them."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                found = status
            elif not pid:
                break
    return found


def _wait_for_the_run() -> None:
    """If the inner process was killed: the runner has been told, and is given the time to end in order.

    It may have been killed as well. Its children are ours only when the last of its threads has gone.
    """
    if not _runner_ends_within(DYING):
        _say_that_one_was_killed()
        _end_what_the_runner_cannot_find()
        _runner_ends_within(PATIENCE)
        return
    if farewell.was_said():
        _say_that_one_was_killed()
    elif not farewell.was_told():
        _say_that_it_broke_off(_status_of(readiness.runner()) if readiness.runner() else None)


def _status_of(child: int) -> int | None:
    """How a child has ended, unless another process has waited for it."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(child, os.WNOHANG)[1]
    return None


def _end_what_the_runner_cannot_find() -> None:
    """What the inner process had adopted, while the runner ends what is its own."""
    end(lambda: descendants(readiness.runner()), None, None, grace)


def _runner_ends_within(seconds: float) -> bool:
    """Whether the runner, which is a child of this process by now, has ended, or does so in time.

    One that was never heard of had not come to its first step.
    """
    if not readiness.runner():
        return True
    end = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while not os.waitid(os.P_PID, readiness.runner(), os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if time.monotonic() >= end:
                return False
            time.sleep(BLINK)
    return True


def _end_like(status: int, patience: float = grace) -> NoReturn:
    """End what is left, and then as the child ended, so that its end is what the user sees."""
    if _has_children():
        end_descendants(patience)
    if os.WIFSIGNALED(status):
        _die_of(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _die_of(number: int) -> NoReturn:
    _dump_no_core()
    with contextlib.suppress(OSError):  # KILL has no other meaning that could be taken back
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # the first process of a container does not die of signals


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _say_that_one_was_killed() -> None:
    _say("a process that watches over this run was killed: the run is ended")


def _say_that_it_broke_off(status: int | None) -> None:
    how = "" if status is None else f": {_how(status)}"
    begun = readiness.has_begun()
    _say(f"the run broke off{how}; {GOES_ON}" if begun else f"the run broke off before it began{how}")
    farewell.say_told()


def _say(what: str) -> None:
    _write(f"error: {what}\n")


def _write(text: str) -> None:
    """On stderr; if that is a terminal, it is one that somebody left in the middle of showing something."""
    with contextlib.suppress(OSError):
        shows = os.isatty(2) and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
        os.write(2, f"{REST_CLEARED if shows else ''}{text}".encode())
