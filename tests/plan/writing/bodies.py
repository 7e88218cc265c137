"""Random tasks and bodies of tasks, as a user would write them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count
from typing import Any

from writing.draft import Draft, Entry
from writing.phrases import condition, mention, own_name, until
from writing.place import LIMITS, LONG_DELAY, NAMES, SHORT_TIMEOUT, Known, Place
from writing.sources import Sources

KINDS = {"call": "calls", "value": "values", "group": "groups", "sub": "sub-workflows"}


class Author:
    """Writes bodies, and the files that they name. `features` are what it made use of."""

    def __init__(self, chance: random.Random, seed: int) -> None:
        self.chance = chance
        self.seed = seed
        self.files: dict[str, Entry] = {}
        self.features: set[str] = set()
        self._calm: dict[str, bool] = {}
        numbers = count(1)
        self._sources = Sources(chance, self.note, lambda: f"it{next(numbers)}")

    def note(self, feature: str, used: bool = True) -> None:
        """Keep in mind that a feature was made use of."""
        if used:
            self.features.add(feature)

    def maybe(self, odds: float) -> bool:
        """True as often as that."""
        return self.chance.random() < odds

    # Bodies ------------------------------------------------------------------------------------

    def body(self, place: Place, size: int) -> tuple[dict[str, Entry], list[Known]]:
        """Tasks that name earlier ones of their body, and of outer ones; then the order is shuffled."""
        names = self.chance.sample(NAMES, size)
        outer = [known for known in place.outer if known.name not in names]
        self.note("shadowed name", len(outer) < len(place.outer))
        tasks: dict[str, Entry] = {}
        known: list[Known] = []
        for name in names:
            tasks[name], knows = self.task(name, place, known, outer)
            known.append(knows)
        self.chance.shuffle(names)
        return {name: tasks[name] for name in names}, known

    def outputs(self, known: Sequence[Known]) -> Entry:
        """Outputs of a file, each about one task."""
        return {f"{one.name}_out": self.hole(one, ()) for one in known if self.maybe(0.7)}

    def task(self, name: str, place: Place, own: list[Known], outer: list[Known]) -> tuple[Entry, Known]:
        """A task, and what others may know of it."""
        kind = self._kind(place)
        if kind == "group" and self.maybe(0.1):
            return self._late_group(name), Known(name, False, "mixed", kind="groups")
        made = self._sources.write(place, own, outer, kind == "call") if self.maybe(0.5) else None
        visible = [known for known in [*own, *outer] if made is None or known.name != made.source]
        draft = Draft(name, place, visible, outer, made, {"map": made.spelled} if made else {})
        self._order(draft)
        if self.maybe(0.15):
            self.note("allow_failure")
            draft.entry["allow_failure"] = True
        gives = self._action(kind, draft)
        keys = made.keys if made else ()
        follows = made is not None and made.source is not None
        mapped = made is not None
        return draft.entry, Known(
            name, mapped, gives, kind != "value", keys, draft.size, KINDS[kind], follows
        )

    def _kind(self, place: Place) -> str:
        deep = place.depth >= 3 or place.weight > 25
        weights = [52, 13, 0, 0] if deep else [52, 13, 24, 11]
        return self.chance.choices([*KINDS], weights)[0]

    def _order(self, draft: Draft) -> None:
        """What it waits for, and whether it starts at all."""
        visible, made = draft.visible, draft.made
        if visible and self.maybe(0.25):
            some = self.chance.sample(visible, min(len(visible), self.chance.randint(1, 2)))
            needs = [known.name for known in some]
            draft.entry["needs"] = needs[0] if len(needs) == 1 and self.maybe(0.5) else needs
        if self.maybe(0.25):
            draft.entry["when"] = condition(self.chance, self.note, draft.place, visible, draft.item)
        if made and made.source and self.maybe(0.08):
            self.note("map over results, not item by item")
            draft.entry["needs"] = made.source

    def _action(self, kind: str, draft: Draft) -> str:
        """What it does; what kind of value that gives."""
        match kind:
            case "call":
                return self._call(draft)
            case "value":
                self.note("value")
                self.note("value with a map", draft.made is not None)
                draft.entry["result"] = self._seen(draft)
            case "group":
                self._group(draft)
            case _:
                self._sub(draft)
        return "mixed"

    # Expressions -------------------------------------------------------------------------------

    def hole(self, known: Known, outer: Sequence[Known]) -> str:
        """A mention as a template."""
        return f"{{{{ {mention(self.chance, self.note, known, outer)} }}}}"

    def _seen(self, draft: Draft, inner: Sequence[Known] = ()) -> list[str]:
        """Templates of what a task may see; `inner`, in the result of a group: the tasks of its body."""
        hidden = {known.name for known in inner}
        visible = [*inner, *(known for known in draft.visible if known.name not in hidden)]
        seen = [self.hole(known, draft.outer) for known in visible if self.maybe(0.25)]
        names = [own_name(self.chance, draft.place, draft.item) for _ in range(2)]
        return [*seen, *(f"{{{{ {name} }}}}" for name in names if name)]

    # Calls -------------------------------------------------------------------------------------

    def _call(self, draft: Draft) -> str:
        entry, place = draft.entry, draft.place
        gives = self.chance.choice(["number", "number", "text", "list", "mapping", "none"])
        self._acts(draft, self.chance.choice([0, 0, 0, 10, 25, 50, 90]), gives, self._seen(draft))
        if self.maybe(0.35):
            racy = draft.racy or (draft.made is not None and place.calm)
            entry["retry"] = self._retry(gives, budget=not racy)
        if self.maybe(0.25) and place.limits:
            entry["limit"] = self._limit(place)
        if self.maybe(0.06):
            self.note("timeout of a call")
            entry["timeout"] = "1h"
        if self.maybe(0.15):
            self.note("cache")
            entry["cache"] = True
        if self.maybe(0.12):
            self.note("result of an action")
            entry["result"] = {"of": "{{ result }}", "in": "{{ attempt }}"}
            return "mixed"
        return gives

    def _acts(self, draft: Draft, odds: int, gives: str, seen: list[str]) -> None:
        draft.entry["call"] = "lib.py:act"
        draft.entry["with"] = {
            "seed": self.seed,
            "who": draft.who,
            "attempt": "{{ attempt }}",
            "odds": odds,
            "gives": gives,
            "saw": seen,
        }

    def _retry(self, gives: str, budget: bool) -> Entry:
        self.note("retry")
        retry: Entry = {"attempts": self.chance.randint(2, 4)}
        if self.maybe(0.5):
            self.note("retry with a delay")
            retry["delay"] = self.chance.choice(["1ms", "3ms", 0.005])
            retry["backoff"], retry["jitter"] = self.chance.choice([1, 2]), self.maybe(0.5)
        if budget and self.maybe(0.25):
            self.note("retry budget")
            retry["budget"] = self.chance.randint(0, 3)
        if self.maybe(0.2):
            self.note("retry on some exceptions")
            retry["on"] = {"exceptions": ["Temporary"]}
        if self.maybe(0.25):
            self.note("until")
            retry["until"] = until(self.chance, gives)
        return retry

    def _limit(self, place: Place) -> Any:
        kind = self.chance.choice(["one", "one", "several", "units"])
        if kind == "several" and len(place.limits) > 1:
            self.note("several limits")
            return self.chance.sample(place.limits, 2)
        wide = [name for name in place.limits if "concurrency" in LIMITS[name]]
        if kind == "units" and wide:
            self.note("units of a limit")
            return {self.chance.choice(wide): 2}
        name = self.chance.choice(place.limits)
        self.note("rate of a limit", "rate" in LIMITS[name])
        self.note("limit")
        return name

    # Groups ------------------------------------------------------------------------------------

    def _group(self, draft: Draft) -> None:
        entry, place, made = draft.entry, draft.place, draft.made
        self.note(f"group, depth {place.depth + 1}")
        self.note("group with map", made is not None)
        explicit = made is not None and "as" in made.spelled
        inside = place.inside(draft.visible, draft.item, draft.size, explicit, draft.racy)
        entry["tasks"], known = self.body(inside, self.chance.randint(1, 3))
        entry["env"] = {"AT": draft.within}
        self._passes(entry)
        if self.maybe(0.3):
            self.note("result of a group")
            seen = self._seen(draft, known)
            whole = {"whole": "{{ result }}", "in": "{{ attempt }}", "saw": seen}
            entry["result"] = self.chance.choice([seen, whole])

    def _passes(self, entry: Entry) -> None:
        """How often a body is gone through, and how long that may take."""
        if self.maybe(0.25):
            self.note("retry of a group")
            entry["retry"] = self._retry("mixed", budget=False)
        if self.maybe(0.1):
            self.note("timeout of a group")
            entry["timeout"] = "1h"

    def _late_group(self, name: str) -> Entry:
        """A group whose time is over before its body is done, in whatever order things happen."""
        self.note("timeout of a group that strikes")
        stuck = Draft("stuck", entry={"retry": {"attempts": 2, "delay": LONG_DELAY}})
        after = Draft("after", entry={"needs": ["stuck"]})
        self._acts(stuck, 100, "none", [])
        self._acts(after, 0, "none", [])
        entry: Entry = {"tasks": {"after": after.entry, "stuck": stuck.entry}, "timeout": SHORT_TIMEOUT}
        entry["env"] = {"AT": Draft(name).within}
        if self.maybe(0.5):
            on = {"on": {"exceptions": ["Temporary"]}} if self.maybe(0.5) else {}
            entry["retry"] = {"attempts": 2, **on}
        if self.maybe(0.4):
            entry["allow_failure"] = True
        return entry

    # Other files -------------------------------------------------------------------------------

    def _sub(self, draft: Draft) -> None:
        entry = draft.entry
        self.note("sub-workflow")
        self.note("sub-workflow with map", draft.made is not None)
        calm = draft.place.calm or draft.racy
        usable = [file for file, is_calm in self._calm.items() if is_calm or not calm]
        if usable and self.maybe(0.3):
            self.note("sub-workflow used twice")
            entry["workflow"] = self.chance.choice(usable)
        else:
            entry["workflow"] = self._file(draft.place, calm, draft.size)
        entry["with"] = {"at": draft.within, "given": self._seen(draft)}
        self._passes(entry)
        if self.maybe(0.25):
            self.note("result of a sub-workflow")
            entry["result"] = {"whole": "{{ result }}", "saw": self._seen(draft)}

    def _file(self, place: Place, calm: bool, size: int) -> str:
        limits = [limit for limit in LIMITS if self.maybe(0.5)]
        weight = place.weight * max(size, 1)
        inside = Place(place.depth + 1, weight, params=("given", "flag"), limits=tuple(limits), calm=calm)
        tasks, known = self.body(inside, self.chance.randint(1, 3))
        name = f"sub_{len(self.files) + 1}.yml"
        given = {"type": "list", "default": []}
        self.files[name] = {
            "params": {"at": {"type": "str", "required": True}, "given": given, "flag": self.maybe(0.5)},
            "env": {"AT": "{{ params.at }}"},
            # Where an outer file or one before it declares them, too, those numbers count.
            "limits": {limit: LIMITS[limit] | {"concurrency": 2 + len(self.files) % 3} for limit in limits},
            "tasks": tasks,
            "outputs": self.outputs(known),
        }
        self._calm[name] = calm
        return name
