"""What is sure to become of a task before anything has run: of a map without items, and of what it hinders.

All else is taken to go well: what is said of a task holds if nothing that it needs fails by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from runner.expression import EvaluationError
from runner.outline.foresight import reads_files, unforeseen
from runner.struct import replace, struct
from runner.workflow import Map, Need, Task, needs_of


@struct
class Fate:
    """How a task is sure to end, and why.

    `certain`: there is nothing besides that may keep it from starting. `reach`: it is skipped for what
    stands so many bodies outward. `passing`: it is read from files, which may change until it starts.
    `begins`: other tasks inside it may run all the same.
    """

    status: Literal["succeeded", "failed", "skipped"]
    because: str = ""
    certain: bool = False
    reach: int = 0
    passing: bool = False
    begins: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing of it is ever run."""
        return not self.passing and not self.begins

    @property
    def sure(self) -> bool:
        """Whether it comes about even if something else does not go well."""
        return not self.passing and (self.certain or self.status == "skipped")

    def hinders(self, task: Task) -> bool:
        """Whether what needs `task` is skipped for it."""
        failed = self.status == "failed" and not task.allow_failure
        return not self.passing and (failed or self.status == "skipped")


@struct
class Fates:
    """The fates of the tasks of a body, and of the bodies around it, as far as they are known."""

    tasks: Mapping[str, Task]
    known: dict[str, Fate | None]
    outer: Fates | None = None

    def of(self, need: Need) -> tuple[Task, Fate | None]:
        """What is needed, and what is sure to become of it."""
        body: Fates | None = self
        for _ in range(need.up):
            body = body.outer if body else None
        assert body is not None, "needs name tasks of the bodies around"
        return body.tasks[need.task], body.known[need.task]


def fate_of(
    task: Task,
    none: Fate | None,
    passes: int | None,
    values: Mapping[str, Any],
    around: Fates,
    inside: Fates | None,
) -> Fate | None:
    """What is sure to become of `task`, if anything is; `none`: of its map, as that has no items.

    `passes` is how often its body is sure to be run, `inside` are the fates of what is in that.
    """
    if hindered := _hindered(task, around):
        return hindered
    answer = True if task.map and task.when_each else _answer(task, values)
    if isinstance(answer, Fate):
        return answer
    certain = answer is True and all(map(_is_met, map(around.of, needs_of(task))))
    if none:
        return replace(none, certain=certain and not none.passing)
    return _of_body(task, passes, inside, certain) if inside else None


def without_items(map: Map, passing: bool) -> Fate:
    """What becomes of a map that has no items."""
    match map.on_empty:
        case "skip":
            return Fate("skipped", "on_empty: skip", passing=passing)
        case "fail":
            return Fate("failed", "on_empty: fail", passing=passing)
        case None if map.quorum:
            return Fate("failed", f"quorum: {map.quorum}", passing=passing)
    return Fate("succeeded", passing=passing)


def _hindered(task: Task, around: Fates) -> Fate | None:
    """Skipped, if something that it needs does not succeed."""
    follows = task.map.follows if task.map else None
    asks = task.watches and _condition(task) != "success()"
    needs = [*(() if asks else task.needs), *([follows] if follows else ())]
    unmet = [(need, fate) for need in needs if (fate := _of_unmet(need, around))]
    if not unmet:
        return None
    reach = 0 if task.watches else max(need.up + fate.reach for need, fate in unmet)
    return Fate("skipped", f"needs {unmet[0][0].task}, which does not succeed", reach=reach)


def _condition(task: Task) -> str:
    return "" if task.when is None else str(task.when.value).strip("{} ")


def _of_unmet(need: Need, around: Fates) -> Fate | None:
    """The fate of what is needed, if that keeps what needs it from starting. Clean-up bears with skips."""
    source, fate = around.of(need)
    if fate is None or not fate.hinders(source):
        return None
    return None if need.implied and not (fate.certain and fate.status == "failed") else fate


def _answer(task: Task, values: Mapping[str, Any]) -> bool | Fate:
    """Whether `when` is sure to let the task start; what comes of it, if it is sure not to."""
    when = task.when
    if when is None or task.watches or unforeseen(when, values) or reads_files(when, values):
        return when is None
    try:
        return bool(when.evaluate(values)) or Fate("skipped", "its `when` gives false")
    except EvaluationError as error:
        return Fate("failed", f"its `when`: {error.message}")


def _is_met(needed: tuple[Task, Fate | None]) -> bool:
    task, fate = needed
    return fate is not None and fate.certain and not fate.hinders(task)


def _of_body(task: Task, passes: int | None, inside: Fates, certain: bool) -> Fate | None:
    """A pass fails for what fails in it, and is skipped for what needs something outside in vain."""
    if not passes:
        return None
    fates = [(name, fate) for name, fate in inside.known.items() if fate]
    for name, fate in fates:
        if fate.certain and fate.status == "failed" and fate.hinders(inside.tasks[name]):
            borne = task.allow_failure or (task.map and _bears(task.map, passes))
            return None if borne else Fate("failed", f"{name} inside it fails", certain, begins=True)
    for name, fate in () if task.map and task.map.quorum else fates:
        if fate.status == "skipped" and fate.reach:
            reach = max(fate.reach for _, fate in fates) - 1
            return Fate("skipped", f"{name} inside it is skipped", reach=reach, begins=True)
    return None


def _bears(map: Map, failed: int) -> bool:
    """Whether a map succeeds although all its items, so many, have failed."""
    if map.quorum is not None:
        return False
    return failed <= map.budget.count if map.budget.percent is None else map.budget.percent >= 100
