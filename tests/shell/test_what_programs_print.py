"""What programs print of the values that they are given counts as these, wherever it goes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from shell_trials import Dialect, faults, hints, run, shells

printed = [
    # By git, as it is given.
    "git rev-parse {{ x }}",
    "git rev-parse -- ./{{ x }}",
    "git rev-parse --abbrev-ref --verify {{ x }}",
    "git check-attr -a {{ x }}",
    "git check-ignore -v -n {{ x }}",
    "git interpret-trailers --trailer {{ x }} < f",
    "echo {{ x }} | git stripspace",
    "git log -1 --format={{ x }}",
    "git log -1 --pretty=format:%s {{ x }}",
    "git ls-files {{ x }}",
    "git show {{ x }}",
    "git diff --stat {{ x }}",
    "git diff --name-only main -- {{ x }}",
    # By git, of what its repository was given.
    "git checkout -q -b {{ x }}; git branch --show-current",
    "git switch -c {{ x }}; git rev-parse --abbrev-ref HEAD",
    "git -C d tag {{ x }}; git -C d describe --tags",
    "git tag {{ x }}; git show-ref | cut -d' ' -f2",
    "git commit -m {{ x }}; git log -1 --format=%s",
    "git log -1 --format=%s; git commit -m {{ x }}",
    "git commit -F - <<E\n{{ x }}\nE\ngit show -s",
    "GIT_AUTHOR_NAME={{ x }} git commit -m a; git log -1 --format=%an",
    "git config user.name {{ x }}; git config user.name",
    "git -c user.name={{ x }} commit -m a; git log --format='%an %H'",
    # By git, of the folder that the script is in.
    "cd ./{{ x }}; git rev-parse --show-toplevel",
    "git -C {{ x }} rev-parse --git-dir",
    # By other programs: separators, formats, headings, queries.
    "find . -maxdepth 0 -printf {{ x }}",
    'find . -printf "%p {{ x }}"',
    "seq -s {{ x }} 1 2",
    "seq -f%g{{ x }} 1 2",
    "jq -rn '$ARGS.positional[0]' --args {{ x }}",
    "jq -rn '$ARGS.named' --arg a {{ x }}",
    "awk -v OFS={{ x }} '{ print 1, 2 }' f",
    "shuf -en1 {{ x }} b",
    "nl -s{{ x }} f",
    "pr -h {{ x }} f",
    "numfmt --suffix={{ x }} 1",
    "grep -H --label={{ x }} a",
    "tr a {{ x }} < f",
    "paste -sd {{ x }} f",
    "cut -d, -f1,2 --output-delimiter={{ x }} f",
    "stat -c {{ x }} f",
    "date +{{ x }}",
    "curl -sw {{ x }} host",
    "docker ps --format {{ x }}",
    "kubectl get pods -o {{ x }}",
    "sqlite3 :memory: \"select '{{ x }}'\"",
    "sqlite3 -separator {{ x }} db 'select 1, 2'",
    "psql -tAc \"select '{{ x }}'\"",
    "mysql -Ne \"select '{{ x }}'\"",
    # By those that are asked to say what they do.
    "mkdir -pv {{ x }}",
    "tar cvf a.tar {{ x }}",
    "head -v {{ x }}",
    "diff -u {{ x }} f",
    "cd ./{{ x }}; realpath .",
    # By those that are called so, too.
    "echo {{ x }} | original-awk '{ print }'",
    "goawk -v v={{ x }} 'BEGIN { print v }'",
    "echo {{ x }} | ssed p",
    "echo {{ x }} | zgrep a",
    "echo {{ x }} | gojq -R .",
]  # fmt: skip


@pytest.mark.parametrize("script", printed)
def test_what_is_printed_of_a_value_is_refused_as_program_text(script: str) -> None:
    first, _, last = script.rpartition("\n" if "\n" in script else "; ")
    before = first + "\n" if first else ""
    assert faults(f'{before}sh -c "echo $({last})"', "bash")
    assert faults(f'{before}v=$({last} || true); ssh host "echo $v"', "bash")


told: list[tuple[Dialect, str, str]] = [
    ("sh", 'sh -c "echo $(git rev-parse {{ x }})"', 'pass it as an argument: sh -c \'… "$1" …\' sh "$(…)"'),
    ("sh", 'git tag {{ x }}; sh -c "echo $(git describe)"',
     'pass it as an argument: sh -c \'… "$1" …\' sh "$(…)"'),
    ("bash", 'f() { local v=$(git rev-parse {{ x }}); bash -c "echo $v"; }; f',
     'pass it as an argument: sh -c \'… "$1" …\' sh "$v"'),
    ("sh", "n=$(git rev-parse {{ x }} || true); echo $((n))",
     "compute it in the expression instead, where a filter such as `int` makes a number of it"),
    ("sh", 'ssh host "git checkout $(git rev-parse {{ x }})"',
     "send it by a pipe, and let xargs give it to a script there: printf '%s\\0' \"$(…)\" | "
     "ssh … 'xargs -0 sh -c '\\''… \"$1\" …'\\'' sh'"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "script", "hint"), told)
def test_a_value_that_a_program_prints_is_refused_with_the_fix(
    dialect: Dialect, script: str, hint: str
) -> None:
    assert hints(script, dialect) == [hint]


sound = [
    'sha=$(git rev-parse --verify {{ x }}); ssh host "deploy $sha"',
    'git checkout {{ x }}; sha=$(git rev-parse HEAD); ssh host "deploy $sha"',
    'git checkout {{ x }}; sha=$(git rev-parse --short HEAD); ssh host "deploy $sha"',
    'git fetch origin {{ x }}; v=$(git show {{ x }}:VERSION); ssh host "deploy $v"',
    'sha=$(git ls-remote {{ x }} HEAD | cut -f1); ssh host "deploy $sha"',
    'sha=$(git log -1 --format=%H {{ x }}); ssh host "deploy $sha"',
    "git clone {{ x }} src; n=$(git -C src rev-list --count HEAD); echo $((n + 1))",
    "git checkout {{ x }}; t=$(git log -1 --format=%ct); echo $((t + 1))",
    'git -C {{ x }} commit -m a; m=$(git -C {{ x }} log -1 --format=%s); ssh host "echo $m"',
    "git diff --name-only {{ x }}...HEAD | xargs -I{} sh -c 'wc {}'",
    "n=$(git diff --name-only {{ x }} | wc -l); echo $((n + 1))",
    "for i in $(seq 1 {{ x }}); do echo $((i + 1)); done",
    "c=$(curl -s -o /dev/null -w '%{http_code}' {{ x }}); echo $((c + 1))",
    "n=$(sqlite3 {{ x }} 'select count(*) from t'); echo $((n + 1))",
    "n=$(psql -d {{ x }} -tAc 'select count(*) from t'); echo $((n + 1))",
    "mkdir -p {{ x }}; n=$(ls {{ x }} | wc -l); echo $((n + 1))",
    "n=$(grep -c -- {{ x }} f); echo $((n + 1))",
    "n=$(head -n 1 {{ x }}); echo $((n + 1))",
    "n=$(./count {{ x }}); echo $((n + 1))",
    "t=$(stat -c %Y {{ x }}); echo $((t + 1))",
    'git commit -m {{ x }}; git push; git log -1 --format=%s > log; mail -s "$(git describe)" a < log',
]


@pytest.mark.parametrize("script", sound)
def test_hashes_numbers_and_contents_of_files_are_none_of_the_values(script: str) -> None:
    assert faults(script, "bash") == []


def test_a_revision_that_is_verified_prints_nothing_else(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed here")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "m"], cwd=tmp_path, check=True)
    script = 'sh -c "echo $(git rev-parse --verify {{ x }} || echo none)"'
    for value in ("$(touch pwned)", "--x$(touch pwned)", "a; touch pwned"):
        ran = run(shells[0], script, {"x": value}, tmp_path)
        assert (ran.output, ran.left) == (b"none\n", (".git",))
    assert len(run(shells[0], script, {"x": "HEAD"}, tmp_path).output) == 41
