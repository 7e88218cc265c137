"""Programs that hand a script to the machines, containers and applications that they manage."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE
from runner.shell.interpreters import is_interpreter, look_at_interpreter
from runner.shell.options import Options, is_option, value_of, words_of

_of_ansible = Options(
    "aimMfltTucBPe",
    long=words_of("--args --module-name --inventory --limit --user --extra-vars --forks --connection"),
    mixed=True,
)
_module_with_shell = re.compile(r"(?:.*\.)?(?:shell|raw|win_shell)", re.DOTALL)
_runs_by_salt = re.compile(r"cmd\.(?:run|shell|script|powershell)\w*")
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
    "psql": re.compile(r"\\!|\\(?:g|gx|o|out|w|write)\s*\||\b(?:to|from)\s+program\b", re.IGNORECASE),
    **dict.fromkeys(words_of("mysql mariadb"), re.compile(r"\\!|\\P|\A\s*system\s", re.IGNORECASE)),
    "sqlite3": re.compile(r"\A\s*\.(?:shell|system|\w+\s+['\"]?\|)"),
}
"""Where a query hands what follows to a shell, by its program."""


def _after(words: Sequence[Word], *verbs: str) -> Sequence[Word]:
    """What follows the first of some subcommands; nothing if there is none."""
    at = next((at for at, word in enumerate(words) if at and word.text in verbs), len(words))
    return words[at + 1 :]


def _given_by(words: Sequence[Word], options: Collection[str]) -> list[Word]:
    """The values of some options, wherever these stand."""
    found = [word for option, word in pairwise(words) if option.text in options]
    return found + [word for word in words if word.text.partition("=")[0] in options and "=" in word.text]


def _ansible(command: Command, words: Sequence[Word]) -> None:
    """`ansible hosts -m shell -a script`; other modules get arguments."""
    arguments = [(option, _glued(option, word), word) for option, word in _of_ansible.read(words[1:])]
    modules = [text for option, text, _ in arguments if option in ("-m", "--module-name")]
    if any(HOLE in text or _module_with_shell.fullmatch(text) for text in modules):
        for option, _, word in arguments:
            if option in ("-a", "--args"):
                word.refuse("program", "ansible")


def _glued(option: str, word: Word) -> str:
    return word.text.removeprefix(option).removeprefix("=") if option else word.text


def _salt(command: Command, words: Sequence[Word]) -> None:
    """`salt targets cmd.run script`."""
    at = next((at for at, word in enumerate(words) if _runs_by_salt.fullmatch(word.text)), len(words))
    for word in words[at + 1 :]:
        word.refuse("program", words[0].base)


def _tsh(command: Command, words: Sequence[Word]) -> None:
    """`tsh ssh host script`, joined as by ssh."""
    operands = [word for option, word in _of_tsh.read(_after(words, "ssh")) if option == ""]
    for word in operands[1:]:
        word.refuse("program", "tsh")


def _session(command: Command, words: Sequence[Word]) -> None:
    """`eb ssh -c script`, `cf ssh app -c script`."""
    for option, word in _of_sessions.read(_after(words, "ssh")):
        if option in _of_sessions.code:
            word.refuse("program", words[0].base)


def _container(command: Command, words: Sequence[Word]) -> None:
    """`docker build -`, whose input has commands in it, and `podman machine ssh script`."""
    for option, word in _of_builds.read(_after(words, "build", "bud")):
        if word.text == "-" and option in ("", "-f", "--file"):
            command.readings.append(Reading(words[0].base))
        elif option in ("-f", "--file"):
            command.readings.append(Reading(words[0].base, word))
    for script in _given_by(words, words_of("--health-cmd")):
        script.refuse("program", "--health-cmd")
    operands = [word for word in _after(words, "ssh") if not is_option(word)]
    if [word.text for word in words[1:2]] == ["machine"]:
        for word in operands if len(operands) == 1 and operands[0].text != HOLE else operands[1:]:
            word.refuse("program", words[0].base)


def _database(command: Command, words: Sequence[Word]) -> None:
    """`mongosh --eval program`, which it reads otherwise."""
    arguments = list(_of_databases.read(words[1:]))
    code = [word for option, word in arguments if option in _of_databases.code]
    for word in code:
        word.refuse("program", words[0].base)
    if not (code or any(option in ("-f", "--file") for option, _ in arguments)):
        command.readings.append(Reading(words[0].base))


def _query(command: Command, words: Sequence[Word]) -> None:
    """`psql -c "\\! ls"`: a query that hands what follows to a shell."""
    for word in words[1:]:
        if _of_shell[words[0].base].search(word.text.partition(HOLE)[0]):
            word.refuse("program", words[0].base)


def _debugger(command: Command, words: Sequence[Word]) -> None:
    """`gdb -ex command`, of which each may call a shell, and `gdb -x file`."""
    base = words[0].base
    for typed in _given_by(words, _typed):
        typed.refuse("program", base)
    for option, word in pairwise((*words, words[0])):
        name, equals, _ = option.text.partition("=")
        if name in _commands_in[base]:
            command.readings.append(Reading(base, value_of(option, name) if equals else word))


def _gnuplot(command: Command, words: Sequence[Word]) -> None:
    """`gnuplot -e program`, or files of programs, or its input."""
    arguments = list(_of_gnuplot.read(words[1:]))
    for option, word in arguments:
        if option in _of_gnuplot.code:
            word.refuse("program", "gnuplot")
        elif option in ("", "-c"):
            command.readings.append(Reading("gnuplot", None if word.text == "-" else word))
            return
    if not any(option in _of_gnuplot.code for option, _ in arguments):
        command.readings.append(Reading("gnuplot"))


def _erlang(command: Command, words: Sequence[Word]) -> None:
    for option, word in _of_erlang.read(words[1:]):
        if option in _of_erlang.code:
            word.refuse("program", "erl")


def _terminal(command: Command, words: Sequence[Word]) -> None:
    """`xterm -e script`; several words are a program and its arguments."""
    given = _after(words, "-e")
    for word in given if len(given) == 1 else ():
        word.refuse("program", words[0].base)


def _daemon(command: Command, words: Sequence[Word]) -> None:
    """`start-stop-daemon --exec /bin/sh -- -c script`."""
    for option, program in pairwise(words):
        if option.text in _started and is_interpreter(program.base):
            look_at_interpreter(command, [program, *_after(words, "--")], reads=False)


def _rails(command: Command, words: Sequence[Word]) -> None:
    """`rails runner program`, and `rails console`, which reads one."""
    for word in _after(words, "runner", "r"):
        if not is_option(word):
            word.refuse("program", "rails")
    if [word.text for word in words[1:2]] in (["console"], ["c"]):
        command.readings.append(Reading("rails"))


rules: dict[str, Callable[[Command, Sequence[Word]], None]] = {
    "ansible": _ansible,
    **dict.fromkeys(words_of("salt salt-call salt-ssh"), _salt),
    "tsh": _tsh,
    **dict.fromkeys(words_of("eb cf"), _session),
    **dict.fromkeys(words_of("docker podman nerdctl buildah"), _container),
    **dict.fromkeys(words_of("mongosh mongo"), _database),
    **dict.fromkeys(_of_shell, _query),
    **dict.fromkeys(words_of("gdb lldb"), _debugger),
    "gnuplot": _gnuplot,
    "erl": _erlang,
    **dict.fromkeys(words_of("xterm uxterm urxvt rxvt x-terminal-emulator"), _terminal),
    "start-stop-daemon": _daemon,
    "rails": _rails,
}
