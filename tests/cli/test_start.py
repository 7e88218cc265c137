"""The first minute: `--version`, `--help`, `init`, `schema`, and the door for our own bugs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from program import Program

import runner as package

commands = ["run", "resume", "validate", "plan", "report", "runs", "logs", "init", "schema"]


def imported(runner: Program, *arguments: str) -> set[str]:
    """The modules that the program has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "runner", *arguments],
        cwd=runner.folder,
        env=runner.environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_one_line(runner: Program, option: str) -> None:
    ended = runner(option)
    assert (ended.code, ended.out, ended.err) == (0, f"runner {package.__version__}\n", "")


def test_the_version_imports_next_to_nothing(runner: Program) -> None:
    assert imported(runner, "--version") & {"typer", "runner.cli", "argparse", "importlib.metadata"} == set()


def test_help_imports_nothing_heavy(runner: Program) -> None:
    heavy = {"pydantic", "pydantic_core", "jinja2", "yaml", "rich", "sqlite3", "asyncio", "runner.loader"}
    assert imported(runner, "--help") & heavy == set()


def test_no_command_needs_what_understands_any_command_line(runner: Program) -> None:
    runner.write("tasks: {a: {run: echo a}}")
    files = {"validate": ["workflow.yml"], "init": ["other.yml"]}
    told = {name: imported(runner, name, *files.get(name, [])) for name in commands}
    assert [name for name, modules in told.items() if modules & {"typer", "rich", "click"}] == []


@pytest.mark.parametrize("command", [["run", "-q"], ["validate", "workflow.yml"], ["plan"]], ids=" ".join)
def test_a_new_file_is_read_without_what_makes_models(runner: Program, command: list[str]) -> None:
    runner.write("tasks: {a: {run: echo a}}")
    told = imported(runner, *command)
    assert {"runner.loader.schema", "pydantic_core"} <= told
    assert "pydantic" not in told


@pytest.mark.parametrize(
    ("words", "name"),
    [
        *((["run", ""], "FILE"), (["validate", "workflow.yml", ""], "FILE"), (["resume", ""], "RUN")),
        *((["run", "--report", ""], "--report"), (["plan", "--params-file="], "--params-file")),
        *(
            (["logs", "a", ""], "TASK[KEY]"),
            (["report", "-o", ""], "-o' / '--output"),
            (["init", ""], "FILE"),
        ),
    ],
    ids=str,
)
def test_a_value_that_is_empty_is_refused_and_nothing_else_is_taken(
    runner: Program, words: list[str], name: str
) -> None:
    runner.write("tasks: {a: {run: touch ran}}")
    ended = runner(*words)
    assert (ended.code, ended.out) == (2, "")
    hint = f"`runner {words[0]} -h` explains what can be asked"
    assert ended.err == f"error: Invalid value for '{name}': it is empty\n  = {hint}\n"
    assert not (runner.folder / "ran").exists()


def test_help_names_every_command_and_exit_code(runner: Program) -> None:
    ended = runner("--help")
    assert (ended.code, ended.err) == (0, "")
    listed = ended.out.partition("Commands:\n")[2].splitlines()[: len(commands)]
    assert [line.split()[0] for line in listed] == commands
    for code in ("0", "1", "2", "3", "129, 130, 143"):
        assert f"\n    {code}  " in ended.out
    assert runner().err.rstrip() == ended.out.rstrip()


@pytest.mark.parametrize("command", commands)
def test_every_command_explains_itself(runner: Program, command: str) -> None:
    ended = runner(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: runner {command} ")


def test_a_mistyped_command_or_option_is_answered_with_what_was_meant(runner: Program) -> None:
    ended = runner("vlaidate")
    assert (ended.code, ended.out) == (2, "")
    assert "Did you mean 'validate'?" in ended.err
    ended = runner("run", "--fail-fats")
    assert (ended.code, ended.out) == (2, "")
    assert "--fail-fast" in ended.err


def test_init_writes_a_file_that_is_sound_and_runs(runner: Program) -> None:
    ended = runner("init")
    assert (ended.code, ended.out, ended.err) == (0, "", "wrote workflow.yml; now: runner run\n")
    strict = runner("validate", "workflow.yml", "--strict")
    assert (strict.code, strict.out) == (0, "")
    ended = runner("run", "-p", "greeting=Hi", "--format", "json")
    assert ended.code == 0
    letter = json.loads(ended.out)["outputs"]["letter"].splitlines()
    assert [line.split(".")[0] for line in letter] == ["Hi, Ada", "Hi, Grace", "Hi, Edsger"]
    assert "<h1>starter</h1>" in (runner.folder / "out" / "report.html").read_text()


def test_what_init_writes_shows_what_is_asked_for_most_and_is_small(runner: Program) -> None:
    text = runner("init", "-").out
    shown = yaml.safe_load(text)
    keys = {*shown, *(key for task in shown["tasks"].values() for key in task)}
    assert keys >= {"params", "map", "run", "retry", "timeout", "when", "outputs", "reports"}
    assert len(text.splitlines()) < 50


@pytest.mark.parametrize("name", ["workflow.yml", "my flow.yml"])
def test_the_commands_that_a_new_file_names_can_be_followed(runner: Program, name: str) -> None:
    runner("init", name)
    comments = [line.partition("#")[2] for line in (runner.folder / name).read_text().splitlines()]
    commands = re.findall(r"`(runner .+?)`|(runner run .+)", "\n".join(comments))
    followed = [runner.shell("".join(command)).code for command in commands]
    assert followed == [0, 0, 0, 0]


def test_init_leaves_a_file_alone_that_is_there(runner: Program) -> None:
    runner.write("mine", "flow.yml")
    ended = runner("init", "flow.yml")
    assert ended.err == (
        "error: flow.yml is already there, and is left alone\n  = name another: runner init my-flow.yml\n"
    )
    assert ended.code == 2
    assert (runner.folder / "flow.yml").read_text() == "mine"
    ended = runner("init", "no/folder.yml")
    assert (ended.code, ended.err) == (2, "error: cannot write no/folder.yml: No such file or directory\n")


@pytest.mark.parametrize(("folder", "file"), [(".", "./workflow.yml"), ("sub/", "sub/workflow.yml")])
def test_init_of_a_folder_tells_to_name_the_file(runner: Program, folder: str, file: str) -> None:
    (runner.folder / "sub").mkdir()
    ended = runner("init", folder)
    assert (ended.code, ended.err) == (
        2,
        f"error: {folder} is a folder\n  = name the file: runner init {file}\n",
    )
    assert runner("init", file).code == 0


def test_init_takes_the_place_of_no_other_workflow(runner: Program) -> None:
    runner.write("tasks: {a: {run: echo a}}", "workflow.yaml")
    ended = runner("init")
    assert (ended.code, ended.err) == (
        2,
        "error: workflow.yaml is already there, and workflow.yml would be run in its place\n"
        "  = name another: runner init my-workflow.yml\n",
    )
    assert not (runner.folder / "workflow.yml").exists()


def test_which_of_two_workflows_is_meant_is_told(runner: Program) -> None:
    runner.write("tasks: {one: {run: echo a}}", "workflow.yml")
    runner.write("tasks: {two: {run: echo a}}", "workflow.yaml")
    ended = runner("plan")
    assert ended.err == "note: workflow.yml is meant; workflow.yaml is here, too\n"
    assert "one" in ended.out


def test_of_a_new_file_that_cannot_be_written_whole_nothing_is_left(runner: Program) -> None:
    ended = runner.shell("ulimit -f 0; runner init new.yml")
    assert (ended.code, ended.err) == (2, "error: cannot write new.yml: File too large\n")
    assert not (runner.folder / "new.yml").exists()


@pytest.mark.parametrize(
    ("name", "pasted", "another"),
    [
        ("my flow.yml", "'my flow.yml'", "'my-my flow.yml'"),
        ("-x y.yml", "'./-x y.yml'", "'my--x y.yml'"),
        ("-x.yml", "./-x.yml", "my--x.yml"),
        ("it's $HOME.yml", """'it'"'"'s $HOME.yml'""", """'my-it'"'"'s $HOME.yml'"""),
        ("a b/flow.yml", "'a b/flow.yml'", "'a b/my-flow.yml'"),
    ],
)
def test_what_init_says_to_write_can_be_pasted(runner: Program, name: str, pasted: str, another: str) -> None:
    (runner.folder / "a b").mkdir()
    ended = runner("init", "--", name)
    assert (ended.code, ended.err) == (0, f"wrote {name}; now: runner run {pasted}\n")
    assert runner.shell(f"runner validate {pasted}").code == 0
    again = runner("init", "--", name)
    assert again.err == (
        f"error: {name} is already there, and is left alone\n  = name another: runner init {another}\n"
    )
    assert runner.shell(f"runner init {another}").code == 0


def test_the_schema_is_the_one_in_the_repository(runner: Program) -> None:
    ended = runner("schema")
    assert ended.code == 0
    kept = Path(__file__).parents[2] / "schemas/workflow.schema.json"
    assert ended.out == kept.read_text(encoding="utf-8")


def test_init_prints_the_file_where_standard_output_is_named(runner: Program) -> None:
    ended = runner("init", "-")
    assert (ended.code, ended.err) == (0, "")
    assert not any(runner.folder.iterdir())
    runner("init")
    assert (runner.folder / "workflow.yml").read_text() == ended.out


@pytest.mark.parametrize("name", ["runner", "runwright"])
def test_bash_completes_both_names_of_the_program(runner: Program, name: str) -> None:
    command = runner.folder / name
    command.write_text(f'#!/bin/sh\nexec {" ".join(runner.command())} "$@"\n')
    command.chmod(0o755)
    script = runner("--show-completion", "bash").out
    asked = f"COMP_WORDS=({name} va) COMP_CWORD=1; _{name}_completion ./{name}; echo ${{COMPREPLY[@]}}"
    ended = runner.shell(f"{script}\ncomplete -p {name}; {asked}")
    assert ended.out == f"complete -o default -F _{name}_completion {name}\nvalidate\n"


@pytest.mark.parametrize(
    ("shell", "begins"),
    [
        ("bash", "_runner_completion() {"),
        ("zsh", "#compdef runner\n"),
        ("fish", "complete --command runner "),
        ("pwsh", "Import-Module PSReadLine"),
    ],
)
def test_the_shell_that_is_named_is_the_one_whose_completion_is_shown(
    runner: Program, shell: str, begins: str
) -> None:
    for words in (["--show-completion", shell], [f"--show-completion={shell}"]):
        ended = runner(*words)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith(begins)
    for option in ("--show-completion", "--install-completion"):
        ended = runner(option, "tcsh")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            f"error: Invalid value for '{option}': 'tcsh' is not one of 'bash', 'zsh', 'fish', "
            "'powershell', 'pwsh'\n  = `runner -h` explains what can be asked\n"
        )


def test_completion_is_installed_for_both_names_of_the_program(runner: Program) -> None:
    home = {"HOME": str(runner.folder)}
    ended = runner("--install-completion", "fish", environment=home)
    files = [runner.folder / f".config/fish/completions/{name}.fish" for name in ("runner", "runwright")]
    assert ended.err == f"wrote {files[0]} and {files[1]}: the next shell completes runner and runwright\n"
    assert ended.code == 0
    assert "".join(file.read_text() for file in files) == runner("--show-completion", "fish").out


@pytest.mark.parametrize("shell", ["fish", "zsh"])
def test_what_a_shell_shows_of_an_option_is_one_whole_line(runner: Program, shell: str) -> None:
    asked = {
        "_RUNNER_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "runner run --on",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    (line,) = runner(environment=asked).out.replace("\\", "").splitlines()
    assert "--only" in line
    assert "what it needs: `fetch`, `fetch[cat.jpg]`, `country[fr].parse`. Repeatable." in line


def test_a_bug_of_ours_is_written_down_and_leaves_by_its_own_door(runner: Program) -> None:
    runner.write("raise LookupError('lost')", "broken/_sqlite3.py")
    ended = runner(
        "run",
        "-p",
        "key=private",
        "-",
        stdin="params: {key: x}\ntasks: {a: {run: [echo]}}",
        environment={"PYTHONPATH": str(runner.folder / "broken"), "TMPDIR": str(runner.folder)},
    )
    (details,) = runner.folder.glob("runner-bug-*.txt")
    assert ended.err == (
        "error: this is a bug in runner, not a mistake of yours: LookupError: lost\n"
        f"  = the details are in {details}; please report them\n"
    )
    assert (ended.code, ended.out) == (3, "")
    text = details.read_text()
    assert "command: runner run -p key=… -\n" in text
    assert "private" not in text
    assert "LookupError: lost" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run -j 0", "Invalid value for '-j' / '--max-workers': must be greater than or equal to 1"),
        ("run -j 100001", "Invalid value for '-j' / '--max-workers': must be less than or equal to 100000"),
        ("run -j many", "Invalid value for '-j' / '--max-workers': must be a valid integer"),
        ("run --format yaml", "Invalid value for '--format': 'yaml' is not one of 'text', 'json'"),
        ("run --fail-fats", "No such option: --fail-fats (Possible options: --fail-fast)"),
        ("validate", "Missing argument 'FILE'"),
        ("run f.yml -p", "Option '-p' requires an argument"),
        ("run --report", "Option '--report' requires an argument"),
        ("run --fail-fast=1", "Option '--fail-fast' does not take a value"),
        ("runs --prune", "Option '--prune' requires an argument"),
    ],
)
def test_what_is_wrong_with_options_is_said_in_a_sentence(runner: Program, arguments: str, said: str) -> None:
    ended = runner(*arguments.split())
    command = arguments.split(maxsplit=1)[0]
    assert ended.err == f"error: {said}\n  = `runner {command} -h` explains what can be asked\n"
    assert (ended.code, ended.out) == (2, "")


@pytest.mark.parametrize("most", [5, 8, 12, 14, 16, 20])
def test_whatever_number_of_open_files_is_allowed_a_sentence_says_what_is_missing(
    runner: Program, most: int
) -> None:
    runner.write("tasks: {a: {map: {over: [1, 2]}, run: echo}}")
    ended = runner.shell(f"ulimit -n {most}; runner run")
    assert ended.code in (0, 1, 2)
    said = (ended.out + ended.err).lower()
    assert "traceback" not in said and "a bug in runner" not in said
    assert ended.code == 0 or "too many open files" in said


@pytest.mark.parametrize(
    "line",
    [
        *("run ../workflow.yml", "run", "plan ../workflow.yml", "plan", "resume", "validate -", "run -"),
        *("runs", "runs --format json", "runs --prune 1d", "report", "logs"),
    ],
)
def test_a_current_folder_that_was_removed_is_said_in_a_sentence(runner: Program, line: str) -> None:
    runner.write("tasks: {a: {run: echo a}}\n")
    words = line.replace("..", str(runner.folder))
    ended = runner.shell(f"mkdir gone && cd gone && rmdir ../gone && echo 'tasks: {{}}' | runner {words}")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: the current folder is not there any more\n"
        "  = `cd` to one that is, and start again from there\n"
    )
