"""A value inside `[[ ]]`: the fix that is told asks of any value what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from shell_trials import bash, hints, hostile, run

types = {"params.x": "str", "params.y": "str", "params.n": "int"}
asked: list[tuple[str, str, Callable[[str], bool]]] = [
    ("[[ {{ params.x }} =~ ^[a-z]+$ ]]", "x={{ params.x }}; [[ $x =~ ^[a-z]+$ ]]",
     lambda x: re.fullmatch("[a-z]+", x) is not None),
    ("! [[ -z {{ params.x }} || {{ params.x }} == -* ]]", "x={{ params.x }}; ! [[ -z $x || $x == -* ]]",
     lambda x: x != "" and x[0] != "-"),
    ('[[ ! "{{ params.x }}" == *\\$* && -n "{{ params.y }}" ]]',
     'x={{ params.x }}; y={{ params.y }}; [[ ! "$x" == *\\$* && -n "$y" ]]', lambda x: "$" not in x),
    ("[[ b == b* && b == {{ params.x }} ]]", 'x={{ params.x }}; [[ b == b* && b == "$x" ]]',
     lambda x: x == "b"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "line", "meant"), asked)
def test_a_value_is_asked_in_a_variable(
    script: str, line: str, meant: Callable[[str], bool], tmp_path: Path
) -> None:
    assert set(hints(f"{script} && echo yes", "bash", types)) == {f"write: {line} && echo yes"}
    for value in hostile[:-9]:
        done = run(bash, f"if {line}; then echo yes; fi", {"params": {"x": value, "y": "c"}}, tmp_path)
        assert (done.output, done.left) == (b"yes\n" * meant(value), ()), value


before = "give it to a variable before, x={{ params.x }}, and write $x here"


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        ("x=3; [[ {{ params.x }} == a* ]]", before.replace("x=", "x2=").replace("$x", "$x2")),
        ("a || [[ {{ params.x }} == a* ]]", before),
        ("if a; then b\nelif [[ {{ params.x }} == a* ]]; then c; fi", before),
        ("[[ $a == b* && $a == a{{ params.x }} ]]", before),
        ("a || [[ b* == {{ params.x }} ]]", f'{before}, "$x" right of `==`'),
        ("[[ {{ params.n }} -gt 3 && a == a* ]]",
         "compare numbers in a test of their own, with `[ ]`: [ … ] && [[ … ]]"),
        ("[[ {{ params.n }} -gt 3 ]]", "write: [ {{ params.n }} -gt 3 ]"),
    ],
)  # fmt: skip
def test_where_that_may_not_be_all_it_is_told_in_words(script: str, hint: str) -> None:
    assert hints(script, "bash", types) == [hint]
