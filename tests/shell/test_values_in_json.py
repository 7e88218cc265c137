"""JSON in single quotes: the fix that is told gives a value whole, whatever quotes it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shell_trials import Shell, faults, hints, hostile, run, shells

rest: dict[str, Any] = {"price": "$3", "path": "a\\b`c"}
others = r""""price": "$3", "path" :"a\\b`c"}"""
scripts: list[tuple[str, Callable[[str], Any]]] = [
    ('{"name": "{{ x }}", ', lambda x: {"name": x}),
    ('{"name": "{{ x }}:{{ x }}", "n": "{{ n | int }}", ', lambda x: {"name": f"{x}:{x}", "n": "7"}),
    ('{"a": "{{ x }}", "b": "{{ x }}/{{ x }}", ', lambda x: {"a": x, "b": f"{x}/{x}"}),
    ('{"name": "$x-{{ x }}, $1", ', lambda x: {"name": f"$x-{x}, $1"}),
    (r'{"name": "a\n\"\u00e9\u0007\\{{ x }}\/{b}} {", ', lambda x: {"name": f'a\n"é\a\\{x}/{{b}}}} {{'}),
    ('{"{{ x }}-": "{{ n | int }}-{{ x }}", ', lambda x: {f"{x}-": f"7-{x}"}),
    ('{"name": ["{{ x if x else y }}"], "n": {{ n | int }}, ', lambda x: {"name": [x], "n": 7}),
    ('{"name": "{{ x | json }}", "n": {{ n | json }}, ', lambda x: {"name": x, "n": 7}),
]


@pytest.mark.parametrize(
    ("prints", "script", "meant"), [("printf %s", *one) for one in scripts] + [("echo", *scripts[0])]
)
@pytest.mark.parametrize("one", shells, ids=str)
def test_the_fix_for_json_in_single_quotes_gives_the_value_whole(
    one: Shell, prints: str, script: str, meant: Callable[[str], Any], tmp_path: Path
) -> None:
    (fixed,) = set(hints(f"{prints} '{script}{others}'", one.dialect))
    for value in hostile:
        values = {"x": value, "n": 7, "y": ""}
        text = run(one, fixed.removeprefix("write: "), values, tmp_path).output
        assert json.loads(text.decode("utf-8", "surrogateescape")) == meant(value) | rest, value


formats = [
    r"""printf '{"a": "{{ x }}", "b": "c"}\n\n'""",
    r"""printf '{"a": "{{ x }}", "b": "%s"}' c""",
    r"""printf -- '{"a": "{{ x }}", "b": "%s"}\n' "c" """,
]


@pytest.mark.parametrize("script", formats)
@pytest.mark.parametrize("one", shells, ids=str)
def test_json_in_the_format_of_printf_takes_the_value_as_an_argument(
    one: Shell, script: str, tmp_path: Path
) -> None:
    (fault,) = faults(script, one.dialect)
    for value in hostile:
        text = run(one, fault.hint.removeprefix("write: "), {"x": value}, tmp_path).output
        assert json.loads(text.decode("utf-8", "surrogateescape")) == {"a": value, "b": "c"}, value


double = 'use double quotes, with a backslash before each `"` and `$` of your own'
unread = ", and in JSON {{ … | json }}, without quotes, for a whole string"
as_json = ", and {{ x | json }} instead of {{ x }}; for text that is JSON itself, `| from_json | json`"


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ('{"a": {{ x }}}', as_json),
        ('{"a": "{{ x }}"', unread),
        ('{"a": "{{ x | verbatim }}{{ x }}"}', unread),
        ('{"a": "\\u00{{ x }}"}', unread),
        ('{"a": -{{ x }}}', as_json),
        ('{"a": "{{ [x] }}"}', ", and {{ [x] | json }} instead of \"{{ [x] }}\""),
        ('", "b": "{{ x }}"}', unread),
    ],
)  # fmt: skip
def test_where_it_is_not_sure_what_is_meant_no_line_is_written_out(text: str, instead: str) -> None:
    assert hints(f"printf %s '{text}'", "sh") == [double + instead]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("x-{{ x }}", "('x-' ~ x)"),
        ("{{ x }}, $1", "(x ~ ', $1')"),
        ("a {{ x | trim }} b", "('a ' ~ x | trim ~ ' b')"),
        ("a {{ x if y else z }}", "('a ' ~ (x if y else z))"),
        ("{{ params.x }}", "params.x"),
        ("{{ x }}", "(x ~ '')"),
        ("{{ params.x }}:{{ params.n }}", "(params.x ~ ':' ~ params.n)"),
    ],
)
def test_text_around_a_value_in_a_string_of_json_goes_into_the_expression(text: str, instead: str) -> None:
    script = f"""printf %s '{{"n": {{{{ n | int | verbatim }}}}, "m": {{{{ params.n }}}}, "a": "{text}"}}'"""
    types = {"params.x": "str", "params.n": "int"}
    number = "{{ n | int | verbatim }}"
    line = (
        f'printf %s "{{\\"n\\": {number}, \\"m\\": {{{{ params.n }}}}, \\"a\\": {{{{ {instead} | json }}}}}}"'
    )
    assert set(hints(script, "sh", types)) == {f"write: {line}"}


def test_a_heredoc_of_json_is_told_the_same() -> None:
    (fault,) = faults("""cat <<'E'\n{"a": "x-{{ x }}"}\nE""", "sh")
    assert fault.hint == """write: cat <<E, and {{ ('x-' ~ x) | json }} instead of "x-{{ x }}\""""
    (fault,) = faults("""cat <<'E'\n{"a": "{{ x }}"}\n{"a": "b"}\nE""", "sh")
    assert fault.hint == (
        "write its delimiter without quotes, and in JSON {{ … | json }}, without quotes, for a whole string"
    )
