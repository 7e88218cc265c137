"""What a script gets by its environment or its input is no number and no name, as its values are none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from runner import shell

asks = [
    'unset "$Y"', 'printf -v "$Y" x', '[ -v "$Y" ]', 'test -v "$Y"', "[[ -v $Y ]]", 'a=(1); unset "a[$Y]"',
    'read -r "$Y" <<< a', 'v=$Y; unset "$v"', 'declare -n r=$Y; echo "$r"', "echo $((Y))", "declare -i n=$Y",
    'f() { local -n q=$1; echo "$q"; }; f "$Y"', 'a=(1); echo "${a[$Y]}"', "[[ $Y -gt 3 ]]", "(( Y > 3 ))",
    'echo "${!Y}"',
]  # fmt: skip


@pytest.mark.parametrize("script", asks)
def test_where_the_shell_computes_or_wants_a_name_both_are_refused(script: str, tmp_path: Path) -> None:
    assert shell.exposed(script, "bash", {"Y": "{{ x }}"})
    assert shell.fed("{{ x }}", f"read -r Y; {script}", {})
    assert shell.fed("{{ x }}", f"Y=$(cat); {script}", {})
    evil = {"PATH": os.environ["PATH"], "Y": "PATH[$(touch pwned)]"}
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env=evil, capture_output=True, check=False)
    assert os.listdir(tmp_path) == ["pwned"]


@pytest.mark.parametrize(
    "script",
    [
        'while read -r l; do n=$((n + 1)); echo "$l"; done',
        "n=$(wc -l); echo $((n + 1))",
        'read -r v; case "$v" in a) unset a ;; esac; printf -v w %s "$v"',
        'declare -A m; while read -r k; do m[$k]=1; done; echo "${#m[@]}"',
        'mapfile -t a; for i in "${!a[@]}"; do echo "${a[$i]}"; done',
    ],
)
def test_a_script_that_goes_through_its_input_is_sound(script: str) -> None:
    assert shell.fed("{{ x }}", script, {}) == []
