"""A script that a script gives to another shell is looked into as if it were its own."""

from __future__ import annotations

import pytest
from shell_trials import faults

refused = [
    "bash -c 'echo $(($1 + 1))' _ {{ x }}",
    "/bin/bash -euc 'echo $(($1 + 1))' _ {{ x }}",
    "sh -c 'eval \"$1\"' _ {{ x }}",
    "sh -c 'sh -c \"$1\"' _ {{ x }}",
    "if true; then timeout 5 bash -c 'echo $(($2))' _ a {{ x }} | sort; fi",
    "export Y={{ x }}; bash -c 'echo $((Y))'",
    "Y={{ x }} bash -c 'eval \"$Y\"'",
    "env Y={{ x }} bash -c 'eval \"$Y\"'",
    "declare -x Y={{ x }}; bash -c 'eval \"$Y\"'",
    "v={{ x }}; bash -c 'echo $(($1 + 1))' _ \"$v\"",
    "bash -c 'echo $(($0 + 1))' {{ x }}",
    "sh -c 'n=$1; eval \"$n\"' _ {{ x }}",
    'Y={{ x }} bash -c \'Y="$Y a"; eval "$Y"\'',
    'export Y={{ x }}; bash -c \'Y="$Y a"; eval "$Y"\'',
    "set -a; Y={{ x }}; bash -c 'echo $((Y))'",
    "export Y={{ x }}\nbash <<'E'\necho $((Y))\nE\necho b",
    'Y={{ x }} bash -s <<\\E\neval "$Y"\nE',
    "printf '%s' {{ x }} | xargs -0 bash -c 'echo $(($1 + 1))' _",
    # The value comes by way of the script around it.
    'y={{ x }}; bash -c \'eval "$1"\' _ "$y"',
    'y={{ x }}; bash -c \'z=$1; eval "$z"\' _ "$y"',
    'for i in {{ x }}; do bash -c \'eval "$1"\' _ "$i"; done',
    'while read -r l; do bash -c \'eval "$1"\' _ "$l"; done <<< {{ x }}',
    'f() { shift; bash -c \'eval "$1"\' _ "$@"; }; f a {{ x }}',
    'set -- {{ x }}; bash -c \'eval "$1"\' _ "$@"',
    "a=({{ x }}); bash -c 'echo $(($1 + 1))' _ \"${a[@]}\"",
    # It would be the command, in words.
    "export c={{ x }}; sh -c '$c'",
    "sh -c '$1' _ {{ x }}",
    "bash -c 'exec $0' {{ x }}",
    "bash -s -- {{ x }} <<'E'\nc=$1; $c a\nE",
    # Another program gives it what it gets.
    "printf '%s' {{ x }} | xargs sh -c 'eval \"$0\"'",
    "find {{ x }} | xargs sh -c '$0'",
    "find {{ x }} -exec sh -c 'eval \"$1\"' _ {} \\;",
    "find . -name {{ x }} -exec sh -c '$1' _ {} \\;",
    # The script is written otherwise.
    'bash -c "eval \\"\\$1\\"" _ {{ x }}',
    "bash -c $'eval \"$1\"' _ {{ x }}",
    'bash -c \'eval \'"\\"\\$1\\"" _ {{ x }}',
    "bash -c -- 'eval \"$1\"' _ {{ x }}",
    "bash -s -- {{ x }} <<'E'\nn=$1; echo $((n + 1))\nE",
    "bash /dev/stdin {{ x }} <<'E'\neval \"$1\"\nE",
    'export Y={{ x }}\nbash <<E\neval "\\$Y"\nE',
    # There is one more inside of it.
    'bash -c \'bash -c "eval \\"\\$1\\"" _ "$1"\' _ {{ x }}',
    'bash -c \'export z=$1; bash -c "eval \\"\\$z\\""\' _ {{ x }}',
    "bash -s -- {{ x }} <<'E'\nsh -c 'eval \"$1\"' _ \"$1\"\nE",
    """X={{ x }} sh -c 'sh -c "eval \\"\\$X\\""'""",
    """env X={{ x }} sh -c "sh -c 'eval \\"\\$X\\"'" """,
    """X={{ x }} bash -c 'sh <<"E"\neval "$X"\nE'""",
    """sh -c 'sh -c "eval \\"\\$0\\"" "$1"' _ {{ x }}""",
    """bash -c 'bash -c '\\''eval "$0"'\\'' "$1"' _ {{ x }}""",
    """bash -c 'for v in "$@"; do bash -c '\\''eval "$1"'\\'' _ "$v"; done' _ {{ x }}""",
    """bash -c $'echo a\\neval "$1"' _ {{ x }}""",
    """bash -c $'bash -c \\'eval "$1"\\' _ "$1"' _ {{ x }}""",
]

accepted = [
    "sh -c 'echo \"$1\"' sh {{ x }}",
    "bash -c 'echo $(($1 + 1))' _ {{ x | int }}",
    "bash -c 'echo $(($1 + 1)) \"$2\"' _ 3 {{ x }}",
    'find . -exec sh -c \'echo "$1" "$2"\' sh {{ x }} {} \\;',
    "n={{ x }}; sh -c 'n=1; echo $((n))'; echo \"$n\"",
    "printf a | sh -c 'cat; echo \"$0\"' {{ x }} | sort",
    "export Y={{ x }}\nbash <<'E'\necho \"$Y\"\nE",
    "Y={{ x }}\nbash <<'E'\necho $((Y))\nE\necho \"$Y\"",
    "printf '%s\\n' {{ x }} | xargs -n1 sh -c 'echo \"$1\"' sh | sort",
    "for n in 1 2; do sh -c 'n=$1; echo \"$n\"' _ {{ x }}; echo $((n + 1)); done",
    "export A=1; n={{ x }}; bash -c 'for n in 1 2; do echo $((n)); done'; echo \"$n\"",
    "sh -c 'case $1 in a) echo b;; esac' sh {{ x }}",
    'y={{ x }}; bash -c \'echo $((y + 1)); eval "$y"\'; echo "$y"',
    'y={{ x }}; bash -c \'echo "$1"\' _ "$y"',
    'bash -c "echo \\"\\$1\\"" _ {{ x }}',
    "bash -s -- {{ x }} <<'E'\nn=$1; echo \"$n\"\nE",
    'bash -c \'bash -c "echo \\"\\$1\\"" _ "$1"\' _ {{ x }}',
    "n={{ x }}; bash -c 'eval \"$1\"' _ 'echo a'; echo \"$n\"",
    "sh -c '\"$@\"' _ {{ x }} a",
    "sh -c 'ls $1' _ {{ x }}",
    "printf '%s' {{ x }} | xargs sh -c 'echo \"$0\"' | sort",
    "find {{ x }} -exec sh -c 'echo \"$1\"' _ {} \\;",
    "find {{ x }} -name '*.txt' -exec sh -c 'mv \"$1\" \"${1%.txt}.md\"' _ {} \\;",
    "find {{ x }} -type f -exec sh -c 'for f do wc -l \"$f\"; done' _ {} +",
    "c='ls -l'; export c; sh -c '$c \"$1\"' _ {{ x }}",
]


@pytest.mark.parametrize("script", refused)
def test_a_value_that_it_would_run_is_refused(script: str) -> None:
    (fault,) = faults(script, "bash")
    assert fault.code in ("unsound-place", "program-text")
    assert script[fault.offset : fault.offset + fault.length] == "{{ x }}"
    assert "runner_" not in fault.message + fault.hint


@pytest.mark.parametrize("script", accepted)
def test_a_value_that_is_data_in_it_is_accepted(script: str) -> None:
    assert faults(script, "bash") == []
