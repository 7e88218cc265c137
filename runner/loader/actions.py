"""The meaning of a task's action: `run`, `call`, `workflow`, or none. Groups are read by `bodies`.

It checks what is known before a run: where values stand in scripts, what a callable takes, the
params of another file. It runs and imports nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from typing import Any

from runner import shell
from runner.callables.finding import CallableFault
from runner.callables.inspection import check_arguments, inspect_callable
from runner.expression import Template
from runner.expression.kinds import kind_of, known_value
from runner.expression.values import NUL, written
from runner.findings import Path
from runner.likeness import nearest
from runner.loader.context import FileContext, Place, Uses
from runner.loader.environments import check_exposed, check_exposed_in_list, check_fed
from runner.loader.keys_meant import keys_of, meant_key
from runner.loader.mistakes import unread
from runner.loader.namespace import View
from runner.loader.schema import CallEntry, RunEntry, SubEntry, UnclearEntry
from runner.loader.texts import (
    check_cut_off,
    check_double_quotes,
    check_kinds,
    check_shell,
    check_texts,
    check_variables,
    open_expression,
    wrong_holes,
)
from runner.param_types import fault_of, fault_of_kind, literal_fault_of
from runner.position import Position
from runner.regex import regex
from runner.struct import struct
from runner.wording import listed, quoted
from runner.workflow import Body, Call, Param, Run, Script, Sub, Workflow

shells = {"sh": ("sh", "-eu", "-c"), "bash": ("bash", "-euo", "pipefail", "-c")}

_OPERATORS = ("&&", "||", "|", ">", ">>", "2>&1")
_TAKES_OPERATORS = (
    "expr",
    "test",
    "[",
    "echo",
    "printf",
    "grep",
    "egrep",
    "awk",
    "jq",
    "find",
    "xargs",
    "ssh",
)
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

    # run ---------------------------------------------------------------------------------------

    def run(self, entry: RunEntry, data: Mapping[str, Any]) -> Run:
        """A command, with the defaults of the file where the task says nothing else."""
        check_shell(self.context.findings, self.path, entry.shell)
        interpreter = entry.shell or self.context.defaults.shell or ("sh",)
        argv: tuple[Template, ...] = ()
        script: Script | None = None
        if isinstance(entry.run, str):
            script = self._script(entry.run, interpreter, fed="stdin" in data)
        else:
            argv = self._argv(entry.run, fed="stdin" in data)
            if "shell" in data:
                message = "a list of arguments is run without a shell: `shell` is for scripts"
                self._add(("shell",), "misplaced-key", message, key=True)
        stdin, stdin_file = self._stdin(entry.stdin, data)
        if stdin is not None and (script is None or interpreter in (("sh",), ("bash",))):
            kinds = self.context.lookup.kinds(entry.stdin, self.views.plain)
            check_fed(self.context.findings, (*self.path, "stdin"), entry.stdin, entry.run, kinds)
        return Run(
            argv=argv,
            script=script,
            shell=shells.get(interpreter[0], interpreter) if len(interpreter) == 1 else interpreter,
            env=self.environment(entry.env),
            cwd=self._cwd(entry.cwd),
            stdin=stdin,
            stdin_file=stdin_file,
            capture=entry.capture,
        )

    def _script(self, text: str, interpreter: tuple[str, ...], *, fed: bool) -> Script | None:
        path = (*self.path, "run")
        problems = self.context.findings.errors()
        before = len(self.context.findings.problems)
        self.uses.template(text, path, self.views.plain)
        if "\0" in text:
            self.context.findings.add_inside(path, text.index("\0"), 1, "wrong-type", NUL)
            return None
        comment, _ = self.context.findings.document.cut_off(path)
        if comment:
            if open_expression(text) < 0 or self.context.findings.errors() == problems:
                check_cut_off(self.context.findings, path, text, "the command")
            return None
        kinds = self.context.lookup.kinds(text, self.views.plain)
        if interpreter in (("sh",), ("bash",)):
            dialect: shell.Dialect = "sh" if interpreter == ("sh",) else "bash"
            script, faults = shell.parse(text, dialect, kinds, fed=fed)
            if self.context.findings.errors() == problems:
                types = {**self.context.lookup.types, **kinds}
                check_exposed(self.context.findings, self.path, text, dialect, types)
        else:
            script, faults = shell.parse_other(text)
        wrong = wrong_holes(self.context.findings, path, text, before) if "{{" in text else []
        for fault in faults:
            if wrong is not None and not any(it.offset <= fault.offset < it.end for it in wrong):
                self.context.findings.add_inside(
                    path,
                    fault.offset,
                    fault.length,
                    fault.code,
                    fault.message,
                    fault.hint,
                    severity=fault.severity,
                )
        if not any(fault.severity == "error" for fault in faults):
            check_kinds(self.context.findings, path, text, kinds, [slot.place for slot in script.slots])
        return script

    def _argv(self, words: tuple[Any, ...], *, fed: bool) -> tuple[Template, ...]:
        self._warn_of_commands(words)
        path = (*self.path, "run")
        values = [((*path, index), word) for index, word in enumerate(words)]
        check_texts(self.context.findings, values)
        check_double_quotes(self.context.findings, values)
        argv: list[Template] = []
        wrong: set[int] = set()
        for index, word in enumerate(words):
            problems = self.context.findings.errors()
            argv.append(self.uses.template(word, (*path, index), self.views.plain))
            if self.context.findings.errors() > problems:
                wrong.add(index)
        kinds = self.context.lookup.kinds(list(words), self.views.plain)
        for index, word in enumerate(words):
            check_kinds(self.context.findings, (*path, index), word, kinds)
        if not wrong:
            check_exposed_in_list(self.context.findings, self.path, words, self.context.lookup.types)
        if not all(template.literal for template in argv):
            operands = shell.program_operands([str(word) for word in words], kinds, fed=fed)
            for index, hint in operands.items():
                if index in wrong:
                    continue
                message = "the program that is started reads this argument as program text: "
                self._add(("run", index), "program-text", f"{message}a value in it would be run", hint)
        return tuple(argv)

    def _warn_of_commands(self, words: tuple[Any, ...]) -> None:
        """Warn where a list holds what looks like commands rather than arguments."""
        if words[0] is unread:
            return
        program = str(words[0])
        for index, word in enumerate(words):
            if not isinstance(word, str) or "{{" in word:
                continue
            if index == 0 and "/" not in word and re.search(r"\s", word.strip()):
                message = f"the program is {quoted(word)}, with a space in its name"
            elif index and word.startswith(program + " "):
                message = f"{quoted(word)} is one argument of {quoted(program)}, not a command of its own"
            elif index and word in _OPERATORS and program not in _TAKES_OPERATORS:
                message = f"{quoted(word)} is an argument here: without a shell it means nothing"
            else:
                continue
            hint = "a list is one command and its arguments: for several commands write a script, `run: |`"
            self._add(("run", index), "several-commands", message, hint, severity="warning")
            return

    def _stdin(self, value: Any, data: Mapping[str, Any]) -> tuple[Template | None, Template | None]:
        if value is None:
            if "stdin" in data:
                message = "`stdin` is empty: give it a value, or leave the key out"
                self._add(("stdin",), "wrong-type", message)
            return None, None
        path = (*self.path, "stdin")
        if isinstance(value, dict) and set(value) == {"file"}:
            if not isinstance(value["file"], str) or not value["file"]:
                self._add(("stdin", "file"), "wrong-type", "`stdin.file` must be a path")
                return None, None
            check_texts(self.context.findings, [((*path, "file"), value["file"])])
            return None, self.uses.template(value["file"], (*path, "file"), self.views.secret)
        check_texts(self.context.findings, [(path, value)], written)
        check_double_quotes(self.context.findings, [(path, value)])
        return self.uses.template(value, path, self.views.secret), None

    def _cwd(self, value: str | None) -> Template | None:
        if value is not None:
            return self.cwd(value)
        default = None if self.place.in_folder else self.context.defaults.cwd
        return self.uses.shared(Template(default)) if default is not None else None

    def look_at(self, entry: UnclearEntry) -> None:
        """The expressions of a task of which it is not known what it does."""
        self.environment(entry.env)
        self.cwd(entry.cwd)
        self._arguments(entry.with_)
        if entry.stdin is not None:
            self.uses.template(entry.stdin, (*self.path, "stdin"), self.views.secret)

    # What several actions have -----------------------------------------------------------------

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
                self._add(("with", fault.name), fault.code, fault.message, fault.hint, key=True)
            else:
                at: Path = ("with",) if entry.with_ is not None else ("call",)
                self._add(at, fault.code, fault.message, fault.hint, key=bool(entry.with_))
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
                self._add(("with", name), "unknown-param", f"{file} has no param '{name}'", hint, key=True)
            elif fault := self._fault_of(param, Template(value)):
                related = [(param.position, f"'{name}' is declared")]
                self._add(("with", name), "bad-param", f"`{name}` {fault}", param.help, related=related)
        for name, param in params.items():
            if param.required and name not in meant.union(given, given_there):
                at: Path = ("with",) if written else ("workflow",)
                related = [(param.position, f"'{name}' is declared")]
                message = f"{file} needs the param '{name}'"
                self._add(
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

    def _add(self, path: Path, code: str, message: str, hint: str = "", **more: Any) -> None:
        self.context.findings.add(self.path + path, code, message, hint, **more)


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
