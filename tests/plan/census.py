"""How many of the random workflows make use of each feature, and in how many each end came about.

    python tests/plan/census.py [COUNT [FIRST]]

plays COUNT workflows (default 300) from the seed FIRST (default 0) on, and prints the figures.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable

FEATURES = (
    *(f"group, depth {depth}" for depth in (1, 2, 3)),
    "group with map",
    "result of a group",
    "retry of a group",
    "timeout of a group",
    "timeout of a group that strikes",
    "sub-workflow",
    "sub-workflow with map",
    "sub-workflow used twice",
    "result of a sub-workflow",
    "map over a list",
    "map over a mapping",
    "map over a range",
    "map over a result",
    "map over results, not item by item",
    "matrix",
    "matrix with include",
    "matrix with exclude",
    "zip",
    "matrix and zip of expressions",
    "large map",
    *(f"empty map: {end}" for end in ("succeed", "skip", "fail")),
    "item-wise map",
    *(f"item-wise map over {kind}" for kind in ("calls", "values", "groups", "sub-workflows")),
    "chain of item-wise maps",
    "own key",
    "max_failures, a number",
    "max_failures, a percentage",
    "fail_fast",
    "quorum",
    "max_parallel",
    "retry",
    "retry with a delay",
    "retry budget",
    "retry on some exceptions",
    "until",
    "defaults",
    "limit",
    "several limits",
    "units of a limit",
    "rate of a limit",
    "timeout of a call",
    "cache",
    "allow_failure",
    *(f"when {function}()" for function in ("success", "failure", "always")),
    "when of a status",
    "when of an item",
    "when of the item around",
    "when of params",
    "when that gives no boolean",
    "value",
    "value with a map",
    "result of an action",
    *(f"names .{name}" for name in ("result", "results", "items", "failures", "by_key", "counts")),
    *(f"names .{name}" for name in ("status", "failed", "attempts")),
    "outward reference",
    "shadowed name",
    "--fail-fast",
    "--skip",
    "one worker",
)
"""What workflows are written with."""

EFFECTS = (
    "tried again",
    "polled in vain",
    "budget of retries used up",
    "map within its budget",
    "map stopped early",
    "quorum reached",
    "quorum missed",
    "a group's time is over",
    "skipped for an outer need",
    "map skipped for an outer need",
    "expression fails",
    "items fail",
    "--fail-fast strikes",
)
"""What came about in them."""


def table(found: Iterable[frozenset[str]]) -> list[tuple[int, str]]:
    """How many of the workflows have each feature; one that is not known is a mistake of these tests."""
    counts = Counter(feature for features in found for feature in features)
    unknown = counts.keys() - {*FEATURES, *EFFECTS}
    assert not unknown, unknown
    return [(counts[feature], feature) for feature in (*FEATURES, *EFFECTS)]


def main(count: int = 300, first: int = 0) -> None:
    """Play them, and print the figures."""
    from playing import play

    began = time.monotonic()
    rows = table(play(seed) for seed in range(first, first + count))
    for number, feature in rows:
        print(f"{number:8}  {feature}")
    print(f"{count} workflows, seeds {first} to {first + count - 1}, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
