"""Scripts and their values: where in a script each value may stand.

A value never becomes text of a script: it travels as an environment variable, and the script gets
a reference to it (`scripts`). This room knows neither how commands are started nor where values come from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from runner.expression import Template
from runner.expression.holes import Hole, Literal, split
from runner.expression.kinds import kind_of
from runner.regex import regex
from runner.shell.advice import ShellFault, emptied_fault, fault_of, other_fault, pipe_fault
from runner.shell.cases import Case
from runner.shell.commands import Commands, input_refusal
from runner.shell.findings import Dialect, Spot
from runner.shell.flat import HOLE, FlatScript, flatten, untyped, whole_number
from runner.shell.kinds import computing, harmful_in_scripts, naming, running, surely_harmful
from runner.shell.known.builtins import program_variables
from runner.shell.nested import as_named, called, deepest, script_at, shells, unfolded
from runner.shell.remedies import arguments as argument_remedies
from runner.struct import replace
from runner.workflow import Script, Slot

__all__ = [
    "Dialect",
    "ShellFault",
    "argued",
    "exposed",
    "fed",
    "parse",
    "parse_other",
    "program_operands",
    "program_variables",
    "script_in",
]


def parse(
    text: str, dialect: Dialect, types: Mapping[str, str] = untyped, *, fed: bool = False
) -> tuple[Script, list[ShellFault]]:
    """Cut a script at its `{{ }}`, with a fault for each that no value may stand in.

    `types` are the kinds of names for which they are sure (`params.x`, `tasks.a.result`), and `fed` says
    whether the script is given an input: they tell what to write instead.
    """
    if not any(sign in text for sign in ("{{", "{%", "|", "/dev/std")):
        return Script((text,)), []
    flat = flatten(text, types)
    commands = Commands(flat, dialect)
    faults = [fault_of(case) for case in _cases(commands, fed=fed)]
    faults += [_nested_fault(case, flat.holes[case.spot.number]) for case in _nested_cases(commands)]
    if dialect == "sh" and commands.first_pipe is not None and "pipefail" not in text:
        faults.append(pipe_fault(flat, commands.first_pipe))
    faults += [emptied_fault(flat, word) for word in commands.emptied]
    return _script(flat, commands.words.spots), sorted(faults, key=lambda fault: fault.offset)


def _cases(commands: Commands, *, fed: bool = False) -> list[Case]:
    """The values of a script that are refused."""
    spots = commands.read()
    refused = ((spot, spot.refusal) for spot in spots if spot.refusal is not None)
    return [Case(commands.flat, spot, why, commands.dialect, spots, fed) for spot, why in refused]


def _nested_cases(commands: Commands, level: int = 0) -> list[Case]:
    """The values that scripts which it gives to other shells would surely run, and it itself would not."""
    if level == deepest or not commands.flat.holes:
        return []
    flat = unfolded(commands.flat, commands.facts, level)
    if flat is None:
        return []
    inner, spots = Commands(flat, commands.dialect), commands.words.spots
    found = [case for case in _cases(inner) if case.refusal.kind in harmful_in_scripts]
    told = {case.spot.number for case in found}
    found += [case for case in _nested_cases(inner, level + 1) if case.spot.number not in told]
    return [case for case in found if spots[case.spot.number].refusal is None]


def _nested_fault(case: Case, hole: Hole) -> ShellFault:
    fault = fault_of(case)
    hint = "compute it in the expression, or let the script make data of it only"
    if case.refusal.kind == "counted":
        hint = f"say that it is a whole number: {whole_number(hole.source)}"
    return ShellFault.of(hole, fault.code, as_named(fault.message), hint)


def parse_other(text: str) -> tuple[Script, list[ShellFault]]:
    """Cut a program for any other interpreter: nothing but `verbatim` may stand in it."""
    flat = flatten(text)
    spots = [Spot(number, at) for number, at in enumerate(flat.at)]
    for spot in spots:
        spot.place = "verbatim" if flat.verbatim[spot.number] else "bare"
    return _script(flat, spots), [other_fault(flat, spot) for spot in spots if spot.place != "verbatim"]


def _script(flat: FlatScript, spots: Sequence[Spot]) -> Script:
    slots = (
        Slot(Template("{{" + hole.source + "}}"), spot.place)
        for hole, spot in zip(flat.holes, spots, strict=True)
    )
    return Script(tuple(flat.text.split(HOLE)), tuple(slots))


def program_operands(
    words: Sequence[str], types: Mapping[str, str] = untyped, *, fed: bool = False
) -> dict[int, str]:
    """Which arguments of a command without a shell are program text into which a value is put.

    With what to write instead of each.
    """
    line, ends = "", []
    for word in words:
        line += f'"{_within_quotes(word)}" '
        ends.append(len(line))
    found: dict[int, str] = {}
    for case in _cases(Commands(flatten(line, types), "sh"), fed=fed):
        fault = fault_of(case)
        if fault.code == "program-text":
            index = bisect_right(ends, fault.offset)
            found.setdefault(index, argument_remedies.told(case, words, index, fault.hint))
    return dict(sorted(found.items()))


def script_in(words: Sequence[str]) -> tuple[str, Dialect] | None:
    """The script that a command without a shell gives to one, as `[bash, -c, "echo a"]` does."""
    base, at = words[0].rpartition("/")[2], script_at(words)
    return None if at is None else (words[at], "bash" if base == "bash" else "sh")


_of_keys = ("RUNNER_KEY", "RUNNER_TASK")
_told = {"RUNNER_KEY": running, "RUNNER_TASK": surely_harmful, "PWD": surely_harmful}
"""What a command is told without an `env`: no key has the brackets by which arithmetic would run it."""
_names_folder = regex(r"PWD|\b(?:pwd|dirs|pushd|popd|realpath|readlink|show-toplevel)\b")


def exposed(
    text: str, dialect: Dialect, given: Mapping[str, str], types: Mapping[str, str] = untyped
) -> list[tuple[str, ShellFault]]:
    """The values in texts of its environment that a script would surely run, each with its variable.

    `given` are those texts by the names of their variables; offsets count their characters, but for keys
    those of the script, where it names them. That of PWD is the folder that the script is started in.
    """
    named = {name: value for name, value in given.items() if _is_named(name, text)}
    holes = [(name, hole) for name in named for hole in _holes(named[name])]
    if not holes:
        return []
    before = "".join(
        f'{"cd " if name == "PWD" else f"export {name}="}"{_within_quotes(value)}"\n'
        for name, value in named.items()
    )
    found = []
    commands = Commands(flatten(before + text, types), dialect)
    for case in (*_cases(commands), *_nested_cases(commands)):
        if case.spot.number >= len(holes):
            continue
        name, hole = holes[case.spot.number]
        if case.refusal.kind in _told.get(name, surely_harmful):
            fault = fault_of(case)
            alone = name not in _told and named[name].strip() == named[name][hole.offset : hole.end]
            hint = _computed(name, hole, fault.hint, counted=case.refusal.kind == "counted", alone=alone)
            fault = ShellFault.of(hole, fault.code, fault.message, hint)
            if name in _of_keys:
                begun = max(case.flat.place(case.refusal.start) - len(before), 0)
                offset = max(text.find(name, begun), text.find(name))
                fault = replace(fault, offset=offset, length=len(name))
            found.append((name, fault))
    return found


def _computed(name: str, hole: Hole, hint: str, *, counted: bool, alone: bool) -> str:
    """What to write where the text of a variable is given."""
    if counted and alone:
        return f'say that it is a whole number: `{name}: "{whole_number(hole.source)}"`'
    return "compute it in the expression" if counted or f"export {name}=" in hint else hint


def _is_named(name: str, text: str) -> bool:
    named = _names_folder if name == "PWD" else re.compile(rf"(?<!\w){name}(?!\w)")
    return named.search(text) is not None


def argued(words: Sequence[str], types: Mapping[str, str] = untyped) -> list[tuple[int, ShellFault]]:
    """The values in arguments of a script in a list that this would surely run, each with its place there."""
    begins = next((at for at, word in enumerate(words) if word.rpartition("/")[2] in shells), 0)
    inner = script_in(words[begins:])
    first = begins + (script_at(words[begins:]) or 0) + 1
    given = [at for at in range(begins) if _variable.match(words[at])]
    holes = [(index, hole) for index in (*given, *range(first, len(words))) for hole in _holes(words[index])]
    if inner is None or not holes or not inner[0].strip():
        return []
    exported = "".join(f"export {_exported(words[at])}\n" for at in given)
    arguments = [_as_argument(word, types) for word in words[first:]]
    flat = flatten(called(inner[0], arguments, exported=exported), types)
    before = len(flat.holes) - len(holes)
    found = []
    for case in _cases(Commands(flat, inner[1])):
        if case.spot.number < before or case.refusal.kind not in harmful_in_scripts:
            continue
        index, hole = holes[case.spot.number - before]
        fault = fault_of(case)
        message, hint = map(as_named, (fault.message, fault.hint))
        if case.refusal.kind == "counted":
            hint = f"say that it is a whole number: {whole_number(hole.source)}"
        found.append((index, ShellFault.of(hole, fault.code, message, hint)))
    return found


_variable = regex(r"[A-Za-z_]\w*=")


def _exported(word: str) -> str:
    """What `env` is given for a variable, as `export` has it."""
    name, _, value = word.partition("=")
    return f'{name}="{_within_quotes(value)}"'


def _holes(word: str) -> list[Hole]:
    return [part for part in split(word) if isinstance(part, Hole)]


def _as_argument(word: str, types: Mapping[str, str]) -> str:
    """A word of a list as one of a script: a list alone becomes its elements."""
    lists = word.strip().startswith("{{") and kind_of(Template(word), types) == "list"
    return word.strip() if lists else f'"{_within_quotes(word)}"'


def fed(text: str, script: str, types: Mapping[str, str] = untyped) -> list[ShellFault]:
    """The values in a text that a script would run, as it reads that from its input."""
    flat = flatten(text, types)
    # Whatever stands in the script itself, it is a word there.
    refusal = input_refusal(flatten(script).text.replace(HOLE, "word")) if flat.holes else None
    if refusal is None:
        return []
    message, hint = _of_input
    if refusal.kind in computing | naming:
        message, hint = _of_number if refusal.kind in computing else _of_name
    found = []
    for number, hole in enumerate(flat.holes):
        sure = refusal.kind in computing and flat.whole[number]
        if not (sure or flat.verbatim[number]):
            told = hint.replace("<x>", whole_number(hole.source))
            found.append(ShellFault.of(hole, "program-text", message, told))
    return found


_of_input = (
    "the command reads its program from its input: this value in it would be run",
    "give it as an argument, or by `env`, and name it in the program",
)
_of_number = (
    "arithmetic of the script reads its input, and would run what this value says",
    "say that it is a whole number: <x>",
)
_of_name = (
    "the script takes its input for a name, and would run what this value says",
    "write the name out",
)


def _within_quotes(word: str) -> str:
    quoted = (
        re.sub(r'([\\"$`])', r"\\\1", part.text)
        if isinstance(part, Literal)
        else f"{{{{ {part.source.strip()} }}}}"
        for part in split(word)
    )
    return "".join(quoted)
