"""`cache`: what is done once is not done again, in any run, until what it is made of changes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import Ended, Program, steady


class Kept:
    """A folder whose tasks write into a witness file what they do."""

    def __init__(self, runner: Program) -> None:
        self.runner = runner
        self.folder = runner.folder

    def acts(self, *arguments: str, code: int = 0) -> list[str]:
        """What a run does."""
        ended = self.runner("run", "-q", *arguments)
        assert ended.code == code, ended.out + ended.err
        return self.acted()

    def acted(self) -> list[str]:
        path = self.folder / "witness"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return sorted(lines)

    def explained(self, *arguments: str) -> list[str]:
        """What a run says of tasks that have a cache."""
        ended = self.runner("run", "--explain", "-j1", *arguments)
        lines = [" ".join(line.split()) for line in ended.err.splitlines()]
        return [line for line in lines if line.startswith(("reused ", "rerun "))]

    def write(self, text: str, name: str = "workflow.yml") -> None:
        self.runner.write(text, name)


@pytest.fixture
def kept(runner: Program) -> Kept:
    return Kept(runner)


OTHER_COMMAND = "its command or its environment changed"
NOTHING_CHANGED = "nothing that it is made of changed"
RENAMED = "its inputs changed: renamed.h is new, shared.h is gone, x.h is new and 1 more"

compile_each = """
    params: {flag: -O1}
    env: {LEVEL: low}
    tasks:
      compile:
        map: {over: [a, b]}
        run: |
          echo compile {{ item }} >> witness
          cat {{ item }}.c shared.h > {{ item }}.o
          echo {{ params.flag }} {{ item }}
        cache: {inputs: ["{{ item }}.c", "*.h"], outputs: ["{{ item }}.o"]}
      link: {run: "echo link >> witness; : {{ tasks.compile.results }}", cache: {inputs: ["*.o"]}}
    outputs: {objects: "{{ tasks.compile.results }}"}
"""


@pytest.fixture
def compiling(kept: Kept) -> Kept:
    for name in ("a.c", "b.c", "shared.h"):
        (kept.folder / name).write_text(name)
    kept.write(compile_each)
    assert kept.acts() == ["compile a", "compile b", "link"]
    return kept


def test_what_has_not_changed_is_not_done_again_and_gives_what_it_gave(compiling: Kept) -> None:
    report = compiling.runner.report()
    assert compiling.acted() == []
    assert report["outputs"] == {"objects": ["-O1 a", "-O1 b"]}
    items = report["tasks"]["compile"]["items"]
    assert [(item["status"], item["marks"], item["attempts"]) for item in items] == [
        ("succeeded", ["reused"], 1),
        ("succeeded", ["reused"], 1),
    ]
    assert report["tasks"]["link"]["marks"] == ["reused"]


def test_the_text_report_says_how_much_was_reused(compiling: Kept) -> None:
    assert steady(compiling.runner("run", "-q").out) == (
        "workflow succeeded (run ID)\n"
        "\n"
        "succeeded  compile  TIME  2 items, 2 reused\n"
        "succeeded  link  TIME  reused\n"
        "\n"
        "outputs:\n"
        '  objects: ["-O1 a", "-O1 b"]\n'
        "\n"
        "2 succeeded in TIME\n"
    )


def test_of_tasks_inside_a_mapped_group_reports_say_how_many_were_reused(runner: Program) -> None:
    runner.write(
        """
        tasks:
          site:
            map: {over: [a, b], as: name}
            tasks:
              shrink:
                map: {over: [1, 2]}
                run: echo > {{ name }}-{{ item }}
                cache: {outputs: ["{{ name }}-{{ item }}"]}
              one: {run: "echo > {{ name }}", cache: {outputs: ["{{ name }}"]}}
              flaky: {run: "test $RUNNER_ATTEMPT = 2", retry: {attempts: 2}}
              other: {run: echo}
        """
    )
    flaky = "succeeded  flaky  2 succeeded, 2 flaky\n"
    assert f"2 items\n{flaky}\n" in steady(runner("run", "-q").out)
    (runner.folder / "a-1").unlink()
    assert (
        "2 items\n"
        "succeeded  shrink  2 succeeded; 4 of 4 items succeeded, 3 reused\n"
        f"succeeded  one  2 succeeded, 2 reused\n{flaky}\n"
    ) in steady(runner("run", "-q").out)
    markdown = runner("report", "--format", "markdown").out
    assert "| succeeded | · `shrink` |  | 2 succeeded; 4 of 4 items succeeded, 3 reused |" in markdown
    assert "4 of 4 items succeeded, 3 reused" in runner("report", "--format", "html").out


@pytest.mark.parametrize(
    ("before", "after", "acts", "why"),
    [
        ("echo compile", "echo Compile", ["Compile a", "Compile b"], OTHER_COMMAND),
        ("LEVEL: low", "LEVEL: high", ["compile a", "compile b", "link"], OTHER_COMMAND),
        ("over: [a, b]", "over: [b, a]", ["link"], NOTHING_CHANGED),
        ("flag: -O1", "flag: -O2", ["compile a", "compile b", "link"], OTHER_COMMAND),
        ("compile:", "compile:\n        description: new", [], NOTHING_CHANGED),
    ],
)
def test_a_command_is_known_again_by_its_text_its_values_and_its_environment(
    compiling: Kept, before: str, after: str, acts: list[str], why: str
) -> None:
    text = compile_each.replace(before, after)
    assert text != compile_each
    compiling.write(text)
    assert {line.partition(": ")[2] for line in compiling.explained() if "compile[" in line} == {why}
    assert compiling.acted() == acts


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("echo new > a.c", ["rerun compile[a]: its inputs changed: a.c"]),
        ("touch -d yesterday a.c", []),
        ("chmod +x a.c", ["rerun compile[a]: its inputs changed: a.c"]),
        ("rm a.o", ["rerun compile[a]: its outputs are not as they were left"]),
        ("echo new > b.o", ["rerun compile[b]: its outputs are not as they were left"]),
        (
            "echo new > other.h",
            [
                "rerun compile[a]: its inputs changed: other.h is new",
                "rerun compile[b]: its inputs changed: other.h is new",
            ],
        ),
        (
            "mv shared.h renamed.h; cp renamed.h x.h; cp x.h y.h",
            [
                f"rerun compile[a]: {RENAMED}",
                f"rerun compile[b]: {RENAMED}",
            ],
        ),
    ],
)
def test_files_count_by_their_contents_and_it_is_told_which_changed(
    compiling: Kept, change: str, told: list[str]
) -> None:
    os.system(f"cd {compiling.folder}; {change}")
    lines = compiling.explained()
    assert [line for line in lines if line.startswith("rerun compile")] == told
    assert len([line for line in lines if "compile" in line]) == 2


def test_going_back_to_what_was_done_before_does_nothing_where_there_are_no_outputs(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo {{ params.x }} >> witness', cache: {inputs: [in]}}}\nparams: {x: 1}")
    (kept.folder / "in").write_text("one")
    assert [kept.acts("-p", f"x={value}") for value in (1, 2, 1, 2)] == [["1"], ["2"], [], []]
    (kept.folder / "in").write_text("two")
    assert kept.acts() == ["1"]
    (kept.folder / "in").write_text("one")
    assert kept.acts() == []


def test_a_folder_counts_with_all_that_is_in_it_but_what_is_hidden(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness', cache: {inputs: [src, conf/*]}}}")
    for name in ("src/deep/er/file", "src/.hidden", "conf/a/b"):
        kept.write("text", name)
    assert kept.acts() == ["a"]
    kept.write("other", "src/.hidden")
    assert kept.acts() == []
    kept.write("other", "src/deep/er/file")
    assert kept.acts() == ["a"]
    kept.write("other", "conf/a/b")
    assert kept.acts() == ["a"]


def test_files_whose_names_have_brackets_count_as_they_are_named(kept: Kept) -> None:
    kept.write(
        """
        tasks:
          each:
            map: {over: ["data[1].csv", data1.csv, "in [v2]"], as: file}
            run: echo {{ file }} >> witness
            cache: {inputs: ["{{ file }}"]}
        """
    )
    for name in ("data[1].csv", "data1.csv", "in [v2]/a.csv", "in v/a.csv"):
        kept.write("1", name)
    assert kept.acts() == ["data1.csv", "data[1].csv", "in [v2]"]
    assert kept.acts() == []
    kept.write("2", "data[1].csv")
    assert kept.acts() == ["data[1].csv"]
    kept.write("2", "data1.csv")
    kept.write("2", "in v/a.csv")
    assert kept.acts() == ["data1.csv"]
    kept.write("2", "in [v2]/a.csv")
    assert kept.acts() == ["in [v2]"]


def test_a_failure_is_never_kept_and_takes_what_was_kept_away(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness; test ! -e broken', cache: {inputs: [in]}}}")
    (kept.folder / "in").write_text("")
    assert kept.acts() == ["a"]
    (kept.folder / "broken").touch()
    assert kept.acts() == []
    assert kept.acts("--no-cache", code=1) == ["a"]
    assert kept.acts(code=1) == ["a"]
    (kept.folder / "broken").unlink()
    assert kept.acts() == ["a"]
    assert kept.acts() == []


def test_outputs_of_a_task_that_failed_half_way_never_pass_for_finished_ones(kept: Kept) -> None:
    text = (
        "tasks: {a: {run: 'echo a >> witness; cat in > out; test $(cat in) != bad',"
        " cache: {inputs: [in], outputs: [out]}}}"
    )
    kept.write(text)
    (kept.folder / "in").write_text("good")
    assert kept.acts() == ["a"]
    (kept.folder / "in").write_text("bad")
    assert kept.acts(code=1) == ["a"]
    (kept.folder / "in").write_text("good")
    assert kept.acts() == ["a"]
    assert (kept.folder / "out").read_text() == "good"
    assert kept.acts() == []


def test_a_run_that_is_killed_half_way_keeps_nothing(kept: Kept) -> None:
    kept.write(
        "tasks: {a: {run: 'echo a >> witness; echo half > out; kill -9 $PPID',"
        " cache: {inputs: [in], outputs: [out]}}}"
    )
    (kept.folder / "in").touch()
    kept.runner("run", "-q")
    assert kept.acted() == ["a"]
    kept.write(
        "tasks: {a: {run: 'echo a >> witness; echo half > out; true', cache: {inputs: [in], outputs: [out]}}}"
    )
    assert kept.acts() == ["a"]


def test_no_cache_does_everything_and_keeps_it_anew(compiling: Kept) -> None:
    (compiling.folder / "a.c").write_text("new")
    assert compiling.explained("--no-cache") == [
        f"rerun {name}: the cache is not asked (`--no-cache`)"
        for name in ("compile[a]", "compile[b]", "link")
    ]
    assert compiling.acted() == ["compile a", "compile b", "link"]
    assert compiling.acts() == []


def test_an_output_that_is_not_there_keeps_the_task_from_being_kept(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness', cache: {outputs: [out/a, other*]}}}")
    assert kept.acts() == ["a"]
    assert kept.explained() == ["rerun a: nothing was kept of it: it left no output out/a"]
    kept.acted()
    (kept.folder / "out").mkdir()
    (kept.folder / "out" / "a").touch()
    assert kept.acts() == ["a"]
    assert kept.acts() == []


def test_what_failed_last_is_told_as_that(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness; test -e there', cache: {inputs: [in]}}}")
    (kept.folder / "in").touch()
    assert kept.acts(code=1) == ["a"]
    (kept.folder / "there").touch()
    assert kept.explained() == ["rerun a: nothing was kept of it: it failed"]
    assert kept.explained() == [f"reused a: {NOTHING_CHANGED}"]


def test_an_input_that_is_not_there_is_told(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness', cache: {inputs: [mian.c, '*.h']}}}")
    assert kept.explained() == ["rerun a: there is no input mian.c"]
    assert kept.explained() == ["rerun a: there is no input mian.c"]
    (kept.folder / "mian.c").touch()
    kept.acts()
    assert kept.explained() == [f"reused a: {NOTHING_CHANGED}"]


def test_what_changes_its_own_inputs_is_done_until_it_leaves_them_alone(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness; sort -c in || sort -o in in', cache: {inputs: [in]}}}")
    (kept.folder / "in").write_text("b\na\n")
    assert [kept.acts() for _ in range(3)] == [["a"], ["a"], []]


def test_an_input_that_changes_meanwhile_and_changes_back_keeps_the_task_from_being_kept(kept: Kept) -> None:
    run = "echo a >> witness; cp -p in was; echo 9 > in; cat in; cp -p was in"
    kept.write(f"tasks: {{a: {{run: '{run}', cache: {{inputs: [in]}}}}}}")
    (kept.folder / "in").write_text("2\n")
    assert [kept.acts() for _ in range(2)] == [["a"], ["a"]]


def test_the_timeout_of_a_group_counts_while_inputs_are_read_and_nothing_is_done_after_it(kept: Kept) -> None:
    kept.write("""
        tasks:
          g: {timeout: 100ms, tasks: {a: {run: "echo a >> witness", cache: {inputs: [big]}}}}
    """)
    with (kept.folder / "big").open("wb") as file:
        file.truncate(8 << 30)
    report = kept.runner.report()
    assert kept.acted() == []
    assert report["tasks"]["g"]["error"]["kind"] == "timeout"
    assert report["tasks"]["g"]["tasks"]["a"]["status"] == "cancelled"


def test_an_empty_folder_is_an_output_as_any(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'echo a >> witness; mkdir -p out', cache: {outputs: [out]}}}")
    assert [kept.acts() for _ in range(2)] == [["a"], []]


@pytest.fixture
def everybodys() -> Iterator[Kept]:
    """In a folder that any user may use; pytest shuts its own to others whenever somebody starts it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Kept(Program(Path(folder)))


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="setpriv is not there")
@pytest.mark.parametrize(
    ("pattern", "mode", "named"),
    [
        ("closed/*", 0, "closed"),
        ("closed/q", 0, "closed"),
        ("**/*.c", 0, "closed"),
        ("closed", 0, "closed"),
        ("closed/*", 0o444, "closed/q"),
    ],
)
def test_a_folder_that_may_not_be_read_is_told_and_nothing_is_kept(
    everybodys: Kept, pattern: str, mode: int, named: str
) -> None:
    kept = everybodys
    kept.write(f"tasks: {{a: {{run: 'true', cache: {{inputs: ['{pattern}']}}}}}}")
    (kept.folder / "closed").mkdir()
    (kept.folder / "closed" / "q").touch()
    (kept.folder / "closed").chmod(mode)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    for _ in range(2):
        command = [*user, *kept.runner.command("run", "--explain", "--state-dir", "state")]
        ended = subprocess.run(
            command, cwd=kept.folder, env=kept.runner.environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        assert f"rerun a: {named} cannot be read: permission denied" in " ".join(ended.stderr.split())
    (kept.folder / "closed").chmod(0o755)


def test_what_stdin_reads_counts_by_its_contents(kept: Kept) -> None:
    kept.write("tasks: {a: {run: 'cat >> witness', stdin: {file: 'in[1]'}, cache: {outputs: []}}}")
    (kept.folder / "in[1]").write_text("one\n")
    assert kept.acts() == ["one"]
    assert kept.acts() == []
    (kept.folder / "in[1]").write_text("two\n")
    assert kept.explained() == ["rerun a: its inputs changed: in[1]"]
    assert kept.acted() == ["two"]


calling = """
    params: {x: 1}
    tasks:
      a: {map: {over: [1, 2]}, call: "lib.py:double", with: {n: "{{ item * params.x }}"}, cache: true}
      named: {call: "package.inner:half", with: {n: 8}, cache: true}
    outputs: {a: "{{ tasks.a.results }}", named: "{{ tasks.named.result }}"}
"""


@pytest.fixture
def calls(kept: Kept) -> Kept:
    kept.write(calling)
    note = "    open('witness', 'a').write(f'{n}\\n')\n"
    kept.write(
        f"import numbers_of_ours, json\ndef double(n):\n{note}    return numbers_of_ours.twice(n)\n", "lib.py"
    )
    kept.write("def twice(n):\n    return n * 2\n", "numbers_of_ours.py")
    kept.write("", "package/__init__.py")
    kept.write(f"from . import sibling\ndef half(n):\n{note}    return sibling.half(n)\n", "package/inner.py")
    kept.write("from numbers_of_ours import twice\ndef half(n):\n    return n // 2\n", "package/sibling.py")
    kept.write("", "unrelated.py")
    assert kept.acts() == ["1", "2", "8"]
    return kept


def test_a_callable_is_known_again_by_its_arguments(calls: Kept) -> None:
    assert calls.acts("-p", "x=2") == ["4"]
    assert calls.acts("-p", "x=2") == []
    report = calls.runner.report()
    assert report["outputs"] == {"a": [2, 4], "named": 4}


def test_what_changed_is_told_against_that_of_all_that_is_kept_which_is_most_alike(kept: Kept) -> None:
    kept.write("def f(x): return x", "lib.py")
    kept.write("params: {x: 1}\ntasks: {a: {call: 'lib.py:f', with: {x: '{{ params.x }}'}, cache: true}}")
    assert [kept.runner("run", "-q", "-p", f"x={x}").code for x in (1, 2)] == [0, 0]
    kept.write("def f(x): return [x]", "lib.py")
    assert kept.explained() == ["rerun a: its source changed"]


@pytest.mark.parametrize(
    ("name", "acts"),
    [
        ("lib.py", ["1", "2"]),
        ("numbers_of_ours.py", ["1", "2", "8"]),
        ("package/__init__.py", ["8"]),
        ("package/inner.py", ["8"]),
        ("package/sibling.py", ["8"]),
        ("unrelated.py", []),
    ],
)
def test_a_callable_is_known_again_by_its_source_and_what_that_imports(
    calls: Kept, name: str, acts: list[str]
) -> None:
    with (calls.folder / name).open("a") as file:
        file.write("# changed\n")
    told = [line for line in calls.explained() if line.startswith("rerun")]
    assert all(line.endswith(": its source changed") for line in told)
    assert len(told) == len(acts)
    assert calls.acted() == acts


def test_results_that_json_does_not_hold_are_not_kept(kept: Kept) -> None:
    kept.write(
        "tasks: {a: {call: 'lib.py:f', cache: true},"
        " b: {call: 'lib.py:g', with: {x: '{{ tasks.a.result }}'}, cache: true}}"
    )
    kept.write("""
        def f():
            open('witness', 'a').write('f\\n')
            return object()
        def g(x):
            open('witness', 'a').write('g\\n')
            return str(type(x))
    """, "lib.py")  # fmt: skip
    assert kept.acts() == ["f", "g"]
    assert kept.explained() == [
        "rerun a: nothing was kept of it: JSON cannot hold its result",
        "rerun b: JSON cannot hold what it is made of",
    ]


def test_a_result_that_holds_a_secret_is_not_kept(kept: Kept) -> None:
    kept.write("""
        secrets: [TOKEN]
        tasks:
          a:
            run: 'echo a >> witness; echo "<$TOKEN>"'
            env: {TOKEN: "{{ secrets.TOKEN }}"}
            cache: {inputs: [in]}
    """)  # fmt: skip
    (kept.folder / "in").touch()
    kept.runner.environment["TOKEN"] = "hunter2hunter2"
    assert kept.acts() == ["a"]
    assert kept.explained() == ["rerun a: nothing was kept of it: its result holds a secret"]
    files = [path for path in (kept.folder / ".runner").rglob("*") if path.is_file()]
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


def test_no_key_and_no_name_of_a_file_shows_a_secret_in_what_is_kept(kept: Kept) -> None:
    kept.write("""
        secrets: [TOKEN]
        tasks:
          all: {run: 'echo "[\\"$TOKEN\\"]"', env: {TOKEN: "{{ secrets.TOKEN }}"}, capture: json}
          each:
            map: {over: "{{ tasks.all.result }}"}
            run: 'echo each >> witness'
            cache: {inputs: ["{{ item }}"]}
    """)  # fmt: skip
    (kept.folder / "hunter2hunter2").touch()
    kept.runner.environment["TOKEN"] = "hunter2hunter2"
    assert kept.acts() == ["each"]
    assert kept.acts() == []
    files = [path for path in (kept.folder / ".runner").rglob("*") if path.is_file()]
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


def test_retries_limits_and_polls_count_only_what_is_done(kept: Kept) -> None:
    kept.write("""
        limits: {slow: {rate: 1/h}}
        tasks:
          a:
            run: 'echo a >> witness; test -e second || { touch second; false; }'
            retry: {attempts: 3}
            cache: {inputs: [in]}
          b: {run: 'echo b >> witness', limit: slow, cache: {inputs: [in]}}
    """)  # fmt: skip
    (kept.folder / "in").touch()
    assert kept.acts() == ["a", "a", "b"]
    report = kept.runner.report()
    assert kept.acted() == []
    assert [report["tasks"][name]["marks"] for name in "ab"] == [["reused"], ["reused"]]


def test_a_quorum_takes_no_more_than_it_needs_from_the_cache(kept: Kept) -> None:
    text = "tasks: {a: {map: {over: [1, 2, 3, 4]}, call: 'lib.py:f', with: {x: '{{ item }}'}, cache: true}}"
    kept.write("def f(x):\n    return x\n", "lib.py")
    kept.write(text)
    kept.acts()
    kept.write(text.replace("4]}", "4], quorum: 2}"))
    report = kept.runner.report("-j", "1")
    statuses = [item["status"] for item in report["tasks"]["a"]["items"]]
    assert statuses == ["succeeded", "succeeded", "cancelled", "cancelled"]
    assert report["tasks"]["a"]["results"] == [1, 2]


def test_two_tasks_share_what_is_the_same_and_a_group_finds_its_own_again(kept: Kept) -> None:
    kept.write("""
        tasks:
          each:
            map: {over: [1, 1, 2]}
            tasks:
              one: {run: "echo one {{ item }} >> witness; echo {{ item }}", cache: {inputs: []}}
              two: {run: "echo two {{ tasks.one.result }} >> witness", cache: {inputs: []}}
    """)  # fmt: skip
    first = kept.acts("-j1")
    assert set(first) == {"one 1", "one 2", "two 1", "two 2"}
    assert kept.acts() == []


def test_resume_uses_the_cache_for_what_it_would_do_again(kept: Kept) -> None:
    kept.write("""
        params: {x: 1}
        tasks:
          a: {run: "echo a {{ params.x }} >> witness", cache: {inputs: []}}
          b: {run: "echo b >> witness; test -e there", needs: [a]}
    """)  # fmt: skip
    assert kept.acts("-p", "x=2", code=1) == ["a 2", "b"]
    assert kept.acts(code=1) == ["a 1", "b"]
    ended = kept.runner("resume", "--explain", "-p", "x=2")
    assert kept.acted() == ["b"]
    told = [" ".join(line.split()) for line in ended.err.splitlines()]
    assert told[0] == f"reused a: {NOTHING_CHANGED}"
    (kept.folder / "there").touch()
    assert kept.runner("resume", "--no-cache").code == 0
    assert kept.acted() == ["b"]


def _damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 4096)


def _other(path: Path) -> None:
    path.write_text("not a database")


def _alter(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE entry SET result = '\"other\"'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("harm", [_damage, _other, _alter], ids=["damaged", "overwritten", "altered"])
def test_a_cache_that_is_damaged_gives_nothing_and_is_made_anew(compiling: Kept, harm: Any) -> None:
    harm(compiling.folder / ".runner" / "cache.sqlite")
    ended = compiling.runner("run", "--format", "json")
    assert (ended.code, compiling.acted()) == (0, ["compile a", "compile b", "link"])
    assert json.loads(ended.out)["outputs"] == {"objects": ["-O1 a", "-O1 b"]}
    assert compiling.acts() == []


def _warning(ended: Ended) -> list[str]:
    return [line for line in ended.err.splitlines() if line.startswith("warning")]


def test_a_cache_that_cannot_be_written_costs_a_warning_and_nothing_else(compiling: Kept) -> None:
    path = compiling.folder / ".runner" / "cache.sqlite"
    path.unlink()
    path.mkdir()
    ended = compiling.runner("run", "-q")
    assert (ended.code, compiling.acted()) == (0, ["compile a", "compile b", "link"])
    assert _warning(ended) == [
        f"warning: nothing more was kept in the cache: cannot open {path}: is a directory"
    ]


def test_a_cache_of_a_newer_version_is_left_alone(compiling: Kept) -> None:
    path = compiling.folder / ".runner" / "cache.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    ended = compiling.runner("run", "-q")
    assert (ended.code, compiling.acted()) == (0, ["compile a", "compile b", "link"])
    assert "was written by a newer version of runner" in _warning(ended)[0]
    assert path.read_bytes() == before


def test_pruning_by_age_forgets_what_was_not_used_since(compiling: Kept) -> None:
    compiling.runner("runs", "--prune", "1d")
    assert compiling.acts() == []
    connection = sqlite3.connect(compiling.folder / ".runner" / "cache.sqlite")
    connection.execute("UPDATE entry SET used = used - 90000")
    connection.commit()
    connection.close()
    compiling.runner("runs", "--prune", "1d")
    assert compiling.acts() == ["compile a", "compile b", "link"]


@pytest.mark.parametrize(
    ("cache", "told"),
    [
        ("{inputs: ['{{ item.name }}']}", "cache.inputs.0: `item` has no 'name'"),
        ("{outputs: ['{{ 1 }}']}", "cache.outputs: expected names of files or patterns, and found 1"),
    ],
)
def test_an_expression_that_gives_no_name_of_a_file_is_a_failure(kept: Kept, cache: str, told: str) -> None:
    items = "{{ [{'n': 1}] }}"
    kept.write(f'tasks: {{a: {{map: {{over: "{items}"}}, run: "true", cache: {cache}}}}}')
    report = kept.runner.report()
    error = report["tasks"]["a"]["items"][0]["error"]
    assert (error["kind"], error["message"].startswith(told)) == ("expression", True), error


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_what_is_written_twice_in_a_second_is_called_as_it_is_now(runner: Program, executor: str) -> None:
    runner.write(
        f"""
        pool: {{executor: {executor}}}
        tasks:
          a: {{call: "deep/m.py:f", cache: true}}
          b: {{call: "deep/m.py:f"}}
        outputs: {{a: "{{{{ tasks.a.result }}}}", b: "{{{{ tasks.b.result }}}}"}}
        """
    )
    moment = int(time.time()) + 60  # as if it were written while it is imported
    for said in ("one", "two"):
        for name, text in (("m", "from helping import f\n"), ("helping", f"def f(): return '{said}'\n")):
            path = runner.write(text, f"deep/{name}.py")
            os.utime(path, (moment, moment))
        assert runner.report()["outputs"] == {"a": said, "b": said}
