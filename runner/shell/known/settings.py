"""Settings and variables by which programs are told what to run, by their names."""

from __future__ import annotations

from runner.regex import regex
from runner.shell.known.builtins import program_variables

of_ssh = regex(r".*(?:command|xauthlocation|match|provider).*")
of_git = regex(
    r"(?:alias|pager|guitool|protocol)\..*|.*(?:command|editor|pager|driver|textconv|cmd|helper|fsmonitor|external"
    r"|program|askpass|clean|smudge|process|hook|gitproxy|uploadpack|receivepack|difffilter|tunnel)"
)
lead_git_to_programs = regex(r".*(?:path|templatedir|vcs)|submodule\..*\.update")
"""Git looks there for what it runs."""
_begun = regex(r"([\w.-]+)[=\s]")


def begins_harmless(text: str, program: str) -> bool:
    """Whether a text begins with the name of what tells a program nothing to run, and with its `=`."""
    match = _begun.match(text)
    if match is None:
        return False
    name = match[1].lower()
    if program == "env":
        return match[1] not in program_variables
    if program == "ssh":
        return of_ssh.fullmatch(name) is None
    return of_git.fullmatch(name) is None and lead_git_to_programs.fullmatch(name) is None
