"""What the plan asks of the outside, answered by the rooms that know."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from runner import items
from runner.engine.settings import Settings
from runner.engine.surroundings import Entrance, root_surroundings
from runner.expression import EvaluationError, Template
from runner.plan import ItemsFailure, Plan, Ports, Recorded, select
from runner.records import Item
from runner.workflow import Map, Workflow


def make_plan(workflow: Workflow, settings: Settings, recorded: Recorded, workers: int, now: float) -> Plan:
    """The plan of a run that starts `now`. Raises `UserError` if `env` cannot be evaluated."""
    return Plan(
        workflow,
        Ports(_evaluate, _OpenItems, Entrance(settings).enter, recorded, random.random, settings.earlier),
        root_surroundings(workflow, settings, now),
        workers=workers,
        fail_fast=settings.fail_fast,
        selection=select(workflow, settings.only, settings.skip),
    )


def _evaluate(template: Template, names: Mapping[str, Any]) -> Any:
    return template.evaluate(names)


class _OpenItems:
    """The items of a map; whatever goes wrong while reading them is an `ItemsFailure`."""

    def __init__(self, fan_map: Map, names: Mapping[str, Any]) -> None:
        with _items_failures():
            self._items = items.open_items(fan_map, names)
        self.total = self._items.total

    def __iter__(self) -> Iterator[Item | None]:
        with _items_failures():
            yield from self._items


@contextmanager
def _items_failures() -> Iterator[None]:
    try:
        yield
    except (items.ItemsError, EvaluationError, OSError, UnicodeError) as error:
        raise ItemsFailure(str(error)) from None
