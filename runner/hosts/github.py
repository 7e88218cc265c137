"""GitHub Actions: annotations, groups, masks, and the summary of a step.

Commands go to standard error, which the service reads as it reads standard output; that carries results.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from runner.hosts.host import Fold, Host
from runner.hosts.inert import InertBytes, InertStream, inert, is_read
from runner.masks import shortest
from runner.problem import Problem, data_of_command, write_github
from runner.struct import replace

if TYPE_CHECKING:
    from runner.store.stored_run import StoredRun

MOST = 10
"""Annotations; of one step the service shows no more of a kind."""


class GitHub(Host):
    """A step of a job there."""

    is_service = True

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._workspace = environment.get("GITHUB_WORKSPACE", "")
        self._summary = environment.get("GITHUB_STEP_SUMMARY", "")

    def stderr(self, stream: TextIO) -> TextIO:
        try:
            return InertStream(stream)
        except (OSError, ValueError, AttributeError):
            return stream

    def stdout(self, descriptor: int) -> Callable[[bytes], bytes] | None:
        return InertBytes() if is_read(descriptor) else None

    def hide(self, secrets: Iterable[str], stream: TextIO) -> None:
        if is_read(_descriptor(stream)):
            lines = (line.strip() for secret in secrets for line in re.split("[\r\n]+", secret))
            _command(stream, [f"::add-mask::{data_of_command(it)}" for it in lines if len(it) >= shortest])

    def fold(self, stream: TextIO, run_id: str) -> Fold:
        return Groups(stream)

    def annotate(self, problems: Iterable[Problem], stream: TextIO) -> None:
        self._annotate(sorted(problems, key=lambda it: it.severity), "problem", stream)

    def _annotate(self, problems: Sequence[Problem], what: str, stream: TextIO) -> None:
        """They come with the most important ones first."""
        annotations = [write_github([self._placed(problem)]) for problem in problems[:MOST]]
        if (more := len(problems) - MOST) > 0:
            words = f"{more} more {what}" + ("" if more == 1 else "s")
            told = "is" if more == 1 else "are"
            annotations.append(f"::notice title={words}::{words} {told} told in the log\n")
        _command(stream, [text.rstrip("\n") for text in annotations])

    def report(self, stored: StoredRun, stream: TextIO) -> None:
        from runner.hosts.failures import failed
        from runner.hosts.summary import summarise

        self._annotate(failed(stored), "failure", stream)
        if self._summary and (fault := summarise(stored, self._summary)):
            with contextlib.suppress(OSError, ValueError):
                print(f"warning: the summary of this step: {fault}", file=stream, flush=True)

    def path(self, file: str) -> str:
        """From the workspace on; empty for what is not in it."""
        if not self._workspace or file == "-":
            return "" if file == "-" else file
        path = os.path.relpath(os.path.realpath(file), os.path.realpath(self._workspace))
        return "" if path.split(os.sep)[0] == os.pardir else path

    def _placed(self, problem: Problem) -> Problem:
        """Its place outside of the workspace is told in words; the log shows its lines as they are."""
        path = self.path(problem.position.file) if problem.position.file else ""
        told = problem.message
        if not path and problem.position.file:
            told = f"{problem.position}: {told}"
        position = replace(problem.position, file=path)
        return replace(problem, message=inert(told), hint=inert(problem.hint), position=position)


class Groups:
    """Output that is folded."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def begin(self, title: str) -> None:
        _command(self._stream, [f"::group::{data_of_command(title)}"])

    def end(self) -> None:
        _command(self._stream, ["::endgroup::"])


def _command(stream: TextIO, lines: Sequence[str]) -> None:
    """Nobody there to read it is no reason to fail."""
    if lines and isinstance(stream, InertStream):
        with contextlib.suppress(OSError, ValueError):
            stream.command("".join(f"{line}\n" for line in lines))


def _descriptor(stream: TextIO) -> int:
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return -1
