"""Every place that no value may stand in is refused, with the fix; the whole messages are pinned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from shell_trials import Dialect, faults

from runner import scripts, shell
from runner.shell import ShellFault

_file = Path(__file__).with_name("refused.txt")


def _cases() -> list[tuple[Dialect, str, str]]:
    """The dialect, the script and the pinned words of each block of `refused.txt`."""
    found = []
    for block in _file.read_text(encoding="utf-8").split("#### ")[1:]:
        first, rest = block.split("\n", 1)
        script, mark, words = rest.partition("\n-- ")
        dialect: Dialect = "bash" if first == "bash" else "sh"
        assert first in get_args(Dialect) and mark
        found.append((dialect, script, "-- " + words))
    return found


cases = _cases()


def _told(script: str, found: list[ShellFault]) -> str:
    """Faults as they stand in `refused.txt`."""
    lines = []
    for fault in found:
        place = script[fault.offset : fault.offset + fault.length]
        lines.append(f"-- {place} [{fault.code}]: {fault.message}\n")
        lines.extend([f"   = {fault.hint}\n"] if fault.hint else [])
    return "".join(lines)


@pytest.mark.parametrize(("dialect", "script", "words"), cases)
def test_an_unsound_place_is_refused_with_the_fix(dialect: Dialect, script: str, words: str) -> None:
    assert _told(script, faults(script, dialect)) == words


@pytest.mark.parametrize(("dialect", "script", "words"), cases)
def test_what_is_refused_in_sh_is_not_accepted_by_the_name_of_bash(
    dialect: Dialect, script: str, words: str
) -> None:
    if "say `shell: bash`" not in words:
        assert faults(script, "bash")


_fix = re.compile(
    r"(?:write|whole number): (.+?)"
    r"(?: \((?:a dollar|no value|for keys).*\)|, with a backslash.*|, and \{\{.*)?$"
)


def spelled_fix(hint: str) -> str:
    """The line that a hint tells to write; empty where it does not say so in full."""
    match = _fix.search(hint)
    return match[1] if match and "…" not in hint and "<<'EOF'" not in hint else ""


def _fixed() -> list[tuple[Dialect, str, str]]:
    """Each script as a hint says that it should be written, where it says so in full."""
    fixed = []
    for dialect, script, words in cases:
        hints = dict.fromkeys(line.strip(" =") for line in words.splitlines() if line.startswith("   = "))
        for told in filter(None, map(spelled_fix, hints)):
            text = f"{told}\n{script.partition(chr(10))[2]}" if "<<" in told else told
            fixed.append((dialect, script, text))
    return fixed


@pytest.mark.parametrize(("dialect", "script", "text"), _fixed())
def test_the_fix_that_is_spelled_out_is_accepted(dialect: Dialect, script: str, text: str) -> None:
    assert text != script
    assert faults(text, dialect) == []


# Scripts, what a hint tells in words, and the script as somebody writes it who does so.
_followed: list[tuple[str, str, str]] = [
    (
        "f() { case $1 in -c) n=$2; shift 2;; esac; echo $((n)); }; f -c {{ x }}",
        'let only digits through: n=$(printf %s "$2" | tr -dc 0-9)',
        'f() { case $1 in -c) n=$(printf %s "$2" | tr -dc 0-9); shift 2;; esac; echo $((n)); }; f -c {{ x }}',
    ),
    (
        'printf "%{{ x }}.{{ y }}f" 3',
        "say that it is a whole number: {{",
        'printf "%{{ x | int }}.{{ y | int }}f" 3',
    ),
    (
        "sudo awk '/{{ x }}/' f",
        "write `env X={{ x }}` before",
        "sudo env X={{ x }} awk '$0 ~ ENVIRON[\"X\"]' f",
    ),
    (
        'docker exec c python3 -c "print({{ x }})"',
        "write `env X={{ x }}` before",
        "docker exec c env X={{ x }} python3 -c 'import os; print(os.environ[\"X\"])'",
    ),
    ("env -i sed s/{{ x }}// f", "use env X={{ x }} perl", "env -i env X={{ x }} perl -pe 's/$ENV{X}//' f"),
    ("y={{ x }}; sudo jq $y f", 'and `env y="$y"` before', 'y={{ x }}; sudo env y="$y" jq .[env.y] f'),
    (
        "f() { awk $1 f; }; f {{ x }}",
        'after: export value="$1"',
        'f() { export value="$1"; awk 1 f; }; f {{ x }}',
    ),
    (
        "ssh host sh -c 'ls {{ x }}'",
        r"""printf '%s\0' "{{ x }}" | ssh … 'xargs -0 sh -c '\''… "$1" …'\'' sh'""",
        r"""printf '%s\0' "{{ x }}" | ssh host 'xargs -0 sh -c '\''ls "$1"'\'' sh'""",
    ),
    (
        'su bob -c "ls $A {{ x }}"',
        """su … -c '… "$1" …' -- sh "{{ x }}\"""",
        "su bob -c 'ls $A \"$1\"' -- sh {{ x }}",
    ),
    ("script -c 'ls {{ x }}'", 'write "$X" inside single quotes', "script -c 'ls \"$X\"'"),
    ("echo {{ x }} | xargs ssh host rm", "| ssh … 'xargs …'", "echo {{ x }} | ssh host 'xargs rm'"),
    (
        "echo {{ x }} | xargs -I% sh -c 'ls % $y'",
        "xargs -I% sh -c",
        "echo {{ x }} | xargs sh -c 'ls \"$1\"' sh",
    ),
    ("m[{{ k }}]=1", "say `declare -A` before", "declare -A m\nm[{{ k }}]=1"),
    (
        "y=$(echo {{ x }} | cut -d. -f1); echo $((y + 1))",
        "compute it in the expression: y=",
        "y={{ x.split('.')[0] | int }}; echo $((y + 1))",
    ),
]


@pytest.mark.parametrize(("script", "words", "followed"), _followed)
def test_who_does_what_a_hint_tells_is_not_refused_again(script: str, words: str, followed: str) -> None:
    assert {words in fault.hint for fault in faults(script, "bash")} == {True}
    assert faults(followed, "bash") == []


def test_fixes_are_spelled_out_for_most_places() -> None:
    assert len(_fixed()) > 50


def test_a_fault_stands_at_the_hole_in_the_string_of_the_file() -> None:
    script = "echo {% raw %}{{ not }}{% endraw %} ok\necho 'a {{ name }}'"
    (fault,) = faults(script, "sh")
    assert script[fault.offset : fault.offset + fault.length] == "{{ name }}"


def test_a_pipe_in_sh_draws_one_warning() -> None:
    script = "echo 'a | b' || true\nls | sort | head -n {{ n }}"
    _, found = shell.parse(script, "sh")
    assert found == [
        ShellFault(
            offset=script.index("| sort"),
            length=1,
            code="pipe-in-sh",
            message="`sh` does not notice when a command before a pipe fails",
            hint="say `shell: bash`, which does",
            severity="warning",
        )
    ]
    assert shell.parse(script, "bash")[1] == []


@pytest.mark.parametrize(
    "script",
    [
        "case $x in a|b) ls;; esac",
        "ls || true",
        "echo 'a|b' \"c|d\" e\\|f # g|h",
        "cat <<EOF\na|b\nEOF",
        "set -o pipefail; ls | sort",
    ],
)
def test_what_is_no_pipe_draws_no_warning(script: str) -> None:
    assert shell.parse(script, "sh")[1] == []


def test_a_script_without_holes_is_never_refused() -> None:
    for script in ("echo 'not closed", "a=(1 2)", "((", "$[", "x() {", "cat <<EOF", "`", "| |", ")", ";;"):
        assert [fault.severity for fault in shell.parse(script, "sh")[1]] in ([], ["warning"])


def test_verbatim_is_pasted_anywhere() -> None:
    script, found = shell.parse(
        "echo $(( {{ n | verbatim }} )) '{{ a | verbatim }}' `{{ b | verbatim }}` # {{ c | verbatim }}", "sh"
    )
    assert found == []
    assert [slot.place for slot in script.slots] == ["verbatim"] * 4
    assert scripts.assemble(script, [1, "it's", ["x"], True]) == ("echo $(( 1 )) 'it's' `[\"x\"]` # true", {})


@pytest.mark.parametrize(("hole", "name"), [("{{ params.name }}", "NAME"), ("{{ 1 }}", "VALUE")])
def test_nothing_stands_in_a_program_for_another_interpreter(hole: str, name: str) -> None:
    _, found = shell.parse_other(f"print('{hole}')")
    assert found == [
        ShellFault(
            offset=7,
            length=len(hole),
            code="program-text",
            message="a value in this program would be run as part of it",
            hint=f'give it by `env: {{{name}: "{hole}"}}` or by `stdin`, and read it there',
        )
    ]


def test_a_program_for_another_interpreter_may_be_pasted_into() -> None:
    script, found = shell.parse_other("print({{ n | verbatim }}){% raw %}{{}}{% endraw %}")
    assert found == []
    assert scripts.assemble(script, [3]) == ("print(3){{}}", {})
