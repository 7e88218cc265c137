"""Values as bytes, for those that go from one process to another; whatever is wrong is said in a sentence.

Their types may be the user's: they are found in the modules of the callables of the run, too, which need
not have been imported.
"""

from __future__ import annotations

import io
import os
import pickle
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from runner.callables.loading import ImportFailure, load
from runner.callables.tracebacks import message_of

_callables: dict[tuple[str, str], None] = {}
"""The references of callables, each with the folder of the file that names it."""


class Unpicklable(Exception):
    """A value that does not become bytes, or bytes that do not become a value; its text says why."""


def know(callables: Iterable[tuple[str, str]]) -> None:
    """From now on types are looked for beside these, too."""
    _callables.update(dict.fromkeys(callables))


def pickled(value: Any) -> bytes:
    """Its bytes. Raises `Unpicklable`."""
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # the value's own methods may raise anything
        raise Unpicklable(message_of(error)) from None


def unpickled(data: bytes) -> Any:
    """The value of some bytes. Raises `Unpicklable`."""
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except BaseException as error:  # as above
        raise Unpicklable(message_of(error)) from None


_importing = threading.RLock()
"""Whoever imports: two threads that import parts of one library at once may each find the other's half done,
as with pandas."""


def _import_anew() -> None:
    """In a process that was forked while another thread imported."""
    global _importing
    _importing = threading.RLock()


os.register_at_fork(after_in_child=_import_anew)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        with _importing:
            return self._found(module, name)

    def _found(self, module: str, name: str) -> Any:
        try:
            return super().find_class(module, name)
        except ModuleNotFoundError:
            for reference, folder in list(_callables):
                with suppress(ImportFailure):
                    load(reference, folder)
            return super().find_class(module, name)
