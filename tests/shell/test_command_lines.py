"""A value is refused where a command line that comes of variables and arguments would run it."""

from __future__ import annotations

import pytest
from shell_trials import faults

_parsed = (
    'set -- OPTION {{ x }} --port 1 --user a --verbose; while [ $# -gt 0 ]; do case "$1" in '
    '-h) H="$2"; shift 2;; --port) P="$2"; shift 2;; --user) U=$2; shift 2;; --verbose) shift;; esac; done; '
)
refused = [
    *(
        _parsed.replace("OPTION", option) + line
        for option, line in [
            ("-w", 'v=$(curl "$H" "$P" "$U" "$@"); sh -c "$v"'),
            ("--eval", 'make "$H" "$P" "$U" "$@"'),
            ("-f", 'make "$H" "$P" "$U" "$@"'),
            ("-$o", 'make "$H" "$P" "$U" "$@"'),
            ("-c", 'sh "$H" "$P" "$U" "$@"'),
            ("-c", 'sudo "$H" "$P" "$U" "$@"'),
            ("-c", '"$H" "$P" "$U" "$@"'),
            ("-c", 'run() { "$@"; }; run "$H" "$P" "$U" "$@"'),
            ("-c", 'v=$(basename "$H" "$P" "$U" "$@"); eval "$v"'),
        ]
    ),
    'run() { cmd=$1; shift; "$cmd" "$@"; }; run ssh host "ls {{ x }}"',
    'run() { local cmd=$1; shift; $cmd "$@"; }; run sed -n "s/a/{{ x }}/" f',
    'w() { n=$1 cmd=$2; shift 2; $cmd "$@"; }; w 3 ssh host "ls {{ x }}"',
    'f() { ssh "$@"; }; f host "{{ x }}"',
    'f() { shift; ssh "$@"; }; f a host "{{ x }}"',
    'f() { sh -c "${!#}"; }; f a "{{ x }}"',
    'f() {\nsh <<E\necho $1\nE\n}\nf "{{ x }}"',
    'set_var() { eval "$1=\\$2"; }; set_var {{ x }} b',
    'set_var() { printf -v "$1" %s b; }; set_var "{{ x }}"',
    'cd {{ x }}; sh -c "ls $PWD"',
    'cd {{ x }} && eval "echo $PWD"',
    "cd {{ x }}; [ -d $PWD/x ] && echo yes",
    'try() { "$@" || sh -c "$*"; }; try ls {{ x }}',
    'a=(ssh host); "${a[@]}" "ls {{ x }}"',
    'f() { local c=("$@"); "${c[@]}"; }; f ssh host "ls {{ x }}"',
    'f() { local n=$1; shift; local i; for i in 1 2; do "$@" && return; done; }; f 3 ssh host "ls {{ x }}"',
    'f() { local n=$1; shift; local c="$*"; $c; }; f 3 bash -c "{{ x }}"',
    'f() { while [ $# -gt 0 ]; do eval "$1"; shift; done; }; f a "{{ x }}"',
    'f() { for i in "$@"; do last=$i; done; eval "$last"; }; f a "{{ x }}"',
    'run() { "$1" "$2" "$3"; }; run ssh host "ls {{ x }}"',
    'run() { c=$1; a=$2; b=$3; "$c" "$a" "$b"; }; run ssh host "ls {{ x }}"',
    'run() { "$1" -c "$2"; }; run python3 "print({{ x }})"',
    'run() { "$@"; }; run run ssh host "ls {{ x }}"',
    'on() { ssh "$1" "$2"; }; on host "ls {{ x }}"',
    'c=ssh; f() { $c "$@"; }; f host "{{ x }}"',
    'f() { $c "$@"; }; c=ssh f host "{{ x }}"',
    'set -- ssh host; "$@" "ls {{ x }}"',
    'set -- host "ls {{ x }}"; ssh "$@"',
    'args=(host "ls {{ x }}"); ssh "${args[@]}"',
    'args=(-c "{{ x }}"); bash "${args[@]}"',
    'python3 $OPTS -c "{{ x }}"',
    'python3 $SCRIPT -c "{{ x }}"',
    'declare -A tools=([a]="sh -e"); ${tools[a]} -c {{ x }}',
    'perl $O -e "{{ x }}"',
    'bash $O -c "{{ x }}"',
    'run() { local rc=$1 && shift; "$@"; }; run 1 ssh host "ls {{ x }}"',
    'run() { if [ "$1" = -q ]; then shift; fi; "$@"; }; run -q ssh host "ls {{ x }}"',
    'run() { [ "$1" = -q ] && shift; "$@" | tee log; }; run sed -n "{{ x }}p" f',
    'run() { "$@"; }; run echo {{ x }} | sh',
    'opts=(-n); opts+=(-e); sed "${opts[@]}" "s/{{ x }}/b/" f',
    'ssh_cmd="ssh -o BatchMode=yes"; $ssh_cmd host "ls {{ x }}"',
    'main() { run "$@"; }; run() { "$@"; }; main ssh host "ls {{ x }}"',
    'f() { sh <<E; }\necho $1\nE\nf "{{ x }}"',
    'f() { sh <<E\necho ${!#}\nE\n}; f a "{{ x }}"',
    'f() { local c=$1; shift; local a=("$@"); "$c" "${a[@]}"; }; f ssh host "ls {{ x }}"',
    'f() { local -a a; a=("$@"); "${a[@]}"; }; f ssh host "ls {{ x }}"',
    'f() { local a=(); while [ $# -gt 0 ]; do a+=("$1"); shift; done; "${a[@]}"; }; f ssh host "ls {{ x }}"',
    'f() { while getopts "h:" o; do case $o in h) host=$OPTARG;; esac; done; '
    'shift $((OPTIND-1)); ssh "$host" "$@"; }; f -h host "ls {{ x }}"',
    'f() { case $1 in r) shift; ssh "$@";; *) "$@";; esac; }; f r host "ls {{ x }}"',
    'declare -A m; m[a]=ssh; "${m[a]}" host "ls {{ x }}"',
    'x=$(command -v ssh); "$x" host "ls {{ x }}"',
    'cmd=\'ssh host\'; eval "$cmd" "ls {{ x }}"',
    'cmd="echo"; cmd="$cmd | sh"; eval "$cmd {{ x }}"',
    'f() { trap "$1" EXIT; }; f "rm {{ x }}"',
    'alias run=ssh; run host "ls {{ x }}"',
    'f=g; g() { eval "$1"; }; $f {{ x }}',
    'call() { "do_$1" "${@:2}"; }; do_x() { eval "$1"; }; call x {{ x }}',
    'f() { command "$@"; }; f ssh host "ls {{ x }}"',
    'f() { exec "$@"; }; f bash -c "{{ x }}"',
    'f() { nohup "$@" & }; f bash -c "{{ x }}"',
    'f() { env "$@"; }; f A=1 bash -c "{{ x }}"',
    'f() { time "$@"; }; f bash -c "{{ x }}"',
    'f() { ! "$@"; }; f bash -c "{{ x }}"',
    'f() { (cd /; "$@"); }; f bash -c "{{ x }}"',
    'f() { out=$("$@"); }; f bash -c "{{ x }}"',
    'f() { eval "$1"; }; export -f f; bash -c \'f "$1"\' _ {{ x }}',
    'mapfile -t a < <(echo "{{ x }}"); "${a[@]}"',
    'mapfile -t a < <(echo "{{ x }}"); bash -c "${a[0]}"',
    'IFS=, read -ra a <<< "{{ x }}"; ssh host "${a[@]}"',
    'while read -r c a; do $c "$a"; done <<< "{{ x }}"',
    'source <(echo "a={{ x }}")',
    'cleanup() {\n  sh -c "rm -rf /tmp/none/$release"\n}\nrelease={{ x }}\ntrap cleanup EXIT INT TERM',
    'require_env() {\n  local var\n  for var in "$@"; do\n    if [ -z "${!var+x}" ];'
    " then echo missing; fi\n  done\n}\nrequire_env {{ x }}",
    "branch={{ x }}\nif [[ $branch =~ ^release/(.+)$ ]]; then version=${BASH_REMATCH[1]}; fi\n"
    'sh -c "echo building $version"',
    'ask() {\n  local var=$1 default=$2 reply=\n  read -r -p "$var [$default]: " reply || true\n'
    '  printf -v "$var" \'%s\' "${reply:-$default}"\n}\nask WORKERS {{ x }}\nfor ((i = 0;'
    ' i < WORKERS; i++)); do echo "worker $i"; done',
    'set_it() { eval "$1=\\$2"; }\nset_it N {{ x }}\necho $((N + 1))',
    'ask() { read -r "$1" <<< "$2"; }\nask N {{ x }}\nssh host "ls $N"',
    "export APP_NAME={{ x }}\nenv | grep '^APP_' > app.env\n. ./app.env",
    'export APP_NAME={{ x }}; sh -c "echo starting $(printenv APP_NAME)"',
    'test_build() { sh -c "echo $name"; }\nname={{ x }}\n'
    "for t in $(declare -F | cut -d' ' -f3 | grep '^test_'); do \"$t\"; done",
    "jq -n --arg v {{ x }} '{v: $v}' > c.json; v=$(jq -r .v c.json); sh -c \"echo $v\"",
    'docker run --rm --entrypoint=/bin/bash alpine -c "echo {{ x }}"',
    'docker compose run --entrypoint "sh -c" app "echo {{ x }}"',
    'export GIT_SSH_COMMAND="ssh -i {{ x }} -o IdentitiesOnly=yes"; git ls-remote git@h:x',
    'git -c core.sshCommand="ssh -i {{ x }}" fetch',
    'git config core.sshCommand "ssh -i {{ x }}"',
    'tar -I "gzip -{{ x }}" -cf a.tar.gz b',
    'tar --to-command "cat {{ x }}" -xf a.tar',
    'split --filter="gzip > {{ x }}" f',
    'git filter-branch --tree-filter "rm -f {{ x }}" HEAD',
    'git submodule foreach "git checkout {{ x }}"',
    'npx -c "echo {{ x }}"',
    'ENV_FILE=${ENV_FILE:-.env}\necho "VERSION={{ x }}" >> "$ENV_FILE"\n. "./$ENV_FILE"',
    'f=deploy.sh; echo "echo {{ x }}" > "$f"; chmod +x "$f"; "./$f"',
    'f=deploy.sh; echo "echo {{ x }}" > "$f"; bash "./$f"',
    'f=deploy.sh; echo "echo {{ x }}" > "$f"; "$PWD/$f"',
    'echo "A={{ x }}" > a.env; load_env() { . "./$1"; }; load_env a.env',
    'echo "A={{ x }}" > b.env; for f in a.env b.env; do [ -r "$f" ] && . "./$f"; done',
    'DIR=conf; echo "A={{ x }}" > conf/app.env; . "$DIR/app.env"',
    'RUN=${RUN:-ssh host}; $RUN "echo {{ x }}"',
    'SHELL_CMD="${SHELL_CMD:-bash -c}"; $SHELL_CMD "echo {{ x }}"',
    'WRAP="ssh host"; run() { ${WRAP:-} "$@"; }; run "ls {{ x }}"',
    'DRY=${DRY:-}; run() { $DRY "$@"; }; run ssh host "echo {{ x }}"',
    'rollback() { ssh host "deploy \'$1\'"; }\nprev={{ x }}\ntrap \'rollback "$prev";'
    " exit 1' ERR INT TERM\nfalse",
    "tag={{ x }}; trap 'ssh host \"rollback $tag\"' ERR; false",
    "n={{ x }}; trap 'echo \"$((n+1)) left\"' EXIT",
    'run() { sudo "$@"; }; run $PYTHON -c "{{ x }}"',
    'run() { "$@"; }; run $PYTHON -c "{{ x }}"',
]

accepted = [
    'python3 $OPTS s.py -c "{{ x }}"',
    'run() { "$@"; }; run cp {{ x }} b; run touch {{ x }}; run ssh host true',
    'log() { echo "[$1] ${*:2}"; }; log info {{ x }}',
    'log() { printf \'%s %s\\n\' "$(date)" "$*"; }; log "x is {{ x }}"; '
    'run() { log "$@"; "$@"; }; run rm -f {{ x }}',
    'run() { echo "+ $*"; "$@"; }; run make {{ x }}; run ssh -p 22 host uptime; run sed -i s/a/b/ f',
    'retry() { local n=$1; shift; until "$@"; do n=$((n-1)); '
    "[ $n -gt 0 ] || return 1; done; }; retry 3 curl -f {{ x }}; retry 2 ssh h uptime",
    'opts=(); [ -n "$V" ] && opts+=(-v); opts+=(--name {{ x }}); docker run "${opts[@]}" image',
    'args=(-e "X={{ x }}"); docker run "${args[@]}" img sh -c \'echo $X\'',
    'for host in a b; do ssh "$host" uptime; done; cp {{ x }} b',
    'ssh_cmd="ssh -o BatchMode=yes"; $ssh_cmd host uptime; $ssh_cmd {{ x }} uptime',
    'main() { local f=$1; process "$f"; }; process() { wc -l "$1"; }; main {{ x }}',
    'die() { echo "$1" >&2; exit "${2:-1}"; }; [ -f {{ x }} ] || die "no {{ x }}" 3',
    'usage() { echo "usage: $0"; }; case {{ x }} in a) usage;; esac',
    'find . -name \'*.py\' | while read -r f; do check "$f"; done; check() { grep -q {{ x }} "$1"; }',
    'find . -name \'*.py\' | while read -r f; do check "$f" {{ x }}; done\ncheck() { grep -q "$2" "$1"; }',
    'trap \'rm -f "$t"\' EXIT; t={{ x }}; rm "$t"',
    "awk -v a={{ x }} '{print a}' f",
    "python3 - <<'E'\nimport os\nE\ncat {{ x }}",
    'python3 - "{{ x }}" <<E\nprint("$1")\nE',
    'alias grep="grep --color"; grep -q {{ x }} f',
    'log() { local level="$1"; shift; local msg="$*"; echo "[$level] $msg" >&2; }\n'
    "log info deploying {{ x }}",
    'f() { local name="${@:1:1}"; local -r b="$*"; declare msg="$*"; echo "$name $msg"; }; f a {{ x }} c',
    "copy() { a=; v=; while [ $# -gt 0 ]; do case $1 in -a) a=$2; shift ;; -v) v=-v ;; *) break ;; esac; "
    'shift; done; cp $v "$a" "$@"; docker run "$a" "$@"; sudo make "$a" "$@"; }\n'
    "copy -v -a {{ x }} {{ y }} d; copy -a a -v b c {{ y }} d e f g",
    'git() { command git -c color.ui=never "$@"; }\ngit checkout {{ x }}',
    'ls() { env ls --color "$@"; }\necho {{ x }}; ls',
    'out=$(mktemp); script=$(mktemp)\necho {{ x }} > "$out"\necho \'cat "$1"\' > "$script"\n'
    'bash "$script" "$out"',
    "v=\"{{ x }}\"; re='^([0-9]+)$'; if [[ $v =~ $re ]]; then echo $((BASH_REMATCH[1] + 1)); fi",
    'git commit -m "{{ x }}"; git -c user.name="{{ x }}" tag -a "{{ x }}" -m "{{ x }}";'
    ' git checkout -b {{ x }}; git config user.name "{{ x }}"',
    'tar -czf "{{ x }}.tgz" -C {{ x }} .; tar -cf {{ x }} b; tar -xzf {{ x }} -C /tmp',
    'cleanup() { rm -rf "$t"; }; trap cleanup EXIT; t={{ x }}; echo "$t"',
    "jq --arg v {{ x }} '.[] | select(.name == $v)' f.json | sh",
    "docker run --rm --entrypoint=/bin/cat alpine {{ x }}",
    'DRY=${DRY:-}; run() { $DRY "$@"; }; run cp {{ x }} b',
    "SUDO=${SUDO:-sudo}; $SUDO cp {{ x }} b; ${SUDO:-} rm {{ x }}",
    'D=out; echo {{ x }} > "$D/a.txt"; cat "$D/a.txt"; bash "$D/run.sh"',
    'tmp={{ x }}; trap \'rm -rf "$tmp"\' EXIT; log() { echo "$1"; }; trap \'log "$tmp"\' ERR',
    'tmp=$(mktemp -d); trap \'rm -rf "$tmp"\' EXIT INT TERM; cp {{ x }} "$tmp"',
]


@pytest.mark.parametrize("script", refused)
def test_a_value_that_a_line_would_run_once_it_is_put_together_is_refused(script: str) -> None:
    assert faults(script, "bash")


@pytest.mark.parametrize("script", accepted)
def test_a_value_that_is_data_in_every_line_that_comes_of_it_is_accepted(script: str) -> None:
    assert faults(script, "bash") == []
