"""What well-known programs make of their arguments, where that is more than data.

Program text (of `awk`, `ssh`, `su -c`, …) is refused. What is not known here is data: what other
programs make of their arguments is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE
from runner.shell.known import awk, command_options, git_rules, jq, managed, settings
from runner.shell.known.builtins import program_variables
from runner.shell.known.families import as_user, awks, jqs, seds
from runner.shell.known.interpreters import is_interpreter, joined, runs_script
from runner.shell.known.options import (
    Argument,
    Options,
    Rule,
    is_option,
    refuse_all,
    running,
    value_of,
    words_of,
)
from runner.shell.known.wrappers import starts_one, wrappers

_sed = Options("fl", "i", long=words_of("--file --line-length"), code=words_of("-e --expression"), mixed=True)
_ssh = Options("BbcDEeFIiJLlmOopPQRSWw")
_of_at = Options("fqt", mixed=True)
_copies = Options("BbcDEeFIiJLlmOopPQRSWwX", mixed=True)


def _awk_rule(command: Command, words: Sequence[Word]) -> None:
    given = False
    for option, word in awk.options.read(words[1:]):
        if option in awk.options.code:
            word.refuse("program", "awk")
            given = True
        elif option in ("-f", "--file", "-E", "--exec"):
            command.reads("awk", word)
            given = True
        elif option == "":
            if not given:
                word.refuse("program", "awk")
            return


def _sed_rule(command: Command, words: Sequence[Word]) -> None:
    arguments = list(_sed.read(words[1:]))
    given = any(option in (*_sed.code, "-f", "--file") for option, _ in arguments)
    for option, word in arguments:
        if option in _sed.code:
            word.refuse("program", "sed")
        elif option in ("-f", "--file"):
            command.reads("sed", word)
    operands = [word for option, word in arguments if option == ""]
    if not given and operands:
        empty_suffix = operands[0].text == ""
        refuse_all(operands[: 1 + empty_suffix], "sed")


def _jq_rule(command: Command, words: Sequence[Word]) -> None:
    index, given = 1, False
    while index < len(words):
        text = words[index].text
        if text in jq.pairs:
            index += 3
        elif text in jq.values:
            given = given or text == "--from-file"
            _read_filter(command, words[index + 1 : index + 2] if text == "--from-file" else ())
            index += 2
        elif is_option(words[index]):
            file = not text.startswith("--") and "f" in text
            _read_filter(command, words[index + 1 : index + 2] if file else ())
            given = given or file
            index += 1
        elif words[0].base == "yq" and text in jq.yq_commands:
            index += 1
        else:
            break
    if not given and index < len(words):
        words[index].refuse("program", "yq" if words[0].base == "yq" else "jq")


def _read_filter(command: Command, file: Sequence[Word]) -> None:
    for word in file:
        command.reads("jq", word)


def _ssh_rule(command: Command, words: Sequence[Word]) -> None:
    """Everything after the host is joined and read by the remote shell."""
    arguments = list(_ssh.read(words[1:]))
    _read_settings(command, arguments)
    operands = [word for option, word in arguments if option == ""]
    if not operands:
        return
    for spot in operands[0].holes:
        spot.place = "bare" if spot.place == "word" else spot.place
    rest = operands[1:]
    while rest and is_option(rest[0]):
        _, follows = _ssh.name(rest[0].text)
        rest = rest[1 + follows :]
    for word in rest:
        word.refuse("program", "ssh", script=joined(rest))
    if rest:
        runs_script(command, "ssh", rest)
    else:
        command.reads("ssh")


def _read_settings(command: Command, arguments: Sequence[Argument]) -> None:
    """`-o Setting=value`, and `-F file`, which has such settings."""
    for option, word in arguments:
        if option == "-o":
            _refuse_command_setting(word)
        elif option == "-F":
            command.readings.append(Reading("ssh -F", value_of(word, option)))


def _refuse_command_setting(word: Word) -> None:
    """One that runs a command, or whose name nobody knows."""
    setting = re.split(r"[=\s]", word.text.removeprefix("-o").lstrip().lower())[0]
    if HOLE in setting:
        word.refuse("setting", "ssh")
    elif settings.of_ssh.fullmatch(setting):
        word.refuse("program", "ssh")


def _copy_rule(command: Command, words: Sequence[Word]) -> None:
    arguments = list(_copies.read(words[1:]))
    _read_settings(command, arguments)
    for option, word in arguments:
        if option in ("-S", "-D"):
            word.refuse("leading-setting", words[0].base)


def _su_rule(command: Command, words: Sequence[Word]) -> None:
    """`su -c script`, `script -c script`, …: what stands behind a `--` are arguments of the script."""
    base = words[0].base
    if base == "runuser" and starts_one(words):
        return
    scripts: list[Word] = []
    for option, word in pairwise((*words[1:], words[0])):
        if option.text == "--" and scripts:
            break
        if re.match(r"--(?:session-)?command=|-c.", option.text, re.DOTALL):
            scripts.append(option)
        elif re.fullmatch(r"-[A-Za-z]*c|--command|--session-command", option.text):
            scripts.append(word)
    for script in scripts:
        script.refuse("program", base, script=script.text)
    if scripts:
        runs_script(command, base, scripts)
    elif base in as_user:
        command.reads(base)


def _flock_rule(command: Command, words: Sequence[Word]) -> None:
    """`flock file -c script`."""
    file = next(iter(wrappers["flock"].options.operands(words[1:])), None)
    for before, option, script in zip(words, words[1:], words[2:], strict=False):
        if before is file and option.text in ("-c", "--command"):
            script.refuse("program", "flock", script=script.text)
            command.readings.append(Reading("flock", given="", words=[script]))


def _joined_rule(command: Command, words: Sequence[Word]) -> None:
    """Its arguments, joined, are a script; without any, what it reads is, or what `parallel` goes through."""
    base = words[0].base
    ends = next((at for at, word in enumerate(words) if word.text in (":::", "::::")), len(words))
    given = [word for word in words[1:ends] if not is_option(word)]
    refuse_all(words[1:ends] if given else words[ends:], base)
    files = [word for option, word in pairwise(words) if option.text in ("-a", "--arg-file", "::::")]
    if base == "parallel" and all(any(word is file for file in files) for word in given):
        command.readings += [Reading(base, file) for file in files]
        if not files and ends == len(words):
            command.reads(base)
    elif given:
        at = next(at for at, word in enumerate(given) if at + 1 == len(given) or not _is_number(word))
        command.readings.append(Reading(base, given="", words=given[at:]))


def _is_number(word: Word) -> bool:
    return word.text.replace(".", "").isdecimal()


def _at_rule(command: Command, words: Sequence[Word]) -> None:
    """The file of its `-f`, or its input, is a script."""
    files = [word for option, word in _of_at.read(words[1:]) if option == "-f"]
    command.readings.append(Reading(words[0].base, files[0] if files else None))


def _env_rule(command: Command, words: Sequence[Word]) -> None:
    """What stands before the program of `env` may be an assignment or an option, as `-S` is."""
    arguments = list(wrappers["env"].options.read(words[1:]))
    first = next((word for option, word in arguments if option == ""), None)
    before: list[Word] = []
    for word in words[next((at for at, word in enumerate(words) if word is first), len(words)) :]:
        if HOLE not in word.text and "=" not in word.text:
            for one in before:
                one.refuse("assignment", "env")
            return
        if _is_named_by_value(word.text):
            before.append(word)


def _is_named_by_value(text: str) -> bool:
    name, equals, _ = text.partition("=")
    known = name.partition(HOLE)[0]
    if not equals or not known:
        return text.startswith(HOLE)
    return HOLE in name and any(variable.startswith(known) for variable in program_variables)


joining = words_of("ssh autossh mosh")
"""Programs that make a script of all that they are given to run."""

runs_programs = words_of("manage.py")
"""Scripts that interpreters are given, of which it is known what they make of their arguments."""

rules: dict[str, Rule] = {
    **dict.fromkeys(awks, _awk_rule),
    **dict.fromkeys(seds, _sed_rule),
    **dict.fromkeys(jqs, _jq_rule),
    **dict.fromkeys(joining, _ssh_rule),
    **dict.fromkeys(words_of("scp sftp"), _copy_rule),
    **dict.fromkeys(as_user | words_of("script vagrant"), _su_rule),
    "env": _env_rule,
    "flock": _flock_rule,
    "sg": running(lambda words: words[2:]),
    **dict.fromkeys(words_of("watch hyperfine parallel concurrently watchexec entr"), _joined_rule),
    **dict.fromkeys(words_of("at batch"), _at_rule),
    **command_options.rules,
    **managed.rules,
    **git_rules.rules,
}
"""What looks at the words of a program, by its name."""


def is_known(name: str) -> bool:
    """Whether a program of this name makes more than data of its arguments."""
    return name in rules or name in wrappers or is_interpreter(name)
