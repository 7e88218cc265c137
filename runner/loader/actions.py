"""The meaning of a task's action: `call`, `workflow`, or none. `commands` reads commands, `bodies` groups.

It checks what is known before a run: what a callable takes, the params of another file. It runs
and imports nothing.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from runner.callables.finding import CallableFault
from runner.callables.inspection import check_arguments, inspect_callable
from runner.expression import Template
from runner.expression.kinds import kind_of, known_value
from runner.findings import Path
from runner.likeness import nearest
from runner.loader.context import FileContext, Place, Uses
from runner.loader.keys_meant import keys_of, meant_key
from runner.loader.namespace import View
from runner.loader.schema import CallEntry, SubEntry, UnclearEntry
from runner.loader.texts import (
    check_texts,
    check_variables,
)
from runner.param_types import fault_of, fault_of_kind, literal_fault_of
from runner.position import Position
from runner.regex import regex
from runner.struct import struct
from runner.wording import listed
from runner.workflow import Body, Call, Param, Sub, Workflow

_PATH_CALL = regex(r"(?P<file>.*\.py):(?P<function>[^:]*)")


@struct
class Views:
    """What the expressions of an action may name: `secret` ones see secrets too."""

    plain: View
    secret: View


@struct
class ActionReader:
    """Reads the action of the task at `place`; what its expressions name is added to `uses`."""

    context: FileContext
    place: Place
    views: Views
    uses: Uses

    @property
    def path(self) -> Path:
        """Where the task stands in the file."""
        return self.place.path

    def look_at(self, entry: UnclearEntry) -> None:
        """The expressions of a task of which it is not known what it does."""
        self.environment(entry.env)
        self.cwd(entry.cwd)
        self._arguments(entry.with_)
        if entry.run is not None:
            self.uses.template(entry.run, (*self.path, "run"), self.views.plain, script=True)
        if entry.stdin is not None:
            self.uses.template(entry.stdin, (*self.path, "stdin"), self.views.secret)

    # What several actions have -----------------------------------------------------------------

    def add(self, path: Path, code: str, message: str, hint: str = "", **more: Any) -> None:
        """Report a problem at a path inside the task."""
        self.context.findings.add(self.path + path, code, message, hint, **more)

    def cwd(self, value: str | None) -> Template | None:
        """The folder that a task names itself."""
        if value is None:
            return None
        check_texts(self.context.findings, [((*self.path, "cwd"), value)])
        return self.uses.template(value, (*self.path, "cwd"), self.views.plain)

    def environment(self, value: Mapping[str, Any] | None) -> Template | None:
        """The variables that a task names itself."""
        if value is None:
            return None
        path = (*self.path, "env")
        check_variables(self.context.findings, value, path)
        return self.uses.template(value, path, self.views.secret)

    def _arguments(self, value: Mapping[str, Any] | None) -> Template:
        return self.uses.template(value or {}, (*self.path, "with"), self.views.secret)

    # call --------------------------------------------------------------------------------------

    def call(self, entry: CallEntry, data: Mapping[str, Any]) -> Call:
        """A callable, held against its source as far as that can be read."""
        checked = self._check_callable(entry, data)
        return Call(
            reference=absolute_reference(entry.call, self.context.folder),
            arguments=self._arguments(entry.with_),
            folder=self.context.folder,
            env=self.environment(entry.env),
            checked=checked,
            position=self.context.findings.document.mark_in((*self.path, "call"), 0),
        )

    def _check_callable(self, entry: CallEntry, data: Mapping[str, Any]) -> bool:
        """Whether the source shows what it takes."""
        found = inspect_callable(entry.call, self.context.folder)
        if isinstance(found, CallableFault):
            self.context.findings.add_inside(
                (*self.path, "call"), found.offset, found.length, found.code, found.message, found.hint
            )
            return False
        if self._is_unknown_what_is_given(entry, data):
            return False
        given = entry.with_ or {}
        for fault in check_arguments(found, list(given)):
            if fault.name in given:
                self.add(("with", fault.name), fault.code, fault.message, fault.hint, key=True)
            else:
                at: Path = ("with",) if entry.with_ is not None else ("call",)
                self.add(at, fault.code, fault.message, fault.hint, key=bool(entry.with_))
        return found.known

    def _is_unknown_what_is_given(self, entry: CallEntry | SubEntry, data: Mapping[str, Any]) -> bool:
        """Whether a `with` that could not be read, or is misspelt, gives what would be missed."""
        if entry.with_ is not None:
            return False
        if "with" in data or self.context.findings.document.is_partial(self.path):
            return True
        kind = type(entry)
        unknown = (key for key in data if key not in keys_of(kind))
        return any(meant_key(key, kind) == "did you mean 'with'?" for key in unknown)

    # workflow ----------------------------------------------------------------------------------

    def sub(self, entry: SubEntry, data: Mapping[str, Any]) -> Sub:
        """Another file, and what it is given held against its params."""
        other = self.context.open_file(entry.workflow, (*self.path, "workflow"))
        given = entry.with_ or {}
        if other.params is not None and not self._is_unknown_what_is_given(entry, data):
            self._check_params(entry, other.params, given, other.given)
        return Sub(other.workflow or _no_workflow, self._arguments(given))

    def _check_params(
        self,
        entry: SubEntry,
        params: Mapping[str, Param],
        given: Mapping[str, Any],
        given_there: Collection[str],
    ) -> None:
        file, written = entry.workflow, entry.with_ is not None
        meant: set[str] = set()
        for name, value in given.items():
            param = params.get(name)
            if param is None:
                near = nearest(name, list(params))
                meant.add(near)
                hint = f"did you mean '{near}'?" if near else _it_has(params)
                self.add(("with", name), "unknown-param", f"{file} has no param '{name}'", hint, key=True)
            elif fault := self._fault_of(param, Template(value)):
                related = [(param.position, f"'{name}' is declared")]
                self.add(("with", name), "bad-param", f"`{name}` {fault}", param.help, related=related)
        for name, param in params.items():
            if param.required and name not in meant.union(given, given_there):
                at: Path = ("with",) if written else ("workflow",)
                related = [(param.position, f"'{name}' is declared")]
                message = f"{file} needs the param '{name}'"
                self.add(
                    at,
                    "missing-param",
                    message,
                    f"give it by `with: {{{name}: ...}}`",
                    key=written,
                    related=related,
                )

    def _fault_of(self, param: Param, given: Template) -> str:
        """Why what is given is sure to be no value of the param."""
        if known := known_value(given):
            return literal_fault_of(param, known.value) if given.literal else fault_of(param, known.value)
        kind = kind_of(given, self.context.lookup.kinds(given.value, self.views.secret))
        return fault_of_kind(param, kind) if kind else ""


def _it_has(params: Mapping[str, Param]) -> str:
    return f"it has {listed(params)}" if params else "it has none"


def absolute_reference(reference: str, folder: str) -> str:
    """`lib/gallery.py:build` with the path made absolute; a module's name as it is."""
    match = _PATH_CALL.fullmatch(reference)
    if match is None:
        return reference
    return f"{os.path.normpath(os.path.join(folder, match['file']))}:{match['function']}"


_no_workflow = Workflow("", "", "", Position("", 0, 0), Body({}))
"""Stands for a file that is broken: the workflow that names it is never run."""
