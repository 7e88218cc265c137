"""Which tasks a name may mean: the tasks of a body, then those of the bodies around it.

It also holds which other names (`params`, the item, …) an expression sees at a place. It reads
no expressions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from runner.problem import did_you_mean
from runner.struct import field, replace, struct
from runner.wording import listed, there_are

task_attributes = ("result", "status", "failed", "error", "exit_code", "attempts", "seconds", "log")
map_attributes = ("results", "items", "failures", "by_key", "counts", "status", "failed", "error", "seconds")
watched_attributes = frozenset({"status", "failed", "error", "exit_code"})
status_functions = frozenset({"success", "failure", "always"})
run_attributes = ("id", "started", "dir")
run_so_far = ("status", "failures")
workflow_attributes = ("name", "file", "dir")
_most_groups = 4
everywhere = frozenset({"params", "env", "run", "workflow"})
own_to_items = frozenset({"index", "key"})
counts = frozenset({"index", "attempt"})
"""Names of whole numbers."""
reserved = frozenset(
    [
        "params",
        "env",
        "secrets",
        "tasks",
        "run",
        "workflow",
        "index",
        "key",
        "attempt",
        "result",
        "exit_code",
        "range",
        "glob",
        "lines",
        "csv",
        "jsonl",
        "read",
        "success",
        "failure",
        "always",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "loop",
        "self",
    ]
)


@struct
class Declared:
    """A task as far as its name and its keys show it, however wrong the rest of it is."""

    name: str
    mapped: bool
    group: bool = False
    inside: Collection[str] = ()
    """The names of the tasks of its body, which cannot be seen from outside."""
    keys: Collection[str] | None = None
    """The keys of its result, or of each of its results, where the file shows them."""
    kind: str | None = None
    """The kind of its result where that is sure: None may be there instead if it did not succeed."""

    def hides(self, inner: str) -> bool:
        """Whether `<name>.<inner>` means something inside a group, and not an attribute of it."""
        attribute = inner.partition(".")[0]
        return self.group and bool(inner) and attribute not in (*task_attributes, *map_attributes)

    @property
    def inside_is_hidden(self) -> str:
        """What is said to whoever names something inside a group from outside."""
        return f"'{self.name}' is a group: of what is inside only its `result` can be seen"


@struct(eq=False)
class Namespace:
    """The tasks of one body, and the body around it."""

    tasks: dict[str, Declared]
    outer: Namespace | None = None

    def find(self, name: str) -> tuple[Declared, int] | None:
        """The task that `name` means here, and how many bodies outward it stands."""
        body: Namespace | None = self
        up = 0
        while body is not None:
            if found := body.tasks.get(name):
                return found, up
            body, up = body.outer, up + 1
        return None

    def suggestion(self, name: str, task: str | None) -> str:
        """What may have been meant by a name that means nothing where a key of `task` names it."""
        names = list(self.names())
        if near := did_you_mean(name, names):
            return near
        if inside := self._around(name, task):
            return f"'{name}' is inside {listed(inside)}, and can be named only there"
        return there_are("tasks", names)

    def _around(self, name: str, task: str | None) -> list[str]:
        """The groups that have a task of this name inside; only `task` itself if it is one of them."""
        groups = [it.name for it in self._all() if name in it.inside]
        if task in groups:
            return [f"'{task}' itself"]
        rest = len(groups) - _most_groups
        more = [f"{rest} more"] if rest > 0 else []
        return [f"'{group}'" for group in groups[:_most_groups]] + more

    def names(self) -> Iterator[str]:
        """Every name that means a task here, the nearest first."""
        return (task.name for task in self._all())

    def _all(self) -> Iterator[Declared]:
        body: Namespace | None = self
        while body is not None:
            yield from body.tasks.values()
            body = body.outer


@struct
class Around:
    """The items of the maps around a place: `nearest` is what the nearest one calls its item."""

    nearest: str | None = None
    named: frozenset[str] = frozenset()
    """The `as` names of all maps, which stay visible in maps inside them."""
    hides_an_item: bool = False
    """A map around the nearest one has no `as`, so that its item cannot be named here."""
    unsure: bool = False
    """A map around is written wrongly, so that nothing is known about items."""
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The keys of those items that are mappings, and of `result`, where they are known."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The kinds of those items for which they are sure."""

    def inside(
        self, name: str, *, explicit: bool, keys: Collection[str] = (), kind: str | None = None
    ) -> Around:
        """Inside another map, which calls its item `name`, by an `as` or by default."""
        named = self.named | {name} if explicit else self.named
        hides = self.hides_an_item or (self.nearest is not None and self.nearest not in self.named)
        kinds = {one: known for one, known in self.kinds.items() if one != name}
        kinds |= {name: kind} if kind else {}
        known = self.knowing(name, keys)
        return replace(known, nearest=name, named=named, hides_an_item=hides, kinds=kinds)

    def knowing(self, name: str, keys: Collection[str]) -> Around:
        """The same place, where the value called `name` is known to have these keys and no others."""
        return replace(self, keys={**self.keys, name: keys})

    @property
    def names(self) -> frozenset[str]:
        """What the items may be called here."""
        return self.named | {self.nearest, *own_to_items} if self.nearest else self.named


@struct
class View:
    """What an expression may name at one place."""

    names: frozenset[str]
    tasks: Namespace | None = None
    why_no_tasks: str = ""
    why_no_exit_code: str = ""
    around: Around = field(default_factory=Around)
    status_functions: bool = False
    """`success()`, `failure()` and `always()` may be asked."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """The kinds of those names for which they are sure, tasks and params aside."""
    run_so_far: bool = False
    """`run.status` and `run.failures` are known."""
