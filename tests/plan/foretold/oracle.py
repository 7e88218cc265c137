"""What must come out of a workflow, by naive recursion over its spelling: no order, no workers, no time.

Where the contract leaves a choice to the order (which items reach a quorum), it takes over what was
seen, once `allowed` has found it to be one of the ends that may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from writing import Document

from foretold import allowed, links
from foretold.ends import End, ItemEnd, Prediction, item_path
from foretold.meaning import NoValue, holds, value_of
from foretold.naive import Task, asked_of_items

RESULT = re.compile(r"tasks\.\w+\.results?\b")


def predict(document: Document, seen: allowed.Seen) -> Prediction:
    """How everything ends, given what was seen where there is a choice."""
    made = _predicted(document, seen, struck=False)
    failing = any(end.failed_for_good for path, end in made.tasks.items() if "~" not in path)
    if document.fail_fast and failing:
        made = _predicted(document, seen, struck=True)
        made.effects.add("--fail-fast strikes")
    return made


def _predicted(document: Document, seen: allowed.Seen, struck: bool) -> Prediction:
    made = Prediction()
    run = Run(document, seen, made, struck)
    root = run.file("workflow.yml", "", {})
    ends = [root.end(name) for name in root.tasks]
    made.status = "failed" if any(end.failed_for_good for end in ends) else "succeeded"
    for name, template in document.files["workflow.yml"]["outputs"].items():
        try:
            made.outputs[name] = root.output(template)
        except NoValue:
            made.outputs[name], made.outputs_fail = None, True
    return made


@dataclass
class Run:
    """What is the same for the whole run. `struck`: `--fail-fast` will strike."""

    document: Document
    seen: allowed.Seen
    made: Prediction
    struck: bool

    def file(self, name: str, at: str, given: Mapping[str, Any]) -> Frame:
        """The outermost body of a file."""
        file = self.document.files[name]
        params = {
            name: param.get("default") if isinstance(param, dict) else param
            for name, param in file.get("params", {}).items()
        }
        names: dict[str, Any] = {"params": {**params, **given}}
        names["env"] = value_of(file.get("env", {}), names)
        return Frame(self, file["tasks"], at, names, file.get("defaults", {}), file.get("outputs"))


class Views:
    """`tasks` in an expression."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def __getitem__(self, name: str) -> View:
        return View(self._frame.find(name)[0].end(name))


class View:
    """One of `tasks`."""

    def __init__(self, end: End) -> None:
        self._end = end

    def __getitem__(self, attribute: str) -> Any:
        return self._end.attribute(attribute)


@dataclass
class Needed:
    """A task that is waited for, `up` bodies outward."""

    name: str
    up: int
    end: End
    implied: bool = False


class Frame:
    """One pass through a body, at a path. Ends are worked out when they are asked for."""

    def __init__(
        self,
        run: Run,
        tasks: links.Tasks,
        at: str,
        names: Mapping[str, Any],
        defaults: Mapping[str, Any],
        outputs: Mapping[str, Any] | None = None,
        outer: Frame | None = None,
    ) -> None:
        self.run = run
        self.tasks = tasks
        self.at = at
        self.names = names
        self.defaults = defaults
        self._outputs = outputs
        self.outer = outer
        self.ends: dict[str, End] = {}
        self.waits_long = False
        """One of its tasks waits for a retry longer than any timeout."""

    def find(self, name: str) -> tuple[Frame, int]:
        """The body in which `name` is found, and how far outward: the inner one wins."""
        if name in self.tasks:
            return self, 0
        assert self.outer is not None, name
        frame, up = self.outer.find(name)
        return frame, up + 1

    def end(self, name: str) -> End:
        """How a task of this body ends."""
        if name not in self.ends:
            end = self._work_out(name)
            if self.run.struck and not self.at and not links.cleans_up(self.tasks[name]):
                opens = links.opens(self.tasks[name])
                end = allowed.after_a_strike(self.run.seen, self.run.made, name, end, opens)
                if end.status == "cancelled":
                    end.tainted = self._tainted(name)
            self._note(name, end)
        return self.ends[name]

    def _note(self, name: str, end: End) -> None:
        self.ends[name] = end
        end.tainted = end.tainted or end.failed_for_good
        self.run.made.tasks[self.at + name] = end
        for item in end.items:
            self.run.made.items[item_path(self.at + name, item.key)] = item

    def needs(self, name: str) -> list[Needed]:
        """What it waits for as a whole."""
        if links.waits_for_the_rest(name, self.tasks):
            left_out = self.run.document.skip if not self.at else frozenset()
            rest = [other for other in links.the_rest(self.tasks) if other not in left_out]
            return [Needed(other, 0, self.end(other), implied=True) for other in rest]
        found = [(other, *self.find(other)) for other in links.needed(name, self.tasks)]
        return [Needed(other, up, frame.end(other)) for other, frame, up in found]

    def _work_out(self, name: str) -> End:
        entry = self.tasks[name]
        mapped = "map" in entry
        if not self.at and name in self.run.document.skip:
            return End(mapped, "skipped", why={"not selected"})
        needs = self.needs(name)
        end = self._refused(entry, needs) or Task(self, name).end()
        end.reach = max([end.reach, *(need.up for need in needs if need.end.tainted)])
        end.tainted = end.reach >= 0 or self._tainted(name)
        end.tolerated = end.status == "failed" and bool(entry.get("allow_failure"))
        return end

    def inside(self, tasks: links.Tasks, at: str, names: Mapping[str, Any]) -> Frame:
        """A body in this one."""
        return Frame(self.run, tasks, at, names, self.defaults, outer=self)

    def views(self) -> Views:
        """`tasks` in an expression of this body."""
        return Views(self)

    def results(self) -> dict[str, Any]:
        """What comes out of it: the outputs of a file, or the results of its tasks."""
        if self._outputs is not None:
            return {name: self.output(template) for name, template in self._outputs.items()}
        ends = {name: self.end(name) for name in self.tasks}
        return {name: end.attribute("results" if end.mapped else "result") for name, end in ends.items()}

    def output(self, template: Any) -> Any:
        """An output of a file: None for want of what did not succeed."""
        ends = [self.find(name)[0].end(name) for name in links.mentions(template)]
        succeeded = all(end.status == "succeeded" for end in ends)
        if RESULT.search(str(template)) and not succeeded:
            return None
        try:
            return value_of(template, {**self.names, "tasks": Views(self)})
        except NoValue:
            if succeeded:
                raise
            return None

    def cancel(self) -> None:
        """End all of its tasks, which are plain ones, as cancelled."""
        for name in self.tasks:
            self._note(name, self._alone(False, "cancelled", None, 0, set()))

    def _tainted(self, name: str) -> bool:
        """Whether something that it needs itself failed for good, or something that this needs."""
        source = links.followed(self.tasks[name], self.tasks)
        before = [need.end for need in self.needs(name)] + ([self.end(source)] if source else [])
        return any(end.tainted for end in before)

    def _refused(self, entry: links.Entry, needs: list[Needed]) -> End | None:
        """How a task ends that does not start."""
        mapped = "map" in entry
        broken = [need for need in needs if not need.end.fine]
        if broken and not links.watches(entry):
            outward = max(need.up + need.end.outward for need in broken)
            return self._alone(mapped, "skipped", None, outward, {need.name for need in broken})
        if "when" not in entry or asked_of_items(entry):
            return None
        try:
            if holds(entry["when"], self.names | self.asked(needs)):
                return None
        except NoValue:
            return self._alone(mapped, "failed", "expression", 0, set())
        why = {need.name for need in broken} if "success()" in str(entry["when"]) else set()
        return self._alone(mapped, "skipped", None, 0, {"when", *why})

    def _alone(self, mapped: bool, status: str, kind: str | None, outward: int, why: set[str]) -> End:
        """The end of a task that gave no item; a plain one's item ends with it."""
        items = [] if mapped else [ItemEnd(status=status, kind=kind, attempts=int(kind is not None))]
        return End(mapped, status, kind, items, outward=outward, why=why)

    def asked(self, needs: list[Needed]) -> dict[str, Any]:
        """The tasks and the status functions, as its `when` sees them."""
        waited = [need.end for need in needs if not (need.implied and need.end.status == "skipped")]
        return {
            "tasks": Views(self),
            "success()": all(end.fine for end in waited),
            "failure()": any(need.end.tainted for need in needs),
            "always()": True,
        }
