"""One file, one report, wherever its work is done; less times, and less what cannot be the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from clusters import Cluster
from every_executor import FOREIGN, INTERPRETER, MAKERS, steady, there
from program import Program
from test_process_pool import LIBRARY

ENDINGS = """
import os, threading, time

def once(n):
    with open("tried", "a") as tried:
        tried.write("x")
    if os.path.getsize("tried") == 1:
        raise ValueError(n)
    return n

def leave(n):
    if n == 1:
        os._exit(7)
    return n

def lock(n):
    return threading.Lock() if n == 1 else n

def late(n):
    while n == 1:
        time.sleep(0.01)
    return n
"""

all_of_them = pytest.mark.parametrize("executor", ["inline", "process", "dask", INTERPRETER, *FOREIGN])
workflows = Path(__file__).parents[2] / "workflows"


@pytest.fixture
def named(executor: str, request: pytest.FixtureRequest) -> str:
    """The executor as it is asked for; a cluster is there if that is it."""
    if executor != "dask":
        return executor
    cluster: Cluster = request.getfixturevalue("dask")
    return f"dask={cluster.address}"


@contextmanager
def place(folder: Path) -> Iterator[Path]:
    """A folder of its own where another one has been: what files mean that are the same is known."""
    path = folder / "place"
    path.mkdir()
    yield path
    path.rename(folder / f"place {len(list(folder.iterdir()))}")


def report(folder: Path, text: str, executor: str, files: dict[str, str]) -> Any:
    """That of a run in a folder of its own, without what differs from run to run."""
    with place(folder) as path:
        here = Program(path)
        for name, contents in files.items():
            here.write(contents, name)
        here.write(text)
        told = json.dumps(steady(here.report("--executor", executor, "-j", "3")))
    return json.loads(told.replace(str(path), ""))


@all_of_them
def test_reports_are_the_same_as_under_thread(tmp_path: Path, named: str) -> None:
    text = """
        params: {names: [ant, bee, cat], table: {type: dict, default: {a: [1, {b: null}]}}}
        tasks:
          plain: {call: "lib.py:same", with: {value: "{{ params.table }}"}}
          command: {run: "echo {{ tasks.plain.result.a }}"}
          each: {map: {over: "{{ params.names }}"}, call: "lib.py:say", with: {text: "{{ item }}"}}
          next:
            map: {over: "{{ tasks.each.results }}"}
            call: "lib.py:same"
            with: {value: "{{ [item, index] }}"}
          opaque: {call: "lib.py:point", with: {x: 3}}
          inside: {call: "lib.py:x_of", with: {point: "{{ tasks.opaque.result }}"}}
          shaped: {call: "lib.py:same", with: {value: 2}, result: {twice: "{{ result * 2 }}"}}
          flaky: {call: "lib.py:fail_once", with: {n: 1}, retry: {attempts: 2}}
          polled:
            call: "lib.py:same"
            with: {value: 1}
            retry: {attempts: 2, until: "result == 2"}
            allow_failure: true
          raises: {call: "lib.py:x_of", with: {point: 7}, allow_failure: true}
          unbound: {call: "lib.py:same", with: {value: "{{ params.table.none }}"}, allow_failure: true}
          half:
            map: {over: [1, 0, 2], max_failures: 1}
            call: "lib.py:same"
            with: {value: "{{ 2 / item }}"}
          group:
            map: {over: [1, 2], as: outer}
            tasks:
              one: {call: "lib.py:same", with: {value: "{{ outer }}"}}
              two:
                map: {over: [3, 4]}
                call: "lib.py:same"
                with: {value: "{{ outer * item + tasks.one.result }}"}
          other: {workflow: other.yml, with: {n: 5}}
          skipped: {needs: [raises], when: failure(), call: "lib.py:same", with: {value: 1}}
        outputs: {next: "{{ tasks.next.results }}", other: "{{ tasks.other.result }}"}
    """
    other = "params: {n: 1}\ntasks: {a: {call: 'lib.py:same', with: {value: '{{ params.n }}'}}}\n"
    files = {
        "lib.py": LIBRARY,
        "makers.py": MAKERS,
        "other.yml": other + "outputs: {a: '{{ tasks.a.result }}'}",
    }
    under_thread = report(tmp_path, text, "thread", files)
    assert under_thread["run"]["status"] == "succeeded"
    assert report(tmp_path, text, named, files) == under_thread


@pytest.mark.parametrize("file", sorted(workflows.glob("*.yml")), ids=lambda file: file.stem)
def test_workflows_end_as_they_do_under_thread(tmp_path: Path, file: Path, dask: Cluster) -> None:
    executors = ["inline", "process", f"dask={dask.address}"]
    if "call:" in file.read_text():  # commands are theirs no more than those of `process`
        executors += there()
    found = {}
    for executor in ("thread", *executors):
        with place(tmp_path) as path:
            here = Program(path / "here")
            here.folder.mkdir()
            shutil.copytree(workflows, path / "workflows")
            here.write(MAKERS, "../workflows/makers.py")
            text = json.dumps(steady(here.report(f"../workflows/{file.name}", "--executor", executor)))
        found[executor] = text.replace(str(path), "")
    assert found == dict.fromkeys(found, found["thread"])


@pytest.mark.parametrize("executor", ["thread", INTERPRETER, "dask", *FOREIGN])
def test_what_ends_badly_is_reported_as_under_process(tmp_path: Path, named: str) -> None:
    text = """
        pool: {max_workers: 1}
        tasks:
          once: {call: "lib.py:once", with: {n: 1}, retry: {attempts: 2}}
          late:
            needs: [once]
            map: {over: [0, 1, 2], max_failures: 1}
            call: "lib.py:late"
            with: {n: "{{ item }}"}
            timeout: 1s
    """
    dies = """
          leave:
            needs: [late]
            map: {over: [0, 1, 2], max_failures: 1}
            call: "lib.py:leave"
            with: {n: "{{ item }}"}
          lock:
            needs: [leave]
            map: {over: [0, 1, 2], max_failures: 1}
            call: "lib.py:lock"
            with: {n: "{{ item }}"}
    """
    ends_the_program = named in ("thread", "interpreter")
    text = text.rstrip() + ("" if ends_the_program else dies)
    files = {"lib.py": ENDINGS, "makers.py": MAKERS}
    found = [report(tmp_path, text, executor, files) for executor in ("process", named)]
    assert found[0]["tasks"]["once"]["marks"] == ["flaky"]
    if named.startswith("dask"):
        assert found[0] == found[1]
    given_up = found[1].pop("notices")
    assert (found[0].pop("notices"), len(given_up)) == ([], 0 if named.startswith("dask") else 1)
    if not ends_the_program:  # how it was lost is said in the words of the executor
        for one in found:
            kind, message = (one["tasks"]["leave"]["items"][1]["error"].pop(it) for it in ("kind", "message"))
            assert kind == "lost" and message
    assert found[0] == found[1]
