"""What a task waits for: what it lists, and what its expressions name."""

from __future__ import annotations

from collections.abc import Sequence

from runner.findings import Findings, Path
from runner.loader.context import Place
from runner.loader.lookup import Found
from runner.loader.mistakes import no_expression, unread
from runner.workflow import Need


class NeedsReader:
    """Reads the `needs` of the task `name`, which stands in `place`."""

    def __init__(self, findings: Findings, place: Place, name: str) -> None:
        self._findings = findings
        self._path = place.path
        self._namespace = place.namespace
        self._name = name

    def read(
        self, listed: Sequence[str], one_by_one: bool, named: Sequence[Found], ranged: int
    ) -> dict[tuple[str, int], Need]:
        """All that the task waits for, each once: what is listed, perhaps one by one, then what is named.

        Its map names the first `ranged` of these.
        """
        needs: dict[tuple[str, int], Need] = {}
        for index, name in enumerate(listed):
            if name is unread:
                continue
            path = (*self._path, "needs", *((index,) if one_by_one else ()))
            found = self._namespace.find(name)
            if found is None:
                self._unknown(name, path)
            else:
                position = self._findings.document.mark(path)
                needs.setdefault((name, found[1]), Need(name, found[1], position))
        elsewhere = {(it.task, it.up) for it in named[ranged:]}
        for it in named:
            only = (it.task, it.up) not in elsewhere
            needs.setdefault((it.task, it.up), Need(it.task, it.up, it.position, ranged=only))
        return needs

    def _unknown(self, name: str, path: Path) -> None:
        namespace = self._namespace
        bare, _, inner = name.removeprefix("tasks.").partition(".")
        found = namespace.find(bare)
        message = f"unknown task '{name}' in needs"
        near = f"did you mean '{bare}'?" if found else namespace.suggestion(name, self._name)
        hint = no_expression(name) or near
        if found and found[0].hides(inner):
            message = found[0].inside_is_hidden
            whole = f"need '{bare}' itself: it has ended once all that is inside has"
            hint = f"did you mean '{inner}'?" if namespace.find(inner) else whole
        self._findings.add(path, "unknown-task", message, hint)
