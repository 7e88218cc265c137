"""A value that could be the name of a setting, an assignment or an option that is run is refused."""

from __future__ import annotations

import pytest
from shell_trials import faults, hints

name_of_setting = "write out the name of a setting that runs nothing"
of_ssh = "write the setting out"
of_env = "write the name of the variable out, as in env X={{ x }} …, or the program without `env`"
quoted = 'give it by `env: {X: "{{ x }}"}` and write "$X" inside single quotes'

refused = [
    ("ssh -o {{ x }} host true", name_of_setting),
    ("ssh -vo {{ x }} host true", name_of_setting),
    ("ssh -o{{ x }} host true", name_of_setting),
    ('ssh -o "{{ x }}=yes" host true', name_of_setting),
    ('y={{ x }}; ssh -o "$y" host true', name_of_setting),
    ("scp -o {{ x }} a host:", name_of_setting),
    ("sftp -o {{ x }} host", name_of_setting),
    ('ssh -o "proxycommand nc {{ x }} 22" host true', quoted),
    ("scp -o XAuthLocation={{ x }} a host:", of_ssh),
    ("scp -S {{ x }} a host:", "write it out"),
    ("git -c {{ x }} status", name_of_setting),
    ('git -c "{{ x }}=a" status', name_of_setting),
    ("git -c remote.{{ x }}.url=a fetch", name_of_setting),
    ("git --config-env={{ x }} status", name_of_setting),
    ("git config {{ x }} a", name_of_setting),
    ("git config --global --add {{ x }} a", name_of_setting),
    ("git config set core.{{ x }} a", name_of_setting),
    ("git clone -c {{ x }} url", name_of_setting),
    ("git clone --config={{ x }} url", name_of_setting),
    ("git config core.hooksPath {{ x }}", "write it out"),
    ("git -c core.hooksPath={{ x }} commit", "write it out"),
    ("git config submodule.{{ x }}.update {{ x }}", "write it out"),
    ('git config pager.log "less {{ x }}"', quoted),
    ('git config interactive.diffFilter "less {{ x }}"', quoted),
    ("git clone -c core.sshCommand={{ x }} url", quoted),
    ('v="BASH_ENV={{ x }}"; env "$v" make', of_env),
    ('f() { env A=1 "$@"; }; f {{ x }} make', of_env),
    ('for v in {{ x }}; do env "$v" make; done', of_env),
    ('o="ProxyCommand=nc {{ x }}"; ssh -o "$o" host true', name_of_setting),
    ("env {{ x }} bash -c true", of_env),
    ("env {{ x }} true", of_env),
    ('env -u A B=1 "{{ x }}=a" make', of_env),
    ("env -i -- {{ x }} make", of_env),
    ("env BASH_{{ x }}=a make", of_env),
    ('y={{ x }}; env "$y" make', of_env),
]


@pytest.mark.parametrize(("script", "hint"), refused)
def test_a_value_that_could_name_what_is_run_is_refused(script: str, hint: str) -> None:
    assert set(hints(script, "bash")) == {hint}


sound = [
    "ssh -o StrictHostKeyChecking={{ x }} -o ConnectTimeout={{ x }} host true",
    "scp -o UserKnownHostsFile={{ x }} -P {{ x }} -i {{ x }} a host:",
    'ssh -o "ProxyJump {{ x }}" -J {{ x }} host true',
    "git -c user.name={{ x }} commit -m a",
    'git -c http.extraHeader="Authorization: {{ x }}" fetch',
    "git -c url.https://{{ x }}@host/.insteadOf=https://host/ clone a",
    'git config --global url."https://{{ x }}@host/".insteadOf https://host/',
    "git config --global user.email {{ x }}",
    "git config --global --add safe.directory {{ x }}",
    "git config remote.{{ x }}.url https://host/{{ x }}",
    "git config -f .gitmodules submodule.{{ x }}.url {{ x }}",
    "git config {{ x }}; git config --get {{ x }}; git config --unset {{ x }}",
    "git clone -c core.autocrlf={{ x }} url",
    "env FOO={{ x }} APP_{{ x }}=1 PATH={{ x }} make {{ x }}",
    "env -u {{ x }} -C {{ x }} make",
    "env A=1 {{ x }}",
    "sudo {{ x }} install -y curl",
    'o="ConnectTimeout={{ x }}"; ssh -o "$o" host true',
    't={{ x }}; o="ConnectTimeout=$t"; ssh -o "$o" host true',
    'f() { ssh -o "$1" host true; }; f "ConnectTimeout={{ x }}"',
    'opts=(-c "user.name={{ x }}"); git "${opts[@]}" commit',
    'v="FOO={{ x }}"; env "$v" make',
    'vars=(); vars+=("FOO={{ x }}" BAR=2); env "${vars[@]}" make',
    'f() { env A=1 "$@"; }; f make {{ x }}',
    'for k in user.name user.email; do git config "$k" {{ x }}; done',
]


@pytest.mark.parametrize("script", sound)
def test_values_of_settings_that_are_written_out_are_data(script: str) -> None:
    assert faults(script, "bash") == []


elsewhere = [
    'screen -S a -X stuff "ls {{ x }}"',
    'aws ssm send-command --parameters "commands=ls {{ x }}"',
    'az vm run-command invoke --scripts "ls {{ x }}"',
    "npm run a --script-shell={{ x }}",
    'doppler run --command="ls {{ x }}"',
    'sops exec-env f "ls {{ x }}"',
    'rails runner "{{ x }}"',
    "gh api a --jq {{ x }}",
    *(
        f'{program} "{{{{ x }}}}"'
        for program in ("iex -e", "scala -e", "ghc -e", "swift -e", "octave --eval")
    ),
    'emacs --batch --eval "{{ x }}"',
]


@pytest.mark.parametrize("script", elsewhere)
def test_what_other_programs_run_is_refused(script: str) -> None:
    assert faults(script, "bash")


@pytest.mark.parametrize(
    "script",
    [
        "aws s3 cp {{ x }} s3://a/{{ x }}",
        "npm install {{ x }}",
        "sops exec-env {{ x }} ls",
        "gh pr create -t {{ x }}",
    ],
)
def test_other_arguments_of_these_programs_are_data(script: str) -> None:
    assert faults(script, "bash") == []
