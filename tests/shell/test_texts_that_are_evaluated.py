"""A text that `eval` or `trap` runs may name variables of the script as data, not as what it runs itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import faults, runs_the_value

_refused = [
    "y={{ x }}; eval 'eval \"$y\"'",
    'y={{ x }}; eval "eval \\"\\$y\\""',
    "y={{ x }}; eval 'sh -c \"echo $y\"'",
    "y={{ x }}; eval 'echo \"echo $y\" | sh'",
    "y={{ x }}; eval 'echo $((y))'",
    'y={{ x }}; c=\'eval "echo $y"\'; eval "$c"',
    'y={{ x }}; c=\'eval "echo $y"\'; d=\'eval "$c"\'; eval "$d"',
    'y={{ x }}; c=\'eval "echo $y"\'; trap "$c" EXIT',
    'f() { eval "$1"; }; y={{ x }}; f \'eval "echo $y"\'',
    'f() { eval "$1"; }; f \'eval "echo $2"\' {{ x }}',
    'f() { eval "$@"; }; y={{ x }}; f eval \'"echo $y"\'',
    'g() { f "$1"; }; f() { eval "$1"; }; y={{ x }}; g \'sh -c "echo $y"\'',
    'f() { eval "echo $1"; }; y={{ x }}; eval \'f "$y"\'',
    'f() { shift; eval "$1"; }; y={{ x }}; f a \'eval "echo $y"\'',
    "set -- {{ x }}; eval 'eval \"echo $1\"'",
    'y={{ x }}; eval \'c="echo $y"\'; eval "$c"',
]


@pytest.mark.parametrize("script", _refused)
def test_a_text_that_would_run_a_variable_is_refused(script: str, tmp_path: Path) -> None:
    assert faults(script, "bash")
    by_hand = script.replace("{{ x }}", '"a[$V]"' if "((" in script else '"$V"')
    assert runs_the_value(by_hand, tmp_path)


@pytest.mark.parametrize(
    "script",
    [
        'y={{ x }}; eval \'echo "$y"\'; eval "printf %s \\"\\$y\\""',
        'y={{ x }}; c=\'echo "$y"\'; eval "$c"; d=\'eval "$c"\'; eval "$d"; trap "$c" EXIT',
        'f() { eval "$1"; }; y={{ x }}; f \'curl "$y" -o "$2"\' {{ x }}',
        'f() { echo "$1"; }; y={{ x }}; eval \'f "$y"\'',
        "y={{ x }}; eval 'c=$y n=$((n + 1))'; echo \"$c\" $((n))",
        'retry() { for i in 1 2; do eval "$1" && return; done; }; y={{ x }}; retry \'cp -- "$y" out\'',
        "y={{ x }}; eval \"$(ssh-agent -s)\"; eval 'case $y in a) echo b;; esac'",
        "y={{ x }}; eval 'sh -c '\\''wc \"$1\"'\\'' sh \"$y\"'",
    ],
)
def test_a_text_that_takes_variables_as_data_is_accepted(script: str) -> None:
    assert faults(script, "bash") == []


def test_it_is_told_which_variable_a_text_would_run() -> None:
    (fault,) = faults('f() { eval "$1"; }; y={{ x }}; f \'eval "$y"\'', "bash")
    assert (
        fault.message
        == "`eval` or `trap` is given a text that names the variable `y`, and would run this value there"
    )
    assert fault.hint == 'let the text take it as an argument: echo "$y", sh -c \'… "$1" …\' sh "$y"'
