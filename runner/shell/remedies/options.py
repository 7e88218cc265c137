"""What to write instead of a value in a command line that a program is given by an option of its own.

What runs it knows nothing of the script, so that a value gets there by another way.
"""

from __future__ import annotations

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.known.families import mysqls
from runner.shell.known.options import words_of

_there = words_of(
    "pssh parallel-ssh pdsh clush dsh aws az fly flyctl screen ansible salt salt-call salt-ssh tsh eb cf "
    "ddev podman fab"
)
_queries = mysqls | words_of("psql sqlite3")
_remote_shells = words_of("RSYNC_RSH BORG_RSH SVN_SSH")
_in_debugger = regex(r"(?:-[\w-]+=)?[\"']?(?:shell|!|run|r|start)\b|[\"']?!")


def told(case: Case, variable: str = "") -> str:
    """For the value itself, or a variable that holds it; empty where nothing is known of the program."""
    detail = case.refusal.detail.split()[0]
    value = f'"${variable}"' if variable else case.hole
    if detail == "rsync":
        if case.refusal.apart:
            return "write it out"
        return _connecting(case, "; rsync -e ./connect.sh …", variable)
    if detail == "make=":
        return _by_environment(case)
    if detail in _there:
        return "copy a file there that holds the value, and let the script read that"
    if detail == "--health-cmd":
        name = case.setting
        return f'give it to the container, -e {name}={value}, and write "${name}" inside single quotes'
    if detail in _queries:
        return f"let a command of the script do that, outside of {detail}"
    if detail in ("gdb", "lldb") and not _in_debugger.match(case.flat.text, case.refusal.start):
        return f"write it out: {detail} runs programs that it is asked for"
    return ""


def _by_environment(case: Case) -> str:
    """`make NAME={{ x }} all` → `NAME={{ x }} make all`, which does not expand what nobody names there."""
    given = case.flat.shown(case.refusal.start, case.refusal.end)
    name, equals, value = given.lstrip('"').partition("=")
    if not equals or not name.isidentifier() or name == "SHELL":
        return "write it out, or give it by `env`"
    if given.startswith('"'):
        given = f'{name}="{value}'
    before = f"{'env ' if case.refusal.apart else ''}{given} make …"
    return (
        f'give it by the environment, {before}, and write "$${name}" in the recipe (its default: {name} ?= …)'
    )


def of_variable(case: Case) -> str:
    """For `RSYNC_RSH="ssh -i {{ key }}"`, which is split into words."""
    name = case.refusal.detail
    if name not in _remote_shells:
        return "use another variable"
    return _connecting(case, f" {name}=./connect.sh")


def _connecting(case: Case, rest: str, variable: str = "") -> str:
    """The file is the same for each value, which it reads from its environment."""
    own, given = (
        (variable, variable) if variable.isidentifier() else (case.setting, f"{case.setting}={case.hole}")
    )
    return f'let a file that can be run say `ssh … "${own}" "$@"`, as in: export {given}{rest}'
