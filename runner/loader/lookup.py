"""Holds the expressions of a file against what they may name: every unknown name is a problem.

It knows what an expression uses (`Template`) and what a place lets it see (`View`). It evaluates
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from runner.expression import ExpressionFault, NameUse, Reference, Template
from runner.expression.dashes import Dash, key_meant
from runner.expression.kinds import misfits
from runner.expression.marks import strings
from runner.findings import Findings, Path
from runner.loader.known_kinds import kinds_in, texts_of_none
from runner.loader.names_meant import attribute_meant, name_meant, sets_variable
from runner.loader.namespace import (
    Declared,
    Namespace,
    View,
    everywhere,
    map_attributes,
    own_to_items,
    run_attributes,
    run_so_far,
    status_functions,
    task_attributes,
    workflow_attributes,
)
from runner.loader.shapes import Shape, it_has, keys_after, misstep, shape_of
from runner.loader.statuses import statuses, wrong_statuses
from runner.loader.subtractions import Read, Why, Wrong, is_absent, read_subtractions, wrong_in
from runner.loader.texts import check_cut_off, open_expression
from runner.param_types import kind_names
from runner.position import Position
from runner.problem import did_you_mean
from runner.struct import field, replace, struct
from runner.wording import listed, there_are

own_to_places = frozenset({"secrets", "result", "exit_code", "attempt"})
"""Names that only some keys may use, whatever maps there are."""


@struct
class Found:
    """A task that an expression names: `up` bodies outward, at `position`."""

    task: str
    attribute: str
    up: int
    position: Position


@struct
class _Asked:
    """Of a task, a part of what it gives: what stands further down in the file is yet unknown.

    `dash`: the last name that is asked for may be the beginning of one with a `-`.
    """

    reference: Reference
    tasks: Namespace
    at: Path
    dash: Dash | None
    why: Why | None


_of_values = frozenset({"bad-value", "unknown-method"})
"""What is wrong with what an expression comes to, not with how it is written."""


def _covers(fault: ExpressionFault, use: NameUse) -> bool:
    """Whether what is wrong there has been told, as with the rest of a name that holds a `-`."""
    return fault.path == use.path and 0 <= use.offset - fault.offset <= fault.length + 1


@struct
class Lookup:
    """What a file declares, for the names in its expressions."""

    findings: Findings
    params: Collection[str]
    secrets: Collection[str]
    types: Mapping[str, str] = field(default_factory=dict)
    """The types of those params that are declared rightly, as `params.x`."""
    asked: list[_Asked] = field(default_factory=list)

    def check(self, template: Template, path: Path, view: View) -> tuple[list[Found], set[str]]:
        """Report what is wrong with `template`, which stands at `path`; the tasks and names it uses."""
        if template.literal:
            return [], set()
        faults = template.check()
        self._tell(faults, template, path)
        if all(fault.code in _of_values for fault in faults):
            self._check_kinds(template, path, view, faults)
            self._check_statuses(template, path, view)
        if not view.status_functions:
            for use in template.functions:
                self._check_function(use, path)
        read = read_subtractions(template, faults, view, lambda use, task: self._keys(use, task, view))
        for at, wrong in read.wrong:
            self._subtraction(path + at, wrong)
        names = set()
        for use in template.paths:
            key = None if use.attribute is None else read.keys.get((use.path, use.attribute_offset))
            if not any(_covers(fault, use) for fault in read.covered) and key != "":
                self._check_name(replace(use, attribute=key or use.attribute), path, view)
            names.add(use.name)
        found = [
            task for one in template.references if (task := self._find(one, path, view, read)) is not None
        ]
        return found, names | {"tasks"} if found else names

    def _tell(self, faults: Iterable[ExpressionFault], template: Template, path: Path) -> None:
        """Report what is wrong with the text of expressions; where a comment cuts it off, only that."""
        texts = dict(strings(template.value, ()))
        told: set[Path] = set()
        for it in faults:
            at, text = path + it.path, texts[it.path]
            begun = 0 if template.condition else open_expression(text)
            if 0 <= begun <= it.offset and (
                it.path in told or check_cut_off(self.findings, at, text, "the expression")
            ):
                told.add(it.path)
            else:
                self.findings.add_inside(at, it.offset, it.length, it.code, it.message, it.hint)

    def kinds(self, value: Any, view: View) -> Mapping[str, str]:
        """The kinds of those names in a value for which they are sure."""
        return kinds_in(Template(value), self.types, view)

    def _check_kinds(
        self, template: Template, path: Path, view: View, told: Sequence[ExpressionFault]
    ) -> None:
        """What is asked of a value is something that its kind has, and what stands in a text has one."""
        kinds = kinds_in(template, self.types, view)
        for offset, length, at, fault in texts_of_none(template, kinds):
            self.findings.add_inside(path + at, offset, length, "wrong-type", *fault)
        for misfit in misfits(template, kinds):
            if any(it.path == misfit.path and 0 <= misfit.offset - it.offset < it.length for it in told):
                continue
            kind = kind_names.get(misfit.kind, misfit.kind)
            code, message = "wrong-type", f"a condition gives true or false, and this is {kind}"
            if misfit.name is not None:
                code = "unknown-attribute"
                message = f"`{misfit.target}` is {kind}, which has no {misfit.name!r}"
            self.findings.add_inside(
                path + misfit.path, misfit.offset, misfit.length, code, message, misfit.hint
            )

    def _check_statuses(self, template: Template, path: Path, view: View) -> None:
        for it in wrong_statuses(template, view):
            at, code = path + it.path, "unknown-status"
            self.findings.add_inside(at, it.offset, it.length, code, it.message, it.hint)

    # Tasks -------------------------------------------------------------------------------------

    def _find(self, reference: Reference, path: Path, view: View, read: Read) -> Found | None:
        at = path + reference.path
        if view.tasks is None:
            self._wrong(at, reference.offset, reference.task, "no-tasks-here", view.why_no_tasks)
            return None
        found = view.tasks.find(reference.task)
        if found is None:
            message = f"unknown task '{reference.task}'"
            hint = view.tasks.suggestion(reference.task, _task_at(path))
            self._wrong(at, reference.offset, reference.task, "unknown-task", message, hint)
            return None
        task, up = found
        attribute = read.keys.get((reference.path, reference.attribute_offset), reference.attribute)
        if not attribute or not self._check_attribute(replace(reference, attribute=attribute), task, at):
            return None
        if reference.steps and not reference.guarded:
            dash, why = read.late.get((reference.path, reference.steps[-1].offset), (None, None))
            self.asked.append(_Asked(reference, view.tasks, at, dash, why))
        position = self.findings.document.mark_in(at, reference.offset)
        return Found(reference.task, reference.attribute, up, position)

    def _check_attribute(self, reference: Reference, task: Declared, at: Path) -> bool:
        allowed = map_attributes if task.mapped else task_attributes
        if reference.attribute in allowed:
            return True
        name, attribute = task.name, reference.attribute
        hint = attribute_meant(attribute, task) or f"it has {listed(allowed)}"
        if attribute in statuses and attribute not in task.inside:
            message = f"a task has no `{attribute}`"
            meant = f"counts.{attribute}" if task.mapped else f"status == '{attribute}'"
            hint = f"did you mean tasks.{name}.{meant}?"
        elif task.mapped and attribute == "result":
            message = f"'{name}' is a map: it has no `result`, but `results`"
            hint = f"did you mean tasks.{name}.results?"
        elif attribute == "results":
            message = f"'{name}' is no map: it has no `results`, but a `result`"
            hint = f"did you mean tasks.{name}.result?"
        elif task.mapped and attribute in task_attributes:
            message = f"'{name}' is a map: only its items have `{attribute}`"
            hint = f"look at tasks.{name}.items"
        elif attribute in map_attributes:
            message = f"'{name}' is no map: it has no `{attribute}`"
        elif task.group:
            message = task.inside_is_hidden
            seen = f"tasks.{name}.result"
            hint = f"{seen} is a mapping: the results of its tasks, or the outputs of its file, by name"
            if attribute in task.inside:
                hint = f"give '{name}' a `result:` that names it, or look at {seen}['{attribute}']"
        else:
            message = f"a task has no `{attribute}`"
        self._wrong(at, reference.attribute_offset, attribute, "unknown-attribute", message, hint)
        return False

    def check_keys(self) -> None:
        """Report what values of tasks are asked for and do not have, once all tasks have been read."""
        for asked in self.asked:
            found = asked.tasks.find(asked.reference.task)
            if found is not None:
                self._check_steps(asked, shape_of(found[0], asked.reference.attribute))

    def _check_steps(self, asked: _Asked, shape: Shape | None) -> None:
        steps = asked.reference.steps
        wrong = misstep(shape, steps[:-1])
        if wrong is None and asked.dash is not None:
            keys = keys_after(shape, steps[:-1])
            if is_absent(asked.dash, keys, asked.why):
                steps = (*steps[:-1], replace(steps[-1], name=asked.dash.key))
            elif subtraction := wrong_in(asked.dash, keys, asked.why):
                self._subtraction(asked.at, subtraction)
                return
        wrong = wrong or misstep(shape, steps)
        if wrong is not None:
            token = str(wrong.step.name)
            self._wrong(asked.at, wrong.step.offset, token, "unknown-attribute", wrong.message, wrong.hint)

    def _subtraction(self, at: Path, wrong: Wrong) -> None:
        self.findings.add_inside(at, wrong.offset, wrong.length, wrong.code, wrong.message, wrong.hint)

    def _keys(self, use: NameUse | None, of_task: Reference | None, view: View) -> Collection[str] | None:
        """The keys of what a name or a task is asked for, where they are known."""
        if of_task is not None:
            found = view.tasks.find(of_task.task) if view.tasks is not None else None
            return None if found is None else map_attributes if found[0].mapped else task_attributes
        match use.name if use is not None else "":
            case "params":
                return self.params
            case "secrets":
                return self.secrets
            case "workflow":
                return workflow_attributes
            case "run":
                return run_attributes + (run_so_far if view.run_so_far else ())
            case name:
                return view.around.keys.get(name) or None

    # Other names -------------------------------------------------------------------------------

    def _check_function(self, use: NameUse, path: Path) -> None:
        if use.name in status_functions:
            message = f"{use.name}() can only be asked in `when`"
            self._wrong(path + use.path, use.offset, use.name, "only-in-when", message)

    def _check_name(self, use: NameUse, path: Path, view: View) -> None:
        at = path + use.path
        if use.name not in view.names:
            forgiven = use.guarded or view.around.unsure
            if not forgiven or use.name in own_to_places:
                self._unknown_name(use, at, view)
            return
        if use.guarded:
            return
        if use.attribute is None:
            return
        match use.name:
            case "params":
                self._check_member(use, at, self.params, "param", "params")
            case "secrets":
                self._check_member(use, at, self.secrets, "secret", "secrets")
            case "workflow":
                self._check_member(use, at, workflow_attributes, "attribute", "attributes of workflow")
            case "run":
                self._check_run(use, at, view)
            case _ if keys := view.around.keys.get(use.name):
                self._check_key(use, at, keys)

    def _check_member(self, use: NameUse, at: Path, known: Collection[str], kind: str, plural: str) -> None:
        attribute = str(use.attribute)
        if attribute in known:
            return
        message = f"unknown {kind} '{attribute}'"
        if use.name == "secrets":
            message += ": `secrets` does not list it"
        elif use.name == "workflow":
            message = f"`workflow` has no '{attribute}'"
        hint = did_you_mean(attribute, known) or there_are(plural, list(known))
        self._wrong(at, use.attribute_offset, attribute, f"unknown-{kind}", message, hint)

    def _check_key(self, use: NameUse, at: Path, keys: Collection[str]) -> None:
        attribute = str(use.attribute)
        if attribute in keys:
            return
        message = f"`{use.name}` has no '{attribute}'"
        hint = key_meant(use.name, attribute, keys, it_has)
        self._wrong(at, use.attribute_offset, attribute, "unknown-attribute", message, hint)

    def _check_run(self, use: NameUse, at: Path, view: View) -> None:
        attribute = str(use.attribute)
        allowed = run_attributes + (run_so_far if view.run_so_far else ())
        if attribute in allowed:
            return
        message, hint = f"`run` has no '{attribute}'", did_you_mean(attribute, allowed)
        if attribute in run_so_far:
            message = f"`run.{attribute}` is known only in a task whose `when` names failure() or always()"
            hint = "give the task `when: always()`"
        self._wrong(
            at,
            use.attribute_offset,
            attribute,
            "unknown-attribute",
            message,
            hint or f"it has {listed(allowed)}",
        )

    def _unknown_name(self, use: NameUse, at: Path, view: View) -> None:
        message, hint, code = self._why_unknown(use, view)
        if use.name != "range" or use.attribute is None:  # `{{range .x}}` is no call of `range`
            hint = use.hint or hint
        if at[-1] == "run" and sets_variable(use.name, self.findings.document.written(at)):
            hint = f'a variable of the script stands without braces: "${use.name}"'
        self._wrong(at, use.offset, use.name, code, message, hint)

    def _why_unknown(self, use: NameUse, view: View) -> tuple[str, str, str]:
        name = use.name
        if name == "secrets":
            return "secrets can be named only in `env`, `with` and `stdin`", "", "secret-not-allowed"
        if name == "exit_code" and view.why_no_exit_code:
            return view.why_no_exit_code, "", "unknown-name"
        if name in ("result", "exit_code"):
            where = "`result` and `until`" if name == "result" else "`until`"
            return f"`{name}` is what an action gave: only its task's {where} can name it", "", "unknown-name"
        if name == "attempt":
            return (
                "`attempt` is known only in what an attempt uses (`run`, `with`, `env`, …)",
                "",
                "unknown-name",
            )
        nearest = view.around.nearest
        if name == "item" and nearest:
            hint = f"did you mean {nearest}?"
            if view.around.hides_an_item:
                hint += " For the item of the map around it, give that map an `as`, too"
            return f"the item is called `{nearest}` here", hint, "unknown-name"
        if name == "item" or name in own_to_items:
            hint = "give the task a `map: {over: …}`" if name == "item" else ""
            message = f"`{name}` is known only in a task with `map`, or in a group with one"
            return message, hint, "unknown-name"
        if name in everywhere:
            return f"`{name}` is not known here", "", "unknown-name"
        return f"unknown name '{name}'", name_meant(use, view, self.params, self.secrets), "unknown-name"

    def _wrong(self, at: Path, offset: int, token: str, code: str, message: str, hint: str = "") -> None:
        self.findings.add_inside(at, offset, len(token), code, message, hint)


def _task_at(path: Path) -> str | None:
    """The task, the innermost one, of which a key stands at the path."""
    found, rest = None, path
    while rest[:1] == ("tasks",):
        found, rest = str(rest[1]), rest[2:]
    return found
