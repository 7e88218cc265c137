"""Everyday scripts are accepted as people write them, and do what they say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from shell_trials import Dialect, run, shells


@dataclass(frozen=True)
class Sound:
    """A script, its values, and what it prints in a folder of a few files."""

    name: str
    text: str
    values: dict[str, Any]
    output: str
    dialect: Dialect = "sh"


_file = {"file": "my notes.txt"}

scripts = [
    Sound("pipe", "cat {{ file }} | sort | head -n 1", _file, "apple\n"),
    Sound("count", "wc -l < {{ file }} | tr -d ' '", _file, "3\n"),
    Sound("sed's file", "sed -n 1p {{ file }}", _file, "pear\n"),
    Sound("sed's file after -e", "sed -e 's/e/E/' -- {{ file }} | head -n 1", _file, "pEar\n"),
    Sound("awk's file", "awk -F: '{ print $1, NR }' {{ file }} | tail -n 1", _file, "apple 3\n"),
    Sound("awk's variable", "awk -v n={{ n }} 'NR == n' 'my notes.txt'", {"n": 2}, "fig\n"),
    Sound("grep", "grep -c -- {{ word }} 'my notes.txt'", {"word": "fig"}, "1\n"),
    Sound("or true", "grep {{ word }} 'my notes.txt' || echo none", {"word": "kiwi"}, "none\n"),
    Sound(
        "heredoc",
        'cat <<EOF\nHello {{ name }},\n  it\'s "{{ n }}"\nEOF',
        {"name": "Zoë", "n": 3},
        'Hello Zoë,\n  it\'s "3"\n',
    ),
    Sound(
        "heredoc to a file",
        "cat > {{ to }} <<EOF\nx={{ x }}\nEOF\ncat {{ to }}",
        {"to": "a b", "x": "$x"},
        "x=$x\n",
    ),
    Sound(
        "heredoc as text",
        "cat <<'EOF'\n$HOME isn't {touched}\nEOF\necho {{ x }}",
        {"x": 1},
        "$HOME isn't {touched}\n1\n",
    ),
    Sound("heredoc with tabs", "if true; then\n\tcat <<-END\n\t{{ x }}\n\tEND\nfi", {"x": "a\tb"}, "a\tb\n"),
    Sound(
        "if",
        'if [ -f {{ file }} ]; then echo "has {{ file }}"; else echo no; fi',
        _file,
        "has my notes.txt\n",
    ),
    Sound("if not", "if ! [ -e {{ file }} ]; then exit 3; fi; echo ok", _file, "ok\n"),
    Sound(
        "elif",
        "if [ {{ n }} -gt 5 ]; then echo big\nelif [ {{ n }} -gt 1 ]; then echo some\nelse echo few; fi",
        {"n": 3},
        "some\n",
    ),
    Sound(
        "loop over a list", 'for x in {{ xs }}; do echo "<$x>"; done', {"xs": ["a b", "c"]}, "<a b>\n<c>\n"
    ),
    Sound(
        "loop over files",
        'for f in {{ dir }}/*.csv; do basename "$f" .csv; done',
        {"dir": "my data"},
        "june\nmay\n",
    ),
    Sound(
        "while read",
        'while IFS= read -r line; do echo "$line{{ mark }}"; done < {{ file }}',
        {**_file, "mark": "!"},
        "pear!\nfig!\napple!\n",
    ),
    Sound(
        "until",
        'n=0; until [ "$n" -ge 2 ]; do n=$((n + 1)); echo "$n {{ x }}"; done',
        {"x": "a"},
        "1 a\n2 a\n",
    ),
    Sound(
        "case",
        "case {{ os }} in\n  linux | *bsd) echo unix ;;\n  win*) echo windows ;;\n  *) echo other ;;\nesac",
        {"os": "freebsd"},
        "unix\n",
    ),
    Sound(
        "case of a value", 'case "$PATH" in {{ p }}) echo same;; *) echo other;; esac', {"p": "*"}, "other\n"
    ),
    Sound("function", 'greet() {\n  echo "Hello, $1"\n}\ngreet {{ name }}', {"name": "A B"}, "Hello, A B\n"),
    Sound("function body", "say() { printf '%s\\n' {{ x }} \"$@\"; }; say b", {"x": "a"}, "a\nb\n"),
    Sound(
        "substitution",
        'd=$(dirname {{ p }}) && b="$(basename {{ p }} .gz)" && echo "$b in $d"',
        {"p": "a b/c.gz"},
        "c in a b\n",
    ),
    Sound(
        "assignments", 'A={{ a }} B="{{ b }}-x"; export A; echo "$A $B"', {"a": "1 2", "b": "3"}, "1 2 3-x\n"
    ),
    Sound("environment", "LIMIT={{ n }} sh -c 'echo \"$LIMIT\"'", {"n": 5}, "5\n"),
    Sound("default", 'echo "${NOTHING:-{{ x }}}" "${HOME:+{{ x }}}"', {"x": "a"}, "a a\n"),
    Sound("removed prefix", 'p=/srv/data/x; echo "${p#{{ base }}/}"', {"base": "/srv"}, "data/x\n"),
    Sound(
        "redirections",
        "echo out > {{ to }} 2>&1; echo more >> {{ to }}; cat < {{ to }}",
        {"to": "a b"},
        "out\nmore\n",
    ),
    Sound("groups", "{ echo {{ x }}; echo b; } | sort -r; (cd / && echo {{ x }})", {"x": "a"}, "b\na\na\n"),
    Sound("subshell's folder", "(cd {{ dir }} && ls)", {"dir": "my data"}, "june.csv\nmay.csv\n"),
    Sound(
        "shell's arguments", "sh -c 'echo \"$2 $1\"' sh {{ a }} {{ b }}", {"a": "1 1", "b": "2"}, "2 1 1\n"
    ),
    Sound(
        "xargs",
        "printf '%s\\n' {{ xs }} | xargs -I% echo {{ a }} %",
        {"xs": ["x", "y"], "a": "-"},
        "- x\n- y\n",
    ),
    Sound(
        "find",
        "find {{ dir }} -name {{ p }} -exec basename {} \\;",
        {"dir": "my data", "p": "may*"},
        "may.csv\n",
    ),
    Sound(
        "python's arguments", "python3 -c 'import sys; print(sys.argv[1])' {{ x }}", {"x": "it's"}, "it's\n"
    ),
    Sound(
        "python's program",
        "python3 - {{ x }} <<'EOF'\nimport sys\nprint(f'{sys.argv[1]}')\nEOF",
        {"x": '"'},
        '"\n',
    ),
    Sound(
        "trap", 'tmp={{ tmp }}; trap \'rm -f "$tmp"\' EXIT; touch "$tmp"; ls "$tmp"', {"tmp": "t t"}, "t t\n"
    ),
    Sound("command in arithmetic", 'f={{ file }}; echo $(( $(wc -l < "$f") + 1 ))', _file, "4\n"),
    Sound("arithmetic", "n=$(wc -l < {{ file }}); echo $(( (n + 1) * 2 ))", _file, "8\n"),
    Sound("whole numbers", "n={{ n | int | verbatim }}; echo $((n + 1))", {"n": "4"}, "5\n"),
    Sound("whole numbers are data too", "n={{ n | int }}; echo $((n + {{ n | int }}))", {"n": "4"}, "8\n"),
    Sound(
        "continued line",
        "printf '%s,' \\\n  {{ a }} \\\n  --flag={{ b }}\necho",
        {"a": 1, "b": "x y"},
        "1,--flag=x y,\n",
    ),
    Sound("comments", "# don't: $( `\necho {{ x }} # it's here\n", {"x": "a"}, "a\n"),
    Sound(
        "quotes in quotes",
        """echo "it's \\"{{ x }}\\" and \\$5" 'and "$5"'""",
        {"x": "a"},
        'it\'s "a" and $5 and "$5"\n',
    ),
    Sound("and, or", "[ -n {{ x }} ] && [ {{ x }} != b ] && echo yes || echo no", {"x": "a"}, "yes\n"),
    Sound(
        "positional parameters",
        'set -- {{ xs }}; echo "$# $1"; shift; echo "$*"',
        {"xs": ["a", "b", "c"]},
        "3 a\nb c\n",
    ),
    Sound(
        "options of a script, printed",
        'set -- --host {{ x }} --port 1 --verbose; while [ $# -gt 0 ]; do case "$1" in '
        '-h|--host) HOST="$2"; shift 2 ;; -p|--port) PORT="$2"; shift 2 ;; -v|--verbose) shift ;; '
        'esac; done; echo "$HOST" "$PORT" "$*"',
        {"x": "a  b"},
        "a  b 1 \n",
    ),
    Sound(
        "options of a script, formatted",
        'set -- --host {{ x }} --port 1 --verbose; while [ $# -gt 0 ]; do case "$1" in '
        '-h|--host) HOST="$2"; shift 2 ;; -p|--port) PORT="$2"; shift 2 ;; -v|--verbose) shift ;; '
        'esac; done; printf "%s," "$HOST" "$PORT" "$*"',
        {"x": "a  b"},
        "a  b,1,,",
    ),
    Sound(
        "options of a script, handed on to a program",
        'printf \'#!/bin/sh\\nprintf "<%%s>" "$@"\\n\' > show; chmod +x show\n'
        'set -- --host {{ x }} --port 1 --user a --verbose; while [ $# -gt 0 ]; do case "$1" in '
        '--host) HOST="$2"; shift 2 ;; --port) PORT="$2"; shift 2 ;; --user) U=$2; shift 2 ;; '
        '-v|--verbose) shift ;; esac; done; ./show "$HOST" "$PORT" "$U" "$@"',
        {"x": "a  b"},
        "<a  b><1><a>",
    ),
    Sound("prefix from a list", "{{ prefix }} echo {{ x }}", {"prefix": ["env", "A=1"], "x": "a"}, "a\n"),
    Sound("program from a value", '{{ program }} "{{ x }}"', {"program": "echo", "x": "a  b"}, "a  b\n"),
    Sound("background", "echo {{ x }} > a & wait $!; cat a", {"x": "a"}, "a\n"),
    Sound("raw braces", "echo '{% raw %}{{ name }}{% endraw %}' {{ x }}", {"x": "a"}, "{{ name }} a\n"),
    Sound(
        "array",
        'args=(-n {{ x }} "{{ x }}!"); args+=({{ xs }}); printf "%s," "${args[@]}"',
        {"x": "a b", "xs": ["c", "d"]},
        "-n,a b,a b!,c,d,",
        "bash",
    ),
    Sound("here-string", "tr a-z A-Z <<< {{ x }}", {"x": "a  b"}, "A  B\n", "bash"),
    Sound(
        "process substitution",
        "paste -d, <(printf '%s\\n' {{ a }}) <(echo {{ b }})",
        {"a": "x", "b": "y"},
        "x,y\n",
        "bash",
    ),
    Sound(
        "double brackets",
        'v={{ x }}; if [[ $v == a* && ! -e $v ]]; then echo "$v"; fi',
        {"x": "a b"},
        "a b\n",
        "bash",
    ),
    Sound("copies", "echo {{ file }}{,.bak}", {"file": "a b"}, "a b a b.bak\n", "bash"),
    Sound("local", 'f() { local x={{ x }}; echo "${x^^}"; }; f', {"x": "a b"}, "A B\n", "bash"),
]


def test_there_are_enough_of_them() -> None:
    assert len(scripts) >= 40
    assert len({script.name for script in scripts}) == len(scripts)


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        pytest.param(shell, script, id=f"{shell}-{script.name}")
        for shell in shells
        for script in scripts
        if script.dialect in ("sh", shell.dialect)
    ],
)
def test_an_everyday_script_is_accepted_and_runs(shell: Any, script: Sound, tmp_path: Path) -> None:
    (tmp_path / "my data").mkdir()
    (tmp_path / "my data" / "june.csv").touch()
    (tmp_path / "my data" / "may.csv").touch()
    (tmp_path / "my notes.txt").write_text("pear\nfig\napple\n")
    ran = run(shell, script.text, script.values, tmp_path)
    assert (ran.output.decode(), ran.errors, ran.code) == (script.output, "", 0)
