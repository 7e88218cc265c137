"""What can be done for a service that reads along what a program prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pathlib import Path

    from runner.hosts.folded import Folded
    from runner.problem import Problem
    from runner.store.stored_run import StoredRun


class Host:
    """Nobody reads along: nothing is changed, and nothing is added."""

    def stderr(self, stream: TextIO) -> TextIO:
        """The stream by which people are told; what is written to it is nothing but text."""
        return stream

    def stdout(self, descriptor: int) -> Callable[[bytes], bytes] | None:
        """What makes nothing but text of what is written to standard output, if that is needed."""
        return None

    def hide(self, secrets: Iterable[str], stream: TextIO) -> None:
        """The service is to show none of these secrets, whoever prints them."""

    def folded(
        self, logs: Path, run_id: str, stream: TextIO, *, verbose: bool, explain: bool
    ) -> Folded | None:
        """Who tells of a run, and of what its tasks print, so that the service can fold it."""
        return None

    def annotate(self, problems: Iterable[Problem], stream: TextIO) -> None:
        """Show problems of a file at its lines."""

    def report(self, stored: StoredRun, stream: TextIO) -> None:
        """Show how a run went."""

    def path(self, file: str) -> str:
        """A file as the service knows it."""
        return file
