"""Plain words: letters, digits and a few signs, in one line, which harm no script where they stand as data.

Programs make them of values, as `base64` does, and keep them, or make anything of them, as `base64 -d` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from runner.regex import regex
from runner.shell.arguments import may_be_several
from runner.shell.captures import is_harmless
from runner.shell.findings import Command, Compound, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.known.families import greps, seds
from runner.shell.known.options import words_of

_unwrapped = r"(?:-w ?0|--wrap[= ]0)"
_encoders = {
    **dict.fromkeys(("base64", "base32"), regex(rf"{_unwrapped}(?: [^-\s]\S*| -)?|[^-\s]\S* {_unwrapped}")),
    "openssl": regex(r"(?:base64|enc -(?:base64|a)) -A(?: -in \S+)?"),
    "xxd": regex(r"-(?:ps?|plain)(?: -u)? -c ?0(?: -)?"),
    "od": regex(r"(?:-A ?n|-v|-t ?[xoud]\d*|-w\d*|-N ?\d+|-[xodv]+| )+"),
    "hexdump": regex(r"-v?e (?:-v )?[\d/ ]*\"%\.?\d*[xX]\"|-v -e [\d/ ]*\"%\.?\d*[xX]\""),
}
_in_lines = {
    **dict.fromkeys(("base64", "base32"), regex(r"(?:(?:-w ?|--wrap[= ])\d+)?(?:(?:\A| )[^-\s]\S*)?")),
    "openssl": regex(r"(?:base64|enc -(?:base64|a))"),
    "xxd": regex(r"-(?:ps?|plain)(?: -u)?(?: -c ?\d+)?"),
}
"""Those that part their output into lines."""
_keep_lines = words_of("cat tee head tail cut basename dirname")
_print_it = regex(r"[^%\\\n\0]*%s(?:\\n)?")
_substitutes = regex(r"s([/|,#])(?:(?!\1)[^\\\n]|\\.)*\1[\w.:@+,=%-]*\1[gI0-9]*")
_quiet = words_of("local declare typeset readonly export set shift return exit true : cd unset")


def what_becomes(
    command: Command, words: Sequence[Word], flat: FlatScript
) -> Literal["printed", "encoded", "changed"]:
    """Whether a program prints plain words as they are, makes them of anything, or anything of them."""
    base, texts = words[0].base, [word.text for word in words[1:]]
    if _encodes(_encoders, words) or (base == "tr" and _leaves_plain(command, texts)):
        return "encoded"
    keeps = False
    if base == "echo":
        keeps = not any("\\" in text or "\n" in text for text in texts)
    elif base == "printf":
        keeps = (
            len(texts) == 2
            and _print_it.fullmatch(texts[0]) is not None
            and not may_be_several(words[2], flat)
        )
    elif base == "tr":
        keeps = _deletes(texts) or (
            len(texts) == 2 and is_harmless(texts[1]) and not texts[0].startswith("-")
        )
    elif base in seds:
        keeps = len(texts) == 1 and _substitutes.fullmatch(texts[0]) is not None
    elif base in greps:
        keeps = not any(re.match(r"-\w*[ozAB]|--only|--null", text) for text in texts)
    else:
        keeps = base in _keep_lines and not any(re.search(r"[\\\n]|^-.*\0", text) for text in texts)
    return "printed" if keeps else "changed"


def _encodes(encoders: dict[str, re.Pattern[str]], words: Sequence[Word]) -> bool:
    spelled = " ".join(word.text for word in words[1:])
    return words[0].base in encoders and encoders[words[0].base].fullmatch(spelled) is not None


def _deletes(texts: Sequence[str]) -> bool:
    return len(texts) == 2 and texts[0] in ("-d", "-cd", "-dc", "--delete")


def _leaves_plain(command: Command, texts: Sequence[str]) -> bool:
    """`tr -cd 'a-z0-9-'`; `tr -d '\\n'` of what `base64` prints in lines."""
    if not _deletes(texts):
        return False
    if "c" in texts[0].removeprefix("--delete"):
        return is_harmless(texts[1])
    piped = command.piped
    lined = isinstance(piped, Command) and len(piped.programs) == 1 and _encodes(_in_lines, piped.programs[0])
    return lined and set(texts[1]) <= set("\\nr \n\r=") and "n" in texts[1].replace("\n", "n")


def prints_once(compound: Compound) -> bool:
    """Whether of its commands but one pipeline prints, and that once: what it prints may be one line."""
    if compound.opening not in ("", "{"):
        return False
    pipelines = [piece for piece in compound.pieces if piece.piped is None]
    telling = [piece for piece in pipelines if not (isinstance(piece, Command) and _is_quiet(piece))]
    return len(telling) < 2 and all(isinstance(piece, Command) for piece in compound.pieces)


def _is_quiet(command: Command) -> bool:
    return not command.words or (command.words[0].text in _quiet and not command.pipe)


def given_to(command: Command) -> str:
    """The text that a command is given as its input, if the script has it there."""
    for redirection in reversed(command.redirections):
        if redirection.body:
            return redirection.body.text
        if redirection.operator == "<<<":
            return redirection.target.text
    return ""


def out_of_quotes(script: str) -> str:
    """A script whose holes stand in no single quotes: there a word stands for itself, too."""
    found, quote, at = list[str](), "", 0
    while at < len(script):
        letter = script[at]
        if letter == "\\" and quote != "'":
            found.append(script[at : at + 2])
            at += 2
            continue
        if letter in "'\"" and quote in ("", letter):
            quote = "" if quote else letter
        found.append(f"'\"{HOLE}\"'" if letter == HOLE and quote == "'" else letter)
        at += 1
    return "".join(found)
