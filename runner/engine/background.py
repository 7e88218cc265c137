"""What commands leave in the background: it is told with the run, and ended before the run ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

from runner.addresses import address_of
from runner.records import Notice, Outcome, Submission
from runner.work.halt import Halt
from runner.work.left_behind import (
    Left,
    anything_left,
    end_left_behind,
    end_left_beside,
    left_beside,
    left_untold,
)


class Background:
    """What the commands of one run have left. `alone`: all that this process has started is the run's."""

    def __init__(self, run_id: str, alone: bool) -> None:
        self._run_id = run_id
        self._alone = alone
        self._halt = Halt()
        self._sweep = threading.Thread(target=end_left_beside, args=(run_id, self._halt, alone), daemon=True)
        """Who ends, once the run is told to end, what was left until then."""
        self._empty = False

    def notices(self, submission: Submission, outcomes: Sequence[Outcome]) -> Iterator[Notice]:
        """Name what commands left that have just come back."""
        for outcome in outcomes:
            for command in outcome.left_behind:
                told = f"{address(submission)} left a command running in the background: {command}"
                yield Notice(told, submission.shared.fan)

    def begin_to_end(self) -> list[Notice]:
        """End what is there while commands have their time to end; name it."""
        left = left_beside(self._run_id, self._alone)
        with suppress(RuntimeError):  # no other thread may start: it has its time later
            self._sweep.start()
        return list(map(_notice, left))

    def untold(self) -> list[Notice]:
        """Name what is left at the end that no command's end has told of."""
        left = left_untold(self._run_id, self._alone)
        self._empty = not anything_left(self._run_id)
        return list(map(_notice, left))

    def hurry(self) -> None:
        """What is left gets no more time."""
        self._halt.kill()

    def end(self) -> None:
        """End all that is left."""
        if self._sweep.ident is not None:
            self._sweep.join()
        if not self._empty:
            end_left_behind(self._run_id, self._halt, self._alone)


def address(submission: Submission) -> str:
    """Of what was submitted: that of the item, where it is but one."""
    shared, items = submission.shared, submission.items
    if len(items) > 1:
        return shared.address
    return address_of(shared.address, shared.task.map is not None, items[0].key, items[0].index)


def _notice(left: Left) -> Notice:
    if left.address:
        by = address_of(left.address, bool(left.key), left.key, 0)
        return Notice(f"{by} left a command running in the background: {left.process}", left.fan)
    told = f"a process was left running in the background, it is not known by which task: {left.process}"
    return Notice(told, left.fan)
