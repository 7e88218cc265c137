"""The meaning of a mapping of tasks: their names, each task, and what waits for what.

A task that is written wrongly stays a known name, so that it spoils nothing but itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.loader import graph
from runner.loader.context import FileContext, Place
from runner.loader.entry import known_keys
from runner.loader.fields import identifier, identifier_like, why_no_name
from runner.loader.known_kinds import kind_of_result
from runner.loader.namespace import Declared, Namespace
from runner.loader.tasks import TaskReader
from runner.source.glued import key_in, space_missing
from runner.wording import described
from runner.workflow import Body, Task


class BodyReader:
    """Reads the bodies of one file, the outermost and those of its groups."""

    def __init__(self, context: FileContext) -> None:
        self._context = context
        self._findings = context.findings

    def read(self, data: Mapping[str, Any], place: Place) -> tuple[Body, Namespace]:
        """The body that stands at `place`, and the names that it declares."""
        namespace = Namespace({name: _declared(name, entry) for name, entry in data.items()}, place.namespace)
        return self._read(data, place, namespace), namespace

    def read_root(self, data: Mapping[str, Any], place: Place) -> Body:
        """The outermost body; its names have been declared in the namespace of `place`."""
        place.namespace.tasks.update({name: _declared(name, entry) for name, entry in data.items()})
        return self._read(data, place, place.namespace)

    def _read(self, data: Mapping[str, Any], place: Place, namespace: Namespace) -> Body:
        tasks: dict[str, Task] = {}
        cleaning: set[str] = set()
        for name, entry in data.items():
            at = Place((*place.path, name), namespace, place.around, place.in_folder)
            self._check_name(name, at)
            if key_in(name) and not isinstance(entry, dict):
                continue
            if not isinstance(entry, dict):
                self._not_a_task(name, entry, at)
                continue
            reader = TaskReader(self._context, at, name, entry, self.read)
            tasks[name] = reader.read()
            if reader.cleans_up:
                cleaning.add(name)
        graph.warn_of_skipping(tasks, self._findings)
        if graph.report_cycles(graph.edges_of(tasks), self._findings):
            return Body(tasks)
        return Body(graph.with_implied_needs(tasks, cleaning))

    def _check_name(self, name: str, at: Place) -> None:
        if identifier.fullmatch(name):
            return
        like = identifier_like(name)
        self._findings.add(
            at.path,
            "bad-task-name",
            why_no_name(name, "task"),
            f"did you mean '{like}'?" if like else "",
            key=True,
        )

    def _not_a_task(self, name: str, entry: Any, at: Place) -> None:
        if entry is None:
            message = f"task '{name}' is empty: it needs `run`, `call`, `tasks`, `workflow` or `result`"
            self._findings.add(at.path, "no-action", message, key=True)
            return
        hint = f"did you mean {{run: {entry}}}?" if isinstance(entry, str) and entry else ""
        if key_in(entry) in known_keys:
            hint = space_missing(entry)
        if isinstance(entry, list):
            hint = "tasks are a mapping of names: a command is `run: ...`"
        message = f"task '{name}' must be a mapping with `run`, `call`, `tasks`, `workflow` or `result`"
        self._findings.add(
            at.path, "wrong-type", f"{message}, not {described(entry)}", hint, key=entry is None
        )


def _declared(name: str, entry: Any) -> Declared:
    if not isinstance(entry, dict):
        return Declared(name, mapped=False)
    inner = entry.get("tasks")
    inside = inner if isinstance(inner, dict) else {}
    shown = entry.get("result", inside)
    return Declared(
        name,
        mapped="map" in entry,
        group="tasks" in entry or "workflow" in entry,
        inside=inside,
        keys=shown if isinstance(shown, dict) and shown else None,
        kind=kind_of_result(entry),
    )
