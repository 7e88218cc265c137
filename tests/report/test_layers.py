"""The picture of what waits for what: nothing overlaps, and no line goes through a box."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from runner.report.layers import Drawn, draw

Sizes = dict[str, tuple[float, float]]
Lines = list[tuple[str, str]]


@st.composite
def tasks(draw_: st.DrawFn) -> tuple[Sizes, Lines]:
    """Boxes, and lines that go round in no circle."""
    number = draw_(st.integers(1, 9))
    size = st.tuples(st.integers(10, 200), st.integers(10, 90))
    sizes = {f"t{n}": tuple(map(float, draw_(size))) for n in range(number)}
    pairs = list(combinations(sizes, 2))
    lines = draw_(st.lists(st.sampled_from(pairs), unique=True, max_size=14)) if pairs else []
    return sizes, lines  # type: ignore[return-value]


def overlap(drawn: Drawn, sizes: Sizes, one: str, other: str) -> bool:
    (x, y), (u, v) = drawn.boxes[one], drawn.boxes[other]
    (width, height), (wide, high) = sizes[one], sizes[other]
    return x < u + wide and u < x + width and y < v + high and v < y + height


@given(tasks())
def test_boxes_stand_apart_and_each_is_right_of_what_it_comes_after(given_: tuple[Sizes, Lines]) -> None:
    sizes, lines = given_
    drawn = draw(sizes, lines)
    assert not [pair for pair in combinations(sizes, 2) if overlap(drawn, sizes, *pair)]
    for start, end in lines:
        assert drawn.boxes[start][0] + sizes[start][0] < drawn.boxes[end][0]
    for name, (x, y) in drawn.boxes.items():
        assert x >= 0 and y >= 0
        assert x + sizes[name][0] <= drawn.width + 0.01 and y + sizes[name][1] <= drawn.height + 0.01


@given(tasks())
def test_a_line_passes_between_the_boxes(given_: tuple[Sizes, Lines]) -> None:
    sizes, lines = given_
    drawn = draw(sizes, lines)
    for points in drawn.passing.values():
        for (left, height), (right, _) in points:
            for name, (x, y) in drawn.boxes.items():
                beside = x + sizes[name][0] <= left or x >= right
                assert beside or not y < height < y + sizes[name][1]
