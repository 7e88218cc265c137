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
        "ninja -f build.ninja in.txt; just -f Justfile in.txt",
    ],
)
def test_a_written_file_is_data_for_what_it_runs(command: str) -> None:
    assert faults(f"echo {{{{ x }}}} > in.txt; {command}", "bash") == []


def test_a_program_that_a_variable_names_is_told_to_read_another_one() -> None:
    (fault,) = faults('echo "exec ssh {{ x }}" > w.sh; GIT_SSH=./w.sh git fetch', "bash")
    assert fault.message == "`GIT_SSH` reads its program here: a value in it would be run"
    assert fault.hint == 'export it before, export X={{ x }}, and let the program read "$X"'
    assert faults("export X={{ x }}; echo 'exec ssh \"$X\"' > w.sh; GIT_SSH=./w.sh git fetch", "bash") == []
