"""SQLite as C has it: `sqlite3` brings what turns dates into texts, which nobody asks for here."""

from runner.hints import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        import _sqlite3 as sqlite3
    except ImportError:
        import sqlite3

__all__ = ["sqlite3"]
