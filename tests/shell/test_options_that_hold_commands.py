"""A command line that an option, a query or a variable holds is run elsewhere: no value may stand in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from shell_trials import Shell, faults, hints, hostile, run, shells

container = 'give it to the container, -e X={{ x }}, and write "$X" inside single quotes'
by_env = 'give it by `env: {X: "{{ x }}"}` and write "$X" inside single quotes'
connecting = 'let a file that can be run say `ssh … "$X" "$@"`, as in: export X={{ x }} '

refused = [
    ('docker run --health-cmd "curl {{ x }}" image', container),
    ('podman run --health-cmd="curl {{ x }}" image', container),
    ('c="curl {{ x }}"; docker run --health-cmd "$c" image', container),
    ('fab -H h -- "ls {{ x }}"', "copy a file there that holds the value, and let the script read that"),
    ('BORG_RSH="ssh -i {{ x }}" borg list', f"{connecting}BORG_RSH=./connect.sh"),
    ('export RSYNC_RSH="ssh -i {{ x }}"', f"{connecting}RSYNC_RSH=./connect.sh"),
    ('gdb --batch -ex "shell ls {{ x }}"', by_env),
    ('gdb --batch --eval-command="!ls {{ x }}"', by_env),
    ('gdb -ex "break {{ x }}" a.out', "write it out: gdb runs programs that it is asked for"),
    ('lldb -o "shell ls {{ x }}"', by_env),
    ('psql -c "\\\\! ls {{ x }}"', "let a command of the script do that, outside of psql"),
    (
        "psql -c \"COPY t TO PROGRAM 'cat > {{ x }}'\"",
        "let a command of the script do that, outside of psql",
    ),
    ('c="cat {{ x }}"; psql -c "\\\\o |$c"', "let a command of the script do that, outside of psql"),
    ('mysql -e "system ls {{ x }}"', "let a command of the script do that, outside of mysql"),
    ('sqlite3 db ".shell ls {{ x }}"', "let a command of the script do that, outside of sqlite3"),
    (
        'vim -es -c "%s/a/{{ x }}/" -c wq f',
        'give it by `env: {X: "{{ x }}"}` and write $X in the program, with single quotes around the program',
    ),
    ("vim +{{ x }} f", 'give it by `env: {X: "{{ x }}"}` and write $X in the program'),
    (
        'rename "s/a/{{ x }}/" *',
        'give it by `env: {X: "{{ x }}"}` and write $ENV{X} in the program, '
        "with single quotes around the program",
    ),
    ('v={{ x }}; prename -n "s/a/$v/" *', "write $ENV{v} in the program, after: export v"),
    ('wait -n -p "{{ x }}"', "write the name out"),
    ('y={{ x }}; wait -n -p "$y"', "write the name out"),
]


@pytest.mark.parametrize(("script", "hint"), refused)
def test_a_value_in_a_command_line_that_is_handed_on_is_refused(script: str, hint: str) -> None:
    assert hints(script, "bash") == [hint]


@pytest.mark.parametrize(
    "script",
    [
        "docker run --name {{ x }} -e X={{ x }} --health-cmd 'curl \"$X\"' image",
        "fab -H {{ x }} deploy",
        "export X={{ x }} BORG_RSH=./connect.sh; borg list",
        "gdb --batch -p {{ x }} -ex bt --args prog {{ x }}",
        "psql -d {{ x }} -f {{ x }} -c 'COPY t TO STDOUT' > {{ x }}",
        "psql -c \"select * from t where program = '{{ x }}'\"",
        "mysql -e \"select * from \\`system\\` where a = '{{ x }}'\"",
        'sqlite3 {{ x }} ".tables" "select 1"',
        "vim -es -c '%s/a/b/' +3 -c wq {{ x }}; view -u NONE {{ x }}",
        "rename -n 's/a/b/' {{ x }}; rename -e 's/a/b/' {{ x }}; rename .htm .html {{ x }}",
        "wait -n -p pid -- {{ x }}",
    ],
)
def test_options_that_hold_data_beside_it_are_accepted(script: str) -> None:
    assert faults(script, "bash") == []


_docker = """#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in -e) export "$2"; shift ;; --health-cmd) command=$2; shift ;; esac
    shift
done
exec sh -c "$command"
"""
_borg = "#!/bin/sh\nset -f\n$BORG_RSH host\n"
_rename = """#!/usr/bin/env perl
my $expression = shift;
for (@ARGV) { eval $expression; print }
"""
_connect = '#!/bin/sh\nprintf %s "$X"\n'


@pytest.mark.parametrize("shell", shells, ids=str)
@pytest.mark.parametrize(
    "script",
    [
        "PATH=./bin:$PATH; docker run -e X={{ x }} --health-cmd 'printf %s \"$X\"' image",
        "PATH=./bin:$PATH; export X={{ x }} BORG_RSH=./bin/connect.sh; borg list",
        "PATH=./bin:$PATH; export X={{ x }}; rename 's/a/$ENV{X}/' a",
        'X={{ x }} vim -Nnu NONE -es -c \'call writefile(split($X, "\\n", 1), "/dev/stdout", "bs")\' -c q',
    ],
)
def test_what_the_hints_say_takes_any_value(shell: Shell, script: str, tmp_path: Path) -> None:
    if any(
        shutil.which(name) is None for name in {"perl", "vim"} & set(script.replace("rename", "perl").split())
    ):
        pytest.skip("perl or vim is not installed")
    bin = tmp_path / "bin"
    bin.mkdir()
    for name, text in (("docker", _docker), ("borg", _borg), ("rename", _rename), ("connect.sh", _connect)):
        (bin / name).write_text(text)
        (bin / name).chmod(0o755)
    for value in hostile:
        ran = run(shell, script, {"x": value}, tmp_path)
        assert (ran.output, ran.left) == (os.fsencode(value), ("bin",)), value
