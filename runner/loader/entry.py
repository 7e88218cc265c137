"""Which kind of task an entry is, by the key that says what it does; and its spelling as that kind."""

from __future__ import annotations

from typing import Any

from runner.findings import Findings, Path
from runner.loader.keys_meant import keys_of, meant_key
from runner.loader.schema import TaskEntry, UnclearEntry, actions, entries
from runner.loader.spelling import spell
from runner.wording import listed

known_keys = {key for entry in entries.values() for key in keys_of(entry)}


class EntryReader:
    """Reads what is written of one task. What is wrong with it is added to the findings."""

    def __init__(self, findings: Findings, path: Path, name: str, data: dict[str, Any]) -> None:
        self._findings = findings
        self._path = path
        self._name = name
        self._data = data

    def read(self) -> tuple[str | None, TaskEntry | None]:
        """The kind, None where that is not clear; and the entry, None where nothing of it can be read."""
        kind = self._kind()
        return kind, self._spelled(kind)

    def _kind(self) -> str | None:
        """The key that says what the task does; None where that is not clear."""
        given = [key for key in self._data if key in actions]
        if len(given) == 1:
            return given[0]
        if given:
            self._refuse_others(given)
            return None
        if "result" in self._data:
            return "result"
        if not self._explained_by_misspelling():
            message = f"task '{self._name}' does nothing: it has no {listed(actions, 'or')}, and no `result`"
            self._add((), "no-action", message, key=True)
        return None

    def _refuse_others(self, given: list[str]) -> None:
        hint = "make two tasks of it, the second with `needs` of the first"
        first = (self._findings.document.mark((*self._path, given[0]), key=True), f"`{given[0]}` stands")
        for other in given[1:]:
            message = f"a task does one thing: `{given[0]}` or `{other}`"
            self._add((other,), "two-actions", message, hint, key=True, related=[first])

    def _explained_by_misspelling(self) -> bool:
        """Whether an unknown key was probably meant to be the action: it is reported as such."""
        unknown = [key for key in self._data if key not in known_keys]
        hints = [meant_key(key, UnclearEntry) for key in unknown]
        return any(f"'{action}'" in hint for hint in hints for action in (*actions, "result"))

    def _spelled(self, kind: str | None) -> TaskEntry | None:
        what = f"task '{self._name}'"
        if kind is None:
            rest = {key: it for key, it in self._data.items() if key == "run" or key not in actions}
            return spell(UnclearEntry, rest, self._path, self._findings, what)
        entry = spell(entries[kind], self._data, self._path, self._findings, what)
        if entry is not None:
            return entry
        rest = {key: value for key, value in self._data.items() if key != kind}
        return spell(UnclearEntry, rest, self._path, self._findings.silent(), what)

    def _add(self, path: Path, code: str, message: str, hint: str = "", **more: Any) -> None:
        self._findings.add(self._path + path, code, message, hint, **more)
