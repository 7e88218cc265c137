"""Breaking off evaluations from another thread: at any moment, and never anything but an evaluation."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from program import wait_until
from watching import PATIENCE

from runner.engine.evaluations import Evaluations
from runner.plan import BrokenOff

ROUNDS = 100


def endless() -> int:
    count = 0
    while True:
        count += 1


def fails() -> int:
    raise ZeroDivisionError


def catches_all() -> int:
    try:
        return sum(range(20))
    except Exception:
        return 0


def test_who_comes_too_late_breaks_off_nothing() -> None:
    evaluations = Evaluations()
    evaluations.begin()
    late = threading.Thread(target=evaluations.stop, args=["told"])

    def is_told_to_stop() -> int:
        late.start()
        late.join()
        return catches_all()

    evaluations.end()
    assert [evaluations.evaluate(is_told_to_stop), evaluations.evaluate(catches_all)] == [190, 190]


class Turn(threading.Thread):
    """A thread that evaluates again and again, until it is broken off, and works on then."""

    def __init__(self, function: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self.evaluations = Evaluations()
        self.function = function
        self.begun = threading.Event()
        self.ended: list[str] = []

    def run(self) -> None:
        self.evaluations.begin()
        self.begun.set()
        try:
            while True:
                self._evaluate()
        except BrokenOff as broken:
            self.ended.append(str(broken))
        for _ in range(50):  # here a break that comes late would end the thread
            catches_all()
        self.evaluations.end()
        self.ended.append(str(self.evaluations.evaluate(catches_all)))

    def _evaluate(self) -> None:
        try:
            self.evaluations.evaluate(self.function)
        except ZeroDivisionError:
            return


@pytest.mark.parametrize("function", [endless, fails, catches_all])
def test_a_break_from_another_thread_ends_an_evaluation_and_nothing_else(
    function: Callable[[], int],
) -> None:
    for number in range(ROUNDS):
        turn = Turn(function)
        turn.start()
        turn.begun.wait()
        for _ in range(10 * number):  # at some moment
            pass
        tellers = [threading.Thread(target=turn.evaluations.stop, args=["told"]) for _ in range(2)]
        for teller in tellers:
            teller.start()
        turn.join(PATIENCE)
        assert turn.ended == ["told", "190"]
        for teller in tellers:
            teller.join()


def test_a_time_that_is_over_ends_each_evaluation_that_goes_on_and_leaves_no_thread_behind() -> None:
    for _ in range(10):
        evaluations = Evaluations()
        evaluations.begin()
        evaluations.stop_in(0.0, "over")
        with pytest.raises(BrokenOff, match="over"):
            evaluations.evaluate(endless)
        assert evaluations.is_overdue
        evaluations.stop_in(1000.0, "over again")
        evaluations.end()
    assert evaluations.evaluate(catches_all) == 190
    wait_until(lambda: not any(it.name == "runner-time" for it in threading.enumerate()))
