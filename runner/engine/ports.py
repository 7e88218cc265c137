"""What the plan asks of the outside, answered by the rooms that know. Its errors hold no secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from runner.engine.evaluations import Evaluations
from runner.engine.settings import Settings
from runner.engine.surroundings import Entrance, root_surroundings
from runner.expression import EvaluationError, Template
from runner.hints import Any
from runner.masks import Mask, mask_of
from runner.plan import ItemsFailure, Plan, Ports, Recorded, Surroundings, select
from runner.plan.sizing import LONG
from runner.records import Item
from runner.workflow import Group, Map, Sub, Workflow


def make_plan(
    workflow: Workflow,
    settings: Settings,
    recorded: Recorded,
    workers: int,
    now: float,
    slice_seconds: float = LONG,
    evaluations: Evaluations | None = None,
) -> Plan:
    """The plan of a run that starts `now`. Raises `UserError` if `env` cannot be evaluated."""
    mask = mask_of(settings.secrets)
    work_out = evaluations or Evaluations()
    ports = Ports(
        partial(work_out.evaluate, _evaluate, mask),
        partial(work_out.evaluate, _OpenItems, mask),
        partial(work_out.evaluate, _enter, mask, Entrance(settings)),
        recorded,
        _chance,
        settings.earlier,
        settings.cache,
        settings.explain,
        settings.paces,
        work_out.read if settings.earlier is None else work_out.read_to_the_end,
        lambda: work_out.seconds,
    )
    return Plan(
        workflow,
        ports,
        root_surroundings(workflow, settings, now),
        workers=workers,
        slice_seconds=slice_seconds,
        fail_fast=settings.fail_fast,
        selection=select(workflow, settings.only, settings.skip, leaves=settings.leaves),
    )


def _chance() -> float:
    from random import random

    return random()


def _evaluate(mask: Mask, template: Template, names: Mapping[str, Any]) -> Any:
    try:
        return template.evaluate(names)
    except EvaluationError as error:
        raise _masked(error, mask) from None


def _enter(
    mask: Mask, entrance: Entrance, around: Surroundings, action: Group | Sub, names: Mapping[str, Any]
) -> Surroundings:
    try:
        return entrance.enter(around, action, names)
    except EvaluationError as error:
        raise _masked(error, mask) from None


def _masked(error: EvaluationError, mask: Mask) -> EvaluationError:
    return EvaluationError(mask.text(error.message), mask.text(error.hint), error.path)


class _OpenItems:
    """The items of a map; whatever goes wrong while reading them is an `ItemsFailure`."""

    def __init__(self, mask: Mask, fan_map: Map, names: Mapping[str, Any]) -> None:
        self._mask = mask
        from runner.items import open_items

        with _items_failures(mask):
            self._items = open_items(fan_map, names)
        self.total = self._items.total

    def __iter__(self) -> Iterator[Item | None]:
        with _items_failures(self._mask):
            yield from self._items


@contextmanager
def _items_failures(mask: Mask) -> Iterator[None]:
    from runner.items import ItemsError

    try:
        yield
    except (ItemsError, EvaluationError, OSError, UnicodeError) as error:
        raise ItemsFailure(mask.text(str(error))) from None
