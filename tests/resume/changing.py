"""Random nested workflows that succeed, are changed at one place and resumed: what acts again.

    python tests/resume/changing.py [WORKFLOWS] [SEED]

Either the text of one command changes, or a list gets another item at its front. Just that must act again,
and what follows from it: what needs it, and the items that stand on a new one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from killing import Folder
from random_workflows import Task, Tasks, Written, results

NEW = "new"


class Change:
    """One change of a workflow that has succeeded, and what is to act again because of it."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        places: list[Task] = []
        while not places:  # a few have nothing but values
            self.written = Written(seed)
            places = list(self._commands(self.written.bodies["workflow.yml"]))
            seed += 1_000_000
        self._changed = chance.choice(places)
        listed = "map" in self._changed and isinstance(self._changed["map"]["over"], list)
        self._grows = listed and chance.random() < 0.5

    def make(self) -> None:
        """Change the workflow."""
        if self._grows:
            self._changed["map"]["over"] = [NEW, *self._changed["map"]["over"]]
        else:
            self._changed["run"] += "; : once more"

    def acts(self) -> set[str]:
        """The addresses of what is to act again, once the change is made."""
        return self._body(self.written.bodies["workflow.yml"], "", whole=False)[0]

    def _commands(self, tasks: Tasks) -> Iterator[Task]:
        for task in tasks.values():
            if "run" in task:
                yield task
            yield from self._commands(self._inside(task))

    def _inside(self, task: Task) -> Tasks:
        return self.written.bodies[task["workflow"]] if "workflow" in task else task.get("tasks", {})

    def _body(self, tasks: Tasks, prefix: str, whole: bool) -> tuple[set[str], bool]:
        """What acts again in a body, and whether anything in it goes again, if only a value."""
        acts: set[str] = set()
        again: dict[str, set[str]] = {}
        """The keys that go again, of tasks that do."""
        for name, task in tasks.items():
            keys, source = _keys(name, tasks)
            needs = set(task.get("needs", []))
            if whole or needs & again.keys() or (task is self._changed and not self._grows):
                going = set(keys)
            elif task is self._changed:
                going = {NEW}
            else:
                going = again.get(source, set())
            inside = self._inside(task)
            for key in keys:
                address = f"{prefix}{name}[{key}]" if key else f"{prefix}{name}"
                if inside:
                    inner, goes = self._body(inside, f"{address}.", key in going)
                    acts |= inner
                    going |= {key} if goes else set()
                elif key in going and "run" in task:
                    acts.add(address)
            if going:
                again[name] = going
        return acts, bool(again)


def _keys(name: str, tasks: Tasks) -> tuple[list[str], str]:
    """The keys of a task's items, and the task that it follows item by item; each "" if there is none."""
    over = tasks[name].get("map", {}).get("over", [""])
    if isinstance(over, list):
        return over, ""
    source = next(it for it in tasks if over == results(it))
    return _keys(source, tasks)[0], source


def change(seed: int) -> tuple[set[str], list[str]]:
    """What was to act again after a change, and what did."""
    with TemporaryDirectory() as base:
        changed, folder = Change(seed), Folder(Path(base, "changed"), "")
        (folder.path / "there").touch()
        changed.written.write(folder.path)
        _succeeds(folder, "run")
        (folder.path / "witness").unlink()
        changed.make()
        changed.written.write(folder.path)
        _succeeds(folder, "resume", folder.runs()[0].name)
        return changed.acts(), sorted(folder.witness())


def _succeeds(folder: Folder, *arguments: str) -> None:
    process = folder.start(*arguments)
    _, err = process.communicate()
    assert process.returncode == 0, err.decode()


if __name__ == "__main__":
    words = dict(enumerate(sys.argv[1:]))
    first = int(words.get(1, "1"))
    for number in range(first, first + int(words.get(0, "40"))):
        expected, found = change(number)
        more, less = sorted(set(found) - expected), sorted(expected - set(found))
        print(f"{number}: {len(found)} acted again; not to: {more}; did not: {less}")
