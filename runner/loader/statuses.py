"""Statuses that an expression asks for and that there are not: `tasks.a.status == 'success'`.

It knows which statuses tasks, their items and the run may have, and reports nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.expression import Template
from runner.expression.comparisons import Compared, compared
from runner.loader.namespace import View
from runner.problem import did_you_mean
from runner.struct import struct

statuses = ("succeeded", "failed", "skipped", "cancelled")
_of_the_run = ("succeeded", "failed")
_not_begun = "waiting"
"""What a task may still be called that never came to its turn: true for a while, and nothing to ask for."""
_other_words = {
    **dict.fromkeys(("success", "successful", "ok", "okay", "done", "passed", "pass"), "succeeded"),
    **dict.fromkeys(("complete", "completed", "finished"), "succeeded"),
    **dict.fromkeys(("failure", "fail", "error", "errored", "broken"), "failed"),
    **dict.fromkeys(("canceled", "cancel", "aborted", "stopped"), "cancelled"),
    **dict.fromkeys(("skip", "ignored"), "skipped"),
}
_records = ("items", "failures", "by_key")


@struct
class WrongStatus:
    """A word, `length` characters from `offset` in the string at `path`, that is no status."""

    path: tuple[str | int, ...]
    offset: int
    length: int
    message: str
    hint: str


def wrong_statuses(template: Template, view: View) -> Iterator[WrongStatus]:
    """Every word that a status is held against and that it never is."""
    for found in compared(template):
        known = _statuses(found.asked, view)
        if known and found.word not in (*known, _not_begun):
            message = f"`{found.target}` is never {found.word!r}"
            yield WrongStatus(found.path, found.offset, found.length, message, _meant(found, known))


def _statuses(asked: Sequence[str | None], view: View) -> Sequence[str]:
    """The statuses that what is asked for may be; none where it is not a status for sure."""
    match asked:
        case ("run", "status") if view.run_so_far:
            return _of_the_run
        case ("tasks", str() as task, "status") if view.tasks and view.tasks.find(task):
            return statuses
        case ("tasks", str() as task, str() as records, _, "status") if records in _records:
            found = view.tasks.find(task) if view.tasks else None
            return statuses if found and found[0].mapped else ()
    return ()


def _meant(found: Compared, known: Sequence[str]) -> str:
    word = _other_words.get(found.word.lower(), "")
    if word in known:
        return f"did you mean '{word}'?"
    return did_you_mean(found.word, known) or f"it is {', '.join(known[:-1])} or {known[-1]}"
