"""What tests of the record share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from event_streams import Stream

from runner.store import Store


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / ".runner"


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    with Store.create(state, power_safe=True) as store:  # what is recorded can be read at once
        yield store


@pytest.fixture
def stream(store: Store) -> Stream:
    return Stream(store)
