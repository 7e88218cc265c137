"""A script with its values: references and variables; what has no place; the line for people."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shell_trials import Dialect, hostile, nul_ended

from runner import scripts, shell
from runner.expression import EvaluationError
from runner.pasting import quote_command


def _assembled(text: str, *values: Any, dialect: Dialect = "sh") -> tuple[str, dict[str, str]]:
    script, found = shell.parse(text, dialect)
    assert [fault.message for fault in found if fault.severity == "error"] == []
    return scripts.assemble(script, values)


def test_a_reference_is_quoted_by_where_it_stands() -> None:
    text = 'cp {{ a }} "to/{{ b }}" x{{ c }}y <<EOF\n{{ d }}\nEOF\n'
    script, variables = _assembled(text, "A", "B", "C", "D")
    assert script == ('cp "${RUNNER_V1}" "to/${RUNNER_V2}" x"${RUNNER_V3}"y <<EOF\n${RUNNER_V4}\nEOF\n')
    assert variables == {"RUNNER_V1": "A", "RUNNER_V2": "B", "RUNNER_V3": "C", "RUNNER_V4": "D"}


def test_a_script_without_holes_stays_as_it_is() -> None:
    assert _assembled("echo '$x' | cat # a\n") == ("echo '$x' | cat # a\n", {})


def test_raw_braces_are_literal() -> None:
    text = "docker inspect -f '{% raw %}{{.State}}{% endraw %}' {{ name }}"
    assert _assembled(text, "n") == ("docker inspect -f '{{.State}}' \"${RUNNER_V1}\"", {"RUNNER_V1": "n"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        (10**20, "100000000000000000000"),
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
    ],
)
def test_the_text_of_a_value(value: Any, text: str) -> None:
    assert _assembled("echo {{ x }}", value)[1] == {"RUNNER_V1": text}
    assert scripts.bind_argv(["echo", value]) == ["echo", text]


def test_elements_of_a_list_follow_the_same_rule() -> None:
    script, variables = _assembled("echo {{ x }} {{ y }}", ["a", 1, [2, 3], {"k": True}], "z")
    names = [f"RUNNER_V{number}" for number in range(1, 6)]
    assert script == "echo " + " ".join(f'"${{{name}}}"' for name in names)
    assert list(variables.values()) == ["a", "1", "[2,3]", '{"k":true}', "z"]
    assert scripts.bind_argv(["echo", ["a", 1, [2, 3]], (), "z"]) == ["echo", "a", "1", "[2,3]", "z"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('echo "{{ x }}"', "inside quotes"),
        ("cat <<EOF\n{{ x }}\nEOF\n", "inside quotes"),
        ("echo a{{ x }}", "where one word is wanted"),
        ("v={{ x }}", "where one word is wanted"),
        ("echo > {{ x }}", "where one word is wanted"),
        ("case {{ x }} in *) ;; esac", "where one word is wanted"),
        ("case a in {{ x }}) ;; esac", "where one word is wanted"),
        ("[ -f {{ x }} ]", "where one word is wanted"),
        ("ssh {{ x }} uptime", "where one word is wanted"),
    ],
)
def test_a_list_must_stand_alone(text: str, where: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        _assembled(text, ["a", "b"])
    assert caught.value.message == f"the value is a list, which cannot stand {where}, in `x`"
    assert caught.value.hint == "let it stand alone, or make it text: `| join(' ')`, `| json`"


def test_none_and_nul_have_no_text() -> None:
    for value in (None, ["a", None]):
        with pytest.raises(EvaluationError, match="the value is None, which has no text"):
            _assembled("echo {{ x }}", value)
        with pytest.raises(EvaluationError, match="the value is None, which has no text"):
            scripts.bind_argv([value])
    with pytest.raises(EvaluationError, match="NUL character, which no command can be given"):
        _assembled("echo {{ x }}", "a\0b")


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(EvaluationError, match="half of a surrogate pair, which no command can be given"):
        _assembled("echo {{ x }}", "\ud800")


@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_value_that_no_argument_can_carry_is_refused(letter: str, tmp_path: Path) -> None:
    size = len(letter.encode())
    largest = letter * ((128 * 1024 - 16) // size)
    script, variables = _assembled('printf %s {{ x }} > out; printf %s "{{ x }}" > again', largest, largest)
    subprocess.run(["sh", "-c", script], env={"PATH": "/usr/bin:/bin", **variables}, cwd=tmp_path, check=True)
    assert (tmp_path / "out").read_text() == (tmp_path / "again").read_text() == largest
    for call in (lambda value: _assembled("echo {{ x }}", value), lambda value: scripts.bind_argv([value])):
        with pytest.raises(EvaluationError) as caught:
            call(largest + "a" * 16)
        assert "bytes: one argument takes no more than 131,056" in caught.value.message
        assert caught.value.hint == "give it by `stdin`, or write it to a file and name the file"


# The line for people ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "line"),
    [
        ("ls -l\n", [], "ls -l"),
        (
            "convert {{ a }} -resize {{ b }} small/{{ c }}",
            ["a b.jpg", 320, "it's"],
            "convert 'a b.jpg' -resize 320 small/'it'\"'\"'s'",
        ),
        ("ls {{ a }}", [["x", "y z"]], "ls x 'y z'"),
        ("ls {{ a }} b", [[]], "ls  b"),
        ('echo "hi {{ a }}"', ["a b"], "RUNNER_V1='a b'; echo \"hi ${RUNNER_V1}\""),
        (
            "v={{ a }}\nls {{ b }}\n",
            ["$x", "b"],
            'RUNNER_V1=\'$x\' RUNNER_V2=b\nv="${RUNNER_V1}"\nls "${RUNNER_V2}"',
        ),
    ],
)
def test_a_bound_script_is_shown_as_it_can_be_pasted(text: str, values: list[Any], line: str) -> None:
    assert quote_command(*_assembled(text, *values)) == line


def test_arguments_are_shown_as_they_can_be_pasted() -> None:
    assert quote_command(["grep", "-e", "a b", "", "it's"], {}) == "grep -e 'a b' '' 'it'\"'\"'s'"


@pytest.mark.parametrize(
    ("command", "env", "line"),
    [
        (["make", "a b"], {"SUITE": "slow", "A": "it's"}, "SUITE=slow A='it'\"'\"'s' make 'a b'"),
        (["make"], {"A": "1", "B": None}, "env -u B A=1 make"),
        (["make"], {"my.name": "a b"}, "env 'my.name=a b' make"),
        (["make"], {"A": "x" * 1001}, "A='…' make"),
        ("make 'a b' > {{ a }}", {"A": "1"}, "export A=1; RUNNER_V1=v; make 'a b' > \"${RUNNER_V1}\""),
        ("make {{ a }} all", {"A": "1"}, "A=1 make v all"),
        ('make "$A"', {"A": "1"}, 'export A=1; make "$A"'),
        ("cd a\nmake {{ a }}", {"A": "1", "B": None}, "unset B\nexport A=1\ncd a\nmake v"),
        ("make", {"B": None}, "unset B; make"),
        ("make", {"my.name": "1"}, "make"),
        ("if make; then :; fi", {"A": "1"}, "export A=1; if make; then :; fi"),
    ],
)
def test_what_the_task_sets_besides_stands_before_the_command(
    command: str | list[str], env: dict[str, str | None], line: str
) -> None:
    bound = (
        _assembled(command, *(["v"] if "{{" in command else []))
        if isinstance(command, str)
        else (command, {})
    )
    assert quote_command(*bound, env) == line


@pytest.mark.parametrize(
    "command",
    [
        ["sh", "-c", 'printf "%s\\0" "$A" "${B-}"'],
        'sh -c \'printf "%s\\0" "$A" "${B-}"\'',
        'printf "%s\\0" "$A" "${B-}"',
        'if true\nthen printf \'%s\\0\' "$A" "${B-}"\nfi',
    ],
)
def test_a_line_with_what_the_task_sets_does_what_the_command_did(command: str | list[str]) -> None:
    for value in (value for value in hostile if len(value) <= 1000):
        line = quote_command(command, {}, {"A": value, "B": None})
        done = subprocess.run(
            ["sh"],
            check=False,
            input=line.encode("utf-8", "surrogateescape"),
            capture_output=True,
            env={**os.environ, "B": "set"},
        )
        assert done.stdout == nul_ended([value, ""]), line


@pytest.mark.parametrize(
    "text", ["printf '%s\\0' {{ x }}", 'printf "%s\\0" "{{ x }}"', "env printf %s {{ x }} a\nprintf '\\0'\n"]
)
def test_a_pasted_line_does_what_the_command_did(text: str, tmp_path: Path) -> None:
    for value in hostile:
        line = quote_command(*_assembled(text, value))
        done = subprocess.run(
            ["sh"],
            check=False,
            input=line.encode("utf-8", "surrogateescape"),
            capture_output=True,
            cwd=tmp_path,
        )
        expected = value + "a" if "env" in text and value else "a" if "env" in text else value
        assert done.stdout == nul_ended([expected]), line
    assert list(tmp_path.iterdir()) == []
