"""Where in the file a value, a key or a character of a string stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.source import Document, Path, parse

text = """\
name: demo   # a comment
tasks:
  fetch:
    map: {over: [a, 'b c'], as: url}
    needs:
    - one
    - "two"
    run: |
      first {{ x }}
        second
  last: &last
    # between
    when:
  copy: *last
base: &base {x: 1, "why": 2}
more:
  <<: *base
  z: &deep [[1], {k: v}]
"""


@pytest.fixture(scope="module")
def document() -> Document:
    found = parse(text, "flow.yml")
    assert found.faults == []
    return found


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), "1:1", "1:1"),
        (("name",), "1:7", "1:1"),
        (("tasks",), "3:3", "2:1"),
        (("tasks", "fetch"), "4:5", "3:3"),
        (("tasks", "fetch", "map"), "4:10", "4:5"),
        (("tasks", "fetch", "map", "over"), "4:17", "4:11"),
        (("tasks", "fetch", "map", "over", 1), "4:21", "4:21"),
        (("tasks", "fetch", "needs"), "6:5", "5:5"),
        (("tasks", "fetch", "needs", 0), "6:7", "6:7"),
        (("tasks", "fetch", "needs", 1), "7:7", "7:7"),
        (("tasks", "fetch", "needs", -1), "7:7", "7:7"),
        (("tasks", "fetch", "run"), "8:10", "8:5"),
        (("tasks", "last"), "13:5", "11:3"),
        (("tasks", "last", "when"), "13:10", "13:5"),
        (("tasks", "copy"), "13:5", "14:3"),
        (("tasks", "copy", "when"), "13:10", "13:5"),
        (("more", "x"), "15:17", "15:14"),
        (("more", "why"), "15:27", "15:20"),
        (("more", "z"), "18:12", "18:3"),
        (("more", "z", 0, 0), "18:14", "18:14"),
        (("more", "z", 1, "k"), "18:22", "18:19"),
        (("tasks", "fetch", "unknown"), "4:5", "3:3"),
        (("tasks", "fetch", "unknown", "deeper", 3), "4:5", "3:3"),
        (("name", "unknown"), "1:7", "1:1"),
        (("tasks", "fetch", "needs", 7), "6:5", "5:5"),
        (("tasks", "fetch", "needs", "x"), "6:5", "5:5"),
        (("unknown",), "1:1", "1:1"),
    ],
)
def test_a_value_and_its_key_have_a_place(document: Document, path: Path, value: str, key: str) -> None:
    assert str(document.mark(path)) == f"flow.yml:{value}"
    assert str(document.mark(path, key=True)) == f"flow.yml:{key}"


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("name",), 4, 4),
        (("tasks",), 5, 5),
        (("tasks", "fetch", "map"), 27, 3),
        (("tasks", "fetch", "map", "over", 1), 5, 5),
        (("tasks", "fetch", "needs"), 1, 5),
        (("tasks", "fetch", "run"), 1, 3),
        (("tasks", "last", "when"), 1, 4),
        (("more", "why"), 1, 5),
    ],
)
def test_a_token_has_a_length_on_its_first_line(document: Document, path: Path, value: int, key: int) -> None:
    assert document.length(path) == value
    assert document.length(path, key=True) == key


def test_a_path_exists_or_does_not(document: Document) -> None:
    assert document.has(())
    assert document.has(("tasks", "fetch", "needs", 1))
    assert document.has(("tasks", "last", "when"))
    assert not document.has(("tasks", "fetch", "needs", 2))
    assert not document.has(("tasks", "fetch", "when"))
    assert not document.has(("tasks", "fetch", "needs", "0"))
    assert not document.has(("name", 0))


def test_a_scalar_has_a_style() -> None:
    found = parse("""[plain, 'single', "double", '', "", 5, [x]]""", "flow.yml")
    assert [found.style((index,)) for index in range(7)] == ["", "'", '"', "'", '"', "", ""]
    found = parse("a: &x |\n  b\nc: >-\n  d\ne: &y 'f'\ng: *x\nh:\n", "flow.yml")
    assert [found.style((key,)) for key in "acegh"] == ["|", ">", "'", "|", ""]


def test_a_line_can_be_asked_for(document: Document) -> None:
    assert document.line(1) == "name: demo   # a comment"
    assert document.line(9) == "      first {{ x }}"
    assert document.line(0) == document.line(99) == ""
    assert [parse("a\r\nb\rc\n", "-").line(number) for number in (1, 2, 3, 4)] == ["a", "b", "c", ""]


def test_columns_count_characters() -> None:
    found = parse("\ufeff'日本': {'😀': x}\r\n", "flow.yml")
    assert str(found.mark(("日本", "😀"))) == "flow.yml:1:13"


def test_an_alias_between_others_does_not_shift_them() -> None:
    found = parse("a: &a x\nb: [*a, y, *a, z]\n", "flow.yml")
    assert [str(found.mark(("b", index))) for index in range(4)] == [
        "flow.yml:1:7",
        "flow.yml:2:9",
        "flow.yml:1:7",
        "flow.yml:2:16",
    ]


def assert_each_character_is_found(text: str, value: str, path: Path = ("key",)) -> None:
    """All letters of the text are different, so that each can be found again by itself."""
    found = parse(text, "flow.yml")
    assert found.faults == []
    reached: Any = found.value
    for part in path:
        reached = reached[part]
    assert reached == value
    for offset, character in enumerate(value):
        place = found.mark_in(path, offset)
        if character not in " \n\t":
            assert found.line(place.line)[place.column - 1] == character


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("key: abc def", "abc def"),
        ("key: &anchor abc", "abc"),
        ("key:\n  abc\n  def", "abc def"),
        ("key: abc\n   def  \n\n\n   ghi # no", "abc def\n\nghi"),
        ("key: 'abc'", "abc"),
        ("key: 'a''b c'", "a'b c"),
        ("key: '''a'", "'a"),
        ("key: 'abc \n  def\n\n  ghi '", "abc def\nghi "),
        ("key: '\n  abc\n  '", " abc "),
        ('key: "abc"', "abc"),
        ('key: "abc \\\n   \\ def\n\n\n   ghi\\\n   jkl"', "abc  def\n\nghijkl"),
        ('key: "\\\n  abc\\\n  \n  def"', "abc\ndef"),
        ("key: |\n  abc\n   def\n\n  ghi\n", "abc\n def\n\nghi\n"),
        ("key: |-  # why\n\n    abc\n  \n    def", "\nabc\n\ndef"),
        ("key: |2\n   abc\n  def\n", " abc\ndef\n"),
        ("key: |+\n  abc\n\n\n", "abc\n\n\n"),
        ("key: >\n  abc\n  def\n\n  ghi\n   jkl\n  mno\n\n   pqr\n\n\n  stu\n", None),
        ("key: >-\n\n  abc\n  def\n\n\n  ghi\n", "\nabc def\n\nghi"),
        ("key: >1\n  abc\n  def\n", " abc\n def\n"),
        ("key: |\r\n  abc\r\n  def\r\n", "abc\ndef\n"),
        ("key: 'abc\r\n  def'\r\n", "abc def"),
        ("{key: abc\n  def}", "abc def"),
    ],
)
def test_a_character_of_a_string_has_a_place(text: str, value: str | None) -> None:
    value = parse(text, "flow.yml").value["key"] if value is None else value
    assert_each_character_is_found(text, value)


def test_an_escape_is_the_place_of_its_character() -> None:
    found = parse('key: "a\\tb\\x41c\\u00e9d\\U0001F600e\\ud83d\\ude00f\\"g\\\\h\\/i"', "flow.yml")
    value = found.value["key"]
    assert value == 'a\tbAcéd😀e😀f"g\\h/i'
    columns = [found.mark_in(("key",), offset).column for offset in range(len(value) + 1)]
    assert columns == [7, 8, 10, 11, 15, 16, 22, 23, 33, 34, 46, 47, 49, 50, 52, 53, 55, 56]


def test_a_place_outside_a_string_is_at_its_ends() -> None:
    found = parse("key: 'abc'\nother: 5\n", "flow.yml")
    assert found.mark_in(("key",), 3).column == found.mark_in(("key",), 99).column == 10
    assert found.mark_in(("key",), -1).column == 7
    assert str(found.mark_in(("other",), 3)) == "flow.yml:2:8"
    assert str(found.mark_in(("nothing",), 3)) == "flow.yml:1:1"


def test_a_character_of_an_aliased_string_is_where_it_was_written() -> None:
    found = parse("a: &a\n  'x {{ y }}'\nb: *a\n", "flow.yml")
    assert str(found.mark_in(("b",), 5)) == "flow.yml:2:9"


def test_an_expression_without_quotes_keeps_its_places() -> None:
    found = parse("over: {{ lines(x) }}\n", "flow.yml")
    assert found.value == {"over": "{{ lines(x) }}"}
    assert str(found.mark_in(("over",), 3)) == "flow.yml:1:10"


pieces = st.sampled_from(["L", "L", "L", "LL", " ", "  ", "\n", "\n", "\n\n", "\n ", "\n  ", "\t"])


def with_letters(parts: list[str]) -> str:
    """The parts, each `L` another letter."""
    places = iter(range(0x4E00, 0x9FFF))
    return "".join(chr(next(places)) if character == "L" else character for character in "".join(parts))


def each_letter_is_found(text: str) -> None:
    found = parse(text, "flow.yml")
    if found.faults:
        return
    value = found.value["key"]
    if not isinstance(value, str):
        return
    for offset, character in enumerate(value):
        if character >= "\u4e00":
            place = found.mark_in(("key",), offset)
            assert found.line(place.line)[place.column - 1] == character


@given(
    st.lists(pieces, min_size=1, max_size=25),
    st.sampled_from(["|", "|-", "|+", ">", ">-", ">+", "|1", "|2", ">1", ">2-", "| # x", ">1+ # y"]),
    st.sampled_from([" ", "  ", "     "]),
    st.sampled_from(["", "\nnext: 1", "\n# end", "\n\n"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_block_scalars_of_any_shape_keep_their_places(
    parts: list[str], header: str, indent: str, behind: str, ending: str
) -> None:
    body = with_letters(parts).replace("\n", "\n" + indent)
    each_letter_is_found(f"key: {header}\n{indent}{body}{behind}".replace("\n", ending))


@given(
    st.lists(pieces | st.just("''"), max_size=25),
    st.sampled_from([" ", "   "]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_single_quotes_of_any_shape_keep_their_places(parts: list[str], indent: str, ending: str) -> None:
    body = with_letters(parts).replace("\n", "\n" + indent)
    each_letter_is_found(f"key: '{body}'".replace("\n", ending))


@given(
    st.lists(pieces | st.sampled_from(["\\\n", "\\t", "\\ ", "\\x20", "\\\\", '\\"', "\\n"]), max_size=25),
    st.sampled_from([" ", "   "]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_double_quotes_of_any_shape_keep_their_places(parts: list[str], indent: str, ending: str) -> None:
    body = with_letters(parts).replace("\n", "\n" + indent)
    each_letter_is_found(f'key: "{body}"'.replace("\n", ending))


@given(st.lists(pieces, min_size=1, max_size=25), st.sampled_from([" ", "   "]))
def test_plain_scalars_of_any_shape_keep_their_places(parts: list[str], indent: str) -> None:
    body = with_letters(parts).replace("\n", "\n" + indent)
    each_letter_is_found(f"key: {body}")


def test_a_line_that_many_problems_show_is_copied_once() -> None:
    document = parse("name: x\nneeds: [1, 2]\nenv: {}\n", "flow.yml")
    assert document.line(2) == "needs: [1, 2]"
    assert document.line(2) is document.line(2)
