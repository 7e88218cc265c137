"""The reports of a run, written to files and to the program's own outputs. Not what they say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from runner.cli.terminal import OutputFailed, Stdout, refuse_closed
from runner.links import own_stream
from runner.problem import UserError, with_hint
from runner.report import writer
from runner.report.destinations import Destination
from runner.store.errors import DamagedError
from runner.store.stored_run import StoredRun, open_run
from runner.wording import listed


def write_files(
    stored: StoredRun, destinations: Sequence[Destination], streams: Mapping[int, int]
) -> list[str]:
    """Write each report that can be written; the sentences on those that cannot.

    `streams`: where standard output and error really are, by their usual descriptors. Raises
    `DamagedError`: no report of the run can be relied on.
    """
    faults = []
    for destination in destinations:
        own = destination.stream
        if own is not None:
            faults += _write_out(stored, destination, Stdout(streams[own]))
            continue
        from runner.report.publish import publish

        try:
            publish(destination.place, destination.write(stored), destination.path)
        except DamagedError:
            raise
        except UserError as error:
            faults.append(sentence(error))
    return faults


def _write_out(stored: StoredRun, destination: Destination, stdout: Stdout) -> list[str]:
    """Write a report to an output of the program; the sentence on why it could not be done.

    Raises `DamagedError`.
    """
    try:
        if destination.asked:
            refuse_closed(destination.stream or 1)
        for piece in destination.write(stored):
            stdout.write(piece)
    except OutputFailed as error:
        return [str(error)]
    except DamagedError:
        raise
    except UserError as error:
        return [sentence(error)]
    return []


def report_again(
    state: str, run: str | None, form: str | None, template: str | None, path: str | None, stdout: Stdout
) -> None:
    """Write a report of a recorded run, to `path` or to standard output; raises what goes wrong."""
    write = writer(form, template, path)
    with open_run(state, run) as stored:
        made_from = {os.path.realpath(file) for file in (stored.run().file, template) if file}
        if path is not None and os.path.realpath(path) in made_from:
            raise UserError(f"the report would overwrite {path}, from which it is made", "name another file")
        put(write(stored), path, stdout)


def refuse_beside(option: str, others: Mapping[str, str | None]) -> None:
    """Raises `UserError` for others that were given, though an option leaves them nothing to say."""
    if given := [name for name, value in others.items() if value is not None]:
        raise UserError(f"{option} takes no {listed(given)}", "give one or the other")


def put(pieces: Iterable[str], path: str | None, stdout: Stdout) -> None:
    """Write something to `path`, which may mean an output of the program itself, or to standard output."""
    stream = None if path is None else own_stream(path)
    if path is not None and stream is None:
        from runner.report.publish import PublishError, publish

        try:
            publish(path, pieces)
        except PublishError as error:
            raise OutputFailed(str(error)) from None
        return
    if stream is not None:
        stdout = Stdout(stream)
    refuse_closed(stream or 1)
    for piece in pieces:
        stdout.write(piece)


def sentence(error: UserError) -> str:
    """What a user is told of an error that ends nothing."""
    return with_hint(error.message, error.hint)
