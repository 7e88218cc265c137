"""What can be done for a service that reads along what a program prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runner.hints import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from runner.problem import Problem
    from runner.store.stored_run import StoredRun


class Fold(Protocol):
    """What stands between its two is folded away."""

    def begin(self, title: str) -> None: ...

    def end(self) -> None: ...


class Host:
    """Nobody reads along: nothing is changed, and nothing is added."""

    is_service = False
    """Whether it is one, which keeps nothing of a run that could be continued."""

    def stderr(self, stream: TextIO) -> TextIO:
        """The stream by which people are told; what is written to it is nothing but text."""
        return stream

    def stdout(self, descriptor: int) -> Callable[[bytes], bytes] | None:
        """What makes nothing but text of what is written to standard output, if that is needed."""
        return None

    def hide(self, secrets: Iterable[str], stream: TextIO) -> None:
        """The service is to show none of these secrets, whoever prints them."""

    def fold(self, stream: TextIO, run_id: str) -> Fold | None:
        """What folds away what tasks print, if the service can do that."""
        return None

    def annotate(self, problems: Iterable[Problem], stream: TextIO) -> None:
        """Show problems of a file at its lines."""

    def report(self, stored: StoredRun, stream: TextIO) -> None:
        """Show how a run went."""

    def path(self, file: str) -> str:
        """A file as the service knows it."""
        return file
