"""JSON in single quotes: the fix that is told gives a value whole, whatever quotes it has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell_trials import Shell, faults, hostile, run, shells

scripts = [
    """printf %s '{"name": "{{ x }}", "price": "$3", "path": "a\\\\b`c"}'""",
    """printf %s '[1, {"name":"{{ x ~ '' }}","price": "$3", "path" :"a\\\\b`c"}]'""",
]


@pytest.mark.parametrize("script", scripts)
@pytest.mark.parametrize("one", shells, ids=str)
def test_the_fix_for_json_in_single_quotes_gives_the_value_whole(
    one: Shell, script: str, tmp_path: Path
) -> None:
    (fault,) = faults(script, one.dialect)
    fixed = fault.hint.removeprefix("write: ")
    for value in hostile:
        text = run(one, fixed, {"x": value}, tmp_path).output.decode("utf-8", "surrogateescape")
        given = json.loads(text)
        told = given[1] if isinstance(given, list) else given
        assert told == {"name": value, "price": "$3", "path": "a\\b`c"}, value


glued = [
    """printf %s '{"name": "{{ x }}-{{ n | int }}", "n": {{ n | int }}, "at": "b c"}'""",
    """printf %s '{"{{ x }}": "b c"}'""",
    """printf %s '{"name": "a\\n{{ x }}"}'""",
]


@pytest.mark.parametrize("script", glued)
def test_a_string_that_is_no_plain_text_around_one_value_keeps_its_quotes(script: str) -> None:
    assert "json" not in faults(script, "sh")[0].hint


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("x-{{ x }}", "('x-' ~ x)"),
        ("{{ x }}, $1", "(x ~ ', $1')"),
        ("a {{ x | trim }} b", "('a ' ~ x | trim ~ ' b')"),
        ("a {{ x if y else z }}", "('a ' ~ (x if y else z))"),
    ],
)
def test_text_around_a_value_in_a_string_of_json_goes_into_the_expression(text: str, instead: str) -> None:
    (fault,) = faults(f"""printf %s '{{"n": {{{{ n | int | verbatim }}}}, "a": "{text}"}}'""", "sh")
    number = "{{ n | int | verbatim }}"
    assert fault.hint == f'write: printf %s "{{\\"n\\": {number}, \\"a\\": {{{{ {instead} | json }}}}}}"'


@pytest.mark.parametrize("one", shells, ids=str)
def test_a_value_with_text_around_it_arrives_whole_in_json(one: Shell, tmp_path: Path) -> None:
    (fault,) = faults("""printf %s '{"at": "b $c", "a": "x-{{ x }}, $1"}'""", one.dialect)
    for value in hostile:
        text = run(one, fault.hint.removeprefix("write: "), {"x": value}, tmp_path).output
        told = json.loads(text.decode("utf-8", "surrogateescape"))
        assert told == {"at": "b $c", "a": f"x-{value}, $1"}, value


def test_a_heredoc_of_json_is_told_the_same() -> None:
    (fault,) = faults("""cat <<'E'\n{"a": "x-{{ x }}"}\nE""", "sh")
    assert fault.hint == """write: cat <<E, and {{ ('x-' ~ x) | json }} instead of "x-{{ x }}\""""
