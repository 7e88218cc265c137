"""A short text cannot ask for a long wait or a large memory: when it is checked, nor when it is evaluated."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.expression import EvaluationError, Template
from runner.expression.holes import Hole, split

memory = 256 * 1024 * 1024
"""Bytes of address space that all the attacks of a test may use together, the interpreter included."""
seconds = 30
"""Of processor time, likewise."""

script = """
import json, sys
from runner.expression import EvaluationError, Template
text = 'ab c<&"\\\\\\'\\n' * 1000
values = {"t": text, "l": list(range(1000)), "__folder__": "/"}
for source in json.load(sys.stdin):
    template = Template(source)
    checked = [fault.message for fault in template.check()]
    try:
        told = type(template.evaluate(values)).__name__
    except EvaluationError as error:
        told = error.message
    print(json.dumps([checked, told]))
"""


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def outcomes(texts: list[str]) -> list[tuple[list[str], str]]:
    """Of each text, what `check` says and what evaluation says, in one small process."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        preexec_fn=limited,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines: list[Any] = [json.loads(line) for line in done.stdout.splitlines()]
    return [(checked, told) for checked, told in lines]


too_much = "the expression would make more than 1,000,000 characters or elements"
too_large = "the result would be a number of thousands of digits"
too_deep = "the expression is nested deeper than 64 levels"

constant = {
    "(9**999)**999": too_large,
    "9**9**9**9**9": too_large,
    "10**3000 * 10**3000": too_large,
    "'a' * 10**8": too_much,
    "10**8 * 'a'": too_much,
    "[0] * 10**8": too_much,
    "('a' * 1000) * 1000 * 1000": too_much,
    "[[[0] * 1000] * 1000] * 1000": too_much,
    "'%100000000d' % 5": too_much,
    "'%.100000000f' % 5": too_much,
    "'%(a)099999999d' % {'a': 5}": too_much,
    "('%(a)s' * 10000) % {'a': 'x' * 10000}": too_much,
    "'%099999999d' | format(3)": too_much,
    "'%*d' % (99999999, 5)": "a width of * is not supported",
    "'x' | center(10**9)": too_much,
    "'x\\ny' | indent(10**9)": too_much,
    "'x\\ny' | indent('z' * 900000)": too_much,
    "'aa'" + ".replace('a', 'aaaaaaaaaa')" * 10: too_much,
    "'aa'" + " | replace('', 'aaaaaaaaaa')" * 10: too_much,
    "range(10**12) | list": too_much,
    "range(10**12) | sum": too_much,
    "range(10**30)": too_much,
    "range(10**7) | map('string') | list": too_much,
    "range(900000) | map('center', 900000)": too_much,
    "[1] | slice(10**9)": too_much,
    "[1] | batch(10**9, 'x')": too_much,
    "range(1000) | batch(1) | map('batch', 100000, 'x')": too_much,
    "range(500) | join('x' * 900000)": too_much,
    "('a b ' * 1000) | wordwrap(1, true, 'x' * 90000)": too_much,
    "'\\\\'" + " | json" * 60: too_much,
    "'<'" + " | e" * 60 + " * 100000": too_much,
    "5 | round(10**9)": "the precision of round lies between -300 and 300",
    "5 | round(10**9, 'ceil')": "the precision of round lies between -300 and 300",
    "('[' * 100000) | from_json": "the JSON is nested too deeply",
    "('[' * 100000) | from_yaml": "nested more than 100 deep",
    "(" * 5000 + "1" + ")" * 5000: too_deep,
    "[" * 5000 + "]" * 5000: too_deep,
    "{'a':" * 5000 + "1" + "}" * 5000: too_deep,
    "not " * 5000 + "t": too_deep,
    "-" * 5000 + "1": too_deep,
    "t" + " | upper" * 5000: too_deep,
    "t" + ".a" * 5000: too_deep,
    "l" + "[0]" * 5000: too_deep,
    "1 if 1 else " * 5000 + "2": too_deep,
    "1 if " * 5000 + "2": too_deep,
    "t is " * 5000 + "none": too_deep,
    "9" * 10000: "this number has too many digits",
    "[" + "1," * 60000 + "]": "the expression is longer than 100,000 characters",
    "1e999": "this number is too large",
}


@pytest.fixture(scope="module")
def of_constants() -> dict[str, tuple[list[str], str]]:
    texts = [f"{{{{ {expression} }}}}" for expression in constant]
    return dict(zip(constant, outcomes(texts), strict=True))


@pytest.mark.parametrize(("expression", "message"), constant.items(), ids=lambda it: it[:40])
def test_a_bomb_of_constants_is_refused_when_checked_and_when_evaluated(
    of_constants: dict[str, tuple[list[str], str]], expression: str, message: str
) -> None:
    checked, told = of_constants[expression]
    assert len(checked) == 1
    assert message in checked[0]
    assert message in told


with_values = {
    "t | replace('', 'x' * 900)": too_much,
    "t.replace('', 'x' * 900)": too_much,
    "t" + " | json" * 60: too_much,
    "[l] * 10000": too_much,
    "l | map('center', 10000)": too_much,
    "l | join('x' * 10000)": too_much,
    "t | wordwrap(1, true, 'x' * 90000)": too_much,
    "t | urlencode" + " | urlencode" * 60: too_much,
    "l | batch(1) | map('batch', 10000, t)": too_much,
    "l[0] + 2 ** 99999": too_large,
}


def test_a_bomb_that_needs_values_is_refused_when_evaluated() -> None:
    texts = [f"{{{{ {expression} }}}}" for expression in with_values]
    for (_, told), message, text in zip(outcomes(texts), with_values.values(), texts, strict=True):
        assert message in told, text


harmless = {
    "'+'.join": "1" + " + 1" * 20000,
    "~": "t" + " ~ t" * 3000,
    "and": "t" + " and t" * 10000,
    "escapes": "('<!--' * 100000) | striptags | length",
    "angles": "('<' * 900000) | striptags | length",
    "digits": "('9' * 900000) | int(0)",
    "hexadecimal": "('f' * 900000) | int(0, base=16)",
    "words": "('a ' * 400000) | title | wordcount",
    "elements": "range(300000) | map('string') | sort | unique | list | length",
    "text": "'" + "\\\\" * 40000 + "' | length",
}


def test_what_is_only_long_takes_its_time_and_no_more() -> None:
    found = outcomes([f"{{{{ {expression} }}}}" for expression in harmless.values()])
    assert [told for _, told in found] == [
        "int",
        "str",
        "str",
        "int",
        "int",
        "int",
        "int",
        "int",
        "int",
        "int",
    ]
    assert [checked for checked, _ in found] == [[]] * len(harmless)


def test_cutting_takes_time_in_proportion_to_the_text() -> None:
    pieces = [
        "{% raw %}",
        "{{ ' ",
        "{{ x ",
        "{%if ",
        "{% endraw %}",
        "{{ x }}",
        "{% if %}",
        "{",
        "{{{",
        "'\\",
        "}}",
    ]
    found = outcomes([piece * 40_000 for piece in pieces])
    assert len(found) == len(pieces)
    assert found[5] == (
        ["there are too many expressions in one text"],
        f"there are too many expressions in one text, in {'{{ x }}' * 8 + '{{ …'!r}",
    )


def test_each_expression_of_a_text_is_bounded_by_itself() -> None:
    assert len(Template("{{ 'a' * 900000 }}{{ 'b' * 900000 }}").evaluate({})) == 1_800_000


def test_data_that_is_large_already_may_be_gone_through() -> None:
    text = "line\n" * 1_000_000
    assert len(Template("{{ t.split('\n') }}").evaluate({"t": text})) == 1_000_001
    assert Template("{{ '%s' % t }}").evaluate({"t": text}) == text
    assert Template("{{ t | upper | lower }}").evaluate({"t": text}) == text
    assert len(Template("{{ [t] | json }}").evaluate({"t": text})) > len(text)
    assert Template("{{ l | sum }}").evaluate({"l": list(range(2_000_000))}) == 1_999_999_000_000


def test_a_lazy_source_has_a_budget_for_each_element() -> None:
    source = Template("{{ range(4) | map('center', 900000) }}", lazy=True).evaluate({})
    assert [len(text) for text in source] == [900_000] * 4


@given(st.text(alphabet="{}%'\" \\abx|.()[]~0+-=!raw\n", max_size=60))
def test_any_text_is_read_or_told_wrong(text: str) -> None:
    for source, condition in [(text, False), ("{{" + text + "}}", False), (text, True)]:
        template = Template(source, condition=condition)
        faults = template.check()
        assert all(0 <= fault.offset <= len(source) and fault.length > 0 for fault in faults)
        try:
            template.evaluate({"a": "x", "b": [1], "x": {"a": 1}})
        except EvaluationError as error:
            assert error.message


@given(st.text(alphabet="{}% raw'end x", max_size=40))
def test_the_parts_of_a_text_stand_where_they_say(text: str) -> None:
    for part in split(text):
        if isinstance(part, Hole):
            assert text[part.offset : part.end].startswith("{{" + part.source)
        else:
            assert text[part.offset :].startswith(part.text)
