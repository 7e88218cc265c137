"""Files that are almost right: whatever is wrong with them is told, and never crashes the program.

`RUNNER_TEST_MUTATIONS` is how many, `RUNNER_TEST_FIRST` the first seed.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from runner.loader import load
from runner.problem import write_text

tests = Path(__file__).parents[1]
FILES = sorted(file for name in ("valid", "mistakes", "patterns") for file in (tests / name).glob("*.yml"))
PIECES = [
    *(
        "{",
        "}",
        "[",
        "]",
        "{{",
        "}}",
        '"',
        "'",
        ":",
        ": ",
        ", ",
        "- ",
        "\n",
        "\n  ",
        "  ",
        "\t",
        "#",
        "&a",
        "*a",
    ),
    *("<<: ", "|", ">", "?", "!", "%", "@", "`", "\\", "é", "\U0001f600", "\x07", "null", "{{ x }}", "run: "),
]
BATCH = 100
FIRST = int(os.environ.get("RUNNER_TEST_FIRST", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("RUNNER_TEST_MUTATIONS", "600")))


def mutated(seed: int) -> str:
    """One of the files, changed in a few places."""
    chance = random.Random(seed)
    text = chance.choice(FILES).read_text(encoding="utf-8", errors="replace")[:3000]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[at + chance.randint(1, 8) :]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                end = chance.randrange(len(text) + 1)
                text = text[:at] + text[min(at, end) : max(at, end)][:60] + text[at:]
            case _:
                lines = text.split("\n")
                lines.insert(chance.randrange(len(lines) + 1), lines.pop(chance.randrange(len(lines))))
                text = "\n".join(lines)
    return text


@pytest.mark.parametrize("first", SEEDS[::BATCH])
def test_a_file_that_is_almost_right_gives_a_workflow_or_problems(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + BATCH):
        file = tmp_path / "workflow.yml"
        file.write_text(text := mutated(seed), encoding="utf-8")
        try:
            loaded = load(str(file))
            told = write_text(loaded.problems)
        except Exception as bug:
            raise AssertionError(f"seed {seed}: {bug!r}\n{text}") from bug
        assert loaded.workflow is not None or told
