"""Which items a failure is of, where its address alone does not say it: their keys are indexes, say."""

from __future__ import annotations

from runner.addresses import address_of
from runner.display import item_in_a_line, visible
from runner.records import Failure
from runner.store.entries import ItemRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.tables import fan_of


def which_items(read: Recorded, task: TaskRecord, item: ItemRecord | None, failure: Failure) -> list[str]:
    """A line for the item itself, and for each of a mapped group around it."""
    lines = [] if item is None else _line("item", task, item, failure)
    within = task.within
    while within is not None:
        group, around = read.task(fan_of(within)), read.item(within)
        if group is None:
            break
        if around is not None:
            address = visible(address_of(group.address, group.mapped, around.key, around.index))
            lines += _line(address, group, around, failure)
        within = group.within
    return lines


def _line(name: str, task: TaskRecord, item: ItemRecord, failure: Failure) -> list[str]:
    if not task.mapped or item.value_text is None:
        return []
    told = f"{failure.message}\n{failure.command or ''}"
    shown = item_in_a_line(item.key or str(item.index), item.value, told)
    return [f"{name}  {shown}"] if shown else []
