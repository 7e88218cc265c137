"""What `runs` and `logs` show of the runs that are recorded, over or still going on.

It reads; it changes nothing.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from runner.cli.terminal import Stdout, say
from runner.display import as_argument, in_columns, one_line, took, visible
from runner.problem import UserError
from runner.store.begun import RUN_LOG
from runner.store.entries import RunRecord
from runner.store.history import list_runs
from runner.store.stored_run import LogFile, StoredRun, open_run

BLOCK = 1 << 16

_streams = {".out": "", ".err": "stderr"}


def show_runs(state: str, form: str, stdout: Stdout) -> None:
    """All runs, the newest first."""
    runs = list_runs(state)
    if form == "json":
        stdout.write(json.dumps([_record(run) for run in runs], indent=2, ensure_ascii=False) + "\n")
        return
    rows = [_row(run) for run in runs]
    if not rows:
        say(f"no run is recorded in {state}")
        return
    for line in in_columns([("RUN", "STATUS", "WORKFLOW", "STARTED", "TOOK"), *rows]):
        stdout.write(line + "\n")


def show_logs(state: str, words: list[str], stdout: Stdout) -> None:
    """What a task or an item of a run printed, or the whole run; each log under its name.

    `words` name the run, the task, or both. A single log is given as it is.
    """
    run, address = _run_and_address(words)
    with open_run(state, run) as stored:
        logs = _of_address(stored, address) if address else _everything(stored)
        first = list(islice(logs, 2))
        if not first:
            say(f"{address or os.path.basename(stored.folder)} printed nothing")
        for log in chain(first, logs):
            if len(first) > 1:
                stdout.write(f"==> {_title(log)} <==\n")
            _copy(log.path, stdout, separated=len(first) > 1)


def _run_and_address(words: list[str]) -> tuple[str | None, str | None]:
    """A run's id begins with a digit, and the address of a task does not."""
    run = next((word for word in words if word[:1].isdigit()), None)
    addresses = list(words)
    if run is not None:
        addresses.remove(run)
    if len(addresses) > 1:
        first, second = addresses
        raise UserError(
            f"no run begins with '{first}', and '{second}' is a second task",
            f"ask for one task: runner logs {as_argument(first)}; or for all: runner logs",
        )
    return run, next(iter(addresses), None)


def _of_address(stored: StoredRun, address: str) -> Iterator[LogFile]:
    return chain.from_iterable(map(stored.log_files, stored.find(address)))


def _everything(stored: StoredRun) -> Iterator[LogFile]:
    yield from stored.all_log_files()
    rest = os.path.join(stored.log_folder, RUN_LOG)
    if os.path.isfile(rest) and os.path.getsize(rest):
        yield LogFile("outside of all tasks", 1, rest)


def _title(log: LogFile) -> str:
    notes = [f"pass {log.through}"] if log.through > 1 else []
    notes += [f"attempt {log.attempt}"] if log.attempt > 1 else []
    notes += filter(None, [_streams.get(os.path.splitext(log.path)[1], "")])
    return log.address + (f" ({', '.join(notes)})" if notes else "")


def _copy(path: str, stdout: Stdout, separated: bool) -> None:
    """Give a file as it is, but without control characters to a terminal.

    Where others follow, its last line is ended.
    """
    last = b"\n"
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace") if stdout.isatty() else None
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            if decoder:
                stdout.write(visible(decoder.decode(block)))
            else:
                stdout.write_bytes(block)
            last = block[-1:]
    if separated and last != b"\n":
        stdout.write("\n")


def _record(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "status": run.status,
        "workflow": run.workflow,
        "file": run.file,
        "started": datetime.fromtimestamp(run.started).astimezone().isoformat(),
        "seconds": run.seconds,
        "exit_code": run.exit_code,
    }


def _row(run: RunRecord) -> tuple[str, ...]:
    started = datetime.fromtimestamp(run.started).strftime("%Y-%m-%d %H:%M:%S")
    return run.id, run.status, one_line(run.workflow), started, took(run.seconds)
