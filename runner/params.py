"""Typed parameters: what a file declares, and the values that a run is given.

`-p` over `--params-file` over the file's own `params_file` over the default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.findings import Findings, problems_of
from runner.likeness import nearest
from runner.links import short_path
from runner.param_types import converted, fault_of, kind_names, literal_fault_of, wants_quotes
from runner.problem import Problem, UserError, WorkflowError, did_you_mean, order, with_hint, write_text
from runner.source import Document, parse
from runner.source.reading import SourceError, read_text
from runner.struct import field, struct
from runner.wording import described, quoted, shortened, there_are
from runner.workflow import Param, Workflow


@struct
class FromFile:
    """What a file gives for params, and what is wrong with it.

    `named` are the params that it tries to give; `whole` is false where it might name others.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    named: frozenset[str] = frozenset()
    whole: bool = True


def read_params(
    workflow: Workflow,
    params_files: Sequence[str],
    assignments: Sequence[str],
    own: Sequence[FromFile] = (),
) -> dict[str, Any]:
    """The values of all params of a run; raises one error that lists everything wrong with them.

    `own` are the workflow's own files of params, if something is wrong with them.
    """
    given = _Given(workflow.params, workflow.given)
    for read in own:
        given.take(read)
    for file in params_files:
        given.take_file(file)
    for assignment in assignments:
        given.take_assignment(assignment)
    return given.values()


def given_params(
    workflow: Workflow,
    values: Mapping[str, Any],
    params_files: Sequence[str] = (),
    assignments: Sequence[str] = (),
) -> dict[str, Any]:
    """The values of all params of a run that a Python program asks for; errors as of `read_params`.

    `values` win over those that the run had before, by files and assignments.
    They have the types of the params as they have them in a file; a tuple is a list, and what names a path
    (`pathlib.Path`) is one.
    """
    given = _Given(workflow.params, workflow.given)
    for file in params_files:
        given.take_file(file)
    for assignment in assignments:
        if assignment.partition("=")[0] not in values:
            given.take_assignment(assignment)
    for name, value in values.items():
        given.take_value(name, value)
    return given.values("params={{'{}': …}}")


class _Given:
    """The values given so far, and what is wrong with them."""

    def __init__(self, params: Mapping[str, Param], values: Mapping[str, Any]) -> None:
        self._params = params
        self._values = dict(values)
        self._problems: list[Problem] = []
        self._faults: list[str] = []
        self._named: set[str] = set()
        self._whole = True

    def take_file(self, file: str) -> None:
        try:
            self.take(read_file(file, self._params))
        except SourceError as error:
            self._faults.append(with_hint(f"{file}: {error.fault.message}", error.fault.hint))
            self._whole = False

    def take(self, read: FromFile) -> None:
        self._values.update(read.values)
        self._problems += read.problems
        self._named |= read.named
        self._whole = self._whole and read.whole

    def take_assignment(self, assignment: str) -> None:
        name, equals, text = assignment.partition("=")
        if not equals:
            self._faults.append(f"-p {assignment}: expected NAME=VALUE")
            return
        param = self._params.get(name)
        if param is None:
            self._faults.append(with_hint(f"-p {assignment}: unknown param '{name}'", self._meant(name)))
            return
        value, fault = _read_text(param, text)
        if fault:
            self._faults.append(with_hint(f"-p {assignment}: '{name}' {fault}", _help(param)))
        self._values[name] = value

    def take_value(self, name: str, value: Any) -> None:
        param = self._params.get(name)
        if param is None:
            self._faults.append(with_hint(f"unknown param '{name}'", self._meant(name)))
            return
        plain, fault = _plain(param, value)
        fault = fault or literal_fault_of(param, plain)
        if fault:
            self._faults.append(with_hint(f"the param '{name}' {fault}", _help(param)))
        self._values[name] = plain

    def _meant(self, name: str) -> str:
        """What is said of an unknown name; the param that is meant by it is not missed besides."""
        self._named.add(nearest(name, list(self._params)))
        return _hint_for(name, self._params)

    def values(self, way: str = "-p {}=VALUE") -> dict[str, Any]:
        """All of them; `way`: how one that is missing would be given."""
        self._faults += [
            with_hint(f"the param '{param.name}' is required: {way.format(param.name)}", _help(param))
            for param in self._params.values()
            if param.required and self._whole and param.name not in self._named | self._values.keys()
        ]
        self._raise()
        return {
            name: converted(param, self._values[name]) if name in self._values else param.default
            for name, param in self._params.items()
        }

    def _raise(self) -> None:
        if self._problems and not self._faults:
            raise WorkflowError(self._problems)
        if self._faults:
            texts = ["\nerror: ".join(self._faults), write_text(order(self._problems)).rstrip("\n")]
            raise UserError("\n".join(filter(None, texts)))


def _hint_for(name: str, params: Mapping[str, Param]) -> str:
    return did_you_mean(name, params) or there_are("params", list(params))


def _help(param: Param) -> str:
    return f"{param.name}: {param.help.strip()}" if param.help else ""


def _read_text(param: Param, text: str) -> tuple[Any, str]:
    """The value that `-p NAME=text` gives, or what is wrong with it."""
    if param.type in ("str", "path"):
        return text, fault_of(param, text)
    document = parse(text, f"-p {param.name}")
    if document.faults:
        return (
            None,
            f"must be {kind_names[param.type]}, but {quoted(text)} is not YAML: {document.faults[0].message}",
        )
    if not text.strip():
        return None, f"must be {kind_names[param.type]}, not nothing"
    return document.value, literal_fault_of(param, document.value)


def _plain(param: Param, value: Any) -> tuple[Any, str]:
    """A value of a program's own in the types that a file has, or why it has none of them."""
    if param.type == "path" and isinstance(value, os.PathLike):
        return os.fsdecode(value), ""
    try:
        return _in_json(value), ""
    except TypeError as error:
        return None, f"must be {kind_names[param.type]}, and cannot hold an object of type {error}"
    except _OddKey as error:
        return None, f"cannot hold a mapping with the key {error}: keys must be text"
    except RecursionError:
        return None, "is nested too deeply"


class _OddKey(Exception):
    """A key that JSON has not; its text is the key as Python writes it."""


def _in_json(value: Any) -> Any:
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, str):
        return str.__str__(value)  # without what an enumeration makes of it
    if isinstance(value, list | tuple):
        return list(map(_in_json, value))
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise _OddKey(shortened(repr(name)))
        return {str.__str__(name): _in_json(inner) for name, inner in value.items()}
    if value is None:
        return None
    kind = type(value)
    raise TypeError(kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}")


def read_file(file: str, params: Mapping[str, Param]) -> FromFile:
    """What a file gives `params`, and what is wrong with it; raises `SourceError`."""
    shown = short_path(file)
    document = parse(read_text(shown), shown)
    problems = problems_of(document)
    findings = Findings(document, problems)
    if not isinstance(document.value, dict):
        if not problems and document.value is not None:
            findings.add((), "wrong-type", f"a file of params is a mapping, not {described(document.value)}")
        return FromFile(problems=problems, whole=not problems)
    whole = not problems
    values = dict(_good_values(document, params, findings))
    meant = (nearest(name, list(params)) for name in document.value if name not in params)
    return FromFile(values, problems, frozenset(document.value).union(meant), whole)


def _good_values(
    document: Document, params: Mapping[str, Param], findings: Findings
) -> Iterator[tuple[str, Any]]:
    for name, value in document.value.items():
        param = params.get(name)
        if param is None:
            message = f"unknown param '{name}'"
            findings.add((name,), "unknown-param", message, _hint_for(name, params), key=True)
        elif fault := literal_fault_of(param, value):
            quotes = findings.in_quotes((name,)) if wants_quotes(param, value) else ""
            hint = "\n".join(filter(None, [quotes, _help(param)]))
            findings.add((name,), "bad-param", f"'{name}' {fault}", hint)
        else:
            yield name, value
