"""Builtins that take more than data: program text, names of variables, numbers to compute.

A name such as `a[$(…)]` is evaluated by many shells, so no value may be one. What a builtin only
passes on or prints is data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.arguments import positional
from runner.shell.captures import is_harmless
from runner.shell.findings import Assigned, Command, Facts, Lost, Reading, Refusal, Subscript, Word
from runner.shell.flat import HOLE
from runner.shell.known.options import Options, words_of

program_variables = words_of(
    "BASH_ENV PROMPT_COMMAND PS0 PS1 PS2 PS3 PS4 "
    "GIT_SSH_COMMAND GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_PAGER GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND "
    "GIT_CONFIG_PARAMETERS GIT_CONFIG_VALUE_0 GIT_CONFIG_VALUE_1 GIT_CONFIG_VALUE_2 GIT_CONFIG_VALUE_3 "
    "LESSOPEN LESSCLOSE EDITOR VISUAL KUBE_EDITOR SUDO_EDITOR SYSTEMD_EDITOR FCEDIT PAGER MANPAGER RSYNC_RSH "
    "BORG_RSH SVN_SSH PERL5DB PERL5OPT BASH_ALIASES TAR_OPTIONS MAKEFLAGS GNUMAKEFLAGS"
)
"""Variables whose value a shell, or a program that it starts, reads as program text."""
named_programs = program_variables | words_of("GIT_SSH GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS MAKEFILES")
"""Those by which a program is told which one to run, in a file that may be written here."""
integer_variables = words_of(
    "RANDOM SECONDS OPTIND OPTERR LINENO SRANDOM HISTCMD BASHPID PPID EUID UID EPOCHSECONDS EPOCHREALTIME"
)
"""Those whose value it reads as a number to compute."""
_name = regex(r"[A-Za-z_]\w*")
reading_options = {
    "read": Options("adinNptu"),
    **dict.fromkeys(("mapfile", "readarray"), Options("dnOsuCc")),
}
"""Of what gives variables its input."""
declaring = words_of("declare typeset local readonly export")
"""Those that declare variables."""
_only_letters = regex(r"=\"?\$\{\w+//\[[!^]((?:\[:\w+:\]|[^\]\[])+)\]/?\}\"?")
_length = regex(r"\$\{#\w+(?:\[[@*]\])?\}")
_called = regex(r"[A-Za-z_][\w-]*")
_given_by_eval = regex(r"\"?\$\{?(\w+)\}?=[\\\"']*\$\{?(\w+|[@*])\}?[\\\"']*")
_quoted_by_bash = regex(r"\"?([A-Za-z_]\w*)=\$\{([A-Za-z_]\w*|[1-9])@Q\}\"?")
_read_data = words_of("-d -i -n -N -p -t -u")


def look_at_assignment(command: Command, word: Word) -> None:
    """`name=value` before a command or on its own."""
    facts = command.facts
    after = word.start + len(word.name)
    if command.flat.text[after : after + 3].lstrip("+").startswith("=("):
        facts.arrays.add(word.name)
    if word.name in program_variables:
        word.refuse("program-variable", word.name)
    if word.name in integer_variables:
        facts.integers.add(word.name)
    if command.words:
        facts.retyped.add(word.name)
    only = _only_letters.fullmatch(command.flat.text, after, word.end)
    facts.assigned.append(Assigned(word.name, word, plain=only is not None and is_harmless(only[1])))


def _whole(command: Command, words: Sequence[Word]) -> None:
    script = " ".join(word.text for word in words[1:]) if words[0].base == "eval" else ""
    for word in words[1:]:
        word.refuse("program", words[0].base, script=script)


def _let(command: Command, words: Sequence[Word]) -> None:
    for word in words[1:]:
        word.refuse("arithmetic")
        command.facts.integers.update(_name.findall(word.text))


def _eval(command: Command, words: Sequence[Word]) -> None:
    """All of it is program text; `eval "$1=\\$2"` gives a variable that an argument names a value."""
    quoted = (
        _quoted_by_bash.fullmatch(command.flat.text, words[1].start, words[1].end)
        if len(words) == 2
        else None
    )
    if quoted and command.dialect == "bash" and quoted[1] not in program_variables:
        value = Word(words[1].start, words[1].start, HOLE, variables=[quoted[2]])
        command.facts.assigned.append(Assigned(quoted[1], value))
        return
    _whole(command, words)
    text = " ".join(word.text for word in words[1:]).replace(HOLE, "x")
    if "$" in text:
        command.facts.texts.append((text, words[0].start))
        command.facts.trapped.update(_called.findall(text))
    for word in words[1:]:
        match = _given_by_eval.fullmatch(command.flat.text, word.start, word.end)
        if match is not None:
            by = Word(word.start, word.start, HOLE, variables=[match[1]])
            value = Word(word.start, word.start, HOLE, variables=[match[2]])
            command.facts.assigned.append(Assigned(HOLE, value, by=by))


def _alias(command: Command, words: Sequence[Word]) -> None:
    _whole(command, words)
    for word in words[1:]:
        name, _, text = word.text.partition("=")
        first = text.split()[:1]
        if first and first[0].rpartition("/")[2] != name:
            raise Lost(word.start, "`alias` is not followed: write a function")


def _trap(command: Command, words: Sequence[Word]) -> None:
    operands = [word for word in words[1:] if word.text != "--"]
    if operands:
        operands[0].refuse("program", "trap", script=operands[0].text)
        command.facts.trapped.update(_called.findall(operands[0].text))
        command.facts.traps += [operands[0]] if operands[0].known else []


def _declare(command: Command, words: Sequence[Word]) -> None:
    """`export name=value` and its like."""
    facts = command.facts
    letters = {letter for word in words[1:] if word.text.startswith("-") for letter in word.text[1:]}
    if "F" in letters:  # its functions may be found by name
        facts.trapped.add("*")
    if "f" in letters and words[0].base != "readonly":
        facts.handed.update(word.text for word in words[1:])
        return
    only_marks = words[0].base in ("export", "readonly")
    for word in words[1:]:
        name = word.text.partition("=")[0].removesuffix("+")
        aims = "n" in letters and not only_marks
        _note_kind(facts, word, name, letters | set("x" if words[0].base == "export" else ""))
        if aims:
            facts.references.add(name)
            facts.aimless.update([name] if not word.text.partition("=")[2] else ())
        if not (letters & set("Ap") or only_marks):
            facts.retyped.add(name)
        if "=" not in word.text or not _name.fullmatch(name):
            _refuse_name(command, word)
        elif name in program_variables:
            word.refuse("program-variable", name)
            facts.assigned.append(Assigned(name, word, declared=True))
        elif word.text.endswith("()"):
            facts.arrays.add(name)
            facts.assigned.append(Assigned(name, word))
        elif name in facts.arrays:
            word.refuse("declared-array", words[0].text)
        else:
            facts.assigned.append(Assigned(name, word, declared=True, aims=aims))


def _note_kind(facts: Facts, word: Word, name: str, letters: set[str]) -> None:
    """What options make of a variable: an integer, an array, or one that other programs get."""
    if "i" in letters or name in integer_variables:
        facts.integers.add(name)
        facts.counting += [word] if HOLE in name else []
    if letters & set("aA"):
        facts.arrays.add(name)
    if "x" in letters:
        facts.exported.add(name)


def keyed_names(command: Command) -> list[str]:
    """The associative arrays that a command declares."""
    words = [word.text for word in command.words]
    if not words or words[0] not in ("declare", "typeset", "local"):
        return []
    if not any(re.fullmatch(r"-[A-Za-fh-z]*A[A-Za-fh-z]*", word) for word in words):
        return []
    return [name for name in (re.split(r"\+?=", word)[0] for word in words[1:]) if _name.fullmatch(name)]


def _refuse_name(command: Command, word: Word) -> None:
    """No value may name a variable; a subscript is arithmetic in quotes too, as in `unset 'a[$k]'`."""
    word.refuse("name")
    text = command.flat.text
    equals = text.find("=", word.start, word.end)
    for spot in word.holes if equals > 0 else ():
        if spot.at > equals:
            spot.refusal = Refusal("unnamed", word.start, word.end)
    start, end = text.find("[", word.start, word.end), text.rfind("]", word.start, word.end)
    if "[" in word.text and start < end:
        subscript = Subscript(word.text.partition("[")[0], Word(start + 1, end), None)
        command.facts.subscripts.append(subscript)
        command.facts.uncounted += [match.span() for match in _length.finditer(text, start, end)]


def _names(command: Command, words: Sequence[Word]) -> None:
    for word in words[1:]:
        _refuse_name(command, word)


def _unset(command: Command, words: Sequence[Word]) -> None:
    _names(command, words)
    for word in words[1:]:
        whole = "[" not in word.text or HOLE in word.text.partition("[")[0]
        command.facts.retyped.update({HOLE if HOLE in word.text else word.text} if whole else ())


def _read_names(command: Command, words: Sequence[Word]) -> None:
    for option, word in reading_options[words[0].base].read(words[1:]):
        if option not in _read_data:
            _refuse_name(command, word)
            read = Word(word.start, word.start, HOLE, variables=[word.text])
            command.facts.assigned.append(Assigned(word.text, read))


def _printf(command: Command, words: Sequence[Word]) -> None:
    if len(words) < 2:
        return
    first = words[1]
    if first.text.startswith("-v"):
        for word in words[1:3] if first.text == "-v" else words[1:2]:
            _refuse_name(command, word)
        name = words[2].text if first.text == "-v" and len(words) > 2 else first.text[2:]
        by = words[2] if name == HOLE and len(words) > 2 else None
        command.facts.assigned += [Assigned(name, word, by=by) for word in words[2:]]
    at = 1 if not first.text.startswith("-v") else 3 if first.text == "-v" else 2
    at += [word.text for word in words[at : at + 1]] == ["--"]
    for form in words[at : at + 1]:
        if HOLE in form.text:
            form.refuse("format")


def _source(command: Command, words: Sequence[Word]) -> None:
    operands = [word for word in words[1:] if word.text != "--"]
    if operands:
        command.readings.append(Reading(words[0].base, operands[0]))


def _wait(command: Command, words: Sequence[Word]) -> None:
    for before, word in pairwise(words):
        if word.text == "--":
            return
        if before.text.startswith("-") and before.text.endswith("p"):
            _refuse_name(command, word)
        else:
            word.refuse("option", "wait")


def _getopts(command: Command, words: Sequence[Word]) -> None:
    for word in words[1:3]:
        word.refuse("name")
    command.facts.assigned += [Assigned("OPTARG", word) for word in words[3:]]


def _set(command: Command, words: Sequence[Word]) -> None:
    marks = [index for index, word in enumerate(words) if word.text == "--"]
    end = marks[0] if marks else len(words)
    for word in words[1:end]:
        word.refuse("option", "set")
        if word.text == "allexport" or re.match(r"-[A-Za-z]*a", word.text):
            command.facts.exported.add("*")
    command.facts.assigned += [Assigned(name, word) for name in positional for word in words[end:]]


def refuse_split(command: Command, word: Word, kind: str, *, in_quotes: bool = False) -> None:
    """A variable without quotes may become several words here, and no value may; some do so in quotes too."""
    if variables := word.variables if in_quotes else word.bare_variables:
        part = Word(word.start, word.end, variables=variables)
        part.refuse(kind)
        command.facts.evaluated.append(part)


def _test(command: Command, words: Sequence[Word]) -> None:
    """`[ … ]`: safe where no value can be taken for an operator."""
    arguments = list(words[1:])
    if words[0].text == "[" and arguments and arguments[-1].text == "]":
        arguments.pop()
    for word in arguments:
        refuse_split(command, word, "split-test")
        for spot in word.holes:
            spot.place = "bare" if spot.place == "word" else spot.place
    if len(arguments) > 1 and arguments[0].text == "!":
        arguments = arguments[1:]
    kind = _test_fault(arguments)
    if kind:
        for word in arguments:
            if kind == "name":
                _refuse_name(command, word)
            else:
                word.refuse(kind)


def _test_fault(arguments: Sequence[Word]) -> str:
    texts = [word.text for word in arguments]
    if len(texts) > 3 and {"-v", "-R"}.intersection(texts):
        return "name"
    if len(texts) == 2:
        if texts[0] in ("-v", "-R"):
            return "name"
        return "" if arguments[0].known else "test-operator"
    if len(texts) == 3:
        return "" if arguments[1].known and texts[1] not in ("-a", "-o") else "test-operator"
    return "test-many" if len(texts) > 3 else ""


builtins: dict[str, Callable[[Command, Sequence[Word]], None]] = {
    **dict.fromkeys(words_of("compgen complete compopt bind fc enable history"), _whole),
    "alias": _alias,
    "eval": _eval,
    "let": _let,
    "trap": _trap,
    **dict.fromkeys(declaring, _declare),
    "unset": _unset,
    **dict.fromkeys(reading_options, _read_names),
    "printf": _printf,
    **dict.fromkeys(("source", "."), _source),
    "wait": _wait,
    "getopts": _getopts,
    "set": _set,
    **dict.fromkeys(("test", "["), _test),
}
"""What looks at the words of a builtin, by its name."""
