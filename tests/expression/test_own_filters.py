"""The filters that Jinja does not have, and those that are stricter than Jinja's."""

from __future__ import annotations

from typing import Any

import pytest

from runner.expression import EvaluationError, Template


def value_of(expression: str, **values: Any) -> Any:
    return Template("{{ " + expression + " }}").evaluate(values)


@pytest.mark.parametrize(
    ("path", "basename", "dirname", "stem", "suffix"),
    [
        ("a/b.tar.gz", "b.tar.gz", "a", "b.tar", ".gz"),
        ("b.jpg", "b.jpg", "", "b", ".jpg"),
        ("/b", "b", "/", "b", ""),
        ("/", "", "/", "", ""),
        ("", "", "", "", ""),
        ("a/b/", "b", "a", "b", ""),
        ("a//b", "b", "a", "b", ""),
        (".bashrc", ".bashrc", "", ".bashrc", ""),
        ("a/.b.c", ".b.c", "a", ".b", ".c"),
        ("..", "..", "", "..", ""),
        ("a.", "a.", "", "a.", ""),
        ("https://x.org/p/cat.jpg", "cat.jpg", "https://x.org/p", "cat", ".jpg"),
        ("é\udc80/ü .x", "ü .x", "é\udc80", "ü ", ".x"),
    ],
)
def test_paths_are_cut(path: str, basename: str, dirname: str, stem: str, suffix: str) -> None:
    expression = "[p | basename, p | dirname, p | stem, p | suffix]"
    assert value_of(expression, p=path) == [basename, dirname, stem, suffix]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("  été_2024 ", "ete-2024"),
        ("日本 x", "日本-x"),
        ("[a]\x00\n", "a"),
        ("--", ""),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert value_of("t | slug", t=text) == slug


def test_json_there_and_back() -> None:
    value = {"a": [1, 2.5, None, True, "é"], "b": {}}
    assert value_of("v | json", v=value) == '{"a":[1,2.5,null,true,"é"],"b":{}}'
    assert value_of("v | json | from_json", v=value) == value
    assert value_of("v | tojson(indent=2) | from_json", v=value) == value
    assert value_of("[1] | json(indent=2)") == "[\n  1\n]"
    assert value_of("none | json") == "null"


def test_yaml_is_read_as_workflow_files_are() -> None:
    text = "on: yes\nn: 1_000\ntime: 12:30:00\nlist: [1, 2.5, null, true]\n"
    assert value_of("t | from_yaml", t=text) == {
        "on": "yes",
        "n": "1_000",
        "time": "12:30:00",
        "list": [1, 2.5, None, True],
    }


def test_groups_are_pairs_of_a_value_and_its_items() -> None:
    rows = [{"k": "b", "n": 1}, {"k": "a", "n": 2}, {"k": "B", "n": 3}, {"k": "b", "n": 4}]
    assert value_of("rows | groupby('k')", rows=rows) == [
        ["B", [rows[2]]],
        ["a", [rows[1]]],
        ["b", [rows[0], rows[3]]],
    ]
    assert value_of("rows | groupby('k', case_sensitive=false) | map('last') | map('length')", rows=rows) == [
        1,
        3,
    ]
    assert value_of("[{'k': 1}, {}] | groupby('k', default=0) | map('first')") == [0, 1]


def test_sorting_is_stable_and_by_case() -> None:
    assert value_of("['b', 'B', 'a', 'A'] | sort") == ["A", "B", "a", "b"]
    assert value_of("['b', 'B', 'a', 'A'] | sort(case_sensitive=false)") == ["a", "A", "b", "B"]
    assert value_of(
        "[{'a': 1, 'b': 1}, {'a': 0, 'b': 2}, {'a': 1, 'b': 3}] | sort(attribute='a') | map(attribute='b')"
    ) == [
        2,
        1,
        3,
    ]


def test_unique_tells_text_from_what_reads_alike() -> None:
    assert value_of("['[1]', [1], [1], '1', 1] | unique") == ["[1]", [1], "1", 1]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("[1, 'a'] | sort", "`sort`: the text 'a' and the number 1 have no order"),
        ("['a', none] | join", "`join`: the value is None, which has no text"),
        ("'abc' | sum", "`sum`: expected a number, and this is the text 'a'"),
        ("none | length", "`length`: expected a list, and this is None"),
        ("3 | list", "`list`: expected a list, and this is the number 3"),
        ("'x' | abs", "`abs`: expected a number, and this is the text 'x'"),
        ("[] | items", "`items`: expected a mapping, and this is a list of 0 elements"),
        ("'x' | filesizeformat", "`filesizeformat`: expected a number, and this is the text 'x'"),
        (
            "'%s %s' % 'x'",
            "the text '%s %s' does not fit what it is given: not enough arguments for format string",
        ),
    ],
)
def test_what_a_filter_cannot_take_is_told(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression)
    assert caught.value.message == f"{message}, in `{expression}`"


def test_verbatim_changes_nothing() -> None:
    assert value_of("x | verbatim", x=["a b"]) == ["a b"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("t.split()", ["a", "b,c"]),
        ("t.split(',')", ["a  b", "c"]),
        ("t.split(',', 1)", ["a  b", "c"]),
        ("' x '.strip()", "x"),
        ("t.startswith('a')", True),
        ("t.endswith(['x', 'c'])", True),
        ("t.replace('a', 'z', 1)", "z  b,c"),
        ("t.upper().lower()", "a  b,c"),
        ("t.removeprefix('a').removesuffix('c')", "  b,"),
    ],
)
def test_the_methods_of_text(expression: str, value: Any) -> None:
    assert value_of(expression, t="a  b,c") == value


def test_a_key_is_never_a_method() -> None:
    assert value_of("[d.items, d.keys, d.get, d.split]", d={"items": 1, "keys": 2, "get": 3, "split": 4}) == [
        1,
        2,
        3,
        4,
    ]


def test_lists_are_filtered_by_how_text_begins_and_ends() -> None:
    files = ["a.py", "b.pyi", "test_a.py", "c.txt", ""]
    assert value_of("f | select('endswith', '.py')", f=files) == ["a.py", "test_a.py"]
    assert value_of("f | reject('endswith', ['.py', '.pyi'])", f=files) == ["c.txt", ""]
    assert value_of("f | select('startswith', 'test_') | first", f=files) == "test_a.py"
    assert value_of("f | select('startswith', [])", f=files) == []
    rows = [{"name": name, "n": 1} for name in files]
    assert value_of("f | selectattr('name', 'endswith', '.txt')", f=rows) == [{"name": "c.txt", "n": 1}]
    assert value_of("f | rejectattr('name', 'startswith', 'a') | map(attribute='name')", f=rows) == files[1:]
    assert value_of("f is endswith('.py') and f is not startswith 'b' and f is endswith ['x', 'y']", f="a.py")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("[1] | select('endswith', 'a')", "`select`: expected text for endswith, and this is the number 1"),
        ("'a' is startswith 1", "`startswith`: expected text for startswith, and this is the number 1"),
        ("'a' is startswith ['b', none]", "`startswith`: expected text for startswith, and this is None"),
    ],
)
def test_what_is_no_text_neither_begins_nor_ends_with_any(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression)
    with pytest.raises(EvaluationError) as caught:
        value_of(expression)
    assert str(caught.value) == f"{message}, in `{expression}`"
