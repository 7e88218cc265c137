"""What to write instead of names that come by a pipe and are pasted into a program: `xargs` hands them on.

`find … | xargs -I{} sh -c 'wc -l "$1"' sh {}`: so each name is an argument, whatever it says.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, write

_mark = regex(
    r"(?<!\S)(?:-[0-9a-zA-Z]*I[ \t]*['\"]?([^\s'\"]+)['\"]?|-[0-9a-zA-Z]*i|--replace(?:=(\S+))?)(?=\s)"
)
_starts_shell = regex(r"(?<![\w-])[a-z]*sh[ \t]+-[a-z]*c[ \t]+\Z")
_lists = regex(
    r"(?:\A|[\n;&|({]|\b(?:then|do|else)[ \t])[ \t]*(?:sudo[ \t]+)?(find|fd|ls|du|grep|rg)[ \t][^|;&\n]*\Z"
)
_finds = regex(r"\b(find[ \t](?:(?!-print|-exec|-ok)[^|;&\n])*?)[ \t]*\|[ \t]*\Z")
_counts = regex(r"\$\([ \t]*((wc|du)(?:[ \t]+-\w+)*)[ \t]+\"?\Z")
_made_by_sed = regex(
    r"[ \t]*\|[ \t]*sed[ \t]+(['\"])s/\^/([\w./-]+(?: [\w./-]+)*) ?/\1"
    r"[ \t]*\|[ \t]*(?:ba|da)?sh[ \t]*(?=\Z|[\n;)])"
)


def by_xargs(case: Case) -> str:
    """`xargs -I{} sh -c 'wc "{}"'` → `xargs -I{} sh -c 'wc "$1"' sh {}`."""
    text, start, end = case.flat.text, case.refusal.start, case.refusal.end
    begun = text.rfind("xargs", 0, max(start, 0))
    if begun < 0 or end <= start:
        begun = text.find("xargs")
    if re.match(r"xargs\b[^\n|;]*\bssh\b", text[max(begun, 0) :]):
        return "let xargs run there: … | ssh … 'xargs …'"
    if told := _whole_names(case, begun):
        return told
    found = _mark.search(text, max(begun, 0), start if end > start else len(text))
    mark = (found[1] or found[2] or "{}") if found else ""
    script = named_argument(text[start:end], mark) if mark else ""
    alone = re.match(r"[ \t]*(?:\Z|[\n;&|)<>])", text[end:])
    starts = _starts_shell.search(text, max(begun, 0), start)
    line = case.line(start, end, f"'{script}' sh {mark}") if script and alone and starts else ""
    if not mark:
        return write(line, "let the script name its arguments: xargs sh -c '… \"$1\" …' sh")
    return write(line, f"let the script name its argument: xargs -I{mark} sh -c '… \"$1\" …' sh {mark}")


def _whole_names(case: Case, begun: int) -> str:
    """`find … | xargs -n1 sh` → `find … -print0 | xargs -0 -n1 sh`: what is split may be an option."""
    start, end, text = case.refusal.start, case.refusal.end, case.flat.text
    piped = _finds.search(text, 0, begun) if end == start != case.spot.at else None
    if piped is None or not re.match(
        r"xargs(?:[ \t]+-[nP] ?\d+)*[ \t]+[a-z]+[0-9.]*[ \t]*(?:\Z|[\n;&|)])", text[begun:]
    ):
        return ""
    line = case.line(piped.end(1), begun + len("xargs"), " -print0 | xargs -0")
    return write(line, "")


def instead_of_shell(case: Case, name: str) -> str:
    """`find … | sed 's/^/wc /' | sh` → `find … | xargs -I{} wc {}`; empty for what prints no names."""
    text, at = case.flat.text, case.spot.at
    listing = _lists.search(text, max(text.rfind("\n", 0, at), 0), at)
    piped = "|" in text[at : case.flat.line(at)[1]]
    in_text = case.spot.place == "quoted" and text[at - 1] != '"'
    if listing is None or not piped or in_text or not re.fullmatch(r"(?:ba|da|z|k)?sh", name):
        return ""
    made = _made_by_sed.search(text, at)
    line = ""
    if made and not re.search(r"[|;&\n]", text[at : made.start()]):
        line = case.line(made.start(), made.end(), f" | xargs -I{{}} {made[2]} {{}}")
    otherwise = "let xargs give what it finds to a program"
    return write(line, f"{otherwise}: {listing[1]} … | xargs -I{{}} sh -c '… \"$1\" …' sh {{}}")


def number_alone(case: Case) -> str:
    """`$(wc -l {{ f }})` → `$(wc -l < {{ f }})`, `$(du -sk {{ d }})` → `$(du -sk {{ d }} | cut -f1)`."""
    before = _counts.search(case.flat.text, 0, case.spot.at)
    after = re.compile(r'"?[ \t]*\)').match(case.flat.text, case.spot.at + 1)
    if before is None or after is None:
        return ""
    end = after.end() - 1
    given = case.flat.shown(before.end(1), end).strip()
    line = case.line(before.end(1), end, f" < {given}" if before[2] == "wc" else f" {given} | cut -f1")
    return f"`{before[2]}` prints the name, too; {write(line, 'take the number alone')}"


def named_argument(text: str, mark: str) -> str:
    """A script in quotes without them, with `"$1"` for each mark; empty if that may say something else."""
    script = text[1:-1].replace('\\"', '"') if text.startswith('"') else text[1:-1]
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    script = script.replace(f'"{mark}"', mark)
    unsure = re.search(r"[$`\\'\"\0]", script) or mark not in script
    return "" if not quoted or unsure else script.replace(mark, '"$1"')
