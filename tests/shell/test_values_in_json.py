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
