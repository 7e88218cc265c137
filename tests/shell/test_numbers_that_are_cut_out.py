"""What is cut from a value so that only digits are left, or is counted of it, is a number in arithmetic."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, faults, hostile, run, shells

sound: list[tuple[Dialect, str]] = [
    ("bash", "n=${x//[^0-9]/}; echo $((10#${n:-0} + 1))"),
    ("bash", "n=${x//[![:digit:]]}; echo $((10#${n:-0} + 1))"),
    ("bash", "echo $((10#0${x//[^0-9]/} + 1))"),
    ("bash", "n=${x%%[^0-9]*}; (( 10#${n:-0} >= 0 )); echo ok"),
    ("bash", 'declare -i n; n="10#0${x//[!0-9]/}"; echo $n'),
    ("sh", 'n=${x%%[!0-9]*}; n=${n#"${n%%[!0]*}"}; echo $((${n:-0} + 1))'),
    ("sh", 'n=${x##*[!0-9]}; n=${n#"${n%%[!0]*}"}; echo $((${n:-0} + 1))'),
    ("sh", "n=$(expr length a{{ x }}) || exit 0; echo $((n + 1))"),
    ("sh", """n=$(expr "$x" : '.*') || exit 0; echo $((n + 1))"""),
    ("sh", """n=$(expr "$x" + 1) || exit 0; echo $((n + 1))"""),
]


@pytest.mark.parametrize(
    ("shell", "script"),
    [(one, text) for dialect, text in sound for one in shells if dialect in ("sh", one.dialect)],
)
def test_a_number_runs_nothing(shell: Shell, script: str, tmp_path: Path) -> None:
    for value in ["PATH[$(touch pwned)]", "1a[$(touch pwned)]2", "12", *hostile[:64]]:
        done = run(shell, f"x={{{{ x }}}}; {script}", {"x": value}, tmp_path)
        assert done.left == (), (value, done.errors)


other: list[tuple[Dialect, str]] = [
    ("bash", "n=${x/[^0-9]/}; echo $((n))"),
    ("bash", "n=${x//[^0-9]/a}; echo $((n))"),
    ("bash", "n=${x//[^0-9a-z]/}; echo $((n))"),
    ("bash", "n=${x//[0-9]/}; echo $((n))"),
    ("bash", "n=${x%[^0-9]*}; echo $((n))"),
    ("bash", "n=${x##[^0-9]*}; echo $((n))"),
    ("bash", "n=${x#*[^0-9]}; echo $((n))"),
    ("bash", "n=${x//[^0-9]/}$x; echo $((n))"),
    ("bash", "y=x; n=${!y//[^0-9]/}; echo $((n))"),
    ("bash", "n=${!x//[^0-9]/}; echo $((n))"),
    ("sh", "n=${x%%[^0-9]*}; echo $((n))"),
    ("sh", """n=$(expr "$x" : '\\(.*\\)'); echo $((n))"""),
    ("sh", """n=$(expr a : "$x"); echo $((n))"""),
    ("sh", """n=$(expr "$x" \\| 1); echo $((n))"""),
    ("sh", """n=$(expr length $x); echo $((n))"""),
    ("sh", """n=$(expr length {{ x }}); echo $((n))"""),
    ("sh", """n=$(expr substr "$x" 1 9); echo $((n))"""),
    ("bash", """a=({{ x }}); n=$(expr length "${a[@]}"); echo $((n))"""),
]


@pytest.mark.parametrize(("dialect", "script"), other)
def test_what_may_be_left_of_it_otherwise_is_refused(dialect: Dialect, script: str) -> None:
    assert faults(f"x={{{{ x }}}}; {script}", dialect)
