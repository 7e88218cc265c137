"""What a workflow file meant when it was read last, kept so that it need not be read again.

It holds as long as no file has changed that was read for it, nor this program; what comes from a pipe or a
device is never kept. It stands in the user's own folder for such things (`$XDG_CACHE_HOME/runner`,
`~/.cache/runner`) and never in the project, which may come from anywhere; what is loaded can only be made
of the classes named here. Nothing depends on it.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from runner import __version__
from runner.blake import blake2b
from runner.bundle import folder
from runner.files import files_of
from runner.hints import Any
from runner.workflow import Body, Call, Group, Sub, Workflow

try:  # all of it that is needed to read, in a third of the time
    from _pickle import Unpickler, UnpicklingError
except ImportError:
    from pickle import Unpickler, UnpicklingError

READING = (
    "addresses",
    "callables",
    "encodings",
    "executor_names",
    "expression",
    "findings",
    "hints",
    "json_text",
    "likeness",
    "links",
    "loader",
    "param_types",
    "params",
    "patterns",
    "position",
    "problem",
    "regex",
    "scripts",
    "shell",
    "source",
    "struct",
    "wording",
    "workflow",
)
"""The rooms that have a say in what a file means, as modules or folders."""

MOST = 256
"""So many files are kept, those that were written last."""
_rooms = ("runner.workflow", "runner.position")
_made_by = {("runner.expression.template", "_restored")}


def find(file: str) -> Workflow | None:
    """What `file` means, if that is known."""
    try:
        with open(_place(file), "rb") as kept:
            known, evidence, calls, workflow = _Loading(kept).load()
    except Exception:  # whatever is wrong with it: it is made again
        return None
    same = known == _program() and all(digest == _digest(path) for path, digest in evidence)
    if not same or calls != [(*call[:2], _source(*call[:2])) for call in calls]:
        return None
    return workflow if isinstance(workflow, Workflow) else None


def keep(file: str, workflow: Workflow, began: float) -> None:
    """Keep what `file` means, of which no file may have changed since `began`, when it was read."""
    import pickle
    from tempfile import NamedTemporaryFile

    calls = [(*call, _source(*call)) for call in sorted(set(_calls(workflow)))]
    files = {*files_of(workflow), *(source for *_, source in calls if source is not None)}
    if any(_changed(path) >= began for path in files):
        return
    evidence = [(path, _digest(path)) for path in sorted(files)]
    if any(digest is None for _, digest in evidence):
        return
    with suppress(OSError, pickle.PicklingError, RecursionError):
        place = _place(file)
        os.makedirs(folder(), 0o700, exist_ok=True)
        with NamedTemporaryFile(dir=folder(), delete=False) as written:
            pickle.dump((_program(), evidence, calls, workflow), written, protocol=5)
        os.replace(written.name, place)
        _forget_the_oldest()


class _Loading(Unpickler):
    """Makes nothing but what a workflow is made of."""

    def find_class(self, module: str, name: str) -> Any:
        if (module in _rooms and name[:1].isupper()) or (module, name) in _made_by:
            return super().find_class(module, name)
        raise UnpicklingError(f"{module}.{name} is no part of a workflow")


def _place(file: str) -> str:
    name = blake2b(os.fsencode(f"{os.getcwd()}\0{file}"), digest_size=16).hexdigest()
    return os.path.join(folder(), name)


def _program() -> tuple[str, str, int]:
    """Which program reads files so: another one may read them otherwise."""
    package = os.path.dirname(os.path.dirname(__file__))
    rooms = (os.path.join(package, room) for room in READING)
    return __version__, sys.version, os.stat(__file__).st_mtime_ns + sum(map(_changes, rooms))


def _changes(room: str) -> int:
    """When the sources of a room were written, all together: another number for other sources."""
    if not os.path.isdir(room):
        return os.stat(f"{room}.py").st_mtime_ns
    found = 0
    with os.scandir(room) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found += entry.stat().st_mtime_ns
            elif entry.name != "__pycache__" and entry.is_dir():
                found += _changes(entry.path)
    return found


def _calls(workflow: Workflow) -> Iterator[tuple[str, str]]:
    for action in _actions(workflow.body):
        if isinstance(action, Call):
            yield action.reference, action.folder
        elif isinstance(action, Sub):
            yield from _calls(action.workflow)


def _actions(body: Body) -> Iterator[Any]:
    for task in body.tasks.values():
        yield task.action
        if isinstance(task.action, Group):
            yield from _actions(task.action.body)


def _source(reference: str, folder: str) -> str | None:
    """The file in which a callable is looked for."""
    from runner.callables.finding import Wrong, file_of, is_path, module_file, split

    try:
        target, _ = split(reference)
        return file_of(target, folder) if is_path(target) else module_file(target, folder)
    except Wrong:
        return ""


def _digest(path: str) -> bytes | None:
    """None also for what is no file on a disk: a pipe that is looked into is empty for whoever reads it."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return blake2b(file.read(), digest_size=16).digest()
    except OSError:
        return None


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return time.time()


def _forget_the_oldest() -> None:
    with os.scandir(folder()) as entries:
        found = sorted((entry.stat().st_mtime, entry.path) for entry in entries)
    for _, path in found[:-MOST]:
        os.unlink(path)
