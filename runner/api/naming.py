"""What is looked up by name: one that there is not is told, with what there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from runner.api.arguments import check
from runner.problem import UserError, did_you_mean
from runner.wording import there_are

V = TypeVar("V")


class UnknownAddress(UserError, KeyError):
    """An address, a key or a name that there is not."""


@contextmanager
def naming_nothing() -> Iterator[None]:
    """What is wrong with an address is an `UnknownAddress`."""
    try:
        yield
    except UserError as error:
        raise UnknownAddress(error.message, error.hint) from None


class _ByName(dict[str, V]):
    """A mapping that tells what it has, asked for a name that it has not."""

    argument: ClassVar[str]
    kind: ClassVar[str]
    where: ClassVar[str] = ""

    def __missing__(self, name: str) -> V:
        with naming_nothing():
            check(**{self.argument: name})
        hint = did_you_mean(name, self) or there_are(f"{self.kind}s", list(self))
        raise UnknownAddress(f"there is no {self.kind} '{name}'{self.where}", hint)


class TasksByName(_ByName[V]):
    """Tasks by their names."""

    argument, kind, where = "name", "task", " here"


class ParamsByName(_ByName[V]):
    """Params by their names, or their values."""

    argument, kind = "param", "param"


class OutputsByName(_ByName[Any]):
    """What the `outputs` of a file gave, by their names."""

    argument, kind = "output", "output"
