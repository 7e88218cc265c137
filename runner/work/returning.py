"""Outcomes of calls on their way back from a worker: as bytes, and from bytes.

What JSON holds comes back by its text, all else pickled. Knows neither how they travel nor what else is
made of them.
"""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Iterator

from runner.records import Failure, FailureKind, Outcome
from runner.work.calls import not_carried
from runner.work.pickles import Unpicklable, pickled, unpickled

_length = struct.Struct("<Q")


def wrapped(outcome: Outcome) -> bytes:
    """The outcome as bytes that may stand before and behind others."""
    result = None
    if outcome.encoded is None and outcome.failure is None:
        try:
            result = pickled(outcome.result)
        except Unpicklable as error:
            outcome.failure, outcome.encoded = not_carried("its result", outcome.result, error), "null"
    ended = (outcome.cancelled, outcome.exit_code, outcome.truncated, outcome.left_behind)
    what = (outcome.started, outcome.seconds, outcome.encoded, result, outcome.failure, outcome.log, ended)
    data = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    return _length.pack(len(data)) + data


def unwrapped(data: bytes, items: Iterator[tuple[int, int]], worker: str) -> Iterator[Outcome]:
    """The outcomes in some bytes, of the next of `items`: each has an index and an attempt."""
    place = 0
    while place < len(data):
        (length,) = _length.unpack_from(data, place)
        place += _length.size
        started, seconds, encoded, packed, failure, log, ended = pickle.loads(data[place : place + length])
        place += length
        index, attempt = next(items)
        outcome = Outcome(index, attempt, started, seconds, worker, None, encoded, failure, log=log)
        outcome.cancelled, outcome.exit_code, outcome.truncated, outcome.left_behind = ended
        if failure is None:
            _take_in(outcome, packed)
        yield outcome


def _take_in(outcome: Outcome, packed: bytes | None) -> None:
    if packed is None:
        outcome.result = json.loads(outcome.encoded or "null")
        return
    try:
        outcome.result = unpickled(packed)
    except Unpicklable as error:
        message = f"its result cannot be unpickled, and so cannot go from one process to another: {error}"
        outcome.failure, outcome.encoded = Failure(FailureKind.OUTPUT, message), "null"
