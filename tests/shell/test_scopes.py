"""Names that mean several variables: locals, loops, values given anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from drawing import SEED
from shell_trials import Shell, faults, run, shells

_hostile = "touch pwned"


@pytest.mark.parametrize(
    "script",
    [
        'f() { local n={{ x }}; echo "$n"; }; g() { local n=3; echo $((n + 1)); }; f; g',
        "f() { local i; for i in 1 2; do echo $((i + 1)); done; }; for i in {{ x }}; do f; done",
        'for i in {{ x }}; do echo "$i"; done; for i in 1 2 3; do echo $((i + 1)); done',
        'n={{ x }}; echo "$n"; n=3; echo $((n + 1))',
        'n={{ x }}; n=$(printf %s "$n" | wc -c); echo $((n + 1))',
        'while read -r n; do echo "$n"; n=3; echo $((n + 1)); done <<E\n{{ x }}\nE\n',
        'n={{ x }}; echo "$n"; read -r n <<E\n3\nE\necho $((n + 1))',
        "export A={{ x }}; n={{ x }}; if true; then n=3; echo $((n + 1)); fi",
        "n={{ x }}; trap 'rm -f \"$t\"' EXIT; n=3; echo $((n + 1))",
        "n={{ x }}; case {{ x }} in a) n=3; echo $((n + 1));; *) n=4; echo $((n + 1));; esac",
        # in a function that names it in no other way than as a word of a text
        'log() { echo "the count is $*"; }; count=0; echo $((count)); count={{ x }}; log {{ x }}',
        "log() { printf '%s\\n' \"$*\"; }; n=0; echo $((n)); n={{ x }}; log {{ x }}",
        'log() { echo the n is "$@" # of n\n}; n=0; echo $((n)); n={{ x }}; log "$n"',
        'need() { command -v "$1" || exit; [ -n "$1" ]; }; v=0; echo $((v)); v={{ x }}; need sh',
        'f() { local m="n of"; k="for n"; echo "$m$k"; }; n=0; echo $((n)); n={{ x }}; f',
        "f() { cat <<E\nthe n\nE\n}; n=0; echo $((n)); n={{ x }}; f",
        # that several functions share, but each goes through it or gives it before it reads it
        'for i in 1 2; do echo $((i)); done; f() { for i in "$@"; do echo "$i"; done; }; f {{ x }}',
        'f() { for i in 1 2; do "$@"; done; }; i=0; echo $((i)); for i in {{ x }}; do f echo "$i"; done',
        'f() { n={{ x }}; echo "$n"; }; g() { n=1; echo $((n)); }; f; g; f',
        'f() { n=$1; echo "$n"; }; n=0; while [ $((n)) = 0 ]; do n=$((n + 1)); done; f {{ x }}',
        # beside `eval`, which gets no text that names a variable
        'run() { local cmd="$*"; eval "$cmd"; }; run ls; cmd={{ x }}; echo "$cmd"',
        'run() { local cmd="$*"; eval "$cmd"; }; g() { local cmd=$1; echo "$cmd"; }; run ls; g {{ x }}',
        'f() { local arg=$1; eval "echo $arg"; }; f hi; arg={{ x }}',
    ],
)
def test_a_name_that_is_given_anew_is_another_variable(script: str) -> None:
    assert faults(script, "sh") == []


@pytest.mark.parametrize(
    "script",
    [
        "f() { local n; echo $((n)); }; n={{ x }}; f",  # inherited in some shells
        "f() { local n={{ x }}; g; }; g() { echo $((n)); }; f",
        "f() { echo $((n)); local n=3; }; n={{ x }}; f",
        "f() { local n=$n; echo $((n)); }; n={{ x }}; f",
        "f() { [ a = b ] && local n=3; echo $((n)); }; n={{ x }}; f",
        "f() { if false; then local n=3; fi; echo $((n)); }; n={{ x }}; f",
        "n={{ x }}; if false; then n=3; fi; echo $((n))",
        "n={{ x }}; if n=3; false; then :; else n={{ x }}; fi; echo $((n))",
        "if true; then n={{ x }}; else n=3; echo a; fi; echo $((n))",
        "n=3; if n={{ x }}; then echo $((n)); fi",
        "n={{ x }}; false && n=3; echo $((n))",
        "n={{ x }}; n=3 | cat; echo $((n))",
        "n={{ x }}; n=3 & echo $((n))",
        "n={{ x }}; (n=3); echo $((n))",
        "n=3; while true; do echo $((n)); n={{ x }}; done",
        "for i in {{ x }}; do :; done; for i in; do :; done; echo $((i))",
        "for i in 1 2; do for j in 1 2; do echo $((i)); i={{ x }}; done; done",
        "n={{ x }}; cat <<E; n=3\n$((n))\nE\n",
        "n={{ x }}; n=3 true; echo $((n))",
        "n={{ x }}; n+=3; echo $((n))",
        "f() { n={{ x }}; }; n=3; f; echo $((n))",
        "n={{ x }}; read n < missing || echo $((n))",
        "f() { echo $((n)); n={{ x }}; }; f; f",
        "m=n; n=3; n={{ x }}; echo $((m))",
        "incr() { echo $(( $1 + 1 )); }; n={{ x }}; incr n; incr 3",
        "n={{ x }}; n=$n; echo $((n))",
        "n={{ x }}; while read -r n; do echo $((n)); done <<E\n$n\nE\n",
        "n={{ x }}; { n=3; cat; } <<E | { read -r m; echo $((m)); }\n$n\nE\n",
        "n={{ x }}; m=${n:=3}; echo $((m))",
        "n={{ x }}; : ${n:=3}; echo $((n))",
        "f() { n=3; [ $1 = b ] || f b; echo $((n)); n={{ x }}; }; f a",
        "f() { n=3; g; echo $((n)); n={{ x }}; }; g() { [ -e a ] || f; }; f",
        "f() { local n=3; declare -g n={{ x }}; }; f; echo $((n))",
        "n={{ x }}; read -p n m; echo $((n))",
        "n={{ x }}; read -t 0 n || true; echo $((n))",
        "n={{ x }}; trap 'echo $((n))' EXIT; n=3",
        "n={{ x }}; trap t EXIT; t() { echo $((n)); }; n=3",
        'f() { echo "the n is $((n))"; }; n=0; echo $((n)); n={{ x }}; f',
        'f() { echo "${1:+$((n))}"; }; n=0; n={{ x }}; f a',
        'f() { echo "`echo $((n))`"; }; n=0; n={{ x }}; f',
        'f() { echo "n: $(read -r n <<E\n{{ x }}\nE\necho $((n)))"; }; n=0; f',
        "f() { command read -r n; }; n=0; f <<E\n{{ x }}\nE\necho $((n))",
        'f() { "$@"; }; n=0; f read -r n <<E\n{{ x }}\nE\necho $((n))',
        'f() { echo "$(($1))"; }; n=0; n={{ x }}; f "n + 1"',
        'm="1 + n"; n=0; n={{ x }}; echo $((m))',
        'f() { for i in "$@"; do :; done; }; for i in 1 2; do f {{ x }}; echo $((i)); done',
        'f() { for i in "$@"; do :; done; }; for i in 1 2; do echo $((i)); done; f {{ x }}; echo $((i))',
        'f() { i={{ x }}; }; g() { for i in 1 2; do "$@"; echo $((i)); done; }; g f',
        "f() { i={{ x }}; }; g() { for i in 1 2; do $1; echo $((i)); done; }; g f",
        "f() { i={{ x }}; }; i=0; while [ $((i)) = 0 ]; do f; done",
        "f() { i={{ x }}; }; i=0; trap f USR1; echo $((i))",
        "f() { i={{ x }}; }; g() { local i=0; f; echo $((i)); }; g",
        "f() { i={{ x }}; }; g() { echo $((i)); }; i=0; f; g",
        "f() { echo $((i)); }; g() { for i in {{ x }}; do f; done; }; i=0; f; g",
        'f() { local a=1; g "$@"; }; g() { eval "$1"; }; a={{ x }}; f \'eval "$a"\'; eval "$a"',
        'run() { local cmd=ls; eval "$cmd"; }; cmd={{ x }}; run; eval "$cmd"',
        'run() { eval "$cmd"; }; g() { local cmd={{ x }}; run; }; g',
        'run() { local cmd=$1; eval "$cmd"; }; cmd={{ x }}; run "eval \\$cmd"; run "$cmd"',
        'run() { local cmd; eval "$1"; eval "$cmd"; }; cmd={{ x }}; run "cmd=\\$1"',
        "n=3; set -- n; read $1 <<E\n{{ x }}\nE\necho $((n))",
    ],
)
def test_what_may_still_be_the_old_one_counts_as_that(script: str) -> None:
    assert {fault.code for fault in faults(script, "sh")} & {"unsound-place", "program-text"}


@pytest.mark.parametrize("shell", shells, ids=str)
def test_a_name_in_a_text_reads_nothing(shell: Shell, tmp_path: Path) -> None:
    script = """log() { echo "the count is $*" # a count
    }
    count=0
    for w in a b; do count=$((count + 1)); done
    log "$count"
    count={{ x }}
    log "$count"
    """
    for value in (_hostile, "a[$(touch pwned)]", "count", "$(touch pwned)"):
        done = run(shell, script, {"x": value}, tmp_path)
        assert (done.output, done.left) == (f"the count is 2\nthe count is {value}\n".encode(), ())


def test_in_bash_a_local_variable_begins_empty() -> None:
    script = "f() { local n; echo $((n)); }; n={{ x }}; f"
    assert faults(script, "bash") == []


class Writer:
    """Writes scripts that give variables values, one of them hostile, and run what they hold."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def name(self) -> str:
        return self.chance.choice("ab")

    def lines(self, depth: int, number: int | None = None) -> str:
        return "; ".join(self.line(depth) for _ in range(number or self.chance.randint(1, 3)))

    def line(self, depth: int) -> str:
        plain: list[Callable[[], str]] = [
            *[lambda: f"{self.name()}={{{{ x }}}}"] * 2,
            *[lambda: f"{self.name()}=:"] * 3,
            lambda: f"{self.name()}=${self.name()}",
            lambda: f"{self.name()}=: true",
            lambda: f"{self.name()}=: && true",
            lambda: f"false && {self.name()}=:",
            lambda: f"read {self.name()} <<E\n:\nE\n",
            lambda: f"f{self.chance.randint(0, 1)}",
            *[lambda: f'sh -c "${self.name()}"'] * 4,
            lambda: f'{self.name()}=$(echo "${self.name()}")',
            lambda: f": ${{{self.name()}:=:}}",
            lambda: f"{self.name()}=${{{self.name()}:=:}}",
            lambda: f"read -r -t 0 {self.name()} || :",
        ]
        nested: list[Callable[[], str]] = [
            lambda: f"if true; then {self.lines(depth - 1)}; else {self.lines(depth - 1)}; fi",
            lambda: f"if {self.lines(depth - 1)}; then {self.lines(depth - 1)}; fi",
            lambda: f"for {self.name()} in : {{{{ x }}}}; do {self.lines(depth - 1)}; done",
            lambda: f"for {self.name()} in : :; do {self.lines(depth - 1)}; done",
            lambda: f"while read -r {self.name()}; do {self.lines(depth - 1)}; done <<E\n${self.name()}\nE\n",
            lambda: f"{{ {self.lines(depth - 1)}; }} <<E\n${self.name()}\nE\n",
            lambda: f"for i in 1 2; do {self.lines(depth - 1)}; done",
            lambda: f"({self.lines(depth - 1)})",
            lambda: f"{{ {self.lines(depth - 1)}; }}",
            lambda: f"case a in b) {self.lines(depth - 1)};; a) {self.lines(depth - 1)};; esac",
            lambda: f"for j in 1 2; do {self.lines(depth - 1)}; [ $j = 1 ] || break; done",
        ]
        return self.chance.choice(plain + nested if depth else plain)()

    def function(self, number: int) -> str:
        """It may call none but those before it."""
        local = self.chance.choice(["", f"local {self.name()}; ", f"local {self.name()}=:; "])
        before = self.chance.choice(["", "", self.lines(0) + "; "])
        body = (before + local + self.lines(2)).replace(f"f{number}", ":")
        return f"f{number}() {{ {body if number else body.replace('f1', ':')}; }}"

    def script(self) -> str:
        parts = (
            [self.function(0), self.function(1)]
            if self.chance.random() < 0.6
            else ["f0() { :; }; f1() { :; }"]
        )
        return "\n".join([*parts, self.lines(2), self.lines(2)]).replace("\n;", "\n").replace("E\n\n", "E\n")


@pytest.mark.parametrize("shell", shells, ids=str)
def test_no_variable_of_an_accepted_script_runs_a_value(shell: Shell, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {shell}")
    tried = 0
    while tried < 15:
        script = "set +eu\n" + Writer(chance).script()
        if "{{" not in script or "sh -c" not in script or faults(script, shell.dialect):
            continue
        tried += 1
        ran = run(shell, script, {"x": _hostile}, tmp_path / str(tried))
        assert ran.left == (), f"RUNNER_TEST_SEED={SEED} {script!r}"
