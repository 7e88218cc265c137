"""Programs that hand a script to the machines, containers and applications that they manage."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE
from runner.shell.known.families import dockers, mysqls
from runner.shell.known.interpreters import is_interpreter, look_at_interpreter
from runner.shell.known.options import (
    Options,
    Rule,
    after,
    is_option,
    refuse_all,
    running,
    value_of,
    words_of,
)

_of_ansible = Options(
    "aimMfltTucBPe",
    long=words_of("--args --module-name --inventory --limit --user --extra-vars --forks --connection"),
    mixed=True,
)
_module_with_shell = regex(r"(?:.*\.)?(?:shell|raw|win_shell)", re.DOTALL)
_runs_by_salt = regex(r"cmd\.(?:run|shell|script|powershell)\w*")
_of_sessions = Options(code=words_of("-c --command"), mixed=True)
_of_databases = Options("f", long=words_of("--file"), code=words_of("--eval"), mixed=True)
_of_gnuplot = Options("c", code=words_of("-e"))
_of_erlang = Options(long=words_of("-s -run -sname -name -setcookie -pa"), code=words_of("-eval"), mixed=True)
_of_builds = Options("ft", long=words_of("--file --tag --build-arg --target --platform"), mixed=True)
_of_tsh = Options("lpiLDoJ", long=words_of("--login --port --proxy --user --cluster"))
_started = words_of("-x --exec -a --startas")
_typed = words_of("-ex -iex --eval-command --init-eval-command --one-line -eval-command -o -O -k")
_commands_in = {
    "gdb": words_of("-x --command -command -ix --init-command"),
    "lldb": words_of("-s --source -S --source-before-file"),
}
_of_shell = {
    "psql": regex(r"\\!|\\(?:g|gx|o|out|w|write)\s*\||\b(?:to|from)\s+program\b", re.IGNORECASE),
    **dict.fromkeys(mysqls, regex(r"\\!|\\P|\A\s*system\s", re.IGNORECASE)),
    "sqlite3": regex(r"\A\s*\.(?:shell|system|\w+\s+['\"]?\|)"),
}
"""Where a query hands what follows to a shell, by its program."""


def _given_by(words: Sequence[Word], options: Collection[str]) -> list[Word]:
    """The values of some options, wherever these stand."""
    found = [word for option, word in pairwise(words) if option.text in options]
    return found + [word for word in words if word.text.partition("=")[0] in options and "=" in word.text]


def _ansible(words: Sequence[Word]) -> list[Word]:
    """`ansible hosts -m shell -a script`; other modules get arguments."""
    arguments = [(option, _glued(option, word), word) for option, word in _of_ansible.read(words[1:])]
    modules = [text for option, text, _ in arguments if option in ("-m", "--module-name")]
    if not any(HOLE in text or _module_with_shell.fullmatch(text) for text in modules):
        return []
    return [word for option, _, word in arguments if option in ("-a", "--args")]


def _glued(option: str, word: Word) -> str:
    return word.text.removeprefix(option).removeprefix("=") if option else word.text


def _salt(words: Sequence[Word]) -> Sequence[Word]:
    """`salt targets cmd.run script`."""
    return after(words, [word.text for word in words if _runs_by_salt.fullmatch(word.text)])


def _query(words: Sequence[Word]) -> list[Word]:
    """`psql -c "\\! ls"`: a query that hands what follows to a shell."""
    hands = _of_shell[words[0].base]
    return [word for word in words[1:] if hands.search(word.text.partition(HOLE)[0])]


def _terminal(words: Sequence[Word]) -> Sequence[Word]:
    """`xterm -e script`; several words are a program and its arguments."""
    given = after(words, ("-e",))
    return given if len(given) == 1 else ()


def _container(command: Command, words: Sequence[Word]) -> None:
    """`docker build -`, whose input has commands in it, and `podman machine ssh script`."""
    for option, word in _of_builds.read(after(words, ("build", "bud"))):
        if option in ("-f", "--file") or (word.text == "-" and option == ""):
            command.reads(words[0].base, word)
    refuse_all(_given_by(words, words_of("--health-cmd")), "--health-cmd")
    operands = [word for word in after(words, ("ssh",)) if not is_option(word)]
    if [word.text for word in words[1:2]] == ["machine"]:
        alone = len(operands) == 1 and operands[0].text != HOLE
        refuse_all(operands if alone else operands[1:], words[0].base)


def _database(command: Command, words: Sequence[Word]) -> None:
    """`mongosh --eval program`, which it reads otherwise."""
    code = _of_databases.program_texts(words[1:])
    refuse_all(code, words[0].base)
    if not (code or any(option in ("-f", "--file") for option, _ in _of_databases.read(words[1:]))):
        command.reads(words[0].base)


def _debugger(command: Command, words: Sequence[Word]) -> None:
    """`gdb -ex command`, of which each may call a shell, and `gdb -x file`."""
    base = words[0].base
    refuse_all(_given_by(words, _typed), base)
    for option, word in pairwise((*words, words[0])):
        name, equals, _ = option.text.partition("=")
        if name in _commands_in[base]:
            command.readings.append(Reading(base, value_of(option, name) if equals else word))


def _gnuplot(command: Command, words: Sequence[Word]) -> None:
    """`gnuplot -e program`, or files of programs, or its input."""
    given = False
    for option, word in _of_gnuplot.read(words[1:]):
        if option in _of_gnuplot.code:
            word.refuse("program", "gnuplot")
            given = True
        elif option in ("", "-c"):
            command.reads("gnuplot", word)
            return
    if not given:
        command.reads("gnuplot")


def _daemon(command: Command, words: Sequence[Word]) -> None:
    """`start-stop-daemon --exec /bin/sh -- -c script`."""
    for option, program in pairwise(words):
        if option.text in _started and is_interpreter(program.base):
            look_at_interpreter(command, [program, *after(words, ("--",))], reads=False)


def _rails(command: Command, words: Sequence[Word]) -> None:
    """`rails runner program`, and `rails console`, which reads one."""
    refuse_all((word for word in after(words, ("runner", "r")) if not is_option(word)), "rails")
    if [word.text for word in words[1:2]] in (["console"], ["c"]):
        command.reads("rails")


rules: dict[str, Rule] = {
    "ansible": running(_ansible),
    **dict.fromkeys(words_of("salt salt-call salt-ssh"), running(_salt)),
    "tsh": running(lambda words: _of_tsh.operands(after(words, ("ssh",)))[1:]),
    **dict.fromkeys(
        words_of("eb cf"), running(lambda words: _of_sessions.program_texts(after(words, ("ssh",))))
    ),
    **dict.fromkeys(dockers | {"buildah"}, _container),
    **dict.fromkeys(words_of("mongosh mongo"), _database),
    **dict.fromkeys(_of_shell, running(_query)),
    **dict.fromkeys(words_of("gdb lldb"), _debugger),
    "gnuplot": _gnuplot,
    "erl": running(lambda words: _of_erlang.program_texts(words[1:])),
    **dict.fromkeys(words_of("xterm uxterm urxvt rxvt x-terminal-emulator"), running(_terminal)),
    "start-stop-daemon": _daemon,
    "rails": _rails,
}
