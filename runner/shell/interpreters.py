"""Programs that run program text: shells and languages, and where they find it.

Their `-c` and `-e`, and what they read from their input, is no place for values; files are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.shell.findings import Command, Heredoc, Refusal, Word
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
_echoes = words_of("echo printf")
_passes = words_of("cat tee")


def is_interpreter(base: str) -> bool:
    """Whether a program of this name runs program text."""
    return bool(_shells.fullmatch(base)) or _language_of(base) is not None


def _language_of(base: str) -> str | None:
    return next((name for name, (names, _) in _languages.items() if names.fullmatch(base)), None)


def look_at_interpreter(command: Command, words: Sequence[Word], *, reads_input: bool = True) -> None:
    """Refuse the program text of an interpreter, in its arguments and in what it reads."""
    base = words[0].base
    name = _language_of(base)
    reads = _shell(words) if name is None else _language(name, words)
    if reads and reads_input:
        refuse_input(command, base)


def _shell(words: Sequence[Word]) -> bool:
    """`sh -c script`; whether it reads its program from its input."""
    index, code, unsure = 1, False, False
    while index < len(words):
        text = words[index].text
        if text in ("--", "-"):
            index += 1
            break
        if text == HOLE and not code:
            unsure = True
        elif not text.startswith(("-", "+")):
            break
        code = code or bool(_shell_code.match(text))
        index += 1 + (text in ("--rcfile", "--init-file") or bool(_shell_values.match(text)))
    if code and index < len(words):
        words[index].refuse("program", "sh")
        return False
    if unsure:
        for option, script in pairwise(words[1:]):
            if _shell_code.match(option.text):
                script.refuse("program", "sh")
        return False
    return index >= len(words) or any(word.text == "-s" for word in words[1:index])


def _language(name: str, words: Sequence[Word]) -> bool:
    """`python -c program`; whether it reads its program from its input."""
    options = _languages[name][1]
    for word in words[1:]:
        if is_option(word) and word.text.startswith("-" + HOLE):
            word.refuse("program", name)
    if name == "node" and len(words) > 1 and words[1].text == "eval":
        for word in words[2:]:
            word.refuse("program", name)
        return False
    reads = True
    for option, word in options.read(words[1:]):
        if option in options.code:
            word.refuse("program", name)
            reads = False
        elif option == "":
            return reads and word.text in ("-", "/dev/stdin")
        elif option in ("-m", "-f"):
            return False
    return reads


def refuse_input(command: Command, program: str) -> None:
    """What a command reads from its input is the program that it runs."""
    _refuse_given(command.here_strings, command.heredocs, program)
    piped = command.piped
    if piped is None or not piped.words:
        return
    if piped.words[0].base in _echoes:
        for word in piped.words[1:]:
            word.refuse("program-input", program)
    if piped.words[0].base in _passes:
        refuse_input(piped, program)


def _refuse_given(here_strings: Sequence[Word], heredocs: Sequence[Heredoc], program: str) -> None:
    for word in here_strings:
        word.refuse("program-input", program)
    for heredoc in heredocs:
        heredoc.refusal = Refusal("program-input", heredoc.at, heredoc.at, program)
