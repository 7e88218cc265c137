"""Behind a guard that lets only digits pass a variable is a number, if it is sure to be the same one."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Shell, faults, hostile, run, shells

_of_bash = [
    "[[ $n =~ ^[0-9]+$ ]] || exit 1",
    '[[ "${n}" =~ ^-?[0-9]+$ ]] || { echo "no number: $n" >&2; exit 2; }',
    "[[ $n =~ ^[1-9][0-9]*$ ]] || exit",
    "if ! [[ $n =~ ^[[:digit:]]{1,4}$ ]]; then\n  echo 'no number' >&2\n  exit 1\nfi",
    "if [[ ! $n =~ ^[0-9]*$ ]]; then exit 1; fi",
]
_of_all = [
    "case $n in ''|*[!0-9]*) exit 1;; esac",
    'case "$n" in\n  *[!0-9]*|"") echo "no number: $n" >&2; exit 1 ;;\nesac',
    "case ${n} in (*[!0-9]*) exit 1;; *) ;; esac",
]


@pytest.mark.parametrize("shell", shells, ids=str)
@pytest.mark.parametrize("guard", [*_of_all, *_of_bash])
def test_a_number_is_computed_with_behind_its_guard(shell: Shell, guard: str, tmp_path: Path) -> None:
    if shell.dialect == "sh" and guard in _of_bash:
        pytest.skip("this is a guard of bash")
    script = f'n={{{{ x }}}}\n{guard}\nm=$((n + 1))\nsh -c "echo $m"'
    for value in hostile:
        ran = run(shell, script, {"x": value}, tmp_path)
        assert ran.left == (), value
    assert run(shell, script, {"x": "41"}, tmp_path).output == b"42\n"


_guard = "[[ $n =~ ^[0-9]+$ ]] || exit 1"


@pytest.mark.parametrize(
    "script",
    [
        f"n={{{{ x }}}}; echo $((n)); {_guard}",
        f"n={{{{ x }}}}; ! {_guard}; echo $((n))",
        f"n={{{{ x }}}}; ! \\\n{_guard}; echo $((n))",
        f"n={{{{ x }}}}; true || {_guard}; echo $((n))",
        f"n={{{{ x }}}}; {_guard} & echo $((n))",
        f"n={{{{ x }}}}; {_guard} | cat; echo $((n))",
        f"n={{{{ x }}}}; ({_guard}) || :; echo $((n))",
        f"n=1; {_guard}; n={{{{ x }}}}; echo $((n))",
        f"n=1; {_guard}; read n <<< {{{{ x }}}}; echo $((n))",
        f'n={{{{ x }}}}; {_guard}; read "$v" <<< {{{{ x }}}}; echo $((n))',
        f'n=1; m={{{{ x }}}}; {_guard}; eval "n=\\$m"; echo $((n))',
        f"f() {{ n={{{{ x }}}}; }}; n=1; {_guard}; f; echo $((n))",
        f"f() {{ echo $((n)); }}; n={{{{ x }}}}; f; {_guard}",
        f"n=1; {_guard}; f() {{ local n=$1; echo $((n)); }}; f {{{{ x }}}}",
        f"exit() {{ :; }}; n={{{{ x }}}}; {_guard}; echo $((n))",
        f"if a; then n={{{{ x }}}}; {_guard}; fi; echo $((n))",
        f"trap 'n=$m; echo $((n))' USR1; m={{{{ x }}}}; n=1; {_guard}; echo $((n))",
        "n={{ x }}; [[ $n =~ [0-9]+$ ]] || exit 1; echo $((n))",
        "n={{ x }}; [[ $n =~ ^[0-9]+ ]] || exit 1; echo $((n))",
        "n={{ x }}; [[ $n =~ ^[0-9]+$ ]] || echo bad; echo $((n))",
        "n={{ x }}; [[ $n =~ ^[0-9]+$ ]] || { echo bad && exit 1; }; echo $((n))",
        "n={{ x }}; case $n in a) exit 1;; *[!0-9]*) exit 1;; esac; echo $((n))",
        "n={{ x }}; case $n in -*) ;; *[!0-9]*) exit 1;; esac; echo $((n))",
        "n={{ x }}; case $n in *[!0-9]*) echo 'a; exit 1 ;;' ;; esac; echo $((n))",
        "n={{ x }}; case $n in *[!0-9]*) echo a # ; exit 1\n;; esac; echo $((n))",
        "n={{ x }}; case $n in *[!0-9]*) true || exit 1;; esac; echo $((n))",
    ],
)
def test_what_may_be_another_value_or_passes_a_guard_is_refused(script: str) -> None:
    assert faults(script, "bash")
