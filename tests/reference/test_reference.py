"""The language reference: every YAML block loads, those marked `run` run, and its tables are complete.

The words after a block's language mark it: `run` (with `exit=1`, `env=NAME=VALUE`, `resumed`), `task` and
`tasks` (a part of a file), `file=NAME` (a file that later blocks of the section find beside them),
and `json outputs`, what the run above gives.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import all_keys
import pytest

from runner.loader import load

root = Path(__file__).parents[2]
page = (root / "schemas" / "README.md").read_text()
fence = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    """A block of code; `files` are those of its section that stand above it."""

    line: int
    language: str
    words: list[str]
    text: str
    files: dict[str, str] = field(default_factory=dict)
    outputs: Any = None

    def word(self, name: str) -> str | None:
        """The value of a word `name=value`."""
        return next((word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")), None)

    def write(self, folder: Path) -> Path:
        """Write it as a whole file, and the files that it finds beside it."""
        for name, text in self.files.items():
            (folder / name).write_text(text)
        text = self.text
        if "task" in self.words:
            text = "one:\n" + textwrap.indent(text, "  ")
        if "task" in self.words or "tasks" in self.words:
            text = "tasks:\n" + textwrap.indent(text, "  ")
        path = folder / "flow.yml"
        path.write_text(text)
        return path


def blocks() -> Iterator[Block]:
    section, files, last = "", dict[str, str](), None
    for match in fence.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        heading = re.findall(r"^#.*", page[: match.start()], re.MULTILINE)[-1]
        if heading != section:
            section, files = heading, {}
        block = Block(line, match[1], match[2].split(), match[3], files.copy())
        if name := block.word("file"):
            files[name] = block.text
        if block.words == ["outputs"]:
            assert last is not None, f"outputs of nothing at line {line}"
            last.outputs = json.loads(block.text)
        last = block
        yield block


def ids(block: Block) -> str:
    return f"line-{block.line}"


yaml_blocks = [block for block in blocks() if block.language == "yaml"]
all_blocks = list(blocks())
runs = [block for block in all_blocks if "run" in block.words]


def test_every_block_is_marked_with_known_words() -> None:
    known = re.compile(r"run|task|tasks|outputs|resumed|exit=\d+|env=\w+=\S+|file=\S+")
    assert [(b.line, word) for b in all_blocks for word in b.words if not known.fullmatch(word)] == []
    assert page.count("\n```") == 2 * len(all_blocks)


@pytest.mark.parametrize("block", yaml_blocks, ids=ids)
def test_every_yaml_block_loads_without_a_word(block: Block, tmp_path: Path) -> None:
    loaded = load(str(block.write(tmp_path)))
    assert [f"{problem.position}: {problem.message}" for problem in loaded.problems] == []
    assert loaded.workflow is not None


@dataclass(frozen=True)
class Ended:
    """How the run of a block ended, in the codes of shells; `outputs` are those of its JSON report."""

    code: int
    said: str
    outputs: Any


def run(block: Block, folder: Path) -> Ended:
    block.write(folder)
    return ended(block, folder, "run", "flow.yml")


def ended(block: Block, folder: Path, *words: str) -> Ended:
    more = dict([given.split("=", 1)] if (given := block.word("env")) else [])
    command = [sys.executable, "-m", "runner", *words, "--report", "said.json"]
    env = {**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1", **more}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    report = folder / "said.json"
    outputs = json.loads(report.read_text())["outputs"] if report.exists() else None
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return Ended(code, done.stdout + done.stderr, outputs)


@pytest.mark.parametrize("block", runs, ids=ids)
def test_every_block_that_can_run_gives_what_it_says(block: Block, tmp_path: Path) -> None:
    one = run(block, tmp_path)
    assert one.code == int(block.word("exit") or 0), one.said
    if "resumed" in block.words:
        one = ended(block, tmp_path, "resume")
        assert one.code == 0, one.said
    if block.outputs is not None:
        assert one.outputs == block.outputs


def test_the_tables_of_all_keys_are_made_from_the_models() -> None:
    assert page == all_keys.with_tables(page)


# The tables against the program ------------------------------------------------------------------


def table(first_cell: str, after: str) -> set[str]:
    """The names in code in the first column of the table with that heading, after a line of text."""
    rest = page[page.index(after) :]
    rows = rest[rest.index(f"\n| {first_cell} |") :].split("\n\n")[0].strip().splitlines()[2:]
    return {name for row in rows for name in code_in(row.split(" | ")[0])}


def code_in(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def keys_of(model: Any) -> set[str]:
    return {it.name for it in model.keys.values()}


def test_every_key_is_in_its_table() -> None:
    from runner.loader import schema

    assert table("key", "### Keys of the file") == keys_of(schema.WorkflowFile) | {"x-…"}
    assert table("key", "### Keys of a task") == set().union(*map(keys_of, schema.entries.values()))
    assert table("key", "## Once for each item") == keys_of(schema.MapEntry)
    assert table("key of a param", "## Params") == keys_of(schema.ParamEntry)
    assert table("key of `retry`", "## Again and in time") == keys_of(schema.RetryEntry)
    assert table("key of `pool`", "## Sharing") == keys_of(schema.PoolEntry)
    assert table("key of a limit", "## Sharing") == keys_of(schema.LimitEntry)
    assert table("key of a report", "## Reports") == keys_of(schema.ReportEntry)


def test_the_keys_of_a_task_are_given_to_the_right_actions() -> None:
    from runner.loader import schema

    rest = page[page.index("### Keys of a task") :]
    rows = [row.split(" | ") for row in rest.split("\n\n")[1].strip().splitlines()[2:]]
    attempted = {"run", "call", "tasks", "workflow"}
    said = {
        code_in(row[0])[0]: {
            "all": {*attempted, "result"},
            "all but values": attempted,
        }.get(row[1].strip(), set(code_in(row[1])))
        for row in rows
    }
    built = {
        key: {action for action, model in schema.entries.items() if key in keys_of(model)} for key in said
    }
    assert said == built


def test_every_status_mark_and_kind_of_failure_is_in_its_table() -> None:
    from runner.records import FailureKind, Mark, Status

    assert table("status", "### Statuses") == set(Status)
    marks = page[page.index("\n| mark |") :].split("\n\n")[0]
    assert set(re.findall(r"^\| \*(\w+)\*", marks, re.MULTILINE)) == set(Mark)
    assert table("kind", "### Kinds of failure") == set(FailureKind)


# Where the table of names says that one is known: tasks in which it is, and some in which it is not.
places = {
    "in a task with `map`, and in what is inside it": (
        ["{map: {over: [1]}, run: [echo, HERE]}", "{map: {over: [1]}, tasks: {in: {result: HERE}}}"],
        ["{run: [echo, HERE]}", "{tasks: {in: {result: HERE}}}"],
    ),
    "in a task with an action, but for `when`, `map` and `cache`": (
        [
            "{run: [echo, HERE], env: {A: HERE}, cwd: HERE, stdin: HERE, result: HERE}",
            "{run: [echo], capture: json, retry: {attempts: 2, until: ASKED}}",
            "{call: json:dumps, with: {obj: HERE}, result: HERE}",
            "{tasks: {in: {run: [echo, HERE]}}, env: {A: HERE}, result: HERE}",
        ],
        [
            "{result: HERE}",
            "{map: {over: [1]}, result: HERE}",
            "{tasks: {in: {result: HERE}}}",
            "{run: [echo], when: HERE}",
            "{map: {over: HERE}, run: [echo]}",
            "{run: [echo], cache: {inputs: [HERE]}}",
        ],
    ),
    "`result`, `until` of a task with an action": (
        [
            "{run: [echo], capture: json, retry: {attempts: 2, until: HERE}, result: HERE}",
            "{tasks: {in: {run: a}}, result: HERE}",
        ],
        ["{result: HERE}", "{run: [echo, HERE]}", "{run: [echo], when: HERE}"],
    ),
}


def test_each_name_of_a_task_s_own_is_known_where_the_table_says(tmp_path: Path) -> None:
    rows = page[page.index("### Names") :].split("\n\n")[1].splitlines()[2:]
    told = {name: row.split(" | ")[1] for row in rows for name in code_in(row.split(" | ")[0])}
    names = ("item", "index", "key", "attempt", "result")
    asked = [
        (name, body.replace("ASKED", f'"{name} == 1"')) for name in names for body in places[told[name]][0]
    ]
    known = [body.replace("HERE", hole(name)) for name, body in asked]
    unknown = [(name, body.replace("HERE", hole(name))) for name in names for body in places[told[name]][1]]
    assert said_of(known, tmp_path) == []
    problems = [line for line in said_of([body for _, body in unknown], tmp_path) if ": error: " in line]
    found = [re.findall(r"^flow.yml:(\d+):.* error: `(\w+)` is ", problem) for problem in problems]
    assert found == [[(str(line), name)] for line, (name, _) in enumerate(unknown, 2)]


def hole(name: str) -> str:
    return f'"{{{{ {name} }}}}"'


def said_of(tasks: list[str], folder: Path) -> list[str]:
    """What `validate` says of a file of these tasks, one a line from the second on."""
    lines = [f"  x{number}: {body}\n" for number, body in enumerate(tasks)]
    (folder / "flow.yml").write_text("tasks:\n" + "".join(lines))
    command = [sys.executable, "-m", "runner", "validate", "flow.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def test_every_function_filter_test_and_method_is_told() -> None:
    from runner.expression import filters, sources

    told = {name.partition("(")[0] for name in table("function", "### Functions")}
    assert told == {*sources.functions, "success", "failure", "always"}
    examples = {
        "true",
        "over",
        "json(indent=2)",
        "[value, items]",
        "a/b.tar.gz",
        "b.tar.gz",
        "a",
        "b.tar",
        ".gz",
    }
    rows = page[page.index("### Filters") :].split("\n\n")[1]
    assert {name for name in code_in(rows) if name not in examples} == {
        *filters.filters,
        *filters.lazy_filters,
    }
    said = page[page.index("### Tests") :].split("\n\n")[1]
    assert set(code_in(said)) - {"is"} == set(filters.tests)
    sentence = page[page.index("- Text has the methods") :].split("\n- ")[0]
    assert sorted(code_in(sentence)) == sorted(filters.methods)


def test_every_command_and_every_option_of_run_is_told() -> None:
    import typer

    from runner.cli.app import app

    group = typer.main.get_command(app)
    commands: dict[str, Any] = group.commands  # type: ignore[attr-defined]
    told = {row.split()[1] for row in table("command", "## Commands of the program")}
    assert told == set(commands)
    options = {name for row in table("option of `run`", "## Commands of the program") for name in flags(row)}
    built = {
        name
        for option in commands["run"].params
        for name in flags(" ".join((*option.opts, *option.secondary_opts)))
    }
    assert options >= built - {"-h", "--help"}
    assert built >= {name for name in options if name.startswith("--")}


def flags(text: str) -> list[str]:
    return re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", text)


def test_every_link_of_the_contents_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", re.sub(fence, "", page), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links - anchors == set()
    major = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.+)$", re.sub(fence, "", page), re.MULTILINE)
    }
    contents = page[page.index("**Contents**") : page.index("## A first workflow")]
    assert major - set(re.findall(r"\(#([^)]+)\)", contents)) == set()
