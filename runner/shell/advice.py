"""The words of every refusal, with the fix spelled on the user's own line.

It knows what each kind of place is called and what to write instead; not how a script is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from runner.expression.holes import Hole
from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.findings import Refusal, Spot, Word
from runner.shell.flat import FlatScript
from runner.shell.known.interpreters import called
from runner.shell.remedies import brackets as bracket_remedies
from runner.shell.remedies import brief as remedies
from runner.shell.remedies import composed as composed_remedies
from runner.shell.remedies import elements as element_remedies
from runner.shell.remedies import evaluated as evaluated_remedies
from runner.shell.remedies import keys as key_remedies
from runner.shell.remedies import numbers as number_remedies
from runner.shell.remedies import options as option_remedies
from runner.shell.remedies import printf as printf_remedies
from runner.shell.remedies import programs as program_remedies
from runner.shell.remedies import quotes as quote_remedies
from runner.shell.remedies import split as split_remedies
from runner.struct import struct

_shift = regex(r"\bshift\b")


@struct
class ShellFault:
    """Something wrong in a script; `offset` counts the characters of the string in the file."""

    offset: int
    length: int
    code: str
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    @staticmethod
    def of(hole: Hole, code: str, message: str, hint: str) -> ShellFault:
        """What is wrong with a value."""
        return ShellFault(hole.offset, hole.end - hole.offset, code, message, hint)


def fault_of(case: Case) -> ShellFault:
    """Why a hole is refused, and what to write instead."""
    refusal = case.refusal
    message, advice = _told[refusal.kind]
    before = case.flat.text[case.flat.line(refusal.start)[0] : refusal.start]
    return ShellFault.of(
        case.flat.holes[case.spot.number],
        "program-text" if refusal.kind in _of_programs else "unsound-place",
        _filled(message, refusal.detail, before) + _elsewhere(case),
        _as_one_argument(case) or (advice(case) if callable(advice) else advice),
    )


def _as_one_argument(case: Case) -> str:
    """For `f() { n=$2; … }; f {{ x }} 3`, where the value is read only if it is a list."""
    argument, name = case.spot.argument, case.refusal.detail.rpartition(" ")[2]
    if not argument or case.kind(case.spot.number) == "list":
        return ""
    copied = re.findall(rf"(?<![\w$]){re.escape(name)}=\"?\$\{{?(\d+|[@*])", case.flat.text)
    read = {name} if re.fullmatch(r"\d+|[@*]", name) else set(copied)
    if not _shift.search(case.flat.text):
        read = set() if str(argument) in read else read - {"@", "*"}
    if not read:
        return ""
    return f'put double quotes around it, "{case.hole}", so that it is one argument'


def _elsewhere(case: Case) -> str:
    """The line from which on a script is not followed, where it is not that of the value."""
    line = case.flat.line(case.refusal.start)
    if case.refusal.kind != "lost" or ":" in case.refusal.detail or line == case.flat.line(case.spot.at):
        return ""
    shown = case.flat.shown(*line).strip()
    return f", in the line `{shown}`" if 0 < len(shown) <= _longest_shown else ""


def _filled(message: str, detail: str, before: str) -> str:
    """What the kind of a place says; the detail of a held value is a program and a variable."""
    first, _, variable = detail.rpartition(" ")
    name = first if "<variable>" in message else detail
    program = program_remedies.text_of_program(called(name, before))
    for name, text in (("detail", detail), ("first", first), ("variable", variable), ("program", program)):
        message = message.replace(f"<{name}>", text)
    return message


def other_fault(flat: FlatScript, spot: Spot) -> ShellFault:
    """A hole in a program for another interpreter."""
    name = Case(flat, spot, Refusal("other", 0)).setting
    return ShellFault.of(
        flat.holes[spot.number],
        "program-text",
        "a value in this program would be run as part of it",
        f'give it by `env: {{{name}: "{flat.spelled(spot.number)}"}}` or by `stdin`, and read it there',
    )


def pipe_fault(flat: FlatScript, at: int) -> ShellFault:
    """`sh` does not see a failure left of a pipe."""
    return ShellFault(
        offset=flat.place(at),
        length=1,
        code="pipe-in-sh",
        message="`sh` does not notice when a command before a pipe fails",
        hint="say `shell: bash`, which does",
        severity="warning",
    )


def emptied_fault(flat: FlatScript, word: Word) -> ShellFault:
    """What a command prints goes to a file, which is emptied where it is opened anew."""
    return ShellFault(
        offset=flat.place(word.start),
        length=word.end - word.start,
        code="output-emptied",
        message=f"what opens {word.text} anew empties the log of what was printed so far",
        hint=f"write `>&{1 if word.text == '/dev/stdout' else 2}`, or `tee -a`",
        severity="warning",
    )


_longest_shown = 60
_Advice = str | Callable[[Case], str]


_of_places: dict[str, tuple[str, _Advice]] = {
    "single": (
        "no value can stand inside single quotes: the shell expands nothing there",
        quote_remedies.single,
    ),
    "ansi": ("no value can stand inside $'…': the shell expands nothing there", quote_remedies.ansi),
    "translated": ('no value can stand inside $"…", which is translated', "leave the `$` out"),
    "quoted-heredoc": (
        "no value can stand in a heredoc with a quoted delimiter: the shell expands nothing there",
        quote_remedies.quoted_heredoc,
    ),
    "backticks": (
        "no value can stand inside backticks: quotes mean something else there",
        quote_remedies.backticks,
    ),
    "comment": ("no value can stand in a comment", quote_remedies.comment),
    "backslash": ("no value can stand right after a backslash", quote_remedies.backslash),
    "dollar": ("no value can stand right after a `$`", quote_remedies.dollar),
    "arithmetic": ("no value can stand in arithmetic, which would run what it says", number_remedies.number),
    "subscript": ("no value can stand in a subscript, which is arithmetic", number_remedies.subscript),
    "counted": (
        "arithmetic reads the variable `<detail>`, and would run what this value says",
        number_remedies.counted,
    ),
    "reference": (
        "`<detail>` stands for another variable, whose name this value could be",
        "use an array or `case` instead of `-n`",
    ),
    "double-brackets": (
        "no value can stand in [[ ]], which may read it as a pattern or as arithmetic",
        bracket_remedies.double_brackets,
    ),
    "name": ("no value can stand where the shell wants a name", key_remedies.name),
    "given-name": (
        "the shell wants a name at `<detail>`, and this value is in what comes there",
        key_remedies.given_name,
    ),
    "unnamed": (
        "this value goes to a variable whose name is not written out: it could be one that is run",
        "write the name out",
    ),
    "function": ("no value can stand in the name of a function", "write the name out"),
    "delimiter": ("no value can be the end of a heredoc", "write any word, such as EOF"),
    "descriptor": ("no value can be the number of a descriptor", remedies.descriptor),
    "here-string": ("`sh` has no `<<<`", "say `shell: bash`, or give the value by `stdin`"),
    "replacement": (
        "no value can stand in such an expansion: shells differ on what it does there",
        remedies.replacement,
    ),
    "heredoc-pattern": (
        "no value can stand in a pattern inside a heredoc: shells differ on it",
        "put the result in a variable before the heredoc",
    ),
    "inner-quote": (
        "no value can stand inside quotes in a `${…}` that is in quotes: shells differ on it",
        "leave the inner quotes out",
    ),
    "assigning": ("this value would be split into words", 'put double quotes around the whole "${…}"'),
    "braces": ("no value can stand inside {a,b} or {1..9}", remedies.braces),
    "tilde": ("no value can stand right after `~`, which is expanded before values", "write the folder out"),
    "format": (
        "no value can stand in the format of `printf`, where its `%` and backslashes would count",
        printf_remedies.told,
    ),
    "option": ("no value can stand where `<detail>` may take it for an option", remedies.option),
    "test-operator": ("no value can be an operator of a test", "write the operator out"),
    "test-many": (
        "some values change the meaning of a test with more than one comparison",
        remedies.two_tests,
    ),
    "declared-array": (
        "`<detail>` reads such a value as program text",
        "declare it first and give it the value on a line of its own",
    ),
    "array": (
        "`<detail>` is an array, whose values `declare` reads as program text",
        "assign it on a line of its own",
    ),
    "held-name": (
        "the shell wants a name where it reads the variable `<variable>`, and would run what this value says",
        key_remedies.held_name,
    ),
    "held-format": (
        "`printf` reads the variable `<variable>` in its format, where `%` and backslashes of it count",
        program_remedies.held_format,
    ),
    "split-test": (
        "a test reads the variable `<variable>` without quotes, where this value could be its operators",
        split_remedies.test,
    ),
    "prompt": ("`@P` would run what this value says", "leave the `@P` out"),
    "held-prompt": (
        "`@P` reads the variable `<variable>`, and would run what this value says",
        "leave the `@P` out",
    ),
    "lost": ("it cannot be told where this value stands: <detail>", remedies.lost),
}
_of_programs: dict[str, tuple[str, _Advice]] = {
    "program-variable": ("the shell runs what stands in `<detail>`", option_remedies.of_variable),
    "program": ("<program> is program text: a value in it would be run", program_remedies.program),
    "setting": (
        "`<detail>` runs what some of its settings say, and this value could be one of them",
        "write out the name of a setting that runs nothing",
    ),
    "assignment": (
        "`<detail>` may take this value for a variable that is run, such as BASH_ENV, or for an option",
        remedies.assignment,
    ),
    "leading-setting": ("`<detail>` runs what it finds where this value says", "write it out"),
    "program-input": (
        "`<detail>` reads its program here: a value in it would be run",
        program_remedies.program_input,
    ),
    "opened": (
        "perl runs a file that it is given where its name begins or ends with `|`: this value would be run",
        program_remedies.opened,
    ),
    "found": (
        "`<first>` puts the paths that it finds into a program: this value in them would be run",
        program_remedies.found,
    ),
    "written-program": (
        "`<detail>` is found by its name and run: a value in it would be run",
        program_remedies.written_program,
    ),
    "held-program": (
        "<program> names the variable `<variable>`: this value in it would be run",
        lambda case: element_remedies.named(case, composed_remedies.held_program(case)),
    ),
    "evaluated": (
        "`eval` or `trap` is given a text that names the variable `<detail>`, and would run this value there",
        evaluated_remedies.within,
    ),
    "held-input": (
        "the program that `<first>` reads names the variable `<variable>`: this value in it would be run",
        lambda case: element_remedies.named(case, program_remedies.held_input(case)),
    ),
    "split-command": (
        "the variable `<variable>` is run split into words, where this value could be a whole command",
        split_remedies.command,
    ),
}
_told = _of_places | _of_programs
"""What is said of each kind of place, and what is advised."""
