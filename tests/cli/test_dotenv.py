"""Dotenv files: what each line means, and what is said of a line that means nothing."""

from __future__ import annotations

import pytest

from runner.problem import WorkflowError
from runner.starting.environment import parse_dotenv


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1", {"A": "1"}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# a comment\n\n  # another\nA=1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("  A = 1  ", {"A": "1"}),
        ("A=", {"A": ""}),
        ("A= # nothing", {"A": ""}),
        ("A=one two # said", {"A": "one two"}),
        ("A=one#two", {"A": "one#two"}),
        ("A='one # two'", {"A": "one # two"}),
        ('A="one # two" # three', {"A": "one # two"}),
        (r"A='a\nb'", {"A": r"a\nb"}),
        (r'A="a\nb\t\"c\" \\ \$D"', {"A": 'a\nb\t"c" \\ $D'}),
        ('A="one\ntwo"\nB=3', {"A": "one\ntwo", "B": "3"}),
        ("A='one\ntwo'\nB=3", {"A": "one\ntwo", "B": "3"}),
        ("A=$HOME", {"A": "$HOME"}),
        ("A=`id`$(id)", {"A": "`id`$(id)"}),
        ("A=b=c", {"A": "b=c"}),
        ("A=1\nA=2", {"A": "2"}),
        ("Ä=1".replace("Ä", "A") + "\nB=ü", {"A": "1", "B": "ü"}),
    ],
)
def test_a_dotenv_text_means(text: str, values: dict[str, str]) -> None:
    assert parse_dotenv(text, ".env") == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "A=1\nB 2\n",
            ".env:2:1: error: expected NAME=value [bad-dotenv]\n1 error\n",
        ),
        (
            "1A=2",
            ".env:1:1: error: expected NAME=value [bad-dotenv]\n1 error\n",
        ),
        (
            'A=1\nB="two\nthree',
            '.env:2:3: error: the " that begins here is never closed [bad-dotenv]\n1 error\n',
        ),
        (
            "A='one' two",
            ".env:1:8: error: expected the end of the line after the closing quote [bad-dotenv]\n1 error\n",
        ),
        (
            "BAD LINE\nA=1\n1A=2\nB='b\nC C\n",
            ".env:1:1: error: expected NAME=value [bad-dotenv]\n"
            ".env:3:1: error: expected NAME=value [bad-dotenv]\n"
            ".env:4:3: error: the ' that begins here is never closed [bad-dotenv]\n3 errors\n",
        ),
    ],
)
def test_what_is_wrong_with_a_line_is_said_without_showing_it(text: str, message: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        parse_dotenv(text, ".env")
    assert str(caught.value) + "\n" == message
