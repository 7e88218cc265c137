"""What a program gets back of a run: its result, its tasks by address, its failures, its reports."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hosts import Folder
from program import Program

from runner import Counts, FailureKind, Mark, RunFailed, Status, UnknownAddress, UserError, load, run

GROUPS = """
    name: atlas
    tasks:
      country:
        map: {over: [fr, de], max_failures: 1}
        tasks:
          parse:
            map: {over: [1, 2]}
            run: '[ "$RUNNER_KEY" = 2 ] && echo two >&2 && exit 4; echo {{ item }}'
            allow_failure: true
          join: {result: "{{ tasks.parse.results }}"}
          check: {needs: [join], run: "test {{ item }} = fr"}
      once:
        tasks:
          inner: {result: 5}
      never: {when: "false", run: echo never}
    outputs: {joined: "{{ tasks.country.results }}"}
    """


def test_a_result_tells_of_the_run_as_a_whole(here: Folder) -> None:
    here.write("params: {n: 1}\ntasks: {a: {result: '{{ params.n }}'}}\noutputs: {a: '{{ tasks.a.result }}'}")
    before = datetime.now(UTC)
    result = run("workflow.yml", {"n": 3}).result()
    assert (result.status, result.succeeded, result.exit_code) == (Status.SUCCEEDED, True, 0)
    assert (result.workflow, result.params, result.outputs) == ("workflow", {"n": 3}, {"a": 3})
    assert before <= result.started <= datetime.now(UTC) and 0 <= result.seconds < 60
    assert [result.id] == here.runs() and result.folder == here.path / ".runner" / "runs" / result.id
    assert result.check() is result
    assert repr(result) == f"<Result of workflow: succeeded (run {result.id})>"


def test_an_address_leads_to_a_task_or_an_item_however_deep(here: Folder) -> None:
    result = run(here.write(GROUPS)).result()
    assert result["country[fr].parse[1]"].result == "1"
    assert result["country"]["de"].status is Status.FAILED
    assert result["country[de]"].marks == (Mark.TOLERATED,)
    assert result["country[de]"].reason == "tolerated by max_failures: 1"
    assert result["country[de].check"].reason == "tolerated by max_failures: 1 of country"
    assert result["country[fr]"].tasks["join"].result == ["1"]
    assert list(result["country[fr]"].tasks) == ["parse", "join", "check"]
    assert result["once"].tasks["inner"].result == 5
    assert [it.address for it in result.find("country.parse")] == ["country[fr].parse", "country[de].parse"]
    assert (result["never"].status, result["never"].result) == (Status.SKIPPED, None)
    assert list(result.tasks) == ["country", "once", "never"]
    assert result.outputs == {"joined": [{"parse": ["1"], "join": ["1"], "check": ""}]}


def test_an_item_tells_of_itself(here: Folder) -> None:
    result = run(here.write(GROUPS)).result()
    item = result["country[fr].parse[2]"]
    assert (item.address, item.name, item.index, item.key, item.item) == (
        "country[fr].parse[2]",
        "parse",
        1,
        "2",
        2,
    )
    assert (item.status, item.attempts, item.exit_code, item.output) == (Status.FAILED, 1, 4, "two\n")
    assert item.failure is not None
    assert (item.failure.kind, item.failure.exit_code) == (FailureKind.EXIT, 4)
    assert item.failure.position == "workflow.yml:7:7"
    assert item.started is not None and item.seconds is not None
    assert repr(item) == "<country[fr].parse[2] failed>"


def test_the_items_of_a_map_are_a_sequence(here: Folder) -> None:
    here.write("tasks: {a: {map: {over: '{{ range(2500) }}'}, result: '{{ item * 2 }}'}}")
    task = run("workflow.yml").result()["a"]
    assert task.is_map and task.counts == Counts(succeeded=2500) and len(task.items) == 2500
    assert task.results == [2 * number for number in range(2500)] == [item.result for item in task.items]
    assert (task.items[7].result, task.items[-1].key, task["2000"].index) == (14, "2499", 2000)
    assert [item.index for item in task.items[3:5]] == [3, 4]
    with pytest.raises(IndexError):
        task.items[2500]
    with pytest.raises(KeyError, match="2500"):
        task["2500"]


def test_what_a_map_has_and_a_plain_task_has_not_is_said(here: Folder) -> None:
    here.write("tasks: {a: {map: {over: [1]}, result: 1}, b: {result: 2}}")
    result = run("workflow.yml").result()
    with pytest.raises(UserError) as said:
        _ = result["a"].result
    assert str(said.value) == "a is a map: it has `results`, and each of its `items` a `result`"
    with pytest.raises(UserError) as said:
        _ = result["b"].results
    assert str(said.value) == "b is no map: it has no `results`"
    with pytest.raises(UserError) as said:
        _ = result["a[1]"].items
    assert str(said.value) == "a[1] is an item: it has no `items`"


def test_an_address_that_names_nothing_is_a_key_error_with_a_suggestion(here: Folder) -> None:
    result = run(here.write(GROUPS)).result()
    with pytest.raises(KeyError) as said:
        result["contry"]
    assert isinstance(said.value, UnknownAddress)
    assert (
        str(said.value) == "no 'contry' in this run: there is no task 'contry'\n  = did you mean 'country'?"
    )
    with pytest.raises(UnknownAddress) as unknown:
        result["country.parse"]
    assert str(unknown.value) == (
        "'country.parse' names 2 tasks: country[fr].parse, country[de].parse\n  = `find` gives all of them"
    )


def test_what_json_cannot_hold_comes_back_itself(here: Folder) -> None:
    here.write(
        "def made():\n    return {1, 2}\n\ndef each(n):\n    return n if n < 2 else {n}\n", "opaque.py"
    )
    here.write("""
        tasks:
          one: {call: "opaque.py:made"}
          many: {map: {over: [1, 2]}, call: "opaque.py:each", with: {n: "{{ item }}"}}
        outputs: {one: "{{ tasks.one.result }}"}
    """)
    result = run("workflow.yml").result()
    assert result["one"].result == {1, 2} and result.outputs["one"] is result["one"].result
    assert result["many"].results == [1, {2}] and result["many[2]"].result == {2}
    assert json.loads(result.report("json"))["tasks"]["one"]["result"] is None


def test_failures_are_told_with_their_addresses_and_check_raises_them(here: Folder) -> None:
    here.write("""
        tasks:
          a: {map: {over: [x, y]}, run: "echo {{ item }}; exit 3"}
          b: {run: exit 1, allow_failure: true}
          c: {needs: [a], run: echo c}
    """)
    result = run("workflow.yml").result()
    assert (result.status, result.exit_code) == (Status.FAILED, 1)
    assert sorted((it.address, it.failure.message, it.tolerated) for it in result.failures) == [
        ("a[x]", "exit code 3", False),
        ("a[y]", "exit code 3", False),
        ("b", "exit code 1", True),
    ]
    assert result["c"].reason == "needs a, which failed at workflow.yml:3"
    with pytest.raises(RunFailed) as failed:
        result.check()
    assert failed.value.result is result
    assert str(failed.value).startswith(
        f"workflow failed (run {result.id})\n\nworkflow.yml:3:3: a[x] failed: exit code 3 [exit]\n"
        "    $ echo x; exit 3\n    | x\n"
    )


def test_the_reports_are_those_of_the_command_line(here: Folder) -> None:
    here.write("tasks: {a: {result: 1}}")
    here.write("{{ run.id }}: {{ tasks.a.result }}\n", "own.txt.j2")
    result = run("workflow.yml").result()
    assert result.report().startswith(f"workflow succeeded (run {result.id})\n\nsucceeded  a")
    assert json.loads(result.report("json"))["tasks"]["a"]["result"] == 1
    assert result.report(template="own.txt.j2") == f"{result.id}: 1\n"
    assert result._repr_markdown_() == result.report("markdown")
    with pytest.raises(UserError, match=r"no report format 'jsn'\n  = did you mean 'json'\?"):
        result.report("jsn")


def test_reports_of_the_file_are_written_and_check_tells_of_those_that_are_not(
    here: Folder,
) -> None:
    here.write("""
        tasks: {a: {result: 1}}
        reports: [{to: out/run.json}, {to: "workflow.yml/run.md"}]
    """)
    result = run("workflow.yml").result()
    assert json.loads(Path("out/run.json").read_text())["run"]["id"] == result.id
    assert result.succeeded
    (unwritten,) = result.unwritten
    assert unwritten == f"cannot write workflow.yml/run.md: {here.path}/workflow.yml is no folder"
    with pytest.raises(RunFailed, match=re.escape(unwritten)):
        result.check()


def test_nothing_is_printed_for_a_report_to_a_dash(here: Folder, capfd: pytest.CaptureFixture[str]) -> None:
    here.write("tasks: {a: {result: 1}}\nreports: [{to: '-', format: json}]")
    assert run("workflow.yml").result().check().unwritten == ()
    assert tuple(capfd.readouterr()) == ("", "")


def test_secrets_are_masked_wherever_they_would_show(here: Folder) -> None:
    here.write("""
        secrets: [TOKEN]
        tasks: {a: {run: "echo $TOKEN; false", env: {TOKEN: "{{ secrets.TOKEN }}"}, allow_failure: true},
                b: {run: "echo $TOKEN", env: {TOKEN: "{{ secrets.TOKEN }}"}}}
        outputs: {b: "{{ tasks.b.result }}"}
    """)
    events = []
    with run("workflow.yml", env={"TOKEN": "sesame-open", "PATH": "/bin:/usr/bin"}) as going:
        events += map(repr, going)
        result = going.result()
    told = [*events, repr(result.outputs), result.report("json"), result["a"].output, result["b"].result]
    assert "sesame-open" not in "".join(told) and "***" in result["a"].output and result["b"].result == "***"


def test_only_and_skip_take_one_address_or_several(here: Folder) -> None:
    here.write("tasks: {a: {map: {over: [x, y]}, result: '{{ item }}'}, b: {result: 2}, c: {result: 3}}")
    result = run("workflow.yml", only="a[x]").result()
    assert [it.status.value for it in result["a"].items] == ["succeeded", "skipped"]
    assert [it.status.value for it in result.tasks.values()] == ["succeeded", "skipped", "skipped"]
    result = run("workflow.yml", only=["b", "c"], skip="c").result()
    assert [it.status.value for it in result.tasks.values()] == ["skipped", "succeeded", "skipped"]


def test_a_workflow_that_was_read_is_run_any_number_of_times(here: Folder) -> None:
    workflow = load(
        here.write("name: n\ndescription: d\nparams: {n: 1}\ntasks: {a: {result: '{{ params.n }}'}}")
    )
    assert (workflow.name, workflow.description, workflow.tasks) == ("n", "d", ("a",))
    assert workflow.file == str(here.path / "workflow.yml") and workflow.params["n"].type == "int"
    assert [run(workflow, {"n": n}).result()["a"].result for n in (1, 2)] == [1, 2]


def test_a_run_is_known_to_the_command_line_and_goes_on_there(here: Folder, runner: Program) -> None:
    here.write("""
        params: {names: [a], word: none}
        tasks: {a: {map: {over: "{{ params.names }}"}, run: "test -e {{ item }} && echo {{ params.word }}"}}
    """)
    result = run("workflow.yml", {"names": ["x", "y"], "word": "a b"}).result()
    assert not result.succeeded
    assert f"{result.id}  failed" in runner("runs").out
    (here.path / "x").touch()
    (here.path / "y").touch()
    ended = runner("resume", result.id, "--format", "json")
    assert json.loads(ended.out)["tasks"]["a"]["results"] == ["a b", "a b"]
