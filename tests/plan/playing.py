"""A document on the pure planner, loaded by the real loader: how acts end is decided, when is chance."""

from __future__ import annotations

import atexit
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp
from typing import Any, TypeVar

from checks import Follow
from foretold import compare, links, predict
from seen import seen_in
from world import Record, World
from writing import Document, written

from runner.engine import Settings
from runner.engine.evaluations import Evaluations
from runner.engine.ports import make_plan
from runner.expression import EvaluationError
from runner.loader import load
from runner.plan import Plan
from runner.records import Event, Item, ItemSettled, Kept, Outcome, Status, Submission, Trace
from runner.starting.environment import look_around
from runner.struct import replace
from runner.work import perform
from runner.work.halt import Halt
from runner.workflow import Workflow

Value = TypeVar("Value")


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the files of all workflows are written, with what their tasks do."""
    made = Path(mkdtemp(prefix="workflows-"))
    atexit.register(rmtree, made, ignore_errors=True)
    copy(Path(__file__).parent / "lib.py", made / "lib.py")
    return made


@lru_cache(maxsize=512)
def loaded(seed: int) -> tuple[Document, Workflow]:
    """The workflow of a seed, as it is written and as the program understands it."""
    document = written(seed)
    for name, text in document.texts().items():
        (folder() / name).write_text(text, encoding="utf-8")
    found = load(str(folder() / "workflow.yml"))
    assert found.workflow is not None, "\n".join([str(document), *map(str, found.problems)])
    return document, found.workflow


def settings_of(document: Document, workflow: Workflow, **more: Any) -> Settings:
    """How a document is run."""
    params = {name: param.default for name, param in workflow.params.items()}
    options: dict[str, Any] = {
        "start_folder": str(folder()),
        "run_id": "run",
        "log_folder": str(folder() / "logs"),
    }
    options["outside"] = look_around(workflow, {})
    return Settings(**{**options, **more}, params=params, fail_fast=document.fail_fast, skip=document.skip)


class Remembered:
    """A cache that keeps what has succeeded in one world."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.read = 0
        self.kept: dict[tuple[bytes, ...], Kept] = {}

    def find(self, trace: Trace) -> Kept | None:
        """What is kept, as the record has it by now."""
        for event in self.record.events[self.read :]:
            self.keep(event)
        self.read = len(self.record.events)
        return self.kept.get((trace.action, trace.source, trace.inputs))

    def why_not(self, trace: Trace) -> str:
        """Why nothing can be used."""
        return f"nothing is kept of {trace.place}"

    def keep(self, event: Event) -> None:
        """Keep what has succeeded."""
        if isinstance(event, ItemSettled) and event.status is Status.SUCCEEDED and event.outcome:
            outcome, trace = event.outcome, event.outcome.trace
            if trace is not None:
                kept = Kept(outcome.result, outcome.encoded or "", outcome.exit_code)
                self.kept[trace.action, trace.source, trace.inputs] = kept


class Unsteady(Evaluations):
    """Evaluations that take no time, or so long that the plan has to hand back: that is chance."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__()
        self._world = world
        self._chance = random.Random(seed)

    def evaluate(self, function: Callable[..., Value], *arguments: object) -> Value:
        with self._passing():
            return super().evaluate(function, *arguments)

    def read(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        with self._passing():
            return super().read(source, most, items)

    def read_to_the_end(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        with self._passing():
            return super().read_to_the_end(source, most, items)

    @contextmanager
    def _passing(self) -> Iterator[None]:
        """However long it really takes."""
        self._world.evaluated += self._chance.choice([0.0, 0.0, 0.0, 0.0, 0.0, 0.01, 0.03])
        try:
            yield
        finally:
            self.seconds = self._world.evaluated


class FileWorld(World):
    """The world of a workflow that was loaded from its files, with the real ports of the plan."""

    pace = 0.004
    patience = 60.0
    longest = 20_000

    def __init__(self, document: Document, workflow: Workflow, order: int) -> None:
        self.document = document
        self.heard = 0
        chance = random.Random(document.seed + order)
        random.seed(document.seed + order)  # the plan draws its jitter from there
        super().__init__(workflow, self._performed, workers=document.workers, chance=chance, tails=True)

    def open_plan(self, workers: int, lazy: bool, options: dict[str, Any]) -> Plan:
        """The plan that the engine would make."""
        settings = settings_of(self.document, self.flow, cache=Remembered(self.record), explain=True)
        unsteady = Unsteady(self, self.document.seed)
        return make_plan(self.flow, settings, self.record, workers, self.now, evaluations=unsteady)

    def _performed(self, submission: Submission, item: Item) -> Outcome:
        """What the program makes of one item; how long it took is chance."""
        (outcome,) = perform(replace(submission, items=(item,)), Halt())
        outcome.started, outcome.seconds = self.now, self.chance.choice([0.0, 0.0, 0.0, 0.002])
        return outcome

    def watch(self, follow: Follow) -> None:
        """Check what has come of a turn."""
        events = self.record.events
        follow.hear(events[self.heard :])
        self.heard = len(events)
        assert len(self.under_way) <= 2 * self.document.workers, "more is under way than workers can hold"
        for number, submission in self.under_way.items():
            asked = number in self.cancelled or not follow.decided(submission.shared.fan)
            assert asked, f"{submission.shared.address} is not cancelled though its map is decided"

    def outputs(self) -> dict[str, Any]:
        """The outputs of the file."""
        found = {}
        for name, template in self.flow.outputs.items():
            try:
                found[name] = self.plan.output(template)
            except EvaluationError:
                found[name] = None
        return found


@contextmanager
def explained(document: Document) -> Iterator[None]:
    """Any failure, with all that is needed to see it again."""
    try:
        yield
    except Exception as failed:
        again = f"RUNNER_TEST_FIRST={document.seed} RUNNER_TEST_WORKFLOWS=1 python -m pytest tests/plan"
        raise AssertionError(f"{failed}\n\n{again}\n\n{document}") from failed


def play(seed: int, order: int = 0) -> frozenset[str]:
    """Run the workflow of a seed on the pure planner, and hold it against the oracle; its features.

    `order` is another one in which things happen.
    """
    document, workflow = loaded(seed)
    with explained(document):
        world, follow = FileWorld(document, workflow, order), Follow(document)
        record = world.run(lambda _: world.watch(follow))
        follow.finish()
        seen = seen_in(record.events)
        expected = predict(document, seen)
        compare(expected, seen, partial(links.tidies, document.files))
        assert world.outputs() == expected.outputs, f"outputs: {world.outputs()}, not {expected.outputs}"
        assert world.plan.status().value == expected.status, f"the run has {world.plan.status()}"
    return document.features | expected.effects
