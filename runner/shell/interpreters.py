"""Programs that run program text: shells and languages, and where they find it.

Their `-c` and `-e`, and what they read from their input, is no place for values; files are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE
from runner.shell.options import Options, is_option, words_of

_shells = re.compile(r"(?:ba|da|z|k|mk|pdk|a|ya|fi|c|tc|rba|po)?sh[0-9.]*")
_shell_values = re.compile(r"[-+][A-Za-z]*[oO]\Z")
_shell_code = re.compile(r"-[A-Za-z]*c[A-Za-z]*\Z")

_languages: dict[str, tuple[re.Pattern[str], Options]] = {
    "python": (
        re.compile(r"(?:python|pypy|ipython)[0-9.]*"),
        Options("cmWXQ", long=words_of("--check-hash-based-pycs"), code=words_of("-c")),
    ),
    "perl": (re.compile(r"perl[0-9.]*"), Options("eEI", "iFMmxDVdC", code=words_of("-e -E -M -m -F"))),
    "ruby": (re.compile(r"j?ruby[0-9.]*"), Options("erICE", "iFxKW", code=words_of("-e -F"))),
    "node": (
        re.compile(r"node|nodejs|bun|deno"),
        Options(
            "epr", long=words_of("--eval --print --require --import"), code=words_of("-e -p --eval --print")
        ),
    ),
    "php": (re.compile(r"php[0-9.]*"), Options("rBREdcfFtz", code=words_of("-r -B -R -E"))),
    "lua": (re.compile(r"lua(?:jit)?[0-9.]*"), Options("el", code=words_of("-e"))),
    "Rscript": (re.compile(r"Rscript"), Options("e", code=words_of("-e"))),
    "osascript": (re.compile(r"osascript"), Options("el", code=words_of("-e"))),
}


def is_interpreter(base: str) -> bool:
    """Whether a program of this name runs program text."""
    return bool(_shells.fullmatch(base)) or _language_of(base) is not None


def _language_of(base: str) -> str | None:
    return next((name for name, (names, _) in _languages.items() if names.fullmatch(base)), None)


def look_at_interpreter(command: Command, words: Sequence[Word], *, reads: bool = True) -> None:
    """Refuse the program text of an interpreter, in its arguments and in what it reads."""
    base = words[0].base
    name = _language_of(base)
    found = _shell(words) if name is None else _language(name, words)
    command.readings += [reading for reading in found if reads or reading.script]


def _shell(words: Sequence[Word]) -> list[Reading]:
    """`sh -c script`; what else it reads its program from."""
    base = words[0].base
    index, code, unsure = 1, False, list[Word]()
    while index < len(words):
        text = words[index].text
        if text in ("--", "-"):
            index += 1
            break
        if text == HOLE and not code and words[index].process is None:
            unsure.append(words[index])
        elif not text.startswith(("-", "+")):
            break
        code = code or bool(_shell_code.match(text))
        index += 1 + (text in ("--rcfile", "--init-file") or bool(_shell_values.match(text)))
    if code and index < len(words):
        words[index].refuse("program", "sh")
        return []
    if unsure:
        for option, script in pairwise(words[1:]):
            if _shell_code.match(option.text):
                script.refuse("program", "sh")
        return [Reading(base, word) for word in (*unsure, *words[index : index + 1])]
    if index >= len(words) or any(word.text == "-s" for word in words[1:index]):
        return [Reading(base)]
    return [Reading(base, words[index])]


def _language(name: str, words: Sequence[Word]) -> list[Reading]:
    """`python -c program`; what else it reads its program from."""
    base, options = words[0].base, _languages[name][1]
    for word in words[1:]:
        if is_option(word) and word.text.startswith("-" + HOLE):
            word.refuse("program", name)
    if name == "node" and len(words) > 1 and words[1].text == "eval":
        for word in words[2:]:
            word.refuse("program", name)
        return []
    for before, word in pairwise(words[1:]):
        if name == "node" and re.fullmatch(r"-(?:pe|ep)", before.text):
            word.refuse("program", name)
            return []
    reads = True
    for option, word in options.read(words[1:]):
        if option in options.code:
            word.refuse("program", name)
            reads = False
        elif option == "":
            return [Reading(base, None if word.text == "-" else word)] if reads else []
        elif option in ("-m", "-f"):
            return [Reading(base, word)] if option == "-f" else []
    return [Reading(base)] if reads else []


def reads_input(command: Command, program: str) -> None:
    """What a command reads from its input is the program that it runs."""
    command.readings.append(Reading(program))
