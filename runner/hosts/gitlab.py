"""GitLab CI: what succeeded is folded away in sections.

Their marks hold control characters, which are written out in what tasks print. Reports of tests it takes from
the files that its own configuration names.
"""

from __future__ import annotations

import contextlib
import time
from typing import TextIO

from runner.hosts.host import Fold, Host


class GitLab(Host):
    """A job there."""

    is_service = True

    def fold(self, stream: TextIO, run_id: str) -> Fold:
        return Sections(stream, run_id)


class Sections:
    """Output that is folded; sections of one job have different names."""

    def __init__(self, stream: TextIO, run_id: str) -> None:
        self._stream = stream
        self._run_id = run_id
        self._number = 0

    def begin(self, title: str) -> None:
        self._number += 1
        self._mark("start", "[collapsed=true]", title)

    def end(self) -> None:
        self._mark("end", "", "")

    def _mark(self, word: str, options: str, title: str) -> None:
        name = f"runner_{self._run_id}_{self._number}"
        with contextlib.suppress(OSError, ValueError):
            mark = f"section_{word}:{int(time.time())}:{name}{options}"
            print(f"\x1b[0K{mark}\r\x1b[0K{title}", file=self._stream, flush=True)
