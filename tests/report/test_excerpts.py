"""Whatever part of a text is shown, all that is left out of it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.report.excerpts import first_lines, last_lines, traceback_lines
from runner.report.templating import load_template

GAP = "\n… 70000 characters left out …\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\nb\nc", "a\nb\nc"),
        ("a\n" * 41, "a\n" * 40 + "… 1 line more"),
        ("a" * 8001, "a" * 8000 + "… 1 character more"),
        ("a" * 8000 + "\nb", "a" * 8000 + "\n… 1 line more"),
        ("a" * 9000 + "\nb\n\nc", "a" * 8000 + "… 3 lines and 1,000 characters more"),
        ("a\n" * 40 + "b\nccc" + GAP + "dd\ne\nf", "a\n" * 40 + "… 3 lines and 70,005 characters more"),
        ("a\n" * 39 + "a" + GAP + "dd\ne", "a\n" * 40 + "… 1 line and 70,002 characters more"),
        ("a" * 8005 + GAP + "b" * 7, "a" * 8000 + "… 70,012 characters more"),
        ("a\n" * 40 + "b" + GAP + "c" + GAP + "d", "a\n" * 40 + "… 140,003 characters more"),
    ],
)
def test_of_a_beginning(text: str, told: str) -> None:
    assert first_lines(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\nb\nc", "a\nb\nc"),
        ("a\n" * 41, "… 1 line before this\n" + "a\n" * 39 + "a"),
        ("a" * 8001, "… 1 character before this\n" + "a" * 8000),
        ("b\n" + "a" * 8000, "… 1 line before this\n" + "a" * 8000),
        ("b\n\nc\n" + "a" * 9000, "… 3 lines and 1,000 characters before this\n" + "a" * 8000),
        ("f\ndd" + GAP + "ccc\nb" + "\na" * 40, "… 2 lines and 70,005 characters before this" + "\na" * 40),
    ],
)
def test_of_an_end(text: str, told: str) -> None:
    assert last_lines(text) == told


def test_of_a_traceback() -> None:
    message = "E: " + "x" * 5000 + GAP + "x" * 5000
    told = traceback_lines("  a call\n" * 50 + message, message)
    assert told == (
        "… 12 lines before this\n" + "  a call\n" * 38 + "E: " + "x" * 497 + "… 79,503 characters more"
    )


@pytest.mark.parametrize(
    ("template", "text", "told"),
    [
        ("first_lines | at_most(2000)", "a" * 9000 + "\néé", "a" * 2000 + "\n… (7,005 bytes left out)"),
        ("first_lines | at_most(2000)", "é" * 900 + "\na" * 60, "é" * 900 + "\na" * 39 + "\n… 21 lines more"),
        ("first_lines(1) | at_most(8)", "a\n" * 9, "a\n… 8 lines more"),
        (
            "first_lines | at_most(2000)",
            "a" * 3000 + "\nb" + GAP + "c",
            "a" * 2000 + "\n… (1,003 bytes and 70,000 characters left out)",
        ),
        (
            "last_lines | at_most(6000, ending=true)",
            "b\n" + "a" * 9000,
            "… (3,002 bytes left out)\n" + "a" * 6000,
        ),
        ("at_most(4)", "abc\ndef", "abc\n… (4 bytes left out)"),
        (
            "traceback_lines('E: z') | at_most(2000, ending=true)",
            f"{'c' * 99}\n" * 60 + "E: z\n1\n2",
            f"… (4,100 bytes left out)\n{'c' * 99}\n" + f"{'c' * 99}\n" * 18 + "E: z\n… 2 lines more",
        ),
    ],
)
def test_of_what_is_cut_twice_all_is_counted_once(
    tmp_path: Path, template: str, text: str, told: str
) -> None:
    file = tmp_path / "page.txt.j2"
    file.write_text("{{ text | " + template + " }}")
    assert load_template(str(file), "text").render(text=text) == told
