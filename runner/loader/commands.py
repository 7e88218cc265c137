"""The meaning of a command: a script for a shell, or a list of arguments; where values may stand in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner import shell
from runner.expression import Template
from runner.expression.values import NUL, written
from runner.findings import Findings
from runner.loader.actions import ActionReader
from runner.loader.context import FileContext
from runner.loader.environments import check_exposed, check_exposed_in_list, check_fed
from runner.loader.mistakes import unread
from runner.loader.schema import RunEntry
from runner.loader.texts import (
    check_cut_off,
    check_double_quotes,
    check_kinds,
    check_shell,
    check_texts,
    open_expression,
    wrong_holes,
)
from runner.struct import struct
from runner.wording import quoted
from runner.workflow import Run, Script

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


@struct
class CommandReader:
    """Reads a command; `action` knows where it stands, and reads what other actions have, too."""

    action: ActionReader

    @property
    def _context(self) -> FileContext:
        return self.action.context

    @property
    def _findings(self) -> Findings:
        return self.action.context.findings

    def read(self, entry: RunEntry, data: Mapping[str, Any]) -> Run:
        """It, with the defaults of the file where the task says nothing else."""
        check_shell(self._findings, self.action.path, entry.shell)
        interpreter = entry.shell or self._context.defaults.shell or ("sh",)
        argv: tuple[Template, ...] = ()
        script: Script | None = None
        if isinstance(entry.run, str):
            script = self._script(entry.run, interpreter, fed="stdin" in data)
        else:
            argv = self._argv(entry.run, fed="stdin" in data)
            if "shell" in data:
                message = "a list of arguments is run without a shell: `shell` is for scripts"
                self.action.add(("shell",), "misplaced-key", message, key=True)
        stdin, stdin_file = self._stdin(entry.stdin, data)
        if stdin is not None and (script is None or interpreter in (("sh",), ("bash",))):
            kinds = self._context.lookup.kinds(entry.stdin, self.action.views.plain)
            check_fed(self._findings, (*self.action.path, "stdin"), entry.stdin, entry.run, kinds)
        return Run(
            argv=argv,
            script=script,
            shell=shells.get(interpreter[0], interpreter) if len(interpreter) == 1 else interpreter,
            env=self.action.environment(entry.env),
            cwd=self._cwd(entry.cwd),
            stdin=stdin,
            stdin_file=stdin_file,
            capture=entry.capture,
        )

    def _script(self, text: str, interpreter: tuple[str, ...], *, fed: bool) -> Script | None:
        path = (*self.action.path, "run")
        problems = self._findings.errors()
        before = len(self._findings.problems)
        self.action.uses.template(text, path, self.action.views.plain, script=True)
        if "\0" in text:
            self._findings.add_inside(path, text.index("\0"), 1, "wrong-type", NUL)
            return None
        comment, _ = self._findings.document.cut_off(path)
        if comment:
            if open_expression(text) < 0 or self._findings.errors() == problems:
                check_cut_off(self._findings, path, text, "the command")
            return None
        kinds = self._context.lookup.kinds(text, self.action.views.plain)
        if interpreter in (("sh",), ("bash",)):
            dialect: shell.Dialect = "sh" if interpreter == ("sh",) else "bash"
            script, faults = shell.parse(text, dialect, kinds, fed=fed)
            if self._findings.errors() == problems:
                types = {**self._context.lookup.types, **kinds}
                check_exposed(self._findings, self.action.path, text, dialect, types)
        else:
            script, faults = shell.parse_other(text)
        wrong = wrong_holes(self._findings, path, text, before) if "{{" in text else []
        for fault in faults:
            if wrong is not None and not any(it.offset <= fault.offset < it.end for it in wrong):
                self._findings.add_inside(
                    path,
                    fault.offset,
                    fault.length,
                    fault.code,
                    fault.message,
                    fault.hint,
                    severity=fault.severity,
                )
        if not any(fault.severity == "error" for fault in faults):
            check_kinds(self._findings, path, text, kinds, [slot.place for slot in script.slots])
        return script

    def _argv(self, words: tuple[Any, ...], *, fed: bool) -> tuple[Template, ...]:
        self._warn_of_commands(words)
        path = (*self.action.path, "run")
        values = [((*path, index), word) for index, word in enumerate(words)]
        check_texts(self._findings, values)
        check_double_quotes(self._findings, values)
        argv: list[Template] = []
        wrong: set[int] = set()
        for index, word in enumerate(words):
            problems = self._findings.errors()
            argv.append(self.action.uses.template(word, (*path, index), self.action.views.plain))
            if self._findings.errors() > problems:
                wrong.add(index)
        kinds = self._context.lookup.kinds(list(words), self.action.views.plain)
        for index, word in enumerate(words):
            check_kinds(self._findings, (*path, index), word, kinds)
        if not wrong:
            check_exposed_in_list(self._findings, self.action.path, words, self._context.lookup.types)
        if not all(template.literal for template in argv):
            operands = shell.program_operands([str(word) for word in words], kinds, fed=fed)
            for index, hint in operands.items():
                if index in wrong:
                    continue
                message = "the program that is started reads this argument as program text: "
                self.action.add(("run", index), "program-text", f"{message}a value in it would be run", hint)
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
            self.action.add(("run", index), "several-commands", message, hint, severity="warning")
            return

    def _stdin(self, value: Any, data: Mapping[str, Any]) -> tuple[Template | None, Template | None]:
        if value is None:
            if "stdin" in data:
                message = "`stdin` is empty: give it a value, or leave the key out"
                self.action.add(("stdin",), "wrong-type", message)
            return None, None
        path = (*self.action.path, "stdin")
        if isinstance(value, dict) and set(value) == {"file"}:
            if not isinstance(value["file"], str) or not value["file"]:
                self.action.add(("stdin", "file"), "wrong-type", "`stdin.file` must be a path")
                return None, None
            check_texts(self._findings, [((*path, "file"), value["file"])])
            return None, self.action.uses.template(value["file"], (*path, "file"), self.action.views.secret)
        check_texts(self._findings, [(path, value)], written)
        check_double_quotes(self._findings, [(path, value)])
        return self.action.uses.template(value, path, self.action.views.secret), None

    def _cwd(self, value: str | None) -> Template | None:
        if value is not None:
            return self.action.cwd(value)
        default = None if self.action.place.in_folder else self._context.defaults.cwd
        return self.action.uses.shared(Template(default)) if default is not None else None
