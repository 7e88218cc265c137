"""What to write instead of a value in a script of sed: perl, which reads it from its environment."""

from __future__ import annotations

import re

from runner.shell.cases import Case


def program(case: Case, name: str) -> str:
    perl = instead(case, name)
    text = f'{perl} with `env: {{{name}: "{case.hole}"}}`'
    if case.refusal.apart:
        text = f"env {name}={case.hole} {perl}"
    return f"for a whole number write {{{{ {case.source} | int | verbatim }}}}; for text use {text}"


def instead(case: Case, name: str) -> str:
    """The same with perl, which may run the name of a file unless it edits that with `-i`."""
    text, end = case.flat.text, case.refusal.end
    started = max((match.end() for match in _begins_sed.finditer(text, 0, case.refusal.start)), default=0)
    ended = _rest_of_command.match(text, end)
    rest = ended[0] if ended else ""
    edits = _edits.search(text[started : end + len(rest)])
    program = f"-pe 's/…/$ENV{{{name}}}/'"
    files = rest.strip().removeprefix("-- ")
    known = case.refusal.kind in ("program", "held-program")
    named = known and re.search(r"[$\0]", files) and not re.search(r"(?<!\S)-", files)
    shown = case.filled(files, end) if named else ""
    if edits:
        return f"perl -i{edits[1] or ''} {program}{' -- ' if named else ''}{shown}"
    if case.refusal.apart or not named:
        return f"perl {program}"
    return f"cat {shown} | perl {program}" if re.search(r"\s", files) else f"perl {program} < {shown}"


_begins_sed = re.compile(r"\b(?:g|s)?sed(?=\s)")
_edits = re.compile(r"(?<!\S)(?:-[A-Za-z]*i|--in-place=?)(\.[\w.]+)?(?=\s)")
_rest_of_command = re.compile(r"[^\n;&|<>()]*")
