"""A system that gives no more descriptors, processes or threads: a sentence, and resume goes on."""

from __future__ import annotations

import json

import pytest
from faulty import Faulty
from program import Ended, steady

LIBRARY = """
import os, resource

def refuse(what, more):
    if os.path.exists("calm"):
        return
    most = more + (len(os.listdir("/proc/self/fd")) - 1 if what == "RLIMIT_NOFILE" else 0)
    resource.setrlimit(getattr(resource, what), (most, most))

def act():
    with open("witness", "a") as witness:
        witness.write("called\\n")
"""

text = """
    params: {what: RLIMIT_NPROC, more: 0}
    tasks:
      first: {run: "echo first >> witness"}
      refuse:
        needs: [first]
        call: "lib.py:refuse"
        with: {what: "{{ params.what }}", more: "{{ params.more }}"}
      middle: {run: "echo middle >> witness; echo two", needs: [refuse]}
      called: {call: "lib.py:act", needs: [refuse]}
      last: {run: "echo last >> witness", needs: [middle, called]}
"""
everything = ["first", "middle", "called", "last"]


def refused(faulty: Faulty, *arguments: str) -> Ended:
    faulty.write(LIBRARY, "lib.py")
    faulty.write(text)
    ended = faulty("run", "-q", *arguments)
    assert ended.code == 1
    assert "Traceback" not in ended.err
    return ended


def goes_on(faulty: Faulty) -> None:
    (faulty.folder / "calm").touch()
    faulty.goes_on(everything)


def test_a_command_for_which_there_is_no_process_has_failed_to_start(faulty: Faulty) -> None:
    ended = refused(faulty, "-j", "1")
    assert ended.err == ""
    assert (
        "workflow.yml:9:3: middle failed: 'sh' cannot be started: Resource temporarily unavailable"
        " (`ulimit -u` says how many there may be, those of all programs of this user included) [start]\n"
        "    $ echo middle >> witness; echo two\n"
    ) in ended.out
    assert faulty.acted() == ["called", "first"]
    goes_on(faulty)


def test_a_worker_for_which_there_is_no_thread_ends_the_run(faulty: Faulty) -> None:
    ended = refused(faulty, "-j", "4")
    assert ended.err == (
        "error: no other thread can be started\n  = `-j` takes fewer workers; `ulimit -u` says how many\n"
    )
    goes_on(faulty)


@pytest.mark.parametrize("more", [0, 1, 3])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_command_for_which_there_are_no_descriptors_has_failed(
    faulty: Faulty, more: int, workers: int
) -> None:
    faulty.write(LIBRARY, "lib.py")
    faulty.write(text)
    ended = faulty("run", "-q", "-j", str(workers), "-p", "what=RLIMIT_NOFILE", "-p", f"more={more}")
    assert ended.code in (0, 1)
    assert "Traceback" not in ended.err
    said = (ended.out + ended.err).lower()
    assert ended.code == 0 or "too many open files" in said
    if ended.code:
        goes_on(faulty)


@pytest.mark.parametrize("most", [8, 12, 16])
def test_a_run_that_is_resumed_with_too_few_descriptors_says_so(faulty: Faulty, most: int) -> None:
    refused(faulty, "-j", "1")
    (faulty.folder / "calm").touch()
    ended = faulty.shell(f"ulimit -n {most}; runner resume -q")
    assert ended.code in (0, 1, 2)
    said = (ended.out + ended.err).lower()
    assert "a bug in runner" not in said and "traceback (most" not in ended.err.lower()
    assert ended.code == 0 or "too many open files" in said
    if ended.code:
        faulty.goes_on(everything)


many = """
    tasks:
      each: {map: {over: "{{ range(20) }}"}, run: "echo {{ item }} >> witness; HOLD"}
      fed: {run: "cat >> witness", stdin: "fed\\n"}
"""
HOLD = "until test -e go; do sleep 0.1; done"
MORE = "`ulimit -n` allows more, up to what `ulimit -Hn` says; `-j` takes fewer workers"
TOO_MANY = f"too many open files\n  = {MORE}\n"


@pytest.mark.parametrize("most", [5, 6, 7, 8, 9, 10, 12, 13])
def test_too_few_descriptors_for_a_run_to_begin_leave_no_trace_of_it(faulty: Faulty, most: int) -> None:
    faulty.write(many.replace("HOLD", "true"))
    ended = faulty.shell(f"ulimit -n {most}; runner run -q")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert ended.err.endswith(TOO_MANY)
    assert list(faulty.folder.glob(".runner/runs/*")) == []
    assert faulty("run", "-q").code == 0


def test_a_record_that_does_not_open_says_why(faulty: Faulty) -> None:
    faulty.write(many.replace("HOLD", "true"))
    ended = faulty.shell("ulimit -n 8; runner run -q")
    assert steady(ended.err) == f"error: cannot open {faulty.folder}/.runner/runs/ID/run.sqlite: {TOO_MANY}"


@pytest.mark.parametrize("most", [17, 20, 24, 28])
def test_a_command_that_lacks_a_descriptor_is_named_with_why(faulty: Faulty, most: int) -> None:
    faulty.write(many.replace("HOLD", HOLD))
    # Commands go on until one of them has failed.
    faulty.shell(
        f"ulimit -n {most}; runner run --no-progress -j 20 --format json 2>&1 >report |"
        " while read line; do case $line in failed*) touch go; esac; done"
    )
    report = json.loads((faulty.folder / "report").read_text())
    items = [report["tasks"]["fed"], *report["tasks"]["each"]["items"]]
    errors = [item["error"] for item in items if item["error"]]
    acting = [f"echo {n} >> witness; {HOLD}" for n in range(20)]
    assert errors
    for error in errors:
        assert error["kind"] == "start"
        assert error["message"].endswith(f"Too many open files ({MORE})")
        assert error["command"] in ("cat >> witness", *acting)
    done = [item for item in items if not item["error"]]
    assert len(faulty.acted()) == len(done)
    faulty.goes_on(["fed", *map(str, range(20))])


def test_a_program_that_cannot_be_forked_says_so(faulty: Faulty) -> None:
    faulty.write(LIBRARY, "lib.py")
    faulty.write(text)
    ended = faulty.without_forks("run")
    if ended.code == 0:
        pytest.skip("the number of processes is not bounded here")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: the system lets no other process or thread start\n"
        "  = `ulimit -u` says how many there may be, those of all programs of this user included\n"
    )
    assert faulty("run", "-q", "-p", "what=RLIMIT_CPU", "-p", "more=1000").code == 0
