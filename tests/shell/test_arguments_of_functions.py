"""The arguments of a function are followed to where it uses them: by their places, as `shift` moves them."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Shell, faults, hints, hostile, run, shells

refused = r"""
f() { eval "$2"; }; f a {{ x }}
f() { shift; eval "$1"; }; f a {{ x }}
f() { shift ""; eval "$1"; }; f a {{ x }}
f() { shift 1x; eval "$1"; }; f a {{ x }}
f() { shift; eval "$1"; }; f {{ x }}
f() { shift 2; eval "$1"; }; f "{{ x }}"
f() { [ $# -gt 1 ] && shift; eval "$1"; }; f a "{{ x }}"
f() { while [ $# -gt 0 ]; do eval "$1"; shift; done; }; f a {{ x }}
f() { eval "${10}"; }; f a b c d e f g h i {{ x }}
g() { eval "$2"; }; f() { g "$@"; }; f a {{ x }}
g() { eval "$2"; }; f() { shift; g "$@"; }; f b a {{ x }}
f() { (shift; :); eval "$2"; }; f a "{{ x }}"
f() { shift & eval "$2"; }; f a "{{ x }}"
f() { shift | cat; eval "$2"; }; f a "{{ x }}"
f() { eval "$3"; }; f $opts {{ x }}
f() { local a=$1; shift; eval "$*"; }; f a {{ x }}
f() { shift; echo "$1" | sh; }; f a {{ x }}
f() { for s in shift true; do $s; done; eval "$1"; }; f a "{{ x }}"
f() { eval "$4"; }; f *.txt "{{ x }}"
f() { eval "$3"; }; f {a,b} "{{ x }}"
f() { eval "$3"; }; f $(ls) "{{ x }}"
f() { eval "$3"; }; f `ls` "{{ x }}"
f() { eval "$4"; }; f "${a[@]}" "{{ x }}"
f() { eval "$1"; }; f "${a[@]}" "{{ x }}"
f() { set -- "$2"; eval "$1"; }; f a "{{ x }}"
f() { eval shift; eval "$1"; }; f a "{{ x }}"
f() { n=$1; shift; for ((i = 1; i <= n; i++)); do "$@" && return 0; done; }; f {{ x }} true
f() { local n=$2; shift; (( n )); }; f a {{ x }}
f() { shift; sh -c "$*"; }; f a {{ x }}
f() { if true; then shift; fi; eval "$1"; }; f a "{{ x }}"
f() { shift; shift; eval "$1"; }; f a b "{{ x }}"
f() { a=$3; shift; shift; eval "$a"; }; f a b "{{ x }}"
f() { eval "$1"; }; f() { shift; eval "$1"; }; f a "{{ x }}"
f() { eval "$2"; }; f ~ "{{ x }}"
f() { shift || true; eval "$1"; }; f a "{{ x }}"
f() { true || shift; eval "$2"; }; f a "{{ x }}"
f() { eval "${2}"; }; f a "{{ x }}"
f() { shift; g() { eval "$1"; }; g "$1"; }; f a "{{ x }}"
f() { shift; trap "$1" EXIT; }; f a "{{ x }}"
f() { y=${1:-z}; shift; eval "$y"; }; f "{{ x }}" b
f() { y=$2; shift; eval "$y"; }; f b "{{ x }}"
f() { shift; local -n r=$1; r=1; }; f a "{{ x }}"
log() { local lvl=$1; shift; (( lvl > 0 )) && echo "$1"; }; log ${VERBOSE:+2} {{ x }}
""".strip().splitlines()


@pytest.mark.parametrize("script", refused)
def test_what_a_function_would_run_of_its_arguments_is_refused(script: str) -> None:
    assert faults(script, "bash")


retry = """
retry() { local n=$1 i; shift; for ((i = 0; i < n; i++)); do "$@" && return 0; done; return 1; }
retry 3 printf %s "{{ x }}"
"""
repeat = """
repeat() { n=$1; shift; while [ "$n" -gt 0 ]; do "$@"; n=$((n - 1)); done; }
repeat 1 printf %s "{{ x }}"
"""
accepted = {
    "retry": retry,
    "repeat": repeat,
    "named": 'f() { local a=$1 tries=$2 t=${3:-9}; (( tries + t > 3 )); printf %s "$a"; }; f "{{ x }}" 4',
    "die": 'die() { local code=$1; shift; printf %s "$*"; return $((code)); }; die 0 "{{ x }}"',
    "log": 'log() { (( $1 > 0 )); shift; printf %s "$1"; }; log 1 "{{ x }}"',
    "status": 'check() { [[ $1 -eq 0 ]]; printf %s "$2"; }; true; check $? "{{ x }}"',
    "percent": 'progress() { : $(( $2 * 100 / $3 )); printf %s "$1"; }; progress "{{ x }}" 1 3',
    "remote": 'remote() { h=$1; shift; sh -c "$*"; }; remote "{{ x }}" true; printf %s "{{ x }}"',
    "program": 'show() { awk "$1" "$2"; }; printf %s "{{ x }}" > file; show 1 file; rm file; : "{{ x }}"',
}


@pytest.mark.parametrize("name", accepted)
@pytest.mark.parametrize("shell", [shell for shell in shells if shell.dialect == "bash"], ids=str)
def test_what_it_takes_as_text_arrives_as_it_is(shell: Shell, name: str, tmp_path: Path) -> None:
    for number, text in enumerate(hostile[::5] if name != "program" else ["one"]):
        ran = run(shell, accepted[name], {"x": text}, tmp_path / str(number))
        assert (ran.code, ran.errors, ran.left) == (0, "", ())
        assert ran.output.rstrip(b"\n") == text.encode("utf-8", "surrogateescape").rstrip(b"\n")


quoted = """
run_on() { ssh "$1" "$2"; }; run_on {{ x }} 'systemctl restart app'
wait_for() { local h=$1 p=$2 t=${3:-30}; for ((i = 0; i < t; i++)); do :; done; }; wait_for {{ x }} 8080
remote() { h=$1; shift; ssh "$h" "$@"; }; remote {{ x }} uptime
jqget() { jq -r "$2" "$1"; }; jqget {{ x }} .name
rotate() { local f=$1 keep=$2; echo $((keep - 1)); }; rotate {{ x }} 3
""".strip().splitlines()


@pytest.mark.parametrize("script", quoted)
def test_a_value_that_might_be_a_list_is_told_to_be_put_in_quotes(script: str) -> None:
    assert hints(script, "bash") == ['put double quotes around it, "{{ x }}", so that it is one argument']
    assert faults(script.replace("{{ x }}", '"{{ x }}"'), "bash") == []
