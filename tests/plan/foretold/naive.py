"""One task of a body that starts: its items, its attempts, the bodies it opens. No order, no time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import lib
from writing.place import LONG_DELAY, SHORT_TIMEOUT

from foretold import allowed, links
from foretold.ends import End, ItemEnd, Try, item_path
from foretold.meaning import NoValue, holds, value_of
from foretold.ranges import Broken, items_of

if TYPE_CHECKING:
    from oracle import Frame


def asked_of_items(entry: links.Entry) -> bool:
    """Whether `when` is asked for each item."""
    own = {entry["map"].get("as", "item"), "index", "key"} if "map" in entry else set()
    return bool(own.intersection(links.words(str(entry.get("when", "")))))


class Task:
    """One task of a body that starts."""

    def __init__(self, frame: Frame, name: str) -> None:
        self.frame = frame
        self.name = name
        self.entry = frame.tasks[name]
        self.path = frame.at + name
        self.map: Mapping[str, Any] = self.entry.get("map", {})
        self.names = {**frame.names, **frame.asked(frame.needs(name))}
        self.effects = frame.run.made.effects
        self.opens = links.opens(self.entry)
        self.reach = -1

    def end(self) -> End:
        """How it ends, and its items."""
        if "map" not in self.entry:
            item = self.settled(ItemEnd())
            end = End(False, item.status, item.kind, [item], outward=item.outward, why=item.why)
            end.exception = item.exception
        else:
            end = self.mapped()
        end.reach = self.reach
        return end

    # Maps --------------------------------------------------------------------------------------

    def mapped(self) -> End:
        """How a map ends."""
        source = links.followed(self.entry, self.frame.tasks)
        broken = False
        if source is None:
            try:
                pairs = items_of(self.map, self.names)
            except Broken as fault:
                pairs, broken = fault.before, True
            items = [self.settled(ItemEnd(place, *pair)) for place, pair in enumerate(pairs)]
        else:
            items = [self.followed(item) for item in self.frame.end(source).items]
        items = allowed.chosen(self.frame.run.seen, self.frame.run.made, self.path, self.spelled(), items)
        if broken:
            self.effects.add("items fail")
            return End(True, "failed", "items", items)
        if source is not None and not self.frame.end(source).fine:
            return End(True, "skipped", None, items, why={source})
        return self.judged(items)

    def spelled(self) -> allowed.Choice:
        """What of the spelling leaves something to the order."""
        in_order = links.followed(self.entry, self.frame.tasks) is None
        return allowed.Choice(self.map, self.retry(), in_order, self.opens)

    def followed(self, before: ItemEnd) -> ItemEnd:
        """The item of an item-wise map that belongs to an item of the other."""
        item = ItemEnd(before.index, before.key, before.result)
        if before.status == "succeeded":
            return self.settled(item)
        item.item, item.status = None, "skipped"
        return item

    def judged(self, items: list[ItemEnd]) -> End:
        """How a map ends whose items end so."""
        if not items and ("on_empty" in self.map or "quorum" not in self.map):
            match self.map.get("on_empty", "succeed"):
                case "skip":
                    return End(True, "skipped", why={"empty"})
                case "fail":
                    return End(True, "failed", "items")
            return End(True, "succeeded")
        failed = sum(item.status == "failed" for item in items)
        succeeded = sum(item.status == "succeeded" for item in items)
        if "quorum" in self.map:
            reached = succeeded >= self.map["quorum"]
            self.effects.add("quorum reached" if reached else "quorum missed")
            return End(True, "succeeded" if reached else "failed", None if reached else "budget", items)
        if allowed.over_budget(self.map, failed, failed + succeeded):
            return End(True, "failed", "budget", items)
        lacking = [item for item in items if item.lacks and item.status == "skipped"]
        if lacking:
            self.effects.add("map skipped for an outer need")
            why = set().union(*(item.why for item in lacking))
            return End(True, "skipped", None, items, outward=max(it.outward for it in lacking), why=why)
        if failed:
            self.effects.add("map within its budget")
        return End(True, "succeeded", None, items)

    # Items -------------------------------------------------------------------------------------

    def settled(self, item: ItemEnd) -> ItemEnd:
        """How an item ends by itself."""
        names = dict(self.names)
        if "map" in self.entry:
            names |= {self.map.get("as", "item"): item.item, "index": item.index, "key": item.key}
        if asked_of_items(self.entry):
            try:
                if not holds(self.entry["when"], names):
                    item.status, item.why = "skipped", {"when"}
                    return item
            except NoValue:
                item.status, item.kind, item.attempts = "failed", "expression", 1
                self.effects.add("expression fails")
                return item
        return self.tried(item, names)

    def retry(self) -> Mapping[str, Any]:
        """How it is tried again."""
        mine: Mapping[str, Any] = self.entry.get("retry", {"attempts": 1})
        if "call" in self.entry and "retry" not in self.entry:
            return self.frame.defaults.get("retry", mine)  # type: ignore[no-any-return]
        return mine

    def tried(self, item: ItemEnd, names: dict[str, Any]) -> ItemEnd:
        """How an item ends after as many attempts as it takes."""
        retry = self.retry()
        item.polls = "until" in retry
        most = retry["attempts"]
        if "map" not in self.entry:
            most = min(most, retry.get("budget", most) + 1)
        while not item.tries or (item.tries[-1].again and len(item.tries) < most):
            self.frame.waits_long |= bool(item.tries) and retry.get("delay") == LONG_DELAY
            item.tries.append(self.attempt(item, {**names, "attempt": len(item.tries) + 1}))
        item.take(item.tries[-1])
        item.attempts = len(item.tries) - (item.status == "skipped")
        if item.attempts > 1:
            self.effects.add("tried again")
        return item

    def attempt(self, item: ItemEnd, names: dict[str, Any]) -> Try:
        """How one attempt goes."""
        try:
            if self.opens:
                return self.passed(item, names)
            if "call" not in self.entry:
                return Try(result=value_of(self.entry["result"], names))
            return self.acted(names)
        except NoValue:
            self.effects.add("expression fails")
            return Try("failed", "expression")

    def acted(self, names: dict[str, Any]) -> Try:
        """How one call goes."""
        try:
            result = lib.act(**value_of(self.entry["with"], names))
        except (lib.Temporary, lib.Lasting) as error:
            return self.failed("exception", type(error).__name__)
        names["result"] = result
        if self.polls_in_vain(names):
            return Try("failed", "until", again=True)
        return Try(result=value_of(self.entry.get("result", result), names))

    def polls_in_vain(self, names: Mapping[str, Any]) -> bool:
        """Whether `until` is not true yet."""
        until = self.retry().get("until")
        if until is None or holds(until, names):
            return False
        self.effects.add("polled in vain")
        return True

    def failed(self, kind: str | None, exception: str) -> Try:
        """A failure, and whether `retry.on` lets it be tried again; a wrong expression stays wrong."""
        on = self.retry().get("on")
        again = kind not in ("expression", "items") and (on is None or exception in on["exceptions"])
        return Try("failed", kind, None, exception, again)

    # Bodies ------------------------------------------------------------------------------------

    def passed(self, item: ItemEnd, names: dict[str, Any]) -> Try:
        """How one pass through a body goes."""
        frame = self.opened(item, names)
        ends = {name: frame.end(name) for name in frame.tasks}
        self.reach = max([self.reach, *(end.reach - 1 for end in ends.values())])
        if self.entry.get("timeout") == SHORT_TIMEOUT and frame.waits_long:
            self.effects.add("a group's time is over")
            frame.cancel()
            allowed.after_a_timeout(self.frame.run.seen, self.frame.run.made, frame.at)
            return self.failed("timeout", "TimeoutError")
        for end in ends.values():
            if end.failed_for_good:
                return self.failed(end.kind, end.exception)
        skipped = [end for end in ends.values() if end.status == "skipped" and end.outward]
        if skipped:
            self.effects.add("skipped for an outer need")
            item.lacks = True
            item.outward = max(end.outward for end in skipped) - 1
            item.why = set().union(*(end.why for end in skipped))
            return Try("skipped")
        names["result"] = self.given(frame, names)
        return (
            Try("failed", "until", again=True) if self.polls_in_vain(names) else Try(result=names["result"])
        )

    def opened(self, item: ItemEnd, names: dict[str, Any]) -> Frame:
        """The body, with what its tasks see."""
        at = f"{item_path(self.path, item.key)}~{names['attempt']}."
        if "workflow" in self.entry:
            return self.frame.run.file(
                self.entry["workflow"], at, value_of(self.entry.get("with", {}), names)
            )
        hidden = ("tasks", "attempt", "success()", "failure()", "always()")
        inner = {name: value for name, value in names.items() if name not in hidden}
        inner["env"] = {**inner["env"], **value_of(self.entry.get("env", {}), names)}
        return self.frame.inside(self.entry["tasks"], at, inner)

    def given(self, frame: Frame, names: dict[str, Any]) -> Any:
        """The result of a pass."""
        # What stands beside a file is seen from outside it.
        around = self.frame if "workflow" in self.entry else frame
        names = {**names, "tasks": around.views(), "result": frame.results()}
        return value_of(self.entry["result"], names) if "result" in self.entry else names["result"]
