"""What is wrong with an expression is said before anything runs: where, what, and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.expression import EvaluationError, Template

folder = Path(__file__).parent


def blocks(name: str) -> list[str]:
    return folder.joinpath(name).read_text(encoding="utf-8").rstrip("\n").split("\n\n")


def told(text: str, *, condition: bool = False) -> str:
    """The text with its faults marked, in the form of `mistakes.txt`."""
    lines = [text]
    for fault in Template(text, condition=condition).check():
        lines += [" " * fault.offset + "^" * fault.length, f"{fault.message} [{fault.code}]"]
        lines += [f"= {fault.hint}"] if fault.hint else []
    return "\n".join(lines)


def first_line(block: str) -> str:
    return block.split("\n", maxsplit=1)[0]


@pytest.mark.parametrize("block", blocks("mistakes.txt"), ids=first_line)
def test_a_mistake_is_marked_explained_and_answered(block: str) -> None:
    assert told(first_line(block)) == block


@pytest.mark.parametrize("block", blocks("mistakes_of_conditions.txt"), ids=first_line)
def test_a_mistake_in_a_condition_is_marked_explained_and_answered(block: str) -> None:
    assert told(first_line(block), condition=True) == block


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_condition_is_a_mistake(text: str) -> None:
    assert [fault.message for fault in Template(text, condition=True).check()] == [
        "there is no expression here"
    ]


def test_a_mistake_has_its_path_in_the_value() -> None:
    template = Template({"a": ["x", {"b": "{{ y | uper }}"}], "c": "{{ tasks }}"})
    assert [(fault.path, fault.offset) for fault in template.check()] == [(("a", 1, "b"), 7), (("c",), 3)]


@pytest.mark.parametrize(
    "text",
    ["{{ a.if }}", "{{ a.b | default('c') }}", "{{ a['x-y'].z }}", "${#name}", "{# no comment #}", "{%Y-%m}"],
)
def test_nothing_is_told_where_nothing_is_wrong(text: str) -> None:
    assert told(text) == text


unreadable = [block for block in blocks("mistakes.txt") if block.split("\n")[2].endswith("[bad-expression]")]


@pytest.mark.parametrize("block", unreadable, ids=first_line)
def test_what_cannot_be_read_cannot_be_evaluated(block: str) -> None:
    message = block.split("\n")[2].removesuffix(" [bad-expression]")
    with pytest.raises(EvaluationError) as caught:
        Template(first_line(block)).evaluate({"x": "x", "a": "a"})
    assert caught.value.message.startswith(f"{message}, in ")


@pytest.mark.parametrize(
    "call", ["x.format(1)", "x.__class__()", "x.items()", "x | attr('a')", "eval('1')", "x is callable"]
)
def test_what_is_unknown_cannot_be_evaluated(call: str) -> None:
    with pytest.raises(EvaluationError, match=r"there is no (method|filter|function|test) "):
        Template("{{ " + call + " }}").evaluate({"x": "{}"})
