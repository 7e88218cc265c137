"""Files and numbers as values: read anew each time, bit by bit where a map goes through them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.expression import EvaluationError, Template

Write = Callable[[str, str | bytes], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: str | bytes) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def value_of(expression: str, folder: Path, **values: Any) -> Any:
    return Template("{{ " + expression + " }}").evaluate({"__folder__": str(folder), **values})


def source_of(expression: str, folder: Path, **values: Any) -> Any:
    return Template("{{ " + expression + " }}", lazy=True).evaluate({"__folder__": str(folder), **values})


def error_of(expression: str, folder: Path) -> str:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression, folder)
    return str(caught.value)


def test_lines_end_at_newlines_only(write: Write, tmp_path: Path) -> None:
    write("a.txt", "one\r\ntwo\r\r\n\n\x0b\x0c\x1c\x85\u2028 three\rfour\nlast")
    assert value_of("lines('a.txt')", tmp_path) == [
        "one",
        "two\r",
        "",
        "\x0b\x0c\x1c\x85\u2028 three\rfour",
        "last",
    ]


@pytest.mark.parametrize(
    ("content", "lines"),
    [("", []), ("\n", [""]), ("a\n", ["a"]), ("a\n\n", ["a", ""]), ("\ufeffa\n\ufeff", ["a", "\ufeff"])],
)
def test_lines_at_the_edges(write: Write, tmp_path: Path, content: str, lines: list[str]) -> None:
    write("a.txt", content)
    assert value_of("lines('a.txt')", tmp_path) == lines


def test_bytes_that_are_no_utf_8_go_through(write: Write, tmp_path: Path) -> None:
    write("a.txt", b"caf\xe9\n")
    (line,) = value_of("lines('a.txt')", tmp_path)
    assert os.fsencode(line) == b"caf\xe9"
    assert value_of("read('a.txt')", tmp_path) == "caf\udce9\n"


def test_rows_are_mappings_of_text(write: Write, tmp_path: Path) -> None:
    write("a.csv", '\ufeffid,name\r\n007,"a, ""b""\nc"\r\n\r\n1_000,\r\n')
    assert value_of("csv('a.csv')", tmp_path) == [
        {"id": "007", "name": 'a, "b"\nc'},
        {"id": "1_000", "name": ""},
    ]


def test_the_delimiter_is_a_comma_or_a_tab_by_the_suffix_or_what_is_said(
    write: Write, tmp_path: Path
) -> None:
    for name, content in [("a.tsv", "x\ty\n1\t2\n"), ("a.txt", "x;y\n1;2\n"), ("b.TSV", "x,z\ty\n1\t2\n")]:
        write(name, content)
    assert value_of("csv('a.tsv')", tmp_path) == [{"x": "1", "y": "2"}]
    assert value_of("csv('a.txt', delimiter=';')", tmp_path) == [{"x": "1", "y": "2"}]
    assert value_of("csv('b.TSV')", tmp_path) == [{"x,z": "1", "y": "2"}]


def test_a_short_row_lacks_its_last_cells(write: Write, tmp_path: Path) -> None:
    write("a.csv", "x,y,z\n1\n")
    assert value_of("csv('a.csv')", tmp_path) == [{"x": "1", "y": None, "z": None}]


def test_an_empty_table_has_no_rows(write: Write, tmp_path: Path) -> None:
    write("a.csv", "")
    write("b.csv", "x,y\n")
    assert value_of("csv('a.csv') + csv('b.csv')", tmp_path) == []


def test_values_are_read_line_by_line(write: Write, tmp_path: Path) -> None:
    write("a.jsonl", '{"a": 1}\n\n[2]\n"x"\nnull\n1.0')
    assert value_of("jsonl('a.jsonl')", tmp_path) == [{"a": 1}, [2], "x", None, 1.0]


def test_text_is_read_as_it_is(write: Write, tmp_path: Path) -> None:
    write("a.txt", "\ufeffa\r\nb\r\n")
    assert value_of("read('a.txt')", tmp_path) == "\ufeffa\r\nb\r\n"


def test_names_are_found_and_sorted(write: Write, tmp_path: Path) -> None:
    for name in ["b/2.jpg", "b/1.jpg", "b/c/3.jpg", "b/.hidden.jpg", "b/x.txt", "B/0.jpg"]:
        write(name, "")
    assert value_of("glob('b/*.jpg')", tmp_path) == ["b/1.jpg", "b/2.jpg"]
    assert value_of("glob('**/*.jpg')", tmp_path) == ["B/0.jpg", "b/1.jpg", "b/2.jpg", "b/c/3.jpg"]
    assert value_of("glob('*.none')", tmp_path) == []
    assert value_of("glob(base ~ '/b/1*')", tmp_path, base=str(tmp_path)) == [str(tmp_path / "b/1.jpg")]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("data[1].csv", ["data[1].csv"]),
        ("data[2].csv", ["data2.csv"]),
        ("data[[]1].csv", ["data[1].csv"]),
        ("data[[]*", ["data[1].csv"]),
        ("data[12]*.csv", ["data1.csv", "data2.csv"]),
        ("run [v2]/*.csv", ["run [v2]/a.csv"]),
        ("run [2]/*.csv", ["run 2/b.csv"]),
        ("run [v2]/[a].csv", ["run [v2]/a.csv"]),
        ("run [v2]/**", ["run [v2]/", "run [v2]/a.csv"]),
        ("what? [*]/*.csv", ["what? [*]/c.csv"]),
        ("what?/*.csv", ["what?/d.csv"]),
        ("wha?*/*.csv", ["what? [*]/c.csv", "what?/d.csv", "whats/e.csv"]),
        ("*/[f].csv", ["s*/[f].csv"]),
        ("*/[de].csv", ["what?/d.csv", "whats/e.csv"]),
        ("s*/[[]f*", ["s*/[f].csv"]),
        ("*/e.csv", ["whats/e.csv"]),
        ("none [v2]/*", []),
        ("data[1].csv/*", []),
    ],
)
def test_a_name_with_brackets_is_found_as_it_is_written_if_it_is_there(
    write: Write, tmp_path: Path, pattern: str, names: list[str]
) -> None:
    files = ["data[1].csv", "data1.csv", "data2.csv", "run [v2]/a.csv", "run 2/b.csv", "run v/a.csv"]
    files += ["what? [*]/c.csv", "what?/d.csv", "whats/e.csv", "s*/[f].csv", "*/g.csv", "s/f.csv"]
    for name in files:
        write(f"in [1]/{name}", "")
    folder = tmp_path / "in [1]"
    assert value_of(f"glob({pattern!r})", folder) == names
    beside = value_of("glob(base ~ pattern)", tmp_path, base=f"{folder}/", pattern=pattern)
    assert beside == [f"{folder}/{name}" for name in names]


def test_paths_start_from_the_current_folder_where_none_is_given(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.txt", "x")
    monkeypatch.chdir(tmp_path)
    assert Template("{{ read('a.txt') }}").evaluate({}) == "x"
    assert Template("{{ read(path) }}").evaluate({"__folder__": "/", "path": str(tmp_path / "a.txt")}) == "x"


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [
        ("range(3)", [0, 1, 2]),
        ("range(1, 3)", [1, 2]),
        ("range(5, 0, -2)", [5, 3, 1]),
        ("range(0)", []),
        ("range(-3)", []),
    ],
)
def test_ranges(tmp_path: Path, expression: str, numbers: list[int]) -> None:
    assert value_of(expression, tmp_path) == numbers
    source = source_of(expression, tmp_path)
    assert list(source) == list(source) == numbers
    assert source.known_length() == len(numbers)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("lines('no.txt')", "there is no file no.txt, in `lines('no.txt')` (looked for {folder}/no.txt)"),
        ("lines('.')", ". is a folder, in `lines('.')` (glob gives the files of a folder)"),
        ("lines('pipe')", "pipe is not a regular file, in `lines('pipe')` (a source is read anew each time)"),
        (
            "read('no.txt')",
            "`read`: there is no file no.txt, in `read('no.txt')` (looked for {folder}/no.txt)",
        ),
        ("csv('wide.csv')", "wide.csv:3: a row of 3 cells under 2 names, in `csv('wide.csv')`"),
        ("csv('twice.csv')", "twice.csv: the first row names the column 'x' twice, in `csv('twice.csv')`"),
        (
            "csv('quote.csv')",
            "quote.csv:3: a quote is not closed in the row that begins here, in `csv('quote.csv')`",
        ),
        (
            "csv('behind.csv')",
            "behind.csv:2: something stands behind a closing quote, in `csv('behind.csv')`",
        ),
        (
            "jsonl('bad.jsonl')",
            "bad.jsonl:2: this is not JSON: Expecting value: line 1 column 1 (char 0),"
            " in `jsonl('bad.jsonl')`",
        ),
        (
            "jsonl('nan.jsonl')",
            "nan.jsonl:1: this is not JSON: NaN is not a number of JSON, in `jsonl('nan.jsonl')`",
        ),
        (
            "jsonl('large.jsonl')",
            "large.jsonl:1: the JSON holds a number that is too large: 1e400, in `jsonl('large.jsonl')`",
        ),
        (
            "read('large.jsonl') | from_json",
            "`from_json`: the JSON holds a number that is too large: 1e400,"
            " in `read('large.jsonl') | from_json`",
        ),
        (
            "read('big')",
            "`read`: big is over 64 MB, in `read('big')` (lines, csv and jsonl read a file bit by bit)",
        ),
        (
            "csv('excel.csv')",
            "excel.csv is UTF-16, and UTF-8 is expected, in `csv('excel.csv')`"
            " (convert it: iconv -f UTF-16 -t UTF-8)",
        ),
        (
            "lines('32.txt')",
            "32.txt is UTF-32, and UTF-8 is expected, in `lines('32.txt')`"
            " (convert it: iconv -f UTF-32 -t UTF-8)",
        ),
        (
            "read('big-endian.txt')",
            "`read`: big-endian.txt is UTF-16, and UTF-8 is expected, in `read('big-endian.txt')`"
            " (convert it: iconv -f UTF-16 -t UTF-8)",
        ),
        ("lines('')", "`lines`: expected a path, and this is the text '', in `lines('')`"),
        ("glob(1)", "`glob`: expected a path, and this is the number 1, in `glob(1)`"),
    ],
)
def test_what_cannot_be_read_is_told(write: Write, tmp_path: Path, expression: str, message: str) -> None:
    write("wide.csv", "x,y\n1,2\n1,2,3\n")
    write("twice.csv", "x,y,x\n")
    write("quote.csv", "x\n" + "a" * 200_000 + '\n"b\nc\n')
    write("behind.csv", 'x\n"a"b\n')
    write("bad.jsonl", "1\nx\n")
    write("nan.jsonl", "NaN\n")
    write("large.jsonl", "[1e400]\n")
    write("excel.csv", "a\tb\n1\t2\n".encode("utf-16"))
    write("32.txt", "a\n".encode("utf-32"))
    write("big-endian.txt", b"\xfe\xff\0a")
    write("big", "")
    os.truncate(tmp_path / "big", 64 * 1024 * 1024 + 1)
    os.mkfifo(tmp_path / "pipe")
    assert error_of(expression, tmp_path) == message.format(folder=tmp_path)


def test_a_source_is_read_when_it_is_gone_through(write: Write, tmp_path: Path) -> None:
    source = source_of("lines('a.txt') | reject('eq', '') | map('upper') | batch(2)", tmp_path)
    write("a.txt", "a\n\nb\nc\n")
    assert list(source) == [["A", "B"], ["C"]]
    write("a.txt", "d\n")
    assert list(source) == [["D"]]


def test_a_source_pickles(write: Write, tmp_path: Path) -> None:
    write("a.csv", "x,y\n1,2\n3,4\n")
    source = source_of("csv('a.csv') | selectattr('x', 'eq', '3') | map(attribute='y')", tmp_path)
    assert list(pickle.loads(pickle.dumps(source))) == ["4"]
    assert list(pickle.loads(pickle.dumps(source_of("range(3) | select('odd')", tmp_path)))) == [1]


@pytest.mark.parametrize(
    ("expression", "length"),
    [
        ("range(10**12)", 10**12),
        ("range(10**30)", 10**30),
        ("range(10, 0, -3)", 4),
        ("range(10**6) | map('string')", 10**6),
        ("range(10) | batch(3)", 4),
        ("range(10) | batch(linecount=5)", 2),
        ("range(10) | select('odd')", None),
        ("lines('a.txt')", None),
        ("[1, 2] | map('string')", 2),
    ],
)
def test_lengths_are_known_where_nothing_must_be_read(
    tmp_path: Path, expression: str, length: int | None
) -> None:
    assert source_of(expression, tmp_path).known_length() == length


def test_other_filters_make_a_list_of_a_source(write: Write, tmp_path: Path) -> None:
    write("a.txt", "b\na\n")
    assert source_of("lines('a.txt') | sort", tmp_path) == ["a", "b"]
    assert source_of("lines('a.txt') | map('upper') | list", tmp_path) == ["B", "A"]
    assert list(source_of("lines('a.txt') if true else []", tmp_path)) == ["b", "a"]
    assert value_of("lines('a.txt') | map('upper')", tmp_path) == ["B", "A"]
    assert value_of("lines('a.txt') | length ~ lines('a.txt')[0]", tmp_path) == "2b"


def test_filters_over_a_source_see_no_difference_where_its_pieces_meet(tmp_path: Path) -> None:
    source = source_of("range(5000) | select('divisibleby', 7) | batch(3, none) | map('sum')", tmp_path)
    multiples = range(0, 5000, 7)
    assert list(source_of("range(5000) | batch(7) | map('length')", tmp_path)) == [7] * 714 + [2]
    assert [len(row) for row in source_of("range(501) | batch(500, 0)", tmp_path)] == [500, 500]
    assert list(source) == [sum(multiples[at : at + 3]) for at in range(0, len(multiples), 3)]
