"""A Dask scheduler and workers of four threads in all, processes of their own on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from program import wait_until

THREADS = 4
READY = "Starting established connection"

# A cluster watches itself even while it has nothing to do: as it comes, for a fifteenth of a processor.
CALM = {
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}


class Cluster:
    """Real processes, which on Linux go with who has started them; what they say is in their files."""

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        hidden: Path | None = None,
        empty: Path | None = None,
        workers: int = 2,
    ) -> None:
        self.folder = folder
        self._environment = environment
        self._threads = THREADS // workers
        file = folder / "scheduler.json"
        self._known_by = ("--scheduler-file", str(file))
        self.scheduler = self._start("scheduler", *self._known_by, "--port", "0", "--host", "127.0.0.1")
        self.workers = [self._start_worker(number, hidden, empty) for number in range(workers)]
        wait_until(lambda: file.exists() and bool(file.read_text()))
        self.address = json.loads(file.read_text())["address"]
        wait_until(lambda: all(READY in self._said(f"worker{number}") for number in range(workers)))

    def _start_worker(self, number: int, hidden: Path | None, empty: Path | None) -> subprocess.Popen[bytes]:
        hide = f'mount -t tmpfs none "{hidden}"' + (f'; mkdir "{empty}"' if empty else "")
        before = () if hidden is None else ("unshare", "-m", "sh", "-c", f'{hide}; exec "$@"', "sh")
        more = ("--nthreads", str(self._threads), "--no-nanny", "--local-directory", str(self.folder))
        return self._start("worker", *self._known_by, *more, number=str(number), before=before)

    def _start(
        self, what: str, *arguments: str, number: str = "", before: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        with_us = ("setpriv", "--pdeathsig", "KILL") if which("setpriv") else ()
        command = [
            *with_us,
            *before,
            sys.executable,
            "-m",
            "distributed.cli.dask_" + what,
            *arguments,
            "--no-dashboard",
        ]
        with open(self.folder / f"{what}{number}.txt", "wb") as said:
            return subprocess.Popen(
                command,
                stdout=said,
                stderr=said,
                env=self._environment,
                cwd=self.folder,
                start_new_session=True,
            )

    def _said(self, name: str) -> str:
        return (self.folder / f"{name}.txt").read_text()

    def end(self) -> None:
        """Kill all of it."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@contextmanager
def cluster(
    folder: Path,
    hidden: Path | None = None,
    empty: Path | None = None,
    environment: Mapping[str, str] | None = None,
    workers: int = 2,
) -> Iterator[Cluster]:
    """One as long as it is needed. Of what is `hidden` its workers see an `empty` folder at most."""
    own = {**(environment or os.environ), **CALM, "TMPDIR": str(folder)}
    started = Cluster(folder, own, hidden, empty, workers)
    try:
        yield started
    finally:
        started.end()
