"""A file that holds a value is not run, whatever variable, argument or text names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import faults, runs_the_value

_written = 'echo "echo {{ x }}" > "$f"; '

# By the argument of a function, which reads, runs or writes it.
_by_argument = [
    'f=$(mktemp); W load() { . "$1"; }; load "$f"',
    'f=app.env; W load() { . ./"$1"; }; load "$f"',
    'f=$(mktemp); W load() { local file=$1; source "$file"; }; load "$f"',
    'f=$(mktemp); W load() { shift; . "$1"; }; load a "$f"',
    'f=$(mktemp); W load() { for g in "$@"; do . "$g"; done; }; load /dev/null "$f"',
    'f=$(mktemp); W load() { cat "$@" | sh; }; load "$f"',
    'd=$(mktemp -d); f=$d/app.env; W load() { set -a; . "$1"; set +a; }; load "$f"',
    'f=ver; W get() { cat "$1"; }; v=$(get "$f"); sh -c "$v"',
    'write() { echo "echo $2" > "$1"; }; f=$(mktemp); write "$f" {{ x }}; . "$f"',
    'write() { echo "echo $2" > "$1"; }; write out.sh {{ x }}; f=out.sh; . ./"$f"',
]

# In the text of a script.
_by_text = [
    'f=$(mktemp); W sh -c "sh $f"',
    'f=job.sh; W bash -c ". ./$f"',
    'f=job.sh; W bash -c "source \\"$PWD/$f\\""',
    'f=job.sh; W eval "sh $f"',
    "f=job.sh; W trap 'bash \"$f\"' EXIT",
    'f=$(mktemp); W trap "sh $f" EXIT',
    'f=$(mktemp); W timeout 5 bash -c \'bash "$1"\' _ "$f"',
    "d=$(mktemp -d); f=$d/job.sh; W sh -c \"cd '$d' && sh job.sh\"",
    'f=job.sh; W sh -c "sh $PWD/job.sh"',
]

# In a command that was put together before.
_by_command = [
    'f=$(mktemp); W cmd="sh $f"; $cmd',
    'f=$(mktemp); W cmd="sh $f"; eval "$cmd"',
    'f=$(mktemp); W cmd="sh $f"; sh -c "$cmd"',
    'f=$(mktemp); W cmd=(bash "$f" arg); "${cmd[@]}"',
    'f=$(mktemp); W args=(-e "$f"); bash "${args[@]}"',
]

# By another name of the same file.
_by_path = [
    'd=$(mktemp -d); f=$d/v; W v=$(cat "$d/v"); sh -c "$v"',
    "mkdir out; OUT=out; f=$OUT/run.sh; W sh $OUT/run.sh",
    "mkdir out; OUT=out; f=$OUT/run.sh; W sh out/run.sh",
    'd=$(mktemp -d); f="$d/i.sh"; W sh < "$d/i.sh"',
    'd=$(mktemp -d); echo "echo {{ x }}" > "$d/i.sh"; for s in "$d/i.sh"; do sh "$s"; done',
    'd=$(mktemp -d); (cd "$d"; echo "echo {{ x }}" > v); v=$(cat "$d/v"); sh -c "$v"',
]


@pytest.mark.parametrize("script", [*_by_argument, *_by_text, *_by_command, *_by_path])
def test_a_file_of_a_value_is_refused_by_whatever_name_it_is_run(script: str, tmp_path: Path) -> None:
    script = script.replace("W ", _written)
    assert faults(script, "bash")
    assert runs_the_value(script.replace("{{ x }}", "${V}"), tmp_path)


@pytest.mark.parametrize(
    "script",
    [
        'f=$(mktemp); W cat "$f"; rm "$f"; curl -d @"$f" h; psql -f "$f"',
        'f=$(mktemp); W show() { cat "$1"; }; show "$f"; g=run.sh; show "$g"; sh "$g"',
        'show() { cat "$1"; }; echo {{ x }} > a; show a; show run.sh; sh run.sh',
        'a=$(mktemp); b=$(mktemp); echo {{ x }} > "$a"; sort "$a"; sh "$b"',
        'd=$(mktemp -d); e=$(mktemp -d); echo {{ x }} > "$d/v"; sh "$e/v"',
        'copy() { cp "$1" "$1.bak"; }; c=conf; echo {{ x }} > "$c"; copy "$c"; s=run.sh; copy "$s"; sh "$s"',
        'f=$(mktemp); W run() { "$@"; }; run cat "$f"; run sh job.sh "$f"',
        'f=$(mktemp); W sudo sh -c "cat $f"; sh -c \'wc -l "$1"\' _ "$f"; eval "cat $f"',
        "f=$(mktemp); W trap 'rm -f \"$f\"' EXIT",
        'f=$(mktemp); W trap "rm -f $f" EXIT',
        'f=$(mktemp); W cmd="sh run.sh $f"; $cmd',
        'f=$(mktemp); W cmd=(sh run.sh "$f"); "${cmd[@]}"; args=(-f "$f"); psql "${args[@]}"',
        'd=out; f=$d/v; echo {{ x }} > "$f"; sh "$d/run.sh"; v=$(cat "$d/w"); sh -c "echo $v"',
        'for f in a.txt run.sh; do cat "$f"; done; echo {{ x }} > a.txt; sh run.sh',
        "f=$(mktemp); W sh -c 'for f in *.sh; do sh \"$f\"; done'",
    ],
)
def test_a_file_of_a_value_is_data_where_another_one_is_run(script: str) -> None:
    assert faults(script.replace("W ", _written), "bash") == []
