"""What a finished or running run is told as: text, JSON, Markdown, or a template of the user's own.

It knows the formats by name and by the suffix of a file. What each says is in its own room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from runner.problem import UserError, did_you_mean
from runner.report.as_json import json_report
from runner.report.as_text import text_report
from runner.report.context import report_context
from runner.report.publish import publish
from runner.report.templating import BUILT_IN, kind_of, load_template, render
from runner.store.stored_run import StoredRun
from runner.struct import struct


@struct
class Format:
    """One form of report. A `template` of it can be written out and changed by the user."""

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[StoredRun], Iterator[str]]
    template: Path | None = None


def by_template(template: Path, kind: str) -> Callable[[StoredRun], Iterator[str]]:
    """What writes reports by a template that makes this kind of text."""

    def write(stored: StoredRun) -> Iterator[str]:
        loaded = load_template(template, kind)
        with stored.snapshot():
            yield from render(loaded, report_context(stored))

    return write


_markdown = BUILT_IN / "report.md.j2"

formats = {
    form.name: form
    for form in (
        Format("text", (".txt", ".text"), text_report),
        Format("json", (".json",), json_report),
        Format("markdown", (".md", ".markdown"), by_template(_markdown, "markdown"), _markdown),
    )
}


def format_named(name: str) -> Format:
    """The format of this name; raises `UserError` for an unknown one."""
    if name not in formats:
        hint = did_you_mean(name, formats) or f"there are {', '.join(formats)}"
        raise UserError(f"no report format '{name}'", hint=hint)
    return formats[name]


def format_of(path: str) -> Format:
    """The format that the suffix of a file stands for; raises `UserError` where it stands for none."""
    suffix = Path(path).suffix.lower()
    for form in formats.values():
        if suffix in form.suffixes:
            return form
    known = ", ".join(suffix for form in formats.values() for suffix in form.suffixes)
    raise UserError(
        f"no report format for '{path}'", hint=f"end its name in one of {known}, or name the format"
    )


def writer(
    form: str | None = None, template: str | None = None, path: str | None = None
) -> Callable[[StoredRun], Iterator[str]]:
    """What writes a report: by a template, in a format, or in the one that the path stands for.

    What is wrong with them is raised as a `UserError` here, before anything runs.
    """
    if template is not None:
        kind = kind_of(Path(template), form, path)
        load_template(Path(template), kind)
        return by_template(Path(template), kind)
    if form is not None:
        return format_named(form).write
    return format_of(path).write if path is not None else formats["text"].write


def write_report(
    stored: StoredRun, path: str, *, form: str | None = None, template: str | None = None
) -> None:
    """Write a report of a run to a file, which is whole or not there at all."""
    publish(Path(path), writer(form, template, path)(stored))


def eject(form: str) -> str:
    """The template of a format, for the user to change."""
    template = format_named(form).template
    if template is None:
        made = ", ".join(each.name for each in formats.values() if each.template)
        raise UserError(f"the {form} report is not made by a template", hint=f"these are: {made}")
    return template.read_text(encoding="utf-8")
