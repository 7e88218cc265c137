"""Scripts that nobody means to write are judged like others: no name, and no length, stops the check."""

from __future__ import annotations

import pytest
from shell_trials import faults

from runner.shell.known.builtins import builtins
from runner.shell.known.finders import finders
from runner.shell.known.rules import rules
from runner.shell.known.wrappers import wrappers

_more = "stat ls du wc find fd grep rg sort cksum file sha256sum bash python3 perl awk sed jq ssh node ruby"
names = sorted({*rules, *builtins, *wrappers, *finders, *_more.split()})
lines = [
    "{x}{name} a", '"{x}"{name}', "{name}{x} -c a", "$v{name} {x}", "{x}/{name}", "v={name}; $v {x}",
    "{name} | cat; echo {x}", "v=$({name} -x -c --run -o); echo $v {x}", "echo {x} | {name}",
    'f() {{ "$1"{name} "$2"; }}; f {x} a', "find . -exec {name} \\; -print {x}", "xargs {name} <<< {x}",
]  # fmt: skip


@pytest.mark.parametrize("line", lines)
def test_a_program_may_be_named_in_part_and_given_nothing(line: str) -> None:
    for name in names:
        script = line.format(name=name, x="{{ x }}")
        for fault in faults(script, "bash"):
            assert script[fault.offset : fault.offset + fault.length], script


def test_what_a_name_ends_in_tells_what_it_is_given() -> None:
    for script in (
        '{{ x }}make --eval "{{ y }}"',
        '"$v"clush -w h "ls {{ y }}"',
        '{{ x }}gcloud --command "{{ y }}"',
    ):
        assert any(fault.code == "program-text" for fault in faults(script, "bash"))


def _chain(length: int) -> list[str]:
    return [f"v{number + 1}=$v{number}" for number in range(length)]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("length", [90, 250, 600])
def test_a_value_is_followed_through_variables_however_many(length: int, *, backwards: bool) -> None:
    chain = _chain(length)[:: -1 if backwards else 1]
    script = "\n".join(["v0={{ x }}", *chain, f"eval $v{length}"])
    assert [fault.code for fault in faults(script, "bash")] == ["program-text"]


def test_a_program_that_variables_name_too_often_is_given_no_value() -> None:
    last = '"$v90" {{ x }}'
    assert faults("\n".join(["v0=ls", *_chain(90), last]), "bash") == []
    (fault,) = faults("\n".join(["v0=ls", *_chain(600), last.replace("90", "600")]), "bash")
    assert "its variables are given one another too often" in fault.message


def test_a_value_is_followed_through_functions_that_call_one_another() -> None:
    calls = [f'f{number + 1}() {{ f{number} "$1"; }}' for number in range(300)]
    script = "\n".join(['f0() { eval "$1"; }', *calls, "f300 {{ x }}"])
    (fault,) = faults(script, "bash")
    assert "its functions call one another too often" in fault.message
