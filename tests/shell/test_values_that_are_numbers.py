"""A value that the shell would compute with: the fix counts what was meant, or is told in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shell_trials import bash, faults, hints, hostile, run

from runner.expression.values import EvaluationError

types = {"params.s": "str", "params.n": "int", "params.f": "float", "params.b": "bool", "params.l": "list"}
number, compute = "say that it is a whole number: ", "compute it in the expression"
generic = f"{compute} instead, where a filter such as `int` makes a number of it"
as_text = f"{compute}, for a variable of its own: this one is compared as text, too"

# Scripts, and the line that is told in which the value is a number.
counted = [
    ("set -- {{ params.s }} b; echo $(( $1 + 1 ))", "set -- {{ params.s | int }} b; echo $(( $1 + 1 ))"),
    ("for i in {{ params.s }}; do echo $(( i + 1 )); done",
     "for i in {{ params.s | int }}; do echo $(( i + 1 )); done"),
    ("for i in {{ params.l }}; do echo $(( i + 1 )); done",
     "for i in {{ params.l | map('int') | join(' ') | verbatim }}; do echo $(( i + 1 )); done"),
    ("a=({{ params.l }}); echo $(( a[0] + 1 ))",
     "a=({{ params.l | map('int') | join(' ') | verbatim }}); echo $(( a[0] + 1 ))"),
    ("f() { echo $(( $1 + $2 )); }; f {{ params.s }} 1",
     "f() { echo $(( $1 + $2 )); }; f {{ params.s | int }} 1"),
    ("f() { echo $(( $1 + 1 )); }; v={{ params.s }}; f $v",
     "f() { echo $(( $1 + 1 )); }; v={{ params.s | int }}; f $v"),
    ('v={{ params.s }}; w="$v"; echo $(( w + 1 ))', 'v={{ params.s | int }}; w="$v"; echo $(( w + 1 ))'),
    ('v="{{ params.s }}"; echo $(( v + {{ params.n | int }} - 2 ))',
     'v="{{ params.s | int }}"; echo $(( v + {{ params.n | int }} - 2 ))'),
    ("read -r v <<< {{ params.s }}; echo $(( v + 1 ))",
     "read -r v <<< {{ params.s | int }}; echo $(( v + 1 ))"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "line"), counted)
def test_a_value_is_said_to_be_a_number_where_it_is_all_of_one(
    script: str, line: str, tmp_path: Path
) -> None:
    hints = {fault.hint.removeprefix(f"{compute}, or ") for fault in faults(script, "bash", types)}
    assert hints == {number + line}
    values = {"s": "3", "n": 3, "l": [3]}
    assert run(bash, line, {"params": values}, tmp_path).output == b"4\n"
    for value in hostile:
        if value.strip().isdigit():
            continue
        odd: dict[str, Any] = {"s": value, "n": 3, "l": [value]}
        with pytest.raises(EvaluationError, match="is no whole number"):
            run(bash, line.replace("params.n", "params.s"), {"params": odd}, tmp_path)


# A param that is declared as a number is one, and so is what is computed of it.
believed = [
    ("echo $(( {{ params.n }} + 1000 ))", b"997\n"),
    ("n={{ params.n }}; echo $(( n * 2 ))", b"-6\n"),
    ("echo $(( {{ params.n * 2 + 1 }} - 1 ))", b"-6\n"),
    ("set -- {{ params.n }}; echo $(( $1 + 1 ))", b"-2\n"),
    ("f() { echo $(( $1 - 1 )); }; f {{ params.n }}", b"-4\n"),
    ('sh -c "echo {{ params.n }} {{ params.f }} {{ params.b }}"', b"-3 0.5 true\n"),
    ('v={{ params.n }}; sh -c "echo $v"', b"-3\n"),
    ("sh -c 'echo \"$1\"; '{{ params.n + 5 }}'>&1 echo a' sh b", b"b\na\n"),
    ("eval echo {{ params.n }} {{ params.f }}", b"-3 0.5\n"),
    ("sh <<END\necho {{ params.n }}\nEND", b"-3\n"),
    ('printf "a\\nb\\n" | sed -n "{{ params.n + 5 }}p"', b"b\n"),
    ('echo 1 | awk "{ print \\$1 + {{ params.f }} }"', b"1.5\n"),
    ('eval "v{{ params.n + 5 }}=8"; echo $v2', b"8\n"),
]


@pytest.mark.parametrize(("script", "output"), believed)
def test_a_param_that_is_declared_as_a_number_is_one(script: str, output: bytes, tmp_path: Path) -> None:
    assert faults(script, "bash", types) == []
    assert faults(script, "bash")
    values = {"params": {"n": -3, "f": 0.5, "b": True}}
    assert run(bash, script, values, tmp_path, types=types).output == output


doubted = [
    "echo $(( {{ params.f }} ))", "echo $(( {{ params.b }} ))", "echo $(( {{ params.n }}{{ params.s }} ))",
    "echo $(( {{ params.n ~ params.s }} ))", "echo $(( {{ params.n if params.b else params.s }} ))",
    "echo $(( {{ params.m | default(params.n) }} ))", 'sh -c "echo {{ params.n ~ params.s }}"',
    'sh -c "echo {{ params.n }}{{ params.s }}"', 'sh -c "echo ${{ params.n }}"',
    'sh -c "echo \\{{ params.n }}"', "sh -c 'echo {{ params.n }}'", 'printf "a${{ params.n }}"',
    "wait {{ params.n }}",
]  # fmt: skip


@pytest.mark.parametrize("script", doubted)
def test_what_is_not_sure_to_be_a_number_or_where_none_can_stand_is_refused(script: str) -> None:
    assert faults(script, "bash", types)


# What is cut from a value is computed in the expression: the value, and what it then is.
cut = [
    ("v={{ params.s }}\nm=${v%%.*}\n(( m >= 5 ))", "m={{ params.s.split('.')[0] | int }}", "5.1.0", b"5"),
    ('v={{ params.s }}; m="${v##*-}"; (( m >= 5 ))', "m={{ params.s.split('-')[-1] | int }}", "a-b-7", b"7"),
    ("v={{ params.s }}; m=${v#v}; (( m >= 5 ))", "m={{ params.s.removeprefix('v') | int }}", "v18", b"18"),
    ("IFS=: read -r h m <<< {{ params.s }}; (( m > 1024 ))", "m={{ params.s.split(':')[1] | int }}", "db:80",
     b"80"),
    ("IFS='.' read -r m _ <<< \"{{ params.s }}\"; [[ ${m#v} -ge 18 ]]",
     "m={{ params.s.split('.')[0] | int }}", "18.2", b"18"),
    ("m=$(echo {{ params.s }} | cut -d. -f2); echo $((m + 1))", "m={{ params.s.split('.')[1] | int }}",
     "1.9", b"9"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "given", "value", "told"), cut)
def test_a_number_that_is_cut_from_a_value_is_computed_in_the_expression(
    script: str, given: str, value: str, told: bytes, tmp_path: Path
) -> None:
    assert hints(script, "bash", types) == [f"{compute}: {given}"]
    assert run(bash, f'{given}; printf %s "$m"', {"params": {"s": value}}, tmp_path).output == told


in_words = [
    ("v={{ params.s }}; m=${v%.*}; (( m ))", generic),
    ("v={{ params.s }}; m=${v//./}; (( m ))", generic),
    ("IFS=.- read -r m n <<< {{ params.s }}; (( m ))", generic),
    ("read -ra m <<< {{ params.s }}; (( m[0] ))", generic),
    ("while read -r m; do (( m )); done <<< {{ params.s }}", generic),
    ("while read -r m; do (( m )); done <<E\n{{ params.s }}\nE", generic),
    ("m=1{{ params.s }}; (( m ))", generic),
    ("m+={{ params.s }}; (( m ))", generic),
    ("m=$(basename {{ params.s }} .txt); (( m ))", generic),
    ("echo $(( $(basename {{ params.s }} .txt) + 1 ))", compute),
    ("echo $(( $(echo {{ params.s }} | cut -d. -f1) + 1 ))", compute),
    ("echo $(( 16#{{ params.s }} ))", compute),
    ("echo $(( 0x{{ params.s }} ))", compute),
    ("echo $(( {{ params.l }} ))", compute),
    ("echo $(( {{ params.f }} ))", f"{compute}: the shell knows whole numbers only"),
    ("m={{ params.f }}; (( m ))", f"{compute}: the shell knows whole numbers only"),
    ('m={{ params.s }}; [ -z "$m" ] || echo $((m))', as_text),
    ('m={{ params.s }}; [ "$m" = auto ] || echo $((m))', as_text),
    ("m={{ params.s }}; case $m in auto) ;; *) echo $((m));; esac", as_text),
    ("for i in {{ x }}; do echo $((i)); done",
     "say that it is a whole number, {{ x | int }}, or a list of them, "
     "{{ x | map('int') | join(' ') | verbatim }}"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "hint"), in_words)
def test_where_a_value_may_not_be_the_number_no_line_is_written_out(script: str, hint: str) -> None:
    assert hints(script, "bash", types) == [hint]


# Keys of associative arrays: what stands on the line that is told counts or asks as was meant.
keys = [
    ("declare -A n\nfor w in {{ params.l }}; do\n(( n[$w] += 1 ))\ndone\necho \"${n[$w]}\"", 3,
     "n[$w]=$(( ${n[$w]:-0} + 1 ))", b"2\n"),
    ("declare -A n\nfor w in {{ params.l }}; do\n(( ++n[${w}] )) || true\ndone\necho 2", 0,
     "write ${n[${w}]:-0} in arithmetic, and assign to it outside: n[${w}]=$(( ${n[${w}]:-0} + 1 ))", b""),
    ("declare -A n\nfor w in {{ params.l }}; do\n(( n[$w]++ )); done\necho \"${n[$w]}\"", 3,
     "n[$w]=$(( ${n[$w]:-0} + 1 )); done", b"2\n"),
    ("declare -A n\nfor w in {{ params.l }}; do\nif (( n[$w]++ )); then echo again; fi; done", 0,
     "write ${n[$w]:-0} in arithmetic, and assign to it outside: n[$w]=$(( ${n[$w]:-0} + 1 ))", b""),
    ("declare -A n\nfor w in {{ params.l }}; do\n"
     "if [[ -v n[\"$w\"] ]]; then echo again; unset 'n[$w]'; fi\nn[$w]=1\ndone", 3,
     "if [[ ${n[$w]+x} ]]; then echo again; unset 'n[$w]'; fi", b"again\n"),
    ("declare -A n; k={{ params.s }}\nn[$k]=1\n[ ! -v \"n[$k]\" ] || echo there", 3,
     "[ ! \"${n[$k]+x}\" ] || echo there", b"there\n"),
    ("declare -A n; k={{ params.s }}\nn[$k]=1\n"
     "if [ -f a ] || ! test -v \"n[${k}]\"; then echo no; fi\necho ok", 3,
     "if [ -f a ] || ! test \"${n[${k}]+x}\"; then echo no; fi", b"ok\n"),
    ("declare -A n; k={{ params.s }}\nn[$k]=1\nunset n[$k]\necho \"${#n[@]}\"", 3, "unset 'n[$k]'", b"0\n"),
    ("declare -A n; n[a]=1\nunset \"n[{{ params.s }}]\"\necho ok", 2, "s={{ params.s }}; unset 'n[$s]'",
     b"ok\n"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "replaced", "hint", "output"), keys)
def test_a_key_is_data_once_the_line_is_replaced(
    script: str, replaced: int, hint: str, output: bytes, tmp_path: Path
) -> None:
    told = set(hints(script, "bash", types))
    assert told == {f"write: {hint}" if replaced else hint}
    if not replaced:
        return
    lines = script.split("\n")
    lines[replaced - 1] = hint
    for value in filter(None, hostile):
        values = {"l": [value, value], "s": value}
        done = run(bash, "\n".join(lines), {"params": values}, tmp_path)
        assert (done.output, done.left) == (output, ()), value


say = "say that it is a whole number"
some = f"{say}, {{{{ x | int }}}}, or a list of them, {{{{ x | map('int') | join(' ') | verbatim }}}}"
# What an integer variable is given is arithmetic, which reads others by their bare names.
read_by_name = [
    ("declare -i t=0; for n in 1 {{ x }}; do t+=n; done", some),
    ("declare -i t; p={{ x }}; t=p*2", f"{say}: declare -i t; p={{{{ x | int }}}}; t=p*2"),
    ('declare -i t; p={{ x }}; t="p * $k"', f'{say}: declare -i t; p={{{{ x | int }}}}; t="p * $k"'),
    ("declare -i t; while IFS=, read -r name n; do t+=n; done <<< {{ x }}", generic),
    ("declare -i t=0; set -- {{ x }}; for i; do t+=i; done", generic),
    ("declare -ai a; n={{ x }}; a[0]+=n", f"{say}: declare -ai a; n={{{{ x | int }}}}; a[0]+=n"),
    ("declare -i t; n={{ x }}; printf -v t %s n",
     f"{say}: declare -i t; n={{{{ x | int }}}}; printf -v t %s n"),
    ("declare -i t; n={{ x }}; m=n; t=m", f"{say}: declare -i t; n={{{{ x | int }}}}; m=n; t=m"),
    ("f() { local -i t=p; }; p={{ x }}; f", f"{say}: f() {{ local -i t=p; }}; p={{{{ x | int }}}}; f"),
    ('f() { declare -gi "$1=0"; }; f t; t={{ x }}',
     f'{say}: f() {{ declare -gi "$1=0"; }}; f t; t={{{{ x | int }}}}'),
    ("for n in t; do declare -i $n; done; t={{ x }}",
     f"{say}: for n in t; do declare -i $n; done; t={{{{ x | int }}}}"),
    ('v=z; declare -i "$v"; z={{ x }}', f'{say}: v=z; declare -i "$v"; z={{{{ x | int }}}}'),
    ("f() { typeset -i $1; shift; t={{ x }}; }; f t",
     f"{say}: f() {{ typeset -i $1; shift; t={{{{ x | int }}}}; }}; f t"),
    ('declare -i "$(cat names)"; t={{ x }}', f'{say}: declare -i "$(cat names)"; t={{{{ x | int }}}}'),
    ('declare -gi "${p}_n"; a_n={{ x }}', f'{say}: declare -gi "${{p}}_n"; a_n={{{{ x | int }}}}'),
]  # fmt: skip


@pytest.mark.parametrize(("script", "hint"), read_by_name)
def test_a_value_that_an_integer_variable_would_compute_with_is_refused(script: str, hint: str) -> None:
    assert hints(script, "bash") == [hint]


beside_integers = [
    'declare -i n=0; name={{ x }}; n+=1; echo "$name"',
    'declare -i n=0; for name in {{ x }}; do n+=1; echo "$name"; done',
    'f() { declare -gi "$1=0"; }; f n; name={{ x }}; n+=1; echo "$name"',
    'declare -i n; name={{ x }}; n=${#name}; n=$(echo "$name" | wc -l); echo "$name"',
    'declare -i "${p}_n"; name={{ x }}; echo "$name"',
]


@pytest.mark.parametrize("script", beside_integers)
def test_a_value_beside_integer_variables_is_data(script: str, tmp_path: Path) -> None:
    ran = run(bash, f"p=a; {script}", {"x": "name[$(touch pwned)]"}, tmp_path)
    assert (ran.output, ran.left) == (b"name[$(touch pwned)]\n", ())
