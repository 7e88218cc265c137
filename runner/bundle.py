"""The modules of this program and of what it reads with, compiled, in one file.

To find and open each takes as long as to run it.

What Python has compiled of them (`__pycache__`) is kept once more, in the user's own folder for such things
(`$XDG_CACHE_HOME/runner`, `~/.cache/runner`). Each is used as Python itself uses it: as long as its source
has not changed. What every run begins with is kept as a whole, too, in the order in which Python has come to
the end of each: so run, no module looks for another. Nothing depends on it. It knows packages by name, and
no module.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec, module_from_spec
from _frozen_importlib_external import SourceFileLoader
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from stat import S_ISREG

from runner.blake import blake2b
from runner.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType, ModuleType

PACKAGES = ("runner", "pydantic_core", "yaml")
"""What is in them is kept, and they themselves are not: where they lie is for Python to find."""

HEAD = 16
"""So many bytes come before the code of a module: by which Python, and of which source."""

TAIL = 8
"""So many bytes tell at the end where the table of the modules begins."""

_whole = 0xFFFFFFFF
_inside = tuple(f"{package}." for package in PACKAGES)

Place = tuple[str, str, int, int]
"""The source of a module, where Python keeps it compiled, and between which bytes it is kept here."""

Company = tuple[list[tuple[str, str, bytes]], int, int]
"""Modules that are imported together, each with its source and stamp, and between which bytes they stand."""


def folder() -> str:
    """Where this program keeps what it can do without; raises `OSError` where the user has no such place."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):  # so the XDG specification has it
        home = os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(home):  # it would lie in the project, which may come from anywhere
        raise FileNotFoundError(home)
    return os.path.join(home, "runner")


def serve() -> None:
    """From now on what is kept here is looked for nowhere else."""
    finder = _Finder()
    with suppress(OSError, ValueError, EOFError, TypeError):  # whatever is wrong with it: it is made again
        finder.read(_file())
    sys.meta_path.insert(0, finder)


def begin() -> None:
    """Import together what every run imports from here on, as far as that is known."""
    if finder := _finder():
        finder.begin()


def all_is_imported() -> None:
    """What every run begins with has been imported."""
    if finder := _finder():
        finder.end_beginning()


def keep() -> None:
    """Keep what has been imported, if some of it had to be looked for."""
    finder = _finder()
    if finder is not None and not sys.dont_write_bytecode:
        with suppress(OSError):
            finder.keep(_file())


def _finder() -> _Finder | None:
    return next((it for it in sys.meta_path if isinstance(it, _Finder)), None)


class _Finder:
    """Finds what is kept."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._company: Company = [], 0, 0
        self._bytes = memoryview(b"")
        self._before = set(sys.modules)
        self._done: list[_Loader] = []
        """Who has loaded something, in the order in which that came to its end."""
        self._first: int | None = None
        """Which of them was the first with which a run begins, where they are not imported together."""
        self._beginning: list[_Loader] = []
        """Those with which it has begun."""

    def read(self, path: str) -> None:
        """Find what is kept in a file, unless somebody else may have written it."""
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # it may be a pipe
        with open(os.open(path, flags), "rb") as file:
            owner = os.fstat(file.fileno())
            if owner.st_uid == os.geteuid() and not owner.st_mode & 0o022 and S_ISREG(owner.st_mode):
                data = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
                places, company = marshal.loads(data[int.from_bytes(data[-TAIL:], "little") :])
                self._places, self._company, self._bytes = dict(places), company, data

    def begin(self) -> None:
        """Import the modules that are kept together, unless one of them has changed."""
        modules, start, end = self._company
        if modules and all(_is_current(source, stamp) for _, source, stamp in modules):
            with suppress(Exception):  # of what is wrong is told where each is looked for
                _import([it[:2] for it in modules], marshal.loads(self._bytes[start:end]))
                return
        self._company = [], 0, 0
        self._first = len(self._done)

    def end_beginning(self) -> None:
        """What is imported from now on not every run needs."""
        if self._first is not None:
            self._beginning = self._done[self._first :]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """Where a module comes from; `path` are the folders of the package that it is in."""
        if path is None or name not in self._places:
            return None
        source, cached, start, end = self._places[name]
        if _folder_of(source) not in path:
            return None
        loader = _Loader(name, source, self._bytes[start:end], self._done.append)
        return _spec(loader, cached) if _is_current(source, loader.stamp) else None

    def keep(self, path: str) -> None:
        """Keep what others had to find, and together what was found here."""
        found = {spec.name: _piece(spec) for spec in self._not_found()}
        first = [] if found else self._beginning
        if not found and not first:
            return
        kept = {name: (*it[:2], bytes(self._bytes[it[2] : it[3]])) for name, it in self._places.items()}
        modules, start, end = self._company
        together = bytes(self._bytes[start:end])
        if first:
            modules = [(loader.name, loader.path, loader.stamp) for loader in first]
            together = marshal.dumps(tuple(loader.code() for loader in first))
        _write(path, kept | found, modules, together)

    def _not_found(self) -> list[ModuleSpec]:
        """Modules that others had to find, or that have changed."""
        names = [name for name in sys.modules.keys() - self._before if name.startswith(_inside)]
        specs = [spec for name in names if (spec := sys.modules[name].__spec__) is not None]
        looked_for = [it for it in specs if not isinstance(it.loader, _Loader) or it.loader.in_vain]
        return [spec for spec in looked_for if spec.cached and os.path.exists(spec.cached)]


class _Loader(SourceFileLoader):
    """Loads a module whose code is there."""

    def __init__(
        self,
        name: str,
        source: str,
        compiled: bytes | memoryview = b"",
        done: Callable[[_Loader], None] | None = None,
    ) -> None:
        super().__init__(name, source)
        self._compiled = compiled
        self._done = done
        self.in_vain = False

    @property
    def stamp(self) -> bytes:
        """What Python has noted of the source."""
        return bytes(self._compiled[8:HEAD])

    def code(self) -> CodeType:
        """What Python has compiled."""
        code: CodeType = marshal.loads(self._compiled[HEAD:])
        return code

    def get_code(self, fullname: str) -> CodeType | None:
        """The same, or what Python has compiled elsewhere if this is damaged."""
        try:
            return self.code()
        except Exception:  # of bytes that are others now Python says all sorts of things
            self.in_vain = True
            return super().get_code(fullname)

    def exec_module(self, module: ModuleType) -> None:
        """Run it, and tell that it has come to its end."""
        super().exec_module(module)
        if self._done:
            self._done(self)


def _import(modules: list[tuple[str, str]], codes: Iterable[CodeType]) -> None:
    """Run modules one after the other: each finds those before it, and the packages around it."""
    sources = dict(modules)
    wanted = sources.keys() - sys.modules.keys()
    try:
        for (name, source), code in zip(modules, codes, strict=True):
            if name in wanted:
                around, _, last = name.rpartition(".")
                if around not in sys.modules:
                    _enter(around, sources[around])
                module = sys.modules.get(name) or _enter(name, source)
                exec(code, module.__dict__)
                setattr(sys.modules[around], last, module)
    except BaseException:
        for name in wanted:
            sys.modules.pop(name, None)
        raise


def _enter(name: str, source: str) -> ModuleType:
    module = sys.modules[name] = module_from_spec(_spec(_Loader(name, source)))
    return module


def _spec(loader: _Loader, cached: str | None = None) -> ModuleSpec:
    spec = ModuleSpec(loader.name, loader, origin=loader.path)
    spec.has_location, spec.cached = True, cached
    if loader.path.endswith("__init__.py"):
        spec.submodule_search_locations = [os.path.dirname(loader.path)]
    return spec


def _write(
    path: str,
    pieces: dict[str, tuple[str, str, bytes]],
    modules: list[tuple[str, str, bytes]],
    together: bytes,
) -> None:
    places, length = {}, 0
    for name, (source, cached, compiled) in pieces.items():
        places[name] = source, cached, length, length + len(compiled)
        length += len(compiled)
    table = places, (modules, length, length + len(together))
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    being_written = f"{path}.{os.urandom(8).hex()}"  # one may have been left by who was killed
    descriptor = os.open(being_written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(compiled for *_, compiled in pieces.values())
            file.write(together)
            file.write(marshal.dumps(table) + (length + len(together)).to_bytes(TAIL, "little"))
        os.replace(being_written, path)
    except BaseException:  # the disk is full, say
        os.unlink(being_written)
        raise


def _piece(spec: ModuleSpec) -> tuple[str, str, bytes]:
    """What Python has compiled of a module."""
    assert spec.origin and spec.cached
    with open(spec.cached, "rb") as file:
        return spec.origin, spec.cached, file.read()


def _folder_of(source: str) -> str:
    """Where what a module lies in lies, be it a package."""
    return source.removesuffix(f"{os.sep}__init__.py").rpartition(os.sep)[0]


def _stamp(source: str) -> bytes:
    """What Python notes of a source."""
    found = os.stat(source)
    return (int(found.st_mtime) & _whole | (found.st_size & _whole) << 32).to_bytes(8, "little")


def _is_current(source: str, stamp: bytes) -> bool:
    """Whether a source is there as it was; a module may have become a package."""
    try:
        return stamp == _stamp(source)
    except OSError:
        return False


def _file() -> str:
    """Another one for another Python, and where the program lies elsewhere."""
    told = f"{sys.version}\0{sys.flags.optimize}\0{os.path.dirname(__file__)}"
    return os.path.join(folder(), f"modules-{blake2b(os.fsencode(told), digest_size=16).hexdigest()}")
