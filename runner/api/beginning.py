"""What a program asks of a run, be it a new one or one that goes on, and the run that begins with it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from runner import engine
from runner.addresses import Step
from runner.api.performing import Prepared
from runner.api.run import Run
from runner.engine.orders import Orders
from runner.engine.settings import Outside
from runner.engine.surroundings import root_surroundings
from runner.report.destinations import Destination, declared, refuse_to_overwrite
from runner.store import Store
from runner.store.history import paces
from runner.struct import struct
from runner.work.beside import beside
from runner.workflow import Workflow


@struct
class Wanted:
    """What is to be run, of what, and how. `only` and `leaves` are those of `Settings`.

    `own_reports`: whether those are written that the file asks for, besides `reports`.
    """

    workflow: Workflow
    params: Mapping[str, Any]
    outside: Mapping[str, Outside]
    secrets: Mapping[str, str]
    only: tuple[tuple[Step, ...], ...]
    skip: Sequence[str]
    workers: int | None
    executor: str | None
    fail_fast: bool
    cache: bool
    leaves: bool = False
    reports: Sequence[Destination] = ()
    own_reports: bool = True


def begin(wanted: Wanted, store: Store) -> Run:
    """The run, which has all that it needs; raises `UserError`, and lets go of the store."""
    workflow, orders = wanted.workflow, Orders()
    settings = engine.Settings(
        run_id=store.run_id,
        start_folder=os.getcwd(),
        log_folder=store.log_folder,
        params=wanted.params,
        secrets=wanted.secrets,
        outside=wanted.outside,
        workers=wanted.workers,
        executor=wanted.executor,
        fail_fast=wanted.fail_fast,
        only=wanted.only,
        skip=frozenset(wanted.skip),
        leaves=wanted.leaves,
        started=store.first_started,
        earlier=store.earlier,
        cache=store.cache if wanted.cache else None,
        paces=partial(paces, store.state, workflow.file),
        orders=orders,
    )
    try:
        around = root_surroundings(workflow, settings, time.time())
        own = declared(workflow, around.names, wanted.reports) if wanted.own_reports else []
        destinations = [it for it in (*wanted.reports, *own) if it.stream is None]  # nothing is printed
        refuse_to_overwrite(destinations, workflow)
        with beside():
            steps = engine.run(workflow, settings, store)
    except BaseException:
        store.close()
        raise
    return Run(Prepared(steps, store, orders, destinations))


def assignments(params: Mapping[str, Any]) -> list[str]:
    """As they would be given on the command line, by which the run may be continued."""
    return [f"{name}={_written(value)}" for name, value in params.items()]


def _written(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, str | os.PathLike) else json.dumps(value)
