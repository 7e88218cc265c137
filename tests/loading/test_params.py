"""The values that a run is given for its params, and everything that can be wrong with them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from program import Program

from runner.loader import load
from runner.params import read_params
from runner.problem import UserError, WorkflowError
from runner.workflow import Workflow

declarations = """
params:
  text: {type: str, default: abc, help: What is said}
  number: {type: int, default: 3, ge: 1, le: 10, help: How many}
  share: 0.5
  flag: false
  names: [a]
  options: {type: dict, default: {a: 1}}
  folder: {type: path, default: out}
  size: {type: str, default: small, choices: [small, large], help: One of two}
"""


def workflow(params: str = declarations) -> Workflow:
    loaded = load("flow.yml", text=f"{params}\ntasks: {{a: {{run: make}}}}\n")
    assert loaded.workflow is not None
    return loaded.workflow


def given(*assignments: str) -> dict[str, Any]:
    return read_params(workflow(), [], assignments)


def refusal(*assignments: str) -> str:
    with pytest.raises(UserError) as caught:
        given(*assignments)
    return caught.value.message


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("text=1_000", "text", "1_000"),
        ("text=", "text", ""),
        ("text=a=b", "text", "a=b"),
        ("text={{ x }}", "text", "{{ x }}"),
        ("number=7", "number", 7),
        ("share=1", "share", 1.0),
        ("share=.25", "share", 0.25),
        ("flag=true", "flag", True),
        ("names=[x, 1, null]", "names", ["x", 1, None]),
        ("names=[]", "names", []),
        ("options={b: [2]}", "options", {"b": [2]}),
        ("size=large", "size", "large"),
    ],
)
def test_a_value_of_the_command_line_has_the_type_of_its_param(
    assignment: str, name: str, value: Any
) -> None:
    found = given(assignment)[name]
    assert (found, type(found)) == (value, type(value))


def test_defaults_are_kept_where_nothing_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert given() == {
        "text": "abc",
        "number": 3,
        "share": 0.5,
        "flag": False,
        "names": ["a"],
        "options": {"a": 1},
        "folder": str(tmp_path / "out"),
        "size": "small",
    }


def test_a_path_is_made_absolute_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert given("folder=../x")["folder"] == str(tmp_path.parent / "x")
    assert given("folder=/abs")["folder"] == "/abs"


def test_the_last_assignment_wins() -> None:
    assert given("number=4", "number=5")["number"] == 5


@pytest.mark.parametrize(
    ("assignment", "fault"),
    [
        ("number=many", "'number' must be a whole number, not the text 'many'\n  = number: How many"),
        ("number=2.0", "'number' must be a whole number, not the number 2.0\n  = number: How many"),
        ("number=", "'number' must be a whole number, not nothing\n  = number: How many"),
        ("number=0", "'number' must be at least 1, not 0\n  = number: How many"),
        ("number=11", "'number' must be at most 10, not 11\n  = number: How many"),
        ("flag=yes", "'flag' must be true or false, not the text 'yes'"),
        ("flag=1", "'flag' must be true or false, not the number 1"),
        ("names=a", "'names' must be a list, not the text 'a'"),
        ("size=huge", "'size' must be one of 'small' or 'large', not 'huge'\n  = size: One of two"),
        ("nubmer=3", "unknown param 'nubmer'\n  = did you mean 'number'?"),
        ("number", "expected NAME=VALUE"),
        ("folder=", "'folder' must be a path, not an empty text"),
    ],
)  # fmt: skip
def test_a_bad_value_is_told_with_the_help_of_its_param(assignment: str, fault: str) -> None:
    assert refusal(assignment) == f"-p {assignment}: {fault}"


def test_text_that_is_no_yaml_is_told() -> None:
    told = refusal("names=[a")
    assert told.startswith("-p names=[a: 'names' must be a list, but '[a' is not YAML: ")


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert refusal("number=many", "flag=1", "nothing=3").split("\nerror: ") == [
        "-p number=many: 'number' must be a whole number, not the text 'many'\n  = number: How many",
        "-p flag=1: 'flag' must be true or false, not the number 1",
        "-p nothing=3: unknown param 'nothing'\n"
        "  = there are text, number, share, flag, names, options, folder and size",
    ]


def test_a_help_of_several_lines_stands_under_its_first() -> None:
    described = workflow('params: {n: {type: int, default: 1, help: "How many\\nof them\\n"}}')
    with pytest.raises(UserError) as caught:
        read_params(described, [], ["n=x"])
    assert caught.value.message == (
        "-p n=x: 'n' must be a whole number, not the text 'x'\n  = n: How many\n    of them"
    )


def test_what_is_wrong_in_the_files_own_params_file_hides_nothing_else(runner: Program) -> None:
    runner.write("""
        params:
          a: 1
          b: {type: int, required: true}
          c: {type: str, required: true}
          d: 0.5
        params_file: own.yml
        tasks: {t: {run: make}}
    """)
    runner.write("b: many\n", "own.yml")
    runner.write("d: few\n", "given.yml")
    ended = runner("run", "--params-file", "given.yml", "-p", "a=q", "-p", "w=1")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == dedent("""\
        error: -p a=q: 'a' must be a whole number, not the text 'q'
        error: -p w=1: unknown param 'w'
          = there are a, b, c and d
        error: the param 'c' is required: -p c=VALUE
        given.yml:1:4: error: 'd' must be a number, not the text 'few' [bad-param]
            1 | d: few
              |    ^^^
        own.yml:1:4: error: 'b' must be a whole number, not the text 'many' [bad-param]
            1 | b: many
              |    ^^^^
        2 errors
    """)
    assert runner("validate", "workflow.yml").code == 2


def test_a_required_param_that_is_misspelt_is_not_missed_besides(runner: Program) -> None:
    runner.write("params: {width: {type: int, required: true}}\ntasks: {a: {run: [echo]}}\n")
    runner.write("widht: 3\n", "values.yml")
    assert runner("run", "-p", "widht=3").err == (
        "error: -p widht=3: unknown param 'widht'\n  = did you mean 'width'?\n"
    )
    assert runner("run", "--params-file", "values.yml").err == (
        "values.yml:1:1: error: unknown param 'widht' [unknown-param]\n"
        "    1 | widht: 3\n"
        "      | ^^^^^\n"
        "      = did you mean 'width'?\n"
        "1 error\n"
    )


def test_a_required_param_must_be_given() -> None:
    needed = workflow(
        "params: {name: {type: str, required: true, help: Whom to greet}, n: {type: int, required: true}}"
    )
    with pytest.raises(UserError) as caught:
        read_params(needed, [], [])
    assert caught.value.message.split("\nerror: ") == [
        "the param 'name' is required: -p name=VALUE\n  = name: Whom to greet",
        "the param 'n' is required: -p n=VALUE",
    ]
    assert read_params(needed, [], ["name=x", "n=1"]) == {"name": "x", "n": 1}


def test_the_command_line_wins_over_files_and_files_over_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yml").write_text("text: own\nnumber: 4\nshare: 0.1\n")
    (tmp_path / "given.yml").write_text("number: 5\nshare: 1\n")
    (tmp_path / "flow.yml").write_text(f"{declarations}\nparams_file: own.yml\ntasks: {{a: {{run: make}}}}\n")
    loaded = load("flow.yml")
    assert loaded.workflow is not None
    found = read_params(loaded.workflow, ["given.yml"], ["share=0.9"])
    assert (found["text"], found["number"], found["share"], found["flag"]) == ("own", 5, 0.9, False)


def test_a_bad_file_of_params_is_told_with_its_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.yml").write_text("nubmer: 5\nnumber: many\ntext: 3\ntext: 4\n")
    with pytest.raises(WorkflowError) as caught:
        read_params(workflow(), ["given.yml"], [])
    assert (
        caught.value.message
        == """\
given.yml:1:1: error: unknown param 'nubmer' [unknown-param]
    1 | nubmer: 5
      | ^^^^^^
      = did you mean 'number'?
given.yml:2:9: error: 'number' must be a whole number, not the text 'many' [bad-param]
    2 | number: many
      |         ^^^^
      = number: How many
given.yml:3:7: error: 'text' must be text, not the number 3 [bad-param]
    3 | text: 3
      |       ^
      = put it in quotes: '3'
        text: What is said
given.yml:4:1: error: the key 'text' stands twice in this mapping [duplicate-key]
    4 | text: 4
      | ^^^^
      = first defined at given.yml:3:1
4 errors"""
    )


def test_a_file_of_params_is_told_by_the_shorter_way_to_it(runner: Program) -> None:
    runner.write("{params: {n: 1}, tasks: {a: {result: 0}}}", "flows/workflow.yml")
    runner.write("{m: 1}", "given.yml")
    ended = runner.shell(
        "cd flows; runner run --params-file <(echo '{m: 1}'); runner run --params-file $PWD/../given.yml"
    )
    places = [line for line in ended.err.splitlines() if "unknown-param" in line]
    assert places == [
        "/dev/fd/63:1:2: error: unknown param 'm' [unknown-param]",
        "../given.yml:1:2: error: unknown param 'm' [unknown-param]",
    ]


def test_a_missing_file_of_params_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"^given\.yml: there is no such file$"):
        read_params(workflow(), ["given.yml"], [])


def test_an_empty_file_of_params_gives_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.yml").write_text("# nothing yet\n")
    assert read_params(workflow(), ["given.yml"], [])["number"] == 3


def test_null_is_a_value_of_an_optional_param_wherever_it_is_given(runner: Program) -> None:
    inner = """
    params: {n: {type: int, default: null, ge: 1}, s: {default: null}}
    tasks: {shown: {result: "{{ [params.n, params.s] }}"}}
    outputs: {shown: "{{ tasks.shown.result }}"}
    """
    runner.write(inner, "inner.yml")
    runner.write("n: 7\ns: text", "seven.yml")
    runner.write("n: null\ns: null", "nothing.yml")
    runner.write(
        """
        params: {n: {type: int, default: null}, s: {default: null}}
        params_file: seven.yml
        tasks:
          inner: {workflow: ./inner.yml, with: {n: "{{ params.n }}", s: null}}
        outputs: {shown: "{{ tasks.inner.result.shown }}", s: "{{ params.s }}"}
        """
    )
    assert runner.report()["outputs"] == {"shown": [7, None], "s": "text"}
    assert runner.report("-p", "n=null", "-p", "s=null")["outputs"] == {"shown": [None, None], "s": "null"}
    assert runner.report("--params-file", "nothing.yml")["outputs"] == {"shown": [None, None], "s": None}
    refused = runner("run", "-p", "n=")
    assert (refused.code, refused.err) == (2, "error: -p n=: 'n' must be a whole number, not nothing\n")


def test_null_is_no_value_of_a_param_that_has_another_default() -> None:
    assert refusal("number=null") == (
        "-p number=null: 'number' must be a whole number, not nothing\n  = number: How many"
    )
