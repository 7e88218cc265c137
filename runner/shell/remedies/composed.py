"""What to write instead of a program that is put together in a variable and given to what runs it.

`eval "$c"`, `sh -c "$c"`, `ssh host "$c"`: there the whole program is in the variable, its own words and
a value, so that only the value may be taken out of it.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, begins_command, reference, write
from runner.shell.findings import Refusal
from runner.shell.flat import HOLE
from runner.shell.known.families import as_user
from runner.shell.remedies import programs as program_remedies
from runner.shell.remedies import ssh as ssh_remedies
from runner.shell.remedies.split import KeptWords, assignments, holds_words
from runner.struct import replace

_eval = r"\beval[ \t]+(?:--[ \t]+)?"
_ssh = regex(r"\bssh[ \t]+(?:-(?:[BbcDEeFIiJLlmOopPQRSWw][ \t]+)?\S+[ \t]+)*[^\s-]\S*[ \t]+\Z")
_ends_command = regex(r"[ \t]*(?:\Z|[\n;&|)>])")
_separator = regex(r"[ \t]*(?:;(?!;)|&&|\n)\s*")
_no_program = regex(r"\w+\+?=|time\b")
_shells = ("eval", "trap", "sh", "unknown", "env", "flock", "ssh", *as_user)
_plain_rest = regex(r"[^\n;&|$`\\'\"]*(?:\Z|[\n;&|])")


def held_program(case: Case) -> str:
    """For `y={{ x }}; eval "$y"` and `y="ls {{ x }}"; eval "$y"`, and for what else runs programs."""
    detail, _, variable = case.refusal.detail.rpartition(" ")
    if words := _all_words(case, detail):
        return words
    if not _is_whole_program(case, detail, variable):
        return program_remedies.held_program(case)
    if detail == "eval":
        return _evaluated(case, variable)
    direct = replace(case, refusal=_without_variable(case, detail))
    given = program_remedies.program(direct)
    if detail == "ssh":
        return _sent(direct, variable, given)
    return write(_argued(direct, detail, variable), given)


def _without_variable(case: Case, detail: str) -> Refusal:
    refusal = case.refusal
    return Refusal(refusal.kind, refusal.start, refusal.end, detail, refusal.apart)


def _all_words(case: Case, detail: str) -> str:
    """For `eval "${c[@]}"`, `eval "$*"` and `sh -c "$*"`: what has its words apart can be run as it is."""
    word = case.flat.text[case.refusal.start : case.refusal.end]
    kept = re.fullmatch(r"\"?(?:\$([@*])|\$\{([@*])\}|\$\{(\w+)\[[@*]\]\})\"?", word)
    if kept is None or detail not in ("eval", "sh"):
        return ""
    run = f"${{{kept[3]}[@]}}" if kept[3] else "$@"
    return f'run the words as they are, "{run}", without `{"sh -c" if detail == "sh" else "eval"}`'


def _is_whole_program(case: Case, detail: str, variable: str) -> bool:
    """Whether a program begins with the variable, and it holds more than a value."""
    text, start = case.flat.text, case.refusal.start
    if variable in ("@", "*"):
        return False
    begins = re.compile('"?' + reference(variable)).match(text, start) is not None
    first = detail != "eval" or re.search(_eval + r"\Z", text[:start]) is not None
    return begins and first and (holds_words(case, variable) or _holds_code(case, detail, variable))


def _holds_code(case: Case, detail: str, variable: str) -> bool:
    """Whether it holds a value and something else, which other programs than shells read without spaces."""
    texts = [match[1].strip("\"'") for match in assignments(case, variable)]
    return detail not in _shells and any(HOLE in text and text != HOLE for text in texts)


def _is_lone(case: Case, variable: str) -> bool:
    """Whether the variable is all of the word that is run."""
    word = case.flat.text[case.refusal.start : case.refusal.end]
    return re.fullmatch(f'("?){reference(variable)}\\1', word) is not None


# Each of what runs it ------------------------------------------------------------------------------


def _evaluated(case: Case, variable: str) -> str:
    """`c="make {{ x }}"; eval "$c"` → `set -- make {{ x }}; "$@"`."""
    if variable.isdecimal():
        return 'give each word of the command as an argument of its own, and run "$@" without `eval`'
    kept = KeptWords(case, variable, _eval + '("?){}\\1')
    lone = _is_lone(case, variable) and _plain_rest.match(case.flat.text, case.refusal.end) is not None
    if lone and kept.words and not _no_program.match(kept.words):
        return kept.spelled() or f"{kept.told()} without `eval`"
    words = kept.words or _written_out(case, variable)
    return "write the command out where it is run, without `eval`" + (f": {words}" if words else "")


def _written_out(case: Case, variable: str) -> str:
    given = assignments(case, variable)
    script = program_remedies.plain_script(given[0][1]) if len(given) == 1 else ""
    return case.filled(script, given[0].start(1)) if HOLE in script else ""


def _argued(case: Case, detail: str, variable: str) -> str:
    """`s="ls {{ x }}"; sh -c "$s"` → `sh -c 'ls "$1"' sh {{ x }}`."""
    given = assignments(case, variable)
    if len(given) != 1 or HOLE not in given[0][1]:
        return ""
    program = program_remedies.with_arguments(case, detail, given[0].start(1), given[0].end(1))
    return program_remedies.run_by(detail, _run_there(case, variable, given[0], program))


def _sent(case: Case, variable: str, otherwise: str) -> str:
    """`c="ls {{ x }}"; ssh host "$c"` → `printf '%s\\0' {{ x }} | ssh host 'xargs -0 ls'`."""
    given = assignments(case, variable)
    script = program_remedies.plain_script(given[0][1]) if len(given) == 1 else ""
    ends = _ends_command.match(case.flat.text, case.refusal.end) is not None
    if case.fed or HOLE not in script or not ends or not _follows_ssh(case):
        return otherwise
    program = f"'{ssh_remedies.remote_program(script)}'"
    words = map(case.word_of, case.flat.inside(given[0].start(1), given[0].end(1)))
    line = _run_there(case, variable, given[0], program)
    return write(ssh_remedies.before_ssh(line, " ".join(words)), otherwise)


def _follows_ssh(case: Case) -> bool:
    """Whether it is all that ssh runs there."""
    return _ssh.search(case.flat.text[: case.refusal.start]) is not None


def _run_there(case: Case, variable: str, given: re.Match[str], program: str) -> str:
    """The user's line with a program instead of the variable, and without what the variable was given."""
    if not program or not _is_lone(case, variable):
        return ""
    text, start, end = case.flat.text, case.refusal.start, case.refusal.end
    after = _separator.match(text, given.end())
    once = len(re.findall(reference(variable), text)) == 1
    begins = begins_command.search(text, 0, given.start()) is not None
    if not (after and once and begins and after.end() <= start):
        return case.line(start, end, program)
    if case.flat.line(given.start()) != case.flat.line(start):
        return case.line(start, end, program)
    return case.line(given.start(), end, case.flat.shown(after.end(), start) + program)
