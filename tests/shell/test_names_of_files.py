"""The names that `find`, `ls`, `du` and their like print below a path hold the path, wherever they go."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import Shell, faults, run, shells

refused = [
    """find {{ d }} -type f | xargs -I{} sh -c 'wc -c < "{}"'""",
    """find {{ d }} -type f -print0 | xargs -0 -I{} sh -c 'wc -c < "{}"'""",
    """find {{ d }} -name '*.csv' | while read -r f; do ssh host "ls $f"; done""",
    """find {{ d }} -name '*.csv' | while read -r f; do sh -c "wc -l $f"; done""",
    """find {{ d }} -name '*.csv' | while read -r f; do eval "wc -l $f"; done""",
    'newest=$(ls -t {{ d }}/*.csv | head -1); ssh host "cat $newest"',
    'mapfile -t fs < <(find {{ d }} -type f); for f in "${fs[@]}"; do sh -c "wc $f"; done',
    'mapfile -t fs < <(ls {{ d }}/*); for f in "${fs[@]}"; do sh -c "wc $f"; done',
    "ls {{ d }}/*.csv | xargs -I{} sh -c 'wc {}'",
    "grep -rl x {{ d }} | xargs -I{} sh -c 'wc {}'",
    "grep -l x {{ d }}/* | xargs -I{} sh -c 'wc {}'",
    'du -a {{ d }} | while read -r n f; do bash -c "wc $f"; done',
    'du -a {{ d }} | while read -r l; do bash -c "wc $l"; done',
    'du -a {{ d }} | sort -n | tail -1 | cut -f2 | while read -r f; do bash -c "wc $f"; done',
    "find {{ d }} -type f | sed 's/^/wc /' | sh",
    "find {{ d }} -printf 'wc %p\\n' | bash",
    "ls -d {{ x }} | sed 's/^/wc /' | sh",
    "find {{ d }} -exec echo wc {} \\; | sh",
    "find {{ d }} -print0 | xargs -0 -n1 echo wc | sh",
    "fd csv {{ d }} | xargs -I{} sh -c 'wc {}'",
    't=$(mktemp -p {{ d }}); trap "rm -f $t" EXIT',
    'sudo find {{ d }} | sort | head -3 > l; while read -r f; do sh -c "wc $f"; done < l',
    "du -k {{ d }} | cut -d' ' -f1 | sh",
    'root=$(git -C {{ d }} rev-parse --show-toplevel); ssh host "ls $root"',
    'for f in $(find {{ d }} -type f); do eval "wc $f"; done',
    "n=$(ls {{ d }}); echo $((n))",
    "n=$(wc -l {{ f }}); echo $((n))",
    "n=$(du -sk {{ d }}); echo $((n))",
    "awk '{print $2}' <(du -a {{ d }}) | xargs -I{} sh -c 'wc {}'",
    """find {{ d }} -type f | ssh host 'xargs -I{} sh -c "wc {}"'""",
    'sha256sum {{ d }}/* | while read -r s f; do ssh host "check $s $f"; done',
    """ls {{ d }} | while read -r f; do python3 -c "print('$f')"; done""",
    "find {{ d }} -type f | xargs perl -ne 'print'",
    "find {{ d }} -type f | xargs -I{} ssh host 'ls {}'",
    "files=$(find {{ d }} -name '*.csv'); ssh host \"rm $files\"",
    'ssh host "rm $(ls {{ d }})"',
    'sed -i "s/OLD/$(ls {{ d }} | head -1)/" f',
    'find {{ d }} -type f | while read -r f; do awk "/$f/" log; done',
    'dir=$(cd {{ d }} && pwd); ssh host "ls $dir"',
    "find {{ d }} -type f -print0 > l; xargs -0 -I{} sh -c 'wc {}' < l",
    'ls {{ d }} | tac | { read -r f; eval "wc $f"; }',
    "find {{ d }} | sort | tee l | xargs -I{} sh -c 'wc {}'",
    'x=$(command -v {{ t }}); sh -c "$x --version"',
    "f() { find \"$1\" -type f; }; f {{ d }} | xargs -I{} sh -c 'wc {}'",
    'f() { ls -t "$1" | head -1; }; n=$(f {{ d }}); ssh host "cat $n"',
    "find \"$(dirname {{ d }})\" -type f | xargs -I{} sh -c 'wc {}'",
    "for d in {{ ds }}; do find \"$d\" -name x | xargs -I{} sh -c 'wc {}'; done",
    "ls -l {{ d }} | awk '{print $9}' | xargs -I{} sh -c 'wc {}'",
    'ls -l {{ d }} | tail -n +2 | while read -r a b c e f g h i name; do sh -c "wc $name"; done',
    "find {{ d }} -printf '%s %p\\n' | while read -r s p; do sh -c \"wc $p\"; done",
    "du -k {{ d }} | awk '{print \"wc \" $2}' | sh",
    "stat -c '%Y %n' {{ d }}/* | sort -n | cut -d' ' -f2- | xargs -I{} sh -c 'wc {}'",
    'wc -l {{ d }}/* | while read -r n f; do sh -c "ls $f"; done',
    "find {{ d }} | cpio -o > a; tree {{ d }} | sh",
    "find {{ d }} -type d -exec sh -c 'echo \"$1\"' _ {} \\; | sh",
    "md5sum {{ f }} | awk '{print $2}' | sh",
    "find {{ d }} -name run.sh | xargs -n1 sh",
    "printf '%s\\0' {{ x }} | xargs -0 -n1 python3",
    'cd {{ d }} && ssh host "cd $(pwd) && ls"',
]

accepted = [
    "find {{ d }} -type f | wc -l",
    "n=$(find {{ d }} | wc -l); (( n > 3 ))",
    "size=$(du -sk {{ d }} | cut -f1); echo $((size))",
    "size=$(du -sk {{ d }} | awk '{print $1}'); echo $((size))",
    'ls {{ d }} | while read -r f; do cp -- "$f" out/; done',
    "find {{ d }} -print0 | xargs -0 rm --",
    """find {{ d }} | xargs -I{} sh -c 'wc -c < "$1"' sh {}""",
    'for f in $(ls {{ d }}); do cp "$f" out/; done',
    "n=$(wc -l < {{ f }}); (( n > 3 ))",
    "n=$(wc -l {{ f }} | cut -d' ' -f1); (( n > 3 ))",
    "n=$(wc -l {{ f }} | awk '{ print $1 }'); (( n > 3 ))",
    "n=$(stat -c %s {{ f }}); (( n > 3 ))",
    "n=$(ls -l {{ f }} | awk '{print $5}'); (( n > 3 ))",
    "du -a {{ d }} | while read -r size name; do (( total += size )); done",
    "du -a {{ d }} | while IFS=$'\\t' read -r size name; do (( total += size )); done",
    "read -r size _ < <(du -sk {{ d }}); (( size > 3 ))",
    "n=$(grep -c x {{ f }}); (( n > 3 ))",
    "n=$(grep -rl x {{ d }} | wc -l); (( n > 3 ))",
    'n=$(grep -n x {{ f }} | head -1 | cut -d: -f1); echo "$n"',
    "n=$(find {{ d }} -type f -print0 | xargs -0 wc -l | tail -1 | awk '{print $1}'); (( n > 3 ))",
    "n=$(find {{ d }} -type f -exec stat -c %s {} + | awk '{s+=$1} END {print s}'); (( n > 3 ))",
    "n=$(find {{ d }} -type f -printf '%s\\n' | sort -n | tail -1); (( n > 3 ))",
    "n=$(find {{ d }} -printf '%T@ %p\\n' | sort | tail -1 | cut -d' ' -f1); n=${n%.*}; (( n > 3 ))",
    "du -k {{ d }} | sort -n | tail -1 | cut -f1 > big; n=$(cat big); (( n > 3 ))",
    "sum=$(sha256sum {{ f }} | cut -d' ' -f1); ssh host \"grep $sum sums\"",
    'newest=$(ls -t {{ d }} | head -1); cp "$newest" out',
    'mapfile -t fs < <(find {{ d }} -type f); for f in "${fs[@]}"; do cp "$f" out; done; (( ${#fs[@]} > 3 ))',
    """t=$(mktemp -p {{ d }}); trap 'rm -f "$t"' EXIT""",
    "find {{ d }} -name '*.tmp' -delete",
    "find {{ d }} -name '*.sh' -exec chmod +x {} +",
    'find {{ d }} -type f | while read -r f; do n=$(wc -l < "$f"); (( total += n )); done',
    "last=$(ls {{ d }} | grep -oE '[0-9]+' | sort -n | tail -1); n=$((last + 1))",
    "find {{ d }} -type f -exec cat {} + | uniq -c | awk '{print $1}' > n; n=$(cat n); (( n > 1 ))",
    "find {{ d }} -name '*.csv' | sort | xargs cat | gzip > all.gz",
    "fd csv {{ d }} | wc -l",
    "fd {{ x }}",
    """find {{ d }} -name '*.sh' | while read -r f; do sh "$f"; done""",
    "find {{ d }} -name '*.py' | xargs python3 -m py_compile",
    "find {{ d }} -type f | xargs -P4 -n1 gzip",
    "ls {{ d }} | ssh host 'cat > list'",
    """for f in {{ d }}/*; do sh -c 'wc "$1"' sh "$f"; done""",
    "sudo du -sk {{ d }} | sudo tee size | cut -f1",
    "used=$(df -k {{ d }} | awk 'NR==2 {print $3}'); (( used > 3 ))",
    "(( $(find {{ d }} | wc -l) > 3 )) && (( $(du -sk {{ d }} | cut -f1) > 1 ))",
    "if [[ $(find {{ d }} -type f | head -1) ]]; then echo a; fi",
    "if [[ -n $(ls -A {{ d }}) ]]; then echo a; fi",
    'cd {{ d }} && ls | while read -r f; do echo "$f"; done',
    "n=$(find {{ d }} -type f | sed 's/.*\\.//' | sort -u | wc -l); (( n > 1 ))",
    "n=$(wc -l {{ f }} | sed 's/ .*//'); (( n > 1 ))",
    "n=$(tr -s ' ' < {{ f }} | wc -w); (( n > 1 ))",
    "size=$(du -sb {{ d }} | cut -f 1); size=$(( size / 1024 ))",
    "find {{ d }} -exec ls -l {} + | awk '{print $5}' | while read -r s; do (( t += s )); done",
    'set -- $(du -sk {{ d }}); echo "$1"',
    "file {{ f }} | grep -q gzip && zcat {{ f }} | head -1",
    "find {{ d }} -type f | parallel gzip",
    "find {{ d }} -type f | parallel gzip {}",
    "rsync -a $(find {{ d }} -name '*.c') host:",
    'git -C {{ d }} rev-parse HEAD > h; ssh host "deploy $(cat h)"',
    'eval "$(ssh-agent)"; ls {{ d }}',
    "ls {{ d }}; bash -c 'ls'",
    "md5sum {{ f }} | md5sum -c -",
    """files=$(ls {{ d }}); for f in $files; do python3 -c 'import sys; print(sys.argv[1])' "$f"; done""",
    "ls {{ d }}/*.csv | head -1 | xargs head -1 | tr ',' '\\n' | wc -l",
    'find {{ d }} -type f | sort > list; while read -r f; do cat "$f"; done < list',
    "find {{ d }} -type f > files.txt; python3 job.py files.txt; sh run.sh files.txt",
    "ls {{ d }} > s; cat s; ./run.sh s",
    "ls {{ d }} | tee list.txt | wc -l",
    'du -sh {{ d }} | mail -s "size" me@example.com',
    "ls {{ d }} | jq -R . | jq -s .",
    "find {{ d }} -type f | jq -R . | curl -d @- http://x",
    "count=$(find {{ d }} -maxdepth 1 -type f -name '*.log' -printf x | wc -c); (( count ))",
    "age=$(( $(date +%s) - $(stat -c %Y {{ f }}) )); (( age > 60 ))",
    "lines=$(cat {{ d }}/*.csv | wc -l); echo $((lines - 1))",
    """find {{ d }} -type f -print0 | while IFS= read -r -d '' f; do md5sum "$f"; done""",
    "find {{ d }} -type f -print0 | xargs -0 du -ck | tail -1 | cut -f1 > n; read -r n < n; (( n > 3 ))",
    'declare -A seen; while read -r f; do seen[$f]=1; done < <(find {{ d }} -type f); echo "${#seen[@]}"',
    "declare -A count; for f in $(ls {{ d }}); do count[${f##*.}]=1; done",
    'i=0; for f in $(ls {{ d }}); do ((i++)); echo "$i $f"; done',
    'i=0; find {{ d }} | while read -r f; do i=$((i+1)); echo "$i $f"; done',
    "ls -l {{ d }} | tail -n +2 | while read -r a b c e size rest; do (( t += size )); done",
    "wc -l {{ d }}/*.csv | tail -1 | awk '{print $1}' > n; read -r n < n; (( n > 1 ))",
    "stat -c '%Y %n' {{ d }}/* | sort -n | tail -1 | cut -d' ' -f1 > t; read -r t < t; (( t > 1 ))",
    "find {{ d }} -printf '%s %p\\n' | while read -r s p; do (( t += s )); done; echo $((t))",
    'total=0; while read -r n f; do total=$((total + n)); done < <(wc -l {{ d }}/*); echo "$total"',
    "for f in $(find {{ d }} -name '*.csv'); do n=$(wc -l < \"$f\"); echo $((n - 1)); done",
    'files=($(ls {{ d }})); echo "${#files[@]}"; echo "${files[0]}"; (( ${#files[@]} > 1 ))',
    'files=({{ d }}/*); for ((i=0; i<${#files[@]}; i++)); do cp "${files[i]}" out; done',
    'mapfile -t f < <(find {{ d }} | sort); for ((i=0; i<${#f[@]}; i+=2)); do cp "${f[i]}" out; done',
    'n=0; for f in $(ls {{ d }}); do n=$((n + 1)); mv "$f" "$n-$f"; done',
    "docker run --rm -v \"$(realpath {{ d }}):/data\" img sh -c 'ls /data'",
    "tar czf - -C {{ d }} $(ls {{ d }}) | ssh host 'tar xzf - -C /srv'",
    "find {{ d }} -type f -print0 | tar czf - --null -T - | ssh host 'cat > a.tgz'",
    "find {{ d }} -name '*.sql' | sort | while read -r f; do psql -f \"$f\"; done",
    "find {{ d }} -name '*.sql' | sort | while read -r f; do psql < \"$f\"; done",
    "find {{ d }} -mtime +7 -print -delete | wc -l",
    'n=$(grep -c ERROR {{ f }} || true); if [ "$n" -gt 0 ]; then exit 1; fi; (( n ))',
    "n=$(grep -o x {{ f }} | wc -l); (( n ))",
    "n=$(grep x {{ f }} | cut -d, -f2); echo $((n + 1))",
    "n=$(head -1 {{ f }} | tr ',' '\\n' | wc -l); (( n ))",
    "n=$(cat {{ f }}); (( n ))",
    "size=$(du -sm {{ d }} | awk '{ print $1 }'); if [[ $size -gt 100 ]]; then echo big; fi",
    'size=$(du -sh {{ d }} | awk \'{ print $1 }\'); curl -d "{\\"text\\": \\"$size\\"}" http://x',
    "hash=$(find {{ d }} -exec sha256sum {} + | sort | sha256sum | cut -d' ' -f1); ssh host \"echo $hash\"",
    "hash=$(find {{ d }} -print0 | xargs -0 md5sum | md5sum | awk '{print $1}'); ssh host \"echo $hash\"",
    "hash=$(md5sum < {{ f }} | cut -d' ' -f1); ssh host \"echo $hash\"",
    "ls {{ d }} | wc -l | xargs -I{} sh -c 'echo {}'",
    "cd {{ d }}; find . -name '*.c' | xargs -I{} sh -c 'wc {}'",
    'latest=$(ls -t {{ d }}/*.log | head -n1); tail -n 5 "$latest" | mail -s "$latest" me',
    "find {{ d }} -name '*.gz' | xargs -P4 gunzip",
    "ls {{ d }} | sed 's/\\.csv$//' | xargs -I{} mv {{ d }}/{}.csv out/{}.txt",
    "ls {{ d }} | sort -R | head -5 | awk '{print NR\": \"$0}'",
    "IFS=$'\\n'; for f in $(find {{ d }} -type f); do cp \"$f\" out; done",
    "n=$(file {{ f }} | grep -c text); (( n ))",
    'v=$(basename {{ f }} .txt); python3 report.py "$v"',
    "git ls-files {{ d }} | xargs wc -l | tail -1 | awk '{print $1}' > n; n=$(<n); (( n > 3 ))",
    't=$(mktemp -d); find {{ d }} | split -l 10 - "$t/part."; for p in "$t"/*; do sh work.sh "$p"; done',
    'find {{ d }} -type f > "$t"; while IFS= read -r f; do sha256sum "$f"; done < "$t"; sh done.sh',
    'out={{ d }}/run.sh; ls "$out"; sh "$out"',
    "ls {{ d }} > /dev/null && sh build.sh",
    "find {{ d }} -name 'run*.sh' -exec sh {} \\;",
    "find {{ d }} -name 'run*.sh' | while read -r f; do bash \"$f\"; done",
    "find {{ d }} -name 'run*.sh' | xargs -I{} bash {}",
    "find {{ d }} -name run.sh -print0 | xargs -0 -n1 sh",
    "find {{ d }} -name '*.py' -print0 | xargs -r0 -n 1 -P 4 python3",
    'dir=$(cd "$(dirname {{ d }})" && pwd); cp a "$dir"; (cd "$dir" && make)',
    "n=$(ls -1 {{ d }} | sed -n '$='); (( n ))",
    "n=$(find {{ d }} | awk 'END { print NR }'); (( n ))",
    'for h in $(ls {{ d }}); do ssh "$h" uptime; done',
    '[[ "$(ls {{ d }})" == *csv* ]]',
]


@pytest.mark.parametrize("script", refused)
def test_a_path_that_a_program_prints_is_not_run(script: str) -> None:
    assert faults(script, "bash")


@pytest.mark.parametrize("script", accepted)
def test_names_that_are_data_and_numbers_beside_them_are_accepted(script: str) -> None:
    assert faults(script, "bash") == []


# Each prints how many bytes are in the one file below a folder.
_counted = {
    "argument of a shell": r"""find {{ x }} -type f | xargs -d '\n' -I{} sh -c 'wc -c < "$1"' sh {}""",
    "argument of a shell, ended by NUL": r"""
        find {{ x }} -type f -print0 | xargs -0 -I% sh -c 'wc -c < "$1"' sh %""",
    "argument of a program": r"""ls -d {{ x }}/* | xargs -d '\n' wc -c | awk '{ print $1 }'""",
    "loop": r"""find {{ x }} -type f | while read -r f; do wc -c < "$f"; done""",
    "newest": r"""newest=$(ls -t {{ x }} | head -1); wc -c < {{ x }}/"$newest" """,
    "found by its content": r"""
        grep -rl abc {{ x }} | while read -r f; do sh -c 'wc -c < "$1"' sh "$f"; done""",
    "column of du": r"""n=$(du -b {{ x }}/f | cut -f1); echo $((n + 0))""",
    "column of du, sorted": r"""
        n=$(du -ab {{ x }}/f | sort -n | tail -1 | awk '{ print $1 }'); echo $((n))""",
    "column of wc": r"""n=$(wc -c {{ x }}/f | cut -d' ' -f1); echo $((n))""",
    "column of ls": r"""n=$(ls -l {{ x }}/f | awk '{ print $5 }'); echo $((n))""",
    "column that is read": r"""
        du -b {{ x }}/f | while read -r n name; do test -f "$name"; echo $((n + 0)); done""",
    "number of files": r"""n=$(find {{ x }} -type f | wc -l); echo $((n + 3))""",
    "format of numbers": r"""
        n=$(find {{ x }} -type f -printf '%s\n'); m=$(stat -c %s {{ x }}/f); echo $((n + m - 4))""",
}
_values = [
    "touch pwned",
    "'; touch pwned; $(touch pwned)",
    "a[$(touch pwned)]",
    '"; `touch pwned` #',
    "9 $(touch pwned)",
]


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        pytest.param(shell, script, id=f"{shell}-{name}")
        for shell in shells
        if shell.name != "busybox-sh"
        for name, script in _counted.items()
    ],
)
def test_a_name_that_is_an_argument_is_data(shell: Shell, script: str, tmp_path: Path) -> None:
    for value in _values:
        folder = tmp_path / value
        folder.mkdir()
        (folder / "f").write_text("abc\n")
        ran = run(shell, script, {"x": value}, tmp_path)
        assert (ran.output.split(), ran.errors) == ([b"4"], "")
        assert "pwned" not in ran.left
