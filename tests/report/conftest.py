"""What tests of reports share."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from event_streams import Stream

from runner.report import writer
from runner.store import Store
from runner.store.stored_run import StoredRun


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    os.environ.setdefault("TZ", "UTC")
    time.tzset()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / ".runner", power_safe=True) as store:
        yield store


@pytest.fixture
def stream(store: Store) -> Stream:
    return Stream(store)


@pytest.fixture
def told(store: Store) -> Callable[..., str]:
    """The report of the run so far, with `RUN` for its id."""

    def tell(form: str = "text", template: Path | None = None) -> str:
        with StoredRun(store.folder) as stored:
            text = "".join(writer(form, template and str(template))(stored))
        return text.replace(store.run_id, "RUN")

    return tell
