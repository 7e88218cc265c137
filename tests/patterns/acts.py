"""What the commands of a pattern do, said once: for the plan's world and for the programs of a real run."""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

from world import World, address_of, fail, succeed

from runner import items
from runner.records import Item, Outcome, Status, Submission
from runner.workflow import Workflow

PROGRAM = """\
#!/bin/sh
set -eu
part="parts/$RUNNER_TASK${RUNNER_KEY:+[$RUNNER_KEY]}"
if [ -e "$part" ]; then . "./$part"; fi
"""
STOPPED = "stopped by SIGINT"


@dataclass(frozen=True)
class Acts:
    """What commands do besides beginning and ending well, by address.

    `meet`: those named together end only when all of them have begun. `endless`: they never end by
    themselves. `fail`: they fail. `give`: what they print, one time after the other. `interrupt_after`:
    the run is stopped from outside as soon as all of these have begun.
    """

    meet: Sequence[tuple[str, ...]] = ()
    endless: Sequence[str] = ()
    fail: Sequence[str] = ()
    give: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    interrupt_after: Sequence[str] = ()


# In the world of the plan -------------------------------------------------------------------------


def perform_in_a_world(flow: Workflow, acts: Acts, seed: int) -> World:
    """A whole run of the plan; `seed` decides the order in which things end."""
    chance = random.Random(seed)
    given: Counter[str] = Counter()

    def begun_in(world: World) -> set[str]:
        return {address_of(submission, item) for _, submission in world.starts for item in submission.items}

    def holds(world: World, submission: Submission) -> bool:
        (item,) = submission.items
        address = address_of(submission, item)
        return address in acts.endless or not partners(acts, address) <= begun_in(world)

    def invent(submission: Submission, item: Item) -> Outcome:
        address = address_of(submission, item)
        if address in acts.fail:
            return fail(submission, item)
        given[address] += 1
        values = acts.give.get(address, [None])
        return succeed(submission, item, values[min(given[address], len(values)) - 1])

    def interrupt(world: World) -> None:
        begins = acts.interrupt_after and begun_in(world).issuperset(acts.interrupt_after)
        if begins and world.plan.status() is not Status.CANCELLED:
            world.plan.stop(STOPPED, world.now)

    world = World(
        flow,
        invent,
        workers=chance.choice([4, 5, 8]),
        chance=chance,
        holds=holds,
        source=items.open_items,
    )
    world.run(interrupt)
    return world


# In a real run ------------------------------------------------------------------------------------


def write_programs(text: str, acts: Acts, folder: Path) -> None:
    """The programs that the text of a workflow names, and what they wait for, in its folder."""
    for name in set(re.findall(r"\./(\w+\.sh)", text)):
        program = folder / name
        program.write_text(PROGRAM)
        program.chmod(0o755)
    os.mkfifo(folder / "never")
    for address in heralds(acts):
        os.mkfifo(folder / begun(address))
        os.mkfifo(folder / met(address))
    (folder / "parts").mkdir()
    for address in heralds(acts).union(acts.endless, acts.fail, acts.give):
        (folder / "parts" / address).write_text("\n".join(part(acts, address)) + "\n")


def heralds(acts: Acts) -> set[str]:
    """All that tell of their begin."""
    return {address for group in acts.meet for address in group}.union(acts.interrupt_after)


def partners(acts: Acts, address: str) -> set[str]:
    """All that must have begun before this one may end."""
    return {other for group in acts.meet if address in group for other in group}


def begun(address: str) -> str:
    """The FIFO by which a command tells that it has begun."""
    return f"begun {address}"


def met(address: str) -> str:
    """The FIFO by which a command hears that all of its partners have begun."""
    return f"met {address}"


def part(acts: Acts, address: str) -> list[str]:
    """What one command does, as lines of sh."""
    lines = []
    if address in heralds(acts):
        lines.append(f"echo >{quote(begun(address))}")
    if partners(acts, address):
        lines.append(f"read -r _ <{quote(met(address))}")
    if address in acts.endless:
        lines.append(": <never")
    if address in acts.fail:
        lines.append("exit 1")
    return [*lines, *giving(address, acts.give.get(address, ()))]


def giving(address: str, values: Sequence[Any]) -> list[str]:
    """Print one value after the other, the last one ever again."""
    if not values:
        return []
    times = quote(f"times {address}")
    lines = [f"echo >>{times}", f"case $(wc -l <{times}) in"]
    for number, value in enumerate(values, 1):
        pattern = "*" if number == len(values) else str(number)
        lines.append(f"{pattern}) echo {quote(printed(value))} ;;")
    return [*lines, "esac"]


def printed(value: Any) -> str:
    """A value as a command prints it: lines of a list, text, else JSON."""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
