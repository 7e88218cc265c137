"""Subscripts: arithmetic, lengths, and the keys of arrays that a branch or a loop declares."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import bash, faults, hostile, run

sound = [
    "stack=(a {{ x }}); unset 'stack[${#stack[@]}-1]'; printf '%s' \"${#stack[@]}\" {{ x }}",
    'a=({{ x }}); i=2; printf \'%s\' "${#a[@]}" "${a[$i - 2]}"',
    "a=(a {{ x }}); printf '%s' 1 \"${a[ 0 + 1 ]}\"",
    'if true; then\n  declare -A m\n  m[{{ x }}]=1\n  printf \'%s\' "${#m[@]}" "${!m[@]}"\nfi',
    "for i in 1; do declare -A m; if [ $i ]; then m[{{ x }}]=1; fi; printf '%s' $i \"${!m[@]}\"; done",
    "case a in a) declare -A m; m[{{ x }}]=1; printf '%s' 1 \"${!m[@]}\";; esac",
    "(declare -A m; m[{{ x }}]=1; printf '%s' 1 \"${!m[@]}\")",
    "if false; then :; else declare -A m=(); k={{ x }}; m[$k]=1; printf '%s' 1 \"${!m[@]}\"; fi",
    "f() { if true; then local -A m; m[$1]=1; printf '%s' 1 \"${!m[@]}\"; fi; }; f {{ x }}",
]


@pytest.mark.parametrize("script", sound)
def test_a_value_is_data_beside_lengths_blanks_and_declared_keys(script: str, tmp_path: Path) -> None:
    for value in filter(None, hostile):
        done = run(bash, script, {"x": value}, tmp_path)
        assert (done.output, done.left) == (b"1" + value.encode(errors="surrogateescape"), ()), value


@pytest.mark.parametrize(
    "script",
    [
        "stack=(a {{ x }}); unset 'stack[${stack[1]}-1]'",
        "stack=(a {{ x }}); unset 'stack[stack[1]-1]'",
        'a=(1 2); i={{ x }}; echo "${a[i + 1]}"',
        'a=(1 2); echo "${a[{{ x }} + 1]}"',
        "if true; then declare -A m; else m[{{ x }}]=1; fi",
        "if a; then declare -A m; elif b; then m[{{ x }}]=1; fi",
        "for i in; do declare -A m; done; m[{{ x }}]=1",
        "case a in b) declare -A m;; a) m[{{ x }}]=1;; esac",
        "(declare -A m); m[{{ x }}]=1",
        "{ declare -A m | cat; m[{{ x }}]=1; }",
        "if true; then a || declare -A m; m[{{ x }}]=1; fi",
        "if true; then m=(); declare -A m; m[{{ x }}]=1; fi",
        "if true; then declare -A m; f() { m[{{ x }}]=1; }; fi; g() { local m; f; }; g",
    ],
)
def test_what_may_be_arithmetic_takes_no_value(script: str) -> None:
    assert {fault.code for fault in faults(script, "bash")} == {"unsound-place"}


def test_where_the_declaration_does_not_count_it_is_told() -> None:
    [fault] = faults("if a; then declare -A m; fi; m[{{ x }}]=1", "bash")
    assert fault.hint == "say `declare -A m` before, outside of every branch, loop and `( )` that ends before"
