"""Programs of python, node, perl and their like print what they are given, but where they surely count."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from shell_trials import bash, faults, hostile, run

printed = [
    "python3 - {{ x }} <<'E'\nimport sys\nprint('echo', sys.argv[1])\nE\n",
    "X={{ x }} python3 - <<'E'\nimport os\nprint(os.environ['X'])\nE\n",
    "X={{ x }} node <<'E'\nconsole.log(process.env.X)\nE\n",
    "ruby - {{ x }} <<'E'\nputs ARGV[0]\nE\n",
    "python3 /dev/stdin {{ x }} <<'E'\nimport sys\nprint(sys.argv[1])\nE\n",
    "python3 - {{ x }} <<< 'import sys; print(sys.argv[1])'",
    "echo 'print(__import__(\"sys\").argv[1])' | python3 - {{ x }}",
    "X={{ x }} node -p '\"echo \" + process.env.X'",
    "X={{ x }} node -pe 'process.env.X'",
    "node -p 'process.argv[1]' {{ x }}",
    "python3 -c 'import sys; print(0 if len(sys.argv) < 2 else sys.argv[1])' {{ x }}",
    "python3 -c 'import sys; a=sys.argv[1]; print(int(a) if a.isdigit() else a)' {{ x }}",
    "node -e 'x=process.argv[1]; console.log(parseInt(x) || x)' {{ x }}",
    "perl -e 'print 3 . $ARGV[0]' {{ x }}",
    "perl -e 'print length($ARGV[0]), $ARGV[0]' {{ x }}",
    "python3 -c 'import sys; a=sys.argv[1]; print(len(a)); sys.stdout.writelines(a)' {{ x }}",
    "python3 -c 'import sys; print(len(sys.argv) * sys.argv[1])' {{ x }}",
    "python3 -c 'import sys; print(1 or sys.argv[1])' {{ x }}",
    "X={{ x }} python3 -c 'import os\nfor k, v in os.environ.items(): print(v)'",
    "export X={{ x }}; printf '%s' '$X' | perl -pe 's/\\$(\\w+)/$ENV{$1}/g'",
    "echo {{ x }} | perl -pe 'print length($_)'",
]


@pytest.mark.parametrize("command", printed)
def test_what_a_program_may_print_of_a_value_is_refused_as_program_text(command: str) -> None:
    end = "\n" if command.endswith("\n") else ""
    assert faults(f'v=$({command}); ssh web1 "restart $v"', "bash")
    assert faults(f"n=$({command}); echo $((n + 1))", "bash")
    assert faults(f"{{ {command.rstrip() + end}; }} | sh" if not end else f"{{ {command}}} | sh", "bash")


counted = [
    "python3 -c 'import sys; print(len(sys.argv[1]))' {{ x }}",
    "python3 - {{ x }} <<'E'\nimport sys\nprint(len(sys.argv[1]) + 2 * len(sys.argv))\nE\n",
    "X={{ x }} python3 -c 'import os; print(len(os.environ[\"X\"]))'",
    "perl -e 'print length($ARGV[0]), \"\\n\"' {{ x }}",
    "perl -e 'printf \"%d\", $ARGV[0]' {{ x }}",
    "printf %s {{ x }} | python3 -c 'import sys; print(len(sys.stdin.read()))'",
]


@pytest.mark.parametrize("command", counted)
def test_what_is_counted_is_none_and_harms_nobody(command: str, tmp_path: Path) -> None:
    program = next(name for name in ("python3", "perl") if name in command)
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")
    for value in ["PATH[$(touch pwned)]", *hostile[::9]]:
        ran = run(bash, f"n=$({command}) || n=0; echo $((n + 1))", {"x": value}, tmp_path)
        assert (ran.code, ran.left, ran.output.strip().isdigit()) == (0, (), True), value


@pytest.mark.parametrize(
    "script",
    [
        "python3 - {{ x }} <<'E'\nimport sys\nprint(sys.argv[1])\nE",
        'export X={{ x }}; v=$(python3 --version); ssh web1 "echo $v"',
        'export X={{ x }}; v=$(python3 -c \'import os; print(os.environ["HOME"])\'); ssh web1 "echo $v"',
        "n=$(node -p '1 + 2'); echo {{ x }} $((n + 1))",
    ],
)
def test_what_is_none_of_the_values_goes_on(script: str) -> None:
    assert faults(script, "bash") == []
