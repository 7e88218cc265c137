"""Under GitHub Actions: groups, annotations, masks, and nothing that a task prints is a command."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from actions_runner import Command, commands, text_of
from served import Served

hostile = r"""
    pool: {executor: inline}
    tasks:
      talks:
        run: |
          printf '::set-output name=a::b\n  ::add-mask::hello\r\n##[error]no\n\302\255::error::unseen\n'
          printf '#\302\255#[add-mask]hello\n::stop-commands::guess\n'
          printf '\033[0m::error::e\n::endgroup::\rback\nno end'
      fails:
        needs: [talks]
        run: |
          echo '::error::of the task' >&2
          echo 'a ##[add-mask]hello'
          exit 3
"""


def test_what_succeeded_is_in_groups_and_what_failed_is_open(github: Served) -> None:
    github.write("""
        pool: {executor: inline}
        tasks:
          quiet: {run: "true"}
          talks: {needs: [quiet], run: "echo one; echo two >&2"}
          fails: {needs: [talks], run: "echo before; echo why >&2; exit 3"}
          tried:
            needs: [talks]
            run: echo $RUNNER_ATTEMPT; test $RUNNER_ATTEMPT = 2
            retry: {attempts: 2, delay: 0}
          after: {needs: [fails], run: echo}
    """)
    assert github.said(code=1) == (
        "   succeeded [TIME] quiet\n"
        "::group::succeeded [TIME] talks\n"
        "    | one\n"
        "    | two\n"
        "::endgroup::\n"
        "      failed [TIME] fails: exit code 3 [exit]\n"
        "    | before\n"
        "    | why\n"
        "     skipped           after: needs fails, which failed at workflow.yml:6\n"
        "::group::TRY 1 FAIL [TIME] tried: exit code 1 [exit]; tries again\n"
        "    | 1\n"
        "::endgroup::\n"
        "::group::succeeded [TIME] tried: flaky; 2 attempts\n"
        "    | 2\n"
        "::endgroup::\n"
        "────────────\n"
        "      failed [TIME] workflow: 1 failed, 1 skipped, 3 succeeded\n"
        "::error file=workflow.yml,line=6,col=3,endColumn=8,title=fails failed"
        "::exit code 3 [exit]%0Abefore%0Awhy\n"
    )


def test_what_fails_for_good_is_open_however_many_tries_went_before_it(github: Served) -> None:
    github.write("""
        pool: {executor: inline}
        tasks:
          get:
            map: {over: "{{ range(6) }}"}
            run: echo "no {{ item }}, $RUNNER_ATTEMPT"; exit 1
            retry: {attempts: 5, delay: 0}
    """)
    lines = github.said(code=1).splitlines()
    for number in range(6):
        at = lines.index(f"      failed [TIME] get[{number}]: exit code 1 [exit]; 5 attempts")
        assert lines[at + 1] == f"    | no {number}, 5"
    assert sum(line.startswith("::group::TRY ") for line in lines) == 10


def test_commands_in_what_a_task_prints_stay_text(github: Served) -> None:
    github.write(hostile)
    ended = github("run")
    found = commands(ended.err)
    assert [command.name for command in found] == ["group", "endgroup", "error"]
    assert [line for line in text_of(ended.err).splitlines() if line.startswith("    |")] == [
        "    | ::set-output name=a::b",
        "    |   ::add-mask::hello",
        r"    | ##\[error]no",
        "    | \u00ad::error::unseen",
        "    | #\u00ad#\\[add-mask]hello",
        "    | ::stop-commands::guess",
        r"    | \x1b[0m::error::e",
        r"    | ::endgroup::\x0dback",
        "    | no end",
        r"    | a ##\[add-mask]hello",
        "    | ::error::of the task",
    ]
    assert found[-1].data == "exit code 3 [exit]\na ##\\[add-mask]hello\n:\\:error::of the task"
    assert commands(found[-1].data) == []
    assert commands(ended.out) == []


@pytest.mark.parametrize(
    "words", [("logs",), ("logs", "talks"), ("report",), ("report", "--format", "markdown")]
)
def test_nor_is_it_a_command_when_it_is_shown_again(github: Served, words: tuple[str, ...]) -> None:
    github.write(hostile)
    assert github("run", "--quiet").code == 1
    shown = github(*words).out
    assert "add-mask" in shown
    assert commands(shown) == []


@pytest.mark.parametrize("form", ["json", "markdown", "junit", "html", "trace"])
def test_reports_on_standard_output_hold_no_commands(github: Served, form: str) -> None:
    github.write(hostile)
    ended = github("run", "--report", f"{form}=/dev/stdout", "--output", "none")
    assert ended.code == 1
    assert commands(ended.out) == []
    assert "of the task" in ended.out or form == "trace"


def test_json_on_standard_output_is_json_and_means_the_same(github: Served) -> None:
    github.write(hostile)
    ended = github("run", "--format", "json")
    report = json.loads(ended.out)
    assert r"##\u005badd-mask]hello" in ended.out
    assert report["tasks"]["fails"]["error"]["output"] == "a ##[add-mask]hello\n::error::of the task"


def test_a_file_is_not_read_by_the_service_and_holds_what_was_printed(github: Served) -> None:
    github.write(hostile)
    assert github.shell("runner run --quiet --report markdown=/dev/stdout > report.md").code == 1
    assert github.shell("runner logs fails > log").code == 0
    assert "\n::error::of the task\n" in (github.folder / "report.md").read_text()
    assert "a ##[add-mask]hello\n" in (github.folder / "log").read_text()


def test_of_many_failures_ten_are_at_their_lines_and_the_others_are_counted(github: Served) -> None:
    tasks = "".join(f"  t{number}: {{run: exit {number + 1}}}\n" for number in range(24))
    text = "pool: {executor: inline}\ntasks:\n  first: {run: exit 1, allow_failure: true}\n" + tasks
    (github.folder / "workflow.yml").write_text(text)
    said = github.said("--quiet", code=1)
    assert said == "".join(
        f"::error file=workflow.yml,line={4 + number},col=3,endColumn={4 + len(str(number))},"
        f"title=t{number} failed::exit code {number + 1} [exit]\n"
        for number in range(10)
    ) + ("::notice title=15 more failures::15 more failures are told in the log\n")


def test_what_is_tolerated_comes_last_and_is_a_warning(github: Served) -> None:
    github.write("""
        pool: {executor: inline}
        tasks:
          few: {map: {over: [1, 0, 0], max_failures: 1}, run: "exit {{ item }}"}
          lax: {run: exit 2, allow_failure: true}
          group: {allow_failure: true, tasks: {inside: {run: exit 3}}}
          fails: {run: exit 4}
    """)
    at = "file=workflow.yml,line={},col={},endColumn={},title={} failed"
    assert github.said("--quiet", code=1).splitlines() == [
        f"::error {at.format(7, 3, 8, 'fails')}::exit code 4 [exit]",
        f"::warning {at.format(4, 3, 6, 'few[1]')} (tolerated by max_failures%3A 1)::exit code 1 [exit]",
        f"::warning {at.format(5, 3, 6, 'lax')} (tolerated by allow_failure)::exit code 2 [exit]",
        f"::warning {at.format(6, 40, 46, 'group.inside')} (tolerated by allow_failure of group)"
        "::exit code 3 [exit]",
    ]


def test_a_map_and_a_task_inside_of_one_are_annotated_once(github: Served) -> None:
    github.write("""
        pool: {executor: inline}
        tasks:
          wide: {map: {over: "{{ range(30) }}"}, run: "echo bad {{ item }}; exit 1"}
          deep:
            map: {over: [fr, de, it]}
            tasks:
              part: {run: "test {{ item }} = it"}
          follows: {run: "echo {{ tasks.wide.results }}"}
    """)
    assert github.said("--quiet", code=1).splitlines() == [
        "::error file=workflow.yml,line=4,col=3,endColumn=7,title=wide[0] failed"
        "::exit code 1 [exit]%0Abad 0%0Aand 29 more of wide",
        "::error file=workflow.yml,line=8,col=7,endColumn=11,title=deep[fr].part failed"
        "::exit code 1 [exit]%0Aand 1 more of deep.part",
    ]


def test_an_output_that_fails_is_annotated_at_its_place(github: Served) -> None:
    github.write("params: {n: 0}\ntasks: {a: {run: echo}}\noutputs: {o: '{{ 1 // params.n }}'}\n")
    assert github.said("--quiet", code=1) == (
        "::error file=workflow.yml,line=3,col=11,endColumn=12,title=the run failed"
        "::outputs.o: `//` divides by 0, in `1 // params.n` [expression]\n"
    )


def test_the_problems_of_a_file_are_annotated(github: Served) -> None:
    github.write("tasks:\n" + "".join(f"  t{number}: {{rum: a}}\n" for number in range(12)))
    found = commands(github.said(code=2))
    assert found[0] == Command(
        "error",
        "unknown key 'rum' in task 't0'\ndid you mean 'run'?",
        {"file": "workflow.yml", "line": "2", "col": "8", "endColumn": "11", "title": "unknown-key"},
    )
    assert [command.name for command in found] == ["error"] * 10 + ["notice"]
    assert found[-1].properties == {"title": "2 more problems"}


def test_commands_in_a_file_that_is_wrong_stay_text(github: Served) -> None:
    github.write(
        "tasks:\n  a: {run: echo}\n  b: {run: '{{ tasks.a }} ##[error]x'}\n  '##[add-mask]c': {run: a}\n"
    )
    found = commands(github.said(code=2))
    assert [command.properties["title"] for command in found] == ["bad-reference", "bad-task-name"]
    assert [commands(command.data) for command in found] == [[], []]
    assert "##\\[add-mask]c" in found[1].data


def test_validate_annotates_beside_its_text_and_instead_of_it(github: Served) -> None:
    github.write("tasks: {a: {run: echo a | cat}}\n")
    told = github("validate", "workflow.yml")
    assert told.out.endswith("1 warning\n") and commands(told.out) == []
    assert told.err == github("validate", "workflow.yml", "--format", "github").out
    assert commands(told.err)[0].name == "warning"
    assert github("validate", "workflow.yml", "--format", "json").err == ""


def test_what_has_no_place_is_told_without_one(github: Served) -> None:
    github.write("params: {n: {type: int, required: true}}\ntasks: {a: {run: echo}}")
    assert github.said(code=2).splitlines()[-1] == (
        "::error title=runner::the param 'n' is required: -p n=VALUE"
    )


def test_places_are_those_of_the_workspace(github: Served) -> None:
    github.write("tasks: {a: {run: exit 1}}", "part/my %,:.yml")
    (github.folder / "elsewhere").symlink_to("part")
    program = Served(github.folder / "elsewhere")
    program.environment = github.environment
    place = "file=part/my %25%2C%3A.yml,line=1,col=9,endColumn=10,title=a failed"
    assert program.said("--quiet", "my %,:.yml", code=1) == f"::error {place}::exit code 1 [exit]\n"
    program.environment = {**github.environment, "GITHUB_WORKSPACE": str(github.folder / "none")}
    assert program.said("--quiet", "my %,:.yml", code=1) == (
        "::error title=a failed::my %25,:.yml:1:9: exit code 1 [exit]\n"
    )
    assert (program("validate", "--format", "github", "my %,:.yml").code) == 0


def test_every_line_of_a_secret_is_masked_before_anything_is_printed(github: Served) -> None:
    github.write("""
        secrets: [KEY, TOKEN]
        tasks:
          shows: {run: 'printf "%s\\n" "$KEY" "$TOKEN"; exit 1'}
    """)
    key = "-----BEGIN-----\r\nabc%def%0Aghi\n}\n  indented\n"
    ended = github("run", environment={"KEY": key, "TOKEN": "to:ken,%25"})
    lines = ended.err.splitlines()
    assert lines[:4] == [
        "::add-mask::-----BEGIN-----",
        "::add-mask::abc%25def%250Aghi",
        "::add-mask::indented",
        "::add-mask::to:ken,%2525",
    ]
    masked = [command.data for command in commands(ended.err)[:4]]
    assert masked == ["-----BEGIN-----", "abc%def%0Aghi", "indented", "to:ken,%25"]
    rest = "\n".join(lines[4:]) + ended.out + github.summary.read_text()
    assert [secret for secret in masked if secret in rest] == []
    assert "    | ***" in lines


def test_secrets_are_not_written_into_a_file(github: Served) -> None:
    github.write("secrets: [TOKEN]\ntasks: {a: {run: echo}}")
    github.environment["TOKEN"] = "hunter2hunter2"
    assert github.shell("runner run 2> log").code == 0
    assert "hunter2" not in (github.folder / "log").read_text()


def test_a_secret_in_a_problem_is_masked_in_its_annotation(github: Served) -> None:
    github.write("secrets: [TOKEN]\nparams: {n: 1}\ntasks: {a: {run: echo}}")
    said = github.said("-p", "n=hunter%hunter", code=2, TOKEN="hunter%hunter")
    assert said.count("***") >= 2
    assert said.count("hunter") == 2 == said.splitlines()[0].count("hunter")


# The summary -------------------------------------------------------------------------------------


def test_the_report_is_appended_to_the_summary(github: Served) -> None:
    github.write("tasks: {a: {run: exit 1}}")
    github.summary.write_text("what another command wrote")
    github.said("--quiet", "--report", "report.md", code=1)
    report = (github.folder / "report.md").read_text()
    assert report.startswith("# workflow: failed\n")
    assert github.summary.read_text() == f"what another command wrote\n\n{report}"
    github.said("--quiet", code=1)
    assert github.summary.read_text().count("\n\n# workflow: failed\n") == 2


def test_the_summary_stays_under_what_the_service_takes(github: Served) -> None:
    github.write("tasks: {a: {run: exit 1}}")
    github.summary.write_text("x" * (1024 * 1024 - 100) + "\n")
    said = github.said("--quiet", code=1).splitlines()
    assert said[-1] == (
        "warning: the summary of this step: there is no room left for the report of run ID:"
        " it takes 1 MiB in all"
    )
    written = github.summary.read_bytes()
    assert len(written) <= 1024 * 1024
    assert written.endswith(b"` finds no room here for its report.\n")
    github.summary.write_text("x" * 1024 * 1024)
    github.said("--quiet", code=1)
    assert github.summary.stat().st_size == 1024 * 1024


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/summary.md", "cannot write {}: no such file or directory"),
        ("folder", "cannot write {}: is a directory"),
        ("pipe", "{} is no file"),
        ("file/summary.md", "cannot write {}: not a directory"),
    ],
)
def test_a_summary_that_cannot_be_written_is_told_and_breaks_nothing(
    github: Served, name: str, reason: str
) -> None:
    github.write("tasks: {a: {run: echo}}")
    (github.folder / "folder").mkdir()
    (github.folder / "file").touch()
    os.mkfifo(github.folder / "pipe")
    path = str(github.folder / name)
    said = github.said("--quiet", GITHUB_STEP_SUMMARY=path)
    assert said == f"warning: the summary of this step: {reason.format(path)}\n"


def test_where_there_is_no_summary_nothing_is_said_of_it(github: Served) -> None:
    github.write("tasks: {a: {run: echo}}")
    del github.environment["GITHUB_STEP_SUMMARY"]
    assert github.said("--quiet") == ""


def test_a_run_that_is_continued_is_reported_as_well(github: Served) -> None:
    github.write("tasks: {a: {run: test -e there}}")
    github.said("--quiet", code=1)
    (github.folder / "there").touch()
    assert github("resume", "--quiet").err == ""
    assert "# workflow: succeeded" in github.summary.read_text()


# What else is asked for --------------------------------------------------------------------------


def test_output_is_shown_as_it_comes_or_not_at_all_where_that_is_asked_for(github: Served) -> None:
    github.write("tasks: {a: {run: 'echo ::error::x'}}")
    end = "   succeeded [TIME] a\n────────────\n   succeeded [TIME] workflow: 1 succeeded\n"
    assert github.said("--output", "stream") == f"a | ::error::x\n{end}"
    assert github.said("--output", "none") == end


def test_of_a_long_log_the_end_is_shown(github: Served) -> None:
    github.write("tasks: {a: {run: seq 300000, capture: none}}")
    lines = github.said().splitlines()[:-2]
    assert lines[:2] == ["::group::succeeded [TIME] a", "    | … 940323 bytes before this"]
    assert lines[-2:] == ["    | 300000", "::endgroup::"]
    assert sum(len(line) - len("    | ") + 1 for line in lines[2:-1]) <= 1 << 20


def test_what_is_run_by_a_task_gives_no_commands(github: Served) -> None:
    command = " ".join(github.command("run", "inner.yml"))
    github.write(f"tasks: {{outer: {{run: '{command}'}}}}")
    github.write("secrets: [TOKEN]\ntasks: {inner: {run: 'echo inside; exit 1'}}", "inner.yml")
    said = github.said(code=1, TOKEN="hunter2hunter2")
    assert [command.name for command in commands(said)] == ["error"]
    assert "hunter2" not in said
    assert github.summary.read_text().count("# workflow") == 1


def test_nobody_who_reads_breaks_nothing(github: Served) -> None:
    github.write("tasks: {a: {run: exit 1}}")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        github.command("run"), cwd=github.folder, env=github.environment, stderr=writing, check=False
    )
    os.close(writing)
    assert done.returncode == 1
    assert "# workflow: failed" in github.summary.read_text()


def test_elsewhere_nothing_of_it_happens(github: Served) -> None:
    github.write("tasks: {a: {run: exit 1}}")
    (github.folder / "bad.yml").write_text("tasks: {a: {rum: x}}")
    del github.environment["GITHUB_ACTIONS"]
    ended = github("run")
    assert commands(ended.err + ended.out + github("run", "bad.yml").err) == []
    assert github.summary.read_text() == ""
