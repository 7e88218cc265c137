"""How `su` and `runuser` give a script its arguments: behind a `--`, where a user is named before it."""

from __future__ import annotations

import re

from runner.shell.cases import Case

as_user = ("su", "runuser")
_valued = r"(?:[gGswTu]|-(?:group|supp-group|shell|whitelist-environment|user))(?=[ \t])"
_user = re.compile(
    rf"\b(?:su|runuser)(?:[ \t]+-(?:{_valued}[ \t]+\S+|(?!{_valued})\S*))*[ \t]+[^\s-]\S*[ \t][^\n;&|]*\Z"
)
_user_behind = re.compile(r"[ \t]+([\w.]\S*)[ \t]*(?:\Z|[\n;&|<>)])")


def zeroth(case: Case) -> str:
    """What follows the script in place."""
    return "-- sh" if _is_user_named(case) else "root -- sh"


def told(case: Case, argument: str) -> str:
    """In words."""
    behind = _user_behind.match(case.flat.text, case.refusal.end)
    user = "…" if _is_user_named(case) else behind[1] if behind else "root"
    return f"pass it as an argument: {case.refusal.detail.split()[0]} {user} -c '… \"$1\" …' -- sh {argument}"


def _is_user_named(case: Case) -> bool:
    return _user.search(case.flat.text, 0, case.refusal.start) is not None
