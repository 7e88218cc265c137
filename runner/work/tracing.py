"""By what the items of a task with a `cache` are known again: taken before they act, and after.

It knows nothing of what is kept, nor of when that is used again.
"""

from __future__ import annotations

from collections.abc import Sequence
from glob import escape
from typing import Any

from runner.blake import blake2b
from runner.callables.sources import source_digest
from runner.expression import EvaluationError
from runner.masks import mask_of
from runner.records import Outcome, Shared, Trace
from runner.struct import replace
from runner.work.binding import Bound, Column, Names
from runner.work.files import LENGTH, Contents, Unreadable, contents, digest_of, still_hold
from runner.work.halt import Halt
from runner.workflow import Cache, Call

FEW = 256
"""So many input files are named where it is told what has changed."""

_nothing = Contents(digest_of(()), {})


class Tracer:
    """Takes the traces of a slice of items, each by its number in the slice."""

    def __init__(self, cache: Cache, shared: Shared, each: Sequence[Names], halt: Halt) -> None:
        self._shared = shared
        self._each = each
        self._halt = halt
        self._inputs = Column("cache.inputs", cache.inputs, shared.values, each)
        self._outputs = Column("cache.outputs", cache.outputs, shared.values, each)
        self._source, self._fault = _source_of(shared)
        self._made_of: dict[int, tuple[list[str], Contents]] = {}

    def before(self, number: int, bound: Any, digest: bytes | None) -> Trace:
        """What an item is made of, and the outputs as they are. Raises `EvaluationError`."""
        patterns = _patterns("cache.outputs", self._outputs[number])
        inputs = [*_patterns("cache.inputs", self._inputs[number]), *self._read_by(bound)]
        place = self._place(number)
        if digest is None:
            return Trace(place, fault="JSON cannot hold what it is made of")
        if self._fault:
            return Trace(place, fault=self._fault)
        try:
            made_of = self._contents(inputs)
            left = self._contents(patterns).digest
        except Unreadable as error:
            return Trace(place, fault=self._masked(str(error)))
        self._made_of[number] = inputs, made_of
        action = self._action(digest, inputs, patterns)
        files = tuple(made_of.files.items()) if self._may_be_named(made_of) else ()
        fault = f"there is no input {made_of.missing[0]}" if made_of.missing else ""
        return Trace(place, action, self._source, made_of.digest, left, files, self._masked(fault))

    def after(self, number: int, before: Trace, outcome: Outcome) -> Trace:
        """The same with the outputs as they were left, unless the item cannot be known again by it."""
        if before.fault or outcome.failure is not None or outcome.cancelled:
            return before
        inputs, made_of = self._made_of[number]
        try:
            if not still_hold(made_of, inputs, self._shared.context.start_folder):
                return replace(before, fault="its inputs changed while it ran")
            left = self._contents(_patterns("cache.outputs", self._outputs[number]))
        except Unreadable as error:
            return replace(before, fault=self._masked(str(error)))
        fault = f"it left no output {left.missing[0]}" if left.missing else ""
        return replace(before, outputs=left.digest, fault=self._masked(fault))

    def _place(self, number: int) -> str:
        """A digest, since a key may hold a secret."""
        place = (self._shared.task.position.file, self._shared.address, self._each[number].get("key"))
        return blake2b(repr(place).encode("utf-8", "surrogatepass"), digest_size=LENGTH).hexdigest()

    def _may_be_named(self, made_of: Contents) -> bool:
        """Whether the input files are few, and none is named by a secret."""
        return len(made_of.files) <= FEW and all(self._masked(name) == name for name in made_of.files)

    def _masked(self, text: str) -> str:
        return mask_of(self._shared.context.secrets).text(text)

    def _contents(self, patterns: Sequence[str]) -> Contents:
        return contents(patterns, self._shared.context.start_folder, self._halt) if patterns else _nothing

    def _read_by(self, bound: Any) -> list[str]:
        """The file that a command is given to read, named as from the start folder if it is there."""
        if not isinstance(bound, Bound) or bound.command.stdin_file is None:
            return []
        return [escape(bound.command.stdin_file.removeprefix(f"{self._shared.context.start_folder}/"))]

    def _action(self, digest: bytes, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
        """What is bound, where, and with which files."""
        whole = blake2b(digest, digest_size=LENGTH)
        for text in (self._shared.context.start_folder, *inputs, "", *outputs):
            whole.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return whole.digest()


def _source_of(shared: Shared) -> tuple[bytes, str]:
    action = shared.task.action
    if not isinstance(action, Call):
        return b"", ""
    try:
        return source_digest(action.reference, action.folder), ""
    except OSError as error:
        return b"", f"its source cannot be read: {error.strerror}"


def _patterns(key: str, value: Any) -> list[str]:
    given = [] if value is None else value if isinstance(value, list) else [value]
    patterns = [one for some in given for one in (some if isinstance(some, list) else [some])]
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern:
            raise EvaluationError(f"{key}: expected names of files or patterns, and found {pattern!r}")
    return patterns
