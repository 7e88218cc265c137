"""Programs that run program text: shells and languages, and where they find it.

Their `-c` and `-e`, and what they read from their input, is no place for values; files are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, takewhile

from runner.regex import regex
from runner.shell.arguments import may_be_several
from runner.shell.findings import Command, Reading, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.known.families import as_user
from runner.shell.known.options import Options, is_option, refuse_all, value_of, words_of

_shells = regex(r"(?:ba|da|z|k|mk|pdk|a|ya|fi|c|tc|rba|po)?sh[0-9.]*")
_shell_values = regex(r"[-+][A-Za-z]*[oO]\Z")
_read_first = ("--rcfile", "--init-file")
_shell_code = regex(r"-[A-Za-z]*c[A-Za-z]*\Z")

_languages: dict[str, tuple[re.Pattern[str], Options]] = {
    "python": (
        regex(r"(?:python|pypy|ipython)[0-9.]*"),
        Options("mWXQ", long=words_of("--check-hash-based-pycs"), code=words_of("-c")),
    ),
    "perl": (regex(r"perl[0-9.]*"), Options("I", "iFMmxVd", code=words_of("-e -E -M -m -F"))),
    "ruby": (regex(r"j?ruby[0-9.]*"), Options("rICE", "iFxKW", code=words_of("-e -F"))),
    "node": (
        regex(r"node|nodejs|bun|deno"),
        Options("r", long=words_of("--require --import"), code=words_of("-e -p --eval --print")),
    ),
    "php": (regex(r"php[0-9.]*"), Options("dcfFtz", code=words_of("-r -B -R -E"))),
    "lua": (regex(r"lua(?:jit)?[0-9.]*"), Options("l", code=words_of("-e"))),
    "Rscript": (regex(r"Rscript"), Options(code=words_of("-e"))),
    "R": (regex(r"R"), Options("f", code=words_of("-e"))),
    "julia": (
        regex(r"julia"),
        Options("pLJCtH", code=words_of("-e -E --eval --print")),
    ),
    "tsx": (
        regex(r"tsx|ts-node"),
        Options(code=words_of("-e -p --eval --print")),
    ),
    **{name: (regex(name), Options(code=words_of("-e"))) for name in words_of("scala clojure ghc swift")},
    "octave": (regex(r"octave(?:-cli)?"), Options(code=words_of("--eval"))),
    "elixir": (regex(r"elixir|iex"), Options(code=words_of("-e --eval"))),
    "groovy": (regex(r"groovy"), Options(code=words_of("-e"))),
    "tclsh": (regex(r"(?:tclsh|wish)[0-9.]*"), Options("f", code=words_of("-c"))),
    "expect": (regex(r"expect[0-9.]*"), Options("f", code=words_of("-c"))),
    "osascript": (regex(r"osascript"), Options("l", code=words_of("-e"))),
}

# How the program of perl reads the files that it is given.
_reads_files = regex(r"<(?:ARGV)?>(?!>)|\beof\(\)")

_begins_with_shift = regex(r"\s*BEGIN\s*\{((?:\s*(?:my\s*)?\$\w+\s*=\s*shift\s*;?)+)\s*\}")

# What is read as program text, but does not print.
_no_code = words_of("-M -m -F")


def is_interpreter(base: str) -> bool:
    """Whether a program of this name runs program text."""
    return bool(_shells.fullmatch(base)) or _language_of(base) is not None


def called(name: str, text: str) -> str:
    """What a language is called at the end of a text, as `python` may be called `python3`; `name` else."""
    pattern = _languages[name][0].pattern if name in _languages else ""
    found = re.findall(rf"(?<![\w.-])(?:{pattern})(?![\w.-])", text) if pattern else []
    return found[-1] if found else name


def is_shell(base: str) -> bool:
    """Whether a program of this name, or what it starts, reads scripts of shells."""
    return _shells.fullmatch(base) is not None or base in ("ssh", "autossh", "sudo", *as_user)


def is_interactive(words: Sequence[Word]) -> bool:
    """`sh -i`, which runs what the variable ENV says first."""
    options = takewhile(is_option, words[1:])
    shell = _shells.fullmatch(words[0].base) is not None
    return shell and any(re.fullmatch(r"-[A-Za-z]*i[A-Za-z]*", word.text) for word in options)


@lru_cache(maxsize=1024)
def _language_of(base: str) -> str | None:
    return next((name for name, (names, _) in _languages.items() if names.fullmatch(base)), None)


def look_at_interpreter(command: Command, words: Sequence[Word], *, reads: bool = True) -> None:
    """Refuse the program text of an interpreter, in its arguments and in what it reads."""
    base = words[0].base
    name = _language_of(base)
    found = _shell(words) if name is None else _language(name, words, command.flat)
    found += [Reading(base, word) for word in words[1:] if word.process and len(word.text) > 1]
    command.readings += [reading for reading in found if reads or reading.script]


def _shell(words: Sequence[Word]) -> list[Reading]:
    """`sh -c script`; what else it reads its program from."""
    base = words[0].base
    begun = [Reading(base, file) for option, file in pairwise(words[1:]) if option.text in _read_first]
    return [*begun, *_shell_script(words)]


def _shell_script(words: Sequence[Word]) -> list[Reading]:
    base = words[0].base
    index, code, unsure = 1, False, list[Word]()
    while index < len(words):
        text = words[index].text
        if text in ("--", "-"):
            index += 1
            break
        if text == HOLE and not code and (words[index].bare_variables or words[index].holes):
            unsure.append(words[index])
        elif not text.startswith(("-", "+")):
            break
        code = code or bool(_shell_code.match(text))
        index += 1 + (text in _read_first or bool(_shell_values.match(text)))
    if code and index < len(words):
        words[index].refuse("program", "sh", script=words[index].text)
        given = words[index : index + 1]
        return [Reading(base, given=_known(given), words=given, arguments=words[index + 2 :])]
    reads = any(word.text == "-s" for word in words[1:index])
    if unsure:
        for option, script in pairwise(words[1:]):
            if _shell_code.match(option.text):
                script.refuse("program", "sh", script=script.text)
        scripts = [Reading(base, word) for word in (*unsure, *words[index : index + 1])]
        return [*scripts, Reading(base)] if reads else scripts
    if index >= len(words) or reads:
        return [Reading(base)]
    return [Reading(base, words[index])]


def _language(name: str, words: Sequence[Word], flat: FlatScript) -> list[Reading]:
    """`python -c program`; what else it reads its program from."""
    base, options = words[0].base, _languages[name][1]
    for word in words[1:]:
        if is_option(word) and word.text.startswith("-" + HOLE):
            word.refuse("program", name)
    if name == "node" and len(words) > 1 and words[1].text == "eval":
        refuse_all(words[2:], name)
        return []
    for before, word in pairwise(words[1:]):
        if name == "node" and re.fullmatch(r"-(?:pe|ep)", before.text):
            word.refuse("program", name)
            return []
    if name == "R" and [word.text for word in words[1:3]] == ["CMD", "BATCH"]:
        return [Reading(base, word) for word in words[3:] if not is_option(word)][:1]
    if name == "perl":
        _refuse_opened(words, options, flat)
    reads, sure = True, [word for word in words if not _may_vanish(word)]
    refuse_all(options.program_texts(sure[1:]) if len(sure) < len(words) else (), name)
    for option, word in options.read(words[1:]):
        if option in options.code:
            word.refuse("program", name)
            reads = False
        elif option == "":
            return [Reading(base, None if word.text == "-" else word)] if reads else []
        elif option in ("-m", "-f"):
            return [Reading(base, word)] if option == "-f" else []
    return [Reading(base)] if reads else []


def _may_vanish(word: Word) -> bool:
    """Whether it is a variable without quotes, so that it may be options or nothing."""
    return word.text == HOLE and bool(word.bare_variables)


def _refuse_opened(words: Sequence[Word], options: Options, flat: FlatScript) -> None:
    """`perl -pe program file` takes a file whose name begins or ends with `|` for a command."""
    arguments = list(options.read(words[1:]))
    code = [word.text for option, word in arguments if option in ("-e", "-E")]
    letters = _flags(words[1:], options)
    loops = not letters.isdisjoint("npaF") or any(_reads_files.search(text) for text in code)
    if not loops or "i" in letters:
        return
    first = next((word for option, word in arguments if option == ""), None)
    at = next((at for at, word in enumerate(words) if word is first), len(words))
    for word in words[at + _taken(words[at:], code, flat) if code else at + 1 :]:
        inside = HOLE in word.text and HOLE not in (word.text[0], word.text[-1])
        if not inside:
            word.refuse("opened", "perl")


def _taken(operands: Sequence[Word], code: Sequence[str], flat: FlatScript) -> int:
    """How many operands a program of perl takes for itself: `BEGIN { $x = shift }`."""
    begun = [match[1] for text in code if (match := _begins_with_shift.match(text))]
    taken = len(re.findall(r"\bshift\b", begun[0])) if begun and len(code) == 1 else 0
    return 0 if any(may_be_several(word, flat) for word in operands[:taken]) else taken


def _flags(words: Sequence[Word], options: Options) -> set[str]:
    """The letters of the options before the operands."""
    found: set[str] = set()
    index = 0
    while index < len(words) and is_option(words[index]) and words[index].text != "--":
        text = words[index].text
        for letter in text[1:]:
            found.add(letter)
            if options.takes_value(letter):
                break
        index += 1 + options.name(text)[1]
    return found


def edits(words: Sequence[Word]) -> bool:
    """Whether it is a language that changes the files that it is given: `perl -i`, `ruby -i`."""
    name = _language_of(words[0].base)
    return name in ("perl", "ruby") and "i" in _flags(words[1:], _languages[name][1])


def module(words: Sequence[Word]) -> str:
    """The module that python runs, as by `python3 -m base64`; empty if it is none."""
    if _language_of(words[0].base) != "python":
        return ""
    arguments = _languages["python"][1].read(words[1:])
    return next((value_of(word, option).text for option, word in arguments if option == "-m"), "")


def inline(words: Sequence[Word], fed: str = HOLE) -> tuple[str, list[Word]] | None:
    """The program that a language is given with `-c` or `-e`, or reads, and the arguments of that.

    `fed` is what it reads from its input, where that is known. What it prints without a word is told by one.
    """
    name = _language_of(words[0].base)
    if name is None or any(_tells.fullmatch(word.text) for word in words[1:2]):
        return None
    options = _languages[name][1]
    arguments = list(options.read(words[1:]))
    code = [
        f"print({word.text})" if option in _printing.get(name, ()) else word.text
        for option, word in arguments
        if option in options.code and option not in _no_code
    ]
    operands = [word for option, word in arguments if option == ""]
    at = next((at for at, word in enumerate(words) if operands and word is operands[0]), len(words))
    loops = name in ("perl", "ruby") and "p" in _flags(words[1:], options)
    if name in ("node", "tsx") and any(re.fullmatch("-(?:pe|ep)", word.text) for word in words):
        return f"print({words[at].text if operands else HOLE})", list(words[at + 1 :])
    if code:
        return "\n".join([*code, *[HOLE] * loops]), list(words[at:])
    module = any(option in ("-m", "-f") for option, _ in arguments)
    if module or (operands and operands[0].text not in ("-", "/dev/stdin")):
        return None
    return fed, list(words[at + 1 :])


_tells = regex(r"-[vVh]|--?version|--help")
_printing = {**dict.fromkeys(("node", "tsx"), ("-p", "--print")), "julia": ("-E", "--print")}


def runs_script(command: Command, program: str, words: Sequence[Word]) -> None:
    """What a command is given is a script, which reads its input."""
    here = () if program == "ssh" else words
    command.readings.append(Reading(program, given=_known(words), words=here))


def _known(words: Sequence[Word]) -> str:
    """A script, with any word for what is not known of it."""
    return joined(words).replace(HOLE, "x")


def joined(words: Sequence[Word]) -> str:
    """A script that is made of several words."""
    return " ".join(word.text for word in words)
