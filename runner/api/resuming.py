"""A recorded run → the same run, which goes on: what of it still holds is the plan's to see."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, SupportsIndex

from runner.api.arguments import check, several, whole
from runner.api.beginning import Wanted, assignments, begin
from runner.api.loading import read
from runner.api.run import Run
from runner.masks import mask_of
from runner.params import given_params
from runner.problem import UserError
from runner.report.destinations import asked_for
from runner.starting import recorded
from runner.starting.environment import all_secrets, look_around, names_before_a_run
from runner.starting.selection import selected
from runner.starting.unfinished import (
    Unfinished,
    look_for_file,
    nothing_to_do,
    open_unfinished,
    unfinished_run,
)
from runner.starting.unforgiving import unforgiving
from runner.store import Store

_anew = "`run` begins anew"


def resume(
    run: str | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    only_failed: bool = False,
    workers: SupportsIndex | None = None,
    executor: str | None = None,
    fail_fast: bool = False,
    cache: bool = True,
    env: Mapping[str, str] | None = None,
    state: str | os.PathLike[str] = ".runner",
) -> Run:
    """Make a run go on that did not succeed, when its `result()` or its first event is asked for.

    `run` is its id or the beginning of that; if it is not given, the newest run is meant that did not
    succeed. What is asked for comes on top of what the run was asked for, by a program or on the command
    line. With `only_failed`, what failed is done, and what that needs, and nothing else.

    Raises `UserError`, and nothing has run, for whatever is wrong beforehand, and if there is nothing to do.
    """
    check(run=run, params=params, only_failed=only_failed, workers=workers, executor=executor)
    check(fail_fast=fail_fast, cache=cache, env=env, state=state)
    params = params or {}
    only, skip = several("only", only), several("skip", skip)
    found = _found(os.path.abspath(state), run, only_failed)
    before = found.record.options
    _ask_for_secrets(before.get("withheld") or (), params)
    options = _on_top(before, params, only, skip)
    options["workers"] = whole(workers) or before.get("workers")
    options["executor"] = executor or before.get("executor")
    options["fail_fast"] = fail_fast or bool(before.get("fail_fast"))
    options["no_cache"] = not cache or bool(before.get("no_cache"))
    meaning = read(found.record.file, before.get("text")).meaning
    outside = look_around(meaning, os.environ if env is None else env)
    values = given_params(meaning, params, before.get("params_files") or (), before.get("assignments") or ())
    names = names_before_a_run(meaning, values, outside[meaning.file].environment)
    chosen = selected(
        meaning, found.failed or options["only"], options["skip"], names, lenient=only_failed, dashes=""
    )
    wanted = Wanted(
        unforgiving(meaning, chosen) if before.get("again") else meaning,
        values,
        outside,
        all_secrets(outside),
        chosen,
        options["skip"],
        options["workers"],
        options["executor"],
        options["fail_fast"],
        not options["no_cache"],
        leaves=only_failed,
        reports=asked_for(before.get("reports") or (), goes_on=True),
        own_reports=not before.get("again"),
    )
    return begin(wanted, _store(found.folder, wanted, before, options, only_failed))


def _on_top(
    before: Mapping[str, Any], params: Mapping[str, Any], only: list[str], skip: list[str]
) -> dict[str, Any]:
    """What the run was asked for, and now besides."""
    return {
        **before,
        "assignments": [*(before.get("assignments") or ()), *assignments(params)],
        "only": [*(before.get("only") or ()), *only],
        "skip": [*(before.get("skip") or ()), *skip],
    }


def _store(
    folder: str, wanted: Wanted, before: Mapping[str, Any], options: Mapping[str, Any], only_failed: bool
) -> Store:
    """The run's own store. What only this session leaves out is yet to be done."""
    left = {name: before.get(name) for name in ("only", "skip")}
    partial = only_failed or any(options[name] != (left[name] or []) for name in left)
    kept = recorded({**options, **left, "partial": partial}, mask_of(wanted.secrets))
    return Store.resume(folder, power_safe=before.get("durability") == "power", options=kept)


def _found(state: str, prefix: str | None, only_failed: bool) -> Unfinished:
    """The run that is meant, which has something to do here."""
    folder = unfinished_run(state, prefix)
    if folder is None:
        raise UserError(nothing_to_do(state), _anew)
    found = open_unfinished(folder, only_failed, anew=_anew, tell=_warn)
    record, start = found.record, found.record.options.get("start")
    if only_failed and not found.failed:
        raise UserError(f"nothing to do: nothing failed in run {record.id}")
    if start is not None and os.path.realpath(start) != os.path.realpath(os.curdir):
        raise UserError(
            f"run {record.id} goes on where it was started", f"go there first: os.chdir({start!r})"
        )
    look_for_file(record, "run(FILE)")
    return found


def _ask_for_secrets(withheld: Sequence[str], params: Mapping[str, Any]) -> None:
    if missing := [name for name in withheld if name not in params]:
        again = ", ".join(f"{name!r}: …" for name in missing)
        raise UserError(
            f"the run was given {' and '.join(missing)}, which held a secret and is not recorded",
            f"give it again: params={{{again}}}",
        )


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=2)
