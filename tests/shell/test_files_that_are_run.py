"""A file that holds a value is not run, whatever copied it, wrote it, or says that it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from shell_trials import faults

# By a folder that is copied or renamed, or by a pattern.
_copied = [
    'mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src dst; sh dst/a.sh',
    'mkdir src dst; echo "echo {{ x }}" > src/a.sh; cp -r src dst; sh dst/src/a.sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src/. dst; cat dst/a.sh | sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; mv src dst; . dst/a.sh',
    'mkdir src q; echo "echo {{ x }}" > src/a.sh; mv src dst; mv dst q; sh q/dst/a.sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; ln -s src dst; bash -c "sh dst/a.sh"',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src dst; cd dst; sh a.sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; rsync -a src/ dst/; sh dst/a.sh',
    'mkdir q; echo "echo {{ x }}" > n.sh; cp *.sh q/; sh q/n.sh',
    'mkdir q; echo "echo {{ x }}" > n.sh; chmod +x n.sh; cp ./*.sh q; cd q; ./n.sh',
    'd=out; mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src "$d"; sh "$d/a.sh"',
    'd=out; mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src "$d"; sh out/a.sh',
    'mkdir s; echo "echo {{ x }}" > s/go; chmod +x s/go; cp -r s bin; PATH=$PWD/bin:$PATH; go',
]

# By a variable that names a file for a shell.
_begun = [
    'echo "echo {{ x }}" > n.sh; BASH_ENV=./n.sh bash -c :',
    'echo "echo {{ x }}" > n.sh; export BASH_ENV="$PWD/n.sh"; bash -c :',
    'echo "echo {{ x }}" > n.sh; env BASH_ENV=n.sh bash -c :',
    'f=n.sh; echo "echo {{ x }}" > n.sh; BASH_ENV=$f bash -c :',
    'echo "echo {{ x }}" > n.sh; ENV=./n.sh sh -ic :',
]


def _is_here(script: str) -> bool:
    """Whether the programs of a script are installed."""
    return all(map(shutil.which, re.findall(r"\b(?:rsync|perl|python3|node|ruby|jq|gawk)\b", script)))


@pytest.mark.parametrize("script", [*_copied, *_begun])
def test_a_file_of_a_value_that_would_be_run_is_refused(script: str, tmp_path: Path) -> None:
    assert faults(script, "bash")
    if not _is_here(script):
        pytest.skip("a program of this script is not installed")
    by_hand = script.replace("{{ x }}", "${V}")
    environment = {"PATH": os.environ["PATH"], "V": "$(>pwned)"}
    subprocess.run(
        ["bash", "-c", by_hand],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    "script",
    [
        'mkdir src; echo "{{ x }}" > src/a.txt; cp -r src dst; sh dst/b.sh',
        'mkdir q; echo "{{ x }}" > version.txt; cp *.txt q/; cd q; sh run.sh; make',
        'mkdir q; echo "{{ x }}" > n.sh; cp *.txt q/; sh q/n.sh',
        "cp -r src dst; echo {{ x }} > dst/conf; sh src/conf",
        "cp -r . backup; echo {{ x }} > n.txt; sh backup/m.sh; cp -r . backup; mv backup old",
        'mkdir src; echo "{{ x }}" > src/a.sh; cp -r src dst; sh run.sh dst/a.sh; cat dst/a.sh',
        'export A={{ x }}; BASH_ENV=./n.sh bash -c "run"',
        "echo {{ x }} > prod; ENV=prod sh -c :",
    ],
)
def test_a_file_of_a_value_beside_those_that_are_run_is_data(script: str) -> None:
    assert faults(script, "bash") == []


def test_a_file_that_a_shell_reads_first_is_told_to_be_a_variable() -> None:
    (fault,) = faults('echo "A={{ x }}" > n.sh; BASH_ENV=./n.sh bash -c :', "bash")
    assert fault.message == "`BASH_ENV` reads its program here: a value in it would be run"
    assert fault.hint == "export a variable instead: export x={{ x }}"
