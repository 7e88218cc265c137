"""How problems are written for people and for programs, and what is suggested."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.position import Position
from runner.problem import (
    Problem,
    UserError,
    WorkflowError,
    did_you_mean,
    order,
    write_github,
    write_json,
    write_text,
)

unknown = Problem(
    position=Position("flow.yml", 14, 13),
    code="unknown-task",
    message="unknown task 'fetsh' in needs",
    hint="did you mean 'fetch'?",
    length=5,
    excerpt="    needs: [fetsh]",
)


def test_a_problem_shows_its_line_with_a_caret_and_a_suggestion() -> None:
    assert (
        write_text([unknown])
        == """\
flow.yml:14:13: error: unknown task 'fetsh' in needs [unknown-task]
   14 |     needs: [fetsh]
      |             ^^^^^
      = did you mean 'fetch'?
1 error
"""
    )


def test_related_places_and_hints_of_several_lines_stand_below() -> None:
    problem = Problem(
        position=Position("a.yml", 123456, 1),
        code="cycle",
        message="a -> b -> a",
        hint="write it so:\nb:\n  run: x",
        severity="warning",
        length=1,
        excerpt="a:",
        related=((Position("a.yml", 3, 4), "a needs b"), (Position("b.yml", 0, 0), "b needs a")),
    )
    assert (
        write_text([problem, unknown, unknown])
        == """\
a.yml:123456:1: warning: a -> b -> a [cycle]
123456 | a:
       | ^
       = a needs b at a.yml:3:4
       = b needs a at b.yml
       = write it so:
         b:
           run: x
flow.yml:14:13: error: unknown task 'fetsh' in needs [unknown-task]
   14 |     needs: [fetsh]
      |             ^^^^^
      = did you mean 'fetch'?
flow.yml:14:13: error: unknown task 'fetsh' in needs [unknown-task]
   14 |     needs: [fetsh]
      |             ^^^^^
      = did you mean 'fetch'?
2 errors, 1 warning
"""
    )


def test_nothing_wrong_is_nothing_written() -> None:
    assert write_text([]) == write_github([]) == ""
    assert write_json([]) == "[]\n"


@pytest.mark.parametrize(
    ("excerpt", "column", "length", "shown", "caret"),
    [
        ("日本: fetsh", 5, 5, "日本: fetsh", "      ^^^^^"),
        ("a: 日本", 4, 2, "a: 日本", "   ^^^^"),
        ("e\u0301: x", 5, 1, "e\u0301: x", "   ^"),
        ("\tb: x", 2, 1, "    b: x", "    ^"),
        ("a:\tx", 3, 1, "a:    x", "  ^^^^"),
        ("a: \x1b[31mx", 4, 1, "a: ␛[31mx", "   ^"),
        ("a: \u202ex", 5, 1, "a: \ufffdx", "    ^"),
        ("a:", 3, 1, "a:", "  ^"),
        ("a:", 9, 4, "a:", "  ^"),
        ("a: b", 4, 100, "a: b", "   ^"),
        (
            "x" * 60 + "y" * 5 + "z" * 500,
            61,
            5,
            "…" + "x" * 53 + "y" * 5 + "z" * 102 + "…",
            " " * 54 + "^^^^^",
        ),
        ("x" * 500 + "y", 501, 1, "…" + "x" * 159 + "y", " " * 160 + "^"),
        ("y" * 500, 1, 500, "y" * 160 + "…", "^" * 160),
    ],
)
def test_the_caret_is_under_the_token(excerpt: str, column: int, length: int, shown: str, caret: str) -> None:
    problem = Problem(Position("f", 1, column), "code", "message", length=length, excerpt=excerpt)
    assert write_text([problem]).splitlines()[1:3] == [f"    1 | {shown}", f"      | {caret}"]


def test_control_characters_never_reach_the_terminal() -> None:
    problem = Problem(Position("a\n.yml", 0, 0), "code", "no \x1b[2J\r here", "nor \x9b here")
    assert write_text([problem]) == "a␊.yml: error: no ␛[2J␍ here [code]\n      = nor \ufffd here\n1 error\n"


def test_programs_get_json() -> None:
    problem = Problem(
        Position("f", 2, 3),
        "code",
        "é",
        severity="warning",
        related=((Position("g", 4, 5), "first defined"),),
    )
    assert json.loads(write_json([unknown, problem])) == [
        {
            "file": "flow.yml",
            "line": 14,
            "column": 13,
            "length": 5,
            "severity": "error",
            "code": "unknown-task",
            "message": "unknown task 'fetsh' in needs",
            "hint": "did you mean 'fetch'?",
            "related": [],
        },
        {
            "file": "f",
            "line": 2,
            "column": 3,
            "length": 1,
            "severity": "warning",
            "code": "code",
            "message": "é",
            "hint": "",
            "related": [{"file": "g", "line": 4, "column": 5, "message": "first defined"}],
        },
    ]


def test_github_gets_annotations() -> None:
    problem = Problem(
        Position("a,b:c%.yml", 2, 3),
        "code",
        "100% wrong,\nreally: so",
        "fix\r\nit",
        severity="warning",
        related=((Position("g", 4, 5), "first defined"),),
    )
    whole = Problem(Position("gone.yml", 0, 0), "not-found", "there is no such file")
    assert write_github([unknown, problem, whole]).splitlines() == [
        "::error file=flow.yml,line=14,col=13,endColumn=18,title=unknown-task"
        "::unknown task 'fetsh' in needs%0Adid you mean 'fetch'?",
        "::warning file=a%2Cb%3Ac%25.yml,line=2,col=3,endColumn=4,title=code"
        "::100%25 wrong,%0Areally: so%0Afirst defined at g:4:5%0Afix%0D%0Ait",
        "::error file=gone.yml,title=not-found::there is no such file",
    ]


def test_problems_are_ordered_by_place_and_told_once() -> None:
    def at(file: str, line: int, column: int, message: str, severity: str = "error") -> Problem:
        return Problem(Position(file, line, column), "code", message, severity=severity)  # type: ignore[arg-type]

    problems = [
        at("b.yml", 1, 1, "p"),
        at("a.yml", 10, 1, "q"),
        at("a.yml", 2, 9, "r", "warning"),
        at("a.yml", 2, 9, "s"),
        at("a.yml", 2, 1, "t"),
        at("a.yml", 2, 9, "s"),
    ]
    assert [problem.message for problem in order(problems)] == ["t", "s", "r", "q", "p"]


def test_a_workflow_error_tells_all_its_problems() -> None:
    earlier = Problem(Position("flow.yml", 1, 1), "code", "earlier")
    error = WorkflowError([unknown, earlier, unknown])
    assert isinstance(error, UserError)
    assert error.problems == [earlier, unknown]
    assert str(error) == error.message == write_text([earlier, unknown]).rstrip("\n")


def test_a_user_error_has_a_hint() -> None:
    error = UserError("no param 'widht'", "did you mean 'width'?")
    assert (error.message, error.hint, str(error)) == (
        "no param 'widht'",
        "did you mean 'width'?",
        "no param 'widht'\n  = did you mean 'width'?",
    )


names = [
    "fetch",
    "shrink",
    "needs",
    "max_parallel",
    "max_failures",
    "description",
    "params",
    "run",
    "call",
    "with",
    "as",
]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("fetsh", "fetch"),
        ("ftech", "fetch"),
        ("etch", "fetch"),
        ("Fetch", "fetch"),
        ("fetches", "fetch"),
        ("NEEDS", "needs"),
        ("need", "needs"),
        ("neds", "needs"),
        ("max-parallel", "max_parallel"),
        ("maxParallel", "max_parallel"),
        ("max_paralel", "max_parallel"),
        ("max_falures", "max_failures"),
        ("desc", "description"),
        ("param", "params"),
        ("runs", "run"),
        ("rum", "run"),
        ("cal", "call"),
        ("wiht", "with"),
    ],
)
def test_a_near_name_is_suggested(word: str, meant: str) -> None:
    assert did_you_mean(word, names) == f"did you mean '{meant}'?"


@pytest.mark.parametrize("word", ["", "x", "go", "timeout", "max", "qqq", "run" * 100, "fetch"])
def test_a_far_name_is_not(word: str) -> None:
    assert did_you_mean(word, names) == ""


def test_the_nearest_name_wins_and_then_the_first() -> None:
    assert did_you_mean("tast_2", ["task_1", "task_2"]) == "did you mean 'task_2'?"
    assert did_you_mean("task_3", ["task_1", "task_2"]) == "did you mean 'task_1'?"


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=6))
def test_a_suggestion_is_always_one_of_the_candidates(word: str, candidates: list[str]) -> None:
    said = did_you_mean(word, candidates)
    assert said in ["", *(f"did you mean '{candidate}'?" for candidate in candidates if candidate != word)]


@given(st.text(max_size=300), st.integers(1, 400), st.integers(1, 400))
def test_any_line_can_be_shown(excerpt: str, column: int, length: int) -> None:
    problem = Problem(Position("f", 1, column), "code", "message", length=length, excerpt=excerpt)
    lines = write_text([problem]).split("\n")
    assert lines[-2:] == ["1 error", ""]
    assert len(lines) == (5 if excerpt else 3)
    assert all(line.replace("\u3000", "").isprintable() for line in lines)
