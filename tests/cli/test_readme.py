"""The README promises only what is there: what it shows is what comes out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from http_server import serve
from program import Program, steady

repository = Path(__file__).parents[2]
readme = (repository / "README.md").read_text(encoding="utf-8")
blocks = re.findall(r"^```(\w+)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
mistaken = """
    tasks:
      fetch:
        run: [echo, one]

      show:
        run: cat {{ tasks.fetsh.result }}
"""


def block(language: str, beginning: str) -> str:
    """The one block that begins so."""
    (found,) = (text for tongue, text in blocks if tongue == language and text.startswith(beginning))
    return found


@pytest.fixture
def example(runner: Program) -> Program:
    (runner.folder / "workflows").symlink_to(repository / "workflows")
    runner.write(block("yaml", "# sizes.yml\n"), "sizes.yml")
    return runner


def test_the_run_that_it_shows_goes_as_it_shows(example: Program) -> None:
    ended = example("run", "sizes.yml", "--quiet")
    shown = f"$ runner run sizes.yml --quiet\n{ended.out}$ echo $?\n{ended.code}\n"
    assert steady(shown) == steady(block("console", "$ runner run sizes.yml"))


def test_the_retries_and_the_report_that_it_shows_are_there(runner: Program) -> None:
    runner.write(block("yaml", "# fetch.yml\n"), "fetch.yml")
    names = [f"{number}.png" for number in range(9)]
    with serve(dict.fromkeys(names, b"picture")) as site:
        urls = [f"{site.url}/pictures/{name}" for name in names] + [f"{site.url}/broken/error-500"]
        runner.write("\n".join(urls), "urls.txt")
        ended = runner("run", "fetch.yml")
        tries = [path for path, _ in site.seen if path == "/broken/error-500"]
    assert (ended.code, len(tries)) == (0, 3)
    assert sorted(path.name for path in (runner.folder / "pictures").iterdir()) == names
    assert "fetch[error-500] failed after 3 attempts (tolerated by max_failures: 10%)" in ended.out
    assert "fetch[error-500]" in (runner.folder / "out" / "report.html").read_text()


def test_the_python_that_it_shows_runs(example: Program) -> None:
    example.write(block("python", "from runner import run\n"), "script.py")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=example.folder, capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "36946 16469\n", "")


def test_the_mistake_that_it_shows_is_told_as_it_shows(runner: Program) -> None:
    runner.write(mistaken.lstrip("\n"), "flow.yml")
    shown = "$ runner validate flow.yml\n" + runner("validate", "flow.yml").out
    assert shown == block("console", "$ runner validate flow.yml")


def test_its_test_command_is_what_continuous_integration_runs() -> None:
    commands = [text.removeprefix("$ ").strip() for tongue, text in blocks if tongue == "console"]
    (command,) = (line for line in commands if line.endswith(".venv/bin/python -m pytest"))
    assert f"\n({command})\n" in (repository / ".ci/run").read_text(encoding="utf-8")


def test_its_job_command_runs_a_file_that_is_there() -> None:
    job = block("console", "$ python3 -m venv .venv && .venv/bin/pip install -q . &&")
    assert (repository / job.split()[-1]).is_file()


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", readme):
        assert (repository / target).exists()
