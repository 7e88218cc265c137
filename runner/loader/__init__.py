"""A path → a `Workflow`, or all that is wrong with the file at once.

It leads through the rooms that read a file: text, spelling, names, meaning. It runs nothing,
imports nothing of the user's, and keeps nothing between two calls.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from runner.findings import Findings, Path
from runner.loader import header
from runner.loader.bodies import BodyReader
from runner.loader.changed_numbers import warn_of_changed_numbers
from runner.loader.context import FileContext, Place, SubFile
from runner.loader.declarations import read_declarations
from runner.loader.keys_meant import meant_key
from runner.loader.limits import FileLimits, together
from runner.loader.lookup import Lookup
from runner.loader.mistakes import unread
from runner.loader.namespace import Around, Namespace
from runner.loader.schema import WorkflowFile
from runner.loader.spelling import spell
from runner.params import FromFile, read_file
from runner.position import Fault, Position
from runner.problem import Problem, order
from runner.source import Document, parse
from runner.source.glued import space_missing
from runner.source.reading import SourceError, read_text
from runner.struct import field, replace, struct
from runner.wording import described, quoted
from runner.workflow import Body, Limit, Param, Workflow


@struct
class Loaded:
    """`workflow` is None where a problem is an error; warnings may stand beside a workflow.

    `but_for_params` is the workflow where nothing is wrong but what its own files give for params,
    which is `misgiven`. `as_read` is what could be read of it, whatever is wrong.
    """

    workflow: Workflow | None
    problems: list[Problem]
    but_for_params: Workflow | None = None
    misgiven: tuple[FromFile, ...] = ()
    as_read: Workflow | None = None


def load(path: str, *, text: str | None = None) -> Loaded:
    """The workflow of a file, and all its problems in the order of their places.

    `-` is the standard input; `text` is the text of the file, where it has been read already.
    """
    with _without_collecting():
        session = _Session()
        try:
            document = parse(read_text(path) if text is None else text, path)
        except SourceError as error:
            return Loaded(None, [Problem.of(error.fault)])
        file = "-" if path == "-" else os.path.abspath(path)
        reader = _FileReader(session, document, file, (file,))
        workflow = reader.read().workflow
        limits = together(reader.limits)
        told = session.told()
        broken = any(problem.severity == "error" for problem in told)
        return Loaded(
            None if broken else _with_limits(workflow, limits),
            order([*told, *session.misgiven]),
            None if broken else _with_limits(reader.but_for_params, limits),
            tuple(reader.misgiven),
            _with_limits(reader.as_read, limits),
        )


def _with_limits(workflow: Workflow | None, limits: Mapping[str, Limit]) -> Workflow | None:
    return replace(workflow, limits=limits) if workflow else None


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A large file is all live objects: looking for garbage among them doubles the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@struct(frozen=False)
class _Session:
    """What one call of `load` has read so far: each file once."""

    files: dict[str, SubFile] = field(default_factory=dict)
    readers: dict[str, _FileReader] = field(default_factory=dict)
    misgiven: list[Problem] = field(default_factory=list)
    """What is wrong with files of params."""

    def told(self) -> list[Problem]:
        """The problems of all workflow files."""
        return [problem for reader in self.readers.values() for problem in reader.told()]


class _FileReader:
    """Reads one file. `chain` are the files that lead to it.

    `run_by` are the places of the tasks that run it, the nearest first.
    """

    def __init__(
        self,
        session: _Session,
        document: Document,
        file: str,
        chain: tuple[str, ...],
        run_by: tuple[tuple[Position, str], ...] = (),
    ) -> None:
        self._session = session
        self._document = document
        self._file = file
        self._folder = os.getcwd() if file == "-" else os.path.dirname(file)
        self._chain = chain
        self._run_by = run_by
        self._types: Mapping[str, str] = {}
        self._own: list[Problem] = []
        self._broken = False
        self.misgiven: list[FromFile] = []
        self.but_for_params: Workflow | None = None
        self.as_read: Workflow | None = None
        self._findings = Findings(document, self._own)
        self.limits = FileLimits(self._findings)

    def read(self) -> SubFile:
        self._session.readers[self._file] = self
        self._findings.faults()
        data = self._document.value
        params: dict[str, Param] | None = None
        workflow: Workflow | None = None
        if isinstance(data, dict):
            params = self._params(data)
            workflow = self._workflow(
                {key: value for key, value in data.items() if not key.startswith("x-")}, params
            )
        elif self._document.complete or data is not None:
            what = "empty" if data is None else described(data)
            self._findings.add(
                (), "wrong-type", f"a workflow file is a mapping with `tasks`, but this one is {what}"
            )
        broken = self._broken or self._findings.errors()
        self.as_read = workflow
        self.but_for_params = None if broken else workflow
        sound = None if self.misgiven else self.but_for_params
        return SubFile(sound, params, workflow.given if workflow else ())

    def told(self) -> list[Problem]:
        """Its problems; the first one tells also which tasks lead to this file."""
        if not self._own or not self._run_by:
            return self._own
        first, *others = order(self._own)
        return [replace(first, related=first.related + self._run_by), *others]

    # Its entries -------------------------------------------------------------------------------

    def _params(self, data: Mapping[str, Any]) -> dict[str, Param]:
        declared = data.get("params")
        if not isinstance(declared, dict):
            return {}
        params: dict[str, Param] = {}
        types: dict[str, str] = {}
        for name, entry in declared.items():
            problems = self._findings.errors()
            params |= read_declarations({name: entry}, self._findings)
            if self._findings.errors() == problems and name in params:
                types[f"params.{name}"] = params[name].type
        self._types = types
        return params

    def _workflow(self, data: dict[str, Any], params: Mapping[str, Param]) -> Workflow | None:
        header.check_version(data, self._findings)
        self._check_tasks(data)
        warn_of_changed_numbers(data, self._findings)
        spelled = {key: value for key, value in data.items() if key not in ("version", "tasks")}
        if isinstance(spelled.get("reports"), list):
            spelled["reports"] = []
        file = spell(WorkflowFile, {**spelled, "tasks": {}}, (), self._findings, "the file")
        if file is None:
            return None
        namespace = Namespace({})
        context = self._context(data, file)
        body = self._body(data, context, namespace)
        executor = header.executor_of(file.pool.executor, self._findings)
        outputs, references = header.outputs_of(context, file.outputs, namespace)
        context.lookup.check_keys()
        given = self._given(file, params)
        header.check_dotenv(self._findings, file.dotenv, data.get("dotenv"))
        return Workflow(
            name=file.name or self._default_name(),
            file=self._file,
            folder=self._folder,
            position=self._document.mark(("tasks",), key=True),
            body=body,
            description=file.description,
            params=params,
            given=given,
            params_files=tuple(self._beside(name) for name in file.params_file if name is not unread),
            secrets=tuple(dict.fromkeys(file.secrets)),
            env=header.environment_of(context, file.env),
            env_positions={name: self._document.mark(("env", name)) for name in file.env or ()},
            dotenv=tuple(
                os.path.normpath(os.path.join(self._folder, name))
                for name in file.dotenv
                if name is not unread
            ),
            max_workers=file.pool.max_workers,
            executor=executor,
            executor_position=self._document.mark(("pool", "executor")),
            timeout=file.timeout,
            timeout_position=self._document.mark(("timeout",), key=True),
            outputs=outputs,
            outputs_positions={name: self._document.mark(("outputs", name), key=True) for name in outputs},
            outputs_references=references,
            reports=header.reports_of(context, data.get("reports")),
        )

    def _check_tasks(self, data: Mapping[str, Any]) -> None:
        tasks = data.get("tasks")
        if isinstance(tasks, dict) and tasks:
            return
        if "tasks" not in data:
            if not any(meant_key(key, WorkflowFile) == "did you mean 'tasks'?" for key in data):
                self._findings.add((), "missing-key", "the file has no `tasks`")
        elif isinstance(tasks, dict) or tasks is None:
            self._findings.add(("tasks",), "no-tasks", "`tasks` is empty: there is nothing to do", key=True)
        else:
            hint = (
                "each task has a name: `build: {run: make}`"
                if isinstance(tasks, list)
                else space_missing(tasks)
            )
            message = f"`tasks` must be a mapping of tasks by name, not {described(tasks)}"
            self._findings.add(("tasks",), "wrong-type", message, hint)

    def _context(self, data: Mapping[str, Any], file: WorkflowFile) -> FileContext:
        params = data.get("params")
        lookup = Lookup(
            self._findings,
            params=list(params) if isinstance(params, dict) else [],
            secrets=header.names_of_secrets(data),
            types=self._types,
        )
        header.check_limits_say_something(data.get("limits"), self._findings)
        self.limits.declare(data.get("limits", {}), file.limits)
        context = FileContext(
            self._findings, lookup, self._folder, self.limits, file.defaults, self._open_file
        )
        header.check_defaults(context, file.defaults, data.get("defaults") or {})
        return context

    def _body(self, data: Mapping[str, Any], context: FileContext, namespace: Namespace) -> Body:
        tasks = data.get("tasks")
        if not isinstance(tasks, dict):
            return Body({})
        return BodyReader(context).read_root(tasks, Place(("tasks",), namespace, Around()))

    def _default_name(self) -> str:
        return "workflow" if self._file == "-" else os.path.splitext(os.path.basename(self._file))[0]

    # Other files -------------------------------------------------------------------------------

    def _given(self, file: WorkflowFile, params: Mapping[str, Param]) -> dict[str, Any]:
        """What the files of params give that the file names; the last one wins."""
        given: dict[str, Any] = {}
        written = self._document.value.get("params_file")
        for index, name in enumerate(file.params_file):
            if name is unread:
                continue
            path: Path = ("params_file", index) if isinstance(written, list) else ("params_file",)
            try:
                read = read_file(self._beside(name), params)
            except SourceError as error:
                self._add_unread(path, name, error.fault)
                continue
            given |= read.values
            self._session.misgiven += read.problems
            self.misgiven += [read] if read.problems else []
        return given

    def _open_file(self, name: str, path: Path) -> SubFile:
        """Another workflow file that is named at `path`, read once however often it is named."""
        shown = self._beside(name)
        file = os.path.abspath(shown)
        if file in self._chain:
            chain = [*self._chain[self._chain.index(file) :], file]
            way = " -> ".join(os.path.relpath(one, self._folder) for one in chain)
            self._findings.add(path, "file-cycle", f"these files call one another: {way}")
            return SubFile(None, None)
        if file not in self._session.files:
            try:
                document = parse(read_text(shown), shown)
            except SourceError as error:
                self._add_unread(path, name, error.fault)
                return SubFile(None, None)
            here = (self._document.mark(path), f"run by the task '{path[-2]}'")
            run_by = (here, *self._run_by)
            reader = _FileReader(self._session, document, file, (*self._chain, file), run_by)
            self._session.files[file] = reader.read()
        self.limits.runs.append(self._session.readers[file].limits)
        found = self._session.files[file]
        self._broken = self._broken or found.workflow is None
        return found

    def _add_unread(self, path: Path, name: str, fault: Fault) -> None:
        """A file that is named at `path` cannot be read."""
        self._findings.add(path, fault.code, f"{quoted(name)}: {fault.message}", fault.hint)

    def _beside(self, name: str) -> str:
        """A path from this file's folder, as it is shown: from where the user's own path starts."""
        return os.path.normpath(os.path.join(os.path.dirname(self._document.name), name))
