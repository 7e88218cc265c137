"""What the system refuses in the middle of something, here at a few places; `injecting.py` knows many."""

from __future__ import annotations

import shutil

import pytest
from injecting import campaign


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace refuses the calls")
@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("fork", range(2, 4)),
        ("full", range(20, 61, 40)),
        ("failing", range(20, 21)),
        ("descriptors", range(700, 701)),
    ],
)
def test_whatever_is_refused_is_said_and_what_is_left_is_done_later(kind: str, points: range) -> None:
    assert campaign(kind, points) == []
