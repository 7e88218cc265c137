"""Secrets are masked in every spelling that programs print."""

from __future__ import annotations

import base64
import json
import re
import shlex
import subprocess
import urllib.parse
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from runner.masks import Mask, mask_of

TOKEN = "s3cr3t/ä+'q\" $x\\y"
LINE = "MIIabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZab"
PEM = f"-----BEGIN KEY-----\n{LINE}\nQQ==x\n-----END KEY-----\n"


def printed_by(command: str, stdin: str = TOKEN) -> str:
    return subprocess.run(
        ["bash", "-c", command], input=stdin, capture_output=True, text=True, check=True
    ).stdout


def javascript_quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="!*'()")


@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda text: f"token={text};",
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        repr,
        urllib.parse.quote,
        lambda text: urllib.parse.quote(text, safe=""),
        urllib.parse.quote_plus,
        lambda text: re.sub("%..", lambda escape: escape[0].lower(), urllib.parse.quote(text)),
        javascript_quoted,
        shlex.quote,
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex().upper(),
        lambda text: printed_by("read -r x; printf %q \"$x\""),
        lambda text: printed_by("read -r x; (set -x; : \"$x\") 2>&1"),
    ],
)  # fmt: skip
def test_a_secret_is_masked_in_every_spelling(spell: Callable[[str], str]) -> None:
    text = f"before {spell(TOKEN)} after"
    masked = mask_of({"TOKEN": TOKEN}).text(text)
    assert "***" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "3cr3t" not in masked
    assert TOKEN.encode().hex()[4:20] not in masked.lower()


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:", "user1:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_inside_of_base64_is_masked(before: str, encode: Callable[[bytes], bytes]) -> None:
    text = encode(f"{before}hunter2>>?password:x".encode()).decode()
    masked = mask_of({"P": "hunter2>>?password"}).text(f"Authorization: Basic {text}")
    core = masked.removeprefix("Authorization: Basic ")
    assert "***" in core
    left = core.replace("***", "")
    assert len(left) <= len(text) - len("hunter2>>?password") * 4 // 3 + 3


def test_the_lines_of_a_secret_are_masked_each() -> None:
    mask = mask_of({"KEY": PEM})
    assert mask.text(f"x {LINE} y") == "x *** y"
    assert mask.text(PEM) == "***"
    assert mask.text("QQ==x") == "QQ==x", "a line of 5 characters would mask too much"


@pytest.mark.parametrize("command", ["base64", "openssl base64", "base64 -w 0"])
def test_a_long_secret_in_wrapped_base64_is_masked(command: str) -> None:
    masked = mask_of({"KEY": PEM}).text(printed_by(command, PEM))
    assert set(masked) <= set("*\n=")


def test_overlapping_secrets_are_masked_whole() -> None:
    mask = mask_of({"A": "abcdefgh", "B": "efghijkl"})
    assert mask.text("-abcdefghijkl-abcdefgh-") == "-***-***-"


def test_bytes_are_masked_though_they_are_no_text() -> None:
    assert mask_of({"A": "sécret"}).last(b"\xff" + "sécret".encode() + b"\xfe") == b"\xff***\xfe"


def test_values_are_masked_in_keys_and_numbers_too() -> None:
    mask = mask_of({"A": "secret-a", "N": "1234567"})
    value = {"secret-a": ["x secret-a", 1234567, 1.5, None, True], "other": {"n": "7"}}
    assert mask.value(value) == ({"***": ["x ***", "***", 1.5, None, True], "other": {"n": "7"}}, True)
    assert mask.value(["harmless", 1]) == (["harmless", 1], False)


def test_a_value_is_masked_however_deep_it_is_and_though_it_holds_itself() -> None:
    mask = mask_of({"A": "secret-a"})
    deep: Any = "secret-a"
    for _ in range(5000):
        deep = [{"a": deep}]
    masked, found = mask.value(deep)
    assert found
    for _ in range(5000):
        masked = masked[0]["a"]
    assert masked == "***"
    round_and_round: list[Any] = ["secret-a"]
    round_and_round.append(round_and_round)
    masked, found = mask.value(round_and_round)
    assert (masked[0], masked[1] is masked, found) == ("***", True, True)


def test_what_json_would_write_as_a_text_or_a_list_is_masked_as_such() -> None:
    mask = mask_of({"A": "secret-a", "N": "0123456"})
    value = {123456: ("secret-a", 99123456.5), 10**5000: None}
    assert mask.value(value) == ({"***": ["***", "99***.5"], 10**5000: None}, True)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("the text 'x hunter2…'", "the text 'x ***…'"),
        ("the text 'x hun…'", "the text 'x hun…'"),
        ("x hunter2-tok\n… 5 characters left out …\nter2-token", "x ***\n… 5 characters left out …\n***"),
        ("    hunter2-to\n    … 5 left out …\n    -token x", "    ***\n    … 5 left out …\n    *** x"),
        ("hunter2… hunter2-token …token", "***… *** …***"),
        ("nothing of it… at all", "nothing of it… at all"),
    ],
)  # fmt: skip
def test_what_a_cut_leaves_of_a_secret_is_masked(text: str, masked: str) -> None:
    assert mask_of({"A": "hunter2-token"}).text(text) == masked


@pytest.mark.parametrize("outer", [json.dumps, repr, lambda text: repr(text + "'\"")])
@pytest.mark.parametrize("inner", [json.dumps, partial(json.dumps, ensure_ascii=False), repr])
def test_a_secret_is_masked_that_is_quoted_in_what_is_quoted(
    inner: Callable[[str], str], outer: Callable[[str], str]
) -> None:
    masked = mask_of({"TOKEN": TOKEN}).text(outer(inner(TOKEN)))
    assert "***" in masked
    assert len(masked) < 16


def test_without_secrets_nothing_is_touched() -> None:
    mask = mask_of({})
    text, value = "text", {"a": 1}
    assert not mask
    assert mask.text(text) is text
    assert mask.value(value) == (value, False)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_what_is_masked_piece_by_piece_is_masked_as_a_whole(size: int) -> None:
    mask = Mask({"A": "abcabcabd", "B": "secret word"})
    data = b"x abcabcabcabd secret wordsecret secret word abcabca" * 5
    done, waiting = b"", b""
    for start in range(0, len(data), size):
        masked, waiting = mask.settled(waiting + data[start : start + size])
        done += masked
    assert done + mask.last(waiting) == mask.last(data)
