"""Regular expressions that are compiled when they are first asked.

To compile all of them would take a third of the time in which a small file is read, and it needs a few.
"""

from __future__ import annotations

from runner.hints import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    import re


class _Later:
    """A pattern, as far as it is known without having been compiled."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        import re

        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)  # from now on it is found without this
        return found


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern for the functions that it has itself; those of `re` do not take it."""
    return cast("re.Pattern[AnyStr]", _Later(pattern, flags))
