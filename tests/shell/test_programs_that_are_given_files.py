"""A file that holds a value is not given to a program that runs it, by whatever names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from shell_trials import faults, runs_the_value

_run_here = [
    "flock lock -c ./job.sh",
    'flock lock -c "sh job.sh"',
    "GIT_SSH=./job.sh git ls-remote h:r",
    "export GIT_SSH=./job.sh; git ls-remote h:r",
    "env GIT_SSH=./job.sh git ls-remote h:r",
    'f=job.sh; GIT_SSH="$PWD/$f" git ls-remote h:r',
    'GIT_SSH_COMMAND="sh $PWD/job.sh" git ls-remote h:r',
    "git init -q; GIT_EDITOR=./job.sh git config --edit",
    'git init -q; export GIT_EDITOR="sh job.sh"; git config --edit',
]

_run_elsewhere = [
    "crontab job.sh",
    "crontab -u app job.sh",
    'f=job.sh; crontab "$f"',
    "sbatch -p long --job-name a job.sh b",
    "qsub -V -l nodes=1 job.sh",
    "srun -n 2 ./job.sh",
    "srun --exclusive ./job.sh",
    "mpirun -n 2 ./job.sh",
    "at -f job.sh now",
    "parallel -a job.sh",
    "parallel :::: job.sh",
    'watch -n1 "sh job.sh"',
    "watch -n 1 ./job.sh",
    "ninja -f job.sh",
    "just -f job.sh",
    "SSH_ASKPASS=$PWD/job.sh ssh web",
    "EDITOR=./job.sh crontab -e",
    "rsync -e ./job.sh a web:b",
    "rsync -ave ./job.sh a web:b",
    'rsync --rsh="sh job.sh" a web:b',
    "make --file=job.sh",
    "tmux source-file job.sh",
    "tmux -f job.sh new -d",
    "screen -c job.sh",
    "R CMD BATCH --vanilla job.sh",
    "lldb -s job.sh a.out",
    "vim -s job.sh a",
    "scp -F job.sh a web:b",
    "sftp -Fjob.sh web",
]

_commands_of_its_own = [
    ("shell echo", "gdb --batch -x job"),
    ("shell echo", "gdb --batch --command=job"),
    ("!echo", "vim -Nnu NONE -es -S job -c 'qall!'"),
    ("!echo", "vim -Nes -u job -c 'qall!'"),
    ("!echo", "vim -Nnu NONE -es -c 'source job' -c 'qall!'"),
    ("!echo", "vim -Nnu NONE -es '+set nocp | so job' '+qall!'"),
    ("Host *\nProxyCommand echo", "ssh -F job web"),
    ("Host *\nProxyCommand echo", "scp -F job web:a b"),
]


@pytest.mark.parametrize("command", [*_run_here, *_run_elsewhere])
def test_a_written_file_that_a_program_is_told_to_run_is_refused(command: str) -> None:
    assert faults(f'echo "echo {{{{ x }}}}" > job.sh; {command}', "bash")


@pytest.mark.parametrize("command", _run_here)
def test_a_program_runs_the_file_that_it_is_told(command: str, tmp_path: Path) -> None:
    if not (shutil.which("git") and shutil.which("flock")):
        pytest.skip("git or flock is not installed")
    written = 'printf "#!/bin/sh\\necho %s\\n" "$V" > job.sh; chmod +x job.sh; '
    assert runs_the_value(written + command, tmp_path)


@pytest.mark.parametrize(("line", "command"), _commands_of_its_own)
def test_a_file_of_commands_of_its_own_is_refused_too(line: str, command: str, tmp_path: Path) -> None:
    assert faults(f'printf "{line} %s\\n" {{{{ x }}}} > job; {command}', "bash")
    if shutil.which(command.split(maxsplit=1)[0]) is None:
        pytest.skip("the program is not installed")
    assert runs_the_value(f'printf "{line} %s\\n" "$V" > job; {command}', tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "crontab -l; crontab cron.txt; crontab -u app cron.txt",
        "sbatch job.sh in.txt; sbatch --exclusive job.sh in.txt",
        "qsub -V job.sh in.txt; qsub -o in.txt job.sh",
        "srun ./job.sh in.txt; srun -n 2 sh job.sh ./in.txt; mpirun -n 2 ./job.sh ./in.txt",
        "parallel -a in.txt wc; parallel wc :::: in.txt; at now -f job.sh",
        "GIT_EDITOR=true git commit -F in.txt; EDITOR=vi crontab -e; PAGER=less man ls",
        'flock lock -c "wc in.txt"; flock lock ./job.sh in.txt; watch "cat in.txt"; watch ./job.sh in.txt',
        "ninja -f build.ninja in.txt; just -f Justfile in.txt; make -f Makefile in.txt",
        "gdb in.txt; gdb -x run.gdb --args a in.txt; vim -S a.vim in.txt; vim -es in.txt; vim -e -s in.txt",
        "vim -c 'w in.txt | e a' b; vim '+r in.txt' -c 'set source=in.txt' a",
        "rsync -e 'ssh -p 22' in.txt web:b; ssh -F config web cat < in.txt; scp -F config in.txt web:",
        "tmux -f a.conf new -d -c in.txt; tmux source a.conf; R CMD BATCH run.R in.txt",
    ],
)
def test_a_written_file_is_data_for_what_it_runs(command: str) -> None:
    assert faults(f"echo {{{{ x }}}} > in.txt; {command}", "bash") == []


def test_what_ssh_is_told_of_a_host_is_given_by_options() -> None:
    (fault,) = faults('printf "Host web\\nHostName %s\\n" {{ x }} > config; ssh -F config web', "bash")
    assert fault.message == "`ssh -F` reads its program here: a value in it would be run"
    assert fault.hint == "give it by an option, as in -o HostName=…, and leave it out of the file"
    assert faults("ssh -F config -o HostName={{ x }} web", "bash") == []


def test_a_program_that_a_variable_names_is_told_to_read_another_one() -> None:
    (fault,) = faults('echo "exec ssh {{ x }}" > w.sh; GIT_SSH=./w.sh git fetch', "bash")
    assert fault.message == "`GIT_SSH` reads its program here: a value in it would be run"
    assert fault.hint == 'export it before, export X={{ x }}, and let the program read "$X"'
    assert faults("export X={{ x }}; echo 'exec ssh \"$X\"' > w.sh; GIT_SSH=./w.sh git fetch", "bash") == []
