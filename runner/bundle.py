"""The modules of this program, compiled, in one file: to find and open each takes as long as to run it.

What Python has compiled of them (`__pycache__`) is kept once more, in the user's own folder for such things
(`$XDG_CACHE_HOME/runner`, `~/.cache/runner`). Each is used as Python itself uses it: as long as its source
has not changed. Nothing depends on it. It knows no module by name.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader
from contextlib import suppress
from mmap import ACCESS_READ, mmap

from runner.blake import blake2b
from runner.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType

HEAD = 16
"""So many bytes come before the code of a module: by which Python, and of which source."""

TAIL = 8
"""So many bytes tell at the end where the table of the modules begins."""

_whole = 0xFFFFFFFF

Place = tuple[str, str, int, int]
"""The source of a module, where Python keeps it compiled, and between which bytes it is kept here."""


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


def keep() -> None:
    """Keep what has been imported, if some of it had to be looked for."""
    finder = next((it for it in sys.meta_path if isinstance(it, _Finder)), None)
    if finder is not None and not sys.dont_write_bytecode and (found := finder.not_found()):
        with suppress(OSError):
            finder.write(_file(), found)


class _Finder:
    """Finds what is kept."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._bytes = memoryview(b"")
        self._before = set(sys.modules)

    def read(self, path: str) -> None:
        """Find what is kept in a file, unless somebody else may have written it."""
        with open(path, "rb") as file:
            owner = os.fstat(file.fileno())
            if owner.st_uid == os.geteuid() and not owner.st_mode & 0o022:
                data = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
                self._places = dict(marshal.loads(data[int.from_bytes(data[-TAIL:], "little") :]))
                self._bytes = data

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Where a module comes from."""
        if name not in self._places:
            return None
        source, cached, start, end = self._places[name]
        spec = ModuleSpec(name, _Loader(name, source, self._bytes[start:end]), origin=source)
        spec.has_location, spec.cached = True, cached
        if source.endswith("__init__.py"):
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def not_found(self) -> list[ModuleSpec]:
        """Modules of this program that others had to find, or that have changed."""
        names = [name for name in sys.modules.keys() - self._before if name.startswith("runner.")]
        specs = [spec for name in names if (spec := sys.modules[name].__spec__) and spec.has_location]
        return [spec for spec in specs if not isinstance(spec.loader, _Loader) or spec.loader.in_vain]

    def write(self, path: str, found: list[ModuleSpec]) -> None:
        """Keep those as well."""
        kept = {name: (*it[:2], bytes(self._bytes[it[2] : it[3]])) for name, it in self._places.items()}
        pieces = kept | {spec.name: _piece(spec) for spec in found if spec.cached}
        if pieces == kept:
            return
        places, length = {}, 0
        for name, (source, cached, compiled) in pieces.items():
            places[name] = source, cached, length, length + len(compiled)
            length += len(compiled)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        being_written = f"{path}.{os.getpid()}"
        descriptor = os.open(being_written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.writelines(compiled for *_, compiled in pieces.values())
            file.write(marshal.dumps(places) + length.to_bytes(TAIL, "little"))
        os.replace(being_written, path)


class _Loader(SourceFileLoader):
    """Loads a module whose code is there, unless its source has changed."""

    def __init__(self, name: str, source: str, compiled: memoryview) -> None:
        super().__init__(name, source)
        self._compiled = compiled
        self.in_vain = False

    def get_code(self, fullname: str) -> CodeType | None:
        """What Python has compiled."""
        if self._compiled[8:HEAD] != _stamp(self.path):
            self.in_vain = True
            return super().get_code(fullname)
        code: CodeType = marshal.loads(self._compiled[HEAD:])
        return code


def _piece(spec: ModuleSpec) -> tuple[str, str, bytes]:
    """What Python has compiled of a module."""
    assert spec.origin and spec.cached
    with open(spec.cached, "rb") as file:
        return spec.origin, spec.cached, file.read()


def _stamp(source: str) -> bytes:
    """What Python notes of a source."""
    found = os.stat(source)
    return (int(found.st_mtime) & _whole | (found.st_size & _whole) << 32).to_bytes(8, "little")


def _file() -> str:
    """Another one for another Python, and where the program lies elsewhere."""
    told = f"{sys.version}\0{sys.flags.optimize}\0{os.path.dirname(__file__)}"
    return os.path.join(folder(), f"modules-{blake2b(os.fsencode(told), digest_size=16).hexdigest()}")
