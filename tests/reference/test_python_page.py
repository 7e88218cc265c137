"""The page on Python: its blocks run as they stand, one after the other, and print what it says.

The words after a block's language mark it: `file=NAME` is a file that later blocks find, `prints` is what the
block above prints, but for ids and times.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from program import Program, steady

import runner as package

root = Path(__file__).parents[2]
page = (root / "schemas" / "python.md").read_text(encoding="utf-8")
blocks = re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
scripts = [text for language, words, text in blocks if language == "python" and not words.strip()]
END = "-- end of a block --\n"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block of Python prints."""
    folder = tmp_path_factory.mktemp("page")
    for _, words, text in blocks:
        if words.strip().startswith("file="):
            (folder / words.strip().removeprefix("file=")).write_text(text)
    lines = "".join(f"{script}\nprint({END!r}, end='')\n" for script in scripts)
    (folder / "page.py").write_text(lines)
    command = [sys.executable, "-W", "error", "page.py"]
    done = subprocess.run(
        command, cwd=folder, env=Program(folder).environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split(END)[:-1]


def test_every_block_prints_what_it_says(printed: list[str]) -> None:
    said = [following if marked == " prints" else "" for _, marked, following in blocks[1:]]
    expected = [it for block, it in zip(blocks, [*said, ""], strict=True) if block[:2] == ("python", "")]
    assert list(map(steady, printed)) == list(map(steady, expected))


def table(first_cell: str) -> dict[str, list[str]]:
    """The names in code in the columns of the table with that heading, by the first of them."""
    rows = page[page.index(f"\n| {first_cell} |") :].split("\n\n")[0].strip().splitlines()[2:]
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in row.split(" | ")] for row in rows]
    return {name: row[-1] for row in cells for name in row[0]}


def test_every_name_that_the_package_promises_is_in_the_table_of_names() -> None:
    assert set(table("name")) == set(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)


def test_every_event_is_told_with_its_fields() -> None:
    told = table("event")
    assert set(told) == {it.__name__ for it in package.Event.__args__}
    for name, fields in told.items():
        assert fields == list(getattr(package, name).__match_args__)


def test_every_argument_of_run_is_told() -> None:
    from inspect import signature

    assert set(table("argument")) == set(signature(package.run).parameters) - {"workflow"}


def test_what_there_is_to_say_of_a_task_is_told() -> None:
    told = {name for name in table("of a task or an item") if name.isidentifier() or name == '["key"]'}
    there = {name for name in vars(package.TaskResult) if not name.startswith("_")}
    assert told == there | {'["key"]'}


def test_every_link_leads_somewhere() -> None:
    reference = (root / "schemas" / "README.md").read_text(encoding="utf-8")
    for name, text in (("", page), ("README.md", reference)):
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert set(re.findall(rf"\]\({name}#([^)]+)\)", page)) <= anchors
