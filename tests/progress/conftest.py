"""What tests of progress share."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from event_streams import Stream

from runner.progress import Progress


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Told:
    """A run that is told of, and what has been printed so far."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.clock = Clock()
        self.stream = io.StringIO()
        self.folder = folder
        options.setdefault("environment", {})
        options.setdefault("stream", self.stream)
        self.progress = Progress(folder, clock=self.clock, **options)
        self.run = Stream(self.progress)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., Told]:
    return lambda **options: Told(tmp_path, **options)
