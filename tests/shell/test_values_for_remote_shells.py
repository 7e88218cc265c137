r"""A value in what ssh runs there: the fix sends each by a pipe, and whatever it says arrives as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Dialect, Shell, hints, hostile, nul_ended, run, shells

telling = [*hostile[:22], *hostile[28:36], *hostile[-12:-9]]
types = {"params.x": "str", "params.y": "str", "params.l": "list"}
# What stands for `ssh`: its remote shell runs here.
ssh = '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do shift 2; done\nshift\nexec sh -c "$*"\n'

# Scripts that show the value and `b`, and the line that is told.
by_pipe: list[tuple[Dialect, str, str]] = [
    ("sh", 'ssh host "./show {{ params.x }} {{ params.y }}"',
     r"printf '%s\0' {{ params.x }} {{ params.y }} | ssh host 'xargs -0 ./show'"),
    ("sh", "ssh -p 22 host ./show {{ params.x }} {{ params.y }} > o; cat o",
     r"printf '%s\0' {{ params.x }} {{ params.y }} | ssh -p 22 host 'xargs -0 ./show' > o; cat o"),
    ("sh", """ssh host "cd . && ./show '{{ x }}' b" """,
     r"""printf '%s\0' "{{ x }}" | ssh host 'xargs -0 sh -c '\''cd . && ./show "$1" b'\'' sh'"""),
    ("sh", """ssh host 'cd . && ./show "{{ x }}" b'""",
     r"""printf '%s\0' "{{ x }}" | ssh host 'xargs -0 sh -c '\''cd . && ./show "$1" b'\'' sh'"""),
    ("sh", 'if ssh host "exec ./show {{ x }} b"; then :; fi',
     r"""if printf '%s\0' "{{ x }}" | ssh host 'xargs -0 sh -c '\''exec ./show "$1" b'\'' sh'; then :; fi"""),
    ("sh", 'v=a; c="./show {{ params.x }} b"; ssh host "$c"',
     r"""v=a; printf '%s\0' {{ params.x }} | ssh host 'xargs -0 sh -c '\''./show "$1" b'\'' sh'"""),
    ("bash", 'c="./show {{ params.x }} {{ params.y }}" && ssh host "$c" | cat',
     r"printf '%s\0' {{ params.x }} {{ params.y }} | ssh host 'xargs -0 ./show' | cat"),
]  # fmt: skip
trials = [(one, *row) for dialect, *row in by_pipe for one in shells if dialect in ("sh", one.dialect)]


@pytest.mark.parametrize(("one", "script", "line"), trials, ids=str)
def test_values_for_a_remote_shell_arrive_as_they_are(
    one: Shell, script: str, line: str, tmp_path: Path
) -> None:
    assert set(hints(script, one.dialect, types)) == {f"write: {line}"}
    for name, text in {"show": "#!/bin/sh\nprintf '%s\\0' \"$@\"\n", "ssh": ssh}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    for value in telling:
        values = {"x": value, "params": {"x": value, "y": "b"}}
        done = run(one, f'PATH="$PWD:$PATH"\n{line}', values, tmp_path)
        assert done.output == nul_ended([value, "b"]), value
        assert "pwned" not in done.left, value


by_shell = r"""xargs -0 sh -c '\''… "$1" …'\'' sh'"""
to_params, to_x = r"printf '%s\0' {{ params.x }} | ssh … '", r"""printf '%s\0' "{{ x }}" | ssh … '"""
told = "send it by a pipe, and let xargs give it to a script there: "
in_words = [
    ('ssh host "cat > {{ params.x }}" < data', told + to_params + by_shell),
    ('cat data | ssh host "cat > {{ params.x }}"', told + to_params + by_shell),
    ('ssh -n host "ls {{ x }}"', told + to_x + by_shell),
    ('sudo ssh host "ls {{ x }}"', told + to_x + by_shell),
    ('ssh host "ls {{ params.l }}"', told + rf"""printf '%s\0' "{{{{ params.l }}}}" | ssh … '{by_shell}"""),
    ('ssh host "ls \\$HOME {{ x }}"', told + to_x + by_shell),
    ('y={{ x }}; ssh host "ls $y"', told + rf"""printf '%s\0' "$y" | ssh … '{by_shell}"""),
    ('f() { ssh host "$@"; }; f ls {{ x }}',
     told + r"""printf '%s\0' "$@" | ssh … 'xargs -0 sh -c '\''"$@"'\'' sh'"""),
    ('vagrant ssh -c "ls {{ x }}"', told + rf"""printf '%s\0' "{{{{ x }}}}" | vagrant ssh -c '{by_shell}"""),
    ("ssh -o ProxyCommand={{ x }} host", "write the setting out"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "hint"), in_words)
def test_where_the_input_may_be_for_something_else_it_is_told_in_words(script: str, hint: str) -> None:
    assert hints(script, "sh", types) == [hint]


@pytest.mark.parametrize(("script", "sent", "name"), [
    ("ssh host make A={{ params.x }} all", 'A="$1" make all', "A"),
    ('ssh host "make -C b V={{ params.x }} W={{ params.y }}"', 'V="$1" W="$2" make -C b', "V"),
])  # fmt: skip
def test_values_for_make_there_go_by_its_environment(script: str, sent: str, name: str) -> None:
    words = "{{ params.x }} {{ params.y }}" if "$2" in sent else "{{ params.x }}"
    line = rf"printf '%s\0' {words} | ssh host 'xargs -0 sh -c '\''{sent}'\'' sh'"
    recipe = f'and "$${name}" in the recipe (its default: {name} ?= …)'
    assert set(hints(script, "sh", types)) == {f"write: {line}, {recipe}"}
    assert hints(line, "sh", types) == []


def test_a_text_for_eval_that_a_shell_reads_is_to_be_written_out() -> None:
    told = hints('p={{ params.x }}; eval "echo $p | base64 -d | sh"', "sh", types)
    assert told == ["write the command out where it is run, without `eval`"]
    then = hints('p={{ params.x }}; echo "$p" | base64 -d | sh', "sh", types)
    assert then == ["pass it as an argument: sh -s -- \"$p\" <<'EOF'"]
