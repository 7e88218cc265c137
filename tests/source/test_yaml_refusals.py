"""What YAML would allow and a workflow file may not hold, and what stands before an error."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from runner.findings import problems_of
from runner.problem import write_text
from runner.source import parse


def said(text: str) -> str:
    return write_text(problems_of(parse(text, "flow.yml")))


def test_a_duplicate_key_names_both_places() -> None:
    text = "tasks:\n  fetch: 1\n  other: 2\n  fetch: 3\n"
    assert (
        said(text)
        == """\
flow.yml:4:3: error: the key 'fetch' stands twice in this mapping [duplicate-key]
    4 |   fetch: 3
      |   ^^^^^
      = first defined at flow.yml:2:3
1 error
"""
    )
    assert parse(text, "flow.yml").value == {"tasks": {"fetch": 1, "other": 2}}


def test_a_second_merge_key_names_both_places() -> None:
    assert (
        said("- &a {x: 1}\n- <<: *a\n  <<: *a\n")
        == """\
flow.yml:3:3: error: the key '<<' stands twice in this mapping [duplicate-key]
    3 |   <<: *a
      |   ^^
      = first defined at flow.yml:2:3
      = merge several with a list: <<: [*one, *other]
1 error
"""
    )


def test_every_fault_is_told_in_one_pass() -> None:
    assert (
        said(
            "8080: a\ntrue: b\n? [c]\n: d\nm: {? : e}\n"
            "n: !!str f\no: *unknown\np: {<<: 5}\nq: &q [*q]\nr: {{ s }}\n"
        )
        == """\
flow.yml:1:1: error: a key is text, and 8080 is a number [wrong-key]
    1 | 8080: a
      | ^^^^
      = write "8080"
flow.yml:2:1: error: a key is text, and true is a boolean [wrong-key]
    2 | true: b
      | ^^^^
      = write "true"
flow.yml:3:3: error: a key is text, and this is a list [wrong-key]
    3 | ? [c]
      |   ^^^
flow.yml:5:7: error: a key is missing before ':' [wrong-key]
    5 | m: {? : e}
      |       ^
flow.yml:6:4: error: '!!str' is a YAML tag, and tags are not read [tag]
    6 | n: !!str f
      |    ^^^^^
      = leave it out, or, if it is text, put the whole value in quotes
flow.yml:7:4: error: *unknown names an anchor that does not stand above [unknown-alias]
    7 | o: *unknown
      |    ^^^^^^^^
      = if it is text, put the whole value in quotes
flow.yml:8:9: error: '<<' takes a mapping or a list of mappings, not a number [wrong-merge]
    8 | p: {<<: 5}
      |         ^
      = name an anchor: <<: *name
flow.yml:9:8: error: *q stands inside what it names [alias-cycle]
    9 | q: &q [*q]
      |        ^^
flow.yml:10:4: error: an expression needs quotes: YAML reads a bare '{' as a mapping [unquoted-expression]
   10 | r: {{ s }}
      |    ^^^^^^^
      = write "{{ s }}"
9 errors
"""
    )


def test_what_is_refused_leaves_the_rest_to_be_read() -> None:
    text = "a: 1\n8080: b\n? [c]\n: d\ne: !!str f\ng: *unknown\nh: [*unknown, i]\nj: {{ k, 1 }}\na: 2\n"
    document = parse(text, "flow.yml")
    assert document.value == {"a": 1, "8080": "b", "e": "f", "h": ["i"], "j": "{{ k, 1 }}"}
    assert document.complete


@pytest.mark.parametrize(
    ("text", "codes", "value"),
    [
        ("{{ x }}", ["unquoted-expression"], "{{ x }}"),
        ("- {{ x }}\n- {{ x | f(1, 2) }}\n", ["unquoted-expression"] * 2, ["{{ x }}", "{{ x | f(1, 2) }}"]),
        ("a: {b: {{ {c: 1} }}}", ["unquoted-expression"], {"a": {"b": "{{ {c: 1} }}"}}),
        ("{{ x }}: 1", ["unquoted-expression"], {}),
        ("a: {{ b, b }}", ["unquoted-expression"], {"a": "{{ b, b }}"}),
        ("a: { {b: c}: d }", ["wrong-key"], {"a": {}}),
        ("a: ! b", ["tag"], {"a": "b"}),
        ("a: !!int &x 5\nb: *x", ["tag"], {"a": 5, "b": 5}),
        ("a: &x !!int 5\nb: *x", ["tag"], {"a": 5, "b": 5}),
        ("a: &x\n  # no\n  !y\n  b: c\n", ["tag"], {"a": {"b": "c"}}),
        ("a: !x\nb: 1\n", ["tag"], {"b": 1}),
        ("when: !x and y\nuntil: ! z\nb: 1\n", ["tag", "tag"], {"b": 1}),
        ("a: [!x , 1]\nb: [[!x ], *y]\nc: 1\n", ["tag", "tag", "unknown-alias"], {"a": [1], "c": 1}),
        ("a: &one 1\n? *one\n: b\n", ["wrong-key"], {"a": 1}),
        ("&a {<<: *a, b: 1}", ["alias-cycle"], {"b": 1}),
        ("<<: text\nb: 1\n", ["wrong-merge"], {"b": 1}),
        ("<<: [{a: 1}, 5]\nb: 1\n", ["wrong-merge"], {"b": 1}),
        ("a: 1\n---\nb: 2\n", ["second-document"], {"a": 1}),
        ("---\n---\nb: 2\n", ["second-document"], None),
        ("*a", ["unknown-alias"], None),
    ],
)
def test_a_refusal_has_a_code_and_the_value_goes_on(text: str, codes: list[str], value: object) -> None:
    document = parse(text, "flow.yml")
    assert [fault.code for fault in document.faults] == codes
    assert document.value == value


def test_an_alias_that_is_nearly_right_is_named() -> None:
    document = parse("a: &defaults {}\nb: *default\n", "flow.yml")
    assert document.faults[0].hint == "did you mean *defaults?"


@pytest.mark.parametrize(
    ("character", "message", "hint"),
    [
        (
            "\0",
            "a NUL character (U+0000) may not stand in the file",
            r"in double quotes it can be written as \x00",
        ),
        (
            "\x1b",
            "an escape character (U+001B) may not stand in the file",
            r"in double quotes it can be written as \x1b",
        ),
        (
            "\x07",
            "a control character (U+0007) may not stand in the file",
            r"in double quotes it can be written as \x07",
        ),
        (
            "\x7f",
            "a control character (U+007F) may not stand in the file",
            r"in double quotes it can be written as \x7f",
        ),
        (
            "\x9b",
            "a control character (U+009B) may not stand in the file",
            r"in double quotes it can be written as \x9b",
        ),
        ("\ufeff", "a byte order mark (U+FEFF) may not stand in the file", "delete it"),
        ("\ud800", "a character that no text may hold (U+D800) may not stand in the file", "delete it"),
        ("\uffff", "a character that no text may hold (U+FFFF) may not stand in the file", "delete it"),
    ],
)
def test_a_control_character_is_refused_at_its_place(character: str, message: str, hint: str) -> None:
    document = parse(f"a: 1\nb: 'x{character}y'\nc: 3\n", "flow.yml")
    assert [(str(fault.position), fault.code) for fault in document.faults] == [
        ("flow.yml:2:6", "control-character")
    ]
    assert (document.faults[0].message, document.faults[0].hint) == (message, hint)
    assert document.value == {"a": 1}


def test_control_characters_are_told_up_to_twenty() -> None:
    assert len(parse("\0" * 1000, "flow.yml").faults) == 20


def test_a_syntax_error_before_a_control_character_is_told_too() -> None:
    document = parse("a: b: c\n\nd: \0\n", "flow.yml")
    assert [fault.code for fault in document.faults] == ["syntax", "control-character"]


@pytest.mark.parametrize("text", ["a:\n  b: [\n\tc\n  ]\n", "a:\n  b: {c: d,\n  \te: f}\n", "- [\n\t*a]\n"])
def test_a_tab_may_not_indent_inside_a_block(text: str) -> None:
    assert parse(text, "flow.yml").faults[0].code == "tab"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: 2\nc: d: e\nf: 3\n", {"a": 1, "b": 2}),
        (
            "tasks:\n  a: {run: x}\n  b:\n    run: y\n  c:\n    run: z: z\n",
            {"tasks": {"a": {"run": "x"}, "b": {"run": "y"}}},
        ),
        (
            "tasks:\n  a:\n    run: |\n      x\n\n  b:\n   - c\n  - d\n",
            {"tasks": {"a": {"run": "x\n"}, "b": ["c"]}},
        ),
        ("a: 1\nb: [2, 3\nc: 4\n", {"a": 1}),
        ("- a\n- b\n- 'c\n", ["a", "b"]),
        ("a: b\n  c: d\n", {}),
        ("a: 'x' y\n", {}),
        ("just: @x", {}),
        ("word\nother: 1\n", {}),
        ("a: 1\n? [b]\n: c\nd: 2\ne: @\n", {"a": 1, "d": 2}),
    ],
)
def test_what_stands_before_a_syntax_error_is_kept(text: str, value: object) -> None:
    document = parse(text, "flow.yml")
    assert not document.complete
    assert document.value == value


def test_only_the_first_hundred_faults_are_told() -> None:
    assert len(parse("a: 1\n" * 1000, "flow.yml").faults) == 100


def lists(depth: int) -> str:
    return "a: " + "[" * (depth - 1) + "]" * (depth - 1)


def laughs(lines: int) -> str:
    first = "l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
    return first + "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, lines))


def merges(lines: int) -> str:
    wide = "m0: &m0 {" + ", ".join(f"k{i}: 1" for i in range(1000)) + "}\n"
    return wide + "".join(f"m{i}: &m{i} {{<<: *m{i - 1}, z{i}: 1}}\n" for i in range(1, lines))


def test_a_hundred_levels_are_read() -> None:
    assert parse(lists(100), "flow.yml").faults == []
    assert parse(laughs(5), "flow.yml").faults == []
    assert parse(merges(200), "flow.yml").faults == []


bombs = pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (lists(101), "flow.yml:1:103", "lists and mappings are nested more than 100 deep here"),
        ("[" * 900_000, "flow.yml:1:101", "lists and mappings are nested more than 100 deep here"),
        ("{a: " * 200_000, "flow.yml:1:401", "lists and mappings are nested more than 100 deep here"),
        ("- " * 400_000, "flow.yml:1:201", "lists and mappings are nested more than 100 deep here"),
        (
            "".join(" " * depth + "a:\n" for depth in range(1000)),
            "flow.yml:101:101",
            "lists and mappings are nested more than 100 deep here",
        ),
        (
            laughs(30),
            "flow.yml:7:45",
            "this comes to more than 5,000,000 values, with what aliases stand for",
        ),
        (
            "a: &a {" + ", ".join(f"k{i}: 1" for i in range(10_000)) + "}\n<<: [" + "*a, " * 100_000 + "]\n",
            "flow.yml:2:998",
            "this comes to more than 5,000,000 values, with what aliases stand for",
        ),
        (merges(10_000), "flow.yml:226:14", "merge keys bring in more than 250,000 keys"),
        (
            "a: &a '" + "x" * 500_000 + "'\nb: [" + "*a, " * 100_000 + "]\n",
            "flow.yml:2:537",
            "this comes to more than 64 MB, with what aliases stand for",
        ),
        (
            "".join(f"%TAG !t{number}! x\n" for number in range(60_000)) + "---\na",
            "flow.yml:1:1",
            "there are more than 100 '%TAG' lines, and tags are not read",
        ),
    ],
    ids=range(10),
)


@bombs
def test_a_bomb_is_refused_where_it_goes_off_and_nothing_is_kept(text: str, place: str, message: str) -> None:
    document = parse(text, "flow.yml")
    assert [(str(fault.position), fault.message) for fault in document.faults] == [(place, message)]
    assert document.value == {}
    assert not document.complete


@bombs
def test_in_a_long_text_a_bomb_is_refused_as_in_a_short_one(text: str, place: str, message: str) -> None:
    behind = [parse("#" + sign * 300_000 + "\n" + text, "flow.yml") for sign in "x-"]
    name, line, column = place.split(":")
    below = f"{name}:{int(line) + 1}:{column}"
    by_merges = message.startswith("merge keys")  # which are counted as they are built
    for document in behind[: 1 if by_merges else 2]:
        assert [(str(fault.position), fault.message) for fault in document.faults] == [(below, message)]
        assert (document.value, document.complete) == ({}, False)


def test_what_else_is_wrong_is_told_beside_a_limit_of_a_long_text() -> None:
    text = "#" + "-" * 300_000 + "\na: !mine 1\nb: &b [*b]\nc: *nobody\nd: " + "[" * 101
    short, long = parse(text.replace("-", "x", 300_000), "flow.yml"), parse(text, "flow.yml")
    assert long.faults == short.faults
    codes = [fault.code for fault in short.faults]
    assert codes == ["tag", "alias-cycle", "unknown-alias", "too-deep"]


def test_the_places_of_a_very_long_text_are_those_of_a_short_one() -> None:
    text = "a: 1\r\nb: 2\r" + "c: [" * 101
    filling = "#" * (5 * 1024 * 1024) + "\n"
    short, long = parse("#\n" + text, "flow.yml"), parse(filling + text, "flow.yml")
    assert long.faults == short.faults
    assert [(str(fault.position), long.line(fault.position.line)[:8]) for fault in long.faults] == [
        ("flow.yml:4:201", "c: [c: [")
    ]


def test_more_values_than_are_read_are_refused_before_they_are_built(runner: Program) -> None:
    runner.write("x-a: [" + "0," * 5_000_000 + "]\n")
    measured = "import resource, subprocess, sys; subprocess.run(sys.argv[1:]); "
    measured += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-c", measured, sys.executable, "-m", "runner", "validate", "workflow.yml"]
    ended = subprocess.run(command, check=False, cwd=runner.folder, capture_output=True, text=True)
    first, *_, peak = ended.stdout.splitlines()
    assert first == (
        "workflow.yml:1:10000001: error: "
        "this comes to more than 5,000,000 values, with what aliases stand for [too-many-values]"
    )
    assert int(peak) < 100_000 * (1024 if sys.platform == "darwin" else 1)


def test_a_text_over_64_mb_is_not_looked_at() -> None:
    document = parse("#" * (64 * 1024 * 1024 + 1), "flow.yml")
    assert [(fault.code, fault.message) for fault in document.faults] == [
        ("too-large", "this is larger than 64 MB")
    ]


# Any text at all ----------------------------------------------------------------------------------

tokens = st.sampled_from(
    [
        *"abc01 \n\t\r:-?,[]{}#&*!|>'\"%@`~<=.\\/_+\0\x85\u2028\ufeff\ud800😀",
        *[": ", "- ", "? ", "\n  ", "\n    ", "\n- ", "<<: ", "*a", "&a ", "!!str ", "---\n", "...\n", "''"],
        *[
            "{{ ",
            " }}",
            "key: ",
            "\nkey: ",
            " #",
            "|\n  ",
            ">2-\n",
            "%YAML 1.2\n",
            "\\x4",
            "\\ud83d",
            "\\ude00",
        ],
        *["0x1f", "1e5", ".inf", "null", "true", "run: echo ", "\n\t", "\\\n"],
    ]
)
texts = st.lists(tokens, max_size=60).map("".join) | st.text(max_size=60)


def every_path(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = list(value.items()) if isinstance(value, dict) else []
    inner += list(enumerate(value)) if isinstance(value, list) else []
    return [path, *(found for key, below in inner for found in every_path(below, (*path, key)))]


def read_and_write_everything(text: str) -> None:
    document = parse(text, "flow.yml")
    written = write_text(problems_of(document))
    assert written.isprintable() or "\n" in written
    assert written.count("[") >= len(document.faults)
    for path in every_path(document.value):
        assert document.has(path)
        for position in (document.mark(path), document.mark(path, key=True), document.mark_in(path, 1)):
            assert 1 <= position.line <= text.count("\n") + text.count("\r") + 1
            assert 1 <= position.column <= len(document.line(position.line)) + 1
        assert document.length(path) >= 1
    for fault in document.faults:
        assert fault.message
        assert 1 <= fault.position.column <= len(document.line(fault.position.line)) + 1


@given(texts)
def test_no_text_makes_it_fail(text: str) -> None:
    read_and_write_everything(text)


@given(texts)
def test_no_text_makes_it_fail_without_the_c_parser(text: str) -> None:
    found = sys.modules.get("yaml._yaml")
    sys.modules["yaml._yaml"] = None  # type: ignore[assignment]
    try:
        read_and_write_everything(text)
    finally:
        if found is None:
            del sys.modules["yaml._yaml"]
        else:
            sys.modules["yaml._yaml"] = found
