"""What is wrong beforehand is raised by `load` and `run`, all of it at once, and leaves nothing behind."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import IntEnum
from inspect import signature
from pathlib import Path
from typing import Any, SupportsIndex

import pytest
from hosts import Folder
from program import Program

from runner import (
    Result,
    Run,
    RunFinished,
    RunStarted,
    UnknownAddress,
    UserError,
    WorkflowError,
    load,
    resume,
    run,
)


def test_a_file_with_mistakes_raises_what_validate_shows(here: Folder, runner: Program) -> None:
    here.write("tasks:\n  a: {run: echo, nedes: [b]}\n  b: {map: {over: 1}, run: echo}\n")
    with pytest.raises(WorkflowError) as said:
        load("workflow.yml")
    assert str(said.value) + "\n" == runner("validate", "workflow.yml").out
    first = said.value.problems[0]
    assert (str(first.position), first.code, first.hint) == (
        "workflow.yml:2:18",
        "unknown-key",
        "did you mean 'needs'?",
    )
    with pytest.raises(WorkflowError, match=r"cannot be read|no such file"):
        load(Path("nowhere.yml"))
    assert here.runs() == []


def test_what_does_not_look_right_is_a_warning(here: Folder) -> None:
    here.write("tasks: {a: {run: 'echo a | cat'}}")
    (warning,) = load("workflow.yml").warnings
    assert (warning.severity, warning.code) == ("warning", "pipe-in-sh")


PARAMS = """
    params:
      n: {type: int, default: 1, ge: 0, help: how many}
      x: 1.5
      names: [a]
      table: {type: dict, default: {a: 1}}
      to: {type: path, default: out}
      flag: false
      word: {type: str, required: true}
    tasks: {a: {result: "{{ params }}"}}
"""


def test_params_have_the_types_of_the_file(here: Folder) -> None:
    here.write(PARAMS)
    given: dict[str, Any] = {
        "n": 2,
        "x": 3,
        "names": ("a", ("b",)),
        "table": {"k": [None, True]},
        "to": Path("there"),
        "flag": True,
        "word": "w",
    }
    values = run("workflow.yml", given).result()["a"].result
    assert values == {
        "n": 2,
        "x": 3.0,
        "names": ["a", ["b"]],
        "table": {"k": [None, True]},
        "to": str(here.path / "there"),
        "flag": True,
        "word": "w",
    }
    assert type(values["x"]) is float


def test_all_that_is_wrong_with_params_is_told_at_once(here: Folder) -> None:
    here.write(PARAMS)
    wrong: dict[str, Any] = {
        "n": -1,
        "x": "1",
        "names": {1, 2},
        "table": {"k": math.inf},
        "to": 7,
        "flag": 1,
        "wrd": "w",
    }
    with pytest.raises(UserError) as said:
        run("workflow.yml", wrong)
    assert str(said.value).replace("\nerror: ", "\n") == (
        "the param 'n' must be at least 0, not -1\n"
        "  = n: how many\n"
        "the param 'x' must be a number, not the text '1'\n"
        "the param 'names' must be a list, and cannot hold an object of type set\n"
        "the param 'table' cannot hold Infinity: JSON has no such number\n"
        "the param 'to' must be a path, not the number 7\n"
        "the param 'flag' must be true or false, not the number 1\n"
        "unknown param 'wrd'\n"
        "  = did you mean 'word'?"
    )
    assert here.runs() == []


mistaken: list[tuple[Callable[[], Run], str]] = [
    (lambda: run("workflow.yml", only="aa"), "only aa: there is no task 'aa'\n  = did you mean 'a'?"),
    (
        lambda: run("workflow.yml", skip=["a[1]"]),
        "skip a[1]: only a whole task of the file can be named\n  = skip a",
    ),
    (lambda: run("workflow.yml", workers=0), "workers must be a whole number from 1 to 100,000, not 0"),
    (
        lambda: run("workflow.yml", executor="dusk"),
        "there is no executor 'dusk'\n  = did you mean 'dask'?",
    ),
    (
        lambda: run("workflow.yml", [1]),  # type: ignore[arg-type]  # a mistake
        "params must be values by their names, {'name': value}, not [1]",
    ),
    (
        lambda: run("workflow.yml", only=5),  # type: ignore[arg-type]  # a mistake
        "only must be the address of a task or a list of such, not 5",
    ),
    (
        lambda: run("workflow.yml", only={"a": 1}),  # type: ignore[arg-type]  # a mistake
        "only must be the address of a task or a list of such, not {'a': 1}",
    ),
    (lambda: run("workflow.yml", workers=True), "workers must be a whole number from 1 to 100,000, not True"),
    (
        lambda: run("workflow.yml", fail_fast="no"),  # type: ignore[arg-type]  # a mistake
        "fail_fast must be True or False, not 'no'",
    ),
    (
        lambda: run("workflow.yml", env={"TOKEN": "sesame-open", "PORT": 80}),  # type: ignore[dict-item]  # a mistake
        "env must be texts without NUL by the names of variables, {'NAME': 'value'}, not {'PORT': 80}",
    ),
    (
        lambda: run("workflow.yml", env={"TOKEN": "sesame-open\0"}),
        "env must be texts without NUL by the names of variables, {'NAME': 'value'}, not {'TOKEN': '…'}",
    ),
    (lambda: run("workflow.yml", state="a\0b"), "state must be the path of a folder, not 'a\\x00b'"),
    (
        lambda: run("workflow.yml", executor=""),
        "executor must be the name of an executor, such as 'process', not ''",
    ),
    (
        lambda: run(None),  # type: ignore[arg-type]  # a mistake
        "workflow must be the path of a file or what `load` gives, not None",
    ),
    (lambda: run("workflow.yml", env={}), "the secret TOKEN is not set in the environment"),
]


@pytest.mark.parametrize(
    ("mistake", "said"), mistaken, ids=[" ".join(said.split()[:3]) for _, said in mistaken]
)
def test_a_mistake_in_what_is_asked_for_is_told_in_a_sentence(
    here: Folder, monkeypatch: pytest.MonkeyPatch, mistake: Callable[[], Run], said: str
) -> None:
    monkeypatch.setenv("TOKEN", "sesame-open")
    here.write("secrets: [TOKEN]\ntasks: {a: {run: echo}}")
    with pytest.raises(UserError) as raised:
        mistake()
    assert str(raised.value).startswith(said)
    assert "--" not in str(raised.value)
    assert here.runs() == []


def test_what_is_told_of_a_run_names_no_options_of_the_command_line(here: Folder) -> None:
    here.write("""
        tasks:
          a: {run: "echo x"}
          each: {map: {over: "{{ tasks.a.result.split() }}"}, run: "echo {{ item }}"}
          later: {needs: [fails], run: echo}
          fails: {run: "false"}
          last: {needs: [each], run: echo}
    """)
    lacking = run("workflow.yml", only="each[y]").result()
    assert [failed.failure.message for failed in lacking.failures] == [
        "it has no item 'y', though `each[y]` is asked for: it has x"
    ]
    stopped = run("workflow.yml", fail_fast=True, workers=1, only=["fails", "last"]).result()
    assert "--" not in " ".join(task.reason or "" for task in stopped.tasks.values())


def test_a_callable_that_cannot_be_imported_is_told_before_anything_runs(here: Folder) -> None:
    here.write("import no_such_module\n\ndef f():\n    pass\n", "broken.py")
    here.write("tasks: {a: {run: touch ran}, b: {call: 'broken.py:f'}}")
    with pytest.raises(WorkflowError, match="cannot be imported: ModuleNotFoundError"):
        run("workflow.yml")
    assert here.runs() == [] and not (here.path / "ran").exists()


def test_a_line_that_was_changed_meanwhile_is_shown_as_it_is(here: Folder) -> None:
    here.write("env: {A: '{{ 1 / (workflow.name | length - 8) }}'}\ntasks: {a: {run: echo}}")
    with pytest.raises(WorkflowError, match="divides by 0"):
        run("workflow.yml")
    here.write("\n\nenv: {B: '{{ 1 / (workflow.name | length - 8) }}'}\ntasks: {a: {run: echo}}")
    with pytest.raises(WorkflowError, match=r"    3 | env: \{B"):
        run("workflow.yml")


def test_a_state_folder_that_cannot_be_made_is_told(here: Folder) -> None:
    here.write("tasks: {a: {run: echo}}")
    here.write("", "file")
    with pytest.raises(UserError, match=r"cannot make .*/file: file exists"):
        run("workflow.yml", state="file")


class Two(IntEnum):
    """A number of workers that has a name."""

    TWO = 2


class Index:
    """A whole number of somebody else's, such as numpy's are."""

    def __index__(self) -> int:
        return 2


@pytest.mark.parametrize("two", [Two.TWO, Index()])
def test_a_number_of_workers_may_be_of_any_type_of_whole_numbers(here: Folder, two: SupportsIndex) -> None:
    here.write("tasks: {a: {run: exit 1}}")
    with run("workflow.yml", workers=two) as going:
        begun = next(going)
    assert isinstance(begun, RunStarted) and begun.workers == 2
    with resume(workers=two) as going:
        again = next(going)
    assert isinstance(again, RunStarted) and again.workers == 2


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1: 2}, "cannot hold a mapping with the key 1: keys must be text"),
        ({"a": [{("b", "c"): 2}]}, "cannot hold a mapping with the key ('b', 'c'): keys must be text"),
        (Index(), "must be a mapping, and cannot hold an object of type test_what_is_told.Index"),
    ],
)
def test_what_a_mapping_cannot_hold_is_named(here: Folder, value: object, said: str) -> None:
    here.write("params: {m: {type: dict, default: {}}}\ntasks: {a: {run: echo}}")
    with pytest.raises(UserError) as raised:
        run("workflow.yml", {"m": value})
    assert str(raised.value) == f"the param 'm' {said}"


def test_a_param_or_an_output_that_there_is_not_is_told(here: Folder) -> None:
    here.write("params: {word: a}\ntasks: {a: {result: 1}}\noutputs: {b: '{{ tasks.a.result }}'}")
    going = run("workflow.yml")
    events = list(going)
    result = going.result()
    params = [
        load("workflow.yml").params,
        result.params,
        *(it.params for it in events if isinstance(it, RunStarted)),
    ]
    outputs = [result.outputs, *(it.outputs for it in events if isinstance(it, RunFinished))]
    assert (len(params), len(outputs)) == (3, 2)
    found: list[tuple[Any, Any, str]] = [
        *((where, "wrd", "there is no param 'wrd'\n  = did you mean 'word'?") for where in params),
        *((where, 0, "param must be the name of a param, not 0") for where in params),
        *((where, "x1", "there is no output 'x1'\n  = there is b") for where in outputs),
        *((where, 0, "output must be the name of an output, not 0") for where in outputs),
    ]
    for where, name, said in found:
        with pytest.raises(UnknownAddress) as raised:
            where[name]
        assert str(raised.value) == said
        assert where.get(name) is None and name not in where


def test_results_and_maps_are_gone_over_as_mappings_are(here: Folder) -> None:
    here.write("""
        tasks:
          a: {result: 1}
          k: {map: {over: [x, z]}, result: 1}
          g: {map: {over: [x, y]}, tasks: {z: {result: 3}}}
          none: {map: {over: []}, result: 1}
        """)
    result = run("workflow.yml").result()
    assert list(result) == ["a", "k", "g", "none"] and len(result) == 4 and result
    asked = ["a", "k[x]", "g[y].z", "b", "k[q]", "g.z", "[", 0]
    assert [it in result for it in asked] == [True, True, True, False, False, False, False, False]
    assert list(result["k"]) == ["x", "z"] and len(result["k"]) == 2
    assert [it in result["k"] for it in ("x", "q", 0)] == [True, False, False]
    assert list(result["none"]) == [] and len(result["none"]) == 0 and result["none"]
    found: list[Callable[[], object]] = [
        lambda: list(result["a"]),
        lambda: len(result["a"]),
        lambda: "x" in result["a"],
        lambda: result["a"]["x"],
    ]
    for ask in found:
        with pytest.raises(UserError, match=r"^a is no map: it has no `items`$"):
            ask()
    with pytest.raises(UserError) as raised:
        result["g"]["y"]["z"]
    assert str(raised.value) == (
        "g[y] is an item: it has no `items`\n  = what is inside of it is in its `tasks`, by name"
    )


WRONG = (object(), 5.5, b"workflow.yml", ())


@pytest.mark.parametrize("function", [load, run, resume, Result.find, Result.report])
def test_every_argument_that_is_something_else_is_named(
    here: Folder, function: Callable[..., object]
) -> None:
    here.write("tasks: {a: {result: 1}}")
    result = run("workflow.yml").result()
    for argument in signature(function).parameters.keys() - {"self"}:
        others = {"workflow": "workflow.yml"} if function is run else {}
        others |= {"self": result} if "self" in signature(function).parameters else {}
        for wrong in WRONG[:3] if argument in ("only", "skip") else WRONG:
            with pytest.raises(UserError, match=f"^{argument} must be .*, not "):
                function(**others | {argument: wrong})
    assert here.runs() == [result.id]


def test_what_is_looked_up_and_is_no_name_is_told_as_one_that_there_is_not(here: Folder) -> None:
    here.write("tasks: {a: {map: {over: [x]}, result: 1}, b: {tasks: {c: {result: 1}}}}")
    result = run("workflow.yml").result()
    found: list[tuple[Any, Any, str]] = [
        (result, 5, "address must be text, such as 'fetch[cat.jpg]', not 5"),
        (result["a"], "9", "no 'a[9]' in this run: a has no item '9'"),
        (result["a"], 9, "key must be the key of an item, which is text, not 9"),
        (result.tasks, "aa", "there is no task 'aa' here\n  = did you mean 'a'?"),
        (result["b"].tasks, "x", "there is no task 'x' here\n  = there is c"),
        (result["a"].tasks, "x", "there is no task 'x' here\n  = there are no tasks"),
        (result.tasks, 0, "name must be the name of a task, not 0"),
    ]
    for where, name, said in found:
        with pytest.raises(UnknownAddress) as raised:
            where[name]
        assert str(raised.value) == said
    with pytest.raises(UserError, match=r"^place must be the place of an item, .* not 'x'$"):
        result["a"].items["x"]  # type: ignore[call-overload]  # a mistake
    assert result.tasks.get("aa") is None and "aa" not in result.tasks
