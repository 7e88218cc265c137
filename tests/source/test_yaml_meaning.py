"""What a YAML text means: the core schema of YAML 1.2, keys, anchors, merge keys."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.source import parse


@pytest.fixture(params=["c", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The C parser of PyYAML, and then an installation that has none."""
    if request.param == "pure":
        monkeypatch.setitem(sys.modules, "yaml._yaml", None)
    return str(request.param)


def read(text: str) -> Any:
    document = parse(text, "flow.yml")
    assert document.faults == []
    assert document.complete
    return document.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *[(word, None) for word in ("null", "Null", "NULL", "~", "")],
        *[(word, True) for word in ("true", "True", "TRUE")],
        *[(word, False) for word in ("false", "False", "FALSE")],
        *[
            (word, word)
            for word in ("on", "On", "off", "yes", "YES", "no", "y", "n", "Y", "N", "nULL", "tRUE")
        ],
        *[(word, word) for word in ("12:30:00", "190:20:30", "2026-11-22", "2026-11-22T12:30:00Z", "1_000")],
        *[(word, word) for word in ("0b101", "0o8", "0x", "0xG", "+0o7", "-0x1", "1e", "e5", ".", "+", "--")],
        *[(word, word) for word in ("inf", "nan", ".iNF", "+.nan", "=", "1.2.3", "1,5", "٣", "½", "1 000")],
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-19", -19),
        ("007", 7),
        ("0644", 644),
        ("0o17", 15),
        ("0o644", 420),
        ("0xFf", 255),
        ("12345678901234567890123", 12345678901234567890123),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+1.5e3", 1500.0),
        ("1e3", 1000.0),
        ("12E-2", 0.12),
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_an_unquoted_scalar_means_what_the_core_schema_says(written: str, meant: object) -> None:
    value = read(f"key: {written}")["key"]
    assert value == meant
    assert type(value) is type(meant)


def test_not_a_number_is_read(parser: str) -> None:
    assert all(math.isnan(value) for value in read("[.nan, .NaN, .NAN]"))


@pytest.mark.parametrize("written", ["true", "1", "1.5", "null", "~", "", "0x1", ".inf", "<<"])
def test_what_is_in_quotes_or_a_block_is_text(written: str) -> None:
    assert read(f"""{{a: "{written}", b: '{written}'}}""") == {"a": written, "b": written}
    assert read(f"a: |-\n  {written}\nb: >-\n  {written}\n") == {"a": written, "b": written}


def test_words_that_look_like_booleans_are_keys(parser: str) -> None:
    assert read("on: push\nyes: a\nno: b\ny: c\n12:30: d\n2026-11-22: e\n") == {
        "on": "push",
        "yes": "a",
        "no": "b",
        "y": "c",
        "12:30": "d",
        "2026-11-22": "e",
    }


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "---\n", "---\n...\n", "~", "\ufeff", "%YAML 1.2\n---\n"]
)
def test_an_empty_text_is_null(text: str, parser: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "meant"), [("5", 5), ("true", True), ("[1, a]", [1, "a"]), ("word", "word")]
)
def test_a_text_may_be_one_value(text: str, meant: object, parser: str) -> None:
    assert read(text) == meant


def test_lines_end_as_they_do_on_any_system(parser: str) -> None:
    assert read("a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 2\rd: 3\n") == {"a": 1, "b": "x\ny\n", "c": 2, "d": 3}


def test_a_byte_order_mark_is_no_part_of_the_first_key(parser: str) -> None:
    assert read("\ufeffa: 1") == {"a": 1}


def test_only_what_yaml_1_2_calls_a_line_break_breaks_a_line(parser: str) -> None:
    text = "a: x\u2028y\u2029z\x85\nb: |\n  p\u2028 q\nc: 'r \u2028 s'\n\ue000: 1\n"
    assert read(text) == {"a": "x\u2028y\u2029z\x85", "b": "p\u2028 q\n", "c": "r \u2028 s", "\ue000": 1}


def test_a_character_in_two_halves_is_one_where_it_is_an_escape(parser: str) -> None:
    text = r"""
    joined: "a\ud83d\ude00\uD83D\uDE01b"
    written: \ud83d\ude00
    single: '\ud83d\ude00'
    escaped: "\\ud83d\\ude00"
    """
    assert read(text) == {
        "joined": "a\U0001f600\U0001f601b",
        "written": r"\ud83d\ude00",
        "single": r"\ud83d\ude00",
        "escaped": r"\ud83d\ude00",
    }


def test_tabs_indent_where_all_is_in_brackets(parser: str) -> None:
    if parser == "pure":
        pytest.skip("the pure parser is stricter than YAML here")
    assert read('{\n\t"a": [\n\t\t1,\n\t\t2\n\t]\n}\n') == {"a": [1, 2]}


def test_an_alias_is_the_very_value_that_it_names(parser: str) -> None:
    value = read("a: &one [1, {b: 2}]\nc: *one\nd: [*one, &word text, *word]\n*word : key\n")
    assert value == {
        "a": [1, {"b": 2}],
        "c": [1, {"b": 2}],
        "d": [[1, {"b": 2}], "text", "text"],
        "text": "key",
    }
    assert value["c"] is value["a"]


def test_an_anchor_can_be_named_anew(parser: str) -> None:
    assert read("- &a 1\n- *a\n- &a 2\n- *a\n- &a\n- *a\n") == [1, 1, 2, 2, None, None]


@pytest.mark.parametrize(
    ("merging", "meant"),
    [
        ("{<<: *one}", {"x": 1, "y": 2}),
        ("{<<: *one, y: 3}", {"x": 1, "y": 3}),
        ("{y: 3, <<: *one}", {"x": 1, "y": 3}),
        ("{<<: [*one, *two]}", {"x": 1, "y": 2, "z": 20}),
        ("{<<: [*two, *one], x: 0}", {"x": 0, "y": 10, "z": 20}),
        ("{<<: {q: 5}, r: 6}", {"q": 5, "r": 6}),
        ("{<<: *nested}", {"x": 1, "y": 0}),
        ("{<<: []}", {}),
        ("{<<: *both}", {"x": 1, "y": 2, "z": 20}),
        ("{'<<': 1}", {"<<": 1}),
    ],
)
def test_merge_keys_bring_in_what_is_not_there(merging: str, meant: object, parser: str) -> None:
    text = f"""
    - &one {{x: 1, y: 2}}
    - &two {{y: 10, z: 20}}
    - &nested {{<<: *one, y: 0}}
    - &both [*one, *two]
    - {merging}
    """
    assert read(text)[-1] == meant


def test_a_number_of_absurd_length_is_refused_and_kept_as_text(parser: str) -> None:
    document = parse(f"a: {'9' * 5000}\nb: {'9' * 1000}\n0x{'f' * 1010}: c\n", "flow.yml")
    assert [(str(fault.position), fault.code) for fault in document.faults] == [
        ("flow.yml:1:4", "long-number"),
        ("flow.yml:3:1", "wrong-key"),
    ]
    assert document.value["a"] == "9" * 5000
    assert document.value["b"] == 10**1000 - 1


characters = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff")
words = st.text(characters, max_size=40)
data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@given(data)
def test_json_means_what_it_means_elsewhere(value: Any) -> None:
    assert read(json.dumps(value, ensure_ascii=False)) == value
    assert read(json.dumps(value, ensure_ascii=True, indent=2)) == value


def strings(value: Any) -> Any:
    """The data with every scalar as text, so that it is the same in every version of YAML."""
    if isinstance(value, dict):
        return {key: strings(inner) for key, inner in value.items()}
    return [strings(inner) for inner in value] if isinstance(value, list) else str(value)


@given(data.map(strings), st.sampled_from(["'", '"', "|", ">"]), st.booleans(), st.integers(2, 6))
def test_what_another_program_wrote_is_read_back(value: Any, style: str, flow: bool, indent: int) -> None:
    text = yaml.dump(
        value,
        Dumper=yaml.SafeDumper,
        default_style=style,
        default_flow_style=flow,
        indent=indent,
        width=10_000,
        allow_unicode=True,
    )
    assert read(text.replace("!!str ", "")) == value


@pytest.mark.parametrize("written", [r"\ud83d", r"\ude00\ud83d", r"\ud83dx", r"\U00110000"])
def test_half_a_character_is_refused(written: str, parser: str) -> None:
    document = parse(f'a: 1\nb: "x{written}"\n', "flow.yml")
    assert [fault.code for fault in document.faults] == ["syntax"]
    assert not document.complete
