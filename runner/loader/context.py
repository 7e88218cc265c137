"""What the readers of one file's entries share, and what one task's expressions have used so far."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from runner.expression import Template
from runner.findings import Findings, Path
from runner.loader.computed_keys import check_keys
from runner.loader.limits import FileLimits
from runner.loader.lookup import Found, Lookup
from runner.loader.namespace import Around, Namespace, View
from runner.loader.schema import DefaultsEntry
from runner.loader.slips import warn_of_slips
from runner.struct import field, struct
from runner.workflow import Param, Workflow


@struct
class SubFile:
    """Another workflow file: its params are known where they could be read, though it is broken."""

    workflow: Workflow | None
    params: Mapping[str, Param] | None
    given: Collection[str] = ()
    """The params that its own files of params give."""


@struct
class FileContext:
    """One file: where its problems go, and what its entries may name."""

    findings: Findings
    lookup: Lookup
    folder: str
    limits: FileLimits
    defaults: DefaultsEntry
    open_file: Callable[[str, Path], SubFile]
    """The workflow file that is named by the text at a path of this one."""


@struct
class Place:
    """Where a task stands: its path in the file, the tasks it sees and the maps around it."""

    path: Path
    namespace: Namespace
    around: Around
    in_folder: bool = False
    """A group around says in which folder its commands run, which comes before the file's defaults."""


@struct(frozen=False)
class Uses:
    """What the expressions of one task have named so far."""

    lookup: Lookup
    found: list[Found] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def template(
        self,
        value: Any,
        path: Path,
        view: View,
        *,
        condition: bool = False,
        lazy: bool = False,
        script: bool = False,
    ) -> Template:
        """The template of what stands at `path`, its names looked up."""
        check_keys(self.lookup.findings, value, path)
        if not (condition or lazy or script):
            warn_of_slips(self.lookup, value, path, view)
        template = Template(value, condition=condition, lazy=lazy)
        if not template.literal:
            found, names = self.lookup.check(template, path, view)
            self.found += found
            self.names |= names
        return template

    def shared(self, template: Template) -> Template:
        """A template that has been looked at where it stands, used by this task too."""
        self.names |= template.names
        return template
