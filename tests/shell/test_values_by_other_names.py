"""A value is followed by other names: of a variable that stands for another, of a renamed file."""

from __future__ import annotations

import pytest
from shell_trials import Dialect, faults, hints

refused = [
    'x={{ c }}; y=x; eval "${!y}"',
    'x={{ c }}; declare -n r=x; eval "$r"',
    'f() { local -n r=$1; eval "$r"; }; x={{ c }}; f x',
    'echo {{ c }} > f; x=$(< f); eval "$x"',
    'set -- {{ c }}; for a; do eval "$a"; done',
    'f() { for a; do eval "$a"; done; }; f {{ c }}',
    'f() { for a\ndo eval "$a"; done; }; f {{ c }}',
    'getopts "a:" o -a {{ c }}; eval "$OPTARG"',
    'x={{ c }}; for y in a x; do eval "${!y}"; done',
    "echo {{ c }} > s.tmp; mv s.tmp s.sh; sh s.sh",
    "echo {{ c }} > s.tmp; cp s.tmp s.sh; sh s.sh",
    "echo {{ c }} > s.tmp; ln -s s.tmp s.sh; sh s.sh",
    "echo {{ c }} > s.tmp; install -m 755 s.tmp s.sh; ./s.sh",
    "echo {{ c }} > s.tmp; mv s.tmp bin/; sh bin/s.tmp",
    'f=s.sh; echo {{ c }} > "$f"; sh s.sh',
    'f=s.sh; echo {{ c }} > s.sh; sh "$f"',
    'echo {{ c }} > ./s.sh; bash "$PWD/s.sh"',
    'echo {{ c }} > "$PWD/s.sh"; bash s.sh',
    "echo {{ c }} > a/../s.sh; bash s.sh",
    'f=$(mktemp); cat > "$f" <<END\n{{ c }}\nEND\nchmod +x "$f"; "$f"',
    'f=$(mktemp); echo {{ c }} > "$f"; chmod +x "$f"; sudo "$f"',
    'f=$(mktemp); echo {{ c }} > $f; g=$f; sh "$g"',
    'd=$(mktemp -d); echo {{ c }} > "$d/s.sh"; chmod +x "$d/s.sh"; "$d/s.sh"',
    'echo {{ c }} > "${f}"; sh "$f"',
    'for i in <(echo {{ c }}); do sh "$i"; done',
    "jq -rn --arg c {{ c }} '$c' | sh",
    "awk -v c={{ c }} 'BEGIN{print c}' | sh",
    'node -pe "{{ x }}"',
    'node -e "{{ x }}"',
    "echo {{ c }} | sponge s.sh; sh s.sh",
    'docker run --entrypoint sh img -c "{{ x }}"',
    "sh -c \"$(printf '%s' {{ x }})\"",
]

accepted = [
    'f() { cat > "$1"; }; g() { sh "$1"; }; echo {{ x }} | f data.txt; g run.sh',
    'f=out.txt; echo {{ x }} > "$f"; sh run.sh "$f"',
    "echo {{ x }} > config.tmp; mv config.tmp config; ./app config",
    "cp {{ a }} run.sh; sh run.sh",
    'f=$(mktemp); echo {{ x }} > "$f"; cat "$f"; rm "$f"',
    'f=$(mktemp); echo {{ x }} > "$f"; python3 tool.py "$f"; "$EDITOR" "$f"',
    'for f in dd/*.sh; do sh "$f"; done; echo {{ x }} > log',
    'for a; do echo "$a"; done; set -- {{ x }}; for a; do [ "$a" = b ]; done',
    'x={{ x }}; y=x; echo "${!y}"',
    'declare -n r=x; x={{ c }}; echo "$r" "${r[0]}"',
    'f() { local -n out=$1; out+=(a); echo "${out[@]}"; }; l=({{ x }}); f l',
    'x=$(< {{ f }}); echo "$x"',
    'while getopts "a:b" o; do case $o in a) v=$OPTARG;; esac; done; echo "$v" {{ x }}',
    'getopts "a:" o -a {{ c }}; echo "$OPTARG"',
    'for i in <(echo {{ c }}); do cat "$i"; done',
    'src=main.c; echo {{ x }} > "$src"; "${src%.c}"',
    'd=$(mktemp -d); echo {{ c }} > "$d/data"; cp run.sh "$d"; sh "$d/run.sh" "$d/data"',
    "echo {{ x }} > in.txt; install -d out; mv in.txt out/; ./out/tool",
    "cp {{ f }} bin/tool; chmod +x bin/tool; bin/tool {{ x }}",
    'n={{ n | int }}; f=out-$n.txt; echo {{ x }} > "$f"',
    "n=$(jq --arg k {{ k }} '.[$k]' f.json); echo $((n + 1))",
    "n=$(jq -r --arg k {{ k }} '.a | select(.name == $k) | .n' f.json); echo $((n + 1))",
    "n=$(awk -v k={{ k }} '$1 == k { print $2 }' f); echo $((n + 1))",
    "n=$(awk -v k={{ k }} '{ print (n[k] + 1) }' f); echo $((n + 1))",
    "n=$(awk -v k={{ k }} '{ n += ($1 == k) } END { print n }' f); echo $((n + 1))",
    "docker run --entrypoint ls img -c {{ x }}",
    '"$EDITOR" ./notes.txt; echo {{ x }} > ./notes.txt',
    "declare -A m; k={{ k }}; m[$k]=1; unset 'm[$k]'",
    "f() { local -A m; k={{ k }}; unset 'm[$k]'; }; f",
    "x={{ x }}; for i in 1 2; do printf -v 'a[$i]' %s \"$x\"; unset 'a[0]'; done",
    "node -pe 'process.argv[1]' {{ x }}",
]


@pytest.mark.parametrize("script", refused)
def test_a_value_that_is_run_by_another_name_is_refused(script: str) -> None:
    assert faults(script, "bash")


@pytest.mark.parametrize("script", accepted)
def test_a_value_that_is_not_run_is_accepted_by_any_name(script: str) -> None:
    assert faults(script, "bash") == []


in_single_quotes = 'put it in a variable, x={{ x }}, and write "$x" inside single quotes'
# Programs and variables that are named in parts, or by bash itself.
named_in_parts: list[tuple[Dialect, str, str]] = [
    ("sh", "e=ev; ${e}al {{ x }}", in_single_quotes),
    ("sh", 'e=al; "ev$e" {{ x }}', in_single_quotes),
    ("sh", "e=eva; ${e}l {{ x }}", in_single_quotes),
    ("bash", "${p}ource <(echo {{ x }})", "assign it to a variable instead: x={{ x }}"),
    ("sh", "b=ba; echo {{ x }} | ${b}sh", "pass it as an argument: bash -s -- {{ x }} <<'EOF'"),
    ("bash", "shopt -s expand_aliases; BASH_ALIASES[ll]={{ x }}; ll", "use another variable"),
    ("bash", 'shopt -s extdebug; f() { eval "$BASH_ARGV"; }; f {{ x }}',
     'run it as one word, "$BASH_ARGV", without `eval`'),
    ("bash", 'a=({{ x }}); c=a; d="$c[0]"; e=${!d}; echo $((e))',
     "compute it in the expression instead, where a filter such as `int` makes a number of it"),
    ("bash", 'n="APP_$1"; APP_a={{ x }}; eval "${!n}"', in_single_quotes),
    ("sh", "export ENV={{ x }}; sh -i -c true", "use another variable"),
    ("sh", "ENV={{ x }} sh -ic true", "use another variable"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "script", "hint"), named_in_parts)
def test_what_is_named_in_parts_is_what_it_may_be(dialect: Dialect, script: str, hint: str) -> None:
    assert set(hints(script, dialect)) == {hint}


beside_parts = [
    "${CROSS}gcc -o {{ x }} {{ x }}",
    "v=3.11; python$v script.py {{ x }}",
    './run_$t {{ x }}; "$BIN"/tool {{ x }}',
    "ENV={{ x }} make; ENV={{ x }} sh -c 'echo \"$ENV\"'",
    'n="APP_$1"; name={{ x }}; eval "${!n}"; echo "$name"',
    'for v in HOST PORT; do eval "${!v}"; done; name={{ x }}; echo "$name"',
]


@pytest.mark.parametrize("script", beside_parts)
def test_names_in_parts_that_fit_nothing_are_data(script: str) -> None:
    assert faults(script, "bash") == []
