"""A workflow file that has not changed since it was run last is not read again; whatever changed is seen."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from program import Program
from test_layering import imported, modules, on_demand, room_of

import runner as package
from runner.cli.remembered import READING

# Of the standard library, what takes longer to import than it is worth to a small run.
spared = {
    "bz2",
    "ctypes",
    "datetime",
    "hashlib",
    "ipaddress",
    "json",
    "logging",
    "lzma",
    "pathlib",
    "pickle",
    "shlex",
    "shutil",
    "sqlite3",
    "re",
    "statistics",
    "subprocess",
    "tempfile",
    "textwrap",
    "traceback",
    "typing",
    "unicodedata",
    "urllib.parse",
}

FILES = {
    "workflow.yml": """
        params_file: given.yml
        params: {n: 1}
        tasks:
          call: {call: "lib.py:double", with: {x: "{{ params.n }}"}}
          other: {workflow: part.yml}
        outputs: {call: "{{ tasks.call.result }}", other: "{{ tasks.other.result.part }}"}
    """,
    "part.yml": "tasks: {a: {run: echo part}}\noutputs: {part: '{{ tasks.a.result }}'}",
    "given.yml": "n: 4",
    "lib.py": "def double(x):\n    return x * 2\n",
}


class Remembering(Program):
    """Runs a file that has stood there for some time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment["XDG_CACHE_HOME"] = str(folder / "kept")

    def write(self, text: str, name: str = "workflow.yml") -> Path:
        path = super().write(text, name)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        return path

    def imported(self, *options: str, command: str = "run") -> set[str]:
        """The modules that a run imports."""
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "runner", command, *options],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        # While the run goes on, the descriptor of stderr leads to its log.
        newest = max((self.folder / ".runner" / "runs").iterdir())
        meanwhile = "".join(log.read_text() for log in newest.glob("logs/run.log"))
        told = (done.stderr + meanwhile).splitlines()
        return {line.rpartition("|")[2].strip() for line in told if "|" in line}

    def reads(self) -> bool:
        """Whether a run reads the file."""
        return "runner.loader" in self.imported("-q")

    def kept(self) -> Path:
        """What is kept."""
        return only_file(self.folder / "kept" / "runner")


def only_file(folder: Path) -> Path:
    """That of the workflow, beside the program's own modules."""
    (path,) = (path for path in folder.iterdir() if not path.name.startswith("modules-"))
    return path


@pytest.fixture
def remembering(tmp_path: Path) -> Remembering:
    program = Remembering(tmp_path)
    for name, text in FILES.items():
        program.write(text, name)
    assert program.report()["outputs"] == {"call": 8, "other": "part"}
    return program


def test_a_file_is_not_read_again_and_means_the_same(remembering: Remembering) -> None:
    assert not remembering.reads()
    assert remembering.report()["outputs"] == {"call": 8, "other": "part"}


def test_nothing_heavy_is_imported_for_a_file_that_is_known(remembering: Remembering) -> None:
    heavy = {"pydantic", "yaml", "typer", "rich", "jinja2", "runner.shell", "runner.source"}
    assert "runner.engine" in remembering.imported()
    assert heavy & remembering.imported() == set()


def test_nothing_heavy_is_imported_for_a_resume_of_a_file_that_is_known(remembering: Remembering) -> None:
    remembering.write("tasks: {a: {run: test -e there}}")
    assert remembering("run", "-q").code == 1
    remembering.write("", "there")
    told = remembering.imported("--only-failed", command="resume")
    assert "runner.engine" in told
    assert {"pydantic", "yaml", "typer", "rich", "jinja2", "runner.loader"} & told == set()


def test_a_small_run_imports_nothing_that_it_can_do_without(remembering: Remembering) -> None:
    remembering.write("tasks: {hello: {run: echo hello}}")
    assert remembering.reads()
    told, quiet = remembering.imported(), remembering.imported("-q")
    assert told & (spared | on_demand) == set()
    assert told - quiet == {name for name in told if name.startswith("runner.progress")} != set()


def test_a_file_is_read_anew_by_a_program_that_would_read_it_otherwise(remembering: Remembering) -> None:
    changed = remembering.folder / "changed"
    shutil.copytree(Path(package.__file__).parent, changed / "runner")
    remembering.environment["PYTHONPATH"] = str(changed)
    assert not remembering.reads()
    for name in READING:
        room = changed / "runner" / name
        for file in room.rglob("__init__.py") if room.is_dir() else [room.with_suffix(".py")]:
            os.utime(file, ns=(0, file.stat().st_mtime_ns - 1))
            assert remembering.reads(), file
    assert not remembering.reads()
    os.utime(changed / "runner" / "report" / "__init__.py", ns=(0, 0))
    assert not remembering.reads()


def test_whatever_has_a_say_in_what_a_file_means_is_looked_at() -> None:
    reading, untold = set[str](), {module for module in modules if room_of(module) == "loader"}
    while untold:
        reading |= untold
        names = {name for module in untold for name in imported(module)}
        untold = {name for name in names if name in modules} - reading
    assert {room_of(module) for module in reading} == set(READING)


@pytest.mark.parametrize(
    ("name", "text", "outputs"),
    [
        ("workflow.yml", FILES["workflow.yml"].replace("params_file", "x-not"), (2, "part")),
        ("part.yml", FILES["part.yml"].replace("echo part", "echo changed"), (8, "changed")),
        ("given.yml", "n: 5", (10, "part")),
        ("lib.py", "def double(x):\n    return x + x + x\n", (12, "part")),
    ],
)
def test_whatever_changed_is_seen(
    remembering: Remembering, name: str, text: str, outputs: tuple[int, str]
) -> None:
    remembering.write(text, name)
    assert tuple(remembering.report()["outputs"].values()) == outputs
    assert not remembering.reads()


def test_a_callable_that_is_no_longer_called_so_is_told_before_anything_runs(
    remembering: Remembering,
) -> None:
    remembering.write("def double(y):\n    return y\n", "lib.py")
    ended = remembering("run")
    assert (ended.code, ended.out) == (2, "")
    assert "double() needs the argument 'y'" in ended.err
    (remembering.folder / "lib.py").unlink()
    assert "no such file: 'lib.py'" in remembering("run").err


def test_a_file_that_has_just_changed_is_read_each_time(remembering: Remembering) -> None:
    os.utime(remembering.folder / "part.yml", (4e9, 4e9))
    remembering.kept().unlink()
    assert [remembering.reads() for _ in range(2)] == [True, True]


def test_warnings_are_told_each_time(remembering: Remembering) -> None:
    remembering.write("tasks: {a: {run: echo a | cat}}")
    assert [remembering("run", "-q").err.count("[pipe") for _ in range(2)] == [1, 1]


class Malicious:
    """Runs a command when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch hacked",)


@pytest.mark.parametrize("content", [b"", b"nonsense", pickle.dumps(Malicious())])
def test_what_is_kept_can_do_no_harm(remembering: Remembering, content: bytes) -> None:
    remembering.kept().write_bytes(content)
    assert remembering.reads()
    assert not (remembering.folder / "hacked").exists()
    assert not remembering.reads()


def test_where_nothing_can_be_kept_everything_goes_on(remembering: Remembering) -> None:
    remembering.environment["XDG_CACHE_HOME"] = "/proc/none"
    assert [remembering.reads() for _ in range(2)] == [True, True]


@pytest.mark.parametrize("home", ["", "kept", "./kept"])
def test_a_folder_for_such_things_that_is_not_absolute_is_passed_over(
    remembering: Remembering, home: str
) -> None:
    remembering.environment |= {"XDG_CACHE_HOME": home, "HOME": str(remembering.folder / "home")}
    assert [remembering.reads() for _ in range(2)] == [True, False]
    assert only_file(remembering.folder / "home/.cache/runner").is_file()


def test_two_commands_lines_mean_the_same_by_typer_and_without_it(remembering: Remembering) -> None:
    plain = ["-p", "n=3", "--only=call", "-j", "2", "--format", "json", "--no-progress"]
    by_typer = ["-pn=3", "--only", "call", "-j2", "--format=json", "--no-progress", "--", "workflow.yml"]
    outputs = [remembering("run", *words).out.count('"call": 6') for words in (plain, by_typer)]
    assert outputs == [1, 1]


def test_two_lines_for_a_resume_mean_the_same_by_typer_and_without_it(remembering: Remembering) -> None:
    remembering.write("tasks: {a: {run: test -e there}, b: {run: echo again}}")
    assert remembering("run", "-q").code == 1
    run = max(path.name for path in (remembering.folder / ".runner" / "runs").iterdir())
    plain = ["--only-failed", run, "-j", "2", "--format=json"]
    by_typer = ["--only-failed", "-j2", "--format", "json", "--", run]
    ended = [remembering("resume", *words) for words in (plain, by_typer)]
    assert [(it.code, json.loads(it.out)["tasks"]["b"]["marks"]) for it in ended] == [(1, ["reused"])] * 2


def test_a_run_does_not_take_what_only_a_resume_does(remembering: Remembering) -> None:
    ended = remembering("run", "--only-failed")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: No such option: --only-failed")


READ_FROM_PIPES = {
    "the file": (
        """runner run -q <(echo 'tasks: {a: {result: 4}}'; echo 'outputs: {n: "{{ tasks.a.result }}"}')""",
        "",
    ),
    "a file of params": (
        "runner run -q 7< <(echo 'n: 4')",
        """
        params_file: /dev/fd/7
        params: {n: 1}
        tasks: {a: {result: 0}}
        outputs: {n: "{{ params.n }}"}
        """,
    ),
    "a file that it runs": (
        """runner run -q 7< <(echo 'tasks: {b: {result: 4}}'; echo 'outputs: {n: "{{ tasks.b.result }}"}')""",
        """
        tasks: {a: {workflow: /dev/fd/7}}
        outputs: {n: "{{ tasks.a.result.n }}"}
        """,
    ),
    "a dotenv file": (
        "runner run -q 7< <(echo N=4)",
        """
        dotenv: /dev/fd/7
        tasks: {a: {result: 0}}
        outputs: {n: "{{ env.N }}"}
        """,
    ),
    "standard input": (
        "cat workflow.yml | runner run -q /dev/stdin",
        "{tasks: {a: {result: 4}}, outputs: {n: '{{ tasks.a.result }}'}}",
    ),
}


@pytest.mark.parametrize(("line", "text"), READ_FROM_PIPES.values(), ids=READ_FROM_PIPES)
def test_what_comes_through_a_pipe_is_read_each_time(tmp_path: Path, line: str, text: str) -> None:
    program = Remembering(tmp_path)
    program.write(text)
    for _ in range(2):
        ended = program.shell(line)
        assert ended.err == ""
        assert "outputs:\n  n: 4\n" in ended.out


def test_a_pipe_that_has_taken_the_place_of_a_file_is_left_to_who_reads_it(remembering: Remembering) -> None:
    given = remembering.folder / "given.yml"
    given.unlink()
    os.mkfifo(given)
    ended = remembering.shell("echo 'n: 6' > given.yml & runner run -q")
    assert ended.err == ""
    assert "call: 12\n" in ended.out
