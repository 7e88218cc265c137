"""`runner resume`: what is done again, what is not, and why."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest
from program import Program, steady


class Acting:
    """A program whose tasks write into a witness file what they do."""

    def __init__(self, runner: Program) -> None:
        self.runner = runner
        self.folder = runner.folder

    def acted(self) -> list[str]:
        """What has been done since the last time."""
        path = self.folder / "witness"
        lines = path.read_text().splitlines() if path.exists() else []
        path.write_text("")
        return sorted(lines)

    def resume(self, *arguments: str, code: int = 0) -> list[str]:
        """What a resume does."""
        ended = self.runner("resume", "-q", *arguments)
        assert ended.code == code, ended.out + ended.err
        return self.acted()

    def run(self, text: str, *arguments: str, code: int) -> list[str]:
        self.runner.write(text)
        ended = self.runner("run", "-q", *arguments)
        assert ended.code == code, ended.out + ended.err
        return self.acted()


@pytest.fixture
def acting(runner: Program) -> Acting:
    return Acting(runner)


pipeline = """
    params: {names: [a, b, c], width: 1}
    tasks:
      base: {run: "echo base >> witness; echo base"}
      fetch:
        needs: [base]
        map: {over: "{{ params.names }}"}
        run: |
          echo fetch {{ item }} >> witness
          test {{ item }} != b || test -e there
          echo {{ item }}
      shrink:
        map: {over: "{{ tasks.fetch.results }}", as: picture}
        run: "echo shrink {{ picture }} >> witness; echo {{ picture }} {{ params.width }}"
      each:
        map: {over: [1, 2]}
        tasks:
          first: {run: "echo first {{ item }} >> witness; test {{ item }} = 1 || test -e there"}
          second: {needs: [first], run: "echo second {{ item }} >> witness"}
      total: {result: "{{ tasks.shrink.results | join(',') }}"}
      last: {run: "echo last {{ tasks.total.result }} >> witness"}
    outputs: {total: "{{ tasks.total.result }}"}
"""


def test_what_failed_and_what_follows_is_done_and_nothing_else(acting: Acting) -> None:
    acting.run(pipeline, code=1)
    (acting.folder / "there").touch()
    assert acting.resume() == ["fetch b", "first 2", "last a 1,b 1,c 1", "second 2", "shrink b"]
    report = json.loads(acting.runner("report", "--format", "json").out)
    assert report["outputs"] == {"total": "a 1,b 1,c 1"}
    assert report["tasks"]["base"]["marks"] == ["reused"]
    marks = {item["key"]: item["marks"] for item in report["tasks"]["fetch"]["items"]}
    assert marks == {"a": ["reused"], "b": [], "c": ["reused"]}
    assert [item["marks"] for item in report["tasks"]["each"]["items"]] == [["reused"], []]


def test_a_run_keeps_its_id_its_logs_and_its_start(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "echo out; echo {{ run.id }} {{ run.started }} >> witness"}
          b: {run: test -e there}
    """
    first = acting.run(text, code=1)
    (acting.folder / "there").touch()
    assert acting.resume() == []
    assert first[0].split()[0] == json.loads(acting.runner("runs", "--format", "json").out)[0]["id"]
    assert acting.runner("logs", "a").out == "out\n"


def test_an_item_that_is_inserted_is_the_only_one_done(acting: Acting) -> None:
    acting.run(pipeline, "--only", "shrink", code=1)
    (acting.folder / "there").touch()
    acting.resume()
    (run,) = (path.name for path in acting.folder.glob(".runner/runs/*"))
    assert acting.resume(run, "-p", "names=[z, a, b, c]") == ["fetch z", "shrink z"]
    assert acting.resume(run, "-p", "names=[c, a]") == []


def test_items_that_have_only_an_index_are_told_by_their_value(acting: Acting) -> None:
    text = """
        params: {rows: [{n: 1}, {n: 2}, {n: 3}]}
        tasks:
          each:
            map: {over: "{{ params.rows }}"}
            run: "echo {{ item.n }} >> witness; test {{ item.n }} -ne 3"
    """
    assert acting.run(text, code=1) == ["1", "2", "3"]
    assert acting.resume("-p", "rows=[{n: 0}, {n: 1}, {n: 2}]") == ["0"]


@pytest.mark.parametrize(
    ("rows", "acts"),
    [
        ("{n: 8}, {n: 9}, {n: 1}, {n: 1}", ["0", "1", "3"]),
        ("{n: 9}, {n: 1}, {n: 1}", ["0", "1"]),
        ("{n: 1}, {n: 1}, {n: 1}", ["1", "2"]),
        ("{n: 1}", []),
    ],
)
def test_of_equal_values_each_is_done_for_itself(acting: Acting, rows: str, acts: list[str]) -> None:
    text = """
        params: {rows: [{n: 1}, {n: 1}]}
        tasks:
          each:
            map: {over: "{{ params.rows }}", max_parallel: 1}
            run: "echo $RUNNER_KEY >> witness; test -e there || { test $RUNNER_KEY = 0; }"
          bad: {run: test -e there}
    """
    assert acting.run(text, code=1) == ["0", "1"]
    (acting.folder / "there").touch()
    assert acting.resume("-p", f"rows=[{rows}]") == acts
    (run,) = (path.name for path in acting.folder.glob(".runner/runs/*"))
    assert acting.resume(run) == []


@pytest.mark.parametrize(
    ("second", "third", "acts"),
    [
        ("{n: 1}", "{n: 1}, {n: 1}, {n: 1}", ["1", "2"]),
        ("{n: 2}, {n: 3}, {n: 1}", "{n: 2}, {n: 3}, {n: 1}, {n: 1}, {n: 1}", ["1", "3", "4"]),
    ],
)
def test_of_equal_values_each_is_done_for_itself_in_later_sessions_too(
    acting: Acting, second: str, third: str, acts: list[str]
) -> None:
    """The second session takes over what succeeded; the third finds only what failed beside it."""
    text = """
        params: {rows: [{n: 1}, {n: 1}]}
        tasks:
          each:
            map: {over: "{{ params.rows }}", max_parallel: 1}
            run: "echo $RUNNER_KEY >> witness; test -e there || test $RUNNER_KEY = 0"
          bad: {run: test -e there}
    """
    assert acting.run(text, code=1) == ["0", "1"]
    acting.resume("-p", f"rows=[{second}]", code=1)
    (acting.folder / "there").touch()
    assert acting.resume("-p", f"rows=[{third}]") == acts


def test_bodies_of_equal_values_are_told_apart(acting: Acting) -> None:
    text = """
        params: {rows: [{n: 1}, {n: 1}]}
        tasks:
          group:
            map: {over: "{{ params.rows }}", as: row, max_parallel: 1}
            tasks:
              part: {run: "echo $RUNNER_TASK >> witness; test -e there || test {{ key }} = 0"}
    """
    assert acting.run(text, code=1) == ["group[0].part", "group[1].part"]
    (acting.folder / "there").touch()
    assert acting.resume("-p", "rows=[{n: 0}, {n: 1}, {n: 1}]") == [
        "group[0].part",
        "group[1].part",
        "group[2].part",
    ]


@pytest.mark.parametrize(
    ("before", "after", "acts"),
    [
        ("echo one", "echo two", ["one", "two"]),
        ("params: {word: x}", "params: {word: y}", ["argument", "command"]),
        ("LEVEL: low", "LEVEL: high", ["command", "one", "stdin"]),
        ("stdin: text", "stdin: other", ["stdin"]),
        ("result: 1", "result: 2", ["shaped"]),
        ("description: old", "description: new", []),
        ("attempts: 2", "attempts: 3", []),
    ],
)
def test_only_what_is_bound_otherwise_is_done_again(
    acting: Acting, before: str, after: str, acts: list[str]
) -> None:
    text = """
        params: {word: x}
        env: {LEVEL: low}
        tasks:
          one: {run: "echo one >> witness"}
          command: {description: old, run: "echo command >> witness; : {{ params.word }}"}
          argument: {call: "lib.py:note", with: {line: argument, value: "{{ params.word }}"}}
          stdin: {run: "cat > /dev/null; echo stdin >> witness", stdin: text, retry: {attempts: 2}}
          shaped: {call: "lib.py:note", with: {line: shaped}, result: 1}
          bad: {run: test -e there}
    """
    acting.runner.write(
        "def note(line, value=None):\n    open('witness', 'a').write(line + '\\n')\n", "lib.py"
    )
    acting.run(text, code=1)
    (acting.folder / "there").touch()
    changed = text.replace(before, after)
    assert changed != text
    acting.runner.write(changed)
    done = acting.resume()
    assert done == sorted({"one": "two"}.get(name, name) if before == "echo one" else name for name in done)
    assert set(done) == (set(acts) - {"one"} if before == "echo one" else set(acts))


def test_a_file_for_stdin_counts_by_its_path_and_not_by_what_it_holds(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "cat >> witness", stdin: {file: in.txt}}
          bad: {run: test -e there}
    """
    acting.runner.write("one\n", "in.txt")
    acting.runner.write("two\n", "other.txt")
    assert acting.run(text, code=1) == ["one"]
    acting.runner.write("changed\n", "in.txt")
    told = acting.runner("resume", "--explain", "--no-progress").err
    assert "reused           a: its command, its arguments and its environment are the same\n" in told
    assert acting.acted() == []
    acting.runner.write(text.replace("in.txt", "other.txt"))
    assert acting.resume(code=1) == ["two"]


def test_what_needs_something_done_again_is_done_again(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "echo a >> witness; echo same"}
          b: {needs: [a], run: "echo b >> witness"}
          c: {needs: [b], map: {over: [1, 2]}, run: "echo c{{ item }} >> witness"}
          ranges: {map: {over: "{{ [tasks.a.result] }}"}, run: "echo ranges >> witness"}
          value: {result: "{{ tasks.a.result }}"}
          d: {run: "echo d {{ tasks.value.result }} >> witness"}
          bad: {run: test -e there}
    """
    acting.run(text, code=1)
    (acting.folder / "there").touch()
    acting.runner.write(text.replace("echo a >>", "echo A >>"))
    assert acting.resume() == ["A", "b", "c1", "c2"]


def test_what_was_done_again_counts_in_later_sessions_too(acting: Acting) -> None:
    """The second session does `a` again and ends; the third must not take `b` for done after it."""
    text = """
        tasks:
          a: {run: "echo a >> witness"}
          gate: {needs: [a], run: test -e there}
          b: {needs: [a], when: "tasks.gate.status == 'succeeded'", run: "echo b >> witness"}
    """
    (acting.folder / "there").touch()
    assert acting.run(text, code=0) == ["a", "b"]
    (run,) = (path.name for path in acting.folder.glob(".runner/runs/*"))
    (acting.folder / "there").unlink()
    acting.runner.write(text.replace("echo a", "echo A"))
    assert acting.resume(run, code=1) == ["A"]
    (acting.folder / "there").touch()
    assert acting.resume() == ["b"]


def test_a_result_that_json_cannot_hold_is_made_again(acting: Acting) -> None:
    acting.runner.write(
        "def make():\n    open('witness', 'a').write('make\\n')\n    return {1, 2}\n"
        "def count(what):\n    open('witness', 'a').write('count\\n')\n    return len(what)\n",
        "lib.py",
    )
    text = """
        tasks:
          make: {call: "lib.py:make"}
          count: {call: "lib.py:count", with: {what: "{{ tasks.make.result }}"}}
          bad: {run: test -e there}
    """
    assert acting.run(text, code=1) == ["count", "make"]
    (acting.folder / "there").touch()
    assert acting.resume("--explain") == ["count", "make"]


def test_a_map_that_succeeded_keeps_its_failed_and_cancelled_items(acting: Acting) -> None:
    text = """
        tasks:
          budget:
            map: {over: [1, 2, 3], max_failures: 1}
            run: "echo budget {{ item }} >> witness; test {{ item }} -ne 2"
          race:
            map: {over: [1, 2, 3, 4], quorum: 1, max_parallel: 1}
            run: "echo race {{ item }} >> witness; test {{ item }} -ne 1"
          bad: {run: test -e there}
    """
    assert acting.run(text, code=1) == ["budget 1", "budget 2", "budget 3", "race 1", "race 2"]
    (acting.folder / "there").touch()
    assert acting.resume() == []
    tasks = json.loads(acting.runner("report", "--format", "json").out)["tasks"]
    assert [item["status"] for item in tasks["budget"]["items"]] == ["succeeded", "failed", "succeeded"]
    race = tasks["race"]["items"]
    assert [item["status"] for item in race] == ["failed", "succeeded", "cancelled", "cancelled"]
    assert race[0]["error"]["message"] == "exit code 1"


def test_what_a_quorum_has_cancelled_does_not_begin_while_what_succeeded_is_compared(acting: Acting) -> None:
    text = """
        tasks:
          race:
            map: {over: [slow, fast, slower], quorum: 1}
            run: "echo {{ item }} >> witness; test {{ item }} = fast || sleep 100"
          each:
            map: {over: [slow, fast, slower], quorum: 1}
            tasks:
              one: {run: "test {{ item }} = fast || sleep 100; echo each {{ item }} >> witness"}
          after: {run: "echo after {{ tasks.race.results }} {{ tasks.each.results }} >> witness"}
          bad: {needs: [after], run: test -e there}
    """
    acting.run(text, "-j", "8", code=1)
    assert acting.resume("-j", "8", code=1) == []
    assert acting.resume("-j", "8", "--only-failed", code=1) == []
    (acting.folder / "there").touch()
    assert acting.resume("-j", "8") == []


def test_what_never_began_is_said_to_have_been_cancelled_whatever_was_done_since(acting: Acting) -> None:
    text = """
        tasks:
          x: {run: "echo x >> witness; until test -e y; do sleep 0.01; done; test -e go"}
          y: {run: "echo y >> witness; touch y; until grep -q 'failed' events; do sleep 0.01; done; echo y"}
          z: {run: "echo z {{ tasks.y.result }} >> witness"}
    """
    acting.runner.write(text)
    acting.runner.shell("runner run --no-progress -v -j 2 --fail-fast 2>events")
    acting.acted()
    (acting.folder / "go").touch()
    said = acting.runner("resume", "--explain", "--no-progress").err
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert [line for line in lines if line.startswith(("rerun", "reused"))] == [
        "rerun x: it failed before",
        "reused y: its command, its arguments and its environment are the same",
        "rerun z: it was cancelled before",
    ]


@pytest.mark.parametrize(
    ("ending", "changed", "told"),
    [
        ("max_failures: 1", "max_failures: 0", ["rerun 2: it failed before"]),
        (
            "max_failures: 1",
            "max_failures: 50%",
            ["left 2: it failed before, and each succeeded all the same"],
        ),
        ("max_failures: 1", "quorum: 3", ["rerun 2: it failed before"]),
        ("quorum: 1", "quorum: 2", ["rerun 2: it was cancelled before"]),
        (
            "quorum: 1",
            "max_failures: 1",
            ["rerun 2: it was cancelled before", "rerun 3: it was cancelled before"],
        ),
    ],
)
def test_items_have_their_end_only_by_what_their_map_allows_now(
    acting: Acting, ending: str, changed: str, told: list[str]
) -> None:
    text = f"""
        tasks:
          each:
            map: {{over: [1, 2, 3], max_parallel: 1, {ending}}}
            run: "echo {{{{ item }}}} >> witness; test -e there || test {{{{ item }}}} -ne 2"
          bad: {{run: test -e there}}
    """
    acting.run(text, code=1)
    (acting.folder / "there").touch()
    acting.runner.write(text.replace(ending, changed))
    said = acting.runner("resume", "--explain", "--no-progress").err
    lines = [" ".join(line.split()).replace("each[", "").replace("]:", ":") for line in said.splitlines()]
    assert [line for line in lines if line.split()[0] in ("rerun", "left") and "bad" not in line] == told
    assert acting.acted() == [line[6] for line in told if line.startswith("rerun")]


def test_items_that_were_skipped_or_not_selected_are_done_when_they_are_asked_for(acting: Acting) -> None:
    text = """
        params: {from: 2}
        tasks:
          each: {map: {over: [1, 2, 3]}, when: item >= params.from, run: "echo {{ item }} >> witness"}
          bad: {run: test -e there}
    """
    assert acting.run(text, "--only", "each[3]", "--only", "bad", code=1) == ["3"]
    (acting.folder / "there").touch()
    (run,) = (path.name for path in acting.folder.glob(".runner/runs/*"))
    assert acting.resume(run) == []
    assert acting.resume(run, "--only", "each") == ["2"]
    assert acting.resume(run, "--only", "each", "-p", "from=1") == ["1"]


def test_a_run_that_was_interrupted_goes_on(acting: Acting) -> None:
    acting.runner.write(
        """
        tasks:
          before: {run: "echo before >> witness"}
          long: {needs: [before], run: "echo $$ > pid; test -e there || { echo up > ready; sleep 1000; }"}
          after: {needs: [long], run: "echo after >> witness"}
        """
    )
    subprocess.run(["mkfifo", acting.folder / "ready"], check=True)
    process = subprocess.Popen(
        acting.runner.command("run", "-q"),
        cwd=acting.folder,
        env=acting.runner.environment,
        stdout=subprocess.DEVNULL,
    )
    assert (acting.folder / "ready").read_text() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 143
    assert acting.acted() == ["before"]
    (acting.folder / "there").touch()
    assert acting.resume() == ["after"]


def test_only_what_failed_is_done_where_that_is_asked_for(acting: Acting) -> None:
    acting.run(pipeline, code=1)
    (acting.folder / "there").touch()
    assert acting.resume("--only-failed") == ["fetch b", "first 2"]
    tasks = json.loads(acting.runner("report", "--format", "json").out)["tasks"]
    assert tasks["last"]["reason"] == "not selected"


def test_each_reason_is_explained(acting: Acting) -> None:
    acting.run(pipeline, code=1)
    (acting.folder / "there").touch()
    said = acting.runner("resume", "--explain", "--no-progress").err
    told = sorted(line.strip() for line in said.splitlines() if line.split()[0] in ("rerun", "reused"))
    assert [" ".join(line.split()) for line in told] == [
        "rerun each[2].first: it failed before",
        "rerun each[2].second: it has not been done before",
        "rerun fetch[b]: it failed before",
        "rerun last: it has not been done before",
        "rerun shrink[b]: it has not been done before",
        "rerun total: it has not been done before",
        "reused base: its command, its arguments and its environment are the same",
        "reused each[1].first: its command, its arguments and its environment are the same",
        "reused each[1].second: its command, its arguments and its environment are the same",
        "reused fetch[a]: its command, its arguments and its environment are the same",
        "reused fetch[c]: its command, its arguments and its environment are the same",
        "reused shrink[a]: its command, its arguments and its environment are the same",
        "reused shrink[c]: its command, its arguments and its environment are the same",
    ]


def test_another_pass_through_a_group_is_explained_as_that(acting: Acting) -> None:
    text = """
        tasks:
          g:
            retry: {attempts: 2}
            tasks: {a: {run: "echo a >> witness"}, b: {needs: [a], run: test -e there}}
    """
    acting.run(text, code=1)
    said = acting.runner("resume", "--explain", "--no-progress").err
    told = [" ".join(line.split()) for line in said.splitlines() if line.split()[0] in ("rerun", "reused")]
    assert told == [
        "reused g.a: its command, its arguments and its environment are the same",
        "rerun g.b: it failed before",
        "rerun g.a: it belongs to attempt 2 of g",
        "rerun g.b: it belongs to attempt 2 of g",
    ]


def test_nothing_to_do_is_said_and_is_no_failure(acting: Acting) -> None:
    ended = acting.runner("resume")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: no run is recorded in ")
    acting.run("tasks: {a: {run: 'true'}}", code=0)
    ended = acting.runner("resume")
    assert (ended.code, ended.out, ended.err) == (0, "", "nothing to do: every run has succeeded\n")


def test_a_run_goes_on_in_its_folder_with_its_params_and_reports(acting: Acting, tmp_path: Path) -> None:
    text = """
        params: {word: none}
        tasks: {a: {run: "pwd >> witness; echo {{ params.word }} >> witness; test -e there"}}
    """
    acting.run(text, "-p", "word=given", "--report", "out.md", code=1)
    (acting.folder / "there").touch()
    (acting.folder / "out.md").unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Program(elsewhere)
    ended = other("resume", "-q", "--state-dir", str(acting.folder / ".runner"))
    assert ended.code == 0, ended.err
    assert acting.acted() == sorted([str(acting.folder), "given"])
    assert (acting.folder / "out.md").exists()


def test_a_workflow_that_came_from_standard_input_goes_on(acting: Acting) -> None:
    text = "tasks: {a: {run: 'echo a >> witness'}, b: {run: test -e there}}"
    assert acting.runner("run", "-q", "-", stdin=text).code == 1
    (acting.folder / "there").touch()
    acting.acted()
    assert acting.resume() == []


def test_a_run_that_goes_on_is_not_resumed(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "$RUNNER resume $RUNNER_RUN_ID || true"}
    """
    acting.runner.write(text)
    command = " ".join(acting.runner.command())
    ended = acting.runner("run", "-q", environment={"RUNNER": command})
    assert ended.code == 0
    assert " is still going on: process " in acting.runner("logs", "a").out


def test_a_run_whose_lock_file_was_removed_is_not_resumed_either(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "rm .runner/runs/*/lock; $RUNNER resume $RUNNER_RUN_ID || true"}
    """
    acting.runner.write(text)
    command = " ".join(acting.runner.command())
    ended = acting.runner("run", "-q", environment={"RUNNER": command})
    assert ended.code == 0
    assert " is still going on: process " in acting.runner("logs", "a").out


def test_a_group_that_needs_something_done_again_is_done_again_inside(acting: Acting) -> None:
    text = """
        tasks:
          build: {run: "echo build 1 >> witness"}
          source: {map: {over: [x, y]}, run: "echo source {{ item }} >> witness; echo same"}
          check: {needs: [build], tasks: {unit: {run: "echo unit >> witness"}}}
          each:
            map: {over: "{{ tasks.source.results }}", as: one}
            tasks: {part: {run: "echo part $RUNNER_TASK >> witness"}}
          bad: {run: test -e there}
    """
    acting.run(text, code=1)
    (acting.folder / "there").touch()
    acting.runner.write(text.replace("build 1", "build 2").replace("source {{ item }}", "SOURCE {{ item }}"))
    assert acting.resume() == [
        "SOURCE x",
        "SOURCE y",
        "build 2",
        "part each[x].part",
        "part each[y].part",
        "unit",
    ]


def test_what_only_failed_leaves_out_is_yet_to_be_done(acting: Acting) -> None:
    text = "tasks: {a: {run: 'echo a >> witness; test -e there'}, b: {needs: [a], run: 'echo b >> witness'}}"
    acting.run(text, code=1)
    (acting.folder / "there").touch()
    assert acting.resume("--only-failed") == ["a"]
    assert acting.resume() == ["b"]
    assert acting.runner("resume").err == "nothing to do: every run has succeeded\n"


def test_a_key_that_looks_like_an_index_is_a_key(acting: Acting) -> None:
    acting.runner.write("1\n2\n3\n", "list.txt")
    text = """
        tasks:
          a: {map: {over: "{{ lines('list.txt') }}"}, run: "true"}
          b: {map: {over: "{{ tasks.a.results }}"}, run: "echo $RUNNER_KEY >> witness; test $RUNNER_KEY != 1"}
    """
    assert acting.run(text, code=1) == ["1", "2", "3"]
    acting.runner.write("3\n1\n2\n", "list.txt")
    assert acting.resume(code=1) == ["1"]


def test_bodies_of_items_that_have_only_an_index_are_told_by_the_value(acting: Acting) -> None:
    text = """
        params: {rows: [{n: 1}, {n: 2}]}
        tasks:
          group:
            map: {over: "{{ params.rows }}", as: row}
            tasks: {part: {run: "echo {{ row.n }} >> witness"}}
          bad: {run: test -e there}
    """
    assert acting.run(text, code=1) == ["1", "2"]
    (acting.folder / "there").touch()
    assert acting.resume("-p", "rows=[{n: 0}, {n: 1}, {n: 2}]") == ["0"]


def test_another_pass_through_a_group_is_another_body(acting: Acting) -> None:
    text = """
        tasks:
          poll:
            retry: {attempts: 3, until: "result.ask == 'ready'"}
            tasks: {ask: {run: "echo asked >> witness; cat state"}}
    """
    acting.runner.write("busy\n", "state")
    assert acting.run(text, code=1) == ["asked"] * 3
    acting.runner.write("ready\n", "state")
    assert acting.resume() == ["asked"]
    task = json.loads(acting.runner("report", "--format", "json").out)["tasks"]["poll"]
    assert (task["status"], task["marks"]) == ("succeeded", ["flaky"] if "flaky" in task["marks"] else [])


def test_what_a_later_session_did_not_begin_is_still_done(acting: Acting) -> None:
    text = """
        params: {on: true}
        tasks:
          a: {when: params.on, run: "echo a >> witness"}
          m: {map: {over: [1, 2, 3]}, run: "echo m{{ item }} >> witness"}
          bad: {run: test -e there}
    """
    acting.run(text, code=1)
    (run,) = (path.name for path in acting.folder.glob(".runner/runs/*"))
    assert acting.resume(run, "-p", "on=false", "--only", "m[2]", "--only", "a") == []
    assert acting.resume(run, "-p", "on=true", code=1) == []


def test_what_is_reused_keeps_its_time(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "sleep 0.1"}
          m: {map: {over: [1, 2]}, run: "true"}
          bad: {run: test -e there}
          told: {when: always(), result: "{{ tasks.a.seconds > 0 and tasks.m.seconds > 0 }}"}
        outputs: {told: "{{ tasks.told.result }}"}
    """
    acting.run(text, code=1)
    before = json.loads(acting.runner("report", "--format", "json").out)["tasks"]
    (acting.folder / "there").touch()
    acting.resume()
    report = json.loads(acting.runner("report", "--format", "json").out)
    assert report["outputs"] == {"told": True}
    assert 0.1 <= report["tasks"]["a"]["seconds"] <= before["a"]["seconds"]


def test_the_report_says_how_many_items_are_reused(acting: Acting) -> None:
    acting.run('tasks: {m: {map: {over: [1, 2, 3]}, run: "test {{ item }} -lt 3 || test -e there"}}', code=1)
    (acting.folder / "there").touch()
    assert "\nsucceeded  m  TIME  3 items, 2 reused\n" in steady(acting.runner("resume", "-q").out)


def test_the_names_of_variables_count(acting: Acting) -> None:
    text = "tasks: {a: {run: 'echo a >> witness', env: {DEBUG: 1}}, bad: {run: test -e there}}"
    acting.run(text, code=1)
    (acting.folder / "there").touch()
    acting.runner.write(text.replace("DEBUG", "VERBOSE"))
    assert acting.resume() == ["a"]


def test_what_was_under_way_when_the_program_died_is_done_again(acting: Acting) -> None:
    text = """
        tasks:
          a: {run: "echo one >> witness"}
          b: {needs: [a], run: test -e there}
    """
    acting.run(text, code=1)
    subprocess.run(["mkfifo", acting.folder / "ready"], check=True)
    acting.runner.write(text.replace("echo one >> witness", "echo two >> witness; kill -9 $PPID"))
    assert acting.runner("resume", "-q").code != 0
    assert acting.acted() == ["two"]
    (acting.folder / "there").touch()
    acting.runner.write(text)
    assert acting.resume() == ["one"]


def test_paths_on_the_command_line_are_those_of_the_folder_where_it_is_given(acting: Acting) -> None:
    acting.run("tasks: {a: {run: test -e there}}", code=1)
    (acting.folder / "there").touch()
    inside = acting.folder / "inside"
    inside.mkdir()
    ended = Program(inside)("resume", "-q", "--state-dir", "../.runner", "--report", "text=here.md")
    assert ended.code == 0, ended.err
    assert (inside / "here.md").exists()


def test_results_that_are_not_recorded_whole_are_said_to_be_made_again(runner: Program) -> None:
    runner.write("def f(item=None):\n    return {1, 2}\n", "lib.py")
    runner.write("""
        secrets: [TOKEN]
        tasks:
          plain: {call: "lib.py:f"}
          each: {map: {over: [1, 2]}, call: "lib.py:f", with: {item: "{{ item }}"}}
          single: {map: {over: [1]}, call: "lib.py:f", with: {item: "{{ item }}"}}
          hidden: {run: "echo $WORD", env: {WORD: "{{ secrets.TOKEN }}"}}
          last: {run: "false"}
    """)  # fmt: skip
    runner.environment["TOKEN"] = "hunter2hunter2"
    lines = steady(runner("run", "-q").out).splitlines()
    assert [line for line in lines if "succeeded  " in line] == [
        "succeeded  plain  TIME  its result is more than JSON holds: resume does it again",
        "succeeded  each  TIME  2 items; 2 results are more than JSON holds: resume does them again",
        "succeeded  single  TIME  1 item; 1 result is more than JSON holds: resume does it again",
        "succeeded  hidden  TIME  its result holds a secret: resume does it again",
    ]
    tasks = json.loads(runner("report", "--format", "json").out)["tasks"]
    assert (tasks["plain"]["withheld"], tasks["hidden"]["withheld"]) == ("opaque", "secret")
    assert [item["withheld"] for item in tasks["each"]["items"]] == ["opaque", "opaque"]
    assert "withheld" not in tasks["last"]


def test_only_failed_leaves_alone_what_was_tolerated(acting: Acting) -> None:
    text = """
        tasks:
          q:
            map: {over: [1, 2, 3, 4], quorum: 2, max_parallel: 1}
            run: "echo q{{ item }} >> witness; test {{ item }} != 1"
          p:
            map: {over: [1, 2], max_failures: 50%}
            run: "echo p{{ item }} >> witness; test {{ item }} != 1"
          f: {run: "echo f >> witness; test -e ok"}
    """
    assert acting.run(text, code=1) == ["f", "p1", "p2", "q1", "q2", "q3"]
    (acting.folder / "ok").touch()
    assert acting.resume("--only-failed") == ["f"]
    assert acting.resume() == []


def test_values_are_explained_too_and_quietly_nothing_else_is_told(runner: Program) -> None:
    runner.write(
        """
        params: {by: 1}
        tasks:
          value: {result: 7}
          more: {map: {over: [1, 2]}, result: "{{ item * params.by }}"}
          bad: {run: 'false'}
        """
    )
    runner("run", "-q")
    same, changed = "its value is the same", "its value changed"
    for arguments, why in (((), same), (("-p", "by=3"), changed)):
        fate = "reused" if why is same else "rerun"
        said = runner("resume", "-q", "--explain", *arguments).err
        assert sorted(" ".join(line.split()) for line in said.splitlines()) == sorted(
            [
                f"reused value: {same}",
                f"{fate} more[1]: {why}",
                f"{fate} more[2]: {why}",
                "rerun bad: it failed before",
            ]
        )


@pytest.mark.parametrize("arguments", [(), ("flow.yml",)], ids=["default", "named"])
def test_a_run_whose_workflow_file_is_gone_is_told_with_what_to_do(
    runner: Program, arguments: tuple[str, ...]
) -> None:
    path = runner.write("tasks: {a: {run: 'false'}}", *arguments)
    runner("run", "-q", *arguments)
    path.rename(path.with_name("other.yml"))
    assert (ended := runner("resume")).code == 2
    (run,) = (runner.folder / ".runner/runs").iterdir()
    assert ended.err == (
        f"error: the workflow file of run {run.name} is gone: {path}\n"
        "  = put it back, or begin anew with another: runner run FILE\n"
    )


def test_where_nothing_is_to_be_done_a_program_reads_the_report_as_it_stands(runner: Program) -> None:
    runner.write("tasks: {a: {run: echo a}}\noutputs: {a: '{{ tasks.a.result }}'}")
    assert runner("run", "-q").code == 0
    ended = runner("resume", "--format", "json")
    assert (ended.code, json.loads(ended.out)["outputs"]) == (0, {"a": "a"})


def test_what_changed_is_told_among_what_a_task_has(runner: Program) -> None:
    runner.write("def f(v):\n    return v\n", "lib.py")
    runner.write(
        """
        params: {p: 1}
        tasks:
          command: {run: "echo {{ params.p }}"}
          call: {call: "lib.py:f", with: {v: "{{ params.p }}"}}
          shaped: {run: [cat], stdin: "{{ params.p }}", env: {A: b}, result: "{{ result | trim }}"}
          bad: {run: exit 1}
        """
    )
    assert runner("run", "-q").code == 1
    told = runner("resume", "-q", "--explain", "-p", "p=2").err
    assert "command: its command changed\n" in told
    assert "call: its function or its arguments changed\n" in told
    assert "shaped: its command, its environment, its input or its `result` changed\n" in told
