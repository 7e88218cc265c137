"""A value in the format of `printf`: the fix that is told makes an argument of it, in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, faults, hostile, nul_ended, run, shells

# Each prints `a`, the value and `b`, with a NUL behind each, once the fix is followed.
fixed: list[tuple[Dialect, str, str]] = [
    ("sh", r"printf 'a\0{{ x }}\0b\0'", r"""printf 'a\0%s\0b\0' "{{ x }}" """),
    ("sh", r"printf '%s\0{{ x }}\0%s\0' a b", r"""printf '%s\0%s\0%s\0' a "{{ x }}" b"""),
    ("sh", r"printf -- '%s\0{{ params.x }}\0b\0' 'a' | cat",
     r"printf -- '%s\0%s\0b\0' 'a' {{ params.x }} | cat"),
    ("bash", r"printf $'a%b{{ params.x }}%bb%b' '\0' '\0' '\0'",
     r"printf $'a%b%s%bb%b' '\0' {{ params.x }} '\0' '\0'"),
    ("bash", r"printf $'%s\\0{{ params.x }}\\0b\\0' a", r"printf $'%s\\0%s\\0b\\0' a {{ params.x }}"),
]  # fmt: skip
trials = [(one, *row) for dialect, *row in fixed for one in shells if dialect in ("sh", one.dialect)]


@pytest.mark.parametrize(("one", "script", "line"), trials, ids=str)
def test_a_value_becomes_an_argument_of_printf(one: Shell, script: str, line: str, tmp_path: Path) -> None:
    (fault,) = faults(script, one.dialect, {"params.x": "str"})
    assert fault.hint == f"write: {line.strip()}"
    for value in hostile:
        values = {"x": value, "params": {"x": value}}
        assert run(one, line, values, tmp_path).output == nul_ended(["a", value, "b"]), value


told = "write `%s` in its place, and give it as an argument: printf '… %s …' "


@pytest.mark.parametrize(
    "script",
    [
        "printf '%s: {{ params.x }}\\n'",
        "printf '%s: {{ params.x }}\\n' a b",
        "printf '%s: {{ params.x }}\\n' {{ others }}",
        "printf '%s: {{ params.x }}\\n' $a",
        "printf '%s: {{ params.x }}\\n' *",
        "printf '%*d: {{ params.x }}\\n' 3 4",
        "printf 'a{{ params.x }}'\"$b\"",
    ],
)
def test_where_the_format_takes_others_it_is_told_in_words(script: str) -> None:
    assert faults(script, "sh", {"params.x": "str"})[0].hint == told + "{{ params.x }}"
