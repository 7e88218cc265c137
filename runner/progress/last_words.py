"""What is told when a run ends: how, and once more what failed; and before, when it is told to end."""

from __future__ import annotations

from collections import Counter

from runner.display import one_line
from runner.progress.line import RULE, Line
from runner.progress.standing import Standing
from runner.records import Failure, RunFinished, Stopping

MOST_REPEATED = 20
"""How many failures are told again at the end."""

MOST_NAMED = 4
"""How many of those that are being ended are named."""

_worst_first = ("failed", "failed (tolerated)", "cancelled", "skipped", "succeeded")


class LastWords:
    """Remembers what failed and was not tolerated. `repeats`: whether that is told again."""

    def __init__(self, standing: Standing, repeats: bool) -> None:
        self._standing = standing
        self._repeats = repeats
        self._failures: list[tuple[str, Line]] = []
        self._number: Counter[str] = Counter()

    def remember(self, line: Line, path: str) -> None:
        """Something failed: a task with that address without keys, or an item of it."""
        # More than are told of one, so that none hides the others if it turns out to be tolerated.
        if self._number[path] <= MOST_REPEATED:
            self._number[path] += 1
            self._failures.append((path, Line(line.word, line.name, line.seconds, line.text)))

    def forget(self, address: str) -> None:
        """What failed there, or inside, did no harm."""
        if self._failures:
            inside = (f"{address}[", f"{address}.")
            self._failures = [
                (path, line)
                for path, line in self._failures
                if line.name != address and not line.name.startswith(inside)
            ]
            self._number = Counter(path for path, _ in self._failures)

    def lines(self, event: RunFinished) -> list[Line]:
        """How the run ended, and what failed."""
        standing = self._standing
        verdicts = [
            f"{standing.verdicts[word]} {word}" for word in _worst_first if standing.verdicts.get(word)
        ]
        lines = [Line(RULE)]
        lines += [Line(event.status.value, standing.workflow, event.seconds, ", ".join(verdicts))]
        if self._repeats:
            lines += [line for _, line in self._failures[:MOST_REPEATED]]
            lines += map(_problem, event.problems)
            if len(self._failures) > MOST_REPEATED:
                lines.append(Line("", text=f"… and more: runner report {standing.run_id}"))
        return lines


def _problem(problem: Failure) -> Line:
    return Line("failed", text=one_line(f"{problem.message} [{problem.kind.value}]"))


def stopping(event: Stopping, standing: Standing, now: float) -> Line:
    """What is being ended, and how long that may take."""
    standing.stopping = True
    by = _keys.get(event.reason, event.reason)
    names = list(dict.fromkeys(given.name for given in standing.under_way()))
    tasks = f"{len(names)} task{'' if len(names) == 1 else 's'}"
    if not names:
        text = f"{by}: nothing is under way"
    elif event.grace is None:
        text = f"{by}: killing {tasks}: {_named(names)}"
    else:
        again = f"{by} again" if event.reason in _keys else "a second signal"
        text = f"{by}: ending {tasks} within {event.grace:.0f}s ({again}: at once): {_named(names)}"
    return Line("stopping", seconds=now - standing.begun, text=text)


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


_keys = {"SIGINT": "Ctrl-C"}
