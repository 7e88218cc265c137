"""One run, from the command line to its reports: it connects the rooms and gives the exit code.

It decides nothing about the run itself. While the run goes on, the program's real stdout and stderr
are out of everybody's reach; what a task writes to the descriptors 1 and 2 goes to the run's log.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import partial

from runner import engine
from runner.addresses import Step
from runner.cli import doors
from runner.cli.asked import Asked
from runner.cli.opening import open_workflow, refuse_to_read_twice, text_of_stdin
from runner.cli.own_files import OwnFiles
from runner.cli.patience import Patience
from runner.cli.provisions import provide
from runner.cli.reporting import sentence, write_files
from runner.cli.telling import telling, way_on
from runner.cli.terminal import empty_stdin, flush, run_exit_functions, say
from runner.display import visible
from runner.engine.settings import Outside
from runner.engine.surroundings import root_surroundings
from runner.hints import TYPE_CHECKING, Any
from runner.hosts import here
from runner.masks import Mask, mask_of
from runner.param_types import converted
from runner.problem import UserError, WorkflowError
from runner.records import Event, RunFinished
from runner.report.destinations import (
    Destination,
    and_the_text,
    asked_for,
    declared,
    refuse_to_overwrite,
)
from runner.starting import recorded
from runner.starting.environment import SecretsMissing, all_secrets, look_around, names_before_a_run
from runner.starting.selection import selected
from runner.store import Store
from runner.store.begun import RUN_LOG
from runner.store.cache import Cache, NotAsked
from runner.store.errors import DamagedError
from runner.store.history import paces
from runner.store.owed import owe, reported
from runner.store.stored_run import StoredRun
from runner.struct import replace
from runner.supervisor import say_that_it_has_begun, wait_until_watched
from runner.work.capture import Terminal, routing
from runner.workflow import Workflow, workers_of

if TYPE_CHECKING:
    from runner.params import FromFile
    from runner.progress import Progress

FAILED = 1


def run(asked: Asked) -> int:
    """Run a workflow and report; the exit code."""
    _all_is_imported()
    doors.run_begins()
    if asked.again and not asked.only:
        raise UserError("--again: there is no --only", "name what is to be done again: --only TASK --again")
    refuse_to_read_twice([None if asked.text else asked.file, *asked.params_files])
    asked = replace(asked, text=asked.text or text_of_stdin(asked.file))
    workflow, own_params = open_workflow(asked.file, asked.text)
    outside = _outside(workflow, asked, own_params)
    environment, secrets = outside[workflow.file].environment, all_secrets(outside)
    mask = mask_of(secrets)
    doors.hide(mask)
    here().hide(secrets.values(), sys.stderr)
    params = params_of(workflow, asked, own_params)
    goes_on = asked.continues is not None
    destinations = asked_for(asked.reports, asked.form, asked.template, goes_on=goes_on)
    names = names_before_a_run(workflow, params, environment)
    only = selected(workflow, asked.failed or asked.only, asked.skip, names, lenient=bool(asked.failed))
    if asked.again:
        from runner.starting.unforgiving import unforgiving

        workflow = unforgiving(workflow, only)
    provide(asked.workers or workers_of(workflow))
    store = _store(asked, mask)
    with Patience() as patience, _streams(store, mask) as (terminal, files):
        with _closed_on_error(store):
            settings = _settings(asked, only, store, params, secrets, outside)
            settings = replace(
                settings,
                paces=partial(paces, store.state, workflow.file),
                say=partial(say, stream=terminal.stderr),
            )
            around = root_surroundings(workflow, settings, time.time())
            if not asked.again:
                destinations += declared(workflow, around.names, destinations)
            refuse_to_overwrite(destinations, workflow, *asked.params_files, asked.template)
            wait_until_watched()
            steps = engine.run(workflow, settings, store)
        progress = telling(asked, store, terminal, workflow.file, destinations)
        code, broken = _listen(steps, store, progress, patience, files)
        faults = [sentence(broken)] if isinstance(broken, UserError) else []
        is_damaged = isinstance(broken, DamagedError)
        if is_damaged:
            store.distrust()
        if store.cache.fault is not None:
            say(
                mask.text(f"warning: nothing more was kept in the cache: {store.cache.fault}"),
                terminal.stderr,
            )
        if store.unsynced is not None:
            reason = (store.unsynced.strerror or str(store.unsynced)).lower()
            say(f"warning: a power cut may cost what was recorded of this run: {reason}", terminal.stderr)
        if store.lost is not None:
            faults.append(sentence(store.lost))
        elif store.begun and not is_damaged:
            faults += _report(store, and_the_text(destinations), terminal, asked)
        for fault in dict.fromkeys(faults):
            say(visible(mask.text(f"error: {fault}")), terminal.stderr)
    if broken and not isinstance(broken, UserError):
        raise broken
    return code or (FAILED if faults else 0)


def _all_is_imported() -> None:
    """What is there now stays: from now on garbage is looked for in what comes after, and not so often.

    What is kept of each task is no garbage, and was looked at again and again.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def _outside(workflow: Workflow, asked: Asked, own: Sequence[FromFile]) -> Mapping[str, Outside]:
    """What files take from around them. Where that is wanting, what is wrong with params is told as well."""
    try:
        return look_around(workflow, os.environ)
    except SecretsMissing as missing:
        doors.hide(mask_of(all_secrets(missing.found)))
        try:
            params_of(workflow, asked, own)
        except UserError as wrong:
            also = str(wrong) if isinstance(wrong, WorkflowError) else f"error: {wrong}"
            raise UserError(f"{missing}\n{also}") from None
        raise


def params_of(workflow: Workflow, asked: Asked, own: Sequence[FromFile]) -> dict[str, Any]:
    """The values of the params; `own` are the file's own files of params with something wrong."""
    declared, given = workflow.params, workflow.given
    missing = any(param.required and name not in given for name, param in declared.items())
    if asked.params_files or asked.assignments or missing or own:
        from runner.params import read_params

        return read_params(workflow, asked.params_files, asked.assignments, own)
    return {
        name: converted(param, given[name]) if name in given else param.default
        for name, param in declared.items()
    }


def _store(asked: Asked, mask: Mask) -> Store:
    options = asked.repeated() | {"start": os.getcwd()}
    if asked.continues is not None:  # what only this session leaves out is yet to be done
        options |= {name: asked.before.get(name) for name in ("only", "again", "skip")}
        options["partial"] = bool(asked.failed) or any(
            options[name] != list(getattr(asked, name)) for name in ("only", "skip")
        )
    shown = recorded(options, mask)
    power_safe = asked.durability == "power"
    if asked.continues is not None:
        return Store.resume(asked.continues, power_safe=power_safe, options=shown)
    return Store.create(asked.state, power_safe=power_safe, options=shown)


def _settings(
    asked: Asked,
    only: tuple[tuple[Step, ...], ...],
    store: Store,
    params: Mapping[str, Any],
    secrets: Mapping[str, str],
    outside: Mapping[str, Outside],
) -> engine.Settings:
    return engine.Settings(
        run_id=store.run_id,
        start_folder=os.getcwd(),
        log_folder=store.log_folder,
        params=params,
        secrets=secrets,
        outside=outside,
        workers=asked.workers,
        executor=asked.executor,
        fail_fast=asked.fail_fast,
        only=only,
        skip=frozenset(asked.skip),
        leaves=bool(asked.failed),
        started=store.first_started,
        earlier=store.earlier,
        cache=_cache(asked, store),
        explain=asked.explain,
    )


def _cache(asked: Asked, store: Store) -> Cache | NotAsked | None:
    """What is asked for what other runs have left."""
    if not asked.no_cache:
        return store.cache
    return NotAsked() if asked.explain else None


@contextmanager
def _streams(store: Store, mask: Mask) -> Iterator[tuple[Terminal, OwnFiles]]:
    """The program's own stdout and stderr, out of reach of what runs meanwhile, unless it closes all."""
    with _closed_on_error(store):
        empty_stdin()
        routed = routing(os.path.join(store.log_folder, RUN_LOG), mask)
        terminal = routed.__enter__()
        terminal = replace(terminal, stderr=here().stderr(terminal.stderr))
        files = OwnFiles(terminal.stderr)
    try:
        yield terminal, files
    finally:
        files.check()
        flush(terminal.stdout, terminal.stderr)
        run_exit_functions()  # while what they print goes to the run's log
        # A run that never began has no folder any more, and a task may have removed it.
        with suppress(FileNotFoundError):
            routed.__exit__(None, None, None)


@contextmanager
def _closed_on_error(store: Store) -> Iterator[None]:
    try:
        yield
    except BaseException:
        store.close()
        raise


def _listen(
    steps: Generator[list[Event]],
    store: Store,
    progress: Progress | None,
    patience: Patience,
    files: OwnFiles,
) -> tuple[int, Exception | None]:
    """Let the engine run, the store first among those who listen.

    The exit code, and what has broken the run off.
    """
    code = FAILED
    owe(store.folder)
    try:
        with store, closing(steps), progress or nullcontext():
            for events in steps:
                patience.begin()
                files.check()
                store(events)
                doors.run_has_begun()
                say_that_it_has_begun()
                if progress:
                    progress(events)
                if isinstance(events[-1], RunFinished):
                    code = events[-1].exit_code
    except Exception as error:
        return FAILED if store.begun else doors.MISTAKE, error
    return code, None


def _report(store: Store, destinations: Sequence[Destination], terminal: Terminal, asked: Asked) -> list[str]:
    """Write all reports, and tell how to go on; the sentences on those that could not be written."""
    stdout, stderr = terminal.stdout.fileno(), terminal.stderr.fileno()
    try:
        with StoredRun(store.folder) as stored:
            faults = write_files(stored, destinations, {1: stdout, 2: stderr})
            here().report(stored, terminal.stderr)
            if (line := way_on(stored, asked, destinations)) is not None:
                say(line, terminal.stderr)
    except UserError as error:
        if isinstance(error, DamagedError):
            store.distrust()
        return [sentence(error)]
    if not faults:
        reported(store.folder)
    return faults
