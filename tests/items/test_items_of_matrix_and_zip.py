"""Products of lists as in GitHub Actions, and lists that are gone through together."""

from __future__ import annotations

from typing import Any

import pytest

from runner.expression import Template
from runner.items import ItemsError, open_items
from runner.position import Position
from runner.workflow import Map, Matrix, Zip

here = Position("flow.yml", 1, 1)


def matrix(axes: Any, exclude: tuple[Any, ...] = (), include: tuple[Any, ...] = ()) -> Map:
    return Map(Matrix(Template(axes, lazy=True), exclude, include), here)


def zipped(columns: Any) -> Map:
    return Map(Zip(Template(columns, lazy=True)), here)


def values_of(fan_map: Map, **values: Any) -> list[Any]:
    return [item.value for item in open_items(fan_map, values)]


def keys_of(fan_map: Map, **values: Any) -> list[str | None]:
    return [item.key for item in open_items(fan_map, values)]


def error_of(fan_map: Map, **values: Any) -> str:
    with pytest.raises(ItemsError) as caught:
        list(open_items(fan_map, values))
    return str(caught.value)


def test_the_last_name_varies_fastest() -> None:
    fan_map = matrix({"os": ["linux", "mac"], "py": "{{ versions }}"})
    assert values_of(fan_map, versions=[3, 4]) == [
        {"os": "linux", "py": 3},
        {"os": "linux", "py": 4},
        {"os": "mac", "py": 3},
        {"os": "mac", "py": 4},
    ]
    assert open_items(fan_map, {"versions": [3, 4]}).total == 4


def test_an_entry_of_exclude_takes_away_all_that_agree_with_it() -> None:
    axes = {"os": ["a", "b"], "py": [1, 2], "on": [True]}
    assert keys_of(matrix(axes, ({"os": "a", "py": 1},))) == ["a-2-true", "b-1-true", "b-2-true"]
    assert keys_of(matrix(axes, ({"os": "a"}, {"py": 2}))) == ["b-1-true"]
    assert keys_of(matrix(axes, ({"on": 1},))) == ["a-1-true", "a-2-true", "b-1-true", "b-2-true"]


def test_include_adds_to_combinations_or_makes_new_ones() -> None:
    """The example of GitHub's documentation."""
    include = (
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    )
    assert values_of(matrix({"fruit": ["apple", "pear"], "animal": ["cat", "dog"]}, (), include)) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_what_is_excluded_may_be_included_again() -> None:
    fan_map = matrix({"a": [1, 2]}, ({"a": 1},), ({"a": 1, "b": 3},))
    assert values_of(fan_map) == [{"a": 2}, {"a": 1, "b": 3}]


def test_a_matrix_may_be_all_include() -> None:
    assert values_of(matrix({}, (), ({"a": 1}, {"b": 2}))) == [{"a": 1}, {"b": 2}]


def test_a_matrix_may_come_whole_from_an_expression() -> None:
    axes = {"a": [1, 2], "include": [{"b": 3}], "exclude": [{"a": 1}]}
    assert values_of(matrix("{{ x }}"), x=axes) == [{"a": 2, "b": 3}]


def test_an_axis_may_be_a_source_and_may_be_empty() -> None:
    assert keys_of(matrix({"a": "{{ range(2) }}", "b": ["x"]})) == ["0-x", "1-x"]
    assert keys_of(matrix({"a": [], "b": ["x"]})) == []


def test_keys_are_the_values_of_the_axes_where_these_are_plain() -> None:
    assert keys_of(matrix({"a": [1.5, None, True], "b": ["x"]})) == ["1.5-x", "null-x", "true-x"]
    assert keys_of(matrix({"a": ["p-q", "p"], "b": ["r", "q-r"]})) == ["p-q-r", "p-q-q-r", "p-r", "p-q-r#2"]
    more = ({"a": "x", "extra": 1}, {"a": "y", "b": "w", "c": 2}, {"a": "z", "c": 3})
    assert keys_of(matrix({"a": ["x"], "b": ["v"]}, (), more)) == ["x-v", "y-w", "z-3"]


def test_an_empty_text_leaves_its_place_in_the_key_empty() -> None:
    assert keys_of(matrix({"a": ["x"], "b": ["y", "z"], "c": ["", "-O"]})) == [
        "x-y-",
        "x-y--O",
        "x-z-",
        "x-z--O",
    ]
    assert keys_of(matrix({"a": ["", "x"], "b": [""]})) == ["-", "x-"]
    assert keys_of(matrix({"a": ["x"], "b": ["y"]}, (), ({"a": "", "b": ""},))) == ["x-y", "-"]


@pytest.mark.parametrize(
    "fan_map",
    [
        matrix({"a": [[1], "y"]}),
        matrix({"a": ["x", "y" * 81]}),
        matrix({"a": ["x", ""]}),
        matrix({"a": ["x"], "b": ["y", {"z": 1}]}),
        matrix({"a": ["x"]}, (), ({"a": [1]},)),
        matrix({"a": ["x"]}, ({"a": "x"},), ({"a": "x"}, {"b": ""})),
        matrix({"a": ["x"], "b": ["y"]}, ({"a": "x"},), ({"a": "x", "c": [1]}, {"b": "z"})),
    ],
)
def test_where_one_value_is_no_name_all_keys_are_indexes(fan_map: Map) -> None:
    assert keys_of(fan_map) == ["0", "1"]


def test_what_only_adds_to_combinations_is_no_part_of_keys() -> None:
    assert keys_of(matrix({"a": ["x", "y"]}, (), ({"a": "x", "flags": ["-O"]}, {"b": ""}))) == ["x", "y"]


@pytest.mark.parametrize(
    ("fan_map", "message"),
    [
        (matrix([1]), "`matrix` takes a mapping of lists, and this is a list of 1 element"),
        (matrix({}), "the matrix has no names (write a list for each: `os: [linux, mac]`)"),
        (matrix({"os": "linux"}), "the matrix takes a list for 'os', and this is the text 'linux'"),
        (
            matrix({"os": ["linux"]}, ({"oss": "linux"},)),
            "`exclude` names 'oss', which the matrix does not (did you mean 'os'?)",
        ),
        (matrix({"a": [1], "include": {"a": 1}}), "`include` of the matrix takes a list of mappings"),
        (matrix("{{ nope }}"), "`nope` is not defined (known here: x)"),
    ],
)
def test_what_is_no_matrix_is_told(fan_map: Map, message: str) -> None:
    assert error_of(fan_map, x=1) == message


def test_a_large_matrix_is_made_bit_by_bit() -> None:
    items = open_items(matrix(dict.fromkeys("abc", "{{ range(1000) }}")), {})
    assert items.total == 1000**3
    assert next(iter(items)).key == "0-0-0"


def test_lists_are_gone_through_together() -> None:
    fan_map = zipped({"a": ["x", "y"], "b": "{{ range(2) }}", "c": "{{ l | map('upper') }}"})
    assert values_of(fan_map, l=["p", "q"]) == [{"a": "x", "b": 0, "c": "P"}, {"a": "y", "b": 1, "c": "Q"}]
    assert keys_of(fan_map, l=["p", "q"]) == ["0", "1"]
    assert open_items(fan_map, {"l": ["p", "q"]}).total == 2


def test_lists_of_different_lengths_are_both_named() -> None:
    message = "`zip` goes through lists of one length: 'a' has 3 elements and 'c' has 1"
    with pytest.raises(ItemsError, match=message):
        open_items(zipped({"a": [1, 2, 3], "b": "{{ range(3) }}", "c": [1]}), {})


def test_a_source_that_ends_early_is_told_when_it_does() -> None:
    fan_map = zipped({"a": [1, 2, 3], "b": "{{ range(5) | select('odd') }}"})
    items = open_items(fan_map, {})
    assert items.total is None
    seen: list[Any] = []
    with pytest.raises(ItemsError) as caught:
        seen.extend(item.value for item in items)
    assert seen == [{"a": 1, "b": 1}, {"a": 2, "b": 3}]
    assert str(caught.value) == "`zip` goes through lists of one length: 'b' has 2 elements and 'a' has more"


@pytest.mark.parametrize(
    ("fan_map", "message"),
    [
        (zipped([[1]]), "`zip` takes a mapping of lists, and this is a list of 1 element"),
        (zipped({}), "`zip` has no names (write a list for each: `a: [1, 2]`)"),
        (zipped({"a": "x"}), "`zip` takes a list for 'a', and this is the text 'x'"),
    ],
)
def test_what_cannot_be_gone_through_together_is_told(fan_map: Map, message: str) -> None:
    assert error_of(fan_map) == message
