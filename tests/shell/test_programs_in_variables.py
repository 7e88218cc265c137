"""A program that is put together in a variable and given to what runs it: the fix that is told runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, faults, hints, hostile, nul_ended, run, shells

by_argument = 'pass it as an argument: sh -c \'… "$1" …\' sh "{{ x }}"'
by_input = "send it by a pipe, and let xargs give it to a script there: "
written_out = "write the command out where it is run, without `eval`"

told: list[tuple[Dialect, str, str]] = [
    ("sh", 'c="make {{ x }}"; eval $c', 'write: set -- make {{ x }}; "$@"'),
    ("sh", 'c="make {{ x }}" && eval "$c" > log', 'write: set -- make {{ x }} && "$@" > log'),
    ("bash", 'c="make {{ x }}"; eval -- "$c"', 'write: c=(make {{ x }}); "${c[@]}"'),
    ("sh", 'c="make {{ x }}"\neval "$c"',
     'keep its words apart, `set -- make {{ x }}`, and run `"$@"` without `eval`'),
    ("sh", 'c="make {{ x }}"; echo "$c"; eval "$c"',
     'keep its words apart, `set -- make {{ x }}`, and run `"$@"` without `eval`'),
    ("sh", "c=\"cd '{{ x }}' && make\"; eval \"$c\"", f"{written_out}: cd {{{{ x }}}} && make"),
    ("sh", 'c="A=1 make {{ x }}"; eval "$c"', f"{written_out}: A=1 make {{{{ x }}}}"),
    ("sh", 'c="make {{ x }}"; eval "$c -k"', f"{written_out}: make {{{{ x }}}}"),
    ("sh", 'y={{ x }}; c="make $(id) $y"; eval "$c"', written_out),
    ("sh", 'f() { eval "$1"; }; f "make {{ x }}"',
     'give each word of the command as an argument of its own, and run "$@" without `eval`'),
    ("sh", 'c="hello {{ x }}"; eval "echo $c"', 'write: c="hello {{ x }}"; eval \'echo "$c"\''),
    ("sh", 'c="rm -f {{ x }}"; trap "$c" EXIT',
     'put it in a variable, x={{ x }}, and write "$x" inside single quotes'),
    ("sh", 's="ls {{ x }}"; bash -c "$s"', "write: bash -c 'ls \"$1\"' sh \"{{ x }}\""),
    ("sh", 's="ls {{ x }}"\nsudo sh -c "$s"', "write: sudo sh -c 'ls \"$1\"' sh \"{{ x }}\""),
    ("sh", 'export s="ls {{ x }}"; sh -c $s', 'write: export s="ls {{ x }}"; sh -c \'ls "$1"\' sh "{{ x }}"'),
    ("sh", 's="ls {{ x }}"; flock f -c "$s"', "write: flock f sh -c 'ls \"$1\"' sh \"{{ x }}\""),
    ("sh", 's="ls {{ x }}"; su bob -c "$s"', "write: su bob -c 'ls \"$1\"' -- sh \"{{ x }}\""),
    ("sh", 's="ls {{ x }}"; su -c "$s" bob',
     "pass it as an argument: su bob -c '… \"$1\" …' -- sh \"{{ x }}\""),
    ("sh", 'su -c "ls {{ x }}" bob', "pass it as an argument: su bob -c '… \"$1\" …' -- sh \"{{ x }}\""),
    ("sh", 's="ls {{ x }}"; sh -c "$s && pwd"', by_argument),
    ("sh", 's="ls $HOME {{ x }}"; sh -c "$s"', by_argument),
    ("sh", 'r="cd {{ x }} && git pull"; ssh -p 22 h "$r"',
     r"""write: printf '%s\0' "{{ x }}" | ssh -p 22 h 'xargs -0 sh -c '\''cd "$1" && git pull'\'' sh'"""),
    ("sh", 'r="ls {{ x }}"; ssh h cd a "&&" "$r"',
     by_input + r"""printf '%s\0' "{{ x }}" | ssh … 'xargs -0 sh -c '\''… "$1" …'\'' sh'"""),
    ("sh", 'p="print(\'{{ x }}\')"; python3 -c "$p"',
     'give it by `env: {X: "{{ x }}"}` and write os.environ[\'X\'] in the program, after `import os`'),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "script", "hint"), told)
def test_the_fix_runs_what_was_put_together(dialect: Dialect, script: str, hint: str) -> None:
    assert hints(script, dialect) == [hint]


# Each shows `a`, the value and `b`, once the fix that is told is followed.
fixed: list[tuple[Dialect, str]] = [
    ("sh", 'c="./show a {{ x }} b"; eval $c'),
    ("sh", 'c="./show a {{ x }} b"; eval "$c"'),
    ("sh", 'c="cd . && ./show a \'{{ x }}\' b"; eval "$c"'),
    ("bash", 'c="./show a {{ x }}" && eval "$c" b'),
    ("sh", 's="./show a {{ x }} b"; sh -c "$s"'),
    ("sh", "s=\"cd . && ./show a '{{ x }}' b\" && sh -ec $s"),
    ("sh", 'export s="./show a {{ x }} b"; sh -c "$s"'),
]
trials = [(one, script) for dialect, script in fixed for one in shells if dialect in ("sh", one.dialect)]


@pytest.mark.parametrize(("one", "script"), trials, ids=str)
def test_a_value_of_a_program_arrives_whole_by_the_fix(one: Shell, script: str, tmp_path: Path) -> None:
    show = tmp_path / "show"
    show.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    show.chmod(0o755)
    (fault,) = faults(script, one.dialect)
    mended = fault.hint.removeprefix("write: ").removeprefix(f"{written_out}: ")
    for value in hostile:
        done = run(one, mended, {"x": value}, tmp_path)
        assert (done.output, done.left) == (nul_ended(["a", value, "b"]), ("show",)), value
