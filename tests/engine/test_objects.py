"""What callables give that JSON does not hold: iterators, open files, objects whose methods raise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from program import Program

GIVING = """
import csv, itertools, sqlite3, sys, time
from pathlib import Path

def pages():
    for page in range(3):
        yield page

def doubled():
    return map(lambda number: number * 2, [1, 2])

def table():
    return csv.DictReader(["a,b", "1,2"])

def cursor():
    return sqlite3.connect(":memory:").execute("select 1, 'one'")

async def live():
    for page in "ab":
        yield page

async def soon():
    return live()

def exits():
    yield 1
    sys.exit("no token given")

def interrupted():
    yield 1
    raise KeyboardInterrupt

def breaks():
    yield 1
    raise ConnectionError("gone")

def at_last():
    yield "begun"
    first = Path("first")
    if not first.exists():
        first.touch()
        raise ConnectionError("gone")

def endless():
    while True:
        time.sleep(0.01)
        yield 1

def lines():
    return open("giving.py")

def within():
    return {"pages": pages(), "number": 3}

def opened():
    return {"pages": open("giving.py"), "number": 3}

def deep():
    groups = itertools.groupby(["ab", "ac", "b"], lambda word: word[0])
    itself = [zip("a", "b")]
    itself.append(itself[0])
    rows = [(reversed(row), [map(str, row)]) for row in ([1, 2], [3])]
    return {"groups": groups, "rows": rows, "twice": itself}

def breaks_within():
    return {"rows": [breaks()]}

def endless_within():
    return {"rows": [endless()]}

def sized(file):
    return len(list(file))
"""

EXECUTORS = ["thread", "process", "inline"]


@pytest.fixture
def giving(runner: Program) -> Program:
    runner.write(GIVING, "giving.py")
    return runner


def tasks_of(runner: Program, *options: str) -> Any:
    return runner.report(*options)["tasks"]


def errors(tasks: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"{task['error']['kind']}: {task['error']['message']}"
        for name, task in tasks.items()
        if task["error"]
    }


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_iterator_that_a_callable_gives_is_a_list_for_everybody(giving: Program, executor: str) -> None:
    giving.write(
        """
        tasks:
          pages: {call: giving.py:pages}
          doubled: {call: giving.py:doubled}
          table: {call: giving.py:table}
          cursor: {call: giving.py:cursor}
          live: {call: giving.py:live}
          soon: {call: giving.py:soon}
          one: {map: {over: "{{ tasks.pages.result }}"}, result: "{{ item }}"}
          two: {map: {over: "{{ tasks.pages.result | batch(2) }}"}, result: "{{ item }}"}
        outputs:
          all: "{{ [tasks.pages.result, tasks.doubled.result, tasks.table.result, tasks.cursor.result] }}"
          awaited: "{{ tasks.live.result + tasks.soon.result }}"
          one: "{{ tasks.one.results }}"
          two: "{{ tasks.two.results }}"
        """
    )
    assert giving.report("--executor", executor)["outputs"] == {
        "all": [[0, 1, 2], [2, 4], [{"a": "1", "b": "2"}], [[1, "one"]]],
        "awaited": ["a", "b", "a", "b"],
        "one": [0, 1, 2],
        "two": [[0, 1], [2]],
    }


@pytest.mark.parametrize("executor", EXECUTORS)
def test_what_an_iterator_raises_is_the_failure_of_its_call(giving: Program, executor: str) -> None:
    giving.write(
        """
        tasks:
          exits: {call: giving.py:exits}
          interrupted: {call: giving.py:interrupted}
          breaks: {call: giving.py:breaks}
          each: {map: {over: "{{ tasks.breaks.result }}"}, run: "echo {{ item }}"}
          at_last: {call: giving.py:at_last, retry: {attempts: 2, on: {exceptions: [ConnectionError]}}}
          clean: {when: always(), run: echo clean}
        """
    )
    ended = giving("run", "--executor", executor, "--format", "json")
    assert ended.code == 1
    tasks = json.loads(ended.out)["tasks"]
    assert errors(tasks) == {
        "exits": "exception: SystemExit: no token given",
        "interrupted": "exception: KeyboardInterrupt",
        "breaks": "exception: ConnectionError: gone",
    }
    assert 'in breaks\n    raise ConnectionError("gone")' in tasks["breaks"]["error"]["traceback"]
    assert tasks["each"]["status"] == "skipped"
    assert (tasks["at_last"]["result"], tasks["at_last"]["marks"]) == (["begun"], ["flaky"])
    assert tasks["clean"]["result"] == "clean"


LATE = """
import csv, sqlite3

def rows():
    with open("late.py") as file:
        return csv.DictReader(file)

def numbers():
    return map(int, ["one"])

def lines():
    with open("late.py") as file:
        return (line for line in file)

def cursor():
    with sqlite3.connect(":memory:") as connection:
        found = connection.execute("SELECT 1 UNION SELECT 2")
    connection.close()
    return found

async def soon():
    return map(int, ["one"])

async def pages():
    raise ValueError("of its own")
    yield

def handed_on():
    return pages()
"""


@pytest.mark.parametrize("executor", EXECUTORS)
def test_what_was_raised_after_a_callable_had_returned_is_told_so(runner: Program, executor: str) -> None:
    runner.write(LATE, "late.py")
    names = ["rows", "numbers", "lines", "cursor", "soon", "pages", "handed_on"]
    runner.write("tasks:\n" + "".join(f"  {name}: {{call: late.py:{name}}}\n" for name in names))
    told = errors(json.loads(runner("run", "--executor", executor, "--format", "json").out)["tasks"])

    def gone_through(kind: str, name: str) -> str:
        return f"\n(raised when the {kind} that late.py:{name} had returned was gone through)"

    no_number = "exception: ValueError: invalid literal for int() with base 10: 'one'"
    closed = "exception: ValueError: I/O operation on closed file."
    assert told == {
        "rows": closed + gone_through("csv.DictReader", "rows"),
        "numbers": no_number + gone_through("map", "numbers"),
        "lines": closed + gone_through("generator", "lines"),
        "cursor": "exception: ProgrammingError: Cannot operate on a closed database."
        + gone_through("sqlite3.Cursor", "cursor"),
        "soon": no_number + gone_through("map", "soon"),
        "pages": "exception: ValueError: of its own",
        "handed_on": "exception: ValueError: of its own" + gone_through("async_generator", "handed_on"),
    }


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_a_timeout_counts_for_an_iterator_too(giving: Program, executor: str) -> None:
    giving.write("tasks: {endless: {call: giving.py:endless, timeout: 100ms}}")
    assert errors(tasks_of(giving, "--executor", executor)) == {
        "endless": "timeout: took longer than its timeout of 100ms"
    }


def test_a_mapping_that_an_iterator_within_it_changes_is_what_it_was(giving: Program) -> None:
    giving.write(
        """
        def changes():
            found = {}

            def rows():
                found["late"] = 1
                yield 1

            found["rows"] = rows()
            return found
        """,
        "changing.py",
    )
    giving.write("tasks: {one: {call: 'changing.py:changes'}}")
    assert giving.report()["tasks"]["one"]["result"] == {"rows": [1]}


@pytest.mark.parametrize("executor", EXECUTORS)
def test_iterators_within_what_a_call_gives_are_lists_too(giving: Program, executor: str) -> None:
    giving.write(
        """
        tasks:
          within: {call: giving.py:within}
          deep: {call: giving.py:deep}
          each: {map: {over: "{{ tasks.within.result.pages }}"}, result: "{{ item }}"}
          breaks: {call: giving.py:breaks_within}
          endless: {call: giving.py:endless_within, timeout: 100ms}
        outputs: {within: "{{ tasks.within.result }}", deep: "{{ tasks.deep.result }}"}
        """
    )
    report = giving.report("--executor", executor)
    assert report["tasks"]["each"]["results"] == [0, 1, 2]
    assert report["outputs"] == {
        "within": {"pages": [0, 1, 2], "number": 3},
        "deep": {
            "groups": [["a", ["ab", "ac"]], ["b", ["b"]]],
            "rows": [[[2, 1], [["1", "2"]]], [[3], [["3"]]]],
            "twice": [[["a", "b"]], [["a", "b"]]],
        },
    }
    assert errors(report["tasks"]) == {
        "breaks": "exception: ConnectionError: gone\n"
        "(raised when the generator that giving.py:breaks_within had returned was gone through)",
        "endless": "timeout: took longer than its timeout of 100ms",
    }


def test_what_can_be_gone_through_only_once_and_is_not_what_a_call_gives_is_no_items(
    giving: Program,
) -> None:
    giving.write(
        """
        tasks:
          lines: {call: giving.py:lines}
          within: {call: giving.py:opened}
          over: {map: {over: "{{ tasks.lines.result }}"}, result: 1}
          inside: {map: {over: "{{ tasks.within.result.pages }}"}, result: 1}
          zip: {map: {zip: {a: "{{ tasks.lines.result }}"}}, result: 1}
          matrix: {map: {matrix: {a: "{{ tasks.lines.result }}"}}, result: 1}
          sized: {call: giving.py:sized, with: {file: "{{ tasks.lines.result }}"}}
        outputs: {number: "{{ tasks.within.result.number }}", sized: "{{ tasks.sized.result > 9 }}"}
        """
    )
    report = giving.report()
    file = "an object of type _io.TextIOWrapper"
    once = "which can be gone through only once (have the callable return a list)"
    assert errors(report["tasks"]) == {
        "over": f"items: `over` takes a list or a mapping, and this is {file}, {once}",
        "inside": f"items: `over` takes a list or a mapping, and this is {file}, {once}",
        "zip": f"items: `zip` takes a list for 'a', and this is {file}, {once}",
        "matrix": f"items: the matrix takes a list for 'a', and this is {file}, {once}",
    }
    assert report["outputs"] == {"number": 3, "sized": True}


ODD = """
class Rows:
    def __init__(self, *rows): self.rows = rows
    def __iter__(self): return iter(self.rows)

class Hundred(Rows):
    def __len__(self): return 100

class NegativeLength(Rows):
    def __len__(self): return -1

class LengthExits(Rows):
    def __len__(self): raise SystemExit(5)

class IterExits:
    def __iter__(self):
        yield 1
        raise SystemExit("no token given")

class IterInterrupts:
    def __iter__(self): raise KeyboardInterrupt

class ClassRaises:
    @property
    def __class__(self): raise RuntimeError("outside of context")

class Holder:
    def __iter__(self): return iter([ClassRaises()])

class Frame(Rows):
    columns = ["a", "b"]
    def __len__(self): return 2
    def to_dict(self, orient): return []

class Speechless(BaseException):
    def __str__(self): raise SystemExit(0)

class IterSpeechless:
    def __iter__(self): raise Speechless

def make(name): return globals()[name](3, 1) if issubclass(globals()[name], Rows) else globals()[name]()
"""


def test_objects_of_ones_own_are_gone_through_and_what_they_raise_ends_nothing_else(
    runner: Program,
) -> None:
    runner.write(ODD, "odd.py")
    names = [
        "Rows",
        "Hundred",
        "NegativeLength",
        "LengthExits",
        "IterExits",
        "IterInterrupts",
        "ClassRaises",
        "Holder",
        "Frame",
        "IterSpeechless",
    ]
    lines = ["secrets: [TOKEN]", "tasks:", "  clean: {when: always(), run: echo clean}"]
    for name in names:
        lines += [
            f"  make_{name}: {{call: odd.py:make, with: {{name: {name}}}}}",
            f"  {name}: {{map: {{over: '{{{{ tasks.make_{name}.result }}}}'}}, result: '{{{{ item }}}}'}}",
        ]
    runner.write("\n".join(lines))
    ended = runner("run", "--format", "json", environment={"TOKEN": "s3cr3t-t0ken"})
    assert ended.code == 1
    tasks = json.loads(ended.out)["tasks"]
    this = "items: `over` takes a list or a mapping, and this is an object of type odd"
    through = "items: the items cannot be gone through"
    assert errors(tasks) == {
        "Hundred": f"{this}.Hundred, which has 100 elements and gives 2 (have the callable return a list)",
        "NegativeLength": f"{through}: ValueError: __len__() should return >= 0",
        "LengthExits": f"{through}: SystemExit: 5",
        "IterExits": f"{through}: SystemExit: no token given",
        "IterInterrupts": f"{through}: KeyboardInterrupt",
        "ClassRaises": f"{this}.ClassRaises",
        "Frame": f"{this}.Frame, which gives its columns"
        " (have the callable return its rows: `.to_dict('records')`)",
        "IterSpeechless": f"{through}: odd.Speechless",
    }
    assert tasks["Rows"]["results"] == [3, 1]
    assert tasks["Holder"]["status"] == "succeeded"
    assert tasks["clean"]["result"] == "clean"


LIKE_MAPPINGS = """
from collections.abc import Mapping

class Settings(Mapping):
    def __getitem__(self, name): raise SystemExit(0)
    def __iter__(self): raise SystemExit(0)
    def __len__(self): raise SystemExit(0)

class Name(str):
    def __str__(self): raise SystemExit(0)
    def strip(self): raise SystemExit(0)

class Number(int):
    def __add__(self, other): raise SystemExit(0)

def settings(): return Settings()
def names(): return [Name("Ada"), {1, 2}]
def numbers(): return [Number(1), {1, 2}]
"""


def test_what_objects_raise_while_an_expression_is_worked_out_is_the_failure_of_its_task(
    runner: Program,
) -> None:
    runner.write(LIKE_MAPPINGS, "like.py")
    runner.write(
        """
        secrets: [TOKEN]
        tasks:
          settings: {call: like.py:settings}
          names: {call: like.py:names}
          numbers: {call: like.py:numbers}
          text: {map: {over: "{{ tasks.names.result }}"}, when: "item != 1", run: 'echo "{{ item }}"'}
          method: {result: "{{ tasks.names.result[0].strip() }}"}
          inside: {result: "{{ tasks.settings.result.a }}"}
          sum: {when: "tasks.numbers.result[0] + 1 == 2", run: echo sum}
          json: {run: "cat", stdin: "{{ tasks.settings.result }}"}
          over: {map: {over: "{{ tasks.settings.result }}"}, result: 1}
          clean: {when: always(), run: echo clean}
        outputs: {length: "{{ tasks.settings.result | length }}"}
        """
    )
    ended = runner("run", "--format", "json", environment={"TOKEN": "s3cr3t-t0ken"})
    assert ended.code == 1
    report = json.loads(ended.out)
    assert errors(report["tasks"]) == {
        "text": "budget: 1 of 2 items failed",
        "method": "expression: SystemExit: 0, in `tasks.names.result[0].strip()`",
        "inside": "expression: SystemExit: 0, in `tasks.settings.result.a`",
        "sum": "expression: SystemExit: 0, in `tasks.numbers.result[0] + 1 == 2`",
        "json": "expression: stdin: JSON has no text for a mapping",
        "over": "items: the items cannot be gone through: SystemExit: 0",
    }
    assert "outputs.length: SystemExit: 0, in `tasks.settings.result | length` [expression]" in ended.err
    assert report["tasks"]["clean"]["result"] == "clean"


NUMBERS = """
class int64:
    def __init__(self, number): self.number = number
    def __index__(self): return self.number

class bool_:
    def __bool__(self): return True

def total(): return {"total": int64(3)}
def found(): return bool_()
def names(): return {"a", "b"}
def circle():
    rows = []
    rows.append(rows)
    return rows
"""


def test_numbers_of_other_libraries_are_told_by_their_type_and_what_to_return_instead(
    runner: Program,
) -> None:
    runner.write(NUMBERS, "library.py")
    runner.write(
        """
        tasks:
          total: {call: library.py:total}
          found: {call: library.py:found}
          text: {run: "echo {{ tasks.total.result.total }}"}
          when: {when: tasks.found.result, run: echo found}
          compared: {result: "{{ tasks.total.result.total > 1 }}"}
          sum: {result: "{{ tasks.total.result.total + 1 }}"}
          truth: {result: "{{ 1 if tasks.found.result else 2 }}"}
        """
    )
    of_int, as_int = "an object of type library.int64", "(have the callable return `int(…)`)"
    of_bool, as_bool = "an object of type library.bool_", "(have the callable return `bool(…)`)"
    total, found = "`tasks.total.result.total", "`tasks.found.result"
    assert errors(tasks_of(runner)) == {
        "text": f"expression: run: JSON has no text for {of_int}, in {total}` {as_int}",
        "when": f"expression: a condition gives true or false, and this is {of_bool}, in {found}` {as_bool}",
        "compared": f"expression: {of_int} cannot be compared, in {total} > 1` {as_int}",
        "sum": f"expression: `+` cannot take {of_int} and the number 1, in {total} + 1` {as_int}",
        "truth": f"expression: {of_bool} is neither true nor false,"
        f" in `1 if tasks.found.result else 2` {as_bool}",
    }


def test_an_output_that_reports_cannot_show_is_told(runner: Program) -> None:
    runner.write(NUMBERS, "library.py")
    runner.write(
        """
        tasks:
          total: {call: library.py:total}
          names: {call: library.py:names}
          circle: {call: library.py:circle}
        outputs:
          total: "{{ tasks.total.result }}"
          names: "{{ tasks.names.result }}"
          circle: "{{ tasks.circle.result }}"
          fine: 1
        """
    )
    ended = runner("run", "--format", "json")
    assert ended.code == 0
    report = json.loads(ended.out)
    assert report["outputs"] == {"total": None, "names": None, "circle": None, "fine": 1}
    assert report["notices"] == [
        "outputs.total is null in reports: JSON has no text for an object of type library.int64"
        " (have the callable return `int(…)`)",
        "outputs.names is null in reports: JSON has no text for an object of type set"
        " (have the callable return `sorted(…)`)",
        "outputs.circle is null in reports: JSON has no text for a list of 1 element that holds itself",
    ]
    assert report["notices"][0] in ended.err


def test_a_mapping_whose_keys_are_no_text_is_passed_on_whole_and_never_written_as_another(
    runner: Program,
) -> None:
    runner.write(
        """
        def by_year():
            return {2024: 1, "2024": 2}

        def many():
            return [by_year()] * 2_000

        def seen(table):
            return sorted(map(repr, table))
        """,
        "library.py",
    )
    runner.write(
        """
        tasks:
          table: {call: library.py:by_year}
          many: {call: library.py:many}
          whole: {call: library.py:seen, with: {table: "{{ tasks.table.result }}"}}
          text: {result: "it is {{ tasks.table.result }}", allow_failure: true}
          long: {run: cat, stdin: "{{ tasks.many.result }}", allow_failure: true}
          indented: {result: "{{ tasks.table.result | json(indent=2) }}", allow_failure: true}
        outputs:
          whole: "{{ tasks.whole.result }}"
          table: "{{ tasks.table.result }}"
          inside: {a: ["{{ tasks.table.result }}"]}
        """
    )
    ended = runner("run", "--format", "json")
    report = json.loads(ended.out)
    what = "JSON has no text for a mapping in which the number 2024 is a key"
    hint = " (have the callable return keys that are text)"
    why = what + hint
    assert report["outputs"] == {"whole": ["'2024'", "2024"], "table": None, "inside": None}
    assert report["notices"] == [
        f"outputs.table is null in reports: {why}",
        f"outputs.inside is null in reports: {why}",
    ]
    errors = {name: task["error"]["message"] for name, task in report["tasks"].items() if task["error"]}
    assert errors == {
        "text": f"{what}, in `tasks.table.result`{hint}",
        "long": f"stdin: {why}",
        "indented": f"`json`: {what}, in `tasks.table.result | json(indent=2)`{hint}",
    }
    assert ended.code == 0


LIBRARIES = """
    class Table:
        def to_pylist(self): return [1]

    class Int64Scalar:
        def as_py(self): return 1

    class Frame:  # as that of polars
        columns = ["a"]
        def to_dicts(self): return [{"a": 1}]

    class DataFrame:
        columns = ["a"]
        def to_dict(self, orient): return [{"a": float("nan")}]
        def to_json(self, orient, date_format): return '[{"a": null}]'
        def to_records(self): return self

    class GeoDataFrame(DataFrame): pass

    class Index:
        def tolist(self): return [1]

    class Series:  # as that of polars
        def to_list(self): return [1]

    class int64:
        def __int__(self): return 1
        def tolist(self): return 1

    class interval: pass

    class datetime64:
        def tolist(self): return self
        def __str__(self): return "2024"

    def make(name): return globals()[name]()

    def mend(name, how):
        import json
        return eval(how.replace("…", "it"), {"json": json}, {"it": make(name)})
"""

MENDED = {
    "Table": ("….to_pylist()", [1]),
    "Int64Scalar": ("….as_py()", 1),
    "Frame": ("….to_dicts()", [{"a": 1}]),
    "DataFrame": ("json.loads(….to_json(orient='records', date_format='iso'))", [{"a": None}]),
    "GeoDataFrame": ("json.loads(….to_json(orient='records', date_format='iso'))", [{"a": None}]),
    "Index": ("….tolist()", [1]),
    "Series": ("….to_list()", [1]),
    "int64": ("int(…)", 1),
    "datetime64": ("str(…)", "2024"),
}


def test_what_is_advised_for_objects_of_libraries_makes_of_them_what_json_has(runner: Program) -> None:
    runner.write(LIBRARIES, "libs.py")
    names = [*MENDED, "interval"]
    tasks = {name: {"call": "libs.py:make", "with": {"name": name}} for name in names}
    mends = {
        f"mend_{name}": {"call": "libs.py:mend", "with": {"name": name, "how": how}}
        for name, (how, _) in MENDED.items()
    }
    outputs = {name: f"{{{{ tasks.{name}.result }}}}" for name in names}
    runner.write(json.dumps({"tasks": tasks | mends, "outputs": outputs}))
    report = runner.report()
    hints = [*(f" (have the callable return `{how}`)" for how, _ in MENDED.values()), ""]
    assert report["notices"] == [
        f"outputs.{name} is null in reports: JSON has no text for an object of type libs.{name}{hint}"
        for name, hint in zip(names, hints, strict=True)
    ]
    assert {name: report["tasks"][f"mend_{name}"]["result"] for name in MENDED} == {
        name: value for name, (_, value) in MENDED.items()
    }
