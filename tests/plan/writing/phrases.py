"""Expressions and conditions for random workflows, from a small set whose meaning `meaning` works out."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from writing.place import Known, Place

Note = Callable[[str], None]


def mention(chance: random.Random, note: Note, known: Known, outer: Sequence[Known]) -> str:
    """An expression about another task."""
    if known in outer:
        note("outward reference")
    ending = chance.choice(_of_map(known) if known.mapped else _of_plain(known))
    attribute = ending.partition(" ")[0].partition("[")[0].split(".")[0]
    note(f"names .{attribute}")
    return f"tasks.{known.name}.{ending}"


def _of_plain(known: Known) -> list[str]:
    endings = ["result", "result", "result", "status", "failed"]
    if known.calls:
        endings.append("attempts")
    if known.gives == "mapping":
        endings += ["result.first", "result['second']"]
    if known.gives == "list":
        endings += ["result | length", "result | reverse"]
    return endings


def _of_map(known: Known) -> list[str]:
    endings = [
        "results",
        "results",
        "results | length",
        "results | reverse",
        "counts",
        "counts.failed",
        "status",
    ]
    endings += [
        f"items | map(attribute='{name}')" for name in ("key", "status", "result", "attempts", "item")
    ]
    endings += ["failures | length", "failures | map(attribute='key')", "by_key | length"]
    endings += ["items | selectattr('status', 'equalto', 'skipped') | map(attribute='index')"]
    if known.keys:
        endings += [f"by_key['{known.keys[-1]}'].status", f"by_key['{known.keys[0]}'].result"]
    return endings


def own_name(chance: random.Random, place: Place, item: str | None) -> str | None:
    """An expression of an item's own names, or of the params."""
    names = [*place.own_names(item), *(f"params.{name}" for name in place.params)]
    return chance.choice(names) if names else None


def condition(
    chance: random.Random,
    note: Note,
    place: Place,
    visible: Sequence[Known],
    item: str | None,
) -> str | bool:
    """A `when`."""
    kind = chance.choice(["function", "function", "status", "item", "item", "plain", "both"])
    asked = chance.choice(["success()", "failure()", "failure()", "always()", "always()"])
    if kind == "status" and visible:
        note("when of a status")
        return _of_status(chance, chance.choice(visible))
    if kind == "both" and visible:
        note("when of a status")
        note(f"when {asked}")
        return f"{asked} {chance.choice(['and', 'or'])} {_of_status(chance, chance.choice(visible))}"
    if kind == "item" and (item or place.mapped):
        note("when of an item" if item else "when of the item around")
        return _of_item(chance, note, asked, item)
    if kind == "plain":
        note("when of params")
        flag = "params.flag" if "flag" in place.params else True
        return chance.choice([flag, flag, True, False])
    note(f"when {asked}")
    return asked


def _of_status(chance: random.Random, known: Known) -> str:
    ending = chance.choice(
        ["status == 'succeeded'", "status == 'failed'", "status in ['failed', 'skipped']", "failed"]
    )
    return f"{'not ' if chance.random() < 0.3 else ''}tasks.{known.name}.{ending}"


def _of_item(chance: random.Random, note: Note, asked: str, item: str | None) -> str:
    if chance.random() < 0.08:
        note("when that gives no boolean")
        return "key"
    if item and chance.random() < 0.3:
        note(f"when {asked}")
        return f"{asked} and index % 2 == 0"
    if item and chance.random() < 0.2:
        return f"{item} != 2"
    return chance.choice(["index != 1", "index % 2 == 0", "key != '0'", "not index == 0", "index < 2"])


def until(chance: random.Random, gives: str) -> str:
    """An `until`, which is seldom true at once."""
    asked = ["attempt >= 2", "attempt >= 3", "attempt == 9"]
    if gives == "number":
        asked += ["result % 3 == 0", "result >= 5"]
    return chance.choice(asked)
