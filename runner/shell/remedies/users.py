"""How `su` and `runuser` give a script its arguments: behind a `--`, where a user is named before it."""

from __future__ import annotations

from runner.regex import regex
from runner.shell.cases import Case

_valued = r"(?:[gGswTu]|-(?:group|supp-group|shell|whitelist-environment|user))(?=[ \t])"
_user = regex(
    rf"\b(?:su|runuser)(?:[ \t]+-(?:{_valued}[ \t]+\S+|(?!{_valued})\S*))*[ \t]+[^\s-]\S*[ \t][^\n;&|]*\Z"
)
_user_alone = regex(r"\b(?:su|runuser)(?:[ \t]+-\S*)*[ \t]+[\w.$\"]")
_user_behind = regex(r"[ \t]+([\w.$\"][^\s;&|<>)]*)[ \t]*(?:\Z|[\n;&|)]|\d*[<>])")


def zeroth(case: Case) -> str:
    """What follows the script in place."""
    return "-- sh" if _is_user_named(case) else "root -- sh"


def told(case: Case, argument: str) -> str:
    """In words."""
    behind = _user_behind.match(case.flat.text, case.refusal.end)
    user = "…" if _is_user_named(case) else behind[1] if behind else "root"
    return f"pass it as an argument: {case.refusal.detail.split()[0]} {user} -c '… \"$1\" …' -- sh {argument}"


def fed(case: Case, name: str, argument: str) -> str:
    """For `su bob <<EOF`: what stands behind the user is given to the shell, `-s` too."""
    named = _user_alone.search(case.flat.text)
    return f"pass it as an argument: {name} {'…' if named else 'root'} -- -s -- {argument} <<'EOF'"


def _is_user_named(case: Case) -> bool:
    return _user.search(case.flat.text, 0, case.refusal.start) is not None
