"""`make` expands what its variables are given, and runs `$(shell …)` in it. Its environment is data."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from shell_trials import Shell, faults, hints, hostile, run, runs_the_value, shells

from runner import shell

_makefile = 'all:\n\t@printf %s "$$A"\nnone:\n\t@true\n'
_written = 'printf "all:\\n\\t@true\\n" > Makefile; '

refused = [
    "make A={{ x }}",
    "make all A={{ x }}",
    "make A:={{ x }} all",
    'make -s "A={{ x }}"',
    'make A="-a {{ x }} -b"',
    "make -- A={{ x }}",
    'v={{ x }}; make A="$v"',
    'v="A={{ x }}"; make "$v"',
    'set -- -s A={{ x }}; make "$@"',
    'args=(-s "A={{ x }}"); make "${args[@]}"',
    'run() { "$@"; }; run make A={{ x }}',
    "m=make; $m all A={{ x }}",
    "env make A={{ x }}",
    "printf %s {{ x }} | xargs -I{} make A={}",
    'printf "A := %s\\n" {{ x }} > f; MAKEFILES=f make',
    'printf "A := %s\\n" {{ x }} > f; make --makefile=f',
]


@pytest.mark.parametrize("script", refused)
def test_a_value_that_make_would_expand_is_refused(script: str, tmp_path: Path) -> None:
    assert faults(script, "bash")
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    by_hand = script.replace("{{ x }}", '"$M"').replace('"A="$M""', '"A=$M"').replace(' "$M" -b', " $M -b")
    pwned = f"""export SHELL=/bin/sh; M='$(shell touch {tmp_path}/pwned)'; """
    assert runs_the_value(_written + pwned + by_hand, tmp_path)


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        (
            "make -j2 all A={{ x }}",
            "give it by the environment, A={{ x }} make …, "
            'and write "$$A" in the recipe (its default: A ?= …)',
        ),
        (
            'make "A=-a {{ x }}"',
            'give it by the environment, A="-a {{ x }}" make …, '
            'and write "$$A" in the recipe (its default: A ?= …)',
        ),
        (
            'v={{ x }}; make A="$v"',
            'give it by the environment, A="$v" make …, and write "$$A" in the recipe (its default: A ?= …)',
        ),
        (
            "sudo make A={{ x }} install",
            "give it by the environment, env A={{ x }} make …, "
            'and write "$$A" in the recipe (its default: A ?= …)',
        ),
        ("make SHELL={{ x }}", "write it out, or give it by `env`"),
        ('make "{{ x }}=1"', "write it out, or give it by `env`"),
    ],
)
def test_it_is_told_how_make_takes_a_value(script: str, hint: str) -> None:
    assert hints(script, "bash") == [hint]


def test_it_is_told_how_make_takes_a_value_in_a_list() -> None:
    assert shell.program_operands(["make", "A={{ x }}", "all"]) == {
        1: 'give it by `env: {A: "{{ x }}"}`, and write "$$A" in the recipe (its default: A ?= …)'
    }
    assert shell.program_operands(["sudo", "make", "A=b {{ x }}"]) == {
        2: 'start it by env, [env, "A=b {{ x }}", make, …], '
        'and write "$$A" in the recipe (its default: A ?= …)'
    }


@pytest.mark.parametrize(
    "script",
    [
        "make {{ target }} -C {{ folder }} -f {{ folder }}/Makefile -j {{ n }}",
        "make N={{ n | int }} TAG={{ x | slug }}; make N={{ params.n }}",
        "p=$(printf %s {{ x }} | base64 -w0); make P=$p",
        "export A={{ x }}; make A=1; B={{ x }} make -e; env A={{ x }} make",
        "docker run -e A={{ x }} image make; echo make A={{ x }}; cmake -DA={{ x }} .",
    ],
)
def test_what_make_does_not_expand_is_accepted(script: str) -> None:
    assert faults(script, "bash", {"params.n": "int"}) == []


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("shell", shells, ids=str)
@pytest.mark.parametrize("default", ["", "A ?= $(shell touch pwned)\n"])
def test_what_the_hints_say_takes_any_value(shell: Shell, default: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(default + _makefile)
    for value in (*hostile, "$(shell touch pwned)", "${shell touch pwned}", "$$(touch pwned)"):
        for script in ("A={{ x }} make -s all", "A={{ x }} make -s none all", "env A={{ x }} make -s"):
            ran = run(shell, script, {"x": value}, tmp_path)
            assert (ran.output, ran.left) == (os.fsencode(value), ("Makefile",)), (script, value)
