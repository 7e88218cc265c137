"""The control-flow patterns of van der Aalst and Russell that fit batch work, each as a workflow.

What must be seen of a pattern is looked for in a run of the program and in many orders of the plan; and a
planner that is wrong where the pattern matters must not pass.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from select import select
from typing import Any

import mutations
import pytest
from acts import Acts, begun, heralds, met, partners, perform_in_a_world, write_programs
from every_executor import steady
from mutations import Mutation
from patterns import CHECK, DEADLOCK, Pattern, patterns
from program import Program
from traces import Trace, trace_of_run, trace_of_world
from world import Deadlock

from runner.loader import load
from runner.workflow import Workflow

ORDERS = range(40)
"""Seeds: in so many orders things end in the world of the plan."""

SHARE = 0.3
"""In so many of them at least a wrong planner is told: what comes late, for one, is not always late."""

OPEN = {"cancelling_discriminator"}
"""Who of those that run side by side is the first is told by none: it may be another one each time."""

PASSES = "passes"
PATIENCE = 60.0
"""So many seconds may nothing happen in a run before it is given up."""

folder = Path(__file__).parent
reference = folder.parents[1] / "schemas" / "README.md"
each = pytest.mark.parametrize("pattern", patterns, ids=lambda pattern: pattern.name)
mutants = [
    pytest.param(pattern, mutation, how, id=f"{pattern.name}-{mutation.__name__}")
    for pattern in patterns
    for mutation, how in pattern.told.items()
]


def loaded(pattern: Pattern) -> Workflow:
    """The workflow of a pattern, of which nothing is to be said."""
    found = load(str(pattern.file))
    assert found.problems == []
    assert found.workflow is not None
    return found.workflow


# The files ----------------------------------------------------------------------------------------


def test_there_are_twenty_two_patterns_and_each_has_its_file() -> None:
    assert len(patterns) == 22
    assert sorted(file.stem for file in folder.glob("*.yml")) == sorted(it.name for it in patterns)


@each
def test_a_file_begins_with_its_pattern_in_a_sentence_or_two(pattern: Pattern) -> None:
    lines = pattern.file.read_text().splitlines()
    comment = lines[: next(number for number, line in enumerate(lines) if not line.startswith("#"))]
    text = " ".join(line.removeprefix("# ") for line in comment)
    name = pattern.name.replace("_", " ").capitalize()
    assert text.replace("-", " ").startswith(f"{name}: ")
    assert text.endswith(".")
    assert not any("#" in line for line in lines[len(comment) :])


@each
def test_the_reference_leads_to_the_file(pattern: Pattern) -> None:
    assert f"(../tests/patterns/{pattern.file.name})" in reference.read_text()


# The program --------------------------------------------------------------------------------------


def perform(pattern: Pattern, here: Path, executor: str) -> Trace:
    """One run of the program, as a user starts it."""
    write_programs(pattern.file.read_text(), pattern.acts, here)
    program = Program(here)
    with ExitStack() as stack:
        meeting = Meeting(pattern.acts, here, stack)
        process = subprocess.Popen(
            program.command("run", str(pattern.file), "--executor", executor),
            cwd=here,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        end = os.pidfd_open(process.pid)
        stack.callback(os.close, end)
        while meeting.goes_on(end):
            if meeting.is_to_be_interrupted():
                process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    return trace_of_run(here)


class Meeting:
    """Hears which commands of a run have begun, and lets those go on at once whose partners all have.

    It holds the FIFOs of all: whoever is ended while others wait for it was heard before.
    """

    def __init__(self, acts: Acts, folder: Path, stack: ExitStack) -> None:
        self._acts = acts
        self._gates = {it: _held(folder / met(it), stack) for it in heralds(acts)}
        self._unheard = {_held(folder / begun(it), stack): it for it in heralds(acts)}
        self._waiting = {it for it in heralds(acts) if partners(acts, it)}
        self._interrupted = False

    def goes_on(self, end: int) -> bool:
        """Hear of the next begin, or of the end of the program."""
        ready = select([end, *self._unheard], [], [], PATIENCE)[0]
        assert ready, "nothing happens any more"
        for fifo in set(ready) - {end}:
            del self._unheard[fifo]
        for address in [it for it in self._waiting if self._begun(partners(self._acts, it))]:
            self._waiting.remove(address)
            os.write(self._gates[address], b"\n")
        return end not in ready

    def is_to_be_interrupted(self) -> bool:
        """Whether the run is to be stopped now: that is so once."""
        waited_for = self._acts.interrupt_after
        due = bool(waited_for) and self._begun(waited_for) and not self._interrupted
        self._interrupted |= due
        return due

    def _begun(self, addresses: Iterable[str]) -> bool:
        return set(addresses).isdisjoint(self._unheard.values())


def _held(fifo: Path, stack: ExitStack) -> int:
    """Both ends of a FIFO: to open it waits for nobody, and what was written stays."""
    opened = os.open(fifo, os.O_RDWR)
    stack.callback(os.close, opened)
    return opened


def in_any_moment(value: Any) -> Any:
    """A report less whether what was cancelled had begun: executors are quicker and slower to begin."""
    if isinstance(value, list):
        return [in_any_moment(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    statuses = [value.get("status"), *(item["status"] for item in value.get("items", ()))]
    return {
        name: in_any_moment(inner)
        for name, inner in value.items()
        if name != "attempts" or "cancelled" not in statuses
    }


@each
def test_a_run_of_the_program_shows_the_pattern_on_every_executor(
    pattern: Pattern, tmp_path: Path, executors: list[str]
) -> None:
    reports = []
    if not (pattern.acts.meet or pattern.acts.endless):  # else they must run side by side
        executors = [*executors, "inline"]
    for number, executor in enumerate(executors):
        here = tmp_path / "here"  # each where the last one has been: what the file means is known then
        here.mkdir()
        pattern.check(perform(pattern, here, executor))
        report = json.loads(Program(here)("report", "--format", "json").out)
        reports.append(json.loads(json.dumps(in_any_moment(steady(report))).replace(str(here), "")))
        here.rename(tmp_path / str(number))
    assert pattern.name in OPEN or reports == [reports[0]] * len(executors)


# The plan, right and wrong ------------------------------------------------------------------------


@each
def test_the_plan_shows_the_pattern_in_any_order(pattern: Pattern) -> None:
    flow = loaded(pattern)
    for seed in ORDERS:
        pattern.check(trace_of_world(perform_in_a_world(flow, pattern.acts, seed)))


def verdict(pattern: Pattern, flow: Workflow, seed: int) -> str:
    """How a wrong planner is told in one order: it is stuck, the check sees it, or it passes."""
    try:
        world = perform_in_a_world(flow, pattern.acts, seed)
    except Deadlock:
        return DEADLOCK
    try:
        pattern.check(trace_of_world(world))
    except AssertionError:
        return CHECK
    return PASSES


@pytest.mark.parametrize(("pattern", "mutation", "how"), mutants)
def test_a_wrong_planner_does_not_pass(pattern: Pattern, mutation: Mutation, how: str) -> None:
    flow = loaded(pattern)
    with pytest.MonkeyPatch.context() as patch:
        mutation(patch)
        verdicts = [verdict(pattern, flow, seed) for seed in ORDERS]
    assert set(verdicts) <= {how, PASSES}
    assert verdicts.count(how) >= len(ORDERS) * SHARE


def test_every_pattern_tells_a_wrong_planner_and_every_wrong_planner_is_told() -> None:
    assert all(pattern.told for pattern in patterns)
    broken = [it for name, it in inspect.getmembers(mutations, inspect.isfunction) if is_mutation(it)]
    assert {it for pattern in patterns for it in pattern.told} == set(broken)


def is_mutation(function: Mutation) -> bool:
    """Whether it breaks something for as long as a patch lasts."""
    return list(inspect.signature(function).parameters) == ["patch"]
