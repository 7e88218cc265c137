"""Which files a program writes of what it is given: by its text, by an option, or as it edits them in place.

What it prints goes there, or all that it gets to know. Which text names which files is known from
`written_names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.choices import with_text
from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known import awk, jq
from runner.shell.known.families import awks, jqs, seds
from runner.shell.known.interpreters import edits, inline
from runner.shell.known.options import Options, is_option, words_of
from runner.shell.known.printing import variables_named
from runner.shell.known.written_names import named_in, of_sed, reads_input, written_in
from runner.struct import struct

_output = {
    "sort": regex(r"-[bdfgiMhnRrVcmsuz]*o(?P<glued>.*)|--output(?:=(?P<long>.*))?", re.DOTALL),
    **dict.fromkeys(
        words_of("shuf iconv gpg zstd gomplate xmllint uudecode"),
        regex(r"-o(?P<glued>.*)|--output(?:=(?P<long>.*))?", re.DOTALL),
    ),
    "openssl": regex(r"-out(?P<glued>)"),
}
_of_xxd = Options("clgosRn", mixed=True)
_of_split = Options("abClnt", long=words_of("--filter --lines --bytes --number"), mixed=True)
_inputs = ("/dev/stdin", "-", "/dev/fd/0")
_takes_arguments = regex(r"\bshift\b|ARGV")


@struct
class Writing:
    """`files` are names, `operands` words that name files, `begun` words with which such names begin.

    What is written: what it prints if `printed`, else the words that are `given`, what is in the files that
    are `read` and `sources` name, the variables that are `named` (None: any), and its input if `fed`.
    """

    files: frozenset[str] = frozenset()
    operands: Sequence[Word] = ()
    begun: Sequence[Word] = ()
    printed: bool = False
    given: Sequence[Word] = ()
    read: frozenset[str] = frozenset()
    sources: Sequence[Word] = ()
    named: frozenset[str] | None = frozenset()
    fed: bool = False


def writings(words: Sequence[Word], fed: str = HOLE) -> Iterator[Writing]:
    """How a command line writes files; `fed` is what it reads from its input, where that is known."""
    base = words[0].base
    if program := inline(words, fed):
        yield from _by_program(words, program[0].removesuffix(f"\n{HOLE}"), program[1])
    elif base in seds:
        yield from _by_sed(words)
    elif base in awks:
        yield from _by_awk(words)
    elif base in jqs and any(re.fullmatch(r"-\w*i\w*|--in-?place", word.text) for word in words):
        edited = [word for word in words[1:] if not is_option(word)]
        yield Writing(operands=edited, given=list(jq.given(words)), named=jq.environment(words))
    elif base in _output:
        if operands := list(_after_output(words, _output[base])):
            yield Writing(operands=operands, printed=True)
    elif base == "dd":
        copies = [with_text(it, it.text[3:], it.start + 3) for it in words if it.text.startswith("of=")]
        yield Writing(operands=copies, printed=True)
    elif base == "xxd":
        operands = _of_xxd.operands(words[1:])
        yield Writing(operands=operands[1:2], printed=True)
    elif base == "split":
        operands = _of_split.operands(words[1:])
        yield Writing(
            begun=operands[1:2], sources=operands[:1], fed=[it.text for it in operands[:1]] == ["-"]
        )


def _by_program(words: Sequence[Word], program: str, arguments: Sequence[Word]) -> Iterator[Writing]:
    """`python3 -c 'open("f", "w").write(…)'`, and `perl -i`, which edits its arguments."""
    names = written_in(program)
    if names:
        operands = [word for word in arguments if word.known] if names.arguments else []
        yield Writing(
            files=names.files,
            operands=operands,
            given=arguments,
            read=named_in(program),
            sources=arguments,
            named=variables_named(program),
            fed=reads_input(program),
        )
    if edits(words):
        given = arguments if _takes_arguments.search(program) else ()
        yield Writing(
            operands=arguments, given=given, named=variables_named(program), fed=reads_input(program)
        )


def _by_sed(words: Sequence[Word]) -> Iterator[Writing]:
    """`sed -i '1r f' g`, `sed 'w f'`."""
    script = "\n".join(word.text for word in words[1:])
    yield Writing(files=frozenset(of_sed(script, "wW")), printed=True)
    if any(re.match(r"-[nErsuz]*i|--in-place", word.text) for word in words[1:]):
        read = frozenset(of_sed(script, "rR"))
        operands = [word for word in words[1:] if not is_option(word)]
        yield Writing(operands=operands, read=read, fed=not read.isdisjoint(_inputs))


def _by_awk(words: Sequence[Word]) -> Iterator[Writing]:
    """`awk '{ print > "f" }'`, `gawk -i inplace`."""
    files, given = awk.written(words)
    yield Writing(files=files, operands=given, printed=True)
    if any(word.text == "inplace" for word in words):
        operands = [word for word in words[1:] if not is_option(word)]
        yield Writing(operands=operands, given=list(awk.given(words)), named=awk.of(words).environ)


def _after_output(words: Sequence[Word], option: re.Pattern[str]) -> Iterator[Word]:
    """What an option names."""
    for word, following in pairwise((*words[1:], words[0])):
        if match := option.fullmatch(word.text):
            glued = match["glued"] or match.groupdict().get("long") or ""
            yield with_text(word, glued, word.end - len(glued)) if glued else following
