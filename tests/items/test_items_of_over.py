"""What `over` ranges over: lists, mappings, sources that are read bit by bit; and what it refuses."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest

from runner.expression import Template
from runner.items import ItemsError, look, open_items
from runner.position import Position
from runner.workflow import Map, Over, Zip

here = Position("flow.yml", 1, 1)


def map_over(value: Any, key: Any = None, name: str = "item") -> Map:
    template = None if key is None else Template(key)
    return Map(Over(Template(value, lazy=True)), here, name, key=template)


def items_of(value: Any, **values: Any) -> list[tuple[str | None, Any]]:
    return [(item.key, item.value) for item in open_items(map_over(value), values)]


def error_of(value: Any, **values: Any) -> str:
    with pytest.raises(ItemsError) as caught:
        list(open_items(map_over(value), values))
    return str(caught.value)


def test_a_list_has_its_elements_in_order() -> None:
    items = open_items(map_over(["a", "{{ x }}", {"b": 1}]), {"x": [1]})
    assert items.total == 3
    assert [(item.index, item.value, item.attempt) for item in items] == [
        (0, "a", 1),
        (1, [1], 1),
        (2, {"b": 1}, 1),
    ]
    assert [item.value for item in items] == ["a", [1], {"b": 1}]


def test_a_mapping_has_its_values_under_its_keys() -> None:
    assert items_of({"a": 1, "b": "{{ x }}"}, x=2) == [("a", 1), ("b", 2)]
    assert items_of("{{ x }}", x={"k": None, "a[0]": 1, "": 2}) == [("k", None), ("1", 1), ("2", 2)]


def test_nothing_is_no_items() -> None:
    sources: list[Any] = [[], {}, "{{ range(0) }}", "{{ [] }}"]
    for value in sources:
        assert items_of(value) == []
        assert open_items(map_over(value), {}).total == 0


@pytest.mark.parametrize(
    ("value", "total"),
    [
        ("{{ range(10**10) }}", 10**10),
        ("{{ range(10) | batch(4) }}", 3),
        ("{{ range(10) | map('string') }}", 10),
        ("{{ range(10) | select('odd') }}", None),
        ("{{ x }}", 2),
    ],
)
def test_the_number_of_items_is_known_where_nothing_must_be_read(value: Any, total: int | None) -> None:
    assert open_items(map_over(value), {"x": (1, 2)}).total == total


def test_any_collection_of_python_has_items() -> None:
    assert [value for _, value in items_of("{{ x }}", x=deque([1, 2]))] == [1, 2]
    assert sorted(items_of("{{ x }}", x={"b", "a"})) == [("a", "a"), ("b", "b")]
    items = open_items(map_over("{{ x }}"), {"x": deque([1, 2])})
    assert items.total == 2
    assert [item.value for item in items] == [item.value for item in items] == [1, 2]
    zipped = Map(Zip(Template({"a": "{{ x }}", "b": [3, 4]})), here)
    assert [item.value for item in open_items(zipped, {"x": deque([1, 2])})] == [
        {"a": 1, "b": 3},
        {"a": 2, "b": 4},
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("abc", "`over` takes a list or a mapping, and this is the text 'abc' (write a list: [a, b])"),
        (
            "{{ x }}",
            "`over` takes a list or a mapping, and this is the text 'a b'"
            " (`.split()` cuts text; `lines('…')` reads a file)",
        ),
        (
            "{{ [1] }}\n",
            "`over` takes a list or a mapping, and this is the text '[1]\\n'"
            " (space around {{ }} makes it text: leave only {{ … }})",
        ),
        (
            "{{ [1] | json }}",
            "`over` takes a list or a mapping, and this is the text '[1]' (`| from_json` reads JSON text)",
        ),
        (
            None,
            "`over` takes a list or a mapping, and this is None (`| default([], true)` makes nothing of it)",
        ),
        (3, "`over` takes a list or a mapping, and this is the number 3 (write `{{ range(3) }}`)"),
        ("{{ 3 }}", "`over` takes a list or a mapping, and this is the number 3 (`range(n)` counts)"),
        (True, "`over` takes a list or a mapping, and this is true"),
        ("{{ y }}", "`over` takes a list or a mapping, and this is an object of type bytes"),
        ("{{ z }}", "`z` is not defined (known here: x, y)"),
        ("{{ lines('no') }}", "there is no file no (looked for /nowhere/no)"),
    ],
)
def test_what_has_no_items_is_told(value: Any, message: str) -> None:
    assert error_of(value, x="a b", y=b"ab", __folder__="/nowhere") == message


def test_a_source_that_fails_half_way_has_given_what_came_before(tmp_path: Path) -> None:
    tmp_path.joinpath("a.jsonl").write_text('"a"\n"b"\nc\n')
    seen = []
    with pytest.raises(ItemsError) as caught:
        for item in open_items(map_over("{{ jsonl('a.jsonl') }}"), {"__folder__": str(tmp_path)}):
            seen.append(item.value)
    assert seen == ["a", "b"]
    assert caught.value.message == "a.jsonl:3: this is not JSON: Expecting value: line 1 column 1 (char 0)"


def test_a_filter_that_fails_half_way_is_told() -> None:
    assert error_of("{{ x | map('upper') }}", x=["a", None]) == (
        "the value is None, which has no text (`| default('…', true)` gives it one)"
    )


def test_a_collection_that_breaks_is_told() -> None:
    def broken() -> Any:
        yield 1
        raise RuntimeError("out of luck")

    class Broken:
        def __iter__(self) -> Any:
            return broken()

    assert error_of("{{ x }}", x=Broken()) == "the items cannot be gone through: RuntimeError: out of luck"


def test_counting_reads_only_a_beginning(tmp_path: Path) -> None:
    tmp_path.joinpath("few.txt").write_text("a\n" * 10_000)
    tmp_path.joinpath("many.txt").write_text("a\n" * 10_001)
    folder = {"__folder__": str(tmp_path)}
    assert look(map_over("{{ lines('few.txt') }}"), folder).total == 10_000
    assert look(map_over("{{ lines('many.txt') }}"), folder).total is None
    assert look(map_over("{{ range(10**9) }}"), folder).total == 10**9
    assert look(map_over("{{ lines('none.txt') }}"), folder).total is None
    assert look(map_over("{{ tasks.a.result }}"), folder).total is None
    assert look(map_over("abc"), folder).total is None


def test_a_source_that_finds_nothing_for_long_says_so_again_and_again() -> None:
    found = iter(open_items(map_over("{{ range(10**12) | select('ge', 2000) | batch(2) }}"), {}))
    begun = [next(found) for _ in range(5)]
    assert begun[:4] == [None, None, None, None]
    assert begun[4] is not None and begun[4].value == [2000, 2001]
    assert look(map_over("{{ range(10**12) | select('lt', 0) }}"), {}).total is None


def test_what_was_read_before_a_mistake_are_items() -> None:
    found = iter(open_items(map_over("{{ l | map('abs') }}"), {"l": [-1, -2, "x", 3]}))
    assert [item and item.value for item in (next(found), next(found))] == [1, 2]
    with pytest.raises(ItemsError, match="expected a number"):
        next(found)
