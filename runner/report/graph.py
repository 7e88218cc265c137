"""The tasks of a file as a picture: what waits for what, and how each ended.

A map is one box with its counts, a group a box around those of its tasks. It draws nothing: it says where
everything is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.display import took
from runner.records import Declared, Status
from runner.report.layers import Drawn, Line, Point, draw
from runner.report.standing import Standing
from runner.report.values import standing
from runner.store.entries import RunRecord
from runner.struct import struct

NARROWEST, HEIGHT, OF_A_LINE = 84.0, 46.0, 14.0
"""A box with a name and one line of text below it, and what each further line takes."""
BESIDE_TEXT, OF_A_TEXT = 34.0, 6.1
"""What is left free beside a text, and about how wide a letter is below a name."""
PADDING, HEAD = 14.0, 30.0
WIDEST_NAME, WIDEST_TEXT = 155.0, 24
"""Of a name in units, and of the text below it in letters."""
PAGE = 1060
MOST = 150
"""So many tasks are drawn; if there are more, only those that are inside no group."""


_hows = ("whole", "items", "cleanup")
"""How a task waits for another."""


@struct
class _Box:
    """A task, with the size that it takes; of a group also how its tasks lie."""

    task: Standing
    size: Point
    inside: Drawn | None = None


def graph(run: RunRecord, tasks: Sequence[Standing], declared: Sequence[Declared]) -> dict[str, Any] | None:
    """Boxes, lines and the size of it all; None if there are too many tasks, or none."""
    if len(tasks) > MOST:
        tasks = [task for task in tasks if task.depth == 0]
    if not tasks or len(tasks) > MOST:
        return None
    onward = _Picture(run, tasks, declared).values()
    if onward["width"] <= PAGE:
        return onward
    downward = _Picture(run, tasks, declared, down=True).values()
    return downward if downward["width"] <= max(PAGE, onward["width"] * 0.6) else onward


class _Picture:
    """Layers go from left to right or, where that is too wide, `down`."""

    def __init__(
        self,
        run: RunRecord,
        tasks: Sequence[Standing],
        declared: Sequence[Declared],
        down: bool = False,
    ) -> None:
        self._run = run
        self._down = down
        self._bodies: dict[str, list[Standing]] = {}
        for task in tasks:
            self._bodies.setdefault(task.path.rpartition(".")[0], []).append(task)
        shown = {task.path for task in tasks}
        self._needs = _without_detours(
            {
                task.path: [(need, how) for need, how in task.needs if need in shown]
                for task in declared
                if task.path in shown
            }
        )
        self._width = max(
            NARROWEST,
            *(BESIDE_TEXT + _wide(_cut(task.name)) for task in tasks),
            *(BESIDE_TEXT + OF_A_TEXT * len(line) for task in tasks for line in self._lines_below(task)),
        )
        self._boxes: dict[str, _Box] = {}
        self._at: dict[str, Point] = {}

    def values(self) -> dict[str, Any]:
        drawn = self._draw("")
        self._place("", drawn, (1.0, 1.0))
        boxes = [self._box(self._boxes[path]) for path in self._at]
        lines = list(self._lines("", drawn))
        return {
            "width": round(drawn.width) + 6,
            "height": round(drawn.height) + 6,
            "groups": [box for box in boxes if box["group"]],
            "boxes": [box for box in boxes if not box["group"]],
            "lines": lines,
            "hows": [how for how in _hows if how in {line["how"] for line in lines}],
            "maps": any(box["mapped"] for box in boxes),
        }

    def _draw(self, body: str) -> Drawn:
        """Lay out a body, what is inside its groups first."""
        for task in self._bodies[body]:
            if task.path in self._bodies:
                inside = self._draw(task.path)
                text = ", ".join(self._text(task))
                head = BESIDE_TEXT + _wide(_cut(task.name)) + OF_A_TEXT * len(text)
                size = (max(head, inside.width + 2 * PADDING), inside.height + HEAD + PADDING)
                self._boxes[task.path] = _Box(task, size, inside)
            else:
                more = max(0, len(self._lines_below(task)) - 1)
                self._boxes[task.path] = _Box(task, (self._width, HEIGHT + OF_A_LINE * more))
        sizes = {task.path: self._boxes[task.path].size for task in self._bodies[body]}
        lines = [line for line, _, _ in self._between(body)]
        return (
            _turned(draw({path: (size[1], size[0]) for path, size in sizes.items()}, lines))
            if self._down
            else draw(sizes, lines)
        )

    def _between(self, body: str) -> Iterator[tuple[Line, str, str]]:
        """What leads from task to task of a body, be it to what is inside one: how, and to which."""
        prefix = f"{body}." if body else ""
        for path, needs in self._needs.items():
            if not path.startswith(prefix):
                continue
            end = prefix + path[len(prefix) :].partition(".")[0]
            for need, how in needs:
                if need.rpartition(".")[0] == body and need != end:
                    yield (need, end), how, path

    def _place(self, body: str, drawn: Drawn, corner: Point) -> None:
        for path, (x, y) in drawn.boxes.items():
            self._at[path] = at = (corner[0] + x, corner[1] + y)
            inside = self._boxes[path].inside
            if inside is not None:
                self._place(path, inside, (at[0] + PADDING, at[1] + HEAD))

    def _lines(self, body: str, drawn: Drawn) -> Iterator[dict[str, Any]]:
        corner = self._corner(body)
        seen = set()
        for line, how, path in self._between(body):
            end = self._reached(line[1], path)
            if (line[0], end) not in seen:
                seen.add((line[0], end))
                yield {"how": how, "path": self._way(line, end, drawn, corner)}
        for task in self._bodies[body]:
            inside = self._boxes[task.path].inside
            if inside is not None:
                yield from self._lines(task.path, inside)

    def _corner(self, body: str) -> Point:
        if not body:
            return 1.0, 1.0
        x, y = self._at[body]
        return x + PADDING, y + HEAD

    def _reached(self, end: str, path: str) -> str:
        """Where a line to what is inside `end` ends: at that itself, if nothing stands in the way."""
        while end != path and not self._down:
            inside = self._boxes[end].inside
            inner = end + "." + path[len(end) + 1 :].partition(".")[0]
            if inside is None or inside.layers.get(inner) != 0:
                break
            end = inner
        return end

    def _way(self, line: Line, end: str, drawn: Drawn, corner: Point) -> str:
        """The path of a line, made of points as they lie along the layers and across them."""
        (x, y), (width, height) = self._at[line[0]], self._boxes[line[0]].size
        leaves = (x + width / 2, y + height) if self._down else (x + width, y + height / 2)
        along = self._turned(corner)[0]
        here = (along + drawn.rights[drawn.layers[line[0]]], self._turned(leaves)[1])
        way = f"M{_at(leaves)}L{_at(self._turned(here))}"
        for (x, y), (u, v) in drawn.passing[line]:
            entry, leaving = (corner[0] + x, corner[1] + y), (corner[0] + u, corner[1] + v)
            way += f"{self._curve(here, self._turned(entry))}L{_at(leaving)}"
            here = self._turned(leaving)
        (x, y), (width, height) = self._at[end], self._boxes[end].size
        down = HEAD / 2 if self._boxes[end].inside else height / 2
        reached = (x + width / 2, y) if self._down else (x, y + down)
        return way + self._curve(here, self._turned(reached))

    def _turned(self, point: Point) -> Point:
        return (point[1], point[0]) if self._down else point

    def _curve(self, start: Point, end: Point) -> str:
        middle = (start[0] + end[0]) / 2
        points = [(middle, start[1]), (middle, end[1]), end]
        return "C" + " ".join(_at(self._turned(point)) for point in points)

    def _text(self, task: Standing) -> list[str]:
        return _text(self._run, task)

    def _lines_below(self, task: Standing) -> list[str]:
        """Its text in lines that are not too wide, none of them cut."""
        lines: list[str] = []
        for part in self._text(task):
            if lines and len(lines[-1]) + len(part) + 2 <= WIDEST_TEXT:
                lines[-1] += f", {part}"
            else:
                lines.append(part)
        return lines

    def _box(self, box: _Box) -> dict[str, Any]:
        x, y = self._at[box.task.path]
        task = box.task
        return {
            "address": task.path,
            "name": _cut(task.name),
            "texts": [", ".join(self._text(task))] if box.inside else self._lines_below(task),
            "title": f"{task.path}: {standing(self._run, task.status)}"
            + (f"; {task.note}" if task.note else ""),
            "status": task.status.value,
            "tolerated": task.tolerated,
            "mapped": task.mapped,
            "group": box.inside is not None,
            "x": round(x, 1),
            "y": round(y, 1),
            "width": round(box.size[0], 1),
            "height": round(box.size[1], 1),
        }


def _text(run: RunRecord, task: Standing) -> list[str]:
    if not task.many:
        status = "" if task.status is Status.SUCCEEDED else standing(run, task.status)
        return list(filter(None, [status, took(task.seconds)]))
    counts, missing = task.counts, task.missing
    if not task.total:
        return ["no items" if task.status is Status.SUCCEEDED else standing(run, task.status)]
    others = [
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
        (counts.cancelled, "cancelled"),
        (missing.under_way, standing(run, Status.RUNNING)),
        (missing.not_begun, standing(run, Status.WAITING)),
    ]
    return [
        f"{counts.succeeded:,} of {task.total:,}",
        *(f"{number:,} {word}" for number, word in others if number),
        *filter(None, [missing.uncounted_in_words]),
    ]


def _at(point: Point) -> str:
    return f"{round(point[0], 1):g} {round(point[1], 1):g}"


def _turned(drawn: Drawn) -> Drawn:
    """The same with its layers one below the other."""
    return Drawn(
        {name: (y, x) for name, (x, y) in drawn.boxes.items()},
        {line: [((y, x), (v, u)) for (x, y), (u, v) in points] for line, points in drawn.passing.items()},
        drawn.layers,
        drawn.rights,
        drawn.height,
        drawn.width,
    )


def _wide(name: str) -> float:
    """How wide a name is, at most, in the fonts that readers have."""
    return sum(_of_letter.get(letter, 11.1) for letter in name)


_of_letter = {
    letter: width
    for letters, width in (
        ("ijlIJ", 4.9),
        ("frt_", 6.5),
        ("csz", 7.8),
        ("aekovxy", 9.0),
        ("bdghnpqu0123456789", 9.4),
        ("mw", 13.6),
        ("MW…", 14.4),
    )
    for letter in letters
}
"""Other letters are capitals."""


def _cut(name: str) -> str:
    """As much of a name as has room."""
    if _wide(name) <= WIDEST_NAME:
        return name
    while _wide(f"{name}…") > WIDEST_NAME:
        name = name[:-1]
    return f"{name}…"


def _without_detours(
    needs: Mapping[str, Sequence[tuple[str, str]]],
) -> dict[str, list[tuple[str, str]]]:
    """Of clean-up, which waits for everything, only what is waited for by nothing that it waits for."""
    left = {}
    for path, found in needs.items():
        waited = {need for need, how in found if how == "cleanup"}
        passed = {
            before
            for need in waited
            for inner, befores in needs.items()
            if inner == need or inner.startswith(f"{need}.")
            for before, _ in befores
        }
        left[path] = [(need, how) for need, how in found if how != "cleanup" or need not in passed]
    return left
