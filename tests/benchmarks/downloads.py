"""How long the main job takes, beside the least that it can take and a plain thread pool.

    python tests/benchmarks/downloads.py [PICTURES] [LATENCY_MS] [WORKERS]

A local server gives each picture after a fixed latency, five of them wrongly. No wall time can be
below `pictures / workers * latency`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

root = Path(__file__).parents[2]
sys.path.append(str(root / "tests" / "actions"))

from http_server import refusing_port, serve  # noqa: E402  path made first

plain_program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from runner.actions import DownloadError, download

def fetch(url):
    try:
        return download(url, "plain/")
    except DownloadError as error:
        return error

with ThreadPoolExecutor(int(sys.argv[2])) as pool:
    list(pool.map(fetch, open(sys.argv[1]).read().split()))
"""


def timed(command: Sequence[str], folder: str) -> tuple[float, int]:
    """Wall time and exit code of a command."""
    env = {**os.environ, "PYTHONPATH": str(root), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
    return time.perf_counter() - begin, done.returncode


def main(count: int = 200, latency: int = 50, workers: int = 32) -> None:
    """Measure and print."""
    pictures = {f"{number:05}.png": os.urandom(20_000) for number in range(count - 5)}
    with (
        TemporaryDirectory() as folder,
        serve(pictures, latency=latency / 1000) as site,
        refusing_port() as port,
    ):
        urls = [f"{site.url}/{name}" for name in pictures]
        urls += [f"{site.url}/broken/{sort}" for sort in ("error-404", "empty", "cut-off", "error-500")]
        urls.append(f"http://127.0.0.1:{port}/refused.png")
        Path(folder, "urls.txt").write_text("\n".join(urls) + "\n")
        flow = str(root / "workflows" / "download_images.yml")
        run = [sys.executable, "-m", "runner", "run", flow, "-p", "urls=urls.txt", "-j", str(workers)]
        plain, _ = timed([sys.executable, "-c", plain_program, "urls.txt", str(workers)], folder)
        wall, code = timed([*run, "--report", "report.json"], folder)
        report = json.loads(Path(folder, "report.json").read_text())
        arrived = {path.name: path.read_bytes() for path in Path(folder, "downloads").iterdir()}

    bound = count / workers * latency / 1000
    items = report["tasks"]["download"]["items"]
    failures = [item for item in items if item["status"] == "failed"]
    print(f"{count} pictures, {latency} ms each, {workers} workers, exit code {code}")
    print(f"{len(arrived)} arrived, byte-identical: {arrived == pictures}; {len(failures)} failed")
    for name, seconds in (
        ("lower bound", bound),
        ("the map alone", report["tasks"]["download"]["seconds"]),
        ("whole program", wall),
        ("a plain thread pool, whole program", plain),
    ):
        print(f"{seconds:7.3f} s  {seconds / bound:5.2f} x  {name}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
