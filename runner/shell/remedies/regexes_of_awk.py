"""What to write instead of a value in a regular expression of awk: a string that awk reads as one."""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.flat import HOLE

_opening = regex(r"(?:\A|[^\w)\]\s/])\s*/(?=[^/\n]*\Z)")
_takes_one = regex(r"(?:~|\b(?:sub|gsub|gensub|match|split)\s*\((?:[^(),]*,)?)\s*\Z")


def matched(case: Case, name: str) -> str:
    """`/a{{ x }}/` → `$0 ~ "a" ENVIRON["X"]`; empty where the value stands between no slashes."""
    text, start, at = case.flat.text, case.refusal.start, case.spot.at
    program = text[start + 1 : at]
    opening, closing = _opening.search(program), text.find("/", at, case.refusal.end)
    if opening is None or closing < 0:
        return ""
    subject = "" if _takes_one.search(program[: opening.end() - 1]) else "$0 ~ "
    around = [program[opening.end() :], text[at + 1 : closing]]
    if re.search(rf"[{HOLE}\"\\']", "".join(around)):
        around = ["…" if part else "" for part in around]
    before, after = (f'"{part}"' if part else "" for part in around)
    regex = " ".join(filter(None, (before, f'ENVIRON["{name}"]', after)))
    single = "" if text[start] == "'" else ", with single quotes around the program"
    return f"{subject}{regex} in the program, instead of the /…/{single}"
