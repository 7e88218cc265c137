"""Items that are recorded in one row: read back, they are what they would be in rows of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from event_streams import Stream, each_alone, exit_failure

from runner.records import Event, Item, Status
from runner.store import Store
from runner.store.database import Database
from runner.store.formats import UPGRADES
from runner.store.stored_run import StoredRun
from runner.store.tables import TABLES, VERSION
from runner.store.unpacking import unpack_all

SEEDS = range(12)
VALUES: list[Any] = [0, -1, 2**80, 0.1, True, None, "", "a\nb", "\udc80é", [], {"k": [1, "x"]}, "7"]


def tell(stream: Stream, seed: int) -> None:
    """A map of whose items some succeed together, others alone or not at all, and some are under way."""
    chance = random.Random(seed)
    stream.begin("plain", "m", "later")
    stream.plain("plain", result=1)
    fan = stream.open("m", kind="call", mapped=True, total=400)
    by_place = chance.random() < 0.5
    index = 0
    while index < 400:
        size = chance.choice([1, 3, 5, 40])
        indexes = [n for n in range(index, index + size) if chance.random() < 0.95]
        items = [_item(chance, n, by_place) for n in indexes]
        index += size
        if not items:
            continue
        stream.start(fan, *items)
        _settle(stream, chance, fan, items)
    if chance.random() < 0.5:
        stream.end(fan)
        stream.finish()


def _item(chance: random.Random, index: int, by_place: bool) -> Item:
    key = str(index) if by_place else f"k{index}{chance.choice(['', 'é', chr(0xDC80), '[x'])}"
    return Item(index, key, chance.choice(VALUES), by_place=by_place)


def _settle(stream: Stream, chance: random.Random, fan: int, items: list[Item]) -> None:
    kind = chance.choice(["together"] * 6 + ["partly", "failed", "skipped", "opaque", "never"])
    results = [object() if kind == "opaque" and not n else chance.choice(VALUES) for n in range(len(items))]
    digest = chance.choice([None, chance.randbytes(8)])
    if kind == "partly":
        items, results = items[: len(items) // 2], results[: len(items) // 2]
    if kind in ("together", "partly", "opaque"):
        stream.together(fan, items, results, digest=digest, seconds=chance.random(), worker="worker-1")
    elif kind != "never":
        failure = exit_failure(3) if kind == "failed" else None
        for item in items:
            stream.settle(fan, item, Status(kind), failure=failure)


def alone(store: Store) -> Any:
    def record(events: list[Event]) -> None:
        store(list(each_alone(events)))

    return record


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    chosen: int = request.param
    return chosen


@pytest.fixture
def batched(seed: int, tmp_path: Path) -> Iterator[Path]:
    """The record of a run with batches."""
    with Store.create(tmp_path / "batched", power_safe=True) as store:
        tell(Stream(store), seed)
        yield Path(store.folder)


@pytest.fixture
def single(seed: int, tmp_path: Path) -> Iterator[Path]:
    """The record of the same run without any."""
    with Store.create(tmp_path / "alone", power_safe=True) as store:
        tell(Stream(alone(store)), seed)
        yield Path(store.folder)


def read(folder: Path) -> dict[str, Any]:
    """All that can be asked of a run, but for its name."""
    with StoredRun(folder) as stored:
        stored.check()
        read, run = stored.read, stored.run()
        tasks = list(read.root_tasks(run))
        fans = [task.fan for task in tasks if task.fan is not None]
        items = {fan: list(read.items(fan)) for fan in fans}
        return {
            "tasks": tasks,
            "items": items,
            "succeeded": {fan: list(read.settled_items(fan, Status.SUCCEEDED)) for fan in fans},
            "failed": {fan: list(read.settled_items(fan, Status.FAILED)) for fan in fans},
            "results": {fan: list(read.result_texts(fan)) for fan in fans},
            "counts": {fan: read.counts(fan) for fan in fans},
            "attempts": {fan: read.all_attempts(fan) for fan in fans},
            "under way": {fan: read.running_items(fan) for fan in fans},
            "by key": {
                item.key: read.item_by_key(fan, item.key) for fan in fans for item in items[fan] if item.key
            },
            "durations": [(each.path, pytest.approx(each.mean), each.items) for each in read.durations(run)],
            "done": sorted(read.done_in_any_session()),
        }


def test_what_is_read_is_the_same_as_if_each_item_had_a_row(batched: Path, single: Path) -> None:
    assert read(batched) == read(single)


def test_a_batch_comes_apart_into_rows_that_say_the_same(batched: Path) -> None:
    before = read(batched)
    database = Database.create(batched / "run.sqlite", TABLES, VERSION, upgrades=UPGRADES)
    unpack_all(database)
    assert database.row("SELECT count(*) FROM batch") == (0,)
    database.close()
    assert read(batched) == before


def test_the_settled_items_of_a_large_map_take_few_rows(tmp_path: Path) -> None:
    with Store.create(tmp_path, power_safe=True) as store:
        stream = Stream(store)
        stream.begin("m")
        fan = stream.open("m", kind="call", mapped=True, total=5120)
        for start in range(0, 5120, 512):
            items = [Item(n, str(n), n, by_place=True) for n in range(start, start + 512)]
            stream.start(fan, *items)
            stream.together(fan, items, [None] * 512)
        database = Database.read(f"{store.folder}/run.sqlite", VERSION)
        assert database.row("SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM batch)") == (0, 10)
        database.close()
