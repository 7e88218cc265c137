"""What is said about a callable before anything of it runs, and what its import says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.callables.finding import CallableFault
from runner.callables.inspection import check_arguments, inspect_callable
from runner.callables.loading import ImportFailure, load
from runner.callables.signatures import Signature, signature_of

GALLERY = """
import os
from json import dumps
from collections import OrderedDict as Ordered

WIDTH = 320
shrink = lambda picture: picture
first, second = os.path.split, os.path.join

def build_index(pictures, title="all", *, width=WIDTH, height):
    raise SystemExit("never run by an inspection")

async def fetch(url, /, to, **options):
    pass

def anything(*args, **kwargs):
    pass

@decorated
def wrapped(a):
    pass

if os.name == "posix":
    def twice(a): pass
else:
    def twice(b): pass

class Counter:
    def __init__(self, start, by=1):
        pass

class Derived(Counter):
    pass

raise SystemExit("never run by an inspection")
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "gallery.py").write_text(GALLERY)
    package = tmp_path / "pictures" / "inner"
    package.mkdir(parents=True)
    (tmp_path / "pictures" / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "__init__.py").write_text("def here(): pass")
    (package / "deep.py").write_text("def dive(depth): pass")
    return str(tmp_path)


def signature(reference: str, folder: str) -> Signature:
    found = inspect_callable(reference, folder)
    assert isinstance(found, Signature)
    return found


def fault(reference: str, folder: str) -> CallableFault:
    found = inspect_callable(reference, folder)
    assert isinstance(found, CallableFault)
    return found


def misfits(reference: str, folder: str, *names: str) -> list[str]:
    return [str(found) for found in check_arguments(signature(reference, folder), names)]


@pytest.mark.parametrize(
    "reference", ["gallery.py:build_index", "gallery:build_index", "./gallery.py:build_index"]
)
def test_parameters_are_read_from_the_source(reference: str, folder: str) -> None:
    found = signature(reference, folder)
    assert [(one.name, one.required) for one in found.parameters] == [
        ("pictures", True),
        ("title", False),
        ("width", False),
        ("height", True),
    ]
    assert (found.file, found.line) == (f"{folder}/gallery.py", 10)


def test_arguments_that_fit_draw_no_fault(folder: str) -> None:
    assert misfits("gallery:build_index", folder, "pictures", "height") == []
    assert misfits("gallery:anything", folder, "whatever") == []
    assert misfits("gallery:Counter", folder, "start") == []


def test_each_argument_that_does_not_fit_is_named(folder: str) -> None:
    assert misfits("gallery:build_index", folder, "picturs", "height", "zoom") == [
        "build_index() has no parameter 'picturs'; did you mean 'pictures'?",
        "build_index() has no parameter 'zoom'; it takes pictures, title, width, height",
    ]
    assert misfits("gallery:Counter", folder) == [
        "Counter() needs the argument 'start'; give `start` in `with`"
    ]
    assert misfits("pictures.inner:here", folder, "a") == [
        "here() has no parameter 'a'; it takes no arguments"
    ]


@pytest.mark.parametrize("package", ["tools", "tools.etl", "tools.etl.steps", "pictures.more"])
def test_a_folder_is_a_package_at_any_depth(package: str, folder: str) -> None:
    place = Path(folder, *package.split("."))
    place.mkdir(parents=True)
    (place / "load.py").write_text("def rows(file): pass")
    assert misfits(f"{package}.load:rows", folder, "file") == []
    assert fault(f"{package}.lod:rows", folder) == CallableFault(
        "unknown-callable",
        f"no module named 'lod' in '{package}'",
        "did you mean 'load'?",
        len(package) + 1,
        3,
    )


def test_what_can_be_given_by_position_only_cannot_be_given(folder: str) -> None:
    assert misfits("gallery:fetch", folder, "url", "to") == [
        "fetch() takes 'url' by position only; arguments are given by name: wrap it in a function of yours"
    ]


@pytest.mark.parametrize(
    "name",
    ["wrapped", "twice", "Derived", "first", "dumps", "Ordered", "Derived.start", "os.getcwd"],
)
def test_where_the_source_does_not_tell_the_parameters_nothing_is_said(name: str, folder: str) -> None:
    assert misfits(f"gallery:{name}", folder, "anything") == []


@pytest.mark.parametrize(
    "reference",
    [
        "json:dumps",
        "os.path:join",
        "time:sleep",
        "math:sqrt",
        "pictures.inner.deep:dive",
        "runner.actions:download",
    ],
)
def test_modules_are_found_without_being_imported(reference: str, folder: str) -> None:
    assert isinstance(inspect_callable(reference, folder), Signature)


@pytest.mark.parametrize(
    ("reference", "part", "message", "hint"),
    [
        ("gallery.py:bild_index", "bild_index", "no function 'bild_index' in 'gallery.py'",
         "did you mean 'build_index'?"),
        ("gallery.py:WIDTH", "WIDTH", "'WIDTH' in 'gallery.py' is not a function",
         "it has shrink, build_index, fetch, anything, wrapped, twice, Counter, Derived"),
        ("galery.py:build_index", "galery.py", "no such file: 'galery.py'", "did you mean 'gallery.py'?"),
        ("notes.py:build_index", "notes.py", "no such file: 'notes.py'", "looked in FOLDER"),
        ("pictures/inner/dep.py:dive", "pictures/inner/dep.py", "no such file: 'pictures/inner/dep.py'",
         "did you mean 'pictures/inner/deep.py'?"),
        ("galery:build_index", "galery", "no module named 'galery'", "did you mean 'gallery'?"),
        ("pictures/here.py", "pictures/here.py", "'pictures/here.py' names no function",
         "write `pictures/here.py:function`"),
        ("pictures.innr:here", "innr", "no module named 'innr' in 'pictures'", "did you mean 'inner'?"),
        ("gallery.inner:here", "gallery", "'gallery' is not a package", ""),
        ("gallery.build_index", "gallery.build_index", "'gallery.build_index' names no function",
         "did you mean `gallery:build_index`?"),
        ("gallery", "gallery", "'gallery' names no function",
         "write `package.module:function` or `path/to/file.py:function`"),
        ("gallery:", "gallery:", "'gallery:' is not the name of a callable",
         "write `package.module:function` or `path/to/file.py:function`"),
        ("my-gallery:build", "my-gallery", "'my-gallery' is not the name of a module",
         "write `package.module:function` or `path/to/file.py:function`"),
        ("./pictures:here", "./pictures", "'./pictures' is a folder, not a Python file", ""),
    ],
)  # fmt: skip
def test_a_wrong_reference_is_explained(
    reference: str, part: str, message: str, hint: str, folder: str
) -> None:
    found = fault(reference, folder)
    assert (found.message, found.hint.replace(folder, "FOLDER")) == (message, hint)
    assert reference[found.offset : found.offset + found.length] == part


NOT_UTF_8 = (
    "Non-UTF-8 code starting with '\\xff' on line 1, but no encoding declared; "
    "see https://peps.python.org/pep-0263/ for details"
    if sys.version_info >= (3, 14)
    else "(unicode error) 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"def f(:\n", "'bad.py' is not valid Python: invalid syntax (line 1)"),
        (b"x = '\xff'\n", f"'bad.py' is not valid Python: {NOT_UTF_8} (line 1)"),
        (b"f = '\0'\n", "'bad.py' is not valid Python: source code string cannot contain null bytes"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_python_is_explained(source: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_bytes(source)
    assert fault("bad.py:f", str(tmp_path)).message == message


@pytest.mark.parametrize(
    "source",
    [
        "from os import *",
        "globals()['f'] = print",
        "def __getattr__(name): return print",
        "def g():\n  global f\n  f = 1",
    ],
)
def test_names_that_cannot_be_seen_are_not_denied(source: str, tmp_path: Path) -> None:
    (tmp_path / "hidden.py").write_text(source)
    assert not signature("hidden.py:f", str(tmp_path)).known


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "changing.py"
    file.write_text("def old(): pass")
    assert signature("changing.py:old", str(tmp_path)).known
    file.write_text("def newer(): pass")
    assert fault("changing.py:old", str(tmp_path)).hint == "it has newer"


# Importing ------------------------------------------------------------------------------------------


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Writes a module into a folder of this test alone; the imports of the test are undone."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.chdir(tmp_path)

    def write(name: str, source: str) -> str:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(source)
        return str(file.parent)

    return write


def failure(reference: str, folder: str) -> ImportFailure:
    with pytest.raises(ImportFailure) as caught:
        load(reference, folder)
    return caught.value


def test_a_callable_is_imported_once(write: Callable[[str, str], str]) -> None:
    folder = write(
        "once_only.py",
        "import os\nos.environ['TIMES'] = os.environ.get('TIMES', '') + 'I'\ndef f(): return 1",
    )
    os.environ.pop("TIMES", None)
    assert load("once_only.py:f", folder)() == 1
    assert load("once_only:f", folder) is load("./once_only.py:f", folder)
    assert os.environ.pop("TIMES") == "I"


def test_the_folder_of_the_workflow_never_shadows_the_environment(write: Callable[[str, str], str]) -> None:
    folder = write("html.py", "raise RuntimeError('shadowed')")
    assert load("html:escape", folder)("<") == "&lt;"


def test_a_file_named_as_an_installed_module_is_still_found_by_its_path(
    write: Callable[[str, str], str],
) -> None:
    folder = write("html.py", "def escape(s): return 'mine'\nclass Mine(Exception): pass")
    assert load("html.py:escape", folder)("<") == "mine"
    assert load("html:escape", folder)("<") == "&lt;"


def test_a_file_finds_its_neighbours(write: Callable[[str, str], str]) -> None:
    write("tools/neighbour_of_it.py", "VALUE = 7")
    folder = str(
        Path(
            write("tools/uses_neighbour.py", "import neighbour_of_it\ndef f(): return neighbour_of_it.VALUE")
        ).parent
    )
    assert load("tools/uses_neighbour.py:f", folder)() == 7


def test_a_failing_import_is_told_from_the_users_first_line(write: Callable[[str, str], str]) -> None:
    folder = write("breaks.py", "def inner():\n    raise OSError\ninner()\n")
    found = failure("breaks.py:f", folder)
    assert found.message == "'breaks.py' cannot be imported: OSError"
    assert found.hint == f"raised in line 2 of {folder}/breaks.py"
    assert found.traceback is not None
    # Python 3.13 and later underline more.
    assert [line for line in found.traceback.splitlines() if line.strip("~^ ")] == [
        "Traceback (most recent call last):",
        f'  File "{folder}/breaks.py", line 3, in <module>',
        "    inner()",
        f'  File "{folder}/breaks.py", line 2, in inner',
        "    raise OSError",
        "OSError",
    ]


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("import not_installed_anywhere", "'broken' cannot be imported: ModuleNotFoundError: "
         "No module named 'not_installed_anywhere'",
         f"runner imports with {sys.executable}: is it installed there?"),
        ("import sys; sys.exit(3)", "'broken' cannot be imported: SystemExit: 3",
         "raised in line 1 of FOLDER/broken.py"),
        ("raise KeyboardInterrupt", "'broken' cannot be imported: KeyboardInterrupt",
         "raised in line 1 of FOLDER/broken.py"),
        ("raise type('Mute', (BaseException,), {'__str__': lambda self: exit(4)})",
         "'broken' cannot be imported: Mute: (its message cannot be shown)",
         "raised in line 1 of FOLDER/broken.py"),
        ("from . import x", "'broken' cannot be imported: ImportError: "
         "attempted relative import with no known parent package",
         "a file named by its path belongs to no package: name it as `package.module:function`"),
        ("def f(:", "'broken' cannot be imported: SyntaxError: invalid syntax (broken.py, line 1)", ""),
        ("def g(): pass", "no function 'f' in 'broken'", ""),
        ("def F(): pass", "no function 'f' in 'broken'", "did you mean 'F'?"),
        ("f = 3", "'f' in 'broken' is not a function: it is of type int", ""),
    ],
)  # fmt: skip
def test_why_an_import_failed(
    source: str,
    message: str,
    hint: str,
    write: Callable[[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Another test's may have been imported, or be found first.
    monkeypatch.delitem(sys.modules, "broken", raising=False)
    monkeypatch.setattr(sys, "path", [it for it in sys.path if not Path(it, "broken.py").exists()])
    folder = write("broken.py", source)
    found = failure("broken:f", folder)
    assert (found.message, found.hint) == (message, hint.replace("FOLDER", folder))


def test_a_failed_import_can_be_tried_again(write: Callable[[str, str], str]) -> None:
    folder = write("html.py", "raise ValueError('not yet')")
    assert failure("html.py:f", folder).message == "'html.py' cannot be imported: ValueError: not yet"
    write("html.py", "def f(): return 'now it is there'")
    assert load("html.py:f", folder)() == "now it is there"


def test_the_signature_of_what_was_imported_tells_what_the_source_did_not(
    write: Callable[[str, str], str],
) -> None:
    folder = write("partly.py", "from functools import partial\nf = partial(lambda a, b, *, c=1: 0, 1)")
    assert not signature("partly:f", folder).known
    found = signature_of(load("partly:f", folder), "f")
    assert [str(one) for one in check_arguments(found, ["d"])] == [
        "f() needs the argument 'b'; give `b` in `with`",
        "f() has no parameter 'd'; it takes b, c",
    ]


def test_an_inspection_imports_nothing(folder: str) -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        "from runner.callables.inspection import inspect_callable; loaded = set(sys.modules)\n"
        f"print(inspect_callable('pictures.inner.deep:dive', {folder!r}).parameters[0].name)\n"
        f"print(inspect_callable('gallery:build_index', {folder!r}).known)\n"
        "print(sorted(set(sys.modules) - loaded))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "depth\nTrue\n[]\n"
