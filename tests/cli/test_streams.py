"""Who may write where: stdout carries the result alone, and nobody breaks when a reader leaves."""

from __future__ import annotations

import json
import subprocess

import pytest
from program import Program

noisy = """
    tasks:
      noise: {call: "noise.py:make"}
    outputs: {result: "{{ tasks.noise.result }}"}
"""
noise = """
    import logging, os, subprocess, sys
    def make():
        print("printed")
        sys.stderr.write("complained\\n")
        logging.warning("logged")
        os.write(1, b"raw\\n")
        os.write(2, b"raw error\\n")
        subprocess.run(["echo", "child"], check=True)
        return sys.stdin.read()
"""
long = """
    tasks:
      each: {map: {over: "{{ range(2000) }}"}, result: "{{ item }}"}
      all: {result: "{{ tasks.each.results }}"}
      print: {run: [seq, "100000"], capture: none}
    outputs: {all: "{{ tasks.all.result }}"}
"""


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A folder with a run of which there is a good deal to say."""
    runner = Program(tmp_path_factory.mktemp("talkative"))
    runner.write(long)
    assert runner("run", "-q").code == 0
    return runner


def test_nothing_that_a_callable_does_reaches_stdout(runner: Program) -> None:
    runner.write(noisy)
    runner.write(noise, "noise.py")
    ended = runner("run", "--format", "json", "-q", stdin="nobody reads this")
    assert json.loads(ended.out)["outputs"] == {"result": ""}
    assert ended.err == ""
    logs = runner("logs").out
    assert sorted(line for line in logs.splitlines() if not line.startswith("==>")) == [
        "WARNING:root:logged",
        "child",
        "complained",
        "printed",
        "raw",
        "raw error",
    ]
    assert logs.index("==> noise <==") < logs.index("printed") < logs.index("==> outside of all tasks <==")
    assert logs.index("==> outside of all tasks <==") < logs.index("raw")


@pytest.mark.parametrize(
    "line",
    [
        "runner run -q --format json | head -c 10",
        "runner run -q | head -n 1",
        "runner run 2>&1 | head -n 1",
        "runner run -q | true",
        "runner report --format json | head -c 10",
        "runner plan --format json | head -n 1",
        "runner schema | head -n 1",
        "runner --help | head -n 1",
        "runner runs | true",
        "runner logs | true",
    ],
)
def test_a_reader_that_leaves_early_is_no_error(talkative: Program, line: str) -> None:
    ended = talkative.shell(line)
    assert ended.err == ""
    assert "Traceback" not in ended.out
    assert ended.code == 0


def test_a_full_disk_behind_stdout_is_told_and_makes_the_exit_code_1(talkative: Program) -> None:
    for command in ("run -q", "report", "plan", "runs", "schema"):
        ended = talkative.shell(f"runner {command} > /dev/full")
        assert ended.err == "error: cannot write to standard output: No space left on device\n"
        assert ended.code == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_from_the_start_harm_nothing(runner: Program, closed: str) -> None:
    runner.write(noisy)
    runner.write(noise, "noise.py")
    assert runner.shell(f"runner run --report report.json {closed}").code == 0
    report = json.loads((runner.folder / "report.json").read_text())
    assert report["run"]["status"] == "succeeded"
    assert runner.shell("runner runs").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "run -q --report json=-",
        "run -q --report json=/dev/stdout",
        "run -q --format json",
        "run -q asked.yml",
        "report",
        "report --format json -o -",
        "report --eject html",
        "plan",
        "logs",
        "runs",
        "schema",
        "init -",
        "validate wrong.yml",
    ],
)
def test_what_was_asked_for_on_a_closed_stdout_was_not_written(runner: Program, command: str) -> None:
    runner.write("tasks: {a: {run: [echo]}}")
    runner.write("tasks: {a: {run: [echo]}}\nreports: [{to: '-', format: json}]", "asked.yml")
    runner.write("tasks: 1", "wrong.yml")
    assert runner("run", "-q").code == 0
    ended = runner.shell(f"runner {command} >&-")
    assert (ended.code, ended.err) == (1, "error: cannot write to standard output: it is closed\n")


def test_a_report_that_was_asked_for_on_a_closed_stderr_was_not_written(runner: Program) -> None:
    runner.write("tasks: {a: {run: [echo]}}")
    assert runner.shell("runner run -q --report json=/dev/stderr 2>&-").code == 1


def test_a_thread_that_never_ends_does_not_keep_the_program(runner: Program) -> None:
    runner.write(
        """
        import atexit, threading
        def start():
            threading.Thread(target=threading.Event().wait).start()
            atexit.register(lambda: open("left", "w").close())
            return "started"
        """,
        "endless.py",
    )
    runner.write("tasks: {one: {call: 'endless.py:start'}}")
    assert runner("run", "-q").code == 0
    assert (runner.folder / "left").exists()


def test_what_a_task_printed_cannot_steer_the_terminal(runner: Program) -> None:
    runner.write(r"tasks: {one: {run: [printf, '\033[2Jcleared\n']}}")
    runner("run", "-q")
    assert runner("logs").out == "\x1b[2Jcleared\n"
    assert runner.in_a_terminal("logs").out == "\\x1b[2Jcleared\r\n"


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_report_that_goes_to_stdout_arrives_there(runner: Program, path: str) -> None:
    runner.write("tasks: {a: {run: [echo]}}")
    for line in (
        f"runner run -q --report json={path} > out; cat out",
        f"runner run -q --report json={path} | cat",
    ):
        ended = runner.shell(line)
        assert (ended.code, ended.err) == (0, "")
        assert json.loads(ended.out)["run"]["status"] == "succeeded"
    again = runner.shell(f"runner report --format json -o {path} | cat")
    assert again.out.startswith('{\n  "run": ')


def test_a_report_may_go_to_a_pipe_of_the_shell(runner: Program) -> None:
    runner.write("tasks: {a: {run: [echo]}}")
    ended = runner.shell("runner run -q --report json=>(cat > piped; echo >&2) > out 2> err; wait $!")
    assert ended.code == 0
    assert (runner.folder / "piped").read_text().startswith('{\n  "run": ')


@pytest.mark.parametrize(
    "arguments", ["--version", "--help", "run --help", "--show-completion bash", "schema", "init -"]
)
def test_a_full_disk_behind_what_is_printed_at_once_is_told(runner: Program, arguments: str) -> None:
    ended = runner.shell(f"runner {arguments} > /dev/full")
    assert ended.code == 1
    assert ended.err == "error: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("instead", ["None", "object()", "open(os.devnull)"])
@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_whatever_a_callable_puts_in_the_place_of_a_stream_the_run_ends_as_it_went(
    runner: Program, executor: str, name: str, instead: str
) -> None:
    runner.write(f"import os, sys\ndef f():\n    sys.{name} = {instead}\n    return 1", "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:f'}}\noutputs: {it: '{{ tasks.a.result }}'}")
    ended = runner("run", "-q", "--executor", executor, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["outputs"] == {"it": 1}


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_what_exit_functions_print_goes_to_the_log_of_the_run(runner: Program, executor: str) -> None:
    runner.write("import atexit\n\ndef f():\n    atexit.register(lambda: print('bye'))\n", "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:f'}}")
    ended = runner("run", "--format", "json", "--executor", executor)
    assert json.loads(ended.out)["run"]["status"] == "succeeded"
    assert "bye" not in ended.err
    assert runner("logs").out == "bye\n"


@pytest.mark.parametrize("output", ["failed", "all", "stream"])
def test_what_failed_has_the_same_lines_while_the_run_goes_on_and_in_its_report(
    runner: Program, output: str
) -> None:
    runner.write(r"""
        tasks:
          odd: {run: "printf 'a\\013b\\014c\\034d\\302\\205e\\342\\200\\250f\\rg\\r\\n\\nh'; exit 1"}
    """)
    ended = runner("run", "--output", output)
    lines = [r"| a\x0bb\x0cc\x1cd\x85e\u2028f\x0dg", "|", "| h"]
    for told in (ended.err, ended.out):
        assert [line[line.index("|") :].rstrip() for line in told.split("\n") if " | " in f"{line} "] == lines


@pytest.mark.parametrize(
    "words",
    [
        "run - --params-file -",
        "run --params-file - --params-file -",
        "resume --params-file - --params-file -",
        "plan - --params-file -",
        "validate - -",
    ],
)
def test_standard_input_is_not_read_twice(runner: Program, words: str) -> None:
    runner.write("tasks: {a: {run: 'false'}}")
    if words.startswith("resume"):
        assert runner("run").code == 1
    ended = runner.shell(f"echo 'tasks: {{a: {{run: echo a >ran}}}}' | runner {words}")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: - and -: standard input can be read only once\n"
        "  = put one of the two into a file, or give it by <(…) of bash\n"
    )


def test_a_resume_reads_params_from_standard_input_though_the_workflow_came_from_there(
    runner: Program,
) -> None:
    asked = "params: {a: 1}\ntasks: {a: {run: 'test {{ params.a }} = 2'}}"
    assert runner.shell(f'echo "{asked}" | runner run -').code == 1
    assert runner.shell("echo 'a: 2' | runner resume --params-file -").code == 0


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_which_module_is_waited_for_is_told_while_its_import_goes_on(runner: Program, executor: str) -> None:
    runner.write(
        """
        import os, time
        while not os.path.exists("go"):
            time.sleep(0.01)
        def call(): pass
        """,
        "lib.py",
    )
    runner.write("tasks: {a: {call: 'lib.py:call'}}")
    process = subprocess.Popen(
        runner.command("run", "-q", "--executor", executor),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "note: importing 'lib.py' takes longer than 5 s: it is waited for\n"
    (runner.folder / "go").touch()
    assert process.communicate()[1] == ""
    assert process.returncode == 0
