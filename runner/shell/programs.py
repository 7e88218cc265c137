"""Which programs a command runs, by way of wrappers, variables and functions too.

What each makes of its arguments is told by `rules`, `builtins` and `interpreters`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import islice, pairwise

from runner.regex import regex
from runner.shell.choices import Line, identity, parts
from runner.shell.findings import Assigned, Command, Facts, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.known.builtins import (
    builtins,
    look_at_assignment,
    named_programs,
    program_variables,
    refuse_split,
)
from runner.shell.known.command_options import names_program, options_alone
from runner.shell.known.families import as_user
from runner.shell.known.finders import commands, finders, with_path
from runner.shell.known.interpreters import is_interpreter, look_at_interpreter
from runner.shell.known.options import is_option, refuse_all, words_of
from runner.shell.known.printing import may_print
from runner.shell.known.rules import is_known, joining, rules, runs_programs
from runner.shell.known.wrappers import containers, is_cleared, keeps_apart, opens_shell, starts_of, wrappers
from runner.shell.known.xargs import input_file, input_of, with_input
from runner.shell.lines import Lines
from runner.shell.scopes import Scopes
from runner.shell.unnamed import Names, command_lines, is_read_into, unknown_code

_last_argument = regex(r"\$_\b|\$\{_\W")
# How many programs one command may start by way of others.
_most_starts = 40
_often_joined = words_of("sh bash dash zsh python python3 perl ruby node php lua")
# Programs that take the words of a shell's command line and never run them.
_only_read = words_of(
    "echo printf grep egrep fgrep rg ls cp mv rm ln cat which type whereis man apt apt-get dnf yum apk brew "
    "pip pip3 git touch chmod chown test [ export read"
)


def look(command: Command) -> None:
    """Refuse the holes of a simple command that its program would not take as data."""
    for word in command.assignments:
        look_at_assignment(command, word)
    if not command.words:
        return
    command.facts.commands.append(command)
    _look_at(command, command.words)
    base = command.words[0].base
    if base in _only_read or any(line[0].base in joining for line in command.programs):
        return
    for index, word in enumerate(command.words[1:], 1):
        if is_interpreter(word.base) and not _is_shell_of_user(command.words[:index]):
            look_at_interpreter(command, command.words[index:], reads=base in containers)


def _is_shell_of_user(before: Sequence[Word]) -> bool:
    """`su -s /bin/sh`, whose script is that of `su`."""
    named = any(word.base in as_user for word in before)
    return named and before[-1].text in ("-s", "--shell")


def look_again(facts: Facts, flat: FlatScript) -> None:
    """What only the whole script tells: what its variables run."""
    if _last_argument.search(flat.text):
        facts.assigned += [Assigned("_", command.words[-1]) for command in facts.commands]
    _look_at_all_unnamed(facts, flat, 0)
    for command in facts.commands:
        _note_apart(command)


def look_at_lines(facts: Facts, flat: FlatScript, scopes: Scopes) -> bool:
    """What commands become by their variables; whether any becomes another."""
    before, named = sum(len(command.programs) for command in facts.commands), len(facts.unnamed)
    Lines(facts, flat, scopes, _look_at_became, partial(_takes_data, facts)).go_through()
    _look_at_all_unnamed(facts, flat, named)
    for command in facts.commands:
        _note_apart(command)
    return sum(len(command.programs) for command in facts.commands) > before


def _look_at_all_unnamed(facts: Facts, flat: FlatScript, first: int) -> None:
    """The lines, from one on, whose program a variable names; more may come up meanwhile."""
    if len(facts.unnamed) == first:
        return
    assigned: dict[str, list[Assigned]] = {}
    for given in facts.assigned:
        assigned.setdefault(given.name, []).append(given)
    names = Names(assigned, facts, flat.text, is_known)
    for command, words in islice(facts.unnamed, first, None):
        _look_at_unnamed(command, words, names)


def _takes_data(facts: Facts, line: Sequence[Word], words: Sequence[Word]) -> bool:
    """Whether a line takes data only, whichever of these words it has: it prints all, or reads no option."""
    base = line[0].base
    if base in facts.functions or HOLE in base:
        return False
    form = line[1].text if len(line) > 1 else ""
    if base == "echo" or (base == "printf" and HOLE not in form and not form.startswith("-")):
        return line[0].text == base
    if any(word.text.startswith("-") and HOLE in word.text for word in words):
        return False
    if base in options_alone:
        return not any(map(partial(names_program, base), words))
    return not (is_known(base) or base in builtins or base in finders or may_print(line[0], words))


def _look_at_became(command: Command, line: Line) -> None:
    """What a command line becomes by its variables."""
    command.allowed = len(command.programs) + _most_starts
    _look_at(command, line)
    command.facts.evaluated += [word for word in line if word.refusals]


def _note_apart(command: Command) -> None:
    """What is refused in a program that gets another environment, as behind `sudo`."""
    starters = [line for line in command.programs if line[0].base in keeps_apart]
    if any(line[0].base != "env" or is_cleared(line) for line in starters if len(line) > 1):
        for word in command.words:
            if word.refusals and word.refusals[-1].kind == "program":
                word.part()


def _look_at_unnamed(command: Command, words: Sequence[Word], names: Names) -> None:
    """`$CMD -c {{ x }}`, `$SUDO sed …`, `$1eval …`: a variable says what it runs."""
    if is_read_into(words, names):
        refuse_split(command, words[0], "split-command", in_quotes=True)
    lines, certain = command_lines(words, names)
    for line in lines:
        _look_at(command, line)
    options = len(words) > 1 and words[1].text == HOLE and bool(words[1].bare_variables)
    if certain and not (options and is_interpreter(lines[-1][0].base if lines else "")):
        return
    _look_at_joined(command, words)
    refuse_all(unknown_code(words), "unknown")
    tail = words[0].base.rpartition(HOLE)[2]
    _look_as(tail, command, (Word(words[0].start, words[0].end, tail, tail), *words[1:]))
    if not tail and len(words) > 1:
        operands = [index for index, word in enumerate(words) if index and not is_option(word)]
        for index in operands[:1] if operands[:1] == [1] else operands[:2]:
            base = words[index].base
            if base == "eval" or is_known(base):
                _look_at(command, words[index:])
            refuse_all(unknown_code(words[index:]) if HOLE in base else (), "unknown")


def _look_at_joined(command: Command, words: Sequence[Word]) -> None:
    """`${e}al {{ x }}`: a name that is joined of parts is that of any program that it fits."""
    place, parts = words[0], words[0].base.split(HOLE)
    pattern = re.compile(".*".join(map(re.escape, parts)))
    for name in sorted({*rules, *builtins, *_often_joined} - {parts[-1]}) if any(parts) else ():
        if pattern.fullmatch(name) is None:
            continue
        _look_as(name, command, [Word(place.start, place.end, name, name), *words[1:]])


def _look_at(command: Command, words: Sequence[Word]) -> None:
    """One command line, and those that it starts."""
    if not words or identity(words) in map(identity, command.programs):
        return
    if len(command.programs) >= command.allowed:
        refuse_all(words, "unknown")
        return
    if words[0].base == "xargs":
        words = with_input(words)
    elif words[0].base in finders:
        words = with_path(words)
    command.programs.append(words)
    refuse_split(command, words[0], "split-command")
    base = words[0].base
    if base in keeps_apart:
        _note_given(command, words)
    if HOLE in base:
        command.facts.unnamed.append((command, words))
        return
    _look_as(base, command, words)
    for at, word in enumerate(words[1:], 1) if is_interpreter(base) else ():
        if word.base in runs_programs:
            _look_behind_at(command, words[at:])
    if base in wrappers:
        _look_behind(command, words)
    elif base in finders:
        _look_at_found(command, words)


def _look_as(name: str, command: Command, words: Sequence[Word]) -> None:
    """What a program of a name makes of its words."""
    for known in (rules, builtins):
        if name in known:
            known[name](command, words)
    if is_interpreter(name):
        look_at_interpreter(command, words)


def _note_given(command: Command, words: Sequence[Word]) -> None:
    """`env PAGER=program man`: variables that another program gets, and is told by what to run."""
    for word in words[1:]:
        name, equals, _ = word.text.partition("=")
        if equals and name in named_programs:
            if name in program_variables:
                word.refuse("program-variable", name)
            command.facts.assigned.append(Assigned(name, word, declared=True))


def _look_behind(command: Command, words: Sequence[Word]) -> None:
    """What a wrapper starts."""
    base, before = words[0].base, len(command.readings)
    starts = starts_of(words, is_known)
    for start in starts:
        _look_behind_at(command, words[start:])
    for option, entry in pairwise((*words, words[0])):
        if starts and option.text.startswith("--entrypoint"):
            text = entry.text if option.text == "--entrypoint" else option.text.partition("=")[2]
            given = parts(entry if option.text == "--entrypoint" else option, text)
            _look_behind_at(command, [*given, *words[starts[-1] :]])
    if base in opens_shell and max(starts) >= len(words):
        command.reads(base)
    if base == "xargs":
        if input_file(words) is None:
            command.readings[before:] = [reading for reading in command.readings[before:] if reading.script]
        _look_at_input_of_xargs(words, starts)


def _look_behind_at(command: Command, line: Sequence[Word]) -> None:
    """A line that another program starts."""
    command.behind.append(line)
    _look_at(command, line)


def _look_at_input_of_xargs(words: Sequence[Word], starts: Sequence[int]) -> None:
    """Its input is the program itself where `sh`, `env` or the like is given no other."""
    added = input_of(words)
    for start in starts:
        inner = words[start:]
        runs = inner and (is_interpreter(inner[0].base) or inner[0].base in wrappers)
        if added and runs and all(is_option(word) for word in inner[1:-1]):
            added.refuse("program", "xargs")


def _look_at_found(command: Command, words: Sequence[Word]) -> None:
    """`find … -exec program … ;`."""
    lines = commands(words)
    if len(lines) > _most_starts:
        refuse_all(words, "unknown")
        return
    for line in lines:
        _look_behind_at(command, line)
