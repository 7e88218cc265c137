"""A file that holds a value is not run, whatever copied it, wrote it, or says that it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from shell_trials import faults

# By a folder that is copied or renamed, or by a pattern.
_copied = [
    'mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src dst; sh dst/a.sh',
    'mkdir src dst; echo "echo {{ x }}" > src/a.sh; cp -r src dst; sh dst/src/a.sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src/. dst; cat dst/a.sh | sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; mv src dst; . dst/a.sh',
    'mkdir src q; echo "echo {{ x }}" > src/a.sh; mv src dst; mv dst q; sh q/dst/a.sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; ln -s src dst; bash -c "sh dst/a.sh"',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src dst; cd dst; sh a.sh',
    'mkdir src; echo "echo {{ x }}" > src/a.sh; rsync -a src/ dst/; sh dst/a.sh',
    'mkdir q; echo "echo {{ x }}" > n.sh; cp *.sh q/; sh q/n.sh',
    'mkdir q; echo "echo {{ x }}" > n.sh; chmod +x n.sh; cp ./*.sh q; cd q; ./n.sh',
    'd=out; mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src "$d"; sh "$d/a.sh"',
    'd=out; mkdir src; echo "echo {{ x }}" > src/a.sh; cp -r src "$d"; sh out/a.sh',
    'mkdir s; echo "echo {{ x }}" > s/go; chmod +x s/go; cp -r s bin; PATH=$PWD/bin:$PATH; go',
]

# By a variable that names a file for a shell.
_begun = [
    'echo "echo {{ x }}" > n.sh; BASH_ENV=./n.sh bash -c :',
    'echo "echo {{ x }}" > n.sh; export BASH_ENV="$PWD/n.sh"; bash -c :',
    'echo "echo {{ x }}" > n.sh; env BASH_ENV=n.sh bash -c :',
    'f=n.sh; echo "echo {{ x }}" > n.sh; BASH_ENV=$f bash -c :',
    'echo "echo {{ x }}" > n.sh; ENV=./n.sh sh -ic :',
]

_by_python = """python3 - {{ x }} gen.sh <<'EOF'
import sys
%s
EOF
sh gen.sh"""

# By a program that is given the value, and whose text or arguments name the file.
_written = [
    "printf 'echo @A@' > t.sh; export X={{ x }}; perl -i -pe 's/\\@A\\@/$ENV{X}/' t.sh; sh t.sh",
    "printf 'echo @A@' > t.sh; X={{ x }} perl -i.old -pe 's/\\@A\\@/$ENV{X}/' ./t.sh; . ./t.sh",
    "echo A > t.sh; perl -i -pe 'BEGIN { $x = shift } s/A/echo $x/' {{ x }} t.sh; bash t.sh",
    "echo A > t.sh; f=t.sh; X={{ x }} perl -pi -e 's/A/echo $ENV{X}/' \"$f\"; sh t.sh",
    'perl -e \'open(my $f, ">", "gen.sh"); print $f "echo $ARGV[0]"\' {{ x }}; sh gen.sh',
    'perl -e \'open F, ">gen.sh"; print F "echo $ARGV[0]"\' {{ x }}; sh gen.sh',
    'awk -v x={{ x }} \'BEGIN { print "echo " x > "gen.sh" }\'; sh gen.sh',
    "awk -v x={{ x }} -v f=gen.sh 'BEGIN { print \"echo \" x > f }'; sh gen.sh",
    'X={{ x }} awk \'BEGIN { printf "echo %s", ENVIRON["X"] >> "gen.sh" }\'; sh gen.sh',
    'python3 -c \'import sys; open("gen.sh", "w").write("echo " + sys.argv[1])\' {{ x }}; sh gen.sh',
    'python3 -c \'import sys; open(sys.argv[2], "w").write("echo " + sys.argv[1])\' {{ x }} g.sh; sh g.sh',
    'echo echo {{ x }} > in; python3 -c \'open("g.sh", "w").write(open("in").read())\'; sh g.sh',
    'echo echo {{ x }} | python3 -c \'import sys; open("g.sh", "w").write(sys.stdin.read())\'; sh g.sh',
    _by_python % "open('gen.sh', mode='w').write('echo ' + sys.argv[1])",
    _by_python % "with open(sys.argv[2], 'a') as f:\n    f.write('echo ' + sys.argv[1])",
    _by_python % "p = 'gen.sh'\nwith open(p, 'w') as f:\n    f.write('echo ' + sys.argv[1])",
    _by_python % "import pathlib\npathlib.Path('gen.sh').write_text('echo ' + sys.argv[1])",
    'python3 -c \'import sys, json; json.dump(sys.argv[1], open("c", "w"))\' {{ x }}; sed s/^/echo/ c | sh',
    'X={{ x }} node -e \'fs.writeFileSync("g.sh", "echo " + process.env.X)\'; sh g.sh',
    'echo A > t.sh; X={{ x }} ruby -i -pe \'$_.sub!("A", "echo " + ENV["X"])\' t.sh; sh t.sh',
    "echo 'echo {{ x }}' | sort -o gen.sh; sh gen.sh".replace("'", '"'),
    "echo 'echo {{ x }}' | sort -uo gen.sh; sh gen.sh".replace("'", '"'),
    "echo 'echo {{ x }}' | dd of=gen.sh; sh gen.sh".replace("'", '"'),
    "echo 'echo {{ x }}' > part; split -l1 part p.; sh p.aa".replace("'", '"'),
    "echo 'echo {{ x }}' | split -l1 - p.; cat p.aa | sh".replace("'", '"'),
    'echo "echo {{ x }}" | base64 | python3 -m base64 -d > g.sh; sh g.sh',
    'echo "echo {{ x }}" | base64 > b; sh -c "$(python3 -m base64 -d b)"',
    'echo "echo {{ x }}" | xxd -p | xxd -r -p - g.sh; sh g.sh',
    'echo "echo {{ x }}" | base64 | openssl base64 -d -out g.sh; sh g.sh',
    "echo : > g.sh; echo \"echo {{ x }}\" | sed -i '1r /dev/stdin' g.sh; sh g.sh",
    "echo : > g.sh; echo \"echo {{ x }}\" > part; sed -i -e '1r part' g.sh; sh g.sh",
    "echo \"echo {{ x }}\" | sed -n 'w gen.sh'; sh gen.sh",
    "echo \"echo {{ x }}\" | sh -c 'cat > gen.sh'; sh gen.sh",
    "echo \"echo {{ x }}\" | env bash -c 'tee gen.sh'; sh gen.sh",
    "sh -c 'echo \"echo $1\" > gen.sh' _ {{ x }}; sh gen.sh",
    'export X={{ x }}; sh -c \'printf "echo %s" "$X" >> gen.sh\'; sh gen.sh',
]


def _is_here(script: str) -> bool:
    """Whether the programs of a script are installed."""
    return all(
        map(shutil.which, re.findall(r"\b(?:rsync|perl|python3|xxd|openssl|node|ruby|jq|gawk)\b", script))
    )


@pytest.mark.parametrize("script", [*_copied, *_begun, *_written])
def test_a_file_of_a_value_that_would_be_run_is_refused(script: str, tmp_path: Path) -> None:
    assert faults(script, "bash")
    if not _is_here(script):
        pytest.skip("a program of this script is not installed")
    by_hand = script.replace("{{ x }}", "${V}")
    environment = {"PATH": os.environ["PATH"], "V": "$(>pwned)"}
    subprocess.run(
        ["bash", "-c", by_hand],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    "script",
    [
        'mkdir src; echo "{{ x }}" > src/a.txt; cp -r src dst; sh dst/b.sh',
        'mkdir q; echo "{{ x }}" > version.txt; cp *.txt q/; cd q; sh run.sh; make',
        'mkdir q; echo "{{ x }}" > n.sh; cp *.txt q/; sh q/n.sh',
        "cp -r src dst; echo {{ x }} > dst/conf; sh src/conf",
        "cp -r . backup; echo {{ x }} > n.txt; sh backup/m.sh; cp -r . backup; mv backup old",
        'mkdir src; echo "{{ x }}" > src/a.sh; cp -r src dst; sh run.sh dst/a.sh; cat dst/a.sh',
        "export X={{ x }}; perl -i -pe 's/A/$ENV{X}/' conf.ini; sh run.sh conf.ini; cat conf.ini",
        "X={{ x }} perl -i -pe 's/A/B/' run.sh; sh run.sh",
        "perl -i -pe 's/A/B/' -- {{ f }} run.sh; sh run.sh",
        'python3 -c \'import sys; open("o", "w").write(sys.argv[1])\' {{ x }}; sh run.sh; n=$(wc -l < o)',
        """v=$(python3 -c 'import json, sys; print(json.load(open("c.json"))[sys.argv[1]])' {{ x }})
        n=$(jq .n c.json); echo $((n + 1)) "$v" """,
        """python3 - {{ x }} <<'E'
import json, sys
conf = json.load(open("conf.json"))
with open("out.json", "w") as f:
    json.dump({**conf, "name": sys.argv[1]}, f)
E
n=$(jq .n conf.json); echo $((n + 1)); . ./env.sh; sh run.sh""",
        "awk -v x={{ x }} '$3 > x { print > \"out.csv\" }' in.csv; sh run.sh; n=$(cat in.csv); echo $((n))",
        "sed -i 's/a/b/' run.sh; sort {{ f }} -o out.txt; sh run.sh",
        'while read -r l; do sed -i "s/a/b/" run.sh; sh run.sh; done < {{ f }}',
        'echo {{ x }} | while read -r l; do sed -i "s/a/b/" run.sh; sh run.sh; done',
        'split -l 10 {{ f }} part.; for p in part.*; do sh work.sh "$p"; done',
        "echo {{ x }} | sudo sh -c 'cat > /etc/app.conf'; sudo systemctl restart app; sh run.sh",
        "sh -c './render \"$1\" > env.sh' _ {{ x }}; . ./env.sh",
        "python3 job.py {{ x }} out.sh; sh out.sh",
        'export A={{ x }}; BASH_ENV=./n.sh bash -c "run"',
        "echo {{ x }} > prod; ENV=prod sh -c :",
    ],
)
def test_a_file_of_a_value_beside_those_that_are_run_is_data(script: str) -> None:
    assert faults(script, "bash") == []


def test_a_file_that_a_shell_reads_first_is_told_to_be_a_variable() -> None:
    (fault,) = faults('echo "A={{ x }}" > n.sh; BASH_ENV=./n.sh bash -c :', "bash")
    assert fault.message == "`BASH_ENV` reads its program here: a value in it would be run"
    assert fault.hint == "export a variable instead: export x={{ x }}"
