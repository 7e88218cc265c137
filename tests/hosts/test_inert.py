"""Whatever is printed, in whatever pieces, GitHub's runner finds no command in it."""

from __future__ import annotations

import json

import pytest
from actions_runner import commands
from hypothesis import given
from hypothesis import strategies as st

from runner.hosts.inert import InertBytes, inert

unseen = ["\u00ad", "\u200b", "\x00", "\x1b[31m"]
blanks = [" ", "\t", "\n", "\r", "\r\n", "\u3000"]
words = ["add-mask", "error", "set-output name=a", "x", "é", "{", "<", "\\", "\U0001f600"]
parts = st.sampled_from(["::", ":", "##[", "#", "[", "]", *unseen, *blanks, *words])
texts = st.lists(parts, max_size=30).map("".join)
commanding = st.builds(
    "".join,
    st.tuples(
        texts, st.sampled_from(["\n::error::", "\n \u200b:\u00ad:add-mask::", "#\u00ad#[error]"]), texts
    ),
)


def in_pieces(pieces: list[bytes]) -> str:
    shown = InertBytes()
    return b"".join(map(shown, pieces)).decode("utf-8", "surrogatepass")


@given(st.lists(st.one_of(texts, commanding), max_size=6))
def test_no_command_is_left_in_pieces_of_text(pieces: list[str]) -> None:
    assert commands(in_pieces([piece.encode("utf-8", "surrogatepass") for piece in pieces])) == []


@given(texts, st.integers(1, 5))
def test_characters_may_be_cut_apart(text: str, size: int) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert commands(in_pieces([data[at : at + size] for at in range(0, len(data), size)])) == []


@given(st.one_of(texts, commanding))
def test_no_command_is_left_in_a_line(text: str) -> None:
    assert commands(inert(text)) == []


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_json_means_the_same(value: object) -> None:
    text = json.dumps([value], ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass")
    shown = in_pieces([text])
    assert commands(shown) == []
    assert json.loads(shown) == [value]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", r":\:error::x"),
        ("a\n  ::add-mask::x\n", "a\n  :\\:add-mask::x\n"),
        ("a ##[error]b", r"a ##\[error]b"),
        ("#\u00ad#\u200b[error]b", "#\u00ad#\u200b\\[error]b"),
        ("std::vector::push #[derive(Debug)] a::b", "std::vector::push #[derive(Debug)] a::b"),
        ("### [link](to)", "### [link](to)"),
    ],
)
def test_only_what_could_be_a_command_is_changed(text: str, shown: str) -> None:
    assert inert(text) == shown
    assert in_pieces([text.encode()]) == shown


def test_markup_means_the_same() -> None:
    markup = b"<out>\n::error::x ##[error]y</out>"
    assert in_pieces([markup]) == "<out>\n:&#58;error::x ##&#91;error]y</out>"
