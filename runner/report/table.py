"""All items of a run as columns, in blocks: what a page needs to list, search and sort them.

An item takes some thirty characters. Texts that many items share are told once a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from runner.addresses import address_of
from runner.display import one_line, visible
from runner.records import Mark, Status
from runner.report.facts import Facts
from runner.store.entries import ItemRecord, RunRecord
from runner.store.stored_run import StoredRun
from runner.store.tables import fan_of
from runner.store.whole import FanRecord

BLOCK = 5000
MOST = 300_000
"""So many items are listed: a page of them can still be opened."""
MOST_TEXTS = 1000
"""So many different texts are told in a block."""

letters = {
    Status.SUCCEEDED.value: "s",
    Status.FAILED.value: "f",
    Status.SKIPPED.value: "k",
    Status.CANCELLED.value: "c",
    Status.RUNNING.value: "r",
}
_marks = {mark.value: 1 << place for place, mark in enumerate(Mark)}


def blocks(stored: StoredRun, facts: Facts) -> Iterator[dict[str, Any]]:
    """The columns of so many items at a time.

    `addresses` has a line for each item: how many characters it begins with as the one before does (in
    base 36), a space, the rest. `tasks` and `workers` are numbers of what the block lists under `of_tasks`
    and `of_workers`; `tasks` holds pairs: which, and of how many items in a row. `starts` are
    milliseconds since the one before; `seconds` tenths of milliseconds, -1 where there are none.
    `attempts`, `notes` and `marks` hold pairs: the item's place in the block, and what is to be said.
    """
    rows = islice(_rows(stored, facts), MOST)
    while block := list(islice(rows, BLOCK)):
        yield _Block(facts).of(block)


def _rows(stored: StoredRun, facts: Facts) -> Iterator[tuple[FanRecord, ItemRecord]]:
    fans = stored.whole.fans(facts.run)
    fan = next(fans, None)
    for item in stored.whole.items(facts.run):
        while fan is not None and fan.number < fan_of(item.id):
            fan = next(fans, None)
        if fan is not None and not facts.fans.is_repeated(fan.number):
            yield fan, item


def under_way(stored: StoredRun, run: RunRecord) -> Iterator[dict[str, Any]]:
    """What was given to a worker and has not settled."""
    for fan in stored.whole.fans(run):
        if fan.status is None and fan.kind not in ("tasks", "workflow"):
            for item in stored.read.running_items(fan.number):
                address = address_of(fan.address, fan.mapped, item.key, item.index)
                yield {"address": address, "attempt": item.attempts}


class _Block:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._texts: dict[str, int] = {}

    def of(self, rows: list[tuple[FanRecord, ItemRecord]]) -> dict[str, Any]:
        items = [item for _, item in rows]
        tasks: dict[str, int] = {}
        workers: dict[str, int] = {}
        return {
            "count": len(items),
            "addresses": "\n".join(_shortened(rows)),
            "statuses": "".join(letters.get(item.status, "r") for item in items),
            "tasks": _runs([tasks.setdefault(fan.path, len(tasks)) for fan, _ in rows]),
            "of_tasks": list(tasks),
            "starts": _differences([self._start(item) for item in items]),
            "seconds": [-1 if item.seconds is None else round(item.seconds * 10_000) for item in items],
            "workers": [workers.setdefault(item.worker or "", len(workers)) for item in items],
            "of_workers": list(workers),
            "attempts": _pairs(item.attempts if item.attempts > 1 else 0 for item in items),
            "marks": _pairs(_flags(fan, item) for fan, item in rows),
            "notes": _pairs(self._note(item) for item in items),
            "of_notes": list(self._texts),
        }

    def _start(self, item: ItemRecord) -> int:
        """Milliseconds since the session began; -1: it was not begun in it."""
        if item.started is None or item.made not in (0, self._facts.run.session):
            return -1
        return max(0, round((item.started - self._facts.begin) * 1000))

    def _note(self, item: ItemRecord) -> int:
        """The number of what is to be said of an item, from 1; 0: nothing."""
        failure = item.failure if item.failure_text is not None else None
        text = item.reason
        if failure is not None and failure.address is not None:
            text = f"{failure.address} failed"
        elif failure is not None:
            text = f"{failure.message} [{failure.kind.value}]"
        if not text:
            return 0
        text = one_line(text)
        if len(self._texts) >= MOST_TEXTS and text not in self._texts:
            text = f"[{failure.kind.value}]" if failure else "…"
        return self._texts.setdefault(text, len(self._texts)) + 1


def _shortened(rows: list[tuple[FanRecord, ItemRecord]]) -> Iterator[str]:
    before = ""
    for fan, item in rows:
        address = visible(address_of(fan.address, fan.mapped, item.key, item.index))
        address = " ".join(address.split("\n"))
        same = _common(before, address)
        yield f"{_base36(same)} {address[same:]}"
        before = address


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common, if a browser counts them as Python does."""
    most = min(len(one), len(other))
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low if other.isascii() or max(other[:low], default="") <= "\uffff" else 0


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number >= 36:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return digits[number] + text


def _runs(numbers: list[int]) -> list[int]:
    """Each number, and how often it comes in a row."""
    runs: list[int] = []
    for number in numbers:
        if runs and runs[-2] == number:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return runs


def _pairs(numbers: Iterator[int]) -> list[int]:
    """Of what is not 0: the place, and the number."""
    return [it for place, number in enumerate(numbers) if number for it in (place, number)]


def _differences(numbers: list[int]) -> list[int]:
    return [number - before for before, number in zip([0, *numbers], numbers, strict=False)]


def _flags(fan: FanRecord, item: ItemRecord) -> int:
    told = set(item.marks_text.split()) if item.marks_text else set()
    if fan.tolerated and item.status == Status.FAILED:
        told.add(Mark.TOLERATED.value)
    return sum(_marks.get(word, 0) for word in told)
