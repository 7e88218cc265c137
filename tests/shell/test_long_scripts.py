"""A script that is so many times as long takes so many times the work: everything is found once."""

from __future__ import annotations

from cProfile import Profile

import pytest
from shell_trials import faults


def _lines(form: str, number: int, first: str = "v0={{ x }}") -> str:
    return "\n".join(
        [first, *(form.replace("%n", str(one)).replace("%m", str(one + 1)) for one in range(number))]
    )


forms = {
    "functions": 'f%n() { local a=$1; echo "$a" > "$b"; }; f%n {{ x }}',
    "functions with options": "f%n() { while [ $# -gt 0 ]; do shift; done; }; f%n -a {{ x }}",
    "functions with heredocs": "f%n() {\ncat > f%n <<E\n$1\nE\n}\nf%n {{ x }}",
    "variables": "v%n={{ x }}; echo $v%n",
    "one variable": "v=a%n; echo $v",
    "one variable with values": 'v={{ x }}; echo "$v"',
    "one variable that grows": 'v="$v a%n"',
    "one variable in branches": 'if [ "$v" = a ]; then v=%n; fi',
    "chain": "v%m=$v%n",
    "chain of commands": "v%m=$(echo $v%n)",
    "conditions": "if [ {{ x }} = %n ]; then echo %n; fi",
    "arithmetic": "n%n=%n; echo $((n%n + 1))",
    "keys": "declare -A m%n; m%n[{{ x }}]=1",
    "files": "echo {{ x }} | sort > f%n; cat f%n",
    "programs that write": 'python3 -c \'open("f%n", "w")\' {{ x }}; sort {{ x }} -o g%n; cat g%n',
    "folders that are copied": "echo {{ x }} > d%n/f%n; cp -r d%n e%n; cp e%n/* g; . g/h%n",
    "folders that are entered": "echo $v0 > s/f; cp -r s e%n; cd e%n; ./h%n; ./f; cd ..",
    "heredocs": "cat > f%n <<E\n{{ x }}\nE",
    "programs in variables": 'C%n=make; $C%n {{ x }}; "$C%n" a',
    "shells": "sh -c 'echo \"$1\"' sh {{ x }}",
    "loops": 'for i in {{ x }} %n; do echo "$i"; done',
    "refused": "echo 'a {{ x }}'",
    "refused in arithmetic": "n%n={{ x }}; echo $((n%n + 1))",
    "refused in eval": 'eval "echo {{ x }}"',
    "refused in functions": 'f%n() { eval "$1"; }; f%n {{ x }}',
}


def _work(script: str) -> int:
    """How many functions are called to read a script."""
    counted = Profile()
    counted.runcall(faults, script, "bash")
    return sum(entry.callcount for entry in counted.getstats())


@pytest.mark.parametrize("form", forms.values(), ids=forms)
def test_the_work_grows_with_the_script(form: str) -> None:
    faults(_lines(form, 3), "bash")
    short, long = _work(_lines(form, 40)), _work(_lines(form, 160))
    assert long < 4.6 * short


def test_the_branches_of_a_case_are_each_read_once() -> None:
    short, long = (
        _work("case {{ x }} in\n" + _lines("a%n) y=b%n; echo $y;;", number, "z) ;;") + "\nesac")
        for number in (40, 160)
    )
    assert long < 4.6 * short


@pytest.mark.parametrize("deep", ["$" * 3000 + "1", "(" * 3000 + "1" + ")" * 3000])
def test_a_program_of_awk_that_is_nested_deeply_is_one_that_is_not_known(deep: str) -> None:
    assert faults(f"echo {{{{ x }}}} | awk '{{print {deep}}}' | sh", "sh")
