"""What to write instead of a value in a file that a program is told to run by a variable or an option."""

from __future__ import annotations

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.known.builtins import named_programs
from runner.shell.known.families import launchers

_otherwise = {
    "ninja": 'give it by `env`, and write "$$X" in the command',
    "just": 'give it by `env`, and write "$X" in the recipe',
    **dict.fromkeys(launchers, "let it get the value as an argument, and name that there"),
}


def told(case: Case, program: str) -> str:
    """How such a file gets the value; nothing for other programs."""
    if program in named_programs - {"BASH_ENV"}:
        return (
            f'export it before, export {case.setting}={case.hole}, and let the program read "${case.setting}"'
        )
    return _otherwise.get(program, "")


def first_argument(case: Case) -> str:
    """How the file names its first argument, as the script writes it."""
    if case.spot.place != "quoted":
        return '"$1" in the file'
    before = case.flat.text[: case.flat.line(case.spot.at)[0]]
    return (
        '"\\$1" in its heredoc'
        if _begins_heredoc.search(before)
        else '"$1" in the file, inside single quotes'
    )


_begins_heredoc = regex(r"<<-?[ \t]*\w")
