"""Plain words, as `base64` and `slug` make them of values, may stand in scripts; what is decoded may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell_trials import bash, faults, hostile, run

sound = [
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh web1 \"echo $p | base64 -d > f\"",
    "p=$(printf '%s' {{ x }} | base64 | tr -d '\\n'); ssh web1 \"echo '$p' | base64 -d > f\"",
    'v=$(printf %s {{ x }} | base64 -w0); sh -c "echo $v"',
    'enc() { printf %s "$1" | base64 -w0; }\nv=$(enc {{ x }}); sh -c "echo $v"',
    "v=$(printf %s {{ x }} | tr -cd 'a-z0-9-'); ssh web1 \"echo $v\"",
    'v={{ x | slug }}; ssh web1 "echo $v"',
    'ssh web1 "systemctl restart {{ x | slug }}"',
    'x={{ x }}; safe=${x//[^a-zA-Z0-9_-]/}; ssh web1 "echo $safe"',
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh web1 <<EOF\necho $p | base64 -d > f\nEOF",
    "p=$(printf '%s' {{ x }} | xxd -p | tr -d '\\n'); ssh web1 \"echo $p | xxd -r -p > f\"",
    "p=$(printf '%s' {{ x }} | od -An -v -tx1 | tr -d ' \\n'); ssh web1 \"echo $p\"",
    'p=$(base64 -w0 <<< {{ x }}); ssh web1 deploy "$p"',
    "p=$(base64 -w0 <<< {{ x }} | tr '/+' '_-' | tr -d =); ssh web1 \"deploy $p\"",
    'x={{ x }}; if [[ $x =~ ^([a-z]+)-([0-9]+)$ ]]; then cmd="restart ${BASH_REMATCH[1]}"; '
    'ssh web1 "$cmd"; fi',
    'x={{ x }}; [[ $x =~ ^([a-z]+)$ ]] && f() { local c="restart ${BASH_REMATCH[1]}"; ssh h "$c"; }; f',
]


@pytest.mark.parametrize("script", sound)
def test_a_plain_word_is_data_in_a_script(script: str, tmp_path: Path) -> None:
    stub = tmp_path / "bin"
    stub.mkdir()
    (stub / "ssh").write_text('#!/bin/sh\nshift\nexec sh ${1+-c} ${1+"$*"}\n')
    (stub / "ssh").chmod(0o755)
    before = f'PATH="{stub}:$PATH"\n'
    for number, value in enumerate(["; touch pwned;", "$(touch pwned)", "a", *hostile[:60]]):
        done = run(bash, before + script, {"x": value}, tmp_path / str(number))
        assert "pwned" not in done.left, (value, done.errors)


def test_what_is_sent_as_base64_arrives_as_it_is(tmp_path: Path) -> None:
    script = "p=$(printf %s {{ x }} | base64 -w0); sh -c \"printf %s '$p' | base64 -d\""
    for value in hostile:
        assert run(bash, script, {"x": value}, tmp_path).output == value.encode("utf-8", "surrogateescape")


refused = [
    'p=$(base64 -w0 <<< {{ x }}); printf -v q \'%s\\n\' "$p" "$p"; sh -c "echo $q"',
    'n=$\'\\n\'; p=$(base64 -w0 <<< {{ x }} | cut -c1- --output-delimiter="$n"); sh -c "echo $p"',
    'p=$(base64 -w0 <<< {{ x }}); a="echo $p"; sh -c "${a:-$(echo "echo $p | base64 -d | sh")}"',
    'p=$(base64 -w0 <<< {{ x }}); c="echo $p"; declare -n r=c; r="echo $p | base64 -d | sh"; sh -c "$c"',
    'p=$(base64 -w0 <<< {{ x }}); q="$p"; q+=$\'\\n\'; q+="$p"; sh -c "echo $q"',
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh web1 \"echo $p | base64 -d | sh\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh web1 \"echo '$p' | base64 -d | sh\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh web1 echo $p \\| base64 -d \\| sh",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh web1 \"echo $p\" '| base64 -d | sh'",
    'p=$(printf \'%s\' {{ x }} | base64 -w0); ssh web1 "eval \\"\\$(echo $p | base64 -d)\\""',
    "p=$(printf '%s' {{ x }} | base64 -w0); eval \"$(echo $p | base64 -d)\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); echo \"$p\" | base64 -d | sh",
    "p=$(printf '%s' {{ x }} | base64 -w0); echo \"$p\" > f; base64 -d f > g; sh g",
    'p=$(printf \'%s\' {{ x }} | base64 -w0); q=$(base64 -d <<< "$p"); sh -c "echo $q"',
    "p=$(printf '%s' {{ x }} | base64); sh -c \"echo $p\"",
    'p=$(for i in {{ x }}; do printf %s "$i" | base64 -w0; echo; done); sh -c "echo $p"',
    "p=$(printf '%s' {{ x }} | base64 -w0; echo; printf %s {{ y }} | base64 -w0); sh -c \"echo $p\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); echo $((p))",
    "p=$(printf '%s' {{ x }} | base64 -w0); unset \"$p\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); sh -c \"$p\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); python3 -c \"import base64; exec(base64.b64decode('$p'))\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); sed \"s/a/$p/\" f",
    "p=$(printf '%s' {{ x }} | base64 -w0); echo \"echo $p | base64 -d | sh\" > n.sh; sh n.sh",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h <<EOF\necho $p | base64 -d | sh\nEOF",
    "p=$(printf '%s' {{ x }} | xxd -p | tr -d '\\n'); ssh h \"echo $p | xxd -r -p | sh\"",
    "p=$(printf '%s' {{ x }} | od -An -tx1 | tr -d ' \\n'); ssh h \"echo $p | xxd -r -p | sh\"",
    "p=$(printf '%s' {{ x }} | od -An -c | tr -d ' \\n'); ssh h \"echo $p\"",
    "p=$(printf '%s' {{ x }} | tr -cd 'a-z\\n'); ssh h \"echo $p\"",
    "p=$(printf '%s' {{ x }} | tr -cd 'a-z;'); ssh h \"echo $p\"",
    "p=$(printf '%s' {{ x }} | tr -cd '+-z'); ssh h \"echo $p\"",
    "p=$(printf '%s' {{ x }} | tr -cd a-z | tr a-z ' -:'); ssh h \"echo $p\"",
    "p=$(printf '%s' {{ x }} | tr -cd a-z | sed 's/x/;/g'); ssh h \"echo $p\"",
    'p=$(printf \'%s\' {{ x }} | tr -cd a-z); q="${p//x/;}"; ssh h "echo $q"',
    'p=$(printf \'%s\' {{ x }} | tr -cd a-z); q="$p\n$p"; ssh h "echo $q"',
    "p=$(printf '%s' {{ x }} | base64 -w0); git -c $p status",
    "x={{ x }}; [[ $x =~ ^([a-z=.]+)$ ]]; git -c ${BASH_REMATCH[1]} status",
    'x={{ x }}; [[ $x =~ ^([A-Za-z0-9+/=]+)$ ]]; ssh h "echo ${BASH_REMATCH[1]} | base64 -d | sh"',
    "export p=$(printf '%s' {{ x }} | base64 -w0); python3 -c '"
    'import os, base64; print(base64.b64decode(os.environ["p"]).decode())\' | sh',
    "p=$(printf '%s' {{ x }} | base64 -w0); node -e \"eval(atob('$p'))\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"echo \\$(($p))\"",
    'ssh h "echo {{ x | slug }} {{ x }}"',
    'ssh h "{{ x | slug }}"',
    'x={{ x }}; safe=${x//[^a-zA-Z0-9;]/}; ssh web1 "mkdir $safe"',
    'x={{ x }}; safe=${x/[^a-z]/}; ssh web1 "mkdir $safe"',
    'p=$(printf \'%s\' {{ x }} | base64 -w0); c="echo $p"; c+=" | base64 -d | sh"; sh -c "$c"',
    'p=$(printf \'%s\' {{ x }} | base64 -w0); c="$p"; sh -c "$c"',
    'p=$(printf \'%s\' {{ x }} | base64 -w0); f() { sh -c "$1"; }; f "echo $p | base64 -d | sh"',
    'p=$(printf \'%s\' {{ x }} | base64 -w0); c=(ssh h "echo $p | base64 -d | sh"); "${c[@]}"',
    "p=$(printf '%s' {{ x }} | base64 -w0); xargs -I{} sh -c 'echo {} | base64 -d | sh' <<< \"$p\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); timeout 5 ssh h \"echo $p | base64 -d > /tmp/a; sh /tmp/a\"",
    "p=$(printf '%s' {{ x }} | hexdump -C | tr -d ' \\n'); sh -c \"echo $p\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); trap \"echo $p | base64 -d | sh\" EXIT",
    "p=$(printf '%s' {{ x }} | base64 -w0); su -c \"echo $p | base64 -d | sh\" bob",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"bash -c 'echo $p | base64 -d | sh'\"",
    'p=$(printf \'%s\' {{ x }} | base64 -w0); ssh h "bash -c \\"\\$(echo $p | base64 -d)\\""',
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"bash <(echo $p | base64 -d)\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"source <(base64 -d <<< $p)\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"base64 -d <<< $p > s; chmod +x s; ./s\"",
    'p=$(printf \'%s\' {{ x }} | base64 -w0); ssh h "crontab - <<< \\"\\$(base64 -d <<< $p)\\""',
    "p=$(printf '%s' {{ x }} | openssl base64 -A); ssh h \"echo $p | openssl base64 -d -A | bash\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"echo $p | python3 -m base64 -d | sh\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"python3 -mbase64 -d <<< $p > s; sh s\"",
    "p=$(printf '%s' {{ x }} | base64 -w0); ssh h \"echo $p | uudecode -o /dev/stdout | sh\"",
]


@pytest.mark.parametrize("script", refused)
def test_what_is_decoded_of_a_word_or_is_no_word_any_more_is_refused(script: str) -> None:
    assert faults(script, "bash")
