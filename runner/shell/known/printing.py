"""What programs print of what they are given: all of their arguments, all of their input, or neither.

A program that is not known here prints something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.regex import regex
from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known import awk, jq, naming
from runner.shell.known.builtins import declaring
from runner.shell.known.families import awks, greps, jqs, seds
from runner.shell.known.git_output import tells_places
from runner.shell.known.interpreters import inline, module
from runner.shell.known.options import Options, words_of
from runner.shell.known.printed_numbers import only_numbers
from runner.shell.known.showing import shown

_prints = words_of("echo printf basename dirname realpath readlink expr yes numfmt tr type m4 cpp figlet")
_passes = words_of(
    "cat tee sort head tail tr cut rg uniq tac rev nl fold fmt column paste join comm expand unexpand shuf "
    "iconv recode uconv base32 base64 basenc xxd openssl gzip gunzip zcat xz unxz xzcat bzip2 bunzip2 bzcat "
    "zstd unzstd zstdcat lz4 lz4cat sponge pv dd xargs dos2unix unix2dos strings pr ts col colrm envsubst m4 "
    "gomplate mlr diff sdiff diff3 look zegrep bzgrep xzgrep ack ag more less most zless zmore bat batcat "
    "hexdump hd od lolcat gpg uuencode uudecode mimencode qprint xmllint xmlstarlet pup dasel csvcut csvgrep "
    "nroff groff troff"
)
_passes |= awks | greps | jqs | seds
_modules = words_of("base64 quopri uu json.tool gzip")
copying = words_of("mv cp ln install rsync")
"""Programs that make a file of others."""
_date = Options("dfr", long=words_of("--date --file --reference"), mixed=True)


def printed(words: Sequence[Word], fed: str = HOLE) -> Sequence[Word]:
    """The arguments that a command prints; what `date` makes of a day is a number or a name.

    `fed` is what it reads from its input, where that is known.
    """
    if program := inline(words, fed):
        return [] if only_numbers(program[0]) else program[1]
    base = words[0].base if words else ""
    if base == "date":
        return _date.operands(words[1:])
    if base in jqs:
        return list(jq.given(words))
    if base in awks:
        return list(awk.given(words))
    return words[1:] if base in _prints else shown(words)


_computed = regex(
    r"length\n[^\n]+|[^\n]+\n(?:[-+*/%<>]|[<>!=]?=)\n[^\n]+|[^\n]+\n:\n(?:[^\\\n\0]|\\[^(\n\0])*"
)


def counts(words: Sequence[Word]) -> bool:
    """Whether `expr` makes a number of its words, if none of them may be several."""
    return words[0].base == "expr" and bool(_computed.fullmatch("\n".join(word.text for word in words[1:])))


def may_print(program: Word, words: Sequence[Word]) -> bool:
    """Whether a program may print what it is given, if any of some words are among that."""
    known = (_prints, _passes, copying, naming.programs, words_of("date git env printenv"))
    if any(program.base in programs for programs in known):
        return True
    return any(shown((program, word, program)) for word in words)


def tells_folder(words: Sequence[Word]) -> bool:
    """Whether a command prints the folder that it is in."""
    base = words[0].base
    relative = base in ("realpath", "readlink") and not any(word.text.startswith("/") for word in words[1:])
    return base in ("pwd", "dirs", "pushd", "popd") or relative or (base == "git" and tells_places(words))


def read_variables(words: Sequence[Word], fed: str = HOLE) -> frozenset[str] | None:
    """The variables of its environment that a command may print: those that its program names; None: any."""
    base = words[0].base if words else ""
    text = "\n".join(word.text for word in words[1:])
    if base == "envsubst":
        return frozenset(re.findall(r"\w+", text)) or None
    if base in ("env", "printenv") or (base in declaring and [word.text for word in words[1:2]] == ["-p"]):
        return _listed(words)
    if base in awks:
        return awk.of(words).environ
    if base in jqs:
        return jq.environment(words)
    program = inline(words, fed)
    return frozenset() if program is None or only_numbers(program[0]) else variables_named(program[0])


_environment = regex(r"env", re.IGNORECASE)
_one_of_it = regex(
    r"""(?:env(?:iron)?(?:\.get|\.fetch)?\s*[\[({]|getenv\s*\()\s*["']?\w+["']?\s*[\])},]|\benv\.\w+(?!\w*\s*\()""",
    re.IGNORECASE,
)
_quoted_name = regex(r"[\[({]\s*\w+\s*[\])},]")
_starts = regex(r"\b(?:system|exec\w*|popen|subprocess|spawn\w*|qx)\b|`")


def variables_named(program: str) -> frozenset[str] | None:
    """The variables that a program of a language names; None where it may go through all of them."""
    if HOLE in program:
        return None
    rest = re.sub(r"\bimport\b[^\n;]*", "", program)
    one_by_one = _one_of_it.sub(lambda one: "" if _is_constant(one[0]) else one[0], rest)
    if _environment.search(one_by_one):
        return None
    names = _environment.search(rest) or _starts.search(rest)
    return frozenset(re.findall(r"\w+", program)) if names else frozenset()


def _is_constant(reference: str) -> bool:
    """`ENV{X}` of perl needs no quotes, others do."""
    return reference.startswith("ENV{") or _quoted_name.search(reference) is None


def _listed(words: Sequence[Word]) -> frozenset[str] | None:
    """The variables that `env`, `printenv` or `export -p` print."""
    base = words[0].base
    named = [word.text for word in words[1:] if not (word.text.startswith("-") or "=" in word.text)]
    if base == "printenv":
        return frozenset(named) or None
    return None if base in ("env", "export", "declare") and not named else frozenset()


_digit = r"(?:\[0-9\]|\[\[:digit:\]\]|\\d)"
_digits = regex(rf"[\^]?(?:{_digit}(?:\\?\+|\*|\\?\{{[\d,]+\\?\}})?)+\$?")
_no_digits = regex(r"s/\[\^(?:0-9|\[:digit:\])\](?:\*|\\\+)?//g")


def _only_digits(base: str, texts: Sequence[str]) -> bool:
    """`grep -o '[0-9]*'`, `tr -dc 0-9`, `sed 's/[^0-9]//g'`, `sed -n '$='`."""
    if base == "tr":
        return texts[:1] in (["-dc"], ["-cd"]) and texts[1:] in (["0-9"], ["[0-9]"], ["[:digit:]"])
    if base in seds:
        return texts == ["-n", "$="] or (len(texts) == 1 and _no_digits.fullmatch(texts[0]) is not None)
    only = re.fullmatch(r"-[EP]?o[EP]?", texts[0]) if base.endswith("grep") and len(texts) == 2 else None
    return only is not None and _digits.fullmatch(texts[1]) is not None


def passes(words: Sequence[Word]) -> bool:
    """Whether a command prints what it reads, or parts of it; numbers that it has counted are none."""
    if program := inline(words):
        return not only_numbers(program[0])
    base = words[0].base if words else ""
    if base not in _passes:
        return module(words) in _modules
    texts = [word.text for word in words[1:]]
    if _only_digits(base, texts):
        return False
    if base == "diff" and any(re.fullmatch(r"-[A-Za-z]*q[A-Za-z]*|--brief", text) for text in texts):
        return False
    if base in ("hexdump", "od"):  # else it prints numbers
        return any(re.match(r"-?[A-Za-z]*[eCcxazS]", text) for text in texts)
    if base.endswith("grep") or base == "rg":
        return not any(re.fullmatch(r"-[A-Za-z]*[clqL][A-Za-z]*|--count|--quiet", text) for text in texts)
    if base in awks:
        return awk.of(words).passes
    return base not in jqs or jq.passes(words)
