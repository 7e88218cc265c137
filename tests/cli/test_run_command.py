"""`runner run`: the report on stdout, everything else on stderr, an exit code that tells the truth."""

from __future__ import annotations

import json
import os
import stat
from textwrap import dedent

import pytest
from program import Program, steady

sound = """
    name: sound
    params: {width: 320, names: {type: list, default: [a, b]}}
    tasks:
      one: {run: [echo, "{{ params.width }}"]}
      each: {map: {over: "{{ params.names }}"}, run: [echo, "{{ item }}"]}
      last: {needs: [one], result: "{{ tasks.each.results }}"}
    outputs: {width: "{{ tasks.one.result }}", names: "{{ tasks.last.result }}"}
"""
broken = """
    name: broken
    tasks:
      good: {run: [echo, fine]}
      bad: {run: [sh, -c, "echo careful >&2; exit 4"]}
      after: {needs: [bad], run: [echo, never]}
"""


def test_a_run_that_succeeds_reports_on_stdout_and_exits_with_0(runner: Program) -> None:
    runner.write(sound)
    ended = runner("run", "-q")
    assert steady(ended.out) == (
        "sound succeeded (run ID)\n"
        "\n"
        "succeeded  one  TIME\n"
        "succeeded  each  TIME  2 items\n"
        "succeeded  last  TIME\n"
        "\n"
        "outputs:\n"
        "  width: 320\n"
        '  names: ["a", "b"]\n'
        "\n"
        "3 succeeded in TIME\n"
    )
    assert ended.err == ""
    assert ended.code == 0


def test_a_run_that_fails_says_where_and_exits_with_1(runner: Program) -> None:
    runner.write(broken)
    ended = runner("run", "-q")
    assert steady(ended.out) == (
        "broken failed (run ID)\n"
        "\n"
        "workflow.yml:5:3: bad failed: exit code 4 [exit]\n"
        "    $ sh -c 'echo careful >&2; exit 4'\n"
        "    | careful\n"
        "\n"
        "succeeded  good  TIME\n"
        "failed  bad  TIME\n"
        "skipped  after  needs bad, which failed at workflow.yml:5\n"
        "\n"
        "1 failed, 1 skipped, 1 succeeded in TIME\n"
    )
    assert ended.code == 1


def test_progress_goes_to_stderr_line_by_line(runner: Program) -> None:
    runner.write("tasks: {one: {run: [echo, hi]}, two: {needs: [one], run: [echo, ho]}}")
    ended = runner("run")
    assert [line.split()[0] + " " + line.split()[-1] for line in ended.err.splitlines()] == [
        "succeeded one",
        "succeeded two",
        "──────────── ────────────",
        "succeeded succeeded",
    ]
    assert ended.code == 0


def test_the_json_report_is_the_only_thing_on_stdout(runner: Program) -> None:
    runner.write(sound)
    ended = runner("run", "--format", "json")
    report = json.loads(ended.out)
    assert report["run"]["status"] == "succeeded"
    assert report["run"]["exit_code"] == 0
    assert report["outputs"] == {"width": "320", "names": ["a", "b"]}
    assert list(report["tasks"]) == ["one", "each", "last"]


def test_params_come_from_files_and_from_the_command_line_which_wins(runner: Program) -> None:
    runner.write(sound)
    runner.write("width: 1\nnames: [x]\n", "first.yml")
    runner.write('{"width": 2}', "second.json")
    ended = runner(
        "run",
        "--format",
        "json",
        "--params-file",
        "first.yml",
        "--params-file",
        "second.json",
        "-p",
        "names=[y, z]",
    )
    assert json.loads(ended.out)["outputs"] == {"width": "2", "names": ["y", "z"]}
    ended = runner("run", "--format", "json", "-p", "width=7", "--param", "width=8")
    assert json.loads(ended.out)["outputs"]["width"] == "8"


def test_everything_wrong_with_params_is_said_at_once_and_nothing_runs(runner: Program) -> None:
    runner.write(sound)
    ended = runner("run", "-p", "widht=1", "-p", "names=3", "-p", "width")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: -p widht=1: unknown param 'widht'\n"
        "  = did you mean 'width'?\n"
        "error: -p names=3: 'names' must be a list, not the number 3\n"
        "error: -p width: expected NAME=VALUE\n"
    )
    assert not (runner.folder / ".runner").exists()


def test_the_file_is_found_by_its_usual_names(runner: Program) -> None:
    ended = runner("run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: no workflow file here: neither workflow.yml nor workflow.yaml is in {runner.folder}\n"
        "  = name one, or write one to start from: runner init\n"
    )
    runner.write("tasks: {one: {run: [echo, yaml]}}", "workflow.yaml")
    assert "succeeded  one" in runner("run", "-q").out
    runner.write("tasks: {two: {run: [echo, yml]}}", "workflow.yml")
    assert "succeeded  two" in runner("run", "-q").out


def test_a_dash_reads_the_workflow_from_standard_input(runner: Program) -> None:
    ended = runner("run", "-", "-q", stdin="tasks: {one: {run: [echo, hi]}, two: {run: [cat]}}")
    assert ended.out.startswith("workflow succeeded (run ")
    assert ended.code == 0
    ended = runner("run", "-", stdin="tasks: {one: {rum: [echo, hi]}}")
    assert ended.err.startswith("-:1:15: error: ")
    assert ended.code == 2


def test_a_file_with_mistakes_is_not_run(runner: Program) -> None:
    runner.write("tasks:\n  one: {run: [touch, made]}\n  two: {needs: [onne], run: [echo]}\n")
    ended = runner("run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "workflow.yml:3:17: error: unknown task 'onne' in needs [unknown-task]\n"
        "    3 |   two: {needs: [onne], run: [echo]}\n"
        "      |                 ^^^^\n"
        "      = did you mean 'one'?\n"
        "1 error\n"
    )
    assert not (runner.folder / "made").exists()


def test_a_callable_that_cannot_be_imported_stops_the_run_before_it_begins(runner: Program) -> None:
    runner.write("raise RuntimeError('not today')\ndef go(): pass\n", "mine.py")
    runner.write("tasks: {one: {run: [touch, made]}, two: {call: 'mine.py:go'}}")
    ended = runner("run")
    assert (ended.code, ended.out) == (2, "")
    assert "not today" in ended.err
    assert "Traceback" not in ended.err.splitlines()[0]
    assert not (runner.folder / "made").exists()
    assert list(runner.folder.glob(".runner/runs/*")) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--report", "out.doc"],
            "error: no report format for 'out.doc'\n"
            "  = end its name in one of .txt, .text, .json, .html, .htm, .md, .markdown, .xml, .trace.json,"
            " or name the format\n",
        ),
        (
            ["--report", "jsno=out"],
            "error: no report format 'jsno'\n  = did you mean 'json'?\n",
        ),
        (
            ["--template", "mine.j2"],
            "error: cannot read the template mine.j2: there is no such file\n",
        ),
        (
            ["--executor", "thraed"],
            "error: there is no executor 'thraed'\n  = did you mean 'thread'?\n",
        ),
    ],
)
def test_what_is_wrong_with_the_command_line_is_said_before_anything_runs(
    runner: Program, arguments: list[str], message: str
) -> None:
    runner.write(sound)
    ended = runner("run", *arguments)
    assert ended.err == message
    assert (ended.code, ended.out) == (2, "")
    assert list(runner.folder.glob(".runner/runs/*")) == []


def test_reports_are_written_wherever_they_are_asked_for(runner: Program) -> None:
    runner.write(broken + "    reports: [{to: 'out/{{ run.id }}.md'}, {to: mine.txt, template: mine.j2}]")
    runner.write("{{ run.status }}: {{ tasks.bad.error.exit_code }}", "mine.j2")
    ended = runner(
        "run", "-q", "--report", "deep/er/all.json", "--report", "text=plain", "--template", "mine.j2"
    )
    assert ended.out == "failed: 4"
    assert ended.code == 1
    run = json.loads((runner.folder / "deep/er/all.json").read_text())["run"]
    assert run["status"] == "failed"
    assert (runner.folder / "plain").read_text().startswith("broken failed (run ")
    assert (runner.folder / "mine.txt").read_text() == "failed: 4"
    assert (runner.folder / "out" / f"{run['id']}.md").read_text().startswith("# broken: failed")


def test_a_template_whose_name_says_no_kind_escapes_for_the_file_that_it_writes(runner: Program) -> None:
    runner.write(
        """
        name: "<&*>"
        tasks: {a: {run: [echo]}}
        reports:
          - {to: out/a.html, template: page.j2}
          - {to: "out/{{ workflow.name | length }}.XML", template: page.j2}
          - {to: out/a.md, template: page.jinja}
          - {to: out/summary, format: markdown, template: page.j2}
          - {to: out/plain, template: page.j2}
          - {to: out/b.html, template: page.txt.j2}
          - {to: out/b.txt, template: page.html.j2}
        """
    )
    for name in ("page.j2", "page.jinja", "page.txt.j2", "page.html.j2"):
        runner.write("{{ workflow.name }}", name)
    assert runner("validate", "workflow.yml").code == 0
    ended = runner("run", "-q", "--template", "page.j2")
    assert (ended.code, ended.out, ended.err) == (0, "<&*>", "")
    written = {path.name: path.read_text() for path in (runner.folder / "out").iterdir()}
    assert written == {
        "a.html": "&lt;&amp;*&gt;",
        "4.XML": "&lt;&amp;*&gt;",
        "a.md": r"&lt;&amp;\*&gt;",
        "summary": r"&lt;&amp;\*&gt;",
        "plain": "<&*>",
        "b.html": "<&*>",
        "b.txt": "&lt;&amp;*&gt;",
    }
    for path, text in (("c.html", "&lt;&amp;*&gt;"), ("c.md", r"&lt;&amp;\*&gt;"), ("c.csv", "<&*>")):
        assert runner("report", "--template", "page.j2", "-o", path).code == 0
        assert (runner.folder / path).read_text() == text


def test_a_report_that_cannot_be_written_makes_the_exit_code_1_and_spoils_no_other(runner: Program) -> None:
    runner.write(sound)
    runner.write("", "a-file")
    ended = runner("run", "-q", "--report", "a-file/report.json", "--report", "good.json")
    assert ended.err == f"error: cannot write a-file/report.json: {runner.folder}/a-file is no folder\n"
    assert ended.code == 1
    assert json.loads((runner.folder / "good.json").read_text())["run"]["exit_code"] == 0
    assert ended.out.startswith("sound succeeded")


def test_a_template_that_fails_half_way_prints_nothing(runner: Program) -> None:
    runner.write("tasks: {a: {run: [echo]}}")
    runner.write("begun\n{{ run.nothing }}\n", "mine.txt")
    ended = runner("run", "--quiet", "--template", "mine.txt")
    assert ended.err == f"error: {runner.folder}/mine.txt:2: 'dict object' has no attribute 'nothing'\n"
    assert (ended.code, ended.out) == (1, "")
    again = runner("report", "--template", "mine.txt")
    assert (again.code, again.out, again.err) == (2, "", ended.err)


def test_secrets_are_read_from_the_environment_and_never_shown(runner: Program) -> None:
    runner.write(
        """
        secrets: [TOKEN]
        dotenv: .env
        tasks:
          one:
            env: {T: "{{ secrets.TOKEN }}"}
            run: echo "$T"; echo "$T" >&2; false
        """
    )
    ended = runner("run")
    assert ended.err == (
        "error: the secret TOKEN is not set in the environment\n"
        "  = export TOKEN=…, or put it into a dotenv file that the workflow names\n"
    )
    assert ended.code == 2
    ended = runner("run", environment={"TOKEN": "short"})
    assert ended.err == (
        "error: the secret TOKEN is shorter than 6 characters\n"
        "  = masking so short a value would blot out ordinary text\n"
    )
    assert ended.code == 2
    runner.write("TOKEN=from-the-file\n", ".env")
    ended = runner("run", "--output", "all")
    logs = runner("logs")
    everything = ended.out + ended.err + logs.out
    assert "***" in ended.out
    assert logs.out == "==> one <==\n***\n==> one (stderr) <==\n***\n"
    assert "from-the-file" not in everything
    ended = runner("run", environment={"TOKEN": "from-the-process"})
    assert "from-the-process" not in ended.out + ended.err
    assert ended.code == 1


def test_the_environment_is_that_of_the_dotenv_file_under_that_of_the_process(runner: Program) -> None:
    runner.write(
        """
        dotenv: [.env, more.env]
        tasks: {one: {run: echo "$A $B $C"}}
        outputs: {it: "{{ tasks.one.result }}"}
        """
    )
    runner.write("A=first\nB=first\nC=first\n", ".env")
    runner.write("B=second\n", "more.env")
    ended = runner("run", "--format", "json", environment={"C": "process"})
    assert json.loads(ended.out)["outputs"] == {"it": "first second process"}


def test_what_is_wrong_with_the_environment_of_the_file_is_said_at_its_place(runner: Program) -> None:
    runner.write(
        """\
        params: {none: {default: null}}
        env:
          GOOD: "{{ 1 }}"
          EMPTY: "a{{ params.none }}"
          CUT: "{{ 'a\\0b' }}"
        tasks: {a: {run: [echo]}}
        """
    )
    ended = runner("run")
    assert ended.err == (
        "workflow.yml:4:10: error: EMPTY: the value is None, which has no text, in `params.none` [bad-env]\n"
        '    4 |   EMPTY: "a{{ params.none }}"\n'
        "      |          ^^^^^^^^^^^^^^^^^^^^\n"
        "      = `| default('…', true)` gives it one\n"
        "workflow.yml:5:8: error: CUT: the text holds a NUL character, which no command can be given "
        "[bad-env]\n"
        "    5 |   CUT: \"{{ 'a\\0b' }}\"\n"
        "      |        ^^^^^^^^^^^^^^\n"
        "2 errors\n"
    )
    assert (ended.code, ended.out) == (2, "")


def test_the_state_folder_can_be_elsewhere(runner: Program) -> None:
    runner.write(sound)
    assert runner("run", "-q", "--state-dir", "here").code == 0
    assert runner("run", "-q", environment={"RUNNER_STATE_DIR": "there"}).code == 0
    for name in ("here", "there"):
        folder = runner.folder / name
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert (folder / ".gitignore").read_text() == "*\n"
        assert len(json.loads(runner("runs", "--state-dir", name, "--format", "json").out)) == 1
    assert not (runner.folder / ".runner").exists()


def test_what_a_command_has_left_in_the_background_prints_into_the_log_of_no_other(runner: Program) -> None:
    runner.write("""
        tasks:
          leaves: {run: "setsid sh -c 'until [ -e go ]; do sleep 0.01; done; echo late; : > said' 2>&1 &"}
          silent: {needs: [leaves], map: {over: "{{ range(20) }}"}, run: ["true"]}
          waits: {needs: [silent], run: ": > go; until [ -e said ]; do sleep 0.01; done"}
          prints: {needs: [waits], run: echo in time}
    """)
    report = runner.report("-j", "1")
    results = {name: report["tasks"][name]["result"] for name in ("leaves", "waits", "prints")}
    assert results == {"leaves": "", "waits": "", "prints": "in time"}
    (log,) = runner.folder.glob(".runner/runs/*/logs/*")
    assert log.read_text() == "in time\n"


@pytest.mark.parametrize("name", ["there", "."])
def test_a_folder_that_was_there_is_not_changed_for_the_runs_in_it(runner: Program, name: str) -> None:
    runner.write(sound)
    folder = runner.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "kept").touch()
    folder.chmod(0o1755)
    for _ in range(2):
        assert runner("run", "-q", "--state-dir", name).code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o1755
    assert stat.S_IMODE((folder / "runs").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "index.sqlite").stat().st_mode) == 0o600
    assert not (folder / ".gitignore").exists()
    assert len(json.loads(runner("runs", "--state-dir", name, "--format", "json").out)) == 2


def test_an_empty_folder_that_was_there_keeps_its_mode_and_is_unseen_by_git(runner: Program) -> None:
    runner.write(sound)
    (runner.folder / "there").mkdir(mode=0o755)
    assert runner("run", "-q", "--state-dir", "there").code == 0
    assert stat.S_IMODE((runner.folder / "there").stat().st_mode) == 0o755
    assert (runner.folder / "there" / ".gitignore").read_text() == "*\n"


def test_warnings_are_told_and_do_not_keep_a_file_from_running(runner: Program) -> None:
    runner.write("tasks: {one: {run: 'echo hi | cat'}}")
    ended = runner("run", "-q")
    assert ended.err.startswith("workflow.yml:1:")
    assert ended.err.endswith("1 warning\n")
    assert ended.code == 0


def test_fail_fast_and_workers_reach_the_run(runner: Program) -> None:
    runner.write(
        """
        tasks:
          bad: {run: ["false"]}
          slow: {run: [sleep, "0.2"]}
          next: {needs: [slow], run: [echo, hi]}
        """
    )
    tasks = json.loads(runner("run", "-j", "1", "--fail-fast", "--format", "json").out)["tasks"]
    assert [task["status"] for task in tasks.values()] == ["failed", "succeeded", "cancelled"]
    tasks = json.loads(runner("run", "-j", "1", "--executor", "inline", "--format", "json").out)["tasks"]
    assert [task["status"] for task in tasks.values()] == ["failed", "succeeded", "succeeded"]


def test_a_run_whose_record_is_taken_away_ends_with_a_sentence(runner: Program) -> None:
    runner.write(
        """
        tasks:
          one: {run: 'rm -r "$RUN"', env: {RUN: "{{ run.dir }}"}}
          two: {needs: [one], run: [echo, hi]}
        """
    )
    ended = runner("run", "-q")
    assert steady(ended.err) == (
        f"error: {runner.folder}/.runner/runs/ID/run.sqlite was removed while the run went on:"
        " there is no report of it\n"
        "  = of its tasks: 2 succeeded\n"
    )
    assert (ended.code, ended.out) == (1, "")


def test_reports_lie_where_the_run_was_started_whatever_folder_a_callable_goes_to(runner: Program) -> None:
    (runner.folder / "lib.py").write_text("import os\n\ndef away():\n    os.mkdir('sub'); os.chdir('sub')\n")
    runner.write("""
        reports: [{to: "out/{{ workflow.name }}.md"}]
        tasks: {a: {call: "lib.py:away"}}
    """)
    assert runner("run", "-q", "--report", "json=run.json").code == 0
    assert (runner.folder / "out/workflow.md").exists() and (runner.folder / "run.json").exists()
    assert list((runner.folder / "sub").iterdir()) == []


def test_a_timeout_may_be_longer_than_the_system_can_wait_at_once(runner: Program) -> None:
    runner.write("timeout: 200000h\ntasks: {a: {run: 'true', timeout: 200000h}}")
    assert runner("run", "-q").code == 0


def test_more_items_than_can_be_told_apart_fail_their_map_and_nothing_else(runner: Program) -> None:
    runner.write("""
        tasks:
          a: {map: {over: "{{ range(2**63) }}"}, run: "true"}
          m: {map: {matrix: {a: "{{ range(200000) }}", b: "{{ range(100000) }}"}}, run: "true"}
          last: {when: always(), run: touch ended}
    """)
    ended = runner("run", "-q")
    assert ended.code == 1
    assert [line for line in ended.out.splitlines() if " failed: " in line] == [
        "workflow.yml:3:3: a failed: there are 9,223,372,036,854,775,808 items,"
        " and a map can have 10,000,000,000 at the most [items]",
        "workflow.yml:4:3: m failed: there are 20,000,000,000 items,"
        " and a map can have 10,000,000,000 at the most [items]",
    ]
    assert (runner.folder / "ended").exists()


@pytest.mark.parametrize("number", [str(10**9 + 1), "9" * 5000])
def test_more_workers_than_a_number_can_say_are_refused(runner: Program, number: str) -> None:
    runner.write("tasks: {a: {run: 'true'}}")
    ended = runner("run", "-j", number)
    assert ended.code == 2 and ended.err.startswith("error: Invalid value for '-j' / '--max-workers': ")


def test_arguments_that_the_source_does_not_show_are_checked_on_import_before_anything_runs(
    runner: Program,
) -> None:
    lines = ["import functools", "from textwrap import dedent", "double = [lambda x: 2 * x][0]"]
    lines += ["def power(a, b): return a ** b", "of_two = functools.partial(power, 2)"]
    lines += ["named = functools.partial(power, b=2)"]
    (runner.folder / "lib.py").write_text("\n".join(lines))
    runner.write("""
        tasks:
          first: {run: touch ran}
          a: {call: "lib.py:double", with: {y: 1}}
          b: {call: "lib.py:of_two", with: {}}
          c: {call: "lib.py:named", with: {a: 1}}
          d: {call: "lib.py:dedent", with: {txt: ""}}
          e: {call: "math:sqrt", with: {x: 4}}
    """)
    ended = runner("run")
    assert ended.code == 2 and not (runner.folder / "ran").exists()
    assert ended.err == (
        "workflow.yml:4:14: error: double() needs the argument 'x' [missing-argument]\n"
        '    4 |   a: {call: "lib.py:double", with: {y: 1}}\n'
        "      |              ^^^^^^^^^^^^^\n"
        "      = give `x` in `with`\n"
        "workflow.yml:4:14: error: double() has no parameter 'y' [unknown-argument]\n"
        '    4 |   a: {call: "lib.py:double", with: {y: 1}}\n'
        "      |              ^^^^^^^^^^^^^\n"
        "      = it takes x\n"
        "workflow.yml:5:14: error: of_two() needs the argument 'b' [missing-argument]\n"
        '    5 |   b: {call: "lib.py:of_two", with: {}}\n'
        "      |              ^^^^^^^^^^^^^\n"
        "      = give `b` in `with`\n"
        "workflow.yml:7:14: error: dedent() has no parameter 'txt' [unknown-argument]\n"
        '    7 |   d: {call: "lib.py:dedent", with: {txt: ""}}\n'
        "      |              ^^^^^^^^^^^^^\n"
        "      = did you mean 'text'?\n"
        "workflow.yml:8:14: error: sqrt() takes 'x' by position only [positional-argument]\n"
        '    8 |   e: {call: "math:sqrt", with: {x: 4}}\n'
        "      |              ^^^^^^^^^\n"
        "      = arguments are given by name: wrap it in a function of yours\n"
        "5 errors\n"
    )


@pytest.mark.parametrize(
    "own", ["workflow.yml", "child.yml", "width.yml", "other.yml", "mine.j2", ".env", "link.md"]
)
def test_a_report_never_takes_the_place_of_what_the_run_is_made_from(runner: Program, own: str) -> None:
    runner.write(
        """\
        params: {width: 1, height: 1}
        params_file: width.yml
        dotenv: .env
        tasks: {one: {workflow: child.yml}}
        """
    )
    runner.write("tasks: {inner: {run: touch ran}}", "child.yml")
    runner.write("width: 2", "width.yml")
    runner.write("height: 2", "other.yml")
    runner.write("A=1", ".env")
    runner.write("{{ run.id }}", "mine.j2")
    (runner.folder / "link.md").symlink_to("workflow.yml")
    before = (runner.folder / own).read_bytes()
    ended = runner("run", "--params-file", "other.yml", "--template", "mine.j2", "--report", f"text={own}")
    assert ended.err == (
        f"error: the report {own} would overwrite a file that the run is made from\n  = name another file\n"
    )
    assert (ended.code, ended.out) == (2, "")
    assert (runner.folder / own).read_bytes() == before
    assert not (runner.folder / "ran").exists()


def test_no_two_reports_are_written_to_one_file(runner: Program) -> None:
    runner.write(sound)
    ended = runner("run", "--report", "out/it.json", "--report", "text=./out/it.json")
    message = "error: --report: two reports are to be written to ./out/it.json\n  = name another file\n"
    assert (ended.code, ended.err, ended.out) == (2, message, "")


def test_a_report_that_is_asked_for_takes_the_place_of_one_of_the_file(runner: Program) -> None:
    runner.write("reports: [{to: it.json}]\ntasks: {a: {run: 'true'}}")
    assert runner("run", "-q", "--report", "text=it.json").code == 0
    assert (runner.folder / "it.json").read_text().startswith("workflow succeeded (run ")


def test_a_report_to_a_dash_takes_the_place_of_the_text_on_stdout(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'exit 4'}}")
    for dash in ("-", "/dev/stdout", "/dev/fd/1"):
        ended = runner("run", "--report", f"json={dash}", "--report", "it.txt")
        assert json.loads(ended.out)["run"]["status"] == "failed"
        assert "to do what failed" not in ended.err
        assert (runner.folder / "it.txt").read_text().startswith("workflow failed (run ")
    assert runner("run", "-q", "--report", "text=-").out.startswith("workflow failed (run ")
    assert not (runner.folder / "-").exists()


def test_a_report_of_the_file_to_a_dash_gives_way_to_what_is_asked_for(runner: Program) -> None:
    runner.write("reports: [{to: '-', format: junit}]\ntasks: {a: {run: 'true'}}")
    runner.write("{{ run.status }}", "own.j2")
    ended = runner("run", "-q")
    assert ended.out.startswith("<?xml") and ended.out.endswith("</testsuites>\n")
    assert json.loads(runner("run", "-q", "--format", "json").out)
    assert json.loads(runner("run", "-q", "--report", "json=-").out)
    assert runner("run", "-q", "--template", "own.j2").out == "succeeded"


@pytest.mark.parametrize("command", ["run", "resume"])
@pytest.mark.parametrize(
    "options",
    [
        ["--report", "json=-", "--report", "trace=/dev/stdout"],
        ["--report", "json=-", "--format", "json"],
        ["--template", "own.j2", "--report", "json=-"],
    ],
    ids=" ".join,
)
def test_there_is_room_for_one_report_on_stdout(runner: Program, command: str, options: list[str]) -> None:
    runner.write("tasks: {a: {run: 'exit 4'}}")
    runner.write("{{ run.status }}", "own.j2")
    if command == "resume":
        runner("run", "-q")
    ended = runner(command, *options)
    message = (
        "error: --report: two reports are to be written to standard output\n  = name a file for one of them\n"
    )
    assert (ended.code, ended.err, ended.out) == (2, message, "")


def test_a_resume_may_ask_for_another_report_on_stdout(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'exit 4'}}")
    runner.write("{{ run.status }}", "own.j2")
    assert runner("run", "-q", "--template", "own.j2").out == "failed"
    assert json.loads(runner("resume", "-q", "--report", "json=-").out)
    assert json.loads(runner("resume", "-q").out)
    assert runner("resume", "-q", "--template", "own.j2").out == "failed"
    assert runner("resume", "-q", "--format", "text").out.startswith("workflow failed")


def test_a_resume_with_nothing_to_do_writes_the_report_that_a_program_reads(runner: Program) -> None:
    runner.write("tasks: {a: {run: 'true'}}")
    runner("run", "-q")
    assert json.loads(runner("resume", "-q", "--report", "json=-").out)["run"]["status"] == "succeeded"


def test_two_reports_of_the_file_that_come_to_one_path_are_a_mistake_before_anything_runs(
    runner: Program,
) -> None:
    runner.write("""
        params: {name: it.json}
        tasks: {a: {run: touch ran}}
        reports:
          - {to: it.json}
          - {to: "{{ params.name }}", format: text}
    """)
    ended = runner("run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "workflow.yml:6:10: error: two reports are to be written to it.json [repeated-report]\n"
        '    6 |   - {to: "{{ params.name }}", format: text}\n'
        "      |          " + "^" * len('"{{ params.name }}", format: text}') + "\n"
        "      = the first is at workflow.yml:5:10\n"
        "      = name another file\n"
        "1 error\n"
    )
    assert not (runner.folder / "ran").exists()
    assert runner("run", "-q", "-p", "name=other").code == 0
    assert runner("run", "-q", "--report", "json=./it.json").code == 0


def test_a_report_on_a_recorded_run_does_not_take_the_place_of_its_workflow(runner: Program) -> None:
    runner.write(sound, "flow.md")
    runner("run", "flow.md")
    ended = runner("report", "-o", "flow.md")
    assert (ended.code, ended.err) == (
        2,
        "error: the report would overwrite flow.md, from which it is made\n  = name another file\n",
    )
    assert (runner.folder / "flow.md").read_text() == dedent(sound)


def test_the_last_line_says_how_to_go_on_with_a_run_that_did_not_succeed(runner: Program) -> None:
    runner.write("secrets: [TOKEN]\nparams: {token: x}\ntasks: {a: {run: test -e mended}}")
    given = {"TOKEN": "sesame-open"}
    ended = runner("run", "-p", "token=sesame-open", "--state-dir", "kept here", environment=given)
    run = json.loads(runner("runs", "--state-dir", "kept here", "--format", "json").out)[0]["id"]
    folder = runner.folder.resolve() / "kept here"
    line = f"runner resume {run} -p 'token=…' --state-dir '{folder}'"
    assert ended.err.splitlines()[-1] == f"to do what failed or never ran, and keep the rest: {line}"
    (runner.folder / "mended").touch()
    assert runner.shell(f"export TOKEN=sesame-open; {line}").code == 0


@pytest.mark.parametrize(
    "arguments",
    [["-q"], ["--format", "json"], ["--only", "bad", "--again"], ["--only", "good"]],
    ids=" ".join,
)
def test_how_to_go_on_is_told_to_nobody_who_does_not_want_it(runner: Program, arguments: list[str]) -> None:
    runner.write("tasks: {good: {run: 'true'}, bad: {run: 'false'}}")
    assert "resume" not in runner("run", *arguments).err


def test_a_service_that_keeps_no_runs_is_not_told_how_to_go_on(runner: Program) -> None:
    runner.write("tasks: {bad: {run: 'false'}}")
    for service in ("GITHUB_ACTIONS", "GITLAB_CI"):
        assert "resume" not in runner("run", environment={service: "true"}).err
