"""The rooms of the program, in their order: a room imports only what stands above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import runner

package = Path(runner.__file__).parent

# From the innermost room to the outermost.
order = [
    "hints",
    "in_c",
    "catching",
    "echoes",
    "regex",
    "struct",
    "blake",
    "bundle",
    "dates",
    "json_text",
    "position",
    "links",
    "encodings",
    "patterns",
    "likeness",
    "state_folder",
    "processes",
    "refusals",
    "supervisor",
    "draft",
    "source",
    "problem",
    "executor_names",
    "addresses",
    "expression",
    "workflow",
    "files",
    "shell",
    "scripts",
    "pasting",
    "callables",
    "wording",
    "findings",
    "param_types",
    "params",
    "loader",
    "records",
    "masks",
    "exact",
    "work",
    "plan",
    "items",
    "engine",
    "store",
    "display",
    "progress",
    "report",
    "outline",
    "hosts",
    "starting",
    "actions",
    "api",
    "cli",
    "__main__",
]

# Libraries that make a program slow to start, or tie it to one way of doing things, have one room.
reserved = {
    "jinja2": {"report"},
    "pydantic": {"loader"},
    "pydantic_core": {"loader"},
    "sqlite3": {"items", "store"},
    "typer": {"cli"},
    "yaml": {"source"},
}

# The planner is pure, and those who listen know nothing of how things run.
forbidden = {
    "plan": {"asyncio", "concurrent", "os", "pathlib", "subprocess", "threading", "time"},
    "store": {"runner.plan", "runner.engine", "runner.work"},
    "progress": {"runner.plan", "runner.engine", "runner.work"},
    "report": {"runner.plan", "runner.engine", "runner.work"},
    "hosts": {"runner.plan", "runner.engine", "runner.work"},
}

# For start-up time these may import a room inside the function that needs it.
lazy = {"supervisor", "starting", "cli", "__main__"}

# What a small run does without is imported where it is needed (`test_remembered.py` sees that it is).
on_demand = {
    "runner.callables.finding",
    "runner.callables.fitting",
    "runner.callables.inspection",
    "runner.callables.looking",
    "runner.engine.callables",
    "runner.engine.cluster",
    "runner.engine.factories",
    "runner.engine.foreign",
    "runner.engine.masking",
    "runner.engine.process_pool",
    "runner.expression.columns",
    "runner.expression.compilation",
    "runner.expression.holes",
    "runner.hosts.failures",
    "runner.hosts.folded",
    "runner.hosts.github",
    "runner.hosts.gitlab",
    "runner.hosts.summary",
    "runner.items",
    "runner.likeness",
    "runner.pasting",
    "runner.patterns",
    "runner.progress.region",
    "runner.report.as_json",
    "runner.report.as_trace",
    "runner.report.context",
    "runner.report.failure_text",
    "runner.report.insides",
    "runner.report.publish",
    "runner.report.templating",
    "runner.report.which",
    "runner.source",
    "runner.store.batches",
    "runner.store.earlier",
    "runner.store.insides",
    "runner.store.soundness",
    "runner.store.untold",
    "runner.store.whole",
    "runner.work.calling",
    "runner.work.calls",
    "runner.work.coroutines",
    "runner.work.logged",
    "runner.work.standing_in",
    "runner.work.tracing",
}


def dotted(path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


paths = {dotted(path): path for path in package.rglob("*.py")}
modules = sorted(name for name in paths if name != "runner")


def room_of(module: str) -> str:
    return module.split(".")[1]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(paths[module].read_text(encoding="utf-8"))


def names_in(node: ast.AST) -> Iterator[str]:
    """What the import statements under `node` bring in; for a module of ours, its name."""
    for statement in ast.walk(node):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, "imports are absolute"
            source = statement.module or ""
            whole = [f"{source}.{alias.name}" for alias in statement.names]
            yield from (name if name in paths else source for name in whole)


@cache
def imported(module: str) -> frozenset[str]:
    return frozenset(names_in(tree(module)))


def rooms(names: frozenset[str]) -> set[str]:
    return {room_of(name) for name in names if name in paths and name != "runner"}


def hidden(module: str) -> set[str]:
    """The modules of ours that its functions import."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [node for node in ast.walk(tree(module)) if isinstance(node, kinds)]
    return {name for function in functions for name in names_in(function) if name in paths}


def those_with(found: dict[str, set[str]]) -> dict[str, set[str]]:
    return {module: names for module, names in found.items() if names}


def test_every_room_has_its_place_in_the_order() -> None:
    assert sorted(order) == sorted({room_of(module) for module in modules})


def test_a_module_imports_only_rooms_above_its_own() -> None:
    above = {room: {*order[:place], room} for place, room in enumerate(order)}
    below = {module: rooms(imported(module)) - above[room_of(module)] for module in modules}
    assert those_with(below) == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: {name for name in imported(module) if name in paths} for module in modules}
    assert set(TopologicalSorter(graph).static_order()) >= set(modules)


def test_no_import_of_a_room_is_hidden_in_a_function() -> None:
    strict = [module for module in modules if room_of(module) not in lazy]
    assert those_with({module: hidden(module) - on_demand for module in strict}) == {}


def test_heavy_libraries_stay_in_their_rooms() -> None:
    def touched(module: str) -> set[str]:
        libraries = {name.partition(".")[0] for name in imported(module)} & set(reserved)
        return {library for library in libraries if room_of(module) not in reserved[library]}

    assert those_with({module: touched(module) for module in modules}) == {}


def test_the_planner_and_the_listeners_touch_nothing_of_the_world() -> None:
    def touched(module: str) -> set[str]:
        names = {".".join(name.split(".")[:depth]) for name in imported(module) for depth in (1, 2)}
        return names & forbidden.get(room_of(module), set())

    assert those_with({module: touched(module) for module in modules}) == {}
