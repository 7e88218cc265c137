"""A value on its way to where it would be run is refused; beside that way it is data, whatever it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, faults, nul_ended, run, shells

refused: list[tuple[Dialect, str]] = [
    # Read by a shell, whatever brings it there.
    ("bash", "bash /dev/stdin <<< {{ x }}"),
    ("bash", "bash <(echo {{ x }})"),
    ("bash", "sh < <(echo {{ x }})"),
    ("bash", "source /dev/stdin <<< {{ x }}"),
    ("bash", ". /dev/stdin <<< {{ x }}"),
    ("bash", "source /proc/self/fd/0 <<< {{ x }}"),
    ("bash", ". /dev/fd/0 <<< {{ x }}"),
    ("bash", "source <(echo {{ x }})"),
    ("bash", "echo {{ x }} | source /dev/stdin"),
    ("bash", "echo {{ x }} | tee >(sh)"),
    ("bash", "exec 3<<< {{ x }}; sh <&3"),
    ("bash", "exec {in}<<< {{ x }}; sh <&$in"),
    ("bash", "exec 3> >(sh); echo {{ x }} >&3"),
    ("bash", "exec > >(sh)\necho {{ x }}"),
    ("bash", "cat <<E > >(sh)\n{{ x }}\nE"),
    ("bash", "while read -r l; do echo a; for i in 1; { echo {{ x }}; }; done | sh"),
    ("sh", "sh /dev/stdin <<E\n{{ x }}\nE"),
    ("sh", ". /dev/stdin <<E\n{{ x }}\nE"),
    ("sh", "echo {{ x }} | sh /dev/stdin"),
    ("sh", "echo {{ x }} | { sh; }"),
    ("sh", "echo {{ x }} | (cat | sh)"),
    ("sh", "echo {{ x }} | if true; then sh; fi"),
    ("sh", "echo {{ x }} | time sh"),
    ("sh", "echo {{ x }} | while read -r l; do sh; done"),
    ("sh", "echo {{ x }} | sort | python3 /dev/stdin"),
    ("sh", "{ echo {{ x }}; } | sh"),
    ("sh", "case a in a) echo {{ x }};; esac | sh"),
    ("sh", 'for i in {{ x }}; do echo "$i"; done | sh'),
    ("sh", "{ echo {{ x }} >&3; } 3>&1 | sh"),
    ("sh", "f() { sh; }; echo {{ x }} | f"),
    ("sh", "f() ( sh )\necho {{ x }} | f"),
    ("sh", "f() { sh; } <<E\n{{ x }}\nE\nf"),
    ("sh", 'f() { echo "$1"; }; f {{ x }} | sh'),
    ("sh", "exec 3<<E\n{{ x }}\nE\n. /dev/fd/3"),
    ("sh", "sh <<E\n$(cat <<F\n{{ x }}\nF\n)\nE"),
    ("sh", "echo {{ x }} > f; sh f"),
    ("sh", 'cat > "$t" <<E\n{{ x }}\nE\n. "$t"'),
    ("sh", "echo {{ x }} | tee f; chmod +x ./f; ./f"),
    ("sh", "echo {{ x }} | xargs sh -c"),
    ("sh", "echo {{ x }} | sh -s $options a"),
    # Changed on its way by a program that prints what it is given.
    ("sh", "echo {{ x }} | envsubst | sh"),
    ("sh", "cat > t <<E\necho {{ x }}\nE\nHOST=web envsubst < t > s; sh s"),
    ("sh", "HOST={{ x }} envsubst < t > s; sh s"),
    ("sh", "export HOST={{ x }}; envsubst '$HOST' < t | sh"),
    ("sh", "set -a; HOST={{ x }}; envsubst < t | sh"),
    ("sh", "echo {{ x }} | perl -pe 's/a/b/' | sh"),
    ("sh", "perl -e 'print \"ls @ARGV\"' {{ x }} | sh"),
    ("sh", "X={{ x }} perl -pe 's/OLD/$ENV{X}/' t > s; sh s"),
    ("sh", "env X={{ x }} perl -pe 's/OLD/$ENV{X}/' t | sh"),
    ("sh", "X={{ x }} awk '{ print ENVIRON[\"X\"] }' t | sh"),
    ("sh", "echo {{ x }} | python3 -c 'import sys; print(sys.stdin.read())' | sh"),
    ("sh", "eval \"$(python3 -c 'import sys; print(sys.argv[1])' {{ x }})\""),
    ("sh", "echo {{ x }} | node -e 'process.stdin.pipe(process.stdout)' | sh"),
    ("sh", "echo {{ x }} | base64 | basenc -d --base64 | sh"),
    # Read from the file of `xargs`, or found by `find`.
    ("sh", "printf '%s\\n' {{ x }} > l; xargs -a l -I{} sh -c 'echo \"{}\"'"),
    ("sh", "printf '%s\\n' {{ x }} > l; xargs --arg-file=l -I{} sh -c 'echo \"{}\"'"),
    ("sh", "printf '%s\\n' {{ x }} > l; xargs -al -n1 sh -c"),
    ("sh", "printf '%s\\n' {{ x }} > l; xargs -a l | sh"),
    ("sh", "printf '%s\\n' {{ x }} | xargs -a l sh -s"),
    ("bash", "xargs -a <(printf '%s\\n' {{ x }}) -I{} sh -c 'echo \"{}\"'"),
    ("sh", "find {{ x }} -type f -exec sh -c 'wc \"{}\"' \\;"),
    ("sh", "find {{ x }}/sub -execdir sudo sh -c 'wc {}' \\;"),
    ("sh", "find . -name {{ x }} -ok sh -c 'wc {}' \\;"),
    ("sh", "find {{ x }} -exec sed 's/a/{}/' f \\;"),
    ("sh", 'x={{ x }}; find -L "$x" -exec sh -c {} \\;'),
    ("sh", "printf '%s\\0' {{ x }} | find -files0-from - -exec sh -c 'wc {}' \\;"),
    ("sh", "fd {{ x }} -x sh -c 'echo {.}'"),
    ("sh", "fd {{ x }} -x sh -c"),
    # Found by its name.
    ("sh", "cat > bin/tool <<E\necho {{ x }}\nE\nchmod +x bin/tool; PATH=$PWD/bin:$PATH; tool"),
    ("sh", 'd=$(mktemp -d); echo {{ x }} > "$d/tool"; PATH="$d:$PATH" tool'),
    ("sh", "echo {{ x }} > tool; install tool /usr/local/bin/; sudo tool"),
    ("sh", "cat > bin/tool <<E\necho {{ x }}\nE\n. tool"),
    # Run from another folder.
    ("sh", "cd bin; cat > tool <<E\necho {{ x }}\nE\ncd ..; ./bin/tool"),
    ("sh", 'd=$(mktemp -d); (cd "$d" && echo {{ x }} > run.sh); sh "$d/run.sh"'),
    ("sh", "echo {{ x }} > build/run.sh; cd ./build/ && sh ./run.sh"),
    ("sh", "echo {{ x }} > run.sh; pushd /opt/{{ x }}; . {{ x }}/run.sh"),
    ("sh", 'echo "A={{ x }}" > .env; mkdir -p app; cd app; . ../.env'),
    ("bash", 'echo "A={{ x }}" > .env; mkdir -p app; cd app; source ../.env'),
    ("sh", 'echo "A={{ x }}" > n.sh; mkdir -p e; (cd e && sh ../n.sh)'),
    ("sh", 'echo "A={{ x }}" > n.sh; chmod +x n.sh; mkdir -p e; cd e; ../n.sh'),
    ("bash", 'echo "A={{ x }}" > n.sh; mkdir -p e; pushd e; . ../n.sh'),
    ("sh", 'ROOT=$PWD; echo "A={{ x }}" > .env; mkdir -p app; cd app; . "$ROOT/.env"'),
    ("sh", 'ROOT=$(pwd); echo "A={{ x }}" > .env; mkdir -p app; cd app; . "$ROOT/.env"'),
    # Run by the text of a script.
    ("sh", 'echo "echo {{ x }}" > n.sh; sh -c "sh n.sh"'),
    ("sh", 'echo "echo {{ x }}" > n.sh; bash -c ". ./n.sh"'),
    ("sh", "echo \"echo {{ x }}\" > n.sh; sh -c 'cd /tmp && sudo ./n.sh >> log'"),
    ("sh", 'echo "echo {{ x }}" > lib.sh; sudo bash -c "source ./lib.sh; a"'),
    ("sh", 'echo "echo {{ x }}" > n.sh; eval "sh n.sh"'),
    ("sh", "echo \"echo {{ x }}\" > n.sh; trap 'sh n.sh' EXIT"),
    ("sh", 'echo "echo {{ x }}" > n.sh; chmod +x n.sh; trap ./n.sh EXIT'),
    ("sh", "echo \"echo {{ x }}\" > n.sh; flock l sh -c './n.sh'"),
    # Opened by perl, which runs what begins or ends with `|`.
    ("sh", "perl -pe 's/a/b/' {{ x }}"),
    ("sh", "perl -pe 's/a/b/' -- {{ x }}"),
    ("sh", "perl -lane 'print $F[0]' f \"{{ x }}/f\""),
    ("sh", "perl -F: -e 'print $F[0]' {{ x }}"),
    ("sh", "perl -CSD -ne 'print' ./{{ x }}"),
    ("sh", "perl -e 'while (<>) { print }' {{ x }}"),
    ("sh", "perl -n script.pl {{ x }}"),
    ("sh", 'for f in {{ x }}; do perl -ne print "$f"; done'),
    ("sh", "printf '%s\\n' {{ x }} | xargs perl -ne 'print'"),
    ("sh", "find {{ x }} -exec perl -ne 'print' {} +"),
    # Read by a script within a script.
    ("sh", "echo {{ x }} | sudo sh -c 'cat | sh'"),
    ("sh", "echo {{ x }} | sh -c 'while read -r l; do eval \"$l\"; done'"),
    ("sh", "echo {{ x }} | ssh host 'bash -s a'"),
    ("sh", "echo {{ x }} | ssh host 'cd /srv && sudo bash'"),
    ("sh", "echo {{ x }} | ssh host \"sudo sh -c 'sh'\""),
    ("sh", "echo {{ x }} | ssh host 'eval \"$(cat)\"'"),
    ("sh", "echo {{ x }} | ssh host '. /dev/stdin'"),
    ("sh", "echo {{ x }} | ssh host \"xargs -I{} sh -c 'echo {}'\""),
    ("sh", "echo {{ x }} | ssh host 'cat > s; sh s'"),
    ("sh", "echo {{ x }} | ssh host ssh other sh"),
    ("sh", "echo {{ x }} | ssh host 'docker exec -i c sh'"),
    ("sh", "echo {{ x }} | vagrant ssh -c 'sh'"),
    # Held by a variable that is run.
    ("sh", 'y={{ x }}; eval "$y"'),
    ("sh", 'eval "$y"; y={{ x }}'),
    ("sh", 'y={{ x }}; z=$y; sh -c "$z"'),
    ("sh", 'y={{ x }}; trap "$y" EXIT'),
    ("sh", 'y=$(echo {{ x }}); eval "$y"'),
    ("sh", 'y={{ x }}; echo "$y" | sh'),
    ("sh", 'y={{ x }}; echo `eval "$y"`'),
    ("sh", ': "${y:={{ x }}}"; eval "$y"'),
    ("sh", 'set -- {{ x }}; eval "$1"'),
    ("sh", 'f() { eval "$@"; }; f {{ x }}'),
    ("sh", 'while read -r l; do eval "$l"; done <<E\n{{ x }}\nE'),
    ("sh", 'eval "$(echo {{ x }})"'),
    ("sh", "y={{ x }}; sudo $y"),
    ("bash", 'printf -v y %s {{ x }}; eval "$y"'),
    ("bash", 'mapfile -t y < <(echo {{ x }}); eval "${y[0]}"'),
    # Computed, or taken for a name.
    ("bash", 'echo "a $(( $(echo {{ x }}) ))"'),
    ("bash", "x={{ x }}; declare -i y; y=$x"),
    ("bash", "x={{ x }}; y=$x; echo $((y + 1))"),
    ("bash", "while read -r n; do echo $((n)); done <<< {{ x }}"),
    ("bash", "f() { echo $(($2)); }; f a {{ x }}"),
    ("bash", 'x={{ x }}; let "y = $x"'),
    ("bash", 'x={{ x }}; [[ -n $x && "$x" -eq 3 ]]'),
    ("bash", "[[ $(echo {{ x }}) -gt 3 ]]"),
    ("bash", "x={{ x }}; echo $(( ${#a} + x ))"),
    ("bash", "x={{ x }}; echo $(( ${y:+$x} ))"),
    ("bash", "x={{ x }}; echo $(( ${#a[x]} ))"),
    ("bash", "x={{ x }}; [[ a == b && -v $x ]]"),
    # A key of what may be no associative array.
    ("bash", "m[{{ x }}]=1; declare -A m"),
    ("bash", "declare -A n; m[{{ x }}]=1"),
    ("bash", "if true; then declare -A m; fi; m[{{ x }}]=1"),
    ("bash", "false && declare -A m; m[{{ x }}]=1"),
    ("bash", "false &&\ndeclare -A m; m[{{ x }}]=1"),
    ("bash", "m=(a); declare -A m && ls; m[{{ x }}]=1"),
    ("bash", "m=(a); set +e; declare -A m; m[{{ x }}]=1"),
    ("bash", "f() { declare -gA m; }; m[{{ x }}]=1"),
    ("bash", "declare -A m | cat; m[{{ x }}]=1"),
    ("bash", "declare -A m & m[{{ x }}]=1"),
    ("bash", "f() { local -A m; }; f; m[{{ x }}]=1"),
    ("bash", "declare -A m; f() { local m; m[{{ x }}]=1; }; f"),
    ("bash", "declare -A m; unset m; m[{{ x }}]=1"),
    ("bash", 'declare -A m; n=m; unset "$n"; m[{{ x }}]=1'),
    ("bash", "declare -A m; f() { m[$1]=1; }; m=a f {{ x }}"),
    ("bash", "f() { local -A m; g() { m[$1]=1; }; }; f; g {{ x }}"),
    # It may become the name of another variable.
    ("bash", "declare -n r; r={{ x }}"),
    ("bash", 'f() { local -n r=$1; r={{ x }}; }; f "$n"'),
    ("bash", 'f() { local -n r=$2; r={{ x }}; }; f "$@"'),
    ("bash", "f() { local -n r=$1; r=b; }; f {{ x }}"),
    ("bash", "f() { local -n r=$2; r=b; }; f {{ x }} a"),
    ("bash", "f() { shift; local -n r=$1; r=b; }; f a {{ x }}"),
    ("bash", 'f() { set -- "$X"; local -n r=$1; r={{ x }}; }; f out'),
    ("bash", "n=out; if a; then n=$X; fi; declare -n r=$n; r={{ x }}"),
    ("bash", "declare -i n; f() { local -n r=$1; r={{ x }}; }; f n"),
    ("bash", "f() { local -n r=$1; r={{ x }}; }; f PS4"),
    ("bash", "read -r PS4 <<< {{ x }}"),
    ("bash", 'declare -n q=out; declare -n r=q; r={{ x }}; eval "$out"'),
    ("bash", "f() { local -n r=$1; for r in {{ x }}; do :; done; }; f out"),
    ("bash", 'f() { local -n r=$1; r={{ x }}; }; f out; eval "$out"'),
    ("bash", "f() { local -n r=$1; read -r r <<< {{ x }}; }; f out; echo $((out))"),
    # Expanded twice, by some versions of bash.
    ("bash", 'declare -A m; k={{ x }}; unset "m[$k]"'),
    ("bash", "declare -A m; k={{ x }}; (( m[$k]++ ))"),
    ("bash", "declare -A m; k={{ x }}; echo $((m[$k]))"),
    ("bash", "declare -A m; k={{ x }}; [[ -v m[$k] ]]"),
    ("bash", "declare -A m; m[a]={{ x }}; echo $((m[a])) $((${m[a]}))"),
    ("bash", "declare -A m; m[$((n))]=1; n={{ x }}"),
    ("bash", 'declare -A m; m[{{ x }}]=1; for k in "${!m[@]}"; do eval "$k"; done'),
    ("bash", 'declare -A m=([{{ x }}]=1); eval "${!m[@]}"'),
    ("bash", "x={{ x }}; echo ${!x}"),
    ("bash", 'x={{ x }}; echo "${x@P}"'),
    ("bash", 'x={{ x }}; [ -v "$x" ]'),
    ("bash", 'x={{ x }}; printf -v "$x" a'),
    ("bash", 'x={{ x }}; printf "$x" a'),
    ("bash", "x={{ x }}; [ $x = a ]"),
    ("bash", 'x={{ x }}; declare "$x"'),
    ("bash", 'x={{ x }}; PS4="$x"; set -x'),
    # What cannot be followed may run what it can get hold of.
    ("bash", 'x={{ x }}\ncoproc sh -c "$x"'),
    ("bash", "exec 3<<< {{ x }}\ncoproc sh <&3"),
    ("bash", "f() { echo {{ x }}; }\nf | coproc sh"),
    ("bash", "echo {{ x }} > f\ncoproc sh f"),
]


@pytest.mark.parametrize(("dialect", "script"), refused)
def test_a_value_that_would_be_run_is_refused(dialect: Dialect, script: str) -> None:
    assert faults(script, dialect)


# Each prints the value, and whatever it says is data there.
_sound = {
    "pipe": r"printf '%s\0' {{ x }} | cat",
    "pipe into braces": r"printf '%s\0' {{ x }} | { cat; }",
    "braces into a pipe": r"{ printf '%s\0' {{ x }}; } | cat",
    "subshell into a subshell": r"(printf '%s\0' {{ x }}) | (cat | cat)",
    "pipe into a function": r"f() { cat; }; printf '%s\0' {{ x }} | f",
    "pipe into a shell's script": r"printf '%s\0' {{ x }} | sh script.sh",
    "pipe into a program's script": r"printf '%s\0' {{ x }} | python3 script.py",
    "heredoc of a shell's script": 'sh script.sh <<E | tr "\\n" "\\0"\nok\nE\nprintf \'%s\\0\' {{ x }}',
    "file that a script reads": r"printf '%s\0' {{ x }} > f; sh script.sh < f",
    "file beside the one that is run": r"printf '%s\0' {{ x }} > f; . ./quiet.sh; cat f",
    "shell beside": r"printf 'true\n' | sh; printf '%s\0' {{ x }}",
    "eval of quotes": r"""y={{ x }}; eval 'printf "%s\0" "$y"'""",
    "argument of a shell": r"""y={{ x }}; sh -c 'printf "%s\0" "$1"' sh "$y" """,
    "trap of quotes": r"""(y={{ x }}; trap 'printf "%s\0" "$y"' EXIT)""",
    "function's arguments": r"""f() { "$@"; }; f printf '%s\0' {{ x }}""",
    "number beside it": r"""f() { printf '%s\0' "$1" >&3; : $(($2 + 1)); }; f "{{ x }}" 3 3>&1""",
    "count of it": r"""n=$(printf '%s' {{ x }} | wc -c); : $((n + 1)); printf '%s\0' {{ x }}""",
    "day": r"""y=$(date -d {{ x }} +%s 2> no) || y=0; : $((y + 1)); printf '%s\0' {{ x }}""",
    "whole number": r"""
        n={{ x | int(0) }}; set -- {{ x | length }}; : $((n + $1 + {{ x | int(0) }}))
        printf '%s\0' {{ x }}""",
    "length": r"""y={{ x }}; : "$(( ${#y} + 1 ))" "$(( ${y:+1} + 1 ))"; printf '%s\0' "$y" """,
    "tests": r"""y={{ x }}; if [ "$y" = a ]; then echo a; fi; printf '%s\0' "$y" """,
    "xargs at the end": r"""
        printf '%s\0' {{ x }} | xargs -0 -n1 sh -c 'printf "%s\0" "${1%.txt}${2-}"' _""",
    "xargs in a place": r"""
        printf '%s\0' {{ x }} | xargs -0 -I{} sh -c 'date +%F > day; printf "%s\0" "$1"' _ {}""",
    "xargs in a named place": r"""
        printf '%s\0' {{ x }} | xargs -0 -I@ sh -c 'printf "%s\0" "$1" ${2+"{}"}' _ @""",
    "program of a variable": r"""P=printf; $P '%s\0' {{ x }}""",
    "functions that run their arguments": r"""
        try() { "$@" || "$@"; }; run() { shift; try "$@"; }; run it printf '%s\0' {{ x }}""",
    "wrapper of a variable": r"""SUDO=env; $SUDO printf '%s\0' {{ x }}; ${NOTHING:-} true {{ x }}""",
    "xargs with a file": r"""
        printf '%s\0' {{ x }} > l; xargs -0 -a l -n1 sh -c 'printf "%s\0" "$1"' _""",
    "found": r"""mkdir {{ x }}; find {{ x }} -exec sh -c 'printf "%s\0" "$1"' sh {} \;""",
    "found, several at once": r"""
        mkdir -p d/{{ x }}; find d/{{ x }} -exec sh -c 'for f; do printf "%s\0" "${f#d/}"; done' sh {} +""",
    "filters that are not run": r"""
        printf '%s\0' {{ x }} | perl -pe '' | python3 -c '
        import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())'""".replace("'\n        ", "'"),
    "number that a program counts": r"""
        n=$(printf '%s' {{ x }} | python3 -c 'import sys; print(len(sys.stdin.read()))')
        m=$(perl -e 'print length($ARGV[0]), "\n"' {{ x }}); : $((n + 1)) "$m"; printf '%s\0' {{ x }}""",
    "file that perl reads": r"""
        : > "{{ x }} |"; printf OLD > "{{ x }} |"
        V={{ x }} perl -pe 's/OLD/$ENV{V}\0/' < "{{ x }} |"; rm "{{ x }} |" """,
    "files that perl reads": r"""
        printf O > "|{{ x }}"; printf LD > "{{ x }} |"
        cat "|{{ x }}" "{{ x }} |" | V={{ x }} perl -pe 's/OLD/$ENV{V}\0/'; rm "|{{ x }}" "{{ x }} |" """,
    "files that perl edits": r"""
        printf OLD > "{{ x }} |"; printf OLD > "|{{ x }}"; printf OLD > f
        V={{ x }} perl -i -pe 's/OLD/$ENV{V}\0/' -- "{{ x }} |" "|{{ x }}"; cat "{{ x }} |"; rm *'|'*""",
    "file in a folder that perl reads": r"""
        mkdir -p e; printf OLD > e/{{ x }}.txt; V={{ x }} perl -pe 's/OLD/$ENV{V}\0/' e/{{ x }}.txt""",
    "shell inside that reads": r"""printf '%s\0' {{ x }} | env sh -c 'cat'""",
    "shell of another machine": r"""printf '%s\0' {{ x }} | ./ssh host "env sh -c 'cat > g; cat g'" """,
    "arguments on another machine": r"""
        printf '%s\0' {{ x }} | ./ssh host "xargs -0 sh -c 'printf \"%s\\0\" \"\$1\"' sh" """,
    "python on another machine": r"""
        printf '%s\0' {{ x }} | ./ssh host python3 -c "'
        import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())'" """.replace("'\n        ", "'"),
    "program beside the one that is written": r"""
        mkdir -p bin; printf '%s\0' {{ x }} > bin/data; PATH="$PWD/bin:$PATH"; cat bin/data""",
    "written to stderr": r"{ printf '%s\0' {{ x }} >&2 2>&1 | sh; } 2>&1",
}
_sound_in_bash = {
    "process substitution": r"sort -z <(printf '%s\0' {{ x }})",
    "two of them": r"diff <(echo {{ x }}) <(echo {{ x }}); printf '%s\0' {{ x }}",
    "script fed by one": r"sh script.sh < <(printf '%s\0' {{ x }})",
    "tee into programs": r"printf '%s\0' {{ x }} | tee >(cat > copy)",
    "descriptor": r"exec 3< <(printf '%s\0' {{ x }}); cat <&3",
    "loop that reads": r"""while read -rd '' l; do printf '%s\0' "$l"; done < <(printf '%s\0' {{ x }})""",
    "loop over a here-string": r"""while read -r l; do : "$l"; done <<< {{ x }}; printf '%s\0' {{ x }}""",
    "script beside a here-string": r"""bash quiet.sh <<< {{ x }}; printf '%s\0' {{ x }}""",
    "variable by another name": r"""
        f() { local -n r=$1; r={{ x }}; }; f out; printf '%s\0' "$out" """,
    "arguments by another name": r"""
        f() { local -n r=$1; shift; r=("$@"); }; f out a {{ x }}; printf '%s\0' "${out[1]}" """,
    "names that are known": r"""
        for n in a b; do declare -n r=$n; r={{ x }}; done; printf '%s\0' "$b" """,
    "array by another name": r"""
        f() { local -n r=$2; r+=("$1"); }; f "{{ x }}" out; printf '%s\0' "${out[@]}" """,
    "read by another name": r"""
        f() { local -n r=$1; IFS= read -rd '' r < <(printf '%s\0' {{ x }}); }
        f out; printf '%s\0' "$out" """,
    "array": r"""a=({{ x }}); for i in "${!a[@]}"; do printf '%s\0' "${a[i]}"; done""",
    "local array": r"""f() { local -a a=("$1"); printf '%s\0' "${a[@]}"; }; f {{ x }}""",
    "printed into a variable": r"""printf -v y '%s' {{ x }}; printf '%s\0' "$y" """,
    "length and quotes": r"""y={{ x }}; : "${#y}" "${y@Q}"; printf '%s\0' "$y" """,
    "length of an array in a loop": r"""
        a=({{ x }}); for ((i = 0; i < ${#a[@]}; i++)); do printf '%s\0' "${a[$i]}"; done""",
    "length of an array in a subscript": r"""
        a=(b {{ x }}); (( ${#a[@]} > 1 )); [[ ${#a[*]} -gt 1 ]]; printf '%s\0' "${a[${#a[@]}-1]}" """,
    "length in arithmetic": r"""
        y={{ x }}; : "$(( ${#y} + 1 ))" "$(( ${y:+1} + 1 ))" "${y:${#y}-1}"; printf '%s\0' "$y" """,
    "key": r"""declare -A m; m[{{ x }}]=1; printf '%s\0' "${!m[@]}" """,
    "key in quotes": r"""declare -A m; m["{{ x }}"]={{ x }}; printf '%s\0' "${m[{{ x }}]}" """,
    "keys that are counted": r"""
        declare -A count
        for w in {{ x }} {{ x }}; do count[$w]=$(( ${count[$w]:-0} + 1 )); done
        for w in "${!count[@]}"; do (( ${count[$w]} == 2 )) && printf '%s\0' "$w"; done""",
    "keys that were seen": r"""
        declare -A seen
        for w in {{ x }}; do [[ ${seen[$w]+x} ]] || seen[$w]=1; printf '%s\0' "$w"; done""",
    "associative array that is declared": r"""
        declare -A m=([k]={{ x }} [{{ x }}]=1); printf '%s\0' "${m[k]}" """,
    "associative array of a function": r"""
        f() { local -A m=([$1]=$1); m[$1]+=.; printf '%s\0' "${m[$1]%.}"; }; f {{ x }}""",
    "array that is declared": r"""declare -a a=({{ x }}); readonly b=("${a[0]}"); printf '%s\0' "${b[0]}" """,
    "brackets beside numbers": r"""
        y={{ x }}; n=3; [[ $y != "$n" && $n -gt 2 && ! -v nothing ]]; printf '%s\0' "$y" """,
}


_values = ["touch pwned", "'; touch pwned; \n$(touch pwned)", "a[$(touch pwned)]=1"]


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        pytest.param(shell, place, id=f"{shell}-{name}")
        for shell in shells
        for name, place in (_sound | (_sound_in_bash if shell.dialect == "bash" else {})).items()
    ],
)
def test_a_value_beside_what_is_run_is_data(shell: Shell, place: str, tmp_path: Path) -> None:
    (tmp_path / "script.sh").write_text("cat\n")
    (tmp_path / "script.py").write_text("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())\n")
    (tmp_path / "quiet.sh").write_text("true\n")
    (tmp_path / "ssh").write_text('#!/bin/sh\nshift\nexec sh -c "$*"\n')
    (tmp_path / "ssh").chmod(0o755)
    for value in _values:
        ran = run(shell, place, {"x": value}, tmp_path)
        assert ran.output.removeprefix(b"ok\0") == nul_ended([value]), place
        assert "pwned" not in ran.left
