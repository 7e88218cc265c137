"""Random nested workflows whose commands append their addresses to a witness file when they act."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

NOTED = 'echo "$RUNNER_TASK${RUNNER_KEY:+[$RUNNER_KEY]}" >>witness; '
FAILS = "test -e there; "
SLEEPS = "sleep 0.0{}; "
TELLS = 'echo "value of $RUNNER_TASK $RUNNER_KEY"'

KEYS = ["a", "b", "c", "d", "e"]
ENDINGS: tuple[dict[str, Any], ...] = ({}, {}, {"fail_fast": True}, {"max_failures": 1}, {"max_parallel": 1})

KINDS = ("command", "command", "map", "item_wise", "group", "group_map", "value", "file")
DEPTH = 2

Task = dict[str, Any]
Tasks = dict[str, Task]


def results(task: str) -> str:
    """What a map ranges over that follows the task item by item, if it does not need it as a whole."""
    return f"{{{{ tasks.{task}.results }}}}"


class Written:
    """One random workflow, with the files that it uses."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._count = 0
        self.bodies: dict[str, Tasks] = {}
        """The tasks of each file."""
        self.tolerant = False
        """Something may fail in it, and stay so, in a run that succeeds."""
        self.bodies["workflow.yml"] = self._body(0)

    def write(self, folder: Path) -> None:
        """Write the files as they are now."""
        for name, tasks in self.bodies.items():
            outputs = {
                f"of_{task}": f"{{{{ tasks.{task}.{'results' if 'map' in keys else 'result'} }}}}"
                for task, keys in tasks.items()
            }
            (folder / name).write_text(json.dumps({"tasks": tasks, "outputs": outputs}, indent=1))

    def _body(self, depth: int) -> Tasks:
        tasks: Tasks = {}
        for _ in range(self._chance.randint(2, 4)):
            self._count += 1
            name = f"t{self._count}"
            task = self._task(self._chance.choice(KINDS), name, tasks, depth)
            over = task.get("map", {}).get("over")
            needs = [it for it in tasks if over != results(it) and self._chance.random() < 0.3]
            if self._chance.random() < 0.08:
                self.tolerant = task["allow_failure"] = True
            tasks[name] = {"needs": needs, **task} if needs else task
        return tasks

    def _task(self, kind: str, name: str, before: Tasks, depth: int) -> Task:
        deeper = depth < DEPTH
        sources = [other for other, task in before.items() if "map" in task]
        if kind == "value":
            return {"result": 7}
        if kind == "file" and not depth:
            self.bodies[f"{name}.yml"] = self._body(depth + 1)
            return {"workflow": f"{name}.yml"}
        if kind == "group" and deeper:
            return {"tasks": self._body(depth + 1)}
        if kind == "group_map" and deeper:
            return {"map": {"over": ["x", "y", "z"]}, "tasks": self._body(depth + 1)}
        if kind == "item_wise" and sources:
            over = results(self._chance.choice(sources))
            return {"map": {"over": over}, "run": self._of_items("xyz" + "".join(KEYS))}
        if kind in ("map", "item_wise"):
            ending = self._chance.choice(ENDINGS)
            self.tolerant = self.tolerant or "max_failures" in ending
            return {"map": {"over": KEYS, **ending}, "run": self._of_items(KEYS)}
        return {"run": self._command(FAILS)}

    def _of_items(self, keys: str | list[str]) -> str:
        return self._command(f'case "$RUNNER_KEY" in {self._chance.choice(keys)}) {FAILS};; esac; ')

    def _command(self, fails: str) -> str:
        failing = fails if self._chance.random() < 0.25 else ""
        return NOTED + failing.replace("; ;;", ";;") + SLEEPS.format(self._chance.randint(0, 4)) + TELLS
