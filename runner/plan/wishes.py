"""Items that were asked for by name, and what of them has come by. It knows nothing of fans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runner.addresses import Step, written
from runner.records import Failure
from runner.struct import field, struct
from runner.workflow import Body, Workflow, body_of


@struct(frozen=False, eq=False)
class Wish:
    """An address with a key. `every` is the depth of the first map in it of which every item is meant."""

    steps: Sequence[Step]
    every: int | None
    met: set[int] = field(default_factory=set)
    """The depths at which the item of this key has come by."""
    lacked: dict[int, str] = field(default_factory=dict)
    """The depths at which it has not, somewhere, and what there is instead."""

    def __str__(self) -> str:
        return f"`{written(self.steps)}`"


class Search:
    """What is asked for of one task in one body, and what of that has come by."""

    __slots__ = ("chosen", "keys", "missing", "sought", "wishes")

    def __init__(self, wishes: Iterable[Wish], name: str, depth: int) -> None:
        self.wishes = tuple(wish for wish in wishes if wish.steps[depth][0] == name)
        """What was asked for by name of it."""
        keys = (wish.steps[depth][1] for wish in self.wishes)
        self.sought = {key for key in keys if key is not None}
        """The keys that were asked for and have not come by."""
        self.keys: list[str] = []
        """The first of those that have, while some are sought."""
        self.chosen = False
        """An item that was to run has come by."""
        self.missing: Failure | None = None
        """What was asked for by name is not there: no budget and no `allow_failure` makes up for that."""


def wishes_of(workflow: Workflow, asked: Iterable[Sequence[Step]]) -> tuple[Wish, ...]:
    """Those of the addresses that name items."""
    return tuple(
        Wish(steps, _every(workflow.body, steps))
        for steps in asked
        if any(key is not None for _, key in steps)
    )


def _every(body: Body | None, steps: Sequence[Step]) -> int | None:
    for depth, (name, key) in enumerate(steps):
        assert body is not None
        if key is None and body.tasks[name].map:
            return depth
        body = body_of(body.tasks[name])
    return None


def inside(wishes: Iterable[Wish], depth: int, key: str | None) -> tuple[Wish, ...]:
    """Those that name something in the body of the item of this key."""
    return tuple(
        wish for wish in wishes if len(wish.steps) > depth + 1 and wish.steps[depth][1] in (None, key)
    )
