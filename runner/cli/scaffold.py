"""What `init` writes: a workflow file that explains itself, to start from."""

from __future__ import annotations

import os
import re

from runner.display import as_argument, one_line
from runner.problem import UserError

_STARTER = os.path.join(os.path.dirname(__file__), "starter.yml")
_FOUND = "workflow.yml"
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


def write_starter(file: str) -> None:
    """Write the starting workflow to `file`, which must not be there yet."""
    text = starter(file)
    try:
        with open(file, "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        folder, name = os.path.split(file)
        hint = f"name another: runner init {as_argument(os.path.join(folder, 'my-' + name))}"
        raise UserError(f"{file} is already there, and is left alone", hint) from None
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from error
