"""A workflow → a run: what is known to be wrong is told at once, the rest is the run's."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from runner import engine
from runner.api.loading import Workflow, load
from runner.api.performing import Prepared
from runner.api.run import Run
from runner.engine.orders import Orders
from runner.engine.surroundings import root_surroundings
from runner.masks import mask_of
from runner.params import given_params
from runner.problem import UserError
from runner.report.destinations import declared, refuse_to_overwrite
from runner.starting import recorded
from runner.starting.environment import all_secrets, look_around, names_before_a_run
from runner.starting.selection import selected
from runner.store import Store
from runner.store.history import paces
from runner.work.beside import beside
from runner.workflow import Workflow as Meaning


def run(
    workflow: Workflow | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    workers: int | None = None,
    executor: str | None = None,
    fail_fast: bool = False,
    cache: bool = True,
    env: Mapping[str, str] | None = None,
    state: str | os.PathLike[str] = ".runner",
) -> Run:
    """Make a run of a workflow, which begins when its `result()` or its first event is asked for.

    `params` are values by name, of the types that the file declares. `only` and `skip` are addresses, one
    or several, as on the command line. `env` takes the place of the process's environment, `state` is the
    folder of all runs. Without `cache`, what other runs have left is not used.

    Raises `WorkflowError` or another `UserError`, and nothing has run, for whatever is wrong beforehand.
    """
    meaning = (workflow if isinstance(workflow, Workflow) else load(workflow)).meaning
    if workers is not None and (type(workers) is not int or workers < 1):
        raise UserError(f"workers must be a whole number from 1 on, not {workers!r}")
    outside = look_around(meaning, os.environ if env is None else env)
    secrets = all_secrets(outside)
    values = given_params(meaning, params or {})
    names = names_before_a_run(meaning, values, outside[meaning.file].environment)
    only, skip = _several(only), _several(skip)
    chosen = selected(meaning, only, skip, names, dashes="")
    options = {
        "file": meaning.file,
        "assignments": [_assignment(name, value) for name, value in (params or {}).items()],
        "only": only,
        "skip": skip,
        "workers": workers,
        "executor": executor,
        "fail_fast": fail_fast,
        "no_cache": not cache,
        "start": os.getcwd(),
    }
    store = Store.create(os.fspath(state), options=recorded(options, mask_of(secrets)))
    orders = Orders()
    settings = engine.Settings(
        run_id=store.run_id,
        start_folder=os.getcwd(),
        log_folder=str(store.log_folder),
        params=values,
        secrets=secrets,
        outside=outside,
        workers=workers,
        executor=executor,
        fail_fast=fail_fast,
        only=chosen,
        skip=frozenset(skip),
        cache=store.cache if cache else None,
        paces=partial(paces, store.state, meaning.file),
        orders=orders,
    )
    return Run(_prepared(meaning, settings, store, orders))


def _prepared(meaning: Meaning, settings: engine.Settings, store: Store, orders: Orders) -> Prepared:
    try:
        around = root_surroundings(meaning, settings, time.time())
        destinations = declared(meaning, around.names)
        refuse_to_overwrite(destinations, meaning)
        with beside():
            steps = engine.run(meaning, settings, store)
    except BaseException:
        store.close()
        raise
    return Prepared(steps, store, orders, destinations)


def _several(addresses: Sequence[str]) -> list[str]:
    return [addresses] if isinstance(addresses, str) else list(addresses)


def _assignment(name: str, value: Any) -> str:
    """As it would be given on the command line, by which the run may be continued."""
    if isinstance(value, str | os.PathLike):
        return f"{name}={os.fsdecode(value)}"
    return f"{name}={json.dumps(value)}"
