"""What templates give: values with their types, text by the one text rule, and why there is none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from runner.expression import EvaluationError, Template, text_of
from runner.expression.holes import Hole, Literal, split
from runner.expression.questions import has_verbatim


class Opaque:
    """Something that JSON cannot hold."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was looked into")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise AssertionError("it was looked into")


values: dict[str, Any] = {
    "item": "a b",
    "index": 3,
    "zero": "007",
    "big": "1_000",
    "word": "None",
    "rows": [{"name": "x", "n": 1}, {"name": "y", "n": 2}],
    "params": {"width": 320, "keys": "mine", "runs-on": "linux", "nothing": None},
    "braces": "{{ item }}",
    "opaque": Opaque(),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ index }}", 3),
        ("{{index}}", 3),
        ("{{ rows }}", values["rows"]),
        ("{{ rows[0] }}", {"name": "x", "n": 1}),
        ("{{ params.nothing }}", None),
        ("{{ 1 == 1 }}", True),
        ("{{ 1.0 }}", 1.0),
        ("{{ zero }}", "007"),
        ("{{ big }}", "1_000"),
        ("{{ word }}", "None"),
        ("{{ braces }}", "{{ item }}"),
        (" {{ index }}", " 3"),
        ("{{ index }}\n", "3\n"),
        ("{{ index }}{{ index }}", "33"),
        ("{{ item }}-{{ index }}.jpg", "a b-3.jpg"),
        ("{{ true }}, {{ 1.0 }}, {{ rows }}", 'true, 1.0, [{"name":"x","n":1},{"name":"y","n":2}]'),
        ("{{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("{{ {'a': {'b': 1}}}}", {"a": {"b": 1}}),
        ("{{ '}}' }}", "}}"),
        ("{{ params.keys }}", "mine"),
        ("{{ params['runs-on'] }}", "linux"),
        ("{% raw %}{{ item }}{% endraw %}", "{{ item }}"),
        ("a {% raw %}{{{% endraw %}{{ index }}{%raw%}}}{%endraw%} b", "a {{3}} b"),
        ("line\r\nends {{ index }}\r\n", "line\r\nends 3\r\n"),
        ("${#x} {# y #} {%s} {{ index }}", "${#x} {# y #} {%s} 3"),
        (
            {"a": "{{ index }}", "b": ["{{ item }}", 1, None, True], "{{ c }}": 1},
            {"a": 3, "b": ["a b", 1, None, True], "{{ c }}": 1},
        ),
        (5, 5),
        (None, None),
        ("plain", "plain"),
        ([], []),
    ],
)
def test_a_template_gives(text: Any, value: Any) -> None:
    result = Template(text).evaluate(values)
    assert result == value
    assert type(result) is type(value)


def test_what_an_opaque_object_is_stays_its_own_affair() -> None:
    assert Template("{{ opaque }}").evaluate(values) is values["opaque"]
    assert Template({"a": ["{{ opaque }}"]}).evaluate(values)["a"][0] is values["opaque"]
    assert Template("{{ opaque | default(1) }}").evaluate(values) is values["opaque"]
    assert Template("{{ opaque if true else 1 }}").evaluate(values) is values["opaque"]
    assert Template("{{ opaque is defined and opaque is not none }}").evaluate(values) is True


def without_value() -> list[list[str]]:
    blocks = (
        Path(__file__).with_name("without_value.txt").read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    )
    return [block.split("\n") for block in blocks]


@pytest.mark.parametrize("block", without_value(), ids=lambda block: block[0])
def test_what_has_no_value_says_why(block: list[str]) -> None:
    with pytest.raises(EvaluationError) as caught:
        Template(block[0]).evaluate(values)
    hint = [f"= {caught.value.hint}"] if caught.value.hint else []
    assert [block[0], caught.value.message, *hint] == block


def test_an_error_has_its_path_in_the_value() -> None:
    with pytest.raises(EvaluationError) as caught:
        Template({"a": 1, "b": [0, {"c": "{{ nope }}"}]}).evaluate({})
    assert caught.value.path == ("b", 1, "c")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é\udc80 'x'\n", "é\udc80 'x'\n"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (10**30, "1" + "0" * 30),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (1e22, "1e+22"),
        ([], "[]"),
        ([1, None, "é"], '[1,null,"é"]'),
        ({"a": [True, {}]}, '{"a":[true,{}]}'),
    ],
)
def test_the_text_rule(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [None, "a\0b", math.nan, math.inf, [math.nan], b"x", {1, 2}, [b"x"]])
def test_what_has_no_text(value: Any) -> None:
    with pytest.raises(EvaluationError):
        text_of(value)


@pytest.mark.parametrize(
    ("text", "decided"),
    [("index == 3", True), ("{{ index == 3 }}", True), (" {{ index > 3 }} ", False), ("always()", True)],
)
def test_a_condition_is_a_bare_expression(text: str, decided: bool) -> None:
    assert Template(text, condition=True).evaluate(values) is decided


def test_a_condition_may_be_a_plain_bool() -> None:
    assert Template(False, condition=True).evaluate({}) is False


@pytest.mark.parametrize(
    ("text", "what"),
    [("item", "the text 'a b'"), ("index", "the number 3"), ("rows", "a list of 2 elements")],
)
def test_a_condition_that_gives_no_bool_is_an_error(text: str, what: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        Template(text, condition=True).evaluate(values)
    assert str(caught.value) == f"a condition gives true or false, and this is {what}, in `{text}`"


def test_status_functions_tell_what_is_hidden_in_the_values() -> None:
    hidden = {"__success__": False, "__failure__": True}
    text = "[success(), failure(), always()]"
    assert Template("{{ " + text + " }}").evaluate(hidden) == [False, True, True]


def test_hidden_values_are_not_suggested() -> None:
    with pytest.raises(EvaluationError) as caught:
        Template("{{ zzz }}").evaluate({"__success__": True, "item": 1})
    assert caught.value.hint == "known here: item"


def test_text_is_cut_at_its_holes() -> None:
    assert split("echo {{ a }}{% raw %}{{b}}{% endraw %}{{ '}}' ~ {'c': {}} }}!") == [
        Literal("echo ", 0),
        Hole(" a ", 5, 12),
        Literal("{{b}}", 21),
        Hole(" '}}' ~ {'c': {}} ", 38, 60),
        Literal("!", 60),
    ]


def test_an_unclosed_hole_takes_the_rest() -> None:
    assert split("a {{ b") == [Literal("a ", 0), Hole(" b", 2, 6)]


@pytest.mark.parametrize(
    ("source", "verbatim"),
    [
        ("x | verbatim", True),
        ("x|upper|verbatim", True),
        ("x | verbatim | upper", False),
        ("'verbatim'", False),
        ("x |", False),
    ],
)
def test_verbatim_is_the_last_filter(source: str, verbatim: bool) -> None:
    assert has_verbatim(source) is verbatim


def test_a_key_with_a_dot_is_no_attribute_of_elements() -> None:
    with pytest.raises(EvaluationError) as caught:
        Template("{{ rows | map(attribute='a.b') | list }}").evaluate({"rows": [{"a.b": 1}]})
    assert (caught.value.message, caught.value.hint) == (
        "`map`: an element has no 'a.b', in `rows | map(attribute='a.b') | list`",
        "a dot goes into an element; of this key a `map` with item['a.b'] makes a list",
    )
