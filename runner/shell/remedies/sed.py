"""What to write instead of a value in a script of sed: perl, which reads it from its environment."""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.flat import whole_number


def program(case: Case, name: str) -> str:
    perl = instead(case, name)
    text = f'{perl} with `env: {{{name}: "{case.hole}"}}`'
    if case.refusal.apart:
        text = f"env {name}={case.hole} {perl}"
    return f"{for_number(case)}{text}"


def for_number(case: Case) -> str:
    """What a whole number needs no other program for."""
    return f"for a whole number write {whole_number(case.source, ' | verbatim')}; for text use "


def instead(case: Case, name: str) -> str:
    """The same with perl, which may run the name of a file unless it edits that with `-i`."""
    text, end = case.flat.text, case.refusal.end
    started = max((match.end() for match in _begins_sed.finditer(text, 0, case.refusal.start)), default=0)
    ended = _rest_of_command.match(text, end)
    rest = ended[0] if ended else ""
    edits = _edits.search(text[started : end + len(rest)])
    program = _program(case, name, text[started:end])
    files = rest.strip().removeprefix("-- ")
    known = case.refusal.kind in ("program", "held-program")
    named = known and re.search(r"[$\0]", files) and not re.search(r"(?<!\S)-", files)
    shown = case.filled(files, end) if named else ""
    if edits:
        return f"perl -i{edits[1] or ''} {program}{' -- ' if named else ''}{shown}"
    if case.refusal.apart or not named:
        return f"perl {program}"
    return f"cat {shown} | perl {program}" if re.search(r"\s", files) else f"perl {program} < {shown}"


def _program(case: Case, name: str, line: str) -> str:
    """For `s/…/…/`, or for `-n /…/p` and `/…/d`, which print lines or leave them out."""
    looked_for = _looks_for.fullmatch(case.flat.text, case.refusal.start, case.refusal.end)
    if looked_for is None or (looked_for["does"] == "p") != bool(_quiet.search(line)):
        return f"-pe 's/…/$ENV{{{name}}}/'"
    begins, ends = ("…" if looked_for[side] else "" for side in ("left", "right"))
    prints = "print if" if looked_for["does"] == "p" else "print unless"
    return f"-ne '{prints} /{begins}\\Q$ENV{{{name}}}\\E{ends}/'"


_looks_for = regex(r"[\"']?/(?P<left>[^/\0$]*)(?:\0|\$\w+|\$\{\w+\})(?P<right>[^/\0$]*)/(?P<does>[pd])[\"']?")
_quiet = regex(r"(?<!\S)-[A-Za-z]*n[A-Za-z]*(?!\S)|(?<!\S)--(?:quiet|silent)(?!\S)")
_begins_sed = regex(r"\b(?:g|s)?sed(?=\s)")
_edits = regex(r"(?<!\S)(?:-[A-Za-z]*i|--in-place=?)(\.[\w.]+)?(?=\s)")
_rest_of_command = regex(r"[^\n;&|<>()]*")
