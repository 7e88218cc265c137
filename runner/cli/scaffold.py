"""What `init` writes: a workflow file that explains itself, to start from."""

from __future__ import annotations

import os

from runner.display import as_argument
from runner.problem import UserError

_STARTER = os.path.join(os.path.dirname(__file__), "starter.yml")


def starter() -> str:
    """The text of the starting workflow."""
    with open(_STARTER, encoding="utf-8") as file:
        return file.read()


def write_starter(file: str) -> None:
    """Write the starting workflow to `file`, which must not be there yet."""
    text = starter()
    try:
        with open(file, "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        folder, name = os.path.split(file)
        hint = f"name another: runner init {as_argument(os.path.join(folder, 'my-' + name))}"
        raise UserError(f"{file} is already there, and is left alone", hint) from None
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from error
