"""The meaning of one task: its names looked up, its defaults taken in, every value in its final form.

It knows the tasks around it by name only. What waits for what is the business of `graph`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from runner.expression import Template
from runner.expression.questions import exact_tasks_results
from runner.findings import Path
from runner.loader.actions import ActionReader, Views
from runner.loader.attempts import check_retried, condition_text, retry_of, why_no_exit_code
from runner.loader.commands import CommandReader
from runner.loader.context import FileContext, Place, Uses
from runner.loader.entry import EntryReader, known_keys
from runner.loader.exceptions import warn_of_unknown
from runner.loader.keys_meant import meant_key
from runner.loader.known_items import kind_of_items
from runner.loader.known_kinds import kind_captured
from runner.loader.maps import MapReader, keys_of_items
from runner.loader.namespace import (
    Around,
    Namespace,
    View,
    counts,
    everywhere,
    own_to_items,
    status_functions,
    watched_attributes,
)
from runner.loader.needs import NeedsReader
from runner.loader.schema import (
    CacheFiles,
    CallEntry,
    GroupEntry,
    RetryEntry,
    RunEntry,
    SubEntry,
    TaskEntry,
    UnclearEntry,
    actions,
)
from runner.position import Position
from runner.regex import regex
from runner.source.glued import space_missing
from runner.struct import replace
from runner.wording import described
from runner.workflow import Action, Body, Cache, Group, Map, Need, Retry, Sub, Task, TaskReference, Value

_only_success = regex(r"(\{\{)?\s*success\(\)(\s+and\s(?!.*(\bor\b|\w\(\)|tasks)).*)?", re.DOTALL)

ReadBody = Callable[[Mapping[str, Any], Place], tuple[Body, Namespace]]


class TaskReader:
    """Reads one entry of a body. `read_body` reads the body of a group."""

    def __init__(
        self, context: FileContext, place: Place, name: str, data: dict[str, Any], read_body: ReadBody
    ) -> None:
        self._context = context
        self._findings = context.findings
        self._place = place
        self._path = place.path
        self._name = name
        self._data = data
        self._read_body = read_body
        self._uses = Uses(context.lookup)
        self._inner = place.namespace
        self.cleans_up = False

    def read(self) -> Task:
        """The task. What is wrong with it has been reported, and what is left is here."""
        kind, entry = EntryReader(self._findings, self._path, self._name, self._data).read()
        if entry is None:
            return Task(self._name, self._position, Value())
        self._around = self._around_items(entry)
        self._asks = self._status_functions(entry)
        mapping = self._map(entry)
        ranged = len(self._uses.found)
        when = self._when(entry)
        action = self._action(kind, entry)
        retry = self._retry(entry)
        result = self._result(entry, kind, action)
        cache = self._cache(entry, kind)
        limits = self._limits(entry)
        timeout = self._timeout(entry)
        needs = NeedsReader(self._findings, self._place, self._name).read(
            entry.needs, isinstance(self._data.get("needs"), list), self._uses.found, ranged
        )
        if mapping is not None and self._map_reader is not None:
            follows = self._map_reader.follows(self._uses, needs, self._asks_of_needs(entry))
            mapping = replace(mapping, follows=follows)
            self._add_followed(mapping, needs)
        references = dict.fromkeys(TaskReference(it.task, it.attribute, it.up) for it in self._uses.found)
        watched = any(it.attribute in watched_attributes for it in self._when_uses.found)
        self.cleans_up = bool(self._asks) and not needs and not (mapping and mapping.follows)
        return Task(
            name=self._name,
            position=self._position,
            action=action,
            description=entry.description,
            map=mapping,
            needs=tuple(needs.values()),
            references=tuple(references),
            when=when,
            when_each=self._asks_each(mapping),
            watches=bool(self._asks) or watched,
            cleans_up=bool(self._asks & {"failure", "always"}),
            retry=retry,
            timeout=timeout,
            timeout_position=self._timeout_position(),
            limits=limits,
            allow_failure=entry.allow_failure,
            cache=cache,
            result=result,
            names=frozenset(self._uses.names),
        )

    @property
    def _position(self) -> Any:
        return self._findings.document.mark(self._path, key=True)

    # What its expressions see ------------------------------------------------------------------

    def _around_items(self, entry: TaskEntry) -> Around:
        """The items that expressions inside the task see."""
        around = self._place.around
        if entry.map is not None:
            data = self._data["map"]
            keys, kind = self._keys_of_items(data), kind_of_items(data)
            return around.inside(entry.map.as_, explicit="as" in data, keys=keys, kind=kind)
        if self._data.get("map") is not None:
            return around.inside("item", explicit=False)
        if any(key == "map" or meant_key(key, TaskEntry) == "did you mean 'map'?" for key in self._unknown()):
            return replace(around, unsure=True)
        return around

    def _keys_of_items(self, data: Mapping[str, Any]) -> Collection[str]:
        source = exact_tasks_results(Template(data.get("over")))
        found = self._place.namespace.find(source) if source else None
        return (found[0].keys or ()) if found else keys_of_items(data)

    def _unknown(self) -> list[str]:
        return [key for key in self._data if key == "map" or key not in known_keys]

    def _view(self, *more: str, namespace: Namespace | None = None, given: Collection[str] = ()) -> View:
        """`given`: the keys of `result`, where they are known."""
        names = everywhere | self._around.names | set(more)
        return View(
            names,
            namespace or self._place.namespace,
            around=self._around.knowing("result", given) if given else self._around,
            kinds={**self._around.kinds, **dict.fromkeys(counts & names, "int")},
            run_so_far=bool(self._asks & {"failure", "always"}),
        )

    def _status_functions(self, entry: TaskEntry) -> frozenset[str]:
        """Which of success(), failure() and always() the `when` asks."""
        if not isinstance(entry.when, str) or "(" not in entry.when:
            return frozenset()
        asked = (use.name for use in Template(entry.when, condition=True).functions)
        return status_functions.intersection(asked)

    def _asks_of_needs(self, entry: TaskEntry) -> bool:
        """Whether `when` asks how all needs have ended, and not only that they succeeded, as without it."""
        when = entry.when
        return when is not None and bool(self._asks) and not _only_success.fullmatch(condition_text(when))

    # Its keys ----------------------------------------------------------------------------------

    def _map(self, entry: TaskEntry) -> Map | None:
        self._map_reader = None
        if entry.map is None:
            return None
        self._map_reader = MapReader(self._context, self._place, entry.map, self._data["map"])
        self._map_reader.check_name()
        return self._map_reader.read(self._uses)

    def _add_followed(self, mapping: Map, needs: dict[tuple[str, int], Need]) -> None:
        """Wait for the whole of a map that is not gone through item by item after all."""
        source = self._map_reader.followed if self._map_reader else None
        if source is not None and mapping.follows is None:
            self._uses.found.append(source)
            needs.setdefault((source.task, 0), Need(source.task, 0, source.position))

    def _when(self, entry: TaskEntry) -> Template | None:
        self._when_uses = Uses(self._context.lookup)
        if entry.when is None:
            return None
        view = replace(self._view(), status_functions=True)
        text = entry.when if isinstance(entry.when, str) else str(entry.when).lower()
        template = self._when_uses.template(text, (*self._path, "when"), view, condition=True)
        self._uses.found += self._when_uses.found
        self._uses.names |= self._when_uses.names
        return template

    def _asks_each(self, mapping: Map | None) -> bool:
        return mapping is not None and not self._when_uses.names.isdisjoint({mapping.name, *own_to_items})

    def _action(self, kind: str | None, entry: TaskEntry) -> Action:
        views = Views(self._view("attempt"), self._view("attempt", "secrets"))
        reader = ActionReader(self._context, self._place, views, self._uses)
        match entry:
            case UnclearEntry():
                reader.look_at(entry)
            case RunEntry():
                return CommandReader(reader).read(entry, self._data)
            case CallEntry():
                return reader.call(entry, self._data)
            case SubEntry():
                return self._sub(entry, reader)
            case GroupEntry():
                return self._group(entry, reader)
        return Value()

    def _sub(self, entry: SubEntry, reader: ActionReader) -> Sub:
        sub = reader.sub(entry, self._data)
        tasks = self._place.namespace.tasks
        if "result" not in self._data and sub.workflow.file:
            tasks[self._name] = replace(tasks[self._name], keys=sub.workflow.outputs)
        return sub

    def _group(self, entry: GroupEntry, reader: ActionReader) -> Group:
        if not isinstance(entry.tasks, dict):
            message = f"`tasks` must be a mapping of tasks by name, not {described(entry.tasks)}"
            self._add(("tasks",), "wrong-type", message, space_missing(entry.tasks))
            return Group(Body({}))
        if not entry.tasks:
            self._add(("tasks",), "no-tasks", "`tasks` is empty: there is nothing to do", key=True)
        in_folder = self._place.in_folder or entry.cwd is not None
        place = Place((*self._path, "tasks"), self._place.namespace, self._around, in_folder)
        body, self._inner = self._read_body(entry.tasks, place)
        return Group(body, reader.environment(entry.env), reader.cwd(entry.cwd))

    def _result(self, entry: TaskEntry, kind: str | None, action: Action) -> Template | None:
        if "result" not in self._data:
            return None
        more = ("attempt", "result") if kind in actions else ()
        own = Uses(self._context.lookup)
        view = self._view(*more, namespace=self._inner, given=self._given_by(action))
        view = replace(view, kinds={**view.kinds, **self._kinds_given()})
        template = own.template(entry.result, (*self._path, "result"), view)
        self._uses.names |= own.names
        if self._inner is self._place.namespace:
            self._uses.found += own.found
        else:
            self._uses.found += [replace(it, up=it.up - 1) for it in own.found if it.up]
        return template

    def _given_by(self, action: Action) -> Collection[str]:
        """The keys of what the action gives, where they are known."""
        match action:
            case Group():
                return self._data["tasks"] if isinstance(self._data["tasks"], dict) else ()
            case Sub(workflow=workflow):
                return workflow.outputs
        return ()

    def _kinds_given(self) -> Mapping[str, str]:
        """The kind of `result`, where a command is sure to give it."""
        kind = kind_captured(self._data)
        return {"result": kind} if kind else {}

    def _until_view(self, entry: TaskEntry) -> View:
        """What `until` sees: of a command what it gave, of a group and of another file what others see."""
        if not isinstance(entry, CallEntry | GroupEntry | SubEntry):
            view = self._view("attempt", "result", "exit_code")
            return replace(view, kinds={**view.kinds, **self._kinds_given(), "exit_code": "int"})
        given: Collection[str] = ()
        if isinstance(entry, GroupEntry | SubEntry):
            given = self._place.namespace.tasks[self._name].keys or ()
        view = self._view("attempt", "result", given=given)
        return replace(view, why_no_exit_code=why_no_exit_code(entry))

    def _retry(self, entry: TaskEntry) -> Retry:
        own: RetryEntry | None = getattr(entry, "retry", None)
        if own is not None:
            self._check_retried(own, entry)
            until = None
            if own.until is not None:
                path = (*self._path, "retry", "until")
                text = condition_text(own.until)
                until = self._uses.template(text, path, self._until_view(entry), condition=True)
            return retry_of(own, until)
        shared = self._context.defaults.retry
        if shared is None or not isinstance(entry, RunEntry | CallEntry):
            return Retry()
        if shared.until is None:
            return retry_of(shared, None)
        until = self._uses.shared(Template(condition_text(shared.until), condition=True))
        return retry_of(shared, until)

    def _check_retried(self, retry: RetryEntry, entry: TaskEntry) -> None:
        path = (*self._path, "retry", "on")
        check_retried(retry, entry, self._timeout(entry), path, self._findings)
        if retry.on is not None:
            written = self._data["retry"]["on"].get("exceptions")
            call = entry.call if isinstance(entry, CallEntry) else ""
            warn_of_unknown(written, (*path, "exceptions"), self._findings, call, self._context.folder)

    def _timeout(self, entry: TaskEntry) -> float | None:
        own: float | None = getattr(entry, "timeout", None)
        if own is None and isinstance(entry, RunEntry | CallEntry):
            default: float | None = self._context.defaults.timeout
            return default
        return own

    def _timeout_position(self) -> Position | None:
        """Where the task itself says how long it may take."""
        path = (*self._path, "timeout")
        return self._findings.document.mark(path, key=True) if "timeout" in self._data else None

    def _cache(self, entry: TaskEntry, kind: str | None) -> Cache | None:
        value: bool | CacheFiles = getattr(entry, "cache", False)
        if value is True:
            if kind == "run":
                message = "`cache: true` is for `call`: a command does not show which files it reads"
                self._add(
                    ("cache",),
                    "misplaced-key",
                    message,
                    "name them: `cache: {inputs: [...], outputs: [...]}`",
                )
            return Cache(by_arguments=True)
        if not isinstance(value, CacheFiles):
            return None
        path = (*self._path, "cache")
        view = self._view()
        return Cache(
            self._uses.template(value.inputs, (*path, "inputs"), view),
            self._uses.template(value.outputs, (*path, "outputs"), view),
        )

    def _limits(self, entry: TaskEntry) -> Mapping[str, int]:
        units: Mapping[str, int] | None = getattr(entry, "limit", None)
        if units is None:
            if isinstance(entry, RunEntry | CallEntry):
                return self._context.defaults.limit or {}
            return {}
        self._context.limits.take(units, self._data["limit"], (*self._path, "limit"))
        return units

    def _add(self, path: Path, code: str, message: str, hint: str = "", **more: Any) -> None:
        self._findings.add(self._path + path, code, message, hint, **more)
