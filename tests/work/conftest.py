"""A folder with a workflow's surroundings, in which single submissions are performed."""

from __future__ import annotations

import itertools
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runner.expression import Template
from runner.masks import mask_of
from runner.position import Position
from runner.records import Item, Outcome, RunContext, Shared, Submission
from runner.struct import replace
from runner.work import perform
from runner.work.capture import Terminal, routing
from runner.work.halt import Halt
from runner.work.left_behind import end_left_behind
from runner.workflow import Action, Call, Map, Over, Run, Task

_numbers = itertools.count(1)
_here = Position("flow.yml", 1, 1)


class Bench:
    """Performs actions as a worker does; `folder` is where everything lies and starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.run_id = f"run-{os.getpid()}-{next(_numbers)}"
        self.secrets: dict[str, str] = {}
        self.env = dict(os.environ)
        self.values: dict[str, Any] = {"params": {}, "__folder__": str(folder)}

    def submission(
        self, action: Action, items: Sequence[Any] | None = None, keys: Sequence[str] = (), **options: Any
    ) -> Submission:
        fan_map = None if items is None else Map(Over(Template([])), _here)
        task = Task("task", _here, action, map=fan_map, **options)
        number = next(_numbers)
        context = RunContext(self.run_id, str(self.folder), str(self.logs), self.secrets)
        shared = Shared(number, task.name, task, self.values, self.env, None, context)
        if items is None:
            return Submission(number, shared, (Item(0, None, None),))
        named = [Item(index, keys[index] if keys else str(index), value) for index, value in enumerate(items)]
        return Submission(number, shared, tuple(named))

    def outcomes(
        self, action: Action, items: Sequence[Any] | None = None, halt: Halt | None = None, **options: Any
    ) -> list[Outcome]:
        """All of them, as many slices as it takes, up to a halt."""
        halt = halt or Halt()
        submission = self.submission(action, items, **options)
        done: list[Outcome] = []
        with self.routed():
            while len(done) < len(submission.items) and not halt.state:
                rest = submission.items[len(done) :]
                done += perform(replace(submission, items=rest), halt)
        return done

    @contextmanager
    def routed(self) -> Iterator[Terminal]:
        """As in a run: the handlers that pytest adds for logging are not there."""
        handlers, logging.root.handlers = logging.root.handlers, []
        try:
            with routing(str(self.folder / "run.log"), mask_of(self.secrets)) as terminal:
                yield terminal
        finally:
            logging.root.handlers = handlers

    def outcome(self, action: Action, halt: Halt | None = None, **options: Any) -> Outcome:
        [outcome] = self.outcomes(action, halt=halt, **options)
        return outcome

    def module(self, source: str) -> str:
        """A module of the user's, under a name that no other test has."""
        name = f"user_module_{next(_numbers)}"
        (self.folder / f"{name}.py").write_text(source)
        return name

    def call(self, source: str, env: Mapping[str, Any] | None = None, **arguments: Any) -> Call:
        """A call of the function `f` of a module with that source."""
        own = None if env is None else Template(env)
        return Call(f"{self.module(source)}:f", Template(arguments), str(self.folder), own)

    def sh(self, text: str, **options: Any) -> Run:
        return Run(argv=tuple(map(Template, ["sh", "-euc", text])), **options)

    def log(self, outcome: Outcome, suffix: str = "out") -> str:
        [name] = [name for name in outcome.log if name.endswith(suffix)]
        return (self.logs / name).read_text(errors="surrogateescape")

    def run_log(self) -> str:
        return (self.folder / "run.log").read_text()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    bench = Bench(tmp_path)
    yield bench
    halt = Halt()
    halt.kill()
    end_left_behind(bench.run_id, halt)
