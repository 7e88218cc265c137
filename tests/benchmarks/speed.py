"""What a workflow costs beside the program that it replaces: every ratio from one run, both sides in turn.

    python tests/benchmarks/speed.py [ROW]... [--runs 5] [--json speed.json]

Peers that are not installed are named as missing: `pip install go-task-bin ninja doit dask`, and from
Debian `parallel`, `make`.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sides import Side, Turns, found, ratio, root, runner, timed, turns

ITEMS = 100_000
LIBRARY = """
import time

def same(x):
    return x

def two(a, b):
    return a

def row(x):
    return x["id"]

def sometimes(x, attempt):
    if attempt == 1 and x % 100 == 0:
        raise ValueError(x)
    return x

def rest(x):
    time.sleep(x)
    return x
"""
POOL = """
import sys
from concurrent.futures import ThreadPoolExecutor
from lib import rest, row, same, sometimes, two
count = int(sys.argv[1])
def again(x):
    for attempt in (1, 2):
        try:
            return sometimes(x, attempt)
        except ValueError:
            pass
{setup}
with ThreadPoolExecutor(8) as pool:
    results = list(pool.map({call}))
"""


@dataclass(frozen=True)
class Row:
    """One line of the table. `goal` is the largest ratio that is good enough."""

    number: str
    what: str
    ours: str
    theirs: str
    ratio: float
    goal: float


Rows = Iterator[Row]


def _seconds(found: Turns, *names: str) -> str:
    return f"{statistics.median(found.seconds(*names)):.3f} s"


# Maps ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mapped:
    """A map, and the raw pool that does the same."""

    number: str
    what: str
    over: str
    call: str
    pool: str
    setup: str = ""
    more: str = ""
    items: int = ITEMS
    goal: float = 0.8


MAPS = [
    Mapped("1", "no-op callable", "range(params.count)", 'same, with: {x: "{{ item }}"}',
           "same, range(count)", goal=0.5),
    Mapped("1b", "lines, two arguments, a filter", "lines(params.file)",
           'two, with: {a: "{{ item }}", b: "{{ item | upper }}-{{ index }}"}',
           "lambda p: two(p[1], f'{p[1].upper()}-{p[0]}'), enumerate(open(sys.argv[2]).read().splitlines())"),
    Mapped("1b", "dict items", "jsonl(params.file)", 'row, with: {x: "{{ item }}"}',
           "row, map(json.loads, open(sys.argv[2]))", setup="import json"),
    Mapped("1b", "1 % failing once", "range(params.count)",
           'sometimes, with: {x: "{{ item }}", attempt: "{{ attempt }}"}, retry: {attempts: 2}',
           "again, range(count)"),
    Mapped("1b", "sleeping 0", "range(params.count)", 'rest, with: {x: 0}', "lambda _: rest(0), range(count)",
           goal=1.05),
    Mapped("1b", "sleeping 1 ms", "range(params.count)", 'rest, with: {x: 0.001}',
           "lambda _: rest(0.001), range(count)", items=10_000, goal=1.05),
    Mapped("1b", "mixed: 0, and 1 % 20 ms", "range(params.count)",
           'rest, with: {x: "{{ 0.02 if item % 100 == 0 else 0 }}"}',
           "lambda x: rest(0.02 if x % 100 == 0 else 0), range(count)", items=20_000, goal=1.05),
]  # fmt: skip


def maps(folder: Path, runs: int) -> Rows:
    """Rows 1 and 1b: whole maps, less start-up."""
    for number, mapped in enumerate(MAPS):
        name, script = f"map{number}.yml", f"pool{number}.py"
        (folder / name).write_text(
            "params: {count: 1, file: none}\npool: {max_workers: 8}\n"
            f'tasks: {{a: {{map: {{over: "{{{{ {mapped.over} }}}}"}}, call: lib.py:{mapped.call}}}}}\n'
        )
        (folder / script).write_text(POOL.format(setup=mapped.setup, call=mapped.pool))
        file = {"lines": "lines", "jsonl": "rows"}.get(mapped.over.partition("(")[0], "none")
        sides = {}
        for count in (mapped.items, 1):
            sides[f"ours {count}"] = Side(
                [*runner, "run", "-q", name, "-p", f"count={count}", "-p", f"file={file}.{count}"]
            )
            sides[f"pool {count}"] = Side([sys.executable, script, str(count), f"{file}.{count}"])
            (folder / f"lines.{count}").write_text("".join(f"line number {n}\n" for n in range(count)))
            rows = (json.dumps({"id": n, "name": f"row {n}"}) for n in range(count))
            (folder / f"rows.{count}").write_text("\n".join(rows))
        found = turns(sides, folder, runs)
        ours, theirs = (f"{who} {mapped.items}" for who in ("ours", "pool"))
        yield Row(
            mapped.number,
            f"map of {mapped.items:,}: {mapped.what}, less start-up, against ThreadPoolExecutor(8).map",
            f"{_seconds(found, ours)}, of one {_seconds(found, 'ours 1')}",
            f"{_seconds(found, theirs)}, of one {_seconds(found, 'pool 1')}",
            ratio(found.seconds(ours, "ours 1"), found.seconds(theirs, "pool 1")),
            mapped.goal,
        )


def memory(folder: Path, runs: int) -> Rows:
    """Row 2: the peak memory of a million items."""
    many, few = 1_000_000, 10_000
    (folder / "many.yml").write_text(
        "params: {count: 1}\npool: {max_workers: 8}\n"
        'tasks: {a: {map: {over: "{{ range(params.count) }}"}, call: lib.py:same, with: {x: "{{ item }}"}}}\n'
    )
    (folder / "many.py").write_text(POOL.format(setup="", call="same, range(count)"))

    def ours(count: int) -> float:
        return timed(Side([*runner, "run", "-q", "many.yml", "-p", f"count={count}"]), folder).mebibytes

    pool = timed(Side([sys.executable, "many.py", str(many)]), folder).mebibytes
    peaks = {count: ours(count) for count in (few, many)}
    what = "peak memory of a map of 1,000,000"
    shown = f"{peaks[many]:.1f} MiB"
    yield Row("2", f"{what}, against executor.map", shown, f"{pool:.1f} MiB", peaks[many] / pool, 0.06)
    yield Row("2", f"{what}, against ours of 10,000", shown, f"{peaks[few]:.1f} MiB",
              peaks[many] / peaks[few], 1.2)  # fmt: skip


# Commands -----------------------------------------------------------------------------------------


def commands(folder: Path, runs: int) -> Rows:
    """Row 3: a thousand commands, eight at a time, against those who run commands."""
    for name, command in (("true", "true"), ("echo", "sh -c 'echo hi'")):
        sides = {f"ours {count}": _ours(folder, name, command, count) for count in (1000, 1)}
        for peer, (program, make, _) in PEERS.items():
            path = found(program)
            if path is None:
                print(f"missing: {program}", file=sys.stderr)
                continue
            sides |= {f"{peer} {count}": make(folder, path, name, command, count) for count in (1000, 1)}
        used = turns(sides, folder, runs)
        for peer, (_, _, goal) in PEERS.items():
            if f"{peer} 1000" in sides:
                yield Row(
                    "3",
                    f"1,000 commands `{command}`, 8 at a time, less start-up, against {peer}",
                    f"{_seconds(used, 'ours 1000')}, of one {_seconds(used, 'ours 1')}",
                    f"{_seconds(used, f'{peer} 1000')}, of one {_seconds(used, f'{peer} 1')}",
                    ratio(used.seconds("ours 1000", "ours 1"), used.seconds(f"{peer} 1000", f"{peer} 1")),
                    goal,
                )


def _ours(folder: Path, name: str, command: str, count: int) -> Side:
    file = f"{name}{count}.yml"
    argv = json.dumps(["true"] if name == "true" else ["sh", "-c", "echo hi"])
    (folder / file).write_text(
        "pool: {max_workers: 8}\n"
        f'tasks: {{a: {{map: {{over: "{{{{ range({count}) }}}}"}}, run: {argv}}}}}\n'
    )
    return Side([*runner, "run", "-q", file])


def _ninja(folder: Path, path: str, name: str, command: str, count: int) -> Side:
    file = f"{name}{count}.ninja"
    targets = "".join(f"build t{n}: c\n" for n in range(count))
    (folder / file).write_text(f"rule c\n  command = {command}\n{targets}")
    return Side([path, "-f", file, "-j8"], before=[".ninja_log", ".ninja_deps"])


def _make(folder: Path, path: str, name: str, command: str, count: int) -> Side:
    file = f"{name}{count}.mk"
    names = " ".join(f"t{n}" for n in range(count))
    (folder / file).write_text(f"all: {names}\n.PHONY: all {names}\n{names}:\n\t@{command}\n")
    return Side([path, "-s", "-Otarget", "-f", file, "-j8"])


def _parallel(folder: Path, path: str, name: str, command: str, count: int) -> Side:
    (folder / f"{name}{count}.txt").write_text(f"{command}\n" * count)
    return Side(["sh", "-c", f"{path} --will-cite -j8 < {name}{count}.txt"])


def _task(folder: Path, path: str, name: str, command: str, count: int) -> Side:
    place = f"{name}{count}.task.yml"
    tasks = "".join(f"  t{n}: {{silent: true, cmds: [{json.dumps(command)}]}}\n" for n in range(count))
    deps = json.dumps([f"t{n}" for n in range(count)])
    (folder / place).write_text(f'version: "3"\noutput: group\ntasks:\n  all: {{deps: {deps}}}\n{tasks}')
    return Side([path, "-t", place, "-C", "8", "all"])


def _doit(folder: Path, path: str, name: str, command: str, count: int) -> Side:
    (folder / f"{name}{count}_dodo.py").write_text(
        "def task_c():\n"
        f"    for n in range({count}):\n        yield {{'name': str(n), 'actions': [{command!r}]}}\n"
    )
    return Side([path, "-f", f"{name}{count}_dodo.py", "-n8", "-P", "thread"], before=[".doit.db"])


PEERS: dict[str, tuple[str, Callable[[Path, str, str, str, int], Side], float]] = {
    "ninja -j8": ("ninja", _ninja, 1.3),
    "make -j8": ("make", _make, 1.3),
    "GNU parallel": ("parallel", _parallel, 0.2),
    "go-task": ("task", _task, 0.5),
    "doit": ("doit", _doit, 0.5),
}


# The way in ---------------------------------------------------------------------------------------


def start(folder: Path, runs: int) -> Rows:
    """Rows 4 and 5: the smallest run, and what is asked most."""
    (folder / "hello.yml").write_text("tasks: {hello: {run: echo hello}}\n")
    (folder / "Taskfile.yml").write_text('version: "3"\ntasks: {hello: {cmds: [echo hello]}}\n')
    sides = {
        "hello": Side([*runner, "run", "-q", "hello.yml"]),
        "version": Side([*runner, "--version"]),
        "help": Side([*runner, "--help"]),
        "pass": Side([sys.executable, "-c", "pass"]),
    }
    if path := found("task"):
        sides["task"] = Side([path, "hello"])
    else:
        print("missing: task", file=sys.stderr)
    used = turns(sides, folder, max(runs, 11))
    for number, name, other, goal in (
        ("4", "hello", "task", 1.0),
        ("4", "hello", "pass", 8.0),
        ("5", "version", "pass", 3.0),
        ("5", "help", "pass", 8.0),
    ):
        if other in sides:
            yield Row(number, f"{name}, against {'go-task' if other == 'task' else 'python -c pass'}",
                      _seconds(used, name), _seconds(used, other),
                      ratio(used.seconds(name), used.seconds(other)), goal)  # fmt: skip


SLEEPERS = """
import time
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as pool:
    for future in [pool.submit(time.sleep, 1), pool.submit(time.sleep, 1)]:
        future.result()
"""


def sleeps(folder: Path, runs: int) -> Rows:
    """Row 6: two sleeps side by side."""
    (folder / "sleeps.yml").write_text("tasks: {a: {run: [sleep, '1']}, b: {run: [sleep, '1']}}\n")
    used = turns(
        {
            "ours": Side([*runner, "run", "-q", "sleeps.yml"]),
            "pool": Side([sys.executable, "-c", SLEEPERS]),
        },
        folder,
        runs,
    )
    ours, theirs = ([seconds - 1 for seconds in used.seconds(name)] for name in ("ours", "pool"))
    yield Row("6", "two one-second sleeps, less 1 s, against ThreadPoolExecutor", _seconds(used, "ours"),
              _seconds(used, "pool"), ratio(ours, theirs), 2.0)  # fmt: skip


# Downloads ----------------------------------------------------------------------------------------

DOWNLOADING = """
import sys
from concurrent.futures import ThreadPoolExecutor
from runner.actions import download
with ThreadPoolExecutor(32) as pool:
    list(pool.map(lambda url: download(url, "plain/"), open(sys.argv[1]).read().split()))
"""


@contextmanager
def _slow_server() -> Iterator[str]:
    command = [sys.executable, str(root / "tests" / "benchmarks" / "slow_server.py"), "20000", "50"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def downloads(folder: Path, runs: int) -> Rows:
    """Row 7: downloads from a server that takes its time, less start-up."""
    flow = str(root / "workflows" / "download_images.yml")
    run = [*runner, "run", "-q", flow, "-j", "32", "--report", "json=report.json", "-p"]
    plain = [sys.executable, "-c", DOWNLOADING]
    (folder / "none.txt").write_text("")
    with _slow_server() as url:
        (folder / "urls.txt").write_text("".join(f"{url}/{number}.png\n" for number in range(200)))
        used = turns(
            {
                "ours": Side([*run, "urls=urls.txt"], ("downloads",)),
                "ours at rest": Side([*run, "urls=none.txt"]),
                "pool": Side([*plain, "urls.txt"], ("plain",)),
                "pool at rest": Side([*plain, "none.txt"]),
            },
            folder,
            runs,
        )
    for name, goal in (("ours", 1.2), ("pool", math.inf)):
        net = used.seconds(name, f"{name} at rest")
        yield Row("7", f"200 downloads of 20 KB at 50 ms by 32, less start-up, against 350 ms: {name}",
                  f"{_seconds(used, name)} less {_seconds(used, f'{name} at rest')}", "0.350 s",
                  statistics.median(net) / 0.35, goal)  # fmt: skip


# Graphs -------------------------------------------------------------------------------------------

COORDINATED = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from lib import same

needs = json.load(open(sys.argv[1]))
waiting = {name: len(others) for name, others in needs.items()}
followers = {name: [] for name in needs}
for name, others in needs.items():
    for other in others:
        followers[other].append(name)
done = SimpleQueue()

def act(name):
    same(name)
    done.put(name)

with ThreadPoolExecutor(8) as pool:
    for name, count in waiting.items():
        if not count:
            pool.submit(act, name)
    for _ in needs:
        for name in followers[done.get()]:
            waiting[name] -= 1
            if not waiting[name]:
                pool.submit(act, name)
"""
DASKED = """
import json, sys
from dask.threaded import get
from lib import same

needs = json.load(open(sys.argv[1]))
get({name: (lambda *args: same(name), *others) for name, others in needs.items()}, list(needs), num_workers=8)
"""
DOITED = """
import json
from lib import same

def task_all():
    for name, others in json.load(open({file!r})).items():
        needed = [f"all:{{other}}" for other in others]
        yield {{"name": name, "actions": [(same, [name])], "task_dep": needed}}
"""


def graphs(folder: Path, runs: int) -> Rows:
    """Row 8: a chain and a tree of no-op callables, an edge, less start-up."""
    chain = {f"t{n}": [f"t{n - 1}"] if n else [] for n in range(1000)}
    tree = {f"t{n}": [f"t{(n - 1) // 2}"] if n else [] for n in range(1023)}
    (folder / "coordinated.py").write_text(COORDINATED)
    (folder / "dasked.py").write_text(DASKED)
    for what, needs in (("chain of 1,000", chain), ("binary tree of 1,023", tree)):
        sides = {}
        for size, graph in (("all", needs), ("one", {"t0": []})):
            name = f"{what.split()[0]}-{size}"
            (folder / f"{name}.json").write_text(json.dumps(graph))
            (folder / f"{name}.yml").write_text(
                "pool: {max_workers: 8}\ntasks:\n"
                + "".join(
                    f"  {task}: {{call: lib.py:same, with: {{x: 1}}, needs: {json.dumps(others)}}}\n"
                    for task, others in graph.items()
                )
            )
            (folder / f"{name}-dodo.py").write_text(DOITED.format(file=f"{name}.json"))
            sides[f"ours {size}"] = Side([*runner, "run", "-q", f"{name}.yml"])
            sides[f"pool {size}"] = Side([sys.executable, "coordinated.py", f"{name}.json"])
            if path := found("doit"):
                python = str(Path(path).with_name("python"))
                sides[f"doit {size}"] = Side([path, "-f", f"{name}-dodo.py"], before=[".doit.db"])
                sides[f"dask {size}"] = Side([python, "dasked.py", f"{name}.json"])
        used = turns(sides, folder, runs)
        for peer, goal in (("pool", 2.0), ("dask", 1.0), ("doit", 1.0)):
            if f"{peer} all" in sides:
                yield Row("8", f"{what}, less start-up, against {peer}",
                          f"{_seconds(used, 'ours all')}, of one {_seconds(used, 'ours one')}",
                          f"{_seconds(used, f'{peer} all')}, of one {_seconds(used, f'{peer} one')}",
                          ratio(used.seconds("ours all", "ours one"),
                                used.seconds(f"{peer} all", f"{peer} one")), goal)  # fmt: skip


# Large files, long reports ------------------------------------------------------------------------


def validation(folder: Path, runs: int) -> Rows:
    """Row 9: a file of 10,000 tasks, and how the cost of a task grows."""
    for count in (100, 1000, 10_000, 100_000):
        text = "".join(
            f"  task_{n}:\n    description: number {n} of many\n"
            + (f"    needs: [task_{n - 1}]\n" if n else "")
            + f"    env: {{NUMBER: '{n}'}}\n    run: echo {{{{ params.word }}}} $NUMBER\n"
            for n in range(count)
        )
        (folder / f"large{count}.yml").write_text(f"params: {{word: x}}\ntasks:\n{text}")
    tasks = "".join(
        f"  task_{n}:\n    desc: number {n} of many\n"
        + (f"    deps: [task_{n - 1}]\n" if n else "")
        + f"    env: {{NUMBER: '{n}'}}\n    cmds: ['echo {{{{.word}}}} $NUMBER']\n"
        for n in range(10_000)
    )
    (folder / "large.task.yml").write_text(f'version: "3"\nvars: {{word: x}}\ntasks:\n{tasks}')
    sides = {
        f"ours {count}": Side([*runner, "validate", f"large{count}.yml"]) for count in (100, 1000, 10_000)
    }
    if path := found("task"):
        sides["task"] = Side([path, "-t", "large.task.yml", "--list-all"])
    used = turns(sides, folder, runs)
    if path:
        times = ratio(used.seconds("ours 10000"), used.seconds("task"))
        yield Row("9", "validate of 10,000 tasks, against go-task --list-all", _seconds(used, "ours 10000"),
                  _seconds(used, "task"), times, 0.5)  # fmt: skip
    largest = timed(Side([*runner, "validate", "large100000.yml"]), folder).seconds
    base = statistics.median(used.seconds("ours 100"))
    middle = statistics.median(used.seconds("ours 1000")) - base
    yield Row("9", "cost of a task in 100,000, against in 1,000", f"{largest:.2f} s", f"{middle:.3f} s",
              (largest - base) / 99_900 / (middle / 900), 1.2)  # fmt: skip


def reports(folder: Path, runs: int) -> Rows:
    """Row 10: reports of a run of a million items."""
    (folder / "million.yml").write_text(
        'tasks: {a: {map: {over: "{{ range(1000000) }}"}, call: lib.py:same, with: {x: "{{ item }}"}}}\n'
    )
    timed(Side([*runner, "run", "-q", "million.yml", "--state-dir", ".million"]), folder)
    for form in ("text", "json", "markdown"):
        used = timed(Side([*runner, "report", "--format", form, "--state-dir", ".million"]), folder)
        yield Row("10", f"{form} report of 1,000,000 items, in 10 s", f"{used.seconds:.2f} s", "10 s",
                  used.seconds / 10, 1.0)  # fmt: skip
        yield Row("10", f"{form} report of 1,000,000 items, in 100 MB", f"{used.mebibytes:.1f} MiB",
                  "95.4 MiB", used.mebibytes * 1.048576 / 100, 1.0)  # fmt: skip


SECTIONS: dict[str, Callable[[Path, int], Rows]] = {
    "maps": maps,
    "memory": memory,
    "commands": commands,
    "start": start,
    "sleeps": sleeps,
    "downloads": downloads,
    "graphs": graphs,
    "validation": validation,
    "reports": reports,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="*", choices=[*SECTIONS, []], metavar="ROW", help=", ".join(SECTIONS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = []
    for name in asked.rows or SECTIONS:
        with TemporaryDirectory() as folder:
            Path(folder, "lib.py").write_text(LIBRARY)
            for row in SECTIONS[name](Path(folder), asked.runs):
                rows.append(row)
                verdict = "good" if row.ratio <= row.goal else "MISSED"
                print(f"{row.number:>3}  {row.ratio:7.3f} (goal {row.goal:g}, {verdict})  {row.what}\n"
                      f"{'':>21}ours {row.ours}; theirs {row.theirs}", flush=True)  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
