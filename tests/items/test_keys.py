"""The keys of items: stable, unique, and checked in little memory."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from runner.expression import Template
from runner.items import ItemsError, open_items
from runner.position import Position
from runner.workflow import Map, Over


def map_over(value: Any, key: Any = None, name: str = "item") -> Map:
    template = None if key is None else Template(key)
    return Map(Over(Template(value, lazy=True)), Position("flow.yml", 1, 1), name, key=template)


def keys_of(value: Any, key: Any = None, name: str = "item", **values: Any) -> list[str | None]:
    return [item.key for item in open_items(map_over(value, key, name), values)]


def error_of(value: Any, key: Any, **values: Any) -> str:
    with pytest.raises(ItemsError) as caught:
        keys_of(value, key, **values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("cat.jpg", "cat.jpg"),
        ("a b/ü😀", "a b/ü😀"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "0"),
        ("", "0"),
        ("a[1", "0"),
        ("a]", "0"),
        ("a\tb", "0"),
        ("a\n", "0"),
        ("\udc80", "0"),
        (3, "3"),
        (-1.5, "-1.5"),
        (10**79, "1" + "0" * 79),
        (10**80, "0"),
        (True, "true"),
        (None, "null"),
        (float("nan"), "0"),
        ([1], "0"),
        ({"a": 1}, "0"),
        (object, "0"),
    ],
)
def test_a_plain_item_is_its_own_key(value: Any, key: str) -> None:
    assert keys_of("{{ x }}", x=[value]) == [key]


def test_a_default_key_that_occurs_again_is_numbered() -> None:
    items = ["a", "a", "a", "b", "a#2", 1, "1", "1#2", [], "8", "b"]
    assert keys_of(items) == ["a", "a#2", "a#3", "b", "a#2#2", "1", "1#2", "1#2#2", "8", "8#2", "b#2"]


def test_a_number_that_is_taken_is_passed_over() -> None:
    assert keys_of(["a#2", "a", "a", "a"]) == ["a#2", "a", "a#3", "a#4"]


def test_keys_stay_where_the_list_grows_at_its_end() -> None:
    assert keys_of(["a", "b", "a", "c"])[:3] == keys_of(["a", "b", "a"])


def test_an_own_key_sees_the_item_and_its_index() -> None:
    assert keys_of(["x/a.jpg", "x/b.jpg"], "{{ item | basename }}") == ["a.jpg", "b.jpg"]
    assert keys_of(["p", "q"], "{{ index }}-{{ picture }}-{{ y }}", "picture", y=1) == ["0-p-1", "1-q-1"]
    assert keys_of([True, 2.0], "{{ item }}") == ["true", "2.0"]


@pytest.mark.parametrize(
    ("items", "key", "message"),
    [
        (
            ["a/x", "b", "c/x"],
            "{{ item | basename }}",
            "items 0 and 2 have the same key 'x' (`{{ index }}` in the key tells items apart)",
        ),
        (
            ["a", "b"],
            "same",
            "items 0 and 1 have the same key 'same' (`{{ index }}` in the key tells items apart)",
        ),
        (
            ["a", "b[1]"],
            "{{ item }}",
            "the key of item 1 holds '[' ('b[1]') (`| slug` makes a name of any text)",
        ),
        (["a]"], "{{ item }}", "the key of item 0 holds ']' ('a]') (`| slug` makes a name of any text)"),
        (
            ["a\tb"],
            "{{ item }}",
            "the key of item 0 holds the control character '\\t' ('a\\tb')"
            " (`| slug` makes a name of any text)",
        ),
        (["x", ""], "{{ item }}", "the key of item 1 is empty (`{{ index }}` is never empty)"),
        (
            [{"name": "a"}, {"nam": "b"}],
            "{{ item.name }}",
            "the key of item 1: `item` has no 'name', in `item.name` (did you mean 'nam'?)",
        ),
        (
            [None],
            "{{ item }}",
            "the key of item 0: the value is None, which has no text (`| default('…', true)` gives it one)",
        ),
    ],
)
def test_a_wrong_key_is_told(items: list[Any], key: str, message: str) -> None:
    assert error_of(items, key) == message


def test_items_before_a_wrong_key_were_given() -> None:
    seen: list[str | None] = []
    with pytest.raises(ItemsError):
        seen.extend(item.key for item in open_items(map_over(["a", "b", "a"], "{{ item }}"), {}))
    assert seen == ["a", "b"]


def test_keys_far_apart_are_still_compared() -> None:
    numbers = [*range(30_000), 7]
    assert error_of("{{ x }}", "k{{ item }}", x=numbers).startswith(
        "items 7 and 30000 have the same key 'k7'"
    )
    texts = [str(number) for number in numbers]
    assert keys_of("{{ x }}", x=texts) == [*texts[:-1], "7#2"]
    assert keys_of("{{ x }}", x=[*texts, "7", "7#2"])[-3:] == ["7#2", "7#3", "7#2#2"]


def test_hostile_keys_far_apart_are_still_compared() -> None:
    texts = ["é", "e\u0301", "'; DROP TABLE seen; --", "\ue000", *map(str, range(12_000))]
    assert keys_of("{{ x }}", "{{ item }}", x=[*texts, "\udc80"])[-1] == "\udc80"
    assert keys_of("{{ x }}", x=[*texts, "é"])[-1] == "é#2"


script = """
import resource, sys
from runner.expression import Template
from runner.items import open_items
from runner.position import Position
from runner.workflow import Map, Over
value, key, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
template = Template(key) if key else None
fan_map = Map(Over(Template(value.replace("N", str(most)), lazy=True)), Position("f", 1, 1), key=template)
last = None
for last in open_items(fan_map, {}):
    pass
print(last.index + 1, last.key, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(
    ("value", "key", "last"),
    [
        ("{{ range(N) }}", "", "199999"),
        ("{{ range(N) }}", "k-{{ item }}", "k-199999"),
        ("{{ range(N) | map('string') }}", "", "199999"),
        ("{{ range(N) | batch(1) }}", "", "199999"),
    ],
)
def test_many_items_take_hardly_more_memory_than_few(value: str, key: str, last: str) -> None:
    def peak(most: int) -> tuple[int, str, int]:
        command = [sys.executable, "-c", script, value, key, str(most)]
        number, name, kilobytes = subprocess.run(
            command, capture_output=True, text=True, check=True
        ).stdout.split()
        return int(number), name, int(kilobytes)

    _, _, few = peak(1000)
    number, name, many = peak(200_000)
    assert (number, name) == (200_000, last)
    assert many - few < 12 * 1024
