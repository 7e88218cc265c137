"""The program's own modules are kept in one file, which changes nothing but the time that a start takes."""

from __future__ import annotations

import marshal
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from program import Program

import runner as package


class Bundled(Program):
    """A copy of the program that lies in the folder, and can be changed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        shutil.copytree(Path(package.__file__).parent, folder / "copy" / "runner")
        self.environment |= {"PYTHONPATH": str(folder / "copy"), "XDG_CACHE_HOME": str(folder / "kept")}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.write("tasks: {a: {run: echo a}}")

    def runs(self) -> str:
        """What it tells of a run that succeeds."""
        ended = self("run", "-q")
        assert ended.code == 0, ended.err
        return ended.out

    def bundle(self) -> Path:
        """The file of its modules."""
        (path,) = (self.folder / "kept" / "runner").glob("modules-*")
        return path

    def modules(self) -> dict[str, tuple[Any, ...]]:
        """What is kept, by the name of the module."""
        places: dict[str, tuple[Any, ...]] = self._table()[0]
        return places

    def together(self) -> list[str]:
        """The modules that are imported together, in their order."""
        return [name for name, *_ in self._table()[1][0]]

    def _table(self) -> tuple[Any, Any]:
        data = self.bundle().read_bytes()
        table: tuple[Any, Any] = marshal.loads(data[int.from_bytes(data[-8:], "little") :])
        return table


@pytest.fixture
def bundled(tmp_path: Path) -> Bundled:
    program = Bundled(tmp_path)
    for _ in range(2):
        program.runs()
    return program


def change(bundled: Bundled, old: str, new: str) -> None:
    source = bundled.folder / "copy" / "runner" / "report" / "as_text.py"
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new, 1))


def changed(bundled: Bundled) -> bytes:
    """What is kept, with other words in it."""
    return bundled.bundle().read_bytes().replace(b" (run ", b" (RUN ")


def test_what_a_run_has_imported_is_kept_and_used(bundled: Bundled) -> None:
    assert {"runner.engine.loop", "runner.loader", "runner.report.as_text"} <= bundled.modules().keys()
    before = bundled.bundle().stat().st_ino
    bundled.runs()
    assert bundled.bundle().stat().st_ino == before
    assert bundled.bundle().stat().st_mode & 0o777 == 0o600
    for compiled in (bundled.folder / "copy" / "runner").rglob("*.pyc"):
        if compiled.parent.parent.name != "runner":
            compiled.write_bytes(b"of no use any more")
    bundled.environment["PYTHONPYCACHEPREFIX"] = "/dev/null"
    for source in (bundled.folder / "copy" / "runner" / "plan").glob("*.py"):
        times = source.stat()
        source.write_text("raise SystemExit('read from its source')".ljust(times.st_size))
        os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "succeeded  a" in bundled.runs()


def test_all_commands_use_what_is_kept(bundled: Bundled) -> None:
    assert bundled("validate", "workflow.yml").code == 0
    assert "runner.cli.checking" in bundled.modules()
    (bundled.folder / "copy" / "runner" / "cli" / "__pycache__").rename(bundled.folder / "away")
    bundled.environment["PYTHONPYCACHEPREFIX"] = "/dev/null"
    path = bundled.folder / "copy" / "runner" / "cli" / "checking.py"
    times = path.stat()
    path.write_text("raise SystemExit('read from its source')".ljust(times.st_size))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert bundled("validate", "workflow.yml").code == 0


def test_what_is_kept_of_other_packages_holds_where_they_lay(bundled: Bundled) -> None:
    import yaml

    assert {"yaml.loader", "pydantic_core.core_schema"} <= bundled.modules().keys()
    shutil.copytree(Path(yaml.__file__).parent, bundled.folder / "elsewhere" / "yaml")
    with (bundled.folder / "elsewhere" / "yaml" / "tokens.py").open("a") as file:
        file.write("\nprint('from elsewhere')\n")
    before = bundled.environment["PYTHONPATH"]
    for path, said in ((f"{before}:{bundled.folder / 'elsewhere'}", "from elsewhere\n"), (before, "")) * 2:
        bundled.environment["PYTHONPATH"] = path
        assert bundled("validate", "workflow.yml").out == said


def test_what_every_run_begins_with_is_imported_together_from_the_third_run_on(tmp_path: Path) -> None:
    program = Bundled(tmp_path)
    program.runs()
    assert program.together() == []
    program.runs()
    together = program.together()
    assert together.index("runner.plan.fan") < together.index("runner.plan") < together.index("runner.engine")
    assert together[-1] == "runner.cli.running"
    data = bytearray(program.bundle().read_bytes())
    for name in together:  # kept one by one, too, which nobody needs now
        *_, start, end = program.modules()[name]
        data[start:end] = bytes(end - start)
    program.bundle().write_bytes(data)
    assert "succeeded  a" in program.runs()
    assert program.bundle().read_bytes() == data


def test_what_is_wrong_while_modules_are_imported_together_leaves_by_the_usual_door(bundled: Bundled) -> None:
    bundled.write("raise LookupError('lost')", "broken/_sqlite3.py")
    bundled.environment["PYTHONPATH"] += f":{bundled.folder / 'broken'}"
    bundled.environment["TMPDIR"] = str(bundled.folder)
    ended = bundled("run", "-q")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("error: this is a bug in runner, not a mistake of yours: LookupError: lost\n")


def test_a_module_that_changes_is_seen_and_kept_anew(bundled: Bundled) -> None:
    change(bundled, "annotations\n", "annotations\n\nprint('changed')\n")
    for _ in range(2):
        assert bundled.runs().startswith("changed\n")
    before = bundled.bundle().stat().st_ino
    assert bundled.runs().startswith("changed\n")
    assert bundled.bundle().stat().st_ino == before


def test_a_module_that_becomes_a_package_is_found(bundled: Bundled) -> None:
    for name in ("plan/turns", "report/as_text", "bundle"):
        module = bundled.folder / "copy" / "runner" / f"{name}.py"
        module.with_suffix("").mkdir()
        module.rename(module.with_suffix("") / "__init__.py")
    for _ in range(3):
        assert "succeeded  a" in bundled.runs()


def test_a_pipe_in_its_place_is_not_waited_for(bundled: Bundled) -> None:
    path = bundled.bundle()
    path.unlink()
    os.mkfifo(path)
    bundled.runs()


def test_what_cannot_be_kept_whole_leaves_nothing(bundled: Bundled) -> None:
    change(bundled, "annotations\n", "annotations\n\n")
    before = bundled.bundle().read_bytes()
    assert bundled.shell("ulimit -f 1000; runner run -q").code == 0
    assert bundled.bundle().read_bytes() == before


def test_what_a_run_needs_for_the_first_time_is_added(bundled: Bundled) -> None:
    assert "runner.report.as_json" not in bundled.modules()
    bundled.report()
    assert {"runner.report.as_json", "runner.report.as_text"} <= bundled.modules().keys()


def test_a_traceback_of_a_module_that_is_kept_shows_its_lines(bundled: Bundled) -> None:
    change(bundled, "\ndef ", "\nprint([][7])  # of the report\n\ndef ")
    bundled.environment["TMPDIR"] = str(bundled.folder)
    for _ in range(2):
        assert bundled("run", "-q").code == 3
    for details in bundled.folder.glob("runner-bug-*.txt"):
        assert "print([][7])  # of the report\n" in details.read_text()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"nonsense" * 9, marshal.dumps(1) + bytes(8)])
def test_a_file_that_is_damaged_is_made_again(bundled: Bundled, content: bytes) -> None:
    bundled.bundle().write_bytes(content)
    bundled.runs()
    assert "runner.engine.loop" in bundled.modules()


def test_modules_that_are_damaged_are_looked_for_elsewhere_and_kept_anew(bundled: Bundled) -> None:
    damaged = bytearray(bundled.bundle().read_bytes())
    for name in bundled.modules():
        _, _, start, end = bundled.modules()[name]
        damaged[start + 16 : end] = bytes(end - start - 16)
    last = max(end for *_, end in bundled.modules().values())
    damaged[last : last + 4096] = bytes(4096)  # what is kept together stands behind them
    bundled.bundle().write_bytes(damaged)
    for _ in range(3):
        assert "succeeded  a" in bundled.runs()
    assert bundled.together()[-1] == "runner.cli.running"
    before = bundled.bundle().stat().st_ino
    bundled.runs()
    assert bundled.bundle().stat().st_ino == before


def test_a_file_that_others_may_write_is_not_used(bundled: Bundled) -> None:
    bundled.bundle().write_bytes(changed(bundled))
    assert "succeeded (RUN " in bundled.runs()
    bundled.bundle().chmod(0o666)
    assert "succeeded (run " in bundled.runs()


def test_nothing_is_kept_in_the_project_or_used_from_there(bundled: Bundled) -> None:
    planted = bundled.folder / "here" / ".cache" / "runner" / bundled.bundle().name
    planted.parent.mkdir(parents=True)
    planted.write_bytes(changed(bundled))
    planted.chmod(0o600)
    bundled.environment |= {"XDG_CACHE_HOME": "", "HOME": "here"}
    assert "succeeded (run " in bundled.runs()
    assert list(planted.parent.iterdir()) == [planted]
    bundled.environment["HOME"] = str(bundled.folder / "here")
    assert "succeeded (RUN " in bundled.runs()


def test_nothing_is_kept_where_python_is_to_write_nothing(tmp_path: Path) -> None:
    program = Bundled(tmp_path)
    program.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    program.runs()
    assert list((tmp_path / "kept" / "runner").glob("modules-*")) == []
