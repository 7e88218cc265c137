"""Whether the program still has its own files: a callable can close every descriptor there is.

After that nothing can be recorded or told, and waiting for a lock of the record would take long. Only
the process above, which has descriptors of its own, can still say what happened.
"""

from __future__ import annotations

import os
import sys

from runner.hints import TextIO

FAILED = 1


class OwnFiles:
    """Looks at one of them, which nobody closes who does not close others, too."""

    def __init__(self, stream: TextIO) -> None:
        self._descriptor = stream.fileno()
        self._file = self._there()

    def check(self) -> None:
        """End the program at once if they were closed; its number may be another file's by now."""
        if self._there() != self._file:
            if "runner.supervisor" in sys.modules:
                from runner.supervisor import farewell

                farewell.say_files_are_gone()
            os._exit(FAILED)

    def _there(self) -> tuple[int, int] | None:
        try:
            found = os.fstat(self._descriptor)
        except OSError:
            return None
        return found.st_dev, found.st_ino
