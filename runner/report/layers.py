"""A picture of what comes after what: boxes in layers from left to right, and the lines between them.

Each box comes after all that it is led to from. Lines that pass a layer have a place in it as boxes have,
so that none is drawn through a box. It does not know what boxes stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from runner.struct import struct

Point = tuple[float, float]
Line = tuple[str, str]
_Passing = tuple[str, str, int]
_Place = str | _Passing

BETWEEN_LAYERS = 34.0
BETWEEN_BOXES = 16.0
SWEEPS = 4


@struct
class Drawn:
    """Where each box has its upper left corner, and by which points each line goes, layer by layer.

    `rights` are where the layers end.
    """

    boxes: Mapping[str, Point]
    passing: Mapping[Line, Sequence[tuple[Point, Point]]]
    layers: Mapping[str, int]
    rights: Sequence[float]
    width: float
    height: float


def draw(sizes: Mapping[str, Point], lines: Iterable[Line]) -> Drawn:
    """Lay out boxes of these sizes (width, height); `lines` go round in no circle."""
    lines = list(dict.fromkeys(lines))
    layers = _layers(sizes, lines)
    steps = _steps(layers, lines)
    rows = _rows(sizes, layers, steps)
    _untangle(rows, steps)
    heights: dict[_Place, float] = {
        it: sizes[it][1] if isinstance(it, str) else 0.0 for row in rows for it in row
    }
    middles = _middles(rows, steps, heights)
    top = min((middles[it] - heights[it] / 2 for it in middles), default=0.0)
    lefts, widths, width = _columns(sizes, rows)
    boxes = {name: (lefts[layers[name]], middles[name] - heights[name] / 2 - top) for name in sizes}
    passing = {
        (start, end): [
            (
                (lefts[at], middles[start, end, at] - top),
                (lefts[at] + widths[at], middles[start, end, at] - top),
            )
            for at in range(layers[start] + 1, layers[end])
        ]
        for start, end in lines
    }
    bottom = max((middles[it] + heights[it] / 2 - top for it in middles), default=0.0)
    rights = [left + wide for left, wide in zip(lefts, widths, strict=True)]
    return Drawn(boxes, passing, layers, rights, width, bottom)


def _layers(names: Iterable[str], lines: Sequence[Line]) -> dict[str, int]:
    """Of each box the length of the longest way to it."""
    before: dict[str, list[str]] = {name: [] for name in names}
    for start, end in lines:
        before[end].append(start)
    layers: dict[str, int] = {}
    for first in before:
        waiting = [first]
        while waiting:
            name = waiting[-1]
            missing = [it for it in before[name] if it not in layers]
            if missing:
                waiting += missing
                continue
            layers[name] = 1 + max((layers[it] for it in before[name]), default=-1)
            waiting.pop()
    return layers


def _steps(layers: Mapping[str, int], lines: Sequence[Line]) -> list[tuple[_Place, _Place]]:
    """The lines, cut where they pass a layer."""
    steps: list[tuple[_Place, _Place]] = []
    for start, end in lines:
        way: list[_Place] = [start, *((start, end, at) for at in range(layers[start] + 1, layers[end])), end]
        steps += pairwise(way)
    return steps


def _rows(
    sizes: Iterable[str], layers: Mapping[str, int], steps: Sequence[tuple[_Place, _Place]]
) -> list[list[_Place]]:
    """What stands in each layer: the boxes as they were given, then the lines that pass."""
    rows: list[list[_Place]] = [[] for _ in range(1 + max(layers.values(), default=-1))]
    for name in sizes:
        rows[layers[name]].append(name)
    for _, end in steps:
        if not isinstance(end, str):
            rows[end[2]].append(end)
    return rows


def _untangle(rows: list[list[_Place]], steps: Sequence[tuple[_Place, _Place]]) -> None:
    """Put each layer in an order in which lines seldom cross."""
    behind, ahead = _neighbours(steps)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for row in rows[1:] if forward else rows[-2::-1]:
            near = behind if forward else ahead
            places = {it: place for other in rows for place, it in enumerate(other)}
            row.sort(key=lambda it, near=near, places=places: _mean(near.get(it), places, places[it]))  # type: ignore[misc]


def _middles(
    rows: list[list[_Place]], steps: Sequence[tuple[_Place, _Place]], heights: Mapping[_Place, float]
) -> dict[_Place, float]:
    """How far down the middle of each is: near the middle of what it is connected with."""
    middles: dict[_Place, float] = {}
    for row in rows:
        down = 0.0
        for it in row:
            middles[it] = down + heights[it] / 2
            down += heights[it] + BETWEEN_BOXES
    behind, ahead = _neighbours(steps)
    for near, order in ((behind, rows), (ahead, rows[::-1]), (behind, rows), (ahead, rows[::-1])):
        for row in order:
            wanted = [_mean(near.get(it), middles, middles[it]) for it in row]
            middles.update(zip(row, _apart(wanted, [heights[it] for it in row]), strict=True))
    return middles


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The middles that are nearest to those wanted and leave room between neighbours, in this order."""
    offsets, down = [], 0.0
    for place, height in enumerate(heights):
        if place:
            down += (heights[place - 1] + height) / 2 + BETWEEN_BOXES
        offsets.append(down)
    blocks: list[tuple[float, int]] = []  # those that touch move together: the sum of wishes, and how many
    for wish, offset in zip(wanted, offsets, strict=True):
        total, count = wish - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    starts = [total / count for total, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _columns(sizes: Mapping[str, Point], rows: list[list[_Place]]) -> tuple[list[float], list[float], float]:
    lefts, widths, right = [], [], 0.0
    for row in rows:
        width = max((sizes[it][0] for it in row if isinstance(it, str)), default=0.0)
        lefts.append(right)
        widths.append(width)
        right += width + BETWEEN_LAYERS
    return lefts, widths, max(0.0, right - BETWEEN_LAYERS)


def _neighbours(
    steps: Sequence[tuple[_Place, _Place]],
) -> tuple[dict[_Place, list[_Place]], dict[_Place, list[_Place]]]:
    behind: dict[_Place, list[_Place]] = {}
    ahead: dict[_Place, list[_Place]] = {}
    for start, end in steps:
        ahead.setdefault(start, []).append(end)
        behind.setdefault(end, []).append(start)
    return behind, ahead


def _mean(near: Sequence[_Place] | None, values: Mapping[_Place, float], otherwise: float) -> float:
    return sum(values[it] for it in near) / len(near) if near else otherwise
