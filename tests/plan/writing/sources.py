"""What the maps of random workflows range over, and how they end."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from writing.phrases import Note
from writing.place import Known, Place

SCALARS = [0, 1, 2, 3, "a", "b", "c c", True, None]


@dataclass
class Written:
    """The `map` of a task. `item` is what it calls its item; `source` is followed item by item."""

    spelled: dict[str, Any]
    size: int
    keys: tuple[str, ...] = ()
    item: str = "item"
    source: str | None = None
    racy: bool = False
    """Which of its items come to an end depends on the order."""


class Sources:
    """Writes maps."""

    def __init__(self, chance: random.Random, note: Note, fresh: Callable[[], str]) -> None:
        self._chance = chance
        self._note = note
        self._fresh = fresh

    def write(self, place: Place, own: Sequence[Known], outer: Sequence[Known], calls: bool) -> Written:
        """A map, with its name, its keys and how it ends."""
        chance = self._chance
        most = max(1, min(5, 40 // place.weight))
        if calls and place.depth == 0 and chance.random() < 0.06:
            self._note("large map")
            made = Written({"over": "{{ range(60) }}"}, 60, tuple(map(str, range(60))))
        else:
            made = self._source(place, own, outer, most)
        if chance.random() < 0.5:
            made.item = made.spelled["as"] = self._fresh()
        self._end(made, place)
        self._key(made, place)
        return made

    # What it ranges over -----------------------------------------------------------------------

    def _source(self, place: Place, own: Sequence[Known], outer: Sequence[Known], most: int) -> Written:
        chance = self._chance
        size = chance.randint(1, most)
        maps = [known for known in own if known.mapped and known.size * place.weight <= 240]
        wide = [known for known in [*maps, *outer] if known.mapped]
        lists = [known for known in [*own, *outer] if not known.mapped and known.gives == "list"]
        kinds: list[tuple[int, Callable[[], Written]]] = [
            (20, lambda: self._list(size)),
            (8, lambda: self._mapping(size)),
            (8, lambda: self._matrix(size)),
            (6, lambda: self._zip(size)),
            (12, lambda: self._range(place, size)),
            (9, self._nothing),
            (36 if maps else 0, lambda: self._followed(chance.choice(maps), place)),
            (12 if wide else 0, lambda: self._whole(chance.choice(wide))),
            (8 if lists else 0, lambda: self._result(chance.choice(lists))),
        ]
        weights = [weight for weight, _ in kinds]
        return chance.choices([make for _, make in kinds], weights)[0]()

    def _list(self, size: int) -> Written:
        self._note("map over a list")
        values = [self._chance.choice(SCALARS) for _ in range(size)]
        if self._chance.random() < 0.2:
            values[0] = {"part": 1}
        return Written({"over": values}, size)

    def _mapping(self, size: int) -> Written:
        self._note("map over a mapping")
        keys = self._chance.sample(["u", "v", "w", "x", "y"], size)
        return Written({"over": {key: index * 2 for index, key in enumerate(keys)}}, size, tuple(keys))

    def _matrix(self, size: int) -> Written:
        self._note("matrix")
        matrix: dict[str, Any] = {"os": ["linux", "mac"][: 1 + size // 3], "py": [11, 12][: 1 + size // 2]}
        if self._chance.random() < 0.2:
            self._note("matrix and zip of expressions")
            matrix["py"] = "{{ range(2) | list }}"
        if self._chance.random() < 0.4 and size > 1:
            self._note("matrix with exclude")
            matrix["exclude"] = [{"os": "linux", "py": 12}]
        if self._chance.random() < 0.5:
            self._note("matrix with include")
            extra = [
                {"os": "linux", "fast": True},
                {"os": "bsd", "py": 13},
                {"slow": 1},
                {"py": 12, "os": "bsd"},
            ]
            matrix["include"] = self._chance.sample(extra, self._chance.randint(1, 2))
        return Written({"matrix": matrix}, 6)

    def _zip(self, size: int) -> Written:
        self._note("zip")
        columns: dict[str, Any] = {"left": list(range(size)), "right": list("abcde"[:size])}
        if self._chance.random() < 0.2:
            self._note("matrix and zip of expressions")
            columns["left"] = f"{{{{ range({size}) }}}}"
        return Written({"zip": columns}, size)

    def _range(self, place: Place, size: int) -> Written:
        self._note("map over a range")
        if "count" in place.params and self._chance.random() < 0.3:
            return Written({"over": "{{ range(params.count) }}"}, 3)
        return Written({"over": f"{{{{ range({size}) }}}}"}, size, tuple(map(str, range(size))))

    def _nothing(self) -> Written:
        what = self._chance.choice(
            [{"over": []}, {"over": {}}, {"over": "{{ range(0) }}"}, {"matrix": {"os": [], "py": [1]}}]
        )
        end = self._chance.choice(["succeed", "skip", "fail"])
        self._note(f"empty map: {end}")
        return Written({**what, "on_empty": end}, 0)

    def _followed(self, known: Known, place: Place) -> Written:
        self._note("item-wise map")
        self._note(f"item-wise map over {known.kind}")
        if known.follows:
            self._note("chain of item-wise maps")
        return Written(
            {"over": f"{{{{ tasks.{known.name}.results }}}}"}, known.size, known.keys, source=known.name
        )

    def _whole(self, known: Known) -> Written:
        self._note("map over results, not item by item")
        ending = self._chance.choice(
            ["results | list", "results | reverse", "items | map(attribute='key')", "results + [7]"]
        )
        return Written({"over": f"{{{{ tasks.{known.name}.{ending} }}}}"}, known.size + 1)

    def _result(self, known: Known) -> Written:
        self._note("map over a result")
        return Written({"over": f"{{{{ tasks.{known.name}.result }}}}"}, 3)

    # How it ends, and its keys -----------------------------------------------------------------

    def _end(self, made: Written, place: Place) -> None:
        chance, spelled = self._chance, made.spelled
        kind = chance.choice(["", "", "", "count", "count", "percent", "percent", "fail_fast", "quorum"])
        if kind in ("fail_fast", "quorum") and place.calm:
            kind = "count"
        if kind == "quorum":
            self._note("quorum")
            if made.size == 0:
                made.spelled = spelled = {
                    **({"as": made.item} if "as" in spelled else {}),
                    "over": "{{ range(0) }}",
                }
            spelled["quorum"] = chance.randint(1, max(1, min(made.size, _combinations(spelled)) - 1))
            made.racy = True
            if chance.random() < 0.5:
                spelled.pop("on_empty", None)
        if kind == "count" or (kind == "fail_fast" and chance.random() < 0.4):
            self._note("max_failures, a number")
            spelled["max_failures"] = chance.randint(1, 2)
        elif kind == "percent" or (kind == "fail_fast" and chance.random() < 0.3):
            self._note("max_failures, a percentage")
            spelled["max_failures"] = chance.choice(["20%", "25%", "33.3%", "50%", "67%", "100%"])
        if kind == "fail_fast":
            self._note("fail_fast")
            spelled["fail_fast"] = made.racy = True
        if chance.random() < 0.25:
            self._note("max_parallel")
            spelled["max_parallel"] = chance.choice([1, 1, 2, 3])

    def _key(self, made: Written, place: Place) -> None:
        if made.source is not None or self._chance.random() > 0.15:
            return
        keys = [
            "k{{ index }}",
            "{{ index }}-{{ params.count }}" if "count" in place.params else "",
        ]
        if place.mapped:
            keys.append("{{ key }}-{{ index }}")
        if "over" in made.spelled and not made.racy:
            keys.append(f"{{{{ {made.item} }}}}")
        key = self._chance.choice([key for key in keys if key])
        over = made.spelled.get("over")
        if key == f"{{{{ {made.item} }}}}" and isinstance(over, list):
            plain = [7 if isinstance(value, dict) else value for value in over]
            made.spelled["over"] = f"{{{{ {plain!r} }}}}"  # written out, keys that repeat are refused
        made.spelled["key"], made.keys = key, ()
        self._note("own key")


def _combinations(spelled: dict[str, Any]) -> int:
    """How many items a matrix has at most that is written out; a quorum over that is refused."""
    matrix = spelled.get("matrix", {})
    lists = [values for name, values in matrix.items() if name not in ("exclude", "include")]
    if not lists or not all(isinstance(values, list) for values in lists):
        return 240
    return math.prod(map(len, lists)) + len(matrix.get("include", []))
