"""What stands beside the tasks of a file: limits, defaults, the pool, reports, outputs.

It reads entries that have been spelled; what is wrong with their meaning it reports.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from runner.executor_names import wrong_name
from runner.expression import Template
from runner.findings import Findings
from runner.likeness import nearest_file
from runner.links import broken_link, own_stream
from runner.loader.attempts import condition_text
from runner.loader.computed_keys import check_keys
from runner.loader.context import FileContext, Uses
from runner.loader.exceptions import warn_of_unknown
from runner.loader.namespace import Namespace, View, everywhere
from runner.loader.schema import DefaultsEntry, ReportEntry
from runner.loader.spelling import spell
from runner.loader.texts import check_shell, check_texts, check_variables
from runner.problem import did_you_mean
from runner.source.glued import space_missing
from runner.wording import described, listed, quoted
from runner.workflow import ReportTarget, TaskReference

version = 1
_suffixes_of_templates = (".j2", ".jinja", ".jinja2")

suffixes = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xml": "junit",
    ".trace.json": "trace",
    ".json": "json",
}

_only_tasks = View(everywhere, why_no_tasks="tasks cannot be named here: nothing has run yet")


def check_version(data: Mapping[str, Any], findings: Findings) -> None:
    """An unknown version is told which ones there are."""
    value = data.get("version", version)
    if value == version and not isinstance(value, bool | float):
        return
    hint = f"did you mean version: {version}?" if str(value) in (str(version), f"{version}.0") else ""
    message = f"unknown version {quoted(value)}: this program reads version {version}"
    findings.add(("version",), "unknown-version", message, hint)


def names_of_secrets(data: Mapping[str, Any]) -> list[str]:
    """Those that expressions may name: one that is declared wrongly is told where it stands."""
    written = data.get("secrets")
    listed_one_by_one = written if isinstance(written, list | dict) else [written]
    return [name for name in listed_one_by_one if isinstance(name, str)]


def check_limits_say_something(data: Any, findings: Findings) -> None:
    """A limit has a concurrency or a rate."""
    for name, entry in data.items() if isinstance(data, dict) else ():
        if entry == {}:
            message = f"the limit '{name}' limits nothing: give it `concurrency` or `rate`"
            findings.add(("limits", name), "missing-key", message, key=True)


def executor_of(executor: str, findings: Findings) -> str:
    """One of the known ones, or the name of a factory; `thread` stands in for what is neither."""
    wrong = wrong_name(executor)
    if wrong is None:
        return executor
    message, hint = wrong
    findings.add(("pool", "executor"), "unknown-executor", message, hint)
    return "thread"


def check_defaults(context: FileContext, entry: DefaultsEntry, data: Mapping[str, Any]) -> None:
    """The expressions and limits of `defaults` are looked at where they stand, once."""
    uses = Uses(context.lookup)
    check_shell(context.findings, ("defaults",), entry.shell)
    if entry.cwd is not None:
        check_texts(context.findings, [(("defaults", "cwd"), entry.cwd)])
        uses.template(entry.cwd, ("defaults", "cwd"), _only_tasks)
    if entry.retry is not None and entry.retry.on is not None:
        path = ("defaults", "retry", "on", "exceptions")
        warn_of_unknown(data["retry"]["on"].get("exceptions"), path, context.findings)
    if entry.retry is not None and entry.retry.until is not None:
        view = View(everywhere | {"attempt", "result", "exit_code"}, why_no_tasks=_only_tasks.why_no_tasks)
        text = condition_text(entry.retry.until)
        uses.template(text, ("defaults", "retry", "until"), view, condition=True)
    if entry.limit is not None:
        context.limits.take(entry.limit, data["limit"], ("defaults", "limit"))


def check_dotenv(findings: Findings, names: Sequence[str], data: Any) -> None:
    """The names are those that files can have."""
    one = isinstance(data, str)
    check_texts(findings, [(("dotenv",) if one else ("dotenv", at), name) for at, name in enumerate(names)])


def environment_of(context: FileContext, value: Mapping[str, Any] | None) -> Template | None:
    """The variables of all commands; no task can be named."""
    if value is None:
        return None
    check_variables(context.findings, value, ("env",))
    view = View(everywhere | {"secrets"}, why_no_tasks=_only_tasks.why_no_tasks)
    return Uses(context.lookup).template(value, ("env",), view)


def outputs_of(
    context: FileContext, values: Mapping[str, Any], namespace: Namespace
) -> tuple[dict[str, Template], tuple[TaskReference, ...]]:
    """What the run gives, and the tasks that this names."""
    check_keys(context.findings, dict.fromkeys(values), ("outputs",))
    uses = Uses(context.lookup)
    view = View(everywhere, namespace)
    outputs = {name: uses.template(value, ("outputs", name), view) for name, value in values.items()}
    references = dict.fromkeys(TaskReference(it.task, it.attribute, it.up) for it in uses.found)
    return outputs, tuple(references)


def reports_of(context: FileContext, data: Any) -> tuple[ReportTarget, ...]:
    """Where reports go, and in which format."""
    entries = data if isinstance(data, list) else ()
    _check_ends(context.findings, entries)
    return tuple(
        target
        for index, entry in enumerate(entries)
        if (target := _report(context, index, entry)) is not None
    )


def _check_ends(findings: Findings, entries: Sequence[Any]) -> None:
    """No two reports are written to one path, as far as it is the same before expressions are evaluated."""
    found: dict[str, int] = {}
    for index, entry in enumerate(entries):
        to = entry.get("to") if isinstance(entry, dict) else None
        if not isinstance(to, str) or not to:
            continue
        first = found.setdefault(to if "{" in to else os.path.normpath(to), index)
        if first != index:
            message = f"two reports are to be written to {quoted(to)}"
            place = findings.document.mark(("reports", first, "to"))
            related = [(place, "the first is")]
            path = ("reports", index, "to")
            findings.add(path, "repeated-report", message, "name another file", related=related)


def _near_template(written: str, file: str) -> str:
    """The template beside the place of `file` that may be meant by what is written."""
    folder, name = os.path.split(written)
    try:
        names = os.listdir(os.path.dirname(file))
    except (OSError, ValueError):  # no folder is called by a NUL
        return f"there is no folder {quoted(folder)}"
    suffixes_meant = (*_suffixes_of_templates, os.path.splitext(name)[1] or _suffixes_of_templates[0])
    near = nearest_file(name, (it for it in names if it.endswith(suffixes_meant)))
    return f"did you mean {quoted(os.path.join(folder, near))}?" if near else ""


def _report(context: FileContext, index: int, data: Any) -> ReportTarget | None:
    findings, path = context.findings, ("reports", index)
    if not isinstance(data, dict):
        hint = space_missing(data) or f"did you mean {{to: {data}}}?" if isinstance(data, str) else ""
        findings.add(path, "wrong-type", f"a report must be a mapping with `to`, not {described(data)}", hint)
        return None
    entry = spell(ReportEntry, data, path, findings, "the report")
    if entry is None:
        return None
    check_texts(findings, [((*path, "to"), entry.to)])
    to = Uses(context.lookup).template(entry.to, (*path, "to"), _only_tasks)
    template = None
    if entry.template is not None:
        template = os.path.normpath(os.path.join(context.folder, entry.template))
        if not os.path.isfile(template):
            message = f"there is no template {quoted(entry.template)}"
            hint = broken_link(template) or _near_template(entry.template, template)
            findings.add((*path, "template"), "not-found", message, hint)
            return None
    ends = [end for end in suffixes if entry.to.lower().endswith(end)]
    by_name = suffixes[ends[0]] if ends else None if own_stream(entry.to) is None else "text"
    form = entry.format or by_name
    if form is None and template is None and "format" not in data:
        known, suffix = list(suffixes), os.path.splitext(entry.to)[1].lower()
        hint = f"known are {listed(known)}; or say `format:`, or `template:`"
        message = f"the suffix of {quoted(entry.to)} names no format"
        findings.add((*path, "to"), "unknown-format", message, did_you_mean(suffix, known) or hint)
    made_by = next((key for key in ("template", "format") if key in data), "to")
    place, made_at = (findings.document.mark((*path, key)) for key in ("to", made_by))
    return ReportTarget(to, form, template, place, made_at, findings.document.length((*path, made_by)))
