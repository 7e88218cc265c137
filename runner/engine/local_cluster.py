"""A Dask cluster on this machine, in a process of its own: who has started it ends it by closing its stdin.

The terminal's Ctrl-C does not reach it, and it ends with whoever started it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from select import select
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from runner.callables.tracebacks import message_of
from runner.engine.fork_server import python
from runner.problem import UserError
from runner.processes import grace
from runner.work.left_behind import no_longer_under_way, now_under_way

LOOK_EVERY = 1.0
"""Seconds between two looks at whether there are as many workers as are wanted."""

AWAY = 4.0
"""Seconds after which a worker that has died, and was not started again, counts as lost."""

FAILED = "failed: "
"""What stands where its address would, before why there is none."""


class LocalCluster:
    """Its workers are as many processes as this machine has processors, if so many are wanted."""

    def __init__(self, workers: int) -> None:
        self._folder = mkdtemp(prefix="runner-")
        self._process = subprocess.Popen(
            python(f"from runner.engine.local_cluster import serve; serve({workers}, {self._folder!r})"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        now_under_way(self._process.pid, {})
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().decode().strip()
        if not self.address or self.address.startswith(FAILED):
            self.close()
            why = self.address.removeprefix(FAILED) or f"its process ended with {self._how_it_ended()}"
            raise UserError(f"no Dask cluster could be started on this machine: {why}")

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    def close(self) -> None:
        """End it."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(2 * grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        no_longer_under_way(self._process.pid)
        rmtree(self._folder, ignore_errors=True)  # it could not, if it was killed


def serve(workers: int, folder: str) -> None:
    """The process itself; what its workers need room for lies in a folder, which it removes."""
    import logging

    dask: Any = import_module("dask")
    distributed: Any = import_module("distributed")

    processes = min(workers, os.cpu_count() or 1)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask.config.set({"temporary-directory": folder, "distributed.deploy.lost-worker-timeout": AWAY})
    signal.signal(signal.SIGTERM, _end)
    try:
        try:
            cluster = distributed.LocalCluster(
                n_workers=processes,
                threads_per_worker=-(-workers // processes),
                processes=True,
                dashboard_address=":0",
                memory_limit=None,
                local_directory=folder,
                silence_logs=logging.CRITICAL,
            )
        except Exception as error:
            print(FAILED + " ".join(message_of(error).split()), flush=True)
            return
        with cluster:
            print(cluster.scheduler_address, flush=True)
            while not select([sys.stdin], [], [], LOOK_EVERY)[0]:
                cluster.scale(processes)  # one that died as it started is not started again otherwise
            signal.signal(signal.SIGTERM, _pass_over)
    finally:
        rmtree(folder, ignore_errors=True)


def _end(*_told: Any) -> None:
    """Who is told to end may be so because all is that the run has started: what lies here is removed."""
    signal.signal(signal.SIGTERM, _pass_over)
    raise SystemExit


def _pass_over(*_told: Any) -> None:
    """It ends already."""
