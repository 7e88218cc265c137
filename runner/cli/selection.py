"""Which tasks a run is asked for: `--only fetch`, `--skip notify`.

It checks the names against the workflow; what else must run for them is the engine's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.problem import UserError, did_you_mean
from runner.workflow import Workflow

MOST_NAMES_SHOWN = 10


def check_selection(workflow: Workflow, only: Sequence[str], skip: Sequence[str]) -> None:
    """Refuse names of tasks that are not in the file; all of them at once."""
    asked = [("--only", name) for name in only] + [("--skip", name) for name in skip]
    faults = [_fault(workflow, *each) for each in asked if each[1] not in workflow.body.tasks]
    if faults:
        raise UserError("\nerror: ".join(faults))


def _fault(workflow: Workflow, option: str, name: str) -> str:
    names = workflow.body.tasks
    whole = name.partition("[")[0].partition(".")[0]
    if whole in names:
        return f"{option} {name}: only a whole task of the file can be named\n  = {option} {whole}"
    hint = did_you_mean(name, names) or "the file has " + ", ".join(_some(list(names)))
    return f"{option} {name}: there is no task '{name}'\n  = {hint}"


def _some(names: list[str]) -> Iterator[str]:
    yield from names[:MOST_NAMES_SHOWN]
    if len(names) > MOST_NAMES_SHOWN:
        yield f"and {len(names) - MOST_NAMES_SHOWN} more"
