"""What an expression uses is read from its text, each name with its place."""

from __future__ import annotations

from typing import Any

import pytest

from runner.expression import NameUse, Reference, Template
from runner.expression.dashes import asked
from runner.expression.questions import exact_tasks_results
from runner.expression.uses import Step


def used(text: Any, *, condition: bool = False) -> list[str]:
    """Names with the attributes asked of them: `params.width`, `item`."""
    uses = Template(text, condition=condition).paths
    return [use.name if use.attribute is None else f"{use.name}.{use.attribute}" for use in uses]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("plain", set()),
        ("{{ 1 }}", set()),
        ("{{ item }}", {"item"}),
        ("{{ params.width }} {{ env['HOME'] }}", {"params", "env"}),
        ("{{ tasks.a.result[index] }}", {"tasks", "index"}),
        ("{{ lines(params.source) | map('upper') | select('in', key) }}", {"params", "key"}),
        ({"a": ["{{ b }}", {"c": "{{ d if e else [f, {'g': h}] }}"}]}, {"b", "d", "e", "f", "h"}),
        ("{% raw %}{{ item }}{% endraw %}", set()),
    ],
)
def test_names(text: Any, names: set[str]) -> None:
    assert Template(text).names == names


def test_a_condition_names_without_braces() -> None:
    assert Template("tasks.a.failed and not params.quick", condition=True).names == {"tasks", "params"}
    assert Template("a.failed", condition=False).names == set()


def test_attributes_are_read_by_dot_and_by_text_in_brackets() -> None:
    assert used("{{ params.a.b ~ params['c'] ~ params[d] ~ e.f() }}") == [
        "params.a",
        "params.c",
        "params",
        "d",
        "e",
    ]


def test_every_use_has_its_place() -> None:
    template = Template({"x": ["", "ab {{ params.width }} {{ env['B'] }}"]})
    assert template.paths == (
        NameUse("params", "width", ("x", 1), 6, 13),
        NameUse("env", "B", ("x", 1), 25, 30),
    )


def test_tasks_are_read_with_their_attribute() -> None:
    template = Template(
        [
            "{{ tasks.a.result.x[params.n]['y'] }}",
            "{{ tasks['b'].results | map(attribute=tasks.c.status) }}",
        ]
    )
    assert template.references == (
        Reference(
            "a",
            "result",
            (0,),
            9,
            11,
            (
                Step("x", 18, "tasks.a.result"),
                Step(None, 0, "tasks.a.result.x"),
                Step("y", 31, "tasks.a.result.x[params.n]"),
            ),
        ),
        Reference("b", "results", (1,), 10, 14),
        Reference("c", "status", (1,), 44, 46),
    )
    assert template.names == {"tasks", "params"}
    assert [use.name for use in template.paths] == ["params"]


def test_functions_and_filters_are_told_apart_from_names() -> None:
    template = Template("{{ lines(item) | map('upper') | first | default(glob('*')) }}")
    assert [(use.name, use.offset) for use in template.functions] == [("lines", 3), ("glob", 48)]
    assert [(use.name, use.offset) for use in template.filters] == [
        ("map", 17),
        ("first", 32),
        ("default", 40),
    ]


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("{{ x.y | default(1) }}", [True]),
        ("{{ x.y is defined }}", [True]),
        ("{{ (x.y if z else w) | d }}", [True, False, True]),
        ("{{ x.y | upper | default(1) }}", [False]),
        ("{{ 1 | default(x) }}", [False]),
        ("{{ x[y] is undefined }}", [True, False]),
    ],
)
def test_what_may_be_missing_is_marked(text: str, guarded: list[bool]) -> None:
    assert [use.guarded for use in Template(text).paths] == guarded


@pytest.mark.parametrize(
    ("text", "key", "subtracted"),
    [
        ("{{ item.runs-on }}", "item['runs-on']", "on"),
        ("{{ item.a.b-c-d }}", "item.a['b-c-d']", "c d"),
        ("{{ item['a'].b-c.d | upper }}", "item['a']['b-c']", "c.d"),
        ("{{ (a ~ b).c-d[0] + 1 }}", "(a ~ b)['c-d']", "d[0]"),
        ("{{ 2 * item.a-b ** 2 }}", "item['a-b']", "b"),
        ("{{ item.a-b-range(3) }}", "item['a-b']", "b"),
        ("{{ item.a-1-b }}", "item['a-1-b']", "b"),
        ("{{ item.a-1 }}", "item['a-1']", ""),
    ],
)
def test_a_subtraction_that_looks_like_a_key_is_noticed(text: str, key: str, subtracted: str) -> None:
    ((_, dash),) = Template(text).dashes
    assert asked(dash.target, dash.key) == key
    assert " ".join(operand.written for operand in dash.operands) == subtracted


@pytest.mark.parametrize(
    "text", ["{{ item.a - b }}", "{{ a-b }}", "{{ item.a -b }}", "{{ item.a- b }}", "{{ item.a-range(1) }}"]
)
def test_other_subtractions_are_left_alone(text: str) -> None:
    assert Template(text).dashes == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{{ item.a-b | upper }}", "b | upper"),
        ("{{ item.a-b | default(1) ~ 'x' }}", "b | default(1) ~ 'x'"),
        ("{{ 'x' ~ item.a-b }}", "'x' ~ item.a"),
        ("{{ item.a-b | int }}", ""),
        ("{{ item.a-b * 2 }}", ""),
        ("{{ (item.a-b) ~ 'x' }}", ""),
    ],
)
def test_what_is_text_before_it_is_subtracted_is_noticed(text: str, part: str) -> None:
    ((_, dash),) = Template(text).dashes
    assert dash.text == part


def test_a_function_that_is_not_called_is_noticed() -> None:
    (use,) = Template("failure", condition=True).paths
    assert (use.name, use.hint) == ("failure", "write `failure()`")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ tasks.fetch.results }}", "fetch"),
        ("{{tasks['fetch']['results']}}", "fetch"),
        ("{{ (tasks.fetch.results) }}", "fetch"),
        ("{{ tasks.fetch.result }}", None),
        ("{{ tasks.fetch.results[1:] }}", None),
        ("{{ tasks.fetch.results }} ", None),
        ("{{ other.fetch.results }}", None),
        ("tasks.fetch.results", None),
        (["{{ tasks.fetch.results }}"], None),
    ],
)
def test_exactly_the_results_of_a_task(text: Any, name: str | None) -> None:
    assert exact_tasks_results(Template(text)) == name


def test_names_are_read_where_they_can_be_although_a_part_cannot() -> None:
    assert Template("{{ a }} {{ b + }} {{ tasks.c.result }}").names == {"a", "tasks"}
