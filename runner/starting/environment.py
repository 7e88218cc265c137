"""What a run takes from around it: the process's environment, dotenv files, declared secrets.

It knows what a workflow declares, and nothing of runs. A dotenv file is read as it stands: no
variable is expanded in it, no command is run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from runner.engine.settings import Outside
from runner.engine.surroundings import with_env
from runner.expression import EvaluationError
from runner.files import all_files
from runner.hints import Any
from runner.links import short_path
from runner.position import Position
from runner.problem import Problem, UserError, WorkflowError
from runner.workflow import Workflow

SHORTEST_SECRET = 6

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_LINE = rf"\s*(?:export\s+)?({_NAME})\s*=[ \t]*"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def read_environment(workflow: Workflow, process: Mapping[str, str]) -> dict[str, str]:
    """The environment of a run: what the dotenv files say, under what the process was given."""
    environment: dict[str, str] = {}
    for name in workflow.dotenv:
        environment.update(_read_dotenv(os.path.join(workflow.folder, name)))
    environment.update(process)
    return environment


class SecretsMissing(UserError):
    """Secrets that are missing or too short. `found` is what there is, so that it can be masked."""

    def __init__(self, message: str, hint: str, found: dict[str, Outside]) -> None:
        super().__init__(message, hint)
        self.found = found


def look_around(workflow: Workflow, process: Mapping[str, str]) -> dict[str, Outside]:
    """What the workflow and the files that it runs take from around them, by the file.

    Raises `SecretsMissing` for secrets that are missing or too short, all of them at once.
    """
    found: dict[str, Outside] = {}
    missing: list[str] = []
    short: list[str] = []
    for file in all_files(workflow):
        environment = read_environment(file, process)
        secrets = {name: environment[name] for name in file.secrets if name in environment}
        found[file.file] = Outside(environment, secrets)
        told = "" if file is workflow else f" (of {short_path(file.file)})"
        missing += [name + told for name in file.secrets if name not in secrets]
        short += [name + told for name, value in secrets.items() if len(value) < SHORTEST_SECRET]
    faults, hints = [], []
    if missing:
        faults.append(f"{_secrets(missing)} not set in the environment")
        hints.append(
            f"export {missing[0].split()[0]}=…, or put it into a dotenv file that the workflow names"
        )
    if short:
        faults.append(f"{_secrets(short)} shorter than {SHORTEST_SECRET} characters")
        hints.append("masking so short a value would blot out ordinary text")
    if faults:
        raise SecretsMissing("; ".join(faults), "; ".join(hints), found)
    return found


def problems_of_dotenv(workflow: Workflow) -> Iterator[Problem]:
    """What is wrong in the dotenv files of the workflow and of the files that it runs."""
    for path in dict.fromkeys(path for file in all_files(workflow) for path in file.dotenv):
        try:
            _read_dotenv(path)
        except WorkflowError as error:
            yield from error.problems


def secrets_at_hand(workflow: Workflow, process: Mapping[str, str]) -> dict[str, str]:
    """The values of those secrets that are set, for who needs none of them but must not show any."""
    return {
        f"{name} of {file.file}": environment[name]
        for file in all_files(workflow)
        for environment in [read_environment(file, process)]
        for name in file.secrets
        if len(environment.get(name, "")) >= SHORTEST_SECRET
    }


def all_secrets(outside: Mapping[str, Outside]) -> dict[str, str]:
    """The values of all secrets. Two files may give one name two values."""
    return {f"{name} of {file}": value for file, it in outside.items() for name, value in it.secrets.items()}


def names_before_a_run(
    workflow: Workflow, params: Mapping[str, Any], environment: Mapping[str, str]
) -> dict[str, Any]:
    """What the expressions of a workflow may see while nothing has run.

    Without `env` where the file's own needs more than that, as secrets are.
    """
    names = {
        "params": dict(params),
        "env": dict(environment),
        "workflow": {"name": workflow.name, "file": workflow.file, "dir": workflow.folder},
        "__folder__": os.getcwd(),
    }
    try:
        return {**names, "env": with_env(environment, workflow.env, names)}
    except EvaluationError:
        return {name: value for name, value in names.items() if name != "env"}


def parse_dotenv(text: str, file: str) -> dict[str, str]:
    """The variables of a dotenv text; `file` is its name in messages."""
    import re

    values: dict[str, str] = {}
    problems: list[Problem] = []
    place = 0
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        line = text[place:end]
        if line.strip() and not line.lstrip().startswith("#"):
            match = re.compile(_LINE).match(text, place, end)
            try:
                if match is None:
                    raise _Bad(place, "expected NAME=value")
                values[match[1]], end = _value(text, match.end(), end)
            except _Bad as bad:
                problems.append(_problem(text, file, bad))
                end = len(text) if bad.open else end
        place = end + 1
    if problems:
        raise WorkflowError(problems)
    return values


def _secrets(names: list[str]) -> str:
    if len(names) == 1:
        return f"the secret {names[0]} is"
    return f"the secrets {', '.join(names[:-1])} and {names[-1]} are"


def _read_dotenv(path: str) -> dict[str, str]:
    shown = short_path(path)
    if "\0" in path:  # no file is called so, which is told where that stands
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            return parse_dotenv(file.read(), shown)
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        message = f"the dotenv file is not UTF-8 at byte {error.start}"
        raise WorkflowError([Problem(Position(shown, 0, 0), "bad-dotenv", message)]) from error
    except OSError as error:
        message = f"the dotenv file cannot be read: {(error.strerror or str(error)).lower()}"
        raise WorkflowError([Problem(Position(shown, 0, 0), "bad-dotenv", message)]) from error


def _value(text: str, start: int, end: int) -> tuple[str, int]:
    """The value that begins at `start`, and the end of the line that it ends on."""
    import re

    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        return re.split(r"(?:^|\s)#", text[start:end], maxsplit=1)[0].strip(), end
    parts = []
    place = start + 1
    while place < len(text) and text[place] != quote:
        if quote == '"' and text[place] == "\\" and text[place + 1 : place + 2] in _ESCAPES:
            parts.append(_ESCAPES[text[place + 1]])
            place += 2
        else:
            parts.append(text[place])
            place += 1
    if place >= len(text):
        raise _Bad(start, f"the {quote} that begins here is never closed", open=True)
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    rest = text[place + 1 : end].strip()
    if rest and not rest.startswith("#"):
        raise _Bad(place + 1, "expected the end of the line after the closing quote")
    return "".join(parts), end


class _Bad(Exception):
    """`open`: all that follows belongs to it."""

    def __init__(self, offset: int, message: str, *, open: bool = False) -> None:
        super().__init__(message)
        self.offset, self.message, self.open = offset, message, open


def _problem(text: str, file: str, bad: _Bad) -> Problem:
    before = text[: bad.offset]
    start = before.rfind("\n") + 1
    position = Position(file, before.count("\n") + 1, bad.offset - start + 1)
    # The line is not shown: it is in such files that secrets stand.
    return Problem(position, "bad-dotenv", bad.message)
