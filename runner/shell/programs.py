"""What well-known programs make of their arguments, where that is more than data.

Program text (`awk`, `ssh`, `sudo sh -c`, …) is refused. What is not known here is data: what
other programs make of their arguments is theirs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from runner.shell.builtins import builtins, look_at_assignment, refuse_split
from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE
from runner.shell.interpreters import is_interpreter, look_at_interpreter, reads_input
from runner.shell.options import Options, is_option, words_of

_awk = Options(
    "FvfeEil",
    long=words_of("--field-separator --assign --file --source --exec --include --load"),
    code=words_of("-e --source"),
)
_sed = Options(
    "efl",
    "i",
    long=words_of("--expression --file --line-length"),
    code=words_of("-e --expression"),
    mixed=True,
)
_ssh = Options("BbcDEeFIiJLlmOopPQRSWw")
_copies = Options("BbcDEeFIiJLlmOopPQRSWwX", mixed=True)
_jq_pairs = words_of("--arg --argjson --slurpfile --rawfile --argfile")
_jq_values = words_of("--indent --from-file -L --library-path --seq-delim --output-format --input-format")
_yq_commands = words_of("eval e eval-all ea")

# Programs that start another, and their options that take a value.
_prefixes: dict[str, Options] = {
    "sudo": Options(
        "CDghpRrTtUu", long=words_of("--user --group --host --prompt --chdir --chroot --role --type")
    ),
    "doas": Options("Cu"),
    "env": Options("uCS", long=words_of("--unset --chdir --split-string")),
    "time": Options("fo", long=words_of("--format --output")),
    "exec": Options("a"),
    "nice": Options("n", long=words_of("--adjustment")),
    "ionice": Options("cnp", long=words_of("--class --classdata")),
    "chrt": Options("TPD"),
    "timeout": Options("ks", long=words_of("--kill-after --signal")),
    "stdbuf": Options("ioe", long=words_of("--input --output --error")),
    "xargs": Options(
        "adEILnPs",
        "eil",
        long=words_of("--arg-file --delimiter --max-lines --max-args --max-procs --max-chars --replace"),
    ),
    "chroot": Options(long=words_of("--userspec --groups")),
    "flock": Options("wEc", long=words_of("--timeout --wait --conflict-exit-code --command")),
    "strace": Options("eopsauEPOSI"),
    "ltrace": Options("eopsauEP"),
    "unshare": Options("SG"),
    "nsenter": Options("tSG"),
    "systemd-run": Options(
        "pHMtuE", long=words_of("--unit --property --uid --gid --setenv --working-directory")
    ),
    "caffeinate": Options("tw"),
    "faketime": Options("f"),
    **dict.fromkeys(
        words_of(
            "nohup setsid command builtin unbuffer taskset valgrind busybox toybox winpty firejail setpriv"
        ),
        Options(),
    ),
}
# Those that start a shell when they are given no program.
_opens_shell = words_of("sudo doas chroot unshare nsenter firejail")
# How many programs one command may start by way of others, and how many of them may be unknown.
_most_starts, _most_unknown = 40, 3
# How many operands of their own stand before that program.
_own_operands = {"timeout": 1, "chroot": 1, "flock": 1, "taskset": 1, "chrt": 1, "faketime": 1}
# Programs that take the words of a shell's command line and never run them.
_only_read = words_of(
    "echo printf grep egrep fgrep rg ls cp mv rm ln cat which type whereis man apt apt-get dnf yum apk brew "
    "pip pip3 git touch chmod chown test [ export read"
)
# Programs that start others inside another machine, with their own standard input.
_containers = words_of("docker podman nerdctl kubectl oc lxc incus vagrant nsenter multipass wsl")


def look(command: Command) -> None:
    """Refuse the holes of a simple command that its program would not take as data."""
    for word in command.assignments:
        look_at_assignment(command, word)
    if not command.words:
        return
    _look_at(command, command.words)
    base = command.words[0].base
    if base in _only_read:
        return
    for index, word in enumerate(command.words[1:], 1):
        if is_interpreter(word.base):
            look_at_interpreter(command, command.words[index:], reads=base in _containers)


def _look_at(command: Command, words: Sequence[Word]) -> None:
    """One command line, and those that it starts."""
    if not words or any(words[0] is before[0] for before in command.programs):
        return
    if len(command.programs) == _most_starts:
        for word in words:
            word.refuse("program", "unknown")
        return
    command.programs.append(words)
    refuse_split(command, words[0], "split-command")
    base = words[0].base
    if HOLE in base:
        _look_at_unknown(command, words)
        return
    for rules in (_rules, builtins):
        if base in rules:
            rules[base](command, words)
    if is_interpreter(base):
        look_at_interpreter(command, words)
    if base in _prefixes:
        starts = list(_inner_starts(base, words))
        for start in starts:
            _look_at(command, words[start:])
        if base in _opens_shell and max(starts) >= len(words):
            reads_input(command, base)


def _look_at_unknown(command: Command, words: Sequence[Word]) -> None:
    """`$CMD -c {{ x }}`, `$SUDO sed …`, `$1eval …`: nobody knows what it runs."""
    for option, operand in pairwise(words[1:]):
        if option.text in ("-c", "-e", "-ec", "-lc"):
            operand.refuse("program", "unknown")
    tail = words[0].base.rpartition(HOLE)[2]
    for rules in (_rules, builtins):
        if tail in rules:
            rules[tail](command, words)
    command.unknown += 1
    if not tail and command.unknown <= _most_unknown:
        operands = [index for index, word in enumerate(words) if index and not is_option(word)]
        for index in operands[:1] if operands[:1] == [1] else operands[:2]:
            if words[index].base == "eval" or words[index].base not in builtins:
                _look_at(command, words[index:])


def _inner_starts(base: str, words: Sequence[Word]) -> Iterator[int]:
    """Where the program that a prefix starts may stand: in several places when in doubt."""
    options, own = _prefixes[base], _own_operands.get(base, 0)
    index = 1
    while index < len(words):
        word = words[index]
        if word.text == "--":
            index += 1
            break
        if word.text == HOLE:
            yield index + own
            index += 1
        elif is_option(word):
            name, follows = options.name(word.text)
            if name in ("-S", "--split-string"):
                words[min(index + follows, len(words) - 1)].refuse("program", "env")
            if word.text.startswith("--") and "=" not in word.text and not follows:
                yield index + 2 + own
            index += 1 + follows
        elif base in ("env", "sudo", "doas") and "=" in word.text:
            index += 1
        else:
            break
    yield index + own


# Programs ----------------------------------------------------------------------------------------


def _awk_rule(command: Command, words: Sequence[Word]) -> None:
    given = False
    for option, word in _awk.read(words[1:]):
        if option in _awk.code:
            word.refuse("program", "awk")
            given = True
        elif option in ("-f", "--file", "-E", "--exec"):
            command.readings.append(Reading("awk", None if word.text == "-" else word))
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
            command.readings.append(Reading("sed", None if word.text == "-" else word))
    operands = [word for option, word in arguments if option == ""]
    if not given and operands:
        empty_suffix = operands[0].text == ""
        for word in operands[: 1 + empty_suffix]:
            word.refuse("program", "sed")


def _jq_rule(command: Command, words: Sequence[Word]) -> None:
    index, given = 1, False
    while index < len(words):
        text = words[index].text
        if text in _jq_pairs:
            index += 3
        elif text in _jq_values:
            given = given or text == "--from-file"
            index += 2
        elif is_option(words[index]):
            given = given or (not text.startswith("--") and "f" in text)
            index += 1
        elif words[0].base == "yq" and text in _yq_commands:
            index += 1
        else:
            break
    if not given and index < len(words):
        words[index].refuse("program", "jq")


def _ssh_rule(command: Command, words: Sequence[Word]) -> None:
    """Everything after the host is joined and read by the remote shell."""
    arguments = list(_ssh.read(words[1:]))
    for option, word in arguments:
        if option == "-o":
            _refuse_command_setting(word)
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
        word.refuse("program", "ssh")
    names = [name.rpartition("/")[2] for word in rest for name in word.text.split()]
    if not rest or any(is_interpreter(name) for name in names):
        reads_input(command, "ssh")


def _refuse_command_setting(word: Word) -> None:
    if "command" in word.text.lower():
        word.refuse("program", "ssh")


def _copy_rule(command: Command, words: Sequence[Word]) -> None:
    for option, word in _copies.read(words[1:]):
        if option == "-o":
            _refuse_command_setting(word)


def _dash_c_rule(command: Command, words: Sequence[Word]) -> None:
    """`su -c script`, `flock file -c script`, …"""
    for option, word in pairwise(words[1:]):
        if re.fullmatch(r"-[A-Za-z]*c|--command|--session-command", option.text):
            word.refuse("program", "su")
    for word in words[1:]:
        if re.match(r"--(?:session-)?command=|-c.", word.text, re.DOTALL):
            word.refuse("program", "su")
    if words[0].base == "sg":
        for word in words[2:]:
            word.refuse("program", "su")
    elif words[0].base in ("su", "runuser"):
        reads_input(command, words[0].base)


def _joined_rule(command: Command, words: Sequence[Word]) -> None:
    """Its arguments, joined, are a script."""
    for word in words[1:]:
        if word.text in (":::", "::::"):
            return
        word.refuse("program", words[0].base)


def _input_rule(command: Command, words: Sequence[Word]) -> None:
    """Its input is a script."""
    reads_input(command, words[0].base)


def _find_rule(command: Command, words: Sequence[Word]) -> None:
    ends = [index for index, word in enumerate(words) if word.text in (";", "+")]
    starts = [index + 1 for index, word in enumerate(words) if word.text in _find_starts]
    if len(starts) > _most_starts:
        for word in words:
            word.refuse("program", "unknown")
        return
    for start in starts:
        end = bisect_left(ends, start)
        _look_at(command, words[start : ends[end] if end < len(ends) else len(words)])


_find_starts = words_of("-exec -execdir -ok -okdir -x --exec -X --exec-batch")

_rules: dict[str, Callable[[Command, Sequence[Word]], None]] = {
    **dict.fromkeys(words_of("awk gawk mawk nawk original-awk goawk"), _awk_rule),
    **dict.fromkeys(words_of("sed gsed ssed"), _sed_rule),
    **dict.fromkeys(words_of("jq yq gojq jaq"), _jq_rule),
    **dict.fromkeys(words_of("ssh autossh mosh"), _ssh_rule),
    **dict.fromkeys(words_of("scp sftp"), _copy_rule),
    **dict.fromkeys(words_of("su runuser script flock sg vagrant"), _dash_c_rule),
    **dict.fromkeys(words_of("watch hyperfine parallel"), _joined_rule),
    **dict.fromkeys(words_of("at batch"), _input_rule),
    **dict.fromkeys(words_of("find gfind fd fdfind"), _find_rule),
}
