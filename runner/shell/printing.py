"""What programs print of what they are given: all of their arguments, all of their input, or neither.

A program that is not known here prints something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from runner.shell.findings import Word
from runner.shell.options import Options, words_of

_prints = words_of("echo printf basename dirname realpath readlink expr yes")
_passes = words_of(
    "cat tee sort head tail tr cut sed gsed awk gawk mawk nawk grep egrep fgrep rg uniq tac rev nl fold fmt "
    "column paste join comm expand unexpand shuf iconv base64 gzip gunzip zcat xz bzip2 zstd jq yq sponge pv "
    "dd xargs dos2unix"
)
copying = words_of("mv cp ln install rsync")
"""Programs that make a file of others."""
_date = Options("dfr", long=words_of("--date --file --reference"), mixed=True)
_shows_fields = re.compile(r"print[^;}|]*\$")


def printed(words: Sequence[Word]) -> Sequence[Word]:
    """The arguments that a command prints; what `date` makes of a day is a number or a name."""
    base = words[0].base if words else ""
    if base == "date":
        return [word for option, word in _date.read(words[1:]) if option == ""]
    if base in ("jq", "gojq", "jaq") or base.endswith("awk"):
        return list(_given_by_name(words))
    return words[1:] if base in _prints else []


def _given_by_name(words: Sequence[Word]) -> Iterator[Word]:
    """What awk and jq get by `-v` and `--arg`, where their program prints it as it is."""
    text = "\n".join(word.text for word in words[1:])
    for option, word, value in zip(words, words[1:], (*words[2:], words[0]), strict=False):
        name = re.escape(word.text.partition("=")[0])
        if option.text == "-v" and re.search(rf"print[^;}}|]*(?<![\w\[]){name}\b(?!\s*[!=~])", text):
            yield word
        if option.text in ("--arg", "--argjson") and re.search(
            rf"(?m)(?:^|[|,])\s*\${name}\s*(?:$|[|,])", text
        ):
            yield value


def passes(words: Sequence[Word]) -> bool:
    """Whether a command prints what it reads, or parts of it; numbers that it has counted are none."""
    base = words[0].base if words else ""
    if base not in _passes:
        return False
    texts = [word.text for word in words[1:]]
    if base.endswith("grep") or base == "rg":
        return not any(re.fullmatch(r"-[A-Za-z]*[clqL][A-Za-z]*|--count|--quiet", text) for text in texts)
    if base.endswith("awk"):
        programs = [text for text in texts if "print" in text]
        return not programs or any(_shows_fields.search(text) for text in programs)
    if base in ("jq", "yq"):
        return not any(re.search(r"\blength\b", text) for text in texts)
    return True
