"""What a script gets by its environment, by its input or in a `trap` is no number, no name and no program."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from shell_trials import faults

from runner import shell

asks = [
    'unset "$Y"', 'printf -v "$Y" x', '[ -v "$Y" ]', 'test -v "$Y"', "[[ -v $Y ]]", 'a=(1); unset "a[$Y]"',
    'read -r "$Y" <<< a', 'v=$Y; unset "$v"', 'declare -n r=$Y; echo "$r"', "echo $((Y))", "declare -i n=$Y",
    'f() { local -n q=$1; echo "$q"; }; f "$Y"', 'a=(1); echo "${a[$Y]}"', "[[ $Y -gt 3 ]]", "(( Y > 3 ))",
    'echo "${!Y}"',
]  # fmt: skip


@pytest.mark.parametrize("script", asks)
def test_where_the_shell_computes_or_wants_a_name_all_are_refused(script: str, tmp_path: Path) -> None:
    assert shell.exposed(script, "bash", {"Y": "{{ x }}"})
    assert faults(f"Y={{{{ x }}}}; trap '{script}' EXIT", "bash")
    assert shell.fed("{{ x }}", f"read -r Y; {script}", {})
    assert shell.fed("{{ x }}", f"Y=$(cat); {script}", {})
    evil = {"PATH": os.environ["PATH"], "Y": "PATH[$(touch pwned)]"}
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env=evil, capture_output=True, check=False)
    assert os.listdir(tmp_path) == ["pwned"]


@pytest.mark.parametrize(
    "script",
    [
        "PS4=$Y; set -x; :",
        'export PAGER="$Y"; man ls',
        "declare -a a; declare a=$Y",
        'echo "${Y@P}"',
        'set -- "$Y"; eval "$1"',
    ],
)
def test_where_the_shell_runs_it_all_are_refused_too(script: str) -> None:
    assert shell.exposed(script, "bash", {"Y": "{{ x }}"})
    assert faults(f"Y={{{{ x }}}}; trap '{script}' EXIT", "bash")
    assert shell.fed("{{ x }}", f"read -r Y; {script}", {})


@pytest.mark.parametrize(
    "script",
    [
        'while read -r l; do n=$((n + 1)); echo "$l"; done',
        "n=$(wc -l); echo $((n + 1))",
        'read -r v; case "$v" in a) unset a ;; esac; printf -v w %s "$v"',
        'declare -A m; while read -r k; do m[$k]=1; done; echo "${#m[@]}"',
        'mapfile -t a; for i in "${!a[@]}"; do echo "${a[$i]}"; done',
    ],
)
def test_a_script_that_goes_through_its_input_is_sound(script: str) -> None:
    assert shell.fed("{{ x }}", script, {}) == []


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("n=$1; echo $((n + 1))", ["_", "{{ x }}"]),
        ('f() { echo $(( $1 + 1 )); }; f "$2"', ["_", "3", "{{ x }}"]),
        ('shift; unset "$1"', ["_", "a", "{{ x }}"]),
        ('for i in "$@"; do echo "${a[$i]}"; done', ["_", "a", "{{ x }}"]),
        ('sh -c "echo $0"', ["{{ x }}"]),
        ('eval "ls ${0}"', ["{{ x }}"]),
        ('trap "echo $2" EXIT', ["_", "3", "{{ x }}"]),
    ],
)
@pytest.mark.parametrize("before", [[], ["env"], ["nice", "-n", "3"]], ids=str)
def test_an_argument_of_a_list_that_its_script_runs_is_refused(
    script: str, arguments: list[str], before: list[str], tmp_path: Path
) -> None:
    words = [*before, "bash", "-c", script, *arguments]
    (found,) = shell.argued(words)
    assert words[found[0]] == "{{ x }}"
    evil = [word.replace("{{ x }}", "PATH[$(touch pwned)]") for word in words]
    subprocess.run(evil, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
    assert os.listdir(tmp_path) == ["pwned"]


@pytest.mark.parametrize(
    "words",
    [
        ["bash", "-c", 'n=$1; echo $((n + 1)) "$2"', "_", "3", "{{ x }}"],
        ["sh", "-c", 'cp "$@" "$0"', "{{ x }}", "{{ x }}"],
        ["sh", "-c", "printf '%s\\0' \"$1\" | ssh h 'xargs -0 ls'", "_", "{{ x }}"],
        ["bash", "-c", 'n=$1; echo $((n + 1))', "_", "{{ x | int }}"],
        ["bash", "script.sh", "-c", "{{ x }}"],
        ["grep", "bash", "{{ x }}"],
        ["env", "X={{ x }}", "sh", "-c", 'echo "$X"'],
        ["env", "A=1", "bash", "-c", 'echo $((A)) "$1"', "_", "{{ x }}"],
        ["bash", "-c", "", "_", "{{ x }}"],
        ["bash", "-c"],
    ],
)  # fmt: skip
def test_an_argument_of_a_list_that_its_script_takes_as_data_is_accepted(words: list[str]) -> None:
    assert shell.argued(words) == []


@pytest.mark.parametrize("script", ['eval "$X"', "$X a", "echo $((X))"])
def test_a_variable_that_env_gives_the_script_of_a_list_is_refused_where_it_runs_it(script: str) -> None:
    (found,) = shell.argued(["env", "A=1", "X={{ x }}", "bash", "-c", script])
    place, fault = found
    assert (place, fault.code in ("program-text", "unsound-place")) == (2, True)


@pytest.mark.parametrize(
    "script",
    [
        'trap "rm -rf $PWD/tmp" EXIT',
        'sh -c "cd $(pwd) && ls"',
        'd=$(realpath .); eval "ls $d"',
        'n=$(basename "$PWD"); echo $((n + 1))',
    ],
)
def test_the_name_of_the_folder_is_not_run(script: str, tmp_path: Path) -> None:
    assert shell.exposed(script, "bash", {"PWD": "{{ x }}"})
    folder = tmp_path / "PATH[$(touch pwned)]"
    folder.mkdir()
    subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert os.listdir(folder) == ["pwned"]


@pytest.mark.parametrize(
    "script",
    [
        "trap 'rm -rf \"$PWD/tmp\"' EXIT",
        'cp f "$PWD/g"; make',
        "ssh h 'cd /srv; ls $PWD'",
        'tar cf a -C "$(pwd)" .',
    ],
)
def test_the_name_of_the_folder_is_data_elsewhere(script: str) -> None:
    assert shell.exposed(script, "bash", {"PWD": "{{ x }}"}) == []


def test_a_key_is_run_but_for_its_brackets() -> None:
    assert shell.exposed('ssh h "restart $RUNNER_KEY"', "bash", {"RUNNER_KEY": "{{ key }}"})
    assert shell.exposed("echo $((RUNNER_KEY + 1))", "bash", {"RUNNER_KEY": "{{ key }}"}) == []
    assert shell.exposed("echo $((RUNNER_TASK))", "bash", {"RUNNER_TASK": "{{ key }}"})


def test_a_key_is_shown_where_it_is_run() -> None:
    script = 'echo "$RUNNER_KEY"\nssh h "restart $RUNNER_KEY"'
    ((_, fault),) = shell.exposed(script, "bash", {"RUNNER_KEY": "{{ key }}"})
    assert (fault.offset, fault.length) == (script.rindex("RUNNER_KEY"), len("RUNNER_KEY"))
