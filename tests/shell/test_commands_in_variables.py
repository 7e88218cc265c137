"""A command that is put together in a variable: the fix that is told keeps every value one word."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, hints, hostile, nul_ended, run, shells

apart = 'keep its words apart, `{}`, and run `"$@"`'

told: list[tuple[Dialect, str, str]] = [
    ("sh", 'c="./show a {{ x }}"; $c', 'write: set -- ./show a {{ x }}; "$@"'),
    ("bash", 'c="./show a {{ x }}"; $c', 'write: c=(./show a {{ x }}); "${c[@]}"'),
    ("sh", 'c="./show a" && c="./show {{ x }}"; $c', apart.format('set -- "$@" … {{ x }} …')),
    ("bash", 'c=""\nc+=" {{ x }}"\n$c', 'keep its words apart, `c+=(… {{ x }} …)`, and run `"${c[@]}"`'),
    ("sh", 'c="./show {{ x }}"\nif true; then $c; fi', apart.format("set -- ./show {{ x }}")),
    ("sh", 'c="./show {{ x }}"; f() { $c; }; f', "write the command out where it is run: ./show {{ x }}"),
    ("sh", 'export c="./show {{ x }}"; $c', "write the command out where it is run: ./show {{ x }}"),
    ("sh", 'set -- b; c="./show {{ x }}"; $c "$1"', "write the command out where it is run: ./show {{ x }}"),
    ("sh", "c=\"./show '{{ x }}'\"; $c", apart.format("set -- … {{ x }} …")),
    ("sh", 'y={{ x }}; c="./show $y"; $c', apart.format("set -- … {{ x }} …")),
    ("sh", 'f() { $1; }; f "./show {{ x }}"',
     'give each word of the command as an argument of its own, and run "$@"'),
    ("sh", "while read -r c; do $c; done <<E\n./show {{ x }}\nE", "write the command out where it is run"),
    ("sh", "c=./{{ x }}.sh; $c", 'put double quotes around it: "$c"'),
    ("sh", "for c in {{ x }}; do $c; done", 'put double quotes around it: "$c"'),
    ("sh", "set -- ./show {{ x }}; $*", 'put double quotes around it: "$@"'),
    ("bash", "c=(./show {{ x }}); ${c[@]}", 'put double quotes around it: "${c[@]}"'),
    ("sh", 'c="{{ x }} -gt 3"; [ $c ]', "write the test out where it is asked: {{ x }} -gt 3"),
    ("sh", 'c="-n {{ x }}"; export c; test $c', "write the test out where it is asked: -n {{ x }}"),
    ("bash", "c=(./show {{ x }}); eval \"${c[@]}\"", 'run the words as they are, "${c[@]}", without `eval`'),
    ("bash", "c=(./show {{ x }}); bash -c \"${c[*]}\"",
     'run the words as they are, "${c[@]}", without `sh -c`'),
    ("sh", 'f() { eval "$*"; }; f ./show {{ x }}', 'run the words as they are, "$@", without `eval`'),
    ("sh", 'f() { eval "$@"; }; f ./show {{ x }}', 'run the words as they are, "$@", without `eval`'),
    ("sh", 'f() { sh -c "$*"; }; f ./show {{ x }}', 'run the words as they are, "$@", without `sh -c`'),
    ("sh", 'c=./{{ x }}.sh; eval "$c"', 'run it as one word, "$c", without `eval`'),
    ("sh", 'c=./{{ x }}.sh; trap "$c" EXIT', 'write: c=./{{ x }}.sh; trap \'"$c"\' EXIT'),
    ("sh", "c={{ x }}; [ $c -gt 3 ]", 'put double quotes around it: "$c"'),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "script", "hint"), told)
def test_the_fix_keeps_apart_what_was_put_together(dialect: Dialect, script: str, hint: str) -> None:
    assert hints(script, dialect) == [hint]


# What somebody writes who follows the fix; all of them show `a`, the value and `b`.
followed: list[tuple[Dialect, str]] = [
    ("sh", 'set -- ./show a {{ x }}; "$@" b'),
    ("bash", 'c=(./show a {{ x }}); "${c[@]}" b'),
    ("sh", 'set -- ./show a\nset -- "$@" {{ x }}\nif true; then "$@" b; fi'),
    ("bash", 'c=(./show a)\nc+=({{ x }})\n"${c[@]}" b'),
    ("sh", 'f() { "$@" b; }; f ./show a {{ x }}'),
    ("sh", 'f() { ./show a {{ x }} "$1"; }; f b'),
]


trials = [(one, script) for dialect, script in followed for one in shells if dialect in ("sh", one.dialect)]


@pytest.mark.parametrize(("one", "script"), trials, ids=str)
def test_a_value_of_a_command_that_is_kept_in_words_arrives_whole(
    one: Shell, script: str, tmp_path: Path
) -> None:
    show = tmp_path / "show"
    show.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    show.chmod(0o755)
    for value in hostile:
        done = run(one, script, {"x": value}, tmp_path)
        assert (done.output, done.left) == (nul_ended(["a", value, "b"]), ("show",)), value
