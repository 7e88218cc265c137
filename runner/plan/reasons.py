"""Why something does not start, in the words of the file: what it needs, and what that is due to.

However long a chain of skips is, each reason names the need at hand and the root of the chain.
"""

from __future__ import annotations

from runner.position import Position
from runner.records import NOT_SELECTED, Mark, Shared, Status
from runner.wording import listed
from runner.workflow import Call, Run, Task

TOLERATED_BY = f"{Mark.TOLERATED.value} by"

_SKIPPED = "was skipped: "
_WHEN = "when: "
_EMPTY = "its map has "

_name = r"(?:[^,\[\]]|\[[^\[\]]*\])+"
_need = rf"(?s)needs ({_name}), which (.+)"


def place(position: Position) -> str:
    """`flow.yml:14`."""
    return f"{position.file}:{position.line}"


def needs(name: str, status: Status | None, reason: str | None, position: Position) -> str:
    """Why what needs `name` does not start, where that ended so, and for that `reason`."""
    match status:
        case Status.FAILED:
            how = f"failed at {place(position)}"
        case Status.SKIPPED if reason == NOT_SELECTED:
            how = "was not selected"
        case Status.SKIPPED:
            how = "was skipped"
        case _:
            how = "was cancelled"
    due_to = f": {root(reason)}" if reason and how in ("was skipped", "was cancelled") else ""
    return f"needs {name}, which {how}{due_to}"


def asked(condition: str, need: str | None) -> str:
    """Why something does not start whose `when` said no; `need`: for the sake of what it needs."""
    if need is None:
        return f"{_WHEN}{condition}"
    return need if condition == "success()" else f"{_WHEN}{condition}; {need}"


def empty(outcome: str) -> str:
    """Why a map without items ends as its `on_empty` says."""
    return f"{_EMPTY}no items (on_empty: {outcome})"


def root(reason: str) -> str:
    """What a reason comes down to: itself, or what it says of the end of the chain that it names."""
    import re

    if reason.startswith(_WHEN):
        reason = _need_beside_when(reason)
    link = re.fullmatch(_need, reason)
    if link is None:
        return reason
    name, how = link.groups()
    if not how.startswith(_SKIPPED):
        return f"{name} {how}"
    due_to = how.removeprefix(_SKIPPED)
    if due_to.startswith((_WHEN, _EMPTY)):
        return f"{name} has {due_to.removeprefix(_EMPTY)}"
    return due_to


def _need_beside_when(reason: str) -> str:
    """The need for whose sake a `when` said no; the reason itself where it was for no need's."""
    import re

    _, separator, need = reason.rpartition("; needs ")
    need = f"needs {need}"
    return need if separator and re.fullmatch(_need, need) else reason


def of_change(task: Task, shared: Shared) -> str:
    """What of a task changed if something of it is bound otherwise than before: it is among what it has."""
    action = task.action
    parts = {"its command": isinstance(action, Run)}
    if isinstance(action, Call):
        parts = {"its function": True, "its arguments": bool(action.arguments.value)}
    elif isinstance(action, Run):
        parts["its environment"] = action.env is not None or bool(shared.declared)
        parts["its folder"] = action.cwd is not None or shared.cwd is not None
        parts["its input"] = action.stdin is not None or action.stdin_file is not None
    parts["its `result`"] = task.result is not None
    return f"{listed([part for part, is_there in parts.items() if is_there], 'or')} changed"
