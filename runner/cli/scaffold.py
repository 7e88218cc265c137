"""What `init` writes: a workflow file that explains itself, to start from."""

from __future__ import annotations

import os
import re

from runner.cli.opening import DEFAULT_FILES
from runner.display import as_argument, one_line
from runner.draft import open_draft
from runner.problem import UserError

_STARTER = os.path.join(os.path.dirname(__file__), "starter.yml")
_FOUND = DEFAULT_FILES[0]
"""The name by which a file is found without being named."""


def starter(file: str = _FOUND) -> str:
    """The text of the starting workflow, as `file`: its comments tell commands that work as they stand."""
    with open(_STARTER, encoding="utf-8") as template:
        text = template.read()
    if file == _FOUND:
        return text
    named = one_line(as_argument(file))
    return re.sub(
        rf"runner (run|plan|validate)( {_FOUND})?", lambda command: f"runner {command[1]} {named}", text
    )


def write_starter(file: str) -> str:
    """Write the starting workflow to `file`, which must not be there yet; the command that runs it."""
    if os.path.isdir(file):
        hint = f"name the file: runner init {as_argument(os.path.join(file, _FOUND))}"
        raise UserError(f"{file} is a folder", hint)
    _refuse_to_hide_another(file)
    folder, name = os.path.split(file)
    try:
        with open_draft(folder or ".") as draft:
            draft.file.write(starter(file).encode())
            draft.file.flush()
            if draft.add(file):
                return "runner run" if file == _FOUND else f"runner run {as_argument(file)}"
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from error
    hint = f"name another: runner init {as_argument(os.path.join(folder, 'my-' + name))}"
    raise UserError(f"{file} is already there, and is left alone", hint)


def _refuse_to_hide_another(file: str) -> None:
    """The name that is looked for first would take the place of the other one."""
    first, *others = DEFAULT_FILES
    if file == first and not os.path.lexists(first):
        for other in filter(os.path.exists, others):
            hint = f"name another: runner init my-{first}"
            raise UserError(f"{other} is already there, and {first} would be run in its place", hint)
