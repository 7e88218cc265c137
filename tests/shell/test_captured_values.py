"""What `[[ =~ ]]` captures of a value: numbers and words go where others of its parts may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import bash, faults, hostile, run

anything = [
    ("(.*)-([0-9]+)", 1), ("(.*)", 1), ("([^/]*)", 1), ("([[:print:]]+)", 1), ("()(.*)", 2), ("((.*))", 2),
    ("^(.*)", 1), ("v(.*)", 1), ("^([A-z]+)$", 1), ("([+-z]+)", 1), ("([%-z]+)", 1), ("([.-z]+)", 1),
    ("([)-z]+)", 1), ("(a|(.*))", 2), (".*", 0), ("[(](.*)[)]", 1), (r"\((.*)\)", 1), ("([[:alpha:]]+|.)", 1),
    (r"^([0-9]+)\ (.*)$", 2), ("^($re)$", 1), ('"(a)"(.*)', 1), (r"(\$[a-z]+)", 1), (r"(\s+[a-z]+)", 1),
]  # fmt: skip
runs = [
    'ssh web1 "restart $NAME"', 'sh -c "$NAME"', 'eval "$NAME"', "n=$NAME; echo $((n + 1))",
    "m=($ALL); eval ${m[1]}",
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "number"), anything)
def test_parts_that_may_be_anything_are_refused_as_the_value_is(pattern: str, number: int) -> None:
    for script in runs:
        name, whole = f"${{BASH_REMATCH[{number}]}}", "${BASH_REMATCH[@]}"
        then = script.replace("$NAME", name).replace("$ALL", whole)
        assert faults(f"x={{{{ x }}}}; if [[ $x =~ {pattern} ]]; then {then}; fi", "bash"), then


@pytest.mark.parametrize(
    "script",
    [
        "[[ $x =~ (.*) ]]; (( BASH_REMATCH[1] > 3 ))",
        "[[ $x =~ ^([a-z]+)$ ]]; n=${BASH_REMATCH[1]}; echo $((n + 1))",
        "[[ $x =~ ^[a-z]+$ ]]; echo $((BASH_REMATCH[0] + 1))",
        '[[ $x =~ ^([0-9]+)-([a-z]+)$ ]]; n="${BASH_REMATCH[2]}"; (( n > 1 ))',
        '[[ $x =~ ^[a-z]+$ ]]; read -r "${BASH_REMATCH[0]}" <<< a',
        "[[ $x =~ ^([a-z]+)$ ]]; echo ${!BASH_REMATCH[1]}; i=1; echo $((BASH_REMATCH[i]))",
        'f() { [[ $1 =~ (.*)-a ]]; ssh web1 "restart ${BASH_REMATCH[1]}"; }; f "$x"',
        "re='(.*)-([0-9]+)'; [[ $x =~ $re ]]; ssh web1 \"restart ${BASH_REMATCH[1]}\"",
    ],
)
def test_a_word_is_no_number_and_no_name(script: str) -> None:
    assert faults(f"x={{{{ x }}}}; {script}", "bash")


sound = [
    "if [[ $x =~ ^v?([0-9]+)\\.([0-9]+) ]]; then echo $((BASH_REMATCH[1] + BASH_REMATCH[2])); fi",
    "if [[ $x =~ ^([0-9]+)$ ]]; then n=${BASH_REMATCH[1]}; echo $((n + 1)); fi",
    'if [[ $x =~ ^([a-z]+)-([0-9]+)$ ]]; then sh -c "echo ${BASH_REMATCH[1]}"; '
    "echo $((BASH_REMATCH[2] + 1)); fi",
    'if [[ $x =~ ([a-zA-Z0-9._-]+) ]]; then sh -c "echo ${BASH_REMATCH[1]}"; fi',
    "re='^([0-9]+)\\.([0-9]+)'; if [[ $x =~ $re ]]; then echo $((BASH_REMATCH[2] + 1)); fi",
    'if [[ $x =~ ^(.*)-(\\w+)$ ]]; then echo "${BASH_REMATCH[1]}"; eval "echo ${BASH_REMATCH[2]}"; fi',
]


@pytest.mark.parametrize("script", sound)
def test_numbers_and_words_harm_nobody(script: str, tmp_path: Path) -> None:
    for value in ["web-12", "v1.2.3", "PATH[$(touch pwned)]-1", "x`touch pwned`-a", *hostile[:40]]:
        assert run(bash, f"x={{{{ x }}}}; {script}", {"x": value}, tmp_path).left == (), value
