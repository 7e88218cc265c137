"""What a file means once it is loaded: names resolved, defaults taken in, durations in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.loader import load
from runner.problem import write_text
from runner.workflow import Call, Group, Matrix, Need, Over, Run, Sub, Task, Value, Workflow, Zip


def workflow(text: str) -> Workflow:
    loaded = load("flow.yml", text=text)
    assert loaded.workflow is not None, write_text(loaded.problems)
    return loaded.workflow


def tasks(text: str) -> dict[str, Task]:
    return dict(workflow(text).body.tasks)


def needs(task: Task) -> list[tuple[str, int]]:
    return [(need.task, need.up) for need in task.needs]


def group(task: Task) -> dict[str, Task]:
    assert isinstance(task.action, Group)
    return dict(task.action.body.tasks)


def test_a_reference_is_a_need_with_the_place_of_the_name() -> None:
    b = tasks("tasks:\n  a: {run: make}\n  b: {run: 'echo {{ tasks.a.result }}'}\n")["b"]
    assert [(need.task, need.up, str(need.position)) for need in b.needs] == [("a", 0, "flow.yml:3:27")]
    assert [(it.task, it.attribute, it.up) for it in b.references] == [("a", "result", 0)]


def test_needs_come_first_and_each_task_is_needed_once() -> None:
    c = tasks(
        "tasks:\n  a: {run: make}\n  b: {run: make}\n"
        "  c: {run: 'x {{ tasks.a.result }} {{ tasks.b.result }} {{ tasks.b.status }}', needs: [b]}\n"
    )["c"]
    assert needs(c) == [("b", 0), ("a", 0)]
    assert len(c.references) == 3


@pytest.mark.parametrize(
    "key",
    [
        "run: [echo, '{{ tasks.a.result }}']",
        "run: make, env: {A: '{{ tasks.a.result }}'}",
        "run: make, cwd: '{{ tasks.a.result }}'",
        "run: make, stdin: {deep: ['{{ tasks.a.result }}']}",
        "run: make, stdin: {file: '{{ tasks.a.result }}'}",
        "run: make, when: tasks.a.result == 'x'",
        "run: make, result: '{{ tasks.a.result }}'",
        "run: make, retry: {attempts: 2, until: tasks.a.result == result}",
        "run: make, cache: {inputs: ['{{ tasks.a.result }}']}",
        "call: 'os.path:basename', with: {p: '{{ tasks.a.result }}'}",
        "run: make, map: {over: '{{ tasks.a.result }}'}",
        "run: make, map: {matrix: {x: '{{ tasks.a.result }}'}}",
        "run: make, map: {zip: {x: '{{ tasks.a.result }}'}}",
        "run: make, map: {over: [1], key: '{{ tasks.a.result }}{{ item }}'}",
        "result: {deep: '{{ tasks.a.result }}'}",
        "tasks: {x: {run: make}}, env: {A: '{{ tasks.a.result }}'}",
    ],
)
def test_a_reference_is_a_need_wherever_it_stands(key: str) -> None:
    assert needs(tasks(f"tasks:\n  a: {{run: make, capture: json}}\n  b: {{{key}}}\n")["b"]) == [("a", 0)]


def test_a_name_is_looked_up_in_the_body_and_then_outward() -> None:
    root = tasks("""
tasks:
  far: {run: make}
  near: {run: make}
  g:
    tasks:
      near: {run: make}
      x: {run: "echo {{ tasks.far.result }} {{ tasks.near.result }}"}
      deeper:
        tasks:
          y: {run: make, needs: [far, near]}
""")
    assert needs(root["g"]) == []
    assert needs(group(root["g"])["x"]) == [("far", 1), ("near", 0)]
    assert needs(group(group(root["g"])["deeper"])["y"]) == [("far", 2), ("near", 1)]


def test_the_result_of_a_group_is_looked_up_inside_it() -> None:
    root = tasks("""
tasks:
  a: {run: make}
  b: {run: make}
  g:
    tasks:
      a: {run: make}
    result: "{{ tasks.a.result }} {{ tasks.b.result }}"
""")
    assert needs(root["g"]) == [("b", 0)]
    assert [(it.task, it.up) for it in root["g"].references] == [("b", 0)]


def test_a_map_over_exactly_the_results_of_another_follows_it() -> None:
    b = tasks("""
tasks:
  a: {map: {over: [1]}, run: make}
  b: {map: {over: "{{ tasks.a.results }}"}, run: make}
""")["b"]
    assert b.map is not None
    assert b.map.follows is not None
    assert (b.map.follows.task, b.map.follows.up) == ("a", 0)
    assert b.needs == ()


@pytest.mark.parametrize(
    "task",
    [
        "{map: {over: '{{ tasks.a.results | list }}'}, run: make}",
        "{map: {over: '{{ tasks.a.results }}'}, run: make, needs: [a]}",
        "{map: {over: '{{ tasks.a.results }}'}, run: 'echo {{ tasks.a.counts }}'}",
        "{map: {over: '{{ tasks.a.results }}'}, run: make, when: tasks.a.failed}",
        "{map: {over: '{{ tasks.a.items }}'}, run: make}",
    ],
)
def test_any_further_mention_of_the_other_map_waits_for_all_of_it(task: str) -> None:
    b = tasks(f"tasks:\n  a: {{map: {{over: [1]}}, run: make}}\n  b: {task}\n")["b"]
    assert b.map is not None
    assert b.map.follows is None
    assert needs(b) == [("a", 0)]


def test_a_map_of_an_outer_body_is_waited_for_as_a_whole() -> None:
    g = tasks("""
tasks:
  a: {map: {over: [1]}, run: make}
  g: {tasks: {b: {map: {over: "{{ tasks.a.results }}"}, run: make}}}
""")["g"]
    b = group(g)["b"]
    assert b.map is not None
    assert b.map.follows is None
    assert needs(b) == [("a", 1)]
    assert [(it.task, it.attribute, it.up) for it in b.references] == [("a", "results", 1)]


def test_clean_up_waits_for_all_others_but_those_of_its_kind_and_what_follows_from_them() -> None:
    root = tasks("""
tasks:
  a: {run: make}
  b: {run: make, needs: [a]}
  tidy: {when: always(), run: make}
  tell: {when: failure(), run: make}
  after_tidy: {when: success(), run: make, needs: [tidy]}
  far_after: {when: success(), run: make, needs: [after_tidy]}
  own_needs: {when: always(), run: make, needs: [a]}
""")
    expected = [("a", 0), ("b", 0), ("own_needs", 0)]
    assert needs(root["tidy"]) == needs(root["tell"]) == expected
    assert all(need.implied for need in root["tidy"].needs)
    assert needs(root["own_needs"]) == [("a", 0)]
    assert not any(need.implied for need in root["own_needs"].needs)


def test_clean_up_inside_a_body_waits_for_that_body_only() -> None:
    root = tasks("""
tasks:
  other: {run: make}
  g:
    tasks:
      work: {run: make}
      stop: {when: always(), run: make}
""")
    assert needs(group(root["g"])["stop"]) == [("work", 0)]


def test_a_group_that_names_a_clean_up_task_inside_follows_from_it() -> None:
    root = tasks("""
tasks:
  a: {run: make}
  tidy: {when: always(), run: make}
  g: {tasks: {x: {when: always(), run: make, needs: [tidy]}}}
""")
    assert needs(root["tidy"]) == [("a", 0)]


@pytest.mark.parametrize(
    ("when", "watches"),
    [
        ("success()", True),
        ("failure()", True),
        ("always() and params.x", True),
        ("tasks.a.status == 'failed'", True),
        ("not tasks.a.failed", True),
        ("tasks.a.error is none", True),
        ("tasks.a.exit_code == 3", True),
        ("tasks.a.result == 'x'", False),
        ("params.x", False),
        ("'failure()' in params.text", False),
    ],
)
def test_a_when_that_names_a_status_replaces_the_default(when: str, watches: bool) -> None:
    text = f'params: {{x: true, text: a}}\ntasks:\n  a: {{run: make}}\n  b: {{when: "{when}", run: make}}\n'
    assert tasks(text)["b"].watches is watches


@pytest.mark.parametrize(
    ("when", "each"),
    [("item > 1", True), ("index == 0", True), ("key == 'x'", True), ("params.x", False)],
)
def test_a_when_that_names_the_item_is_asked_for_each(when: str, each: bool) -> None:
    text = f'params: {{x: true}}\ntasks:\n  a: {{map: {{over: [1]}}, when: "{when}", run: make}}\n'
    assert tasks(text)["a"].when_each is each


def test_the_item_of_an_outer_map_is_no_reason_to_ask_for_each() -> None:
    g = tasks("""
tasks:
  g:
    map: {over: [1], as: x}
    tasks:
      a: {map: {over: [2], as: y}, when: x == 1, run: make}
      b: {when: index == 0, run: make}
""")["g"]
    assert [task.when_each for task in group(g).values()] == [False, False]


def test_defaults_reach_commands_and_callables_in_groups_too_and_never_groups() -> None:
    root = tasks("""
limits: {api: {concurrency: 1}}
defaults: {retry: {attempts: 3, delay: 1s}, timeout: 5m, cwd: sub, shell: bash, limit: api}
tasks:
  a: {run: make}
  own: {run: make, retry: {attempts: 1}, timeout: 1s, cwd: here, shell: sh, limit: {api: 1}}
  c: {call: "os.path:basename", with: {p: x}}
  v: {result: 1}
  g: {tasks: {inner: {run: make}}}
""")
    for task in (root["a"], group(root["g"])["inner"]):
        assert isinstance(task.action, Run)
        assert task.action.shell == ("bash", "-euo", "pipefail", "-c")
        assert task.action.cwd is not None
        assert task.action.cwd.value == "sub"
        assert (task.retry.attempts, task.retry.delay, task.timeout) == (3, 1.0, 300.0)
        assert task.limits == {"api": 1}
    own = root["own"]
    assert isinstance(own.action, Run)
    assert own.action.cwd is not None
    assert (own.action.shell, own.action.cwd.value) == (("sh", "-eu", "-c"), "here")
    assert (own.retry.attempts, own.retry.delay, own.timeout) == (1, 0.0, 1.0)
    assert (root["c"].retry.attempts, root["c"].timeout, root["c"].limits) == (3, 300.0, {"api": 1})
    for name in ("v", "g"):
        assert (root[name].retry.attempts, root[name].timeout, root[name].limits) == (1, None, {})


def test_the_folder_of_a_group_comes_before_the_default_one() -> None:
    root = tasks("""
defaults: {cwd: far}
tasks:
  g: {cwd: near, tasks: {a: {run: make}, b: {run: make, cwd: here}, h: {tasks: {c: {run: make}}}}}
  d: {run: make}
""")
    inside = group(root["g"])
    commands = [inside["a"], inside["b"], group(inside["h"])["c"], root["d"]]
    folders = [task.action.cwd and task.action.cwd.value for task in commands if isinstance(task.action, Run)]
    assert folders == [None, "here", None, "far"]


def test_actions_have_their_kinds() -> None:
    root = tasks("""
tasks:
  run: {run: make}
  call: {call: "os.path:basename", with: {p: x}}
  group: {tasks: {x: {run: make}}}
  value: {result: 3}
""")
    assert [type(task.action) for task in root.values()] == [Run, Call, Group, Value]


def test_what_a_map_ranges_over_has_its_kind() -> None:
    root = tasks("""
tasks:
  over: {map: {over: [1]}, run: make}
  matrix: {map: {matrix: {a: [1, 2], exclude: [{a: 1}], include: [{a: 3}]}}, run: make}
  zip: {map: {zip: {a: [1], b: [2]}}, run: make}
""")
    maps = {name: task.map for name, task in root.items()}
    assert [type(it.items) if it else None for it in maps.values()] == [Over, Matrix, Zip]
    matrix = maps["matrix"]
    assert matrix is not None
    assert isinstance(matrix.items, Matrix)
    assert matrix.items.axes.value == {"a": [1, 2]}
    assert (matrix.items.exclude, matrix.items.include) == (({"a": 1},), ({"a": 3},))


def test_a_map_keeps_how_it_ends() -> None:
    root = tasks("""
tasks:
  a: {map: {over: [1], as: x, max_parallel: 2, max_failures: 5%, fail_fast: true, on_empty: fail}, run: make}
  b: {map: {over: [1], max_failures: 3}, run: make}
  c: {map: {over: [1, 2], quorum: 2}, run: make}
""")
    a, b, c = (task.map for task in root.values())
    assert a is not None and b is not None and c is not None
    assert (a.name, a.max_parallel, a.budget.percent, a.fail_fast, a.on_empty) == ("x", 2, 5.0, True, "fail")
    assert (b.name, b.budget.count, b.budget.percent, b.quorum) == ("item", 3, None, None)
    assert c.quorum == 2


def test_retry_keeps_all_its_parts() -> None:
    a = tasks("""
tasks:
  a:
    run: make
    retry: {attempts: 5, delay: 500ms, backoff: 2, max_delay: 1m, jitter: true, budget: 20,
      on: {exit_codes: [1, 75]}, until: exit_code == 0}
  b: {call: "runner.actions:download", with: {url: a, to: b}, retry: {attempts: 2, on: {exceptions: OSError}}}
""")
    assert a["b"].retry.exceptions == ("OSError",)
    retry = a["a"].retry
    assert (retry.attempts, retry.delay, retry.backoff, retry.max_delay) == (5, 0.5, 2.0, 60.0)
    assert (retry.jitter, retry.budget, retry.exit_codes, retry.exceptions) == (True, 20, (1, 75), None)
    assert retry.until is not None
    assert retry.until.value == "exit_code == 0"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("5m", 300), ("2h", 7200), ("1h30m", 5400), ("90", 90), ("1.5", 1.5),
     ("1.5h", 5400), ("1h2m3s4ms", 3723.004)],
)  # fmt: skip
def test_a_duration_is_seconds(written: str, seconds: float) -> None:
    timeout = tasks(f"tasks:\n  a: {{run: make, timeout: {written}}}\n")["a"].timeout
    assert timeout == pytest.approx(seconds)


def test_limits_are_numbers() -> None:
    limits = workflow("""
limits:
  a: {concurrency: 2, rate: 10/s}
  b: {rate: 5/10s}
  c: {rate: 100/h}
tasks: {x: {run: make, limit: [a, b]}, y: {run: make, limit: {a: 2}}}
""")
    assert [(it.concurrency, it.starts, it.per) for it in limits.limits.values()] == [
        (2, 10, 1.0),
        (None, 5, 10.0),
        (None, 100, 3600.0),
    ]
    assert [dict(task.limits) for task in limits.body.tasks.values()] == [{"a": 1, "b": 1}, {"a": 2}]


def test_params_have_types_and_defaults_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    params = workflow("""
params:
  width: 3
  share: {type: float, default: 1}
  folder: {type: path, default: out/x}
  guessed: {default: [1]}
  on: yes
tasks: {a: {run: make}}
""").params
    assert [(it.type, it.default) for it in params.values()] == [
        ("int", 3),
        ("float", 1.0),
        ("path", str(tmp_path / "out/x")),
        ("list", [1]),
        ("str", "yes"),
    ]
    assert isinstance(params["share"].default, float)


def test_files_that_a_file_names_are_found_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "values.yml").write_text("width: 4\n")
    (tmp_path / "deep" / "lib.py").write_text("def f(): pass\n")
    (tmp_path / "deep" / "x.j2").write_text("")
    (tmp_path / "deep" / "flow.yml").write_text("""
params: {width: 3}
params_file: values.yml
dotenv: [.env, ../.env]
tasks: {a: {call: "lib.py:f"}}
reports: [{to: x.md, template: x.j2}]
""")
    loaded = load(str(tmp_path / "deep" / "flow.yml"))
    found = loaded.workflow
    assert found is not None, write_text(loaded.problems)
    assert (found.file, found.folder) == (str(tmp_path / "deep" / "flow.yml"), str(tmp_path / "deep"))
    assert found.given == {"width": 4}
    assert found.dotenv == (str(tmp_path / "deep" / ".env"), str(tmp_path / ".env"))
    assert found.reports[0].template == str(tmp_path / "deep" / "x.j2")
    action = found.body.tasks["a"].action
    assert isinstance(action, Call)
    assert action.reference == f"{tmp_path}/deep/lib.py:f"


def test_a_workflow_is_named_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "nightly.yml").write_text("tasks: {a: {run: make}}\n")
    loaded = load(str(tmp_path / "nightly.yml"))
    assert loaded.workflow is not None
    assert loaded.workflow.name == "nightly"


def test_standard_input_stands_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load("-", text="tasks: {a: {run: make}}\n")
    assert loaded.workflow is not None
    assert (loaded.workflow.file, loaded.workflow.folder) == ("-", str(tmp_path))


def test_another_file_is_read_once_and_takes_the_outer_numbers_of_a_limit(tmp_path: Path) -> None:
    (tmp_path / "child.yml").write_text(
        "limits: {api: {concurrency: 9}, own: {concurrency: 2}}\ntasks: {x: {run: make, limit: api}}\n"
    )
    (tmp_path / "flow.yml").write_text(
        "limits: {api: {concurrency: 1}}\ntasks: {a: {workflow: child.yml}, b: {workflow: ./child.yml}}\n"
    )
    loaded = load(str(tmp_path / "flow.yml"))
    assert loaded.workflow is not None
    a, b = (task.action for task in loaded.workflow.body.tasks.values())
    assert isinstance(a, Sub) and isinstance(b, Sub)
    assert a.workflow is b.workflow
    assert {name: limit.concurrency for name, limit in loaded.workflow.limits.items()} == {"api": 1, "own": 2}


def test_of_files_beside_each_other_the_outermost_has_the_numbers_then_the_first(tmp_path: Path) -> None:
    def write(name: str, limits: str, runs: str) -> None:
        (tmp_path / f"{name}.yml").write_text(f"limits: {{{limits}}}\ntasks: {{a: {{run: make}}, {runs}}}\n")

    write("deepest", "x: {concurrency: 9}, y: {concurrency: 9}, z: {rate: 9/s}", "")
    write("first", "y: {concurrency: 1}", "b: {workflow: deepest.yml}")
    write("second", "x: {concurrency: 2}, y: {concurrency: 2}", "")
    write("flow", "", "g: {tasks: {b: {workflow: first.yml}}}, c: {workflow: second.yml}")
    loaded = load(str(tmp_path / "flow.yml"))
    assert loaded.workflow is not None
    numbers = {name: (it.concurrency, it.starts) for name, it in loaded.workflow.limits.items()}
    assert numbers == {"x": (2, None), "y": (1, None), "z": (None, 9)}
    told = [
        f"{Path(it.position.file).name} {it.message.replace(f'{tmp_path}/', '')}" for it in loaded.problems
    ]
    assert told == [
        "deepest.yml these numbers of 'x' do not count, but those of second.yml",
        "second.yml these numbers of 'y' do not count, but those of first.yml",
    ]


def test_another_file_does_not_see_the_limits_of_the_outer_one(tmp_path: Path) -> None:
    (tmp_path / "child.yml").write_text("tasks: {x: {run: make, limit: api}}\n")
    (tmp_path / "flow.yml").write_text("limits: {api: {concurrency: 1}}\ntasks: {a: {workflow: child.yml}}\n")
    loaded = load(str(tmp_path / "flow.yml"))
    assert loaded.workflow is None
    assert [problem.code for problem in loaded.problems] == ["unknown-limit"]


def test_the_format_of_a_report_comes_from_its_suffix() -> None:
    reports = workflow("""
tasks: {a: {run: make}}
reports: [{to: a.txt}, {to: a.md}, {to: a.html}, {to: a.json}, {to: a.xml}, {to: a, format: trace}]
""").reports
    assert [it.format for it in reports] == ["text", "markdown", "html", "json", "junit", "trace"]


def test_every_place_of_a_cycle_is_named_once() -> None:
    chain = "".join(f"  t{i}: {{run: make, needs: [t{i + 1}]}}\n" for i in range(3000))
    loaded = load("flow.yml", text=f"tasks:\n{chain}  t3000: {{run: make, needs: [t0]}}\n")
    (problem,) = loaded.problems
    assert problem.code == "cycle"
    assert len(problem.related) == 3001


def test_a_long_chain_of_tasks_loads() -> None:
    chain = "".join(f"  t{i}: {{run: make, needs: [t{i + 1}]}}\n" for i in range(3000))
    assert len(tasks(f"tasks:\n{chain}  t3000: {{run: make}}\n")) == 3001


def test_top_level_keys_of_x_are_ignored() -> None:
    assert tasks("x-anything: {at: [all]}\ntasks: {a: {run: make}}\n")["a"].needs == ()


def test_a_need_is_a_value_that_can_be_compared() -> None:
    text = "tasks:\n  a: {run: make}\n  b: {run: make, needs: [a]}\n"
    (need,) = tasks(text)["b"].needs
    assert need == Need("a", 0, need.position)
