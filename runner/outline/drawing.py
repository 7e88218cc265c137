"""An outline as people and programs read it: text, JSON, and `pictures`.

It decides nothing: what stands where was settled by `outline`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from runner.display import one_line, visible
from runner.outline import Entry, Expected, Outline, counted, listed
from runner.outline.fates import Fate
from runner.outline.pictures import write_dot, write_mermaid
from runner.wording import duration
from runner.workflow import Budget, Limit, Map, Sub, Task, Workflow

WIDEST_VALUE = 40
MOST_LINKS = 8
MOST_KEYS = 3
INDENT = "   "

formats = ("text", "json", "mermaid", "dot")


def write(outline: Outline, form: str) -> str:
    """The outline in one of `formats`, ending in a newline."""
    writers = {"text": _write_text, "json": _write_json, "mermaid": write_mermaid, "dot": write_dot}
    return writers[form](outline)


# Text -----------------------------------------------------------------------------------------


def _write_text(outline: Outline) -> str:
    workflow = outline.workflow
    about = f": {' '.join(workflow.description.split())}" if workflow.description else ""
    lines = [one_line(workflow.name) + about]
    lines.append(f"{workflow.position.file} · " + " · ".join(_bounds(workflow)))
    if outline.params:
        lines.append("params: " + ", ".join(f"{name}={_brief(it)}" for name, it in outline.params.items()))
    lines.append("")
    lines += _rows(outline.entries, "", "")
    if len(outline.longest) > 1:
        lines += ["", f"longest chain: {_chain(outline.longest)}"]
    if outline.expected:
        lines += ["", _expected(outline.expected)]
    if workflow.outputs:
        lines += ["", "outputs: " + ", ".join(map(one_line, workflow.outputs))]
    return "\n".join(map(visible, lines)) + "\n"


def _expected(expected: Expected) -> str:
    seconds = expected.seconds
    about = duration(round(seconds, 3) if seconds < 1 else round(seconds, 1 if seconds < 10 else None))
    unknown = expected.tasks - expected.known
    known = f", {counted(unknown, 'task')} of {expected.tasks} yet to be timed" if unknown else ""
    return f"expected: about {about}, as earlier runs took{known}"


def _chain(addresses: tuple[str, ...]) -> str:
    shown = addresses
    if len(addresses) > MOST_LINKS:
        shown = (*addresses[: MOST_LINKS - 2], "…", addresses[-1])
    return f"{' → '.join(shown)} ({counted(len(addresses), 'task')})"


def _bounds(workflow: Workflow) -> Iterator[str]:
    yield counted(len(workflow.body.tasks), "task")
    if workflow.max_workers:
        yield f"{workflow.max_workers} at once"
    if workflow.executor != "thread":
        yield f"executor {workflow.executor}"
    if workflow.timeout is not None:
        yield f"within {duration(workflow.timeout)}"
    yield from (f"limit {limit.name}: {_limit(limit)}" for limit in workflow.limits.values())


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDEST_VALUE else text[:WIDEST_VALUE] + "…"


def _limit(limit: Limit) -> str:
    parts = []
    if limit.concurrency is not None:
        parts.append(f"{limit.concurrency} at once")
    if limit.starts is not None:
        period = "second" if limit.per == 1 else duration(limit.per)
        parts.append(f"{counted(limit.starts, 'start')} in any {period}")
    return ", ".join(parts)


def _rows(entries: tuple[Entry, ...], margin: str, prefix: str) -> Iterator[str]:
    name_width = max((len(entry.task.name) for entry in entries), default=0)
    does_width = max((len(_action(entry)) for entry in entries), default=0)
    turn_width = max((len(f"{prefix}{entry.turn}") for entry in entries), default=0)
    for entry in entries:
        turn = f"{prefix}{entry.turn}"
        start = f"{margin}{turn:{turn_width}}  {entry.task.name:{name_width}}  {_action(entry):{does_width}}"
        yield f"{start}  {'; '.join(_details(entry))}".rstrip()
        yield from _rows(entry.inside, margin + INDENT, f"{turn}.")


def _action(entry: Entry) -> str:
    return entry.does if entry.kind == "tasks" else one_line(f"{entry.kind} {entry.does}".rstrip())


def _details(entry: Entry) -> Iterator[str]:
    """What is worth knowing about how a task goes, most important first."""
    task = entry.task
    if task.map and entry.items.total == 0 and entry.fate:
        seen = "as things stand, " if entry.fate.passing else ""
        yield f"{seen}no items: {_outcome(entry.fate)}"
    else:
        if entry.fate:
            yield _outcome(entry.fate)
        if task.map:
            yield _items_text(entry)
    body = entry.address.removesuffix(task.name)
    whole = [edge.address.removeprefix(body) for edge in entry.needs if edge.how == "whole"]
    if whole:
        yield "after " + listed(whole)
    if any(edge.how == "cleanup" for edge in entry.needs):
        yield "after all others"
    if task.when:
        yield f"when {' '.join(str(task.when.value).split())}"
    if task.map and entry.items.total != 0:
        yield from _caps(task.map)
    if task.limits:
        yield "limit " + ", ".join(
            name if units == 1 else f"{name} ({units})" for name, units in task.limits.items()
        )
    if task.retry.attempts > 1:
        yield f"up to {task.retry.attempts} attempts{_shared(task.retry.budget)}"
    timeout = _timeout(task)
    if timeout is not None:
        yield f"within {duration(timeout)}"
    if task.allow_failure:
        yield "the run does not fail for it"


def _timeout(task: Task) -> float | None:
    """How long an attempt may take, by what the task says and by what the file says that it runs."""
    its_file = task.action.workflow.timeout if isinstance(task.action, Sub) else None
    return min((seconds for seconds in (task.timeout, its_file) if seconds is not None), default=None)


def _shared(budget: int | None) -> str:
    """How many retries all items may use together."""
    if budget is None:
        return ""
    return f", {budget:,} {'retry' if budget == 1 else 'retries'} in all"


def _caps(map: Map) -> Iterator[str]:
    """How a map is held back, and what ends it."""
    if map.max_parallel:
        yield f"{map.max_parallel} at once"
    if map.quorum is not None:
        yield f"until {map.quorum} {'has' if map.quorum == 1 else 'have'} succeeded"
    if map.budget.percent is not None:
        yield f"{map.budget.percent:g}% of its items may fail"
    elif map.budget.count:
        yield f"{counted(map.budget.count, 'item')} may fail"
    if map.fail_fast and map.quorum is not None:
        yield "stops once so many cannot"
    elif map.fail_fast:
        yield "stops once more have failed" if map.budget != Budget() else "stops at the first failure"


def _items_text(entry: Entry) -> str:
    total, task = entry.items.total, entry.task
    number = "items" if total is None else counted(total, "item")
    followed = [edge.address for edge in entry.needs if edge.how == "items"]
    if followed:
        source = followed[0].removeprefix(entry.address.removesuffix(task.name))
        return f"{number}, each as soon as its own of {source} has succeeded"
    if total is None:
        return f"{number} ({entry.why_unknown})"
    keys = [one_line(key, WIDEST_VALUE) for key in entry.items.keys[:MOST_KEYS]]
    return f"{number}: {', '.join(keys)}{', …' if total > MOST_KEYS else ''}" if keys else number


def _outcome(fate: Fate) -> str:
    """What is sure to become of a task."""
    verb = {"succeeded": "succeeds at once", "failed": "fails", "skipped": "is skipped"}[fate.status]
    return f"it {verb} ({fate.because})" if fate.because else f"it {verb}"


# JSON -----------------------------------------------------------------------------------------


def _write_json(outline: Outline) -> str:
    workflow = outline.workflow
    document = {
        "workflow": {
            "name": workflow.name,
            "file": workflow.file,
            "description": workflow.description,
            "max_workers": workflow.max_workers,
            "executor": workflow.executor,
            "timeout": workflow.timeout,
            "limits": {
                limit.name: {"concurrency": limit.concurrency, "starts": limit.starts, "per": limit.per}
                for limit in workflow.limits.values()
            },
        },
        "params": dict(outline.params),
        "tasks": [_record(entry) for entry in outline.entries],
        "longest_chain": list(outline.longest),
        "expected_seconds": outline.expected.seconds if outline.expected else None,
        "outputs": list(workflow.outputs),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _record(entry: Entry) -> dict[str, Any]:
    task = entry.task
    record: dict[str, Any] = {
        "name": task.name,
        "address": entry.address,
        "kind": entry.kind,
        "does": entry.does,
        "description": task.description,
        "position": str(task.position),
        "turn": entry.turn,
        "needs": [{"task": edge.address, "how": edge.how} for edge in entry.needs],
        "when": None if task.when is None else task.when.value,
        "limits": dict(task.limits),
        "attempts": task.retry.attempts,
        "retry_budget": task.retry.budget,
        "timeout": _timeout(task),
        "allow_failure": task.allow_failure,
        "foreseen": _foreseen(entry.fate),
        "map": None,
    }
    if task.map:
        record["map"] = {
            "as": task.map.name,
            "items": entry.items.total,
            "unknown_because": entry.why_unknown or None,
            "keys": list(entry.items.keys),
            "max_parallel": task.map.max_parallel,
            "max_failures": _budget(task.map),
            "fail_fast": task.map.fail_fast,
            "quorum": task.map.quorum,
            "on_empty": task.map.on_empty or ("fail" if task.map.quorum else "succeed"),
        }
    if entry.kind in ("tasks", "workflow"):
        record["tasks"] = [_record(inner) for inner in entry.inside]
    return record


def _foreseen(fate: Fate | None) -> dict[str, str] | None:
    """How a task ends, where that is sure."""
    if fate is None or not fate.sure:
        return None
    return {"status": fate.status, "because": fate.because}


def _budget(map: Map) -> int | str | None:
    if map.quorum is not None:
        return None
    return map.budget.count if map.budget.percent is None else f"{map.budget.percent:g}%"
