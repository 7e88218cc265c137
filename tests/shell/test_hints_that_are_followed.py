"""Who writes what a hint says has a script that is accepted, runs no value, and does what was meant."""

from __future__ import annotations

import os
import re
import shutil
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, bound, faults, hints, hostile, run, shells
from test_shell_faults import cases, spelled_fix

from runner.expression.values import EvaluationError

# What stands for programs that other machines, other users or containers have: what these run is run here.
_elsewhere = {
    "ssh": 'while [ "${1#-}" != "$1" ]; do shift 2; done\nshift\nexec sh -c "$*"',
    "sudo": 'while [ "${1#-}" != "$1" ]; do shift; done\n[ "$1" != bob ] || shift\nexec "$@"',
    "docker": 'while [ "$1" != sh ]; do shift; done\nexec "$@"',
}
telling = [
    *(
        "$(touch {0})",
        "`touch {0}`",
        "'; touch {0}; '",
        '"; touch {0}; "',
        "\n touch {0}\n",
        "a[$(touch {0})]",
    ),
    *("touch {0}|", "-x", "12"),
]


def _lines_of(script: str, told: str) -> str:
    """The script with the line that is told in place of the one that it is made of, or of a heredoc."""
    lines = script.split("\n")
    heredoc = re.search(r"<<'?(\w+)'?", script)
    if heredoc and "<<" not in told and heredoc[0] not in lines[-1]:
        start = script[: heredoc.start()].count("\n")
        return "\n".join([*lines[:start], told, *lines[lines.index(heredoc[1]) + 1 :]])
    like = [SequenceMatcher(None, line, told, autojunk=False).ratio() for line in lines]
    lines[like.index(max(like))] = told
    return "\n".join(lines)


def _spelled() -> list[tuple[Dialect, str, str]]:
    found: dict[tuple[Dialect, str], str] = {}
    for dialect, script, words in cases:
        for line in words.splitlines():
            if line.startswith("   = ") and (told := spelled_fix(line.removeprefix("   = "))):
                found[dialect, _lines_of(script, told)] = script
    return [(dialect, script, text) for (dialect, text), script in found.items()]


def _programs(folder: Path) -> str:
    """The folder of what stands for other programs, before all others."""
    folder.mkdir(exist_ok=True)
    for name, text in _elsewhere.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return f"PATH='{folder}':\"$PATH\"; export PATH\n"


@pytest.mark.parametrize(("dialect", "script", "text"), _spelled())
def test_a_line_that_is_told_runs_nothing_of_a_value(
    dialect: Dialect, script: str, text: str, tmp_path: Path
) -> None:
    programs, ran = _programs(tmp_path / "programs"), tmp_path / "ran"
    assert faults(text, dialect) == []
    for number, value in enumerate(one.format(ran) for one in telling):
        names = set(re.findall(r"[A-Za-z_]\w*", " ".join(re.findall(r"\{\{(.*?)\}\}", text, re.DOTALL))))
        values = dict.fromkeys(names, value)
        values["params"] = dict.fromkeys(names, value)
        for shell in (one for one in shells if one.dialect == dialect):
            try:
                bound(text, dialect, values)
            except EvaluationError:
                continue  # it cannot be the number that it is said to be
            run(shell, programs + text, values, tmp_path / f"{shell}-{number}")
            assert not ran.exists(), (text, value)


def test_many_lines_are_told() -> None:
    assert len(_spelled()) > 100


_quoted = "inside single quotes"
# Scripts, what is told, and the script of somebody who does that. Each prints the value and no more.
# `X` and its like are given by `env:`, as the hint says.
followed: list[tuple[Dialect, str, str, str]] = [
    ("sh", """f() { local t={{ x }}; trap "printf %s $t" EXIT; }; f""", "leave out the `local`",
     """f() { t={{ x }}; trap 'printf %s "$t"' EXIT; }; f"""),
    ("sh", """f() { trap "printf %s $1" EXIT; }; f {{ x }}""", """in a variable, x="$1", and write "$x" in""",
     """f() { x="$1"; trap 'printf %s "$x"' EXIT; }; f {{ x }}"""),
    ("sh", """t={{ x }}; trap "printf %s '$t'" EXIT""", "write: t={{ x }}; trap 'printf %s \"$t\"' EXIT", ""),
    ("sh", """x=5; trap "printf %s {{ x }}" EXIT; : $x""",
     """write: x=5; x2={{ x }}; trap 'printf %s "$x2"' EXIT; : $x""", ""),
    ("sh", """eval "printf %s {{ x }}" """, """write: x={{ x }}; eval 'printf %s "$x"'""", ""),
    ("sh", """y={{ x }}; eval "printf %s $y" """, """write: y={{ x }}; eval 'printf %s "$y"'""", ""),
    ("sh", """su -c "printf %s {{ x }}" """, """write: su -c 'printf %s "$1"' root -- sh "{{ x }}\"""", ""),
    ("sh", """su root -c "printf %s {{ x }}" """,
     """write: su root -c 'printf %s "$1"' -- sh "{{ x }}\"""", ""),
    ("sh", """su -s /bin/sh -c "printf %s {{ x }}" """,
     """write: su -s /bin/sh -c 'printf %s "$1"' root -- sh "{{ x }}\"""", ""),
    ("sh", """su -c "printf %s {{ x }}" root""", """su root -c '… "$1" …' -- sh""",
     """su root -c 'printf %s "$1"' -- sh {{ x }}"""),
    ("sh", """y={{ x }}; runuser -c "printf %s $y" """, """runuser root -c '… "$1" …' -- sh "$y\"""",
     """y={{ x }}; runuser root -c 'printf %s "$1"' -- sh "$y\""""),
    ("sh", """su root <<E\nprintf %s {{ x }}\nE""", "su … -- -s -- {{ x }} <<'EOF'",
     """su root -- -s -- {{ x }} <<'E'\nprintf %s "$1"\nE"""),
    ("sh", """echo "printf %s {{ x }}" | su""", "su root -- -s -- {{ x }} <<'EOF'",
     """su root -- -s -- {{ x }} <<'E'\nprintf %s "$1"\nE"""),
    ("sh", """flock lock -c "printf %s {{ x }}" """,
     """write: flock lock sh -c 'printf %s "$1"' sh "{{ x }}\"""", ""),
    ("sh", """script -qc "printf %s {{ x }}" log > o""",
     _quoted, """script -qc 'printf %s "$X" > p' log > o; cat p"""),
    ("bash", """v=a; printf %s "${v/a/{{ x }}}\"""", """before, x={{ x }}, and write "$x" in its place""",
     """v=a; x={{ x }}; printf %s "${v/a/"$x"}\""""),
    ("bash", """v=a; printf %s ${v/a/{{ x }}}""", """before, x={{ x }}, and write "$x" in its place""",
     """v=a; x={{ x }}; printf %s "${v/a/"$x"}\""""),
    ("sh", """awk 'BEGIN { printf "%s", "{{ x }}" }'""",
     """ENVIRON["X"] in the program, outside of its quotes""",
     """awk 'BEGIN { printf "%s", ENVIRON["X"] }'"""),
    ("sh", """perl -e 'print "{{ x }}"'""", "$ENV{X} in the program", """perl -e 'print $ENV{X}'"""),
    ("sh", """python3 -c "print('{{ x }}', end='')" """,
     "os.environ['X'] in the program, outside of its quotes there, after `import os`",
     """python3 -c "import os; print(os.environ['X'], end='')" """),
    ("sh", """node -e "process.stdout.write('{{ x }}')" """,
     "process.env.X in the program, outside of its quotes",
     """node -e "process.stdout.write(process.env.X)" """),
    ("sh", """jq -jn '"{{ x }}"'""", "env.X in the program, outside of its quotes", "jq -jn env.X"),
    ("sh", """yq -jn '"{{ x }}"'""", "env.X in the yq of Python", "yq -jn env.X"),
    ("sh", """echo OLD | sed "s/OLD/{{ x }}/" """, "perl -pe 's/…/$ENV{X}/' with `env: {X: ",
     """printf OLD | perl -pe 's/OLD/$ENV{X}/'"""),
    ("sh", """make -s --eval="all: ; @printf %s {{ x }}" all""", '"$$X" in the program',
     """make -s --eval='all: ; @printf %s "$$X"' all"""),
    ("sh", """make -sf - all <<E\nall:\n\t@printf %s {{ x }}\nE""", 'write "\\$\\$X" in the recipe',
     """cat > make.mk <<E\nall:\n\t@printf %s "\\$\\$X"\nE\nmake -sf make.mk all"""),
    ("sh", """printf 'a\\n' | sed -n "/{{ x }}/p" """, "perl -ne 'print if /\\Q$ENV{X}\\E/' with `env: {X: ",
     """printf '%s' "$X" | perl -0777 -ne 'print if /\\Q$ENV{X}\\E/'"""),
    ("sh", """printf 'a\\n' | sed "/{{ x }}/d" """, "perl -ne 'print unless /\\Q$ENV{X}\\E/'",
     """printf 'line' | perl -ne 'print unless /\\Q$ENV{X}\\E/' | cat > f; printf '%s' "$X\""""),
    ("sh", """parallel ::: "printf %s {{ x }}" """, _quoted, """parallel ::: 'printf %s "$X"'"""),
    ("sh", """bash <<E\nprintf %s {{ x }}\nE""", "bash -s -- {{ x }} <<'EOF'",
     """bash -s -- {{ x }} <<'E'\nprintf %s "$1"\nE"""),
    ("sh", """python3 <<E\nprint('{{ x }}', end='')\nE""", "python3 - {{ x }} <<'EOF'",
     """python3 - {{ x }} <<'E'\nimport sys; print(sys.argv[1], end='')\nE"""),
    ("sh", """ssh host "printf %s {{ x }}" """,
     """write: printf '%s\\0' "{{ x }}" | ssh host 'xargs -0 printf %s'""", ""),
    ("sh", """printf "{{ x }}" """, 'write: printf "%s" "{{ x }}"', ""),
    ("sh", """t={{ x }}; su -c "printf %s '$t'" root 2>/dev/null || :""",
     """su root -c '… "$1" …' -- sh "$t\"""",
     """t={{ x }}; su root -c 'printf %s "$1"' -- sh "$t" 2>/dev/null || :"""),
    ("bash", """cfg=$(cat <<E\nNAME={{ x }}\nE\n)\neval "$cfg"; printf %s "$NAME\"""", "NAME={{ x }}",
     """NAME={{ x }}; printf %s "$NAME\""""),
    ("bash", """q={{ x }}; eval "VERSION_$q=\\$q"; eval "printf %s \\"\\$VERSION_$q\\"\"""",
     "`declare -A version` on a line of its own: version[$q]=…, and ${version[$q]}",
     """declare -A version\nq={{ x }}; version[$q]="$q"; printf %s "${version[$q]}\""""),
    ("sh", """ssh host sh -s -- {{ x }} <<'E'\nprintf %s "$1"\nE""",
     """printf '%s\\0' "{{ x }}" | ssh host 'xargs -0 sh script'""",
     """ssh host 'cat > script' <<'E'\nprintf %s "$1"\nE
printf '%s\\0' "{{ x }}" | ssh host 'xargs -0 sh script'"""),
    # Elements of arrays.
    ("bash", """l=({{ x }}); sh -c "printf %s ${l[0]}" """, """sh -c '… "$1" …' sh "${l[0]}\"""",
     """l=({{ x }}); sh -c 'printf %s "$1"' sh "${l[0]}\""""),
    ("bash", """c=(printf %s {{ x }}); ssh host "${c[*]}" """, """printf '%s\\0' "${c[@]}" | ssh""",
     """c=(printf %s {{ x }}); printf '%s\\0' "${c[@]}" | ssh host 'xargs -0 sh -c '\\''"$@"'\\'' sh'"""),
    ("bash", """v={{ x }}; [[ "a$v" =~ ^a(.*)$ ]]; sh -c "printf %s ${BASH_REMATCH[1]}" """,
     """sh "${BASH_REMATCH[1]}\"""",
     """v={{ x }}; [[ "a$v" =~ ^a(.*)$ ]]; sh -c 'printf %s "$1"' sh "${BASH_REMATCH[1]}\""""),
    ("bash", """v={{ x }}; [[ "a$v" =~ ^a(.*)$ ]]; ssh host "printf %s ${BASH_REMATCH[1]}" """,
     """printf '%s\\0' "${BASH_REMATCH[1]}" | ssh""",
     """v={{ x }}; [[ $v =~ (.*) ]]; printf '%s\\0' "${BASH_REMATCH[1]}" | ssh host 'xargs -0 printf %s'"""),
    ("bash", """declare -A m; k=a; m[a]={{ x }}; eval "printf %s ${m[$k]}" """,
     """as in: eval 'echo "${m[$k]}"'""",
     """declare -A m; k=a; m[a]={{ x }}; eval 'printf %s "${m[$k]}"'"""),
    ("sh", "cat > gen.sh <<E\nprintf %s {{ x }}\nE\nsh gen.sh",
     'as an argument: sh gen.sh {{ x }}, and write "\\$1" in its heredoc',
     'cat > gen.sh <<E\nprintf %s "\\$1"\nE\nsh gen.sh {{ x }}'),
    ("sh", 'f=gen.sh; echo "printf %s {{ x }}" > "$f"; sh "$f"',
     'as an argument: sh "$f" {{ x }}, and write "$1" in the file, inside single quotes',
     'f=gen.sh; echo \'printf %s "$1"\' > "$f"; sh "$f" {{ x }}'),
    ("bash", """l=({{ x }}); printf OLD | sed "s/OLD/${l[0]}/" """,
     """perl -pe 's/…/$ENV{x}/' after: export x="${l[0]}\"""",
     """l=({{ x }}); export x="${l[0]}"; printf OLD | perl -pe 's/OLD/$ENV{x}/'"""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shell", "script", "words", "text"),
    [(one, *row) for dialect, *row in followed for one in shells if dialect in ("sh", one.dialect)],
    ids=str,
)
def test_the_value_arrives_where_a_hint_brings_it(
    shell: Shell, script: str, words: str, text: str, tmp_path: Path
) -> None:
    (hint,) = set(hints(script, shell.dialect))
    assert words in hint
    text = text or spelled_fix(words)
    for name in {*re.findall(r"[a-z0-9]+", text)} & _optional:
        if shutil.which(name) is None or (name in ("su", "runuser") and os.geteuid() != 0):
            pytest.skip(f"{name} is not to be had here")
    programs = _programs(tmp_path / "programs")
    by_env = "X={{ x }}; export X\n" if "X" in text else ""
    for value in (*hostile[2:5], *hostile[7:14], *hostile[17:22], *hostile[28:31]):
        done = run(shell, by_env + programs + text, {"x": value}, tmp_path / "folder")
        assert (done.output.decode(), "pwned" in done.left) == (value, False), (text, value, done.errors)


_optional = set("su runuser flock script awk perl python3 node jq yq make parallel bash".split())  # noqa: SIM905
