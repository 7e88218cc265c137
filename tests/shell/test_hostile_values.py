"""Any value arrives byte for byte as one argument, in every place that is accepted."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from drawing import SEED
from shell_trials import Shell, drawn, hostile, nul_ended, run, shells

values = [*hostile, *drawn(random.Random(SEED), 8)]

# Each of these prints the value of `x`, ended by a NUL, whatever else it does.
places = {
    "bare word": r"printf '%s\0' {{ x }}",
    "double quotes": r"""printf '%s\0' "{{ x }}" """,
    "nested double quotes": r"""v="$(printf '%s.' "{{ x }}")"; printf '%s\0' "${v%.}" """,
    "first word of a function": r"show() { printf '%s\0' {{ x }}; }; show",
    "argument of a function": r"""show() { printf '%s\0' "$@"; }; show {{ x }}""",
    "function in parentheses": r"show() ( printf '%s\0' {{ x }} ); show",
    "assignment": r"""v={{ x }}; printf '%s\0' "$v" """,
    "assignment in quotes": r"""v="{{ x }}"; printf '%s\0' "$v" """,
    "assignment before a command": r"""v={{ x }} sh -c 'printf "%s\0" "$v"' """,
    "export": r"""export v={{ x }}; printf '%s\0' "$v" """,
    "readonly in a subshell": r"""(readonly v={{ x }}; printf '%s\0' "$v")""",
    "loop": r"""for v in {{ x }}; do printf '%s\0' "$v"; done""",
    "loop over quotes": r"""for v in "{{ x }}"; do printf '%s\0' "$v"; done""",
    "loop with lines": "for v in {{ x }}\ndo\n  printf '%s\\0' \"$v\"\ndone",
    "case word": r"""case {{ x }} in *) printf '%s\0' {{ x }};; esac""",
    "case pattern": r"""v={{ x }}; case $v in {{ x }}) printf '%s\0' "$v";; *) echo bad;; esac""",
    "case pattern in quotes": r"""v={{ x }}; case "$v" in no | "{{ x }}") printf '%s\0' "$v";; esac""",
    "case pattern in parentheses": r"""v={{ x }}; case $v in (no|{{ x }}) printf '%s\0' "$v";; esac""",
    "case pattern with a star": r"""v={{ x }}zz; case $v in {{ x }}*) printf '%s\0' {{ x }};; esac""",
    "command substitution": r"""v=$(printf '%s.' {{ x }}); printf '%s\0' "${v%.}" """,
    "command substitution in quotes": r"""v="$(printf '%s.' {{ x }})"; printf '%s\0' "${v%.}" """,
    "twice nested": r"""v="$(printf '%s' "$(printf '%s.' {{ x }})")"; printf '%s\0' "${v%.}" """,
    "default": r"""unset v || :; printf '%s\0' ${v:-{{ x }}} """,
    "default in quotes": r"""unset v || :; printf '%s\0' "${v:-{{ x }}}" """,
    "default with inner quotes": r"""unset v || :; printf '%s\0' ${v:-"{{ x }}"} """,
    "assigned default": r"""unset v || :; : "${v={{ x }}}"; printf '%s\0' "$v" """,
    "alternative": r"""v=1; printf '%s\0' "${v:+{{ x }}}" """,
    "prefix removed": r"""v={{ x }}tail; t=${v#{{ x }}}; [ "$t" = tail ]; printf '%s\0' "${v%tail}" """,
    "prefix, quoted": r"""v={{ x }}tail; t="${v#{{ x }}}"; [ "$t" = tail ]; printf '%s\0' "${v%$t}" """,
    "suffix removed": r"""v=head{{ x }}; t="${v%%{{ x }}}"; [ "$t" = head ]; printf '%s\0' "${v#head}" """,
    "glued": r"""v=$(printf '%s\n' a{{ x }}b); v=${v#a}; printf '%s\0' "${v%b}" """,
    "glued to quotes": r"""v='a'{{ x }}"b"; v=${v#a}; printf '%s\0' "${v%b}" """,
    "glued to a variable": r"""a=A; v=$a{{ x }}${a}; v=${v#A}; printf '%s\0' "${v%A}" """,
    "an option's value": r"""v=--name={{ x }}; printf '%s\0' "${v#--name=}" """,
    "heredoc": "v=$(cat <<EOF\n{{ x }}.\nEOF\n)\nprintf '%s\\0' \"${v%.}\"",
    "heredoc with tabs": "v=$(cat <<-EOF\n\t{{ x }}.\n\tEOF\n)\nprintf '%s\\0' \"${v%.}\"",
    "heredoc before a pipe": "v=$(cat <<EOF | cat\n{{ x }}.\nEOF\n)\nprintf '%s\\0' \"${v%.}\"",
    "heredoc with quotes around": 'v=$(cat <<EOF\n"{{ x }}".\nEOF\n)\nv=${v#?}; printf \'%s\\0\' "${v%??}"',
    "default in a heredoc": "v=$(cat <<EOF\n${nothing-{{ x }}}.\nEOF\n)\nprintf '%s\\0' \"${v%.}\"",
    "command in a heredoc": "v=$(cat <<EOF\n$(printf '%s.' {{ x }})\nEOF\n)\nprintf '%s\\0' \"${v%.}\"",
    "quotes in a heredoc": "v=$(cat <<E\n$(printf '%s' \"{{ x }}.\")\nE\n)\nprintf '%s\\0' \"${v%.}\"",
    "test of one": r"""if [ {{ x }} ]; then printf '%s\0' {{ x }}; else printf '%s\0' ''; fi""",
    "test of emptiness": r"""if [ -n {{ x }} ]; then printf '%s\0' {{ x }}; else printf '\0'; fi""",
    "test, denied": r"""if [ ! -z {{ x }} ]; then printf '%s\0' {{ x }}; else printf '\0'; fi""",
    "test of two values": r"""if [ ! {{ x }} = {{ x }} ]; then echo bad; fi; printf '%s\0' {{ x }}""",
    "test of equality": r"""v={{ x }}; if [ "$v" = {{ x }} ]; then printf '%s\0' "$v"; fi""",
    "test of equality, turned": r"""v={{ x }}; if test {{ x }} = "$v"; then printf '%s\0' "$v"; fi""",
    "test of difference": r"""v={{ x }}; if [ "$v" != {{ x }} ]; then echo bad; fi; printf '%s\0' "$v" """,
    "positional parameters": r"""set -- {{ x }}; printf '%s\0' "$1" """,
    "shell's argument": r"""sh -c 'printf "%s\0" "$1"' sh {{ x }}""",
    "behind env": r"""env v={{ x }} sh -c 'printf "%s\0" "$v"' """,
    "another program": r"""env printf '%s\0' {{ x }}""",
    "arithmetic beside": r"""v=$(($(printf %s {{ x }} | wc -c) + 1)); [ $v != 0 ]; printf '%s\0' {{ x }}""",
    "after a comment": "# it's a comment with ' and \" and $( in it\nprintf '%s\\0' {{ x }} # and 'another",
    "after a quote": r"""printf '%s\0' {{ x }} && : 'it is "quoted" $( here' "and '$((1)) there" """,
    "after a condition": r"""! false && printf '%s\0' {{ x }}""",
    "in braces": r"""{ printf '%s\0' {{ x }}; }""",
    "in a subshell": r"""(printf '%s\0' {{ x }})""",
    "loop's input": "while IFS= read -r v; do :; done <<EOF\n{{ x }}\nEOF\nprintf '%s\\0' {{ x }}",
    "continued line": "printf '%s\\0' \\\n  {{ x }}",
    "in the background": r"""(printf '%s\0' {{ x }} & wait)""",
    "trap beside": r"""(f={{ x }}; trap 'printf "%s\0" "$f"' EXIT)""",
    "eval of a variable": r"""f={{ x }}; eval 'printf "%s\0" "$f"'""",
}
bash_places = {
    "eval of a quoted value": r"""f={{ x }}; eval "g=${f@Q}"; printf '%s\0' "$g" """,
    "replacement in quotes": r"""f={{ x }}; g=ab; g=${g/b/"$f"}; printf '%s\0' "${g#a}" """,
    "array": r"""a=({{ x }} "{{ x }}"); printf '%s\0' "${a[1]}" """,
    "array, added": r"""a=(); a+=({{ x }}); printf '%s\0' "${a[@]}" """,
    "element": r"""a[3]={{ x }}; printf '%s\0' "${a[3]}" """,
    "here-string": r"""v=$(cat <<<{{ x }}; echo .); printf '%s\0' "${v%??}" """,
    "here-string in quotes": r"""v=$(cat <<<"{{ x }}"; echo .); printf '%s\0' "${v%??}" """,
    "process substitution": r"""v=$(cat <(printf '%s.' {{ x }})); printf '%s\0' "${v%.}" """,
    "local": r"""show() { local v={{ x }}; printf '%s\0' "$v"; }; show""",
    "declare": r"""declare v={{ x }}; printf '%s\0' "$v" """,
    "function": r"""function show { printf '%s\0' {{ x }}; }; show""",
    "copies by braces": r"""v=$(printf '%s.' {{ x }}{,}); printf '%s\0' {{ x }}""",
    "command in brackets": r"""[[ $(printf '%s.' {{ x }}) == *. ]] && printf '%s\0' {{ x }}""",
    "pipe of both": r"""printf '%s\0' {{ x }} |& cat""",
}

trials = [
    pytest.param(shell, place, id=f"{shell}-{name}")
    for shell in shells
    for name, place in (places | (bash_places if shell.dialect == "bash" else {})).items()
]


@pytest.mark.parametrize(("shell", "place"), trials)
def test_every_hostile_value_arrives_unchanged_and_nothing_is_run(
    shell: Shell, place: str, tmp_path: Path
) -> None:
    names = [f"x{number}" for number in range(len(values))]
    parts = (place.replace("{{ x }}", f"{{{{ {name} }}}}") for name in names)
    ran = run(shell, "\n".join(parts), dict(zip(names, values, strict=True)), tmp_path / "folder")
    assert ran.output.split(b"\0") == nul_ended(values).split(b"\0"), f"RUNNER_TEST_SEED={SEED}"
    assert (ran.errors, ran.code, ran.left) == ("", 0, ()), f"RUNNER_TEST_SEED={SEED}"


@pytest.mark.parametrize("shell", shells, ids=str)
def test_a_value_names_the_file_of_a_redirection(shell: Shell, tmp_path: Path) -> None:
    names = [
        text for text in hostile if 0 < len(os.fsencode(text)) < 250 and "/" not in text and "\0" not in text
    ]
    numbered = list(enumerate(names))
    for kind in ("> {{ %s }}", ">{{ %s }}", '>> "{{ %s }}"', ">| {{ %s }}"):
        folder = tmp_path / str(len(os.listdir(tmp_path)))
        script = "\n".join(f"echo {number} {kind % f'x{number}'}" for number, _ in numbered)
        ran = run(shell, script, {f"x{number}": name for number, name in numbered}, folder)
        assert (ran.errors, ran.code) == ("", 0)
        assert list(ran.left) == sorted(names)


@pytest.mark.parametrize("shell", shells, ids=str)
def test_a_list_becomes_its_elements_where_it_stands_alone(shell: Shell, tmp_path: Path) -> None:
    ran = run(shell, r"printf '%s\0' {{ xs }} end", {"xs": hostile}, tmp_path / "folder")
    assert ran.output == nul_ended([*hostile, "end"])
    assert (ran.errors, ran.code, ran.left) == ("", 0, ())


@pytest.mark.parametrize("shell", shells, ids=str)
def test_an_empty_list_becomes_nothing(shell: Shell, tmp_path: Path) -> None:
    script = r"""
printf '%s\0' {{ xs }} end
for x in {{ xs }}; do echo never; done
if {{ xs }}; then printf 'nothing to run\0'; fi
set -- {{ xs }}
printf '%s\0' "$#"
{{ xs }} printf 'prefixed\0'
"""
    ran = run(shell, script, {"xs": []}, tmp_path / "folder")
    assert ran.output == nul_ended(["end", "nothing to run", "0", "prefixed"])
    assert (ran.errors, ran.code, ran.left) == ("", 0, ())


def test_both_dialects_are_tried() -> None:
    assert {shell.dialect for shell in shells} == {"sh", "bash"}
