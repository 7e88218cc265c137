"""What the reasons of many have in common, where each names what is of the same key as itself.

It knows the words of reasons only as far as keys stand in them.
"""

from __future__ import annotations

from runner.store.entries import Cause
from runner.struct import replace

OWN_ITEM = "[\x01]"
"""Stands in a cause for the item of the same key. No key and no `when` holds such a character."""


def _without_own_key() -> str:
    """The SQL of a reason that names the items which an item of an item-wise map follows."""
    reason = "reason"
    for following in (", which ", " has ", " failed at ", " was "):
        reason = f"replace({reason}, '[' || key || ']{following}', '{OWN_ITEM}{following}')"
    return f"CASE WHEN key IS NOT NULL AND reason LIKE 'needs %' THEN {reason} ELSE reason END"


WITHOUT_OWN_KEY = _without_own_key()

_key = r"\[[^\[\]\x01]*\]"
_address = r"[^\s\[\].]+(?:\[[^\[\]]*\])?"
_of_a_pass = rf"\A(?:needs |fail_fast: )?{_address}(?:\.{_address})*(?= took longer than |, which | failed)"


def without_keys(reason: str) -> str:
    """A reason of one of many passes: the tasks that it names, without the keys that tell passes apart."""
    import re

    return re.sub(_of_a_pass, lambda found: re.sub(_key, "", found[0]), reason, count=1)


def add_cause(causes: dict[str, Cause], found: Cause) -> None:
    """Count a cause to what it has in common with others, whatever pass it was in."""
    reason = without_keys(found.reason)
    known = causes.get(reason) or Cause(reason, 0, found.example)
    causes[reason] = replace(known, number=known.number + found.number)
