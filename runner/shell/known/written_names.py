"""The files that the text of a program writes: by their names in it, as programs are written.

Where it names none, it may be any that it names otherwise, or is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from runner.regex import regex
from runner.struct import struct

_text = r"""(?:[rbfuRBFU]?(?:"[^"\n]*"|'[^'\n]*'|`[^`\n]*`))"""
_mode = r"""["'](?:[wax][bt+]*|r[bt]*\+[bt]*)["']"""
_opened = regex(
    rf"\bf?open\s*\(?\s*(?P<python>[^,;\n]*(?:\([^()\n]*\)[^,;\n]*)*),[^;\n]*?{_mode}"
    r"|\bopen\b[^;\n]*?[\"']\s*\+?>{1,2}(?P<glued>[^\"'\n]*)[\"']\s*(?:,\s*(?P<perl>[^;\n)]*))?"
    rf"|(?P<method>[^;\n]*)\.(?:write_(?:text|bytes)\b|open\(\s*(?:mode\s*=\s*)?{_mode})"
    r"|\b(?:writeFile(?:Sync)?|appendFile(?:Sync)?|createWriteStream|(?:File|IO)\.(?:bin)?write|write(?:Text)?File"
    r"|file_put_contents|Bun\.write)\s*\(?\s*(?P<first>[^,;\n]*)"
    r"|\bwriteLines\s*\([^,;\n]*,(?P<second>[^;\n]*)"
)
_named = regex(_text)
_only_read = regex(
    rf"\bopen\s*\(\s*{_text}\s*(?:\)|,\s*(?:mode\s*=\s*)?[\"']r[bt]*[\"'])|[\"']<[^\"'\n]*[\"']\s*,\s*{_text}"
    rf"|\b(?:read\w*|file_get_contents)\s*\(\s*{_text}|\bPath\(\s*{_text}\s*\)\.(?:read|exists|open\(\s*\))"
)
_prints = regex(
    r"(?<![\w./-])(?:echo|printf|cat|tee|envsubst|sed|awk|tr|base64|dd|head|tail|sort|jq|cut|env)(?![\w./-])"
)
_redirected = regex(r"(?:(?<![<\d&=-])>{1,2}\|?|\btee(?:[ \t]+-\w+)*(?=[ \t]))[ \t]*[\"']?([\w./~${}-]+)")
_of_sed = regex(r"(?:\A|[\s;{}/\d$!gpI,])(?P<letter>[rRwW])(?:[ \t]+|(?![\s;}/]))(?P<name>[^\n;}]+)")
_reads_input = regex(r"stdin|STDIN|\binput\(|<>|\bgets\b|/dev/fd|fd/0|readFileSync\(0|\breadline")


@struct
class Names:
    """`files` are the names, and `arguments` says whether it may be any file that it is given."""

    files: frozenset[str] = frozenset()
    arguments: bool = False


@lru_cache(maxsize=256)
def written_in(program: str) -> Names | None:
    """What a program of a language writes to; None if nothing says that it writes any file."""
    files, unnamed, writes = set[str](), False, False
    for match in _opened.finditer(program):
        writes = True
        texts = [_bare(text) for part in match.groups() if part for text in _named.findall(part)]
        texts += [glued] if (glued := (match["glued"] or "").strip()) else []
        files |= {*texts, "/".join(texts)}
        unnamed = unnamed or not texts
    if unnamed:
        files |= {_bare(text) for text in _named.findall(_only_read.sub("", program))}
    return Names(frozenset(files) - {""}, unnamed) if writes else None


def named_in(program: str) -> frozenset[str]:
    """All texts in a program, of which some may be names of files that it reads."""
    return frozenset(map(_bare, _named.findall(program))) - {""}


def reads_input(program: str) -> bool:
    """Whether a program says that it reads its input."""
    return _reads_input.search(program) is not None


def redirected_in(script: str) -> frozenset[str]:
    """What a script writes to that prints what it reads or is given."""
    if _prints.search(script) is None:
        return frozenset()
    return frozenset(_redirected.findall(script))


def of_sed(script: str, letters: str) -> Iterator[str]:
    """The files of some commands of sed, such as `r` or `w`."""
    for match in _of_sed.finditer(script):
        if match["letter"] in letters:
            yield match["name"].strip()


def _bare(text: str) -> str:
    return text.lstrip("rbfuRBFU")[1:-1].strip()
