"""`runs`, `logs` and `report`: what is told of runs that are recorded."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from program import Program

workflow = """
    name: talk
    tasks:
      one: {run: "echo first; echo oops >&2"}
      each: {map: {over: [a, b]}, run: [printf, "%s", "{{ item }}"]}
      mute: {run: ["true"]}
      again:
        run: echo attempt $RUNNER_ATTEMPT; test $RUNNER_ATTEMPT = 2
        retry: {attempts: 2}
      country:
        map: {over: [fr]}
        tasks:
          parse: {run: [echo, "{{ item }}"]}
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A folder with one run, which the tests only look at."""
    runner = Program(tmp_path_factory.mktemp("ran"))
    runner.write(workflow)
    assert runner("run", "-q").code == 0
    return runner


def test_runs_are_listed_with_the_newest_first_and_named_by_the_beginning_of_their_ids(
    runner: Program,
) -> None:
    runner.write("name: talk\ntasks: {one: {run: [echo, first]}}")
    assert runner("run", "-q").code == 0
    runner.write("name: other\ntasks: {one: {run: [sh, -c, 'echo second; exit 1']}}")
    assert runner("run", "-q").code == 1
    rows = [re.split(r"\s{2,}", line) for line in runner("runs").out.splitlines()]
    assert rows[0] == ["RUN", "STATUS", "WORKFLOW", "STARTED", "TOOK"]
    assert [row[1:3] for row in rows[1:]] == [["failed", "other"], ["succeeded", "talk"]]
    listed = json.loads(runner("runs", "--format", "json").out)
    first = listed[1]["id"]
    assert [(run["id"], run["exit_code"]) for run in listed] == [(rows[1][0], 1), (first, 0)]
    assert set(listed[0]) == {"id", "status", "workflow", "file", "started", "seconds", "exit_code"}
    assert runner("logs", "one").out == "second\n"
    assert runner("logs", first, "one").out == "first\n"
    assert runner("report", first[:-1]).out.startswith(f"talk succeeded (run {first})\n")


def test_runs_are_removed_that_are_too_many_or_too_old_but_none_that_goes_on(runner: Program) -> None:
    runner.write(
        """
        params: {inside: false}
        tasks:
          a: {when: params.inside, run: "$RUNNER runs --prune 0"}
        """
    )
    folder = runner.folder / ".runner" / "runs"
    for _ in range(3):
        assert runner("run", "-q").code == 0
    old = folder / "20200101-000000-0000"
    shutil.copytree(next(folder.iterdir()), old)
    ended = runner("runs", "--prune", "1w", "--prune", "100", "--format", "json")
    assert (ended.code, ended.err) == (0, "removed 1 of 4 runs\n")
    assert len(json.loads(ended.out)) == 3 and not old.exists()
    newest = max(folder.iterdir()).name
    ended = runner("runs", "--prune", "1", "--format", "json")
    assert ended.err == "removed 2 of 3 runs\n"
    assert [run["id"] for run in json.loads(ended.out)] == [newest]
    ended = runner("run", "-q", "-p", "inside=true", environment={"RUNNER": " ".join(runner.command())})
    assert (ended.code, ended.err) == (0, "")
    assert runner("logs", "a").out.endswith("\nremoved 1 of 2 runs\n")
    assert len(list(folder.iterdir())) == 1


def test_a_bound_for_runs_that_makes_no_sense_removes_nothing(runner: Program) -> None:
    runner.write("tasks: {one: {run: echo}}")
    runner("run", "-q")
    ended = runner("runs", "--prune", "0", "--prune", "30x")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: --prune cannot be '30x'\n"
        "  = a number of runs to keep, such as 20, or an age such as 12h, 30d or 8w\n"
    )
    assert len(json.loads(runner("runs", "--format", "json").out)) == 1


def test_where_nothing_has_run_that_is_said(runner: Program) -> None:
    ended = runner("runs")
    assert (ended.code, ended.out, ended.err) == (0, "", "no run is recorded in .runner\n")
    assert runner("runs", "--format", "json").out == "[]\n"
    for command in ("logs", "report"):
        ended = runner(command)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == "error: no run is recorded in .runner\n  = `runner run` makes one\n"


def test_all_logs_of_a_run_stand_under_their_names(ran: Program) -> None:
    assert ran("logs").out == (
        "==> one <==\nfirst\n"
        "==> one (stderr) <==\noops\n"
        "==> each[a] <==\na\n"
        "==> each[b] <==\nb\n"
        "==> again <==\nattempt 1\n"
        "==> again (attempt 2) <==\nattempt 2\n"
        "==> country[fr].parse <==\nfr\n"
    )


def test_a_single_log_is_given_as_it_is(ran: Program) -> None:
    assert ran("logs", "each[b]").out == "b"
    assert ran("logs", "country[fr].parse").out == "fr\n"
    assert ran("logs", "country").out == "fr\n"


def test_a_task_inside_a_mapped_group_shows_the_logs_of_all_items(runner: Program) -> None:
    runner.write(
        """
        tasks:
          country:
            map: {over: [fr, de], as: code}
            tasks:
              parse: {map: {over: "{{ range(1, code | length + index) }}"}, run: "echo {{ code }} {{ item }}"}
          never: {map: {over: [1]}, when: params.on, tasks: {a: {run: echo}}}
        params: {on: false}
        """
    )
    runner("run", "-q")
    assert runner("logs", "country.parse").out == (
        "==> country[fr].parse[1] <==\nfr 1\n"
        "==> country[de].parse[1] <==\nde 1\n"
        "==> country[de].parse[2] <==\nde 2\n"
    )
    assert runner("logs", "country.parse[2]").out == "de 2\n"
    for address, why in {
        "country.parse[3]": "parse has no item '3'",
        "country.prase": "there is no task 'prase'\n  = did you mean 'parse'?",
        "never.a": "nothing inside never was reached",
    }.items():
        ended = runner("logs", address)
        assert (ended.code, ended.err) == (2, f"error: no '{address}' in this run: {why}\n")


def test_nothing_inside_an_item_that_was_left_out_has_logs(runner: Program) -> None:
    runner.write("tasks: {each: {map: {over: [a, b]}, tasks: {say: {run: 'echo {{ item }}'}}}}")
    assert runner("run", "-q", "--only", "each[a]").code == 0
    assert runner("logs", "each[a].say").out == "a\n"
    ended = runner("logs", "each[b].say")
    why = "error: no 'each[b].say' in this run: nothing inside each[b] was reached\n"
    assert (ended.code, ended.err) == (2, why)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["onee"], "error: no 'onee' in this run: there is no task 'onee'\n  = did you mean 'one'?\n"),
        (["each[c]"], "error: no 'each[c]' in this run: each has no item 'c'\n"),
        (
            ["each]"],
            "error: 'each]' is no address of a task\n"
            "  = write it as in fetch, fetch[cat.jpg] or country[fr].parse\n",
        ),
        (
            ["one", "each[b]"],
            "error: no run begins with 'one', and 'each[b]' is a second task\n"
            "  = ask for one task: runner logs one; or for all: runner logs\n",
        ),
        (["1999", "one"], "error: no run begins with '1999' in .runner\n  = `runner runs` lists them\n"),
    ],
)
def test_what_is_not_there_is_said(ran: Program, arguments: list[str], message: str) -> None:
    ended = ran("logs", *arguments)
    assert (ended.code, ended.out, ended.err) == (2, "", message)


def test_a_task_that_printed_nothing_has_no_log(ran: Program) -> None:
    ended = ran("logs", "mute")
    assert (ended.code, ended.out, ended.err) == (0, "", "mute printed nothing\n")


def test_a_report_is_made_again_in_any_format(ran: Program) -> None:
    assert ran("report").out.startswith("talk succeeded (run ")
    assert ran("report", "--format", "markdown").out.startswith("# talk: succeeded\n")
    assert ran("report", "-o", "out/again.json").out == ""
    assert json.loads((ran.folder / "out/again.json").read_text())["workflow"]["name"] == "talk"
    template = ran("report", "--eject", "markdown").out
    assert "{% macro" in template
    ran.write(template, "mine.md.j2")
    assert ran("report", "--template", "mine.md.j2").out == ran("report", "--format", "markdown").out
    assert ran("report", "--eject", "markdown", "-o", "out/mine.md.j2").out == ""
    assert (ran.folder / "out/mine.md.j2").read_text() == template
    assert ran("report", "-o", "-", "--format", "json").out == ran("report", "--format", "json").out


@pytest.mark.parametrize("path", ["-", "/dev/stdout"])
def test_what_goes_to_standard_output_is_text_where_no_format_is_said(runner: Program, path: str) -> None:
    runner.write("tasks: {a: {run: echo}}")
    asked = runner("run", "-q", "--report", path)
    runner.write(f"{{tasks: {{a: {{run: echo}}}}, reports: [{{to: '{path}'}}]}}", "declares.yml")
    declared = runner("run", "-q", "declares.yml")
    again = runner("report", "-o", path)
    assert [ended.err for ended in (asked, declared, again)] == ["", "", ""]
    assert asked.out.startswith("workflow succeeded (run ")
    assert again.out == declared.out
    assert declared.out.startswith("declares succeeded (run ")


@pytest.mark.parametrize("state", [".runner", "my runs"])
def test_the_command_that_shows_all_failures_can_be_pasted(runner: Program, state: str) -> None:
    runner.write("tasks: {a: {map: {over: '{{ range(300) }}'}, result: '{{ 1 // (item - item) }}'}}")
    ended = runner("run", "-q", "--state-dir", state)
    (line,) = [line for line in ended.out.splitlines() if line.startswith("… and ")]
    (run,) = (path.name for path in runner.folder.glob("*/runs/*"))
    elsewhere = "" if state == ".runner" else f" --state-dir '{runner.folder}/{state}'"
    assert line == f"… and 95 more of a: runner report {run} --format json{elsewhere}"
    again = runner.shell(line.partition(": ")[2])
    assert len(json.loads(again.out)["tasks"]["a"]["items"]) == 300


def test_a_report_that_cannot_be_made_is_explained(ran: Program) -> None:
    ended = ran("report", "-o", "again.doc")
    assert ended.err == (
        "error: no report format for 'again.doc'\n"
        "  = end its name in one of .txt, .text, .json, .html, .htm, .md, .markdown, .xml, .trace.json,"
        " or name the format\n"
    )
    assert ended.code == 2
    ran.write("{{ run.statsu }}", "mine.j2")
    ended = ran("report", "--template", "mine.j2")
    assert ended.err.startswith(f"error: {ran.folder}/mine.j2:1: ")
    assert ended.code == 2


def test_logs_of_every_pass_through_a_group_are_kept(runner: Program) -> None:
    runner.write(
        """
        tasks:
          group:
            retry: {attempts: 3}
            tasks:
              once: {run: "echo >> passes; echo pass $(wc -l < passes); test $(wc -l < passes) -ge 3"}
              each: {needs: [once], map: {over: [a, b]}, run: "echo {{ item }}"}
        """
    )
    assert runner("run", "-q").code == 0
    every_pass = (
        "==> group.once <==\npass 1\n"
        "==> group.once (pass 2) <==\npass 2\n"
        "==> group.once (pass 3) <==\npass 3\n"
    )
    assert runner("logs", "group.once").out == every_pass
    assert runner("logs", "group.each[b]").out == "b\n"
    assert runner("logs", "group").out == (
        f"{every_pass}==> group.each[a] (pass 3) <==\na\n==> group.each[b] (pass 3) <==\nb\n"
    )
