"""The meaning of `map`: what a task ranges over, by which names, and how its items end together.

It does not open any source: nothing is known here of how many items there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from runner.expression import Template
from runner.expression.holes import Hole, split
from runner.expression.kinds import kind_of, length_of, parts_of_mapping
from runner.expression.questions import exact_tasks_results
from runner.expression.values import counted
from runner.findings import Path
from runner.loader.context import FileContext, Place, Uses
from runner.loader.fields import identifier_like
from runner.loader.keys_meant import keys_of
from runner.loader.known_items import about_combinations, axes_of, fault_of_key, most_items, sources
from runner.loader.lookup import Found
from runner.loader.namespace import View, everywhere, reserved
from runner.loader.schema import MapEntry
from runner.param_types import given_as
from runner.problem import did_you_mean
from runner.regex import regex
from runner.wording import described, listed, quoted
from runner.workflow import Budget, Map, Matrix, Need, Over, Zip

_text_advice = "`.split()` cuts text; `lines('…')` reads a file"
_advice = {"str": _text_advice, "path": "`lines(…)` reads a file", "int": "`range(n)` counts"}
_known_keys = keys_of(MapEntry)
_range = regex(r"(\d{1,9}) *\.\. *(\d{1,9})")
_plain_word = regex(r"[A-Za-z_][\w.-]*")
_calls_or_lists = regex(r"\b(range|glob|lines|csv|jsonl)\(|^\[[^*?]*\]$|^\{.*\}$")
_of_param = regex(r"(params\.)?([A-Za-z_]\w*)(?: *\|.*|(?(1)[.[].*))?")


class MapReader:
    """Reads the `map` of one task; `followed` is the map of which it takes the items one by one."""

    def __init__(self, context: FileContext, place: Place, entry: MapEntry, data: Mapping[str, Any]) -> None:
        self._findings = context.findings
        self._lookup = context.lookup
        self._params = context.lookup.params
        self._place = place
        self._entry = entry
        self._data = data
        self._path: Path = (*place.path, "map")
        self.followed: Found | None = None

    def read(self, uses: Uses) -> Map:
        """The map, but for `follows`, which the rest of the task decides."""
        entry = self._entry
        items = self._items(uses)
        key = self._key(uses)
        if entry.quorum is not None and "max_failures" in self._data:
            self._wrong(
                ("quorum",), "quorum-and-budget", "`quorum` is there instead of `max_failures`: take one away"
            )
        self._check_quorum()
        return Map(
            items=items,
            position=self._findings.document.mark(self._path, key=True),
            name=entry.as_,
            key=key,
            max_parallel=entry.max_parallel,
            budget=budget_of(entry.max_failures),
            fail_fast=entry.fail_fast,
            quorum=entry.quorum,
            on_empty=entry.on_empty if "on_empty" in self._data else None,
        )

    def _check_quorum(self) -> None:
        wanted, most = self._entry.quorum, most_items(self._data)
        if wanted is not None and most is not None and wanted > most:
            message = f"`quorum` is {wanted}, but the map has only {counted(most, 'item')}"
            if not most and "on_empty" in self._data:  # which says what becomes of it
                return
            if not most:
                message = f"`quorum` is {wanted}, but the map has no items"
            self._wrong(("quorum",), "too-few-items", message, value=True)

    def follows(self, uses: Uses, needs: Mapping[tuple[str, int], Need], asks: bool) -> Need | None:
        """The map whose items these are one by one, unless the task waits for all of it anyhow.

        `asks`: its `when` asks how all that it needs has ended.
        """
        source = self.followed
        if source is None or asks or any(found.task == source.task and found.up == 0 for found in uses.found):
            return None
        if (source.task, source.up) in needs:
            return None
        if "key" in self._data:
            message = f"the items of '{source.task}' keep their keys: no `key` can be given here"
            self._wrong(("key",), "key-of-item-wise-map", message)
        return Need(source.task, 0, source.position)

    # What it ranges over -----------------------------------------------------------------------

    def _items(self, uses: Uses) -> Over | Matrix | Zip:
        given = [name for name in self._data if name in sources]
        if not given and all(key in _known_keys for key in self._data):
            self._findings.add(
                self._path, "missing-key", f"`map` needs one of {listed(sources, 'or')}", key=True
            )
        for extra in given[1:]:
            message = f"`map` ranges over one thing only: `{given[0]}` or `{extra}`"
            self._wrong((extra,), "two-sources", message)
        match given[0] if given else None:
            case "matrix" if self._entry.matrix is not None:
                return self._matrix(self._entry.matrix, uses)
            case "zip" if self._entry.zip is not None:
                return self._zip(self._entry.zip, uses)
            case "over":
                return self._over(self._entry.over, uses)
        return Over(Template([]))

    def _over(self, value: Any, uses: Uses) -> Over:
        path = (*self._path, "over")
        if isinstance(value, str) and not _is_one_expression(value):
            self._refuse_text(value, path)
            if "{{" not in value:
                return Over(Template([]))
        elif not isinstance(value, str | list | dict):
            number = isinstance(value, int) and not isinstance(value, bool)
            hint = f'did you mean "{{{{ range({value}) }}}}"?' if number else ""
            message = f"`over` must be a list, a mapping or an expression giving one, not {described(value)}"
            self._findings.add(path, "wrong-type", message, hint)
            return Over(Template([]))
        own = Uses(uses.lookup)
        template = own.template(value, path, self._outside(), lazy=True)
        self._follow(template, own, uses)
        kind = self._kind(value)
        if kind not in (None, "list", "dict") and _is_one_expression(value):
            message = f"`over` must be a list or a mapping, but this gives {given_as(kind)}"
            self._findings.add(path, "wrong-type", message, _advice.get(str(kind), ""))
        return Over(template)

    def _follow(self, template: Template, own: Uses, uses: Uses) -> None:
        """Set the mention of a map that is the whole of `over` apart from all others."""
        name = exact_tasks_results(template)
        uses.names |= own.names
        for found in own.found:
            if found.task == name and found.up == 0 and self.followed is None:
                self.followed = found
            else:
                uses.found.append(found)

    def _refuse_text(self, value: str, path: Path) -> None:
        if "{{" in value:
            message = "`over` must be a list, a mapping or one expression: with text around it, it gives text"
            self._findings.add(path, "wrong-type", message)
            return
        message = f"`over` must be a list, a mapping or an expression giving one, not {described(value)}"
        self._findings.add(path, "wrong-type", message, self._meant_by(value))

    def _meant_by(self, value: str) -> str:
        """What a text was probably meant to range over, as a hint."""
        name = value.removeprefix("tasks.").partition(".")[0]
        if counted_range := _range.fullmatch(value):
            first, last = int(counted_range[1]), int(counted_range[2])
            return f'did you mean "{{{{ range({first}, {last + 1}) }}}}"?' if first <= last else ""
        if self._place.namespace.find(name):
            return f'did you mean "{{{{ tasks.{name}.results }}}}"?'
        begun = _of_param.fullmatch(value)
        if begun is not None and begun[2] in self._params:
            return f'did you mean "{{{{ {"" if begun[1] else "params."}{value} }}}}"?'
        if _calls_or_lists.search(value):
            mark = "'" if '"' in value else '"'
            return f"did you mean {mark}{{{{ {value} }}}}{mark}?"
        if any(sign in value for sign in "*?["):
            return f"for the names of files: \"{{{{ glob('{value}') }}}}\""
        words = value.split()
        if len(words) > 1 and not any("/" in word or "." in word for word in words):
            return f"did you mean {_as_list(','.join(words))}?"
        return f"for the lines of a file: \"{{{{ lines('{value}') }}}}\""

    def _matrix(self, value: Any, uses: Uses) -> Matrix:
        path = (*self._path, "matrix")
        if isinstance(value, str):
            problems = self._findings.errors()
            template = uses.template(value, path, self._outside())
            if self._findings.errors() == problems:
                self._check_lists(axes_of(self._written_out(value, path)), path)
            return Matrix(template)
        axes = axes_of(value)
        self._check_lists(axes, path)
        exclude = self._combinations(value, "exclude", path, axes)
        include = self._combinations(value, "include", path, None)
        computed = {name: value[name] for name in about_combinations if not Template(value.get(name)).literal}
        return Matrix(uses.template({**axes, **computed}, path, self._outside()), exclude, include)

    def _combinations(
        self, value: Mapping[str, Any], name: str, path: Path, axes: Mapping[str, Any] | None
    ) -> tuple[Mapping[str, Any], ...]:
        given = value.get(name, [])
        if not Template(given).literal:
            return ()
        if not isinstance(given, list):
            self._findings.add(
                (*path, name), "wrong-type", f"`{name}` must be a list of mappings, not {described(given)}"
            )
            return ()
        for index, one in enumerate(given):
            at = (*path, name, index)
            if not isinstance(one, dict):
                message = f"each of `{name}` must be a mapping such as {{os: linux}}, not {described(one)}"
                self._findings.add(at, "wrong-type", message)
                continue
            for axis in one:
                if axes is not None and axis not in axes:
                    hint = did_you_mean(axis, axes) or (f"it has {listed(axes)}" if axes else "it has none")
                    self._findings.add(
                        (*at, axis), "unknown-axis", f"the matrix has no '{axis}'", hint, key=True
                    )
        return tuple(one for one in given if isinstance(one, dict))

    def _zip(self, value: Any, uses: Uses) -> Zip:
        path = (*self._path, "zip")
        problems = self._findings.errors()
        template = uses.template(value, path, self._outside())
        if isinstance(value, str) and self._findings.errors() == problems:
            value = self._written_out(value, path)
        if isinstance(value, dict):
            self._check_lists(value, path)
            self._check_lengths(value, path)
        return Zip(template)

    def _written_out(self, value: str, path: Path) -> Mapping[str, Any]:
        """The lists that an expression names one by one; what it gives if that is no mapping is reported."""
        kind = self._kind(value)
        if kind not in (None, "dict"):
            message = f"`{path[-1]}` must be a mapping of lists, but this gives {given_as(kind)}"
            self._findings.add(path, "wrong-type", message)
        return parts_of_mapping(value)

    def _kind(self, value: Any) -> str | None:
        return kind_of(Template(value), self._lookup.kinds(value, self._outside()))

    def _check_lists(self, lists: Mapping[str, Any], path: Path) -> None:
        for name, values in lists.items():
            if not (isinstance(values, list) or (isinstance(values, str) and _is_one_expression(values))):
                hint = "" if isinstance(values, dict) else f"did you mean {_as_list(values)}?"
                message = f"`{name}` must be a list, or an expression giving one, not {described(values)}"
                self._findings.add((*path, name), "wrong-type", message, hint)
            elif (kind := self._kind(values)) not in (None, "list"):
                message = f"`{name}` must be a list, but this gives {given_as(kind)}"
                self._findings.add((*path, name), "wrong-type", message, _advice.get(str(kind), ""))

    def _check_lengths(self, lists: Mapping[str, Any], path: Path) -> None:
        lengths = {name: length for name in lists if (length := length_of(lists[name])) is not None}
        first = next(iter(lengths), "")
        for name, length in lengths.items():
            if length != lengths[first]:
                elements = counted(lengths[first], "element")
                message = f"`{first}` has {elements} and `{name}` {length}: they must be equal"
                at = (*path, name)
                self._findings.add(at, "unequal-lengths", message, key=self._findings.document.has(at))

    # Its names ---------------------------------------------------------------------------------

    def check_name(self) -> None:
        """`as` may hide no name that expressions have anyhow."""
        name = self._entry.as_
        if "as" in self._data and name in reserved:
            hint = f"did you mean '{identifier_like(name)}_item'?"
            self._wrong(
                ("as",), "reserved-name", f"`{name}` means something else in expressions", hint, value=True
            )

    def _key(self, uses: Uses) -> Template | None:
        if self._entry.key is None:
            return None
        path = (*self._path, "key")
        around = self._place.around.inside(self._entry.as_, explicit="as" in self._data)
        names = everywhere | self._place.around.names | {self._entry.as_, "index"} | around.named
        view = View(names, self._place.namespace, around=around)
        problems = self._findings.errors()
        template = uses.template(self._entry.key, path, view)
        if self._findings.errors() > problems:
            return template
        message, hint = fault_of_key(template, self._entry.as_, self._data)
        if message:
            self._findings.add(path, "bad-key", message, hint)
        elif template.literal:
            hint = f'did you mean "{{{{ {self._entry.as_} }}}}"?'
            message = f"every item gets the same key {quoted(self._entry.key)}"
            self._findings.add(path, "literal-key", message, hint, severity="warning")
        return template

    def _outside(self) -> View:
        around = self._place.around
        return View(everywhere | around.names, self._place.namespace, around=around)

    def _wrong(self, key: Path, code: str, message: str, hint: str = "", *, value: bool = False) -> None:
        self._findings.add(self._path + key, code, message, hint, key=not value)


def budget_of(value: int | str | None) -> Budget:
    """How many items may fail: `3`, or `5%`."""
    if isinstance(value, str):
        return Budget(percent=float(value.removesuffix("%")))
    return Budget(count=value or 0)


def keys_of_items(data: Mapping[str, Any]) -> Collection[str]:
    """The keys that every item has or may have, where the file shows them."""
    if "over" in data:
        return _keys_of_written(data)
    lists = data.get("matrix", data.get("zip"))
    if not isinstance(lists, dict):
        return ()
    include = lists.get("include", []) if "matrix" in data else []
    if not isinstance(include, list) or not Template(include).literal:
        return ()
    added = [key for one in include if isinstance(one, dict) for key in one]
    axes = (name for name in lists if "zip" in data or name not in about_combinations)
    return list(dict.fromkeys([*axes, *added]))


def _keys_of_written(data: Mapping[str, Any]) -> Collection[str]:
    """The keys of items that are all written out as mappings."""
    over = data["over"]
    items = list(over.values()) if isinstance(over, dict) else over
    if len(data.keys() & {*sources}) > 1 or not isinstance(items, list):
        return ()
    if not all(isinstance(item, dict) for item in items):
        return ()
    return list(dict.fromkeys(key for item in items for key in item))


def _is_one_expression(text: str) -> bool:
    parts = split(text.strip())
    return len(parts) == 1 and isinstance(parts[0], Hole)


def _as_list(value: Any) -> str:
    """What is no list as one, with what would not be text there in quotes."""
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else []
    if len(parts) < 2:
        return f"[{quoted(value).strip(chr(39))}]"
    return f"[{', '.join(part if _plain_word.fullmatch(part) else quoted(part) for part in parts)}]"
