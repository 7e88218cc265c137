"""Templates for many items, in many threads, across processes."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from runner.expression import EvaluationError, Template


def each(*items: Any) -> list[dict[str, Any]]:
    return [{"item": item, "index": index} for index, item in enumerate(items)]


def test_a_slice_gives_a_value_for_each_item() -> None:
    template = Template({"a": "{{ item }}", "b": "{{ params.x }}-{{ index }}", "c": 1})
    assert template.evaluate_each({"params": {"x": "y"}}, each("p", None)) == [
        {"a": "p", "b": "y-0", "c": 1},
        {"a": None, "b": "y-1", "c": 1},
    ]


def test_an_item_without_a_value_leaves_the_others_alone() -> None:
    good, bad, last = Template({"k": ["{{ item | upper }}"]}).evaluate_each({}, each("a", None, "b"))
    assert (good, last) == ({"k": ["A"]}, {"k": ["B"]})
    assert isinstance(bad, EvaluationError)
    assert bad.path == ("k", 0)
    assert str(bad).startswith("`upper`: the value is None, which has no text, in `item | upper`")


def test_a_text_of_several_parts_says_for_which_items_one_of_them_has_none() -> None:
    template = Template("{{ item | lower }}-{{ item }}-{{ index }}")
    results = template.evaluate_each({}, each("A", None, "b\0", "C", 7))
    assert list(map(str, results)) == [
        "a-A-0",
        "`lower`: the value is None, which has no text, in `item | lower`"
        " (`| default('…', true)` gives it one)",
        "the text holds a NUL character, which no command can be given, in `item | lower`",
        "c-C-3",
        "7-7-4",
    ]


def test_what_has_no_value_for_any_item_says_so_for_each_with_its_place() -> None:
    template = Template({"a": {"b": "{{ params.y }}", "c": "{{ item.z }}"}})
    results = template.evaluate_each({"params": {"x": 1}}, each("p", "q"))
    assert [(result.path, str(result)) for result in results] == [
        (("a", "b"), "`params` has no 'y', in `params.y` (it has: x)")
    ] * 2


def test_of_several_parts_without_a_value_the_first_one_is_told() -> None:
    template = Template({"a": "{{ item.x }}", "b": "{{ item.y }}"})
    results = template.evaluate_each({}, each({"x": 1, "y": 2}, {"x": 1}, {"y": 2}, {}))
    assert results[0] == {"a": 1, "b": 2}
    assert [result.path for result in results[1:]] == [("b",), ("a",), ("a",)]


def test_a_name_that_is_not_there_is_told_for_each_item() -> None:
    results = Template("{{ itme }}").evaluate_each({"params": {}}, each(1, 2))
    assert [str(result) for result in results] == ["`itme` is not defined (did you mean 'item'?)"] * 2


def test_a_text_that_cannot_be_read_has_no_value_for_any_item() -> None:
    template = Template("{% if x %}{{ item }}")
    with pytest.raises(EvaluationError) as caught:
        template.evaluate({"item": 1})
    assert [str(result) for result in template.evaluate_each({}, each(1, 2))] == [str(caught.value)] * 2


def test_the_names_of_the_item_come_first_and_stay_with_it() -> None:
    shared = {"item": "outer", "index": -1}
    assert Template("{{ item }}{{ index }}").evaluate_each(shared, each("a", "b")) == ["a0", "b1"]
    assert shared == {"item": "outer", "index": -1}


def test_a_literal_is_given_for_each_item() -> None:
    assert Template([1, "x"]).evaluate_each({}, each(1, 2)) == [[1, "x"], [1, "x"]]
    assert Template([1]).evaluate_each({}, []) == Template("{{ item }}").evaluate_each({}, []) == []


def test_each_item_has_a_budget_of_its_own() -> None:
    results = Template("{{ (item * 900000) | length }}").evaluate_each({}, each("a", "b", "c"))
    assert results == [900_000] * 3


@pytest.mark.parametrize("value", ["a", "{{ item }}", {"a": ["{{ index }}"]}, None])
def test_a_template_pickles(value: Any) -> None:
    template = Template(value, lazy=True)
    template.evaluate({"item": 1, "index": 2})
    copy = pickle.loads(pickle.dumps(template))
    assert (copy.value, copy.lazy, copy.condition, copy.literal) == (value, True, False, template.literal)
    assert copy.evaluate({"item": 1, "index": 2}) == template.evaluate({"item": 1, "index": 2})


def test_a_condition_pickles() -> None:
    copy = pickle.loads(pickle.dumps(Template("index == 2", condition=True)))
    assert copy.evaluate({"index": 2}) is True


def test_an_error_pickles() -> None:
    with pytest.raises(EvaluationError) as caught:
        Template({"a": "{{ item.nmae }}"}).evaluate({"item": {"name": 1}})
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.path) == ("`item` has no 'nmae', in `item.nmae` (did you mean 'name'?)", ("a",))
    source = pickle.loads(pickle.dumps(caught.value.__context__))
    assert str(source) == "`item` has no 'nmae' (did you mean 'name'?)"


def test_templates_are_different_though_equal() -> None:
    assert Template("a") != Template("a")
    assert len({Template("a"), Template("a")}) == 2


def test_a_value_in_the_data_is_never_evaluated() -> None:
    hostile = "{{ 1 + 1 }}{% raw %}"
    assert Template("{{ item }}").evaluate({"item": hostile}) == hostile
    assert Template("x{{ item }}").evaluate({"item": hostile}) == "x" + hostile


def test_many_threads_share_a_template() -> None:
    template = Template("{{ (item * 700000) | length }}-{{ item | default(nope | default('x')) }}")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda item: template.evaluate({"item": item}), "abcdefgh" * 4))
    assert results == [f"700000-{letter}" for letter in "abcdefgh" * 4]


def test_thousands_of_templates_are_compiled_only_when_asked() -> None:
    script = (
        "import sys\n"
        "from runner.expression import Template\n"
        "kept = [Template('{{ a }} ' + str(n)) for n in range(20000)]\n"
        "from runner.expression import compilation\n"
        "print(compilation._text_function.cache_info().currsize)\n"
        "print('jinja2' in sys.modules, 'inspect' in sys.modules and 'pydantic' in sys.modules)\n"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output == "0\nFalse False\n"
