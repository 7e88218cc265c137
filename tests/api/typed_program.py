"""A program of a user's, as a strict type checker sees it: `.ci/run` has mypy check it, and a test runs it.

What is to be an error is ignored by its code: without the error, the comment would be one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, assert_type

from runner import (
    Counts,
    Event,
    Failure,
    ItemSettled,
    Mark,
    Problem,
    Result,
    Run,
    RunFinished,
    Status,
    TaskResult,
    TaskSettled,
    Workflow,
    WorkflowError,
    load,
    resume,
    run,
)


def address_of(event: Event) -> str | None:
    """Of whose it is, where it is somebody's."""
    match event:
        case ItemSettled() | TaskSettled():
            assert_type(event.status, Status)
            return event.address
        case RunFinished():
            assert_type(event.outputs, Mapping[str, Any])
    return None


def main(file: str) -> None:
    """Run a file, and look at all that comes back."""
    workflow = load(file)
    assert_type(workflow, Workflow)
    with run(workflow, {"names": ["a"]}, only="a", workers=2, state=".runner") as going:
        assert_type(going, Run)
        addresses = [address_of(event) for event in going]
        result = going.result()
    assert_type(result, Result)
    assert_type(resume(result.id).result(), Result)
    assert_type(result.check(), Result)
    assert_type(result["a"], TaskResult)
    assert_type(result["a"].items[0], TaskResult)
    assert_type(result["a"].items[:1], Sequence[TaskResult])
    assert_type(result["a"].counts, Counts)
    assert_type(result["a"].failure, Failure | None)
    assert_type(result["a"].marks, tuple[Mark, ...])
    assert_type(result.tasks["a"].results, list[Any])
    assert_type(result.report("json"), str)
    print(addresses[0], result.status)
    try:
        load("nowhere.yml")
    except WorkflowError as error:
        assert_type(error.problems, list[Problem])
        print(error.problems[0].code)


def mistakes(going: Run) -> None:
    """What a type checker refuses."""
    from runner import runn  # type: ignore[attr-defined]  # noqa: F401

    run("flow.yml", worker=2)  # type: ignore[call-arg]
    run("flow.yml", workers="2")  # type: ignore[arg-type]
    going.result().status = Status.FAILED  # type: ignore[misc]
    going.result()["a"].resluts  # type: ignore[attr-defined]  # noqa: B018
    for event in going:
        event.address  # type: ignore[union-attr]  # noqa: B018


if __name__ == "__main__":
    main(sys.argv[1])
