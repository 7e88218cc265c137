"""What programs of awk and filters of jq print counts as what they read and are given, but for numbers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from shell_trials import Shell, faults, hostile, run, shells

awk_passes = [
    "{print}", "{print $1}", "1", "/./", "NF{print}", "!/^#/{print}", "NR==1{print; exit}", "NR>1",
    "!seen[$0]++", "END{print}", "END{print $NF}", '{sub(/^v/, ""); print}', "{$1=$1} 1",
    "{a[NR]=$0} END{for (i=1; i<=NR; i++) print a[i]}", "{x=$0; print x}", '{print "a;" $0}',
    '{v=$1; if (v == "") v="none"; print v}', "{print length, $0}", "{printf $0}", '{printf "%s", $0}',
    "{n=$1; n+=0; print n $2}", "{print substr($0, 3)}", '{s=s " " $1} END{print s}',
    "function f(x) {return x} {print f($0)}", "{c[$1]++} END{for (k in c) print c[k], k}",
    '{print > "/dev/stdout"}', "BEGIN{while ((getline l) > 0) print l}", "{print 3 . $1}",
    "{print ($1 > 3) ? $1 : 0}", '{printf "%d %s", 1, $2}', '{print | "cat"}',
    "{n=split($0, a); print n, a[n]}",
]  # fmt: skip
awk_is_given = [
    '-v x={{ x }} \'BEGIN{printf "echo a;%s", x}\'', "-v h={{ x }} '{gsub(/HOST/, h)} 1' t",
    "-vx={{ x }} 'BEGIN{print \"echo \" x}'", "--assign=x={{ x }} 'BEGIN{print x}'",
    "'{print v}' v={{ x }} f", "'BEGIN{print ARGV[1]}' {{ x }}",
    "-v x={{ x }} 'BEGIN{y=\"echo \" x; print y}'",
    "-v x={{ x }} 'BEGIN{a[x]=1; for (k in a) print k}'", "-v x={{ x }} '{$1=x; print}' f",
    "-v x={{ x }} 'function f(a) {return a} BEGIN{print f(x)}'", "-v f={{ x }} 'BEGIN{printf f}'",
    "-v x={{ x }} 'BEGIN{split(x, a, \",\"); print a[1]}'", "-v x={{ x }} 'BEGIN{print x+0 x}'",
]  # fmt: skip
jq_is_given = [
    '"echo \\($x)"', '"echo " + $x', '$x // "a"', 'if true then "a" else $x end', '$x as $y | "echo \\($y)"',
    '"%" | sub("%"; $x)', '[$x] | join(" ")', "{a: $x} | .a", "$x | ascii_downcase", "[length, $x]",
    "$x | select(length > 0)", '$x | select(. != "")', "$x, ($x | length)", "def f: $x; f",
    'reduce $x as $i (""; . + $i)', "[.] | map($x) | .[]", "$x | if length > 0 then . else 0 end",
]  # fmt: skip
jq_passes = [
    ".", "select(length > 0)", ".[] | select(.name | length > 3) | .cmd", "length, .", "tonumber? // .",
    'if length > 0 then . else "none" end', "length as $n | .", "try tonumber catch .", '(. == "a") // .',
]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        *(f"printf '%s' {{{{ x }}}} | awk '{program}'" for program in awk_passes),
        *(f"awk {words}" for words in awk_is_given),
        "X={{ x }} awk 'BEGIN{print ENVIRON[\"X\"]}'",
        "X={{ x }} awk 'BEGIN{for (k in ENVIRON) print ENVIRON[k]}'",
        *(f"jq -rn --arg x {{{{ x }}}} '{program}'" for program in jq_is_given),
        *(f"echo {{{{ x | json }}}} | jq -r '{program}'" for program in jq_passes),
        "X={{ x }} jq -rn '$ENV.X'",
        "X={{ x }} jq -rn env.X",
    ],
)
def test_what_may_be_a_value_is_refused_as_program_text(command: str) -> None:
    assert faults(f"{command} | sh", "sh")
    assert faults(f"{command} > s.sh; sh s.sh", "sh")
    assert faults(f'v=$({command}); ssh web1 "restart $v"', "sh")
    assert faults(f"n=$({command}); echo $((n + 1))", "bash")


@pytest.mark.parametrize(
    "script",
    [
        "printf 'restart HOST\\n' > t; awk -v h={{ x }} '{gsub(/HOST/, h)} 1' t > s.sh; sh s.sh",
        "jq -rn --arg x {{ x }} '\"NAME=\" + $x' > .env; . ./.env",
        "echo '{}' | jq --arg c {{ x }} '.cmd=$c' > c.json; jq -r .cmd c.json | sh",
        'jq -rn --arg x {{ x }} \'"echo \\($x)"\' | while read -r c; do sh -c "$c"; done',
    ],
)
def test_it_is_followed_through_files_and_loops(script: str) -> None:
    assert faults(script, "sh")


counted = [
    "printf '%s' {{ x }} | awk 'END{print NR + 0}'",
    "printf '%s' {{ x }} | awk '{s+=$1} END{print s+0}'",
    "printf '%s' {{ x }} | awk '{s+=NF} END{printf \"%d\", s}'",
    "printf '%s' {{ x }} | awk '{c[$1]++} END{n=0; for (k in c) n+=c[k]; print n}'",
    "X={{ x }} awk 'BEGIN{print length(ENVIRON[\"X\"])}'",
    "X={{ x }} awk 'BEGIN{print int(ENVIRON[\"X\"] * 100)}'",
    "echo a | X={{ x }} awk '$1 == ENVIRON[\"X\"] {c++} END {print c+0}'",
]
counted_by_jq = [
    "jq -rn --arg x {{ x }} '$x | length'",
    'jq -rn --arg x {{ x }} \'["a", "b"] | map(select(. == $x)) | length\'',
    "printf '%s' {{ x }} | jq -Rs 'length'",
]


@pytest.mark.parametrize("shell", shells, ids=str)
@pytest.mark.parametrize("command", [*counted, *counted_by_jq])
def test_counted_numbers_are_none_and_harm_nobody(shell: Shell, command: str, tmp_path: Path) -> None:
    if "jq" in command and shutil.which("jq") is None:
        pytest.skip("jq is not installed here")
    for value in ["PATH[$(touch pwned)]", *hostile[::7]]:
        if "\udc80" <= max(value, default="") <= "\udcff":
            continue
        ran = run(shell, f"n=$({command}); echo $((n + 1))", {"x": value}, tmp_path)
        assert (ran.code, ran.left, ran.output.strip().lstrip(b"-").isdigit()) == (0, (), True), value


sound = [
    "n=$(awk -v a={{ x }} 'BEGIN{print length(a)}'); echo $((n + 1))",
    "v=$(awk -v x={{ x }} '$1 == x {print $2}' f); ssh web1 \"restart $v\"",
    "n=$(awk -v x={{ x }} '$1 == x {c++} END {print c+0}' f); echo $((n + 1))",
    "awk -v x={{ x }} '{print x, $0}' f > g",
    "jq -rn --arg x {{ x }} '@sh \"echo \\($x)\"' | sh",
    "v=$(jq -r --arg k {{ x }} '.[$k]' f); ssh web1 \"restart $v\"",
    "v=$(jq -r --arg k {{ x }} '.[] | select(.name == $k) | .id' f); ssh web1 \"restart $v\"",
]


@pytest.mark.parametrize("script", sound)
def test_a_value_that_only_chooses_is_no_part_of_what_is_printed(script: str) -> None:
    assert faults(script, "bash") == []


def test_a_command_that_jq_quotes_is_one(tmp_path: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed here")
    script = "jq -rn --arg x {{ x }} '@sh \"printf %s \\($x)\"' | sh"
    for value in ("$(touch pwned)", "'; touch pwned #", "`touch pwned`"):
        ran = run(shells[0], script, {"x": value}, tmp_path)
        assert (ran.output, ran.left) == (value.encode(), ())
