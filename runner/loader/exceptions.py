"""The exceptions that `retry.on` names: what Python calls them, and which are surely misspelt."""

from __future__ import annotations

import builtins
from typing import Any

from runner.callables.inspection import source_of
from runner.callables.signatures import Contents
from runner.findings import Findings, Path
from runner.likeness import misspelt, nearest

_built_in = {
    name: kind.__name__
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
_other_names = {
    **dict.fromkeys(["socket.error", "select.error", "os.error"], "OSError"),
    **dict.fromkeys(
        ["socket.timeout", "asyncio.TimeoutError", "concurrent.futures.TimeoutError"], "TimeoutError"
    ),
}
_worth_trying = [
    name
    for name in _built_in
    if not issubclass(getattr(builtins, name), SyntaxError | Warning | GeneratorExit | SystemExit)
]
"""Those that may be meant: nothing is tried again for the others."""

_of_timeouts = frozenset(kind.__name__ for kind in TimeoutError.__mro__ if kind is not object)


def as_python_says(name: str) -> str:
    """The name by which an exception tells its type: a built-in one has several."""
    bare = name.removeprefix("builtins.")
    return _other_names.get(name) or _built_in.get(bare, name)


def covers_timeouts(name: str) -> bool:
    """Whether what is late ends by such an exception."""
    return as_python_says(name) in _of_timeouts


def warn_of_unknown(written: Any, path: Path, findings: Findings, call: str = "", folder: str = "") -> None:
    """Warn of each that there is none of, as far as Python and the source of a callable show it.

    One that is like none of theirs may be of a library.
    """
    names = [(path, written)] if isinstance(written, str) else _texts_in(written, path)
    module, contents = (source_of(call, folder) if call else None) or ("", None)
    for at, name in names:
        place, _, last = name.rpartition(".")
        message = hint = ""
        if contents is not None and place == module:
            message, hint = _not_in(contents, module, last)
        elif place in ("", "builtins") and last not in _built_in:
            message, hint = _nearly(contents, last)
        if message:
            findings.add(at, "unknown-exception", message, hint, severity="warning")


def _texts_in(written: Any, path: Path) -> list[tuple[Path, str]]:
    elements = enumerate(written if isinstance(written, list) else ())
    return [((*path, index), name) for index, name in elements if isinstance(name, str)]


def _not_in(contents: Contents, module: str, name: str) -> tuple[str, str]:
    if contents.open or name in contents.names:
        return "", ""
    near = nearest(name, list(contents.classes))
    return f"there is no '{name}' in '{module}'", f"did you mean '{module}.{near}'?" if near else ""


def _nearly(contents: Contents | None, name: str) -> tuple[str, str]:
    if contents is not None and name in contents.names:
        return "", ""
    near = misspelt(name, [*(contents.classes if contents else ()), *_worth_trying])
    return (f"there is no exception '{name}'", f"did you mean '{near}'?") if near else ("", "")
