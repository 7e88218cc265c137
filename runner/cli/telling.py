"""Who tells of a run while it goes on, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from runner.cli.asked import Asked
from runner.display import visible
from runner.hints import TYPE_CHECKING
from runner.hosts import here
from runner.records import Status
from runner.report.destinations import Destination, for_people
from runner.store import Store
from runner.store.history import usual
from runner.store.stored_run import StoredRun
from runner.work.capture import Terminal

if TYPE_CHECKING:
    from runner.progress import Progress


def telling(
    asked: Asked, store: Store, terminal: Terminal, file: str, destinations: Sequence[Destination]
) -> Progress | None:
    """Who tells of the run of a file, unless nobody is to."""
    if asked.quiet and not asked.explain:
        return None
    stream, past = terminal.stderr, partial(usual, store.state, file)
    other = not for_people(destinations)
    if not asked.quiet and asked.output in ("failed", "all") and (fold := here().fold(stream, store.run_id)):
        from runner.hosts.folded import Folded

        return Folded(
            fold,
            store.log_folder,
            past,
            stream,
            verbose=asked.verbose,
            explain=asked.explain,
            repeats=other,  # its log shows both streams
        )
    from runner.progress import Progress

    return Progress(
        store.log_folder,
        usual=past,
        stream=stream,
        output="none" if asked.quiet else asked.output,
        live=asked.live and not asked.quiet,
        verbose=asked.verbose,
        explain=asked.explain,
        quiet=asked.quiet,
        repeats=other or not _is_same_place(terminal),
    )


def way_on(stored: StoredRun, asked: Asked, destinations: Sequence[Destination]) -> str | None:
    """How to go on with a run, for a person who has its report in front of them."""
    run = stored.run()
    is_read = asked.quiet or asked.again or not for_people(destinations) or here().is_service
    if is_read or run.status == Status.SUCCEEDED:
        return None
    from runner.report.rerun import Rerun

    return f"to do what failed or never ran, and keep the rest: {visible(Rerun(stored, run).all())}"


def _is_same_place(terminal: Terminal) -> bool:
    """Whether the report comes to stand below what is told meanwhile."""
    try:
        return os.path.sameopenfile(terminal.stdout.fileno(), terminal.stderr.fileno())
    except (OSError, ValueError):
        return False
