"""A workflow → a run: what is known to be wrong is told at once, the rest is the run's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, SupportsIndex

from runner.api.arguments import check, several, whole
from runner.api.beginning import Wanted, assignments, begin
from runner.api.loading import Workflow, load
from runner.api.run import Run
from runner.masks import mask_of
from runner.params import given_params
from runner.starting import recorded
from runner.starting.environment import all_secrets, look_around, names_before_a_run
from runner.starting.selection import selected
from runner.store import Store


def run(
    workflow: Workflow | str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    workers: SupportsIndex | None = None,
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

    Raises `WorkflowError` or another `UserError`, and nothing has run, for whatever is wrong beforehand:
    in the file, in what is given here, in params and secrets.
    """
    if not isinstance(workflow, Workflow):
        check(workflow=workflow)
    check(params=params, workers=workers, executor=executor)
    check(fail_fast=fail_fast, cache=cache, env=env, state=state)
    meaning = (workflow if isinstance(workflow, Workflow) else load(workflow)).meaning
    params = params or {}
    only, skip = several("only", only), several("skip", skip)
    number = whole(workers)
    outside = look_around(meaning, os.environ if env is None else env)
    secrets = all_secrets(outside)
    values = given_params(meaning, params)
    names = names_before_a_run(meaning, values, outside[meaning.file].environment)
    chosen = selected(meaning, only, skip, names, dashes="")
    options = {
        "file": meaning.file,
        "assignments": assignments(params),
        "only": only,
        "skip": skip,
        "workers": number,
        "executor": executor,
        "fail_fast": fail_fast,
        "no_cache": not cache,
        "start": os.getcwd(),
    }
    store = Store.create(os.fspath(state), options=recorded(options, mask_of(secrets)))
    wanted = Wanted(meaning, values, outside, secrets, chosen, skip, number, executor, fail_fast, cache)
    return begin(wanted, store)
