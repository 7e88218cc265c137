"""The syntax is Jinja2's: what Jinja reads is read, and gives the same."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined, TemplateSyntaxError

from runner.expression import EvaluationError, Template


class Missing(StrictUndefined):
    """Jinja's strict undefined, of which `default` forgives attributes too, as ours does."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return super().__getattr__(name) if name.startswith("__") else self

    def __getitem__(self, key: object) -> Any:
        return self


environment = Environment(undefined=Missing, optimized=False)

names: dict[str, Any] = {
    "n": 7,
    "x": -2.5,
    "t": "Ab c",
    "yes": True,
    "l": [3, 1, 2],
    "words": ["b", "A", "a"],
    "d": {"k": "v", "n": 1, "items": 5},
    "rows": [{"a": 2, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "z"}],
}


def plain(value: Any) -> Any:
    """A value as JSON would give it back: tuples and generators are lists."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, str | int | float | None):
        return value
    return [plain(part) for part in value]


def by_jinja(expression: str) -> Any:
    function = environment.compile_expression(expression, undefined_to_none=False)
    value = function(**names)
    return str(value) if isinstance(value, StrictUndefined) else plain(value)


def ours(expression: str) -> Any:
    return Template("{{ " + expression + " }}").evaluate(names)


everyday = """
1 + 2 * 3 - 4 / 2
7 // 2, 7 % 3
2 ** 3 ** 2
-2 ** 2
- n | abs
not n == 7 and yes
not (n == 7 and yes)
n > 3 > 1
1 < 2 == 2
n in l or 3 in l
n not in l
'a' in t, 'k' in d
t ~ n ~ x
'a' 'b' "c"
'it\\'s \\x41 \\u00e9 \\n \\\\ \\q'
[1, 2, 3,]
(1, 2)
(1,)
()
{'a': 1, 'b': [2, {'c': 3}]}
{'a': {'b': {'c': 1}}}.a.b.c
d.k, d['k']
l[0], l[-1], l[1:], l[:2], l[::2], l[::-1], l[1:2]
l.0, rows.0.a
rows[0].a, rows[0]['b']
t[0], t[1:3]
'a' if yes else 'b'
'a' if n > 9 else 'b' if n > 8 else 'c'
t.lower().replace(' ', '-').split('-')
t.startswith('A') and t.endswith('c')
t.removeprefix('A').removesuffix('c').strip()
t | upper, t | lower, t | title, t | capitalize, t | length
t | replace('b', 'x') | trim
' a ' | trim, 'xax' | trim('x')
'%s-%03d-%.2f' % (t, n, x)
'%s' % t
'%s and %s' | format(t, n)
'%(a)s' | format(a=n)
'%(k)s' % d
l | sort, l | sort(reverse=true), l | first, l | last, l | min, l | max, l | sum
rows | sort(attribute='a,b') | map(attribute='b') | list
rows | map(attribute='a') | unique | list
rows | sum(attribute='a')
rows | selectattr('a', 'equalto', 2) | map(attribute='b') | join(', ')
rows | rejectattr('a', '==', 2) | list
rows | map(attribute='c', default='none') | list
l | select('odd') | list, l | reject('odd') | list, l | select('gt', 1) | list, l | select('in', [1]) | list
words | map('upper') | list
words | join('-'), l | join, rows | join(',', attribute='b')
l | batch(2) | list, l | batch(2, 0) | list, l | slice(2) | list, l | slice(2, 0) | list
l | reverse | list, t | reverse
d | items | list, d | dictsort(by='value') if false else 0
{'b': 1, 'a': 2} | dictsort, {'b': 1, 'a': 2} | dictsort(by="value")
{'b': 1, 'a': 2} | dictsort(reverse=true)
d | list, t | list, d | length
nope | default('x'), d.nope | default('x'), '' | default('x'), '' | default('x', true), nope | d(3)
nope is defined, nope is undefined, d.k is defined, d.nope is defined
n is number, t is string, d is mapping, l is sequence, l is iterable, yes is boolean, n is integer, x is float
none is none, n is not none, yes is true, false is false
n is odd, n is divisibleby 7, n is divisibleby(2), n is even
n is gt 3, n is lessthan 3, n is eq 7, n is ne 7, n is ge 7, n is le 7, n is in [7]
'a' is lower, 'A' is upper
yes is sameas true
x | abs, x | round, x | round(1)
2.5 | round(0, 'ceil'), 2.5 | round(method='floor'), 42.55 | round(1, 'floor')
'12' | int, 'x' | int(0), 'x' | int(5)
'1.9' | int, '0x1f' | int(base=16), 3.9 | int, '1.5' | float, 'x' | float(2)
1234567 | filesizeformat, 1234567 | filesizeformat(true), 1 | filesizeformat, 999 | filesizeformat
t | center(10), 'a\\nb\\n\\nc' | indent(2), 'a\\nb' | indent(2, true), 'a\\n\\nb' | indent(2, false, true)
'a\\nb' | indent('> ')
'one two three four' | truncate(10), 'one two three four' | truncate(10, true), 'abc' | truncate(3)
'one two three four' | truncate(9, false, '…', 0)
'one two three' | wordwrap(5), 'one two three' | wordwrap(3, false), 'one two' | wordwrap(3, wrapstring='|')
'one two three' | wordcount
'<a href="x">b & c</a> <!-- d -->' | striptags
'a b/é?' | urlencode, {'a b': 'c&d', 'e': 1} | urlencode, [['a', 'b']] | urlencode
1_000 + 0x1f + 0b11 + 0o17 + 1e3 + 1.5e-3
range(3) | list, range(1, 9, 3) | list
true and false or true, True, False, None, none
(1 if false) is defined
1if true else 2
""".strip().splitlines()


def single(line: str) -> str:
    return f"[{line}]"


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@pytest.mark.parametrize("line", everyday)
def test_everyday_expressions_give_what_jinja_gives(line: str) -> None:
    assert ours(single(line)) == by_jinja(single(line))


@pytest.mark.parametrize(("expression", "value"), [("'<&\"\\'>' | escape", "&lt;&amp;&#34;&#39;&gt;")])
def test_escaped_text_is_plain_text(expression: str, value: str) -> None:
    assert type(ours(expression)) is str
    assert ours(expression) == value == str(by_jinja(expression))


# What is different, on purpose ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value", "of_jinja"),
    [
        ("words | sort", ["A", "a", "b"], ["A", "a", "b"]),
        ("['a', 'B'] | sort", ["B", "a"], ["a", "B"]),
        ("['a', 'A'] | unique | list", ["a", "A"], ["a"]),
        ("['b', 'A', 'C'] | max", "b", "C"),
        ("['b', 'a', 'C'] | min", "C", "a"),
        ("{'a': 1, 'B': 2} | dictsort", [["B", 2], ["a", 1]], [["a", 1], ["B", 2]]),
        ("true ~ 1.0 ~ [1, 'a']", 'true1.0[1,"a"]', "True1.0[1, 'a']"),
        ("yes | string", "true", "True"),
        ("[1, 'a'] | string", '[1,"a"]', "[1, 'a']"),
        ("'%s' % true", "true", "True"),
        ("'<' | tojson", '"<"', '"\\u003c"'),
    ],
)
def test_text_is_written_by_one_rule_and_compared_by_its_case(
    expression: str, value: Any, of_jinja: Any
) -> None:
    assert ours(expression) == value
    assert by_jinja(expression) == of_jinja


# Any expression at all -------------------------------------------------------------------------------

leaves = st.sampled_from(
    ["n", "x", "t", "yes", "l", "words", "d", "rows", "nope", "1", "2.5", "'s'", "true", "[]", "0", "''"]
)


binary = ["+", "-", "*", "/", "//", "%", "==", "!=", "<", ">=", "and", "or", "in", "not in"]
filters = ["length", "first", "last", "list", "reverse|list", "abs", "sum", "default(1)", "default('', true)"]
tests = ["defined", "none", "number", "string", "mapping", "odd", "divisibleby 2", "sequence"]
shapes = ["(not {0})", "- {0}", "({0})", "({0}).k", "({0})[0]", "({0})[1:]", "[{0}, {1}]", "{{'k': {0}}}"]
shapes += ["{0} if {1} else {2}", *(f"{{0}} {it} {{1}}" for it in binary), *(f"{{0}}|{it}" for it in filters)]
shapes += [f"({{0}} is {it})" for it in tests] + [f"({{0}} is not {it})" for it in tests]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(leaves)
    shape = draw(st.sampled_from(shapes))
    return shape.format(*(draw(expressions(depth=depth - 1)) for _ in range(3)))


def read_by_jinja(expression: str) -> bool:
    try:
        environment.parse("{{ " + expression + " }}")
    except TemplateSyntaxError:
        return False
    return True


@given(expressions().filter(read_by_jinja))
def test_whatever_has_a_value_has_the_value_of_jinja(expression: str) -> None:
    try:
        value = ours(expression)
    except EvaluationError:
        return
    other = by_jinja(expression)
    assert plain(value) == other or (isinstance(value, float) and math.isnan(value))
    assert type(value) is type(other)


@given(expressions().filter(read_by_jinja))
def test_whatever_jinja_reads_can_be_read(expression: str) -> None:
    faults = Template("{{ " + expression + " }}").check()
    assert [fault.message for fault in faults if fault.code == "bad-expression"] == []
