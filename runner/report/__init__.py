"""What a finished or running run is told as: in one of our formats, or by a template of the user's own.

It knows the formats by name and by the suffix of a file. What each says is in its own module, imported
when it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from runner.links import own_stream
from runner.problem import UserError, did_you_mean
from runner.report.as_text import text_report
from runner.store.stored_run import StoredRun
from runner.struct import struct

Write = Callable[[StoredRun], Iterator[str]]
"""Gives the text of a report, in pieces."""


@struct
class Format:
    """One form of report. Its `template`, one of ours, can be written out and changed by the user."""

    name: str
    suffixes: tuple[str, ...]
    writer: Callable[[], Write]
    template: str | None = None


def by_template(template: str, kind: str) -> Write:
    """What writes reports by a template that makes this kind of text."""
    from runner.report.context import report_context
    from runner.report.templating import load_template, render

    def write(stored: StoredRun) -> Iterator[str]:
        loaded = load_template(template, kind)
        with stored.snapshot():
            yield from render(loaded, report_context(stored))

    return write


def _json() -> Write:
    from runner.report.as_json import json_report

    return json_report


def _trace() -> Write:
    from runner.report.as_trace import trace_report

    return trace_report


def _markdown() -> Write:
    return by_template(_built_in(_of_markdown), "markdown")


def _built_in(template: str) -> str:
    from runner.report.templating import BUILT_IN

    return os.path.join(BUILT_IN, template)


def _html() -> Write:
    return by_template(_built_in(_of_html), "html")


def _junit() -> Write:
    return by_template(_built_in(_of_junit), "xml")


_of_markdown = "report.md.j2"
_of_junit = "report.xml.j2"
_of_html = "report.html.j2"

formats = {
    form.name: form
    for form in (
        Format("text", (".txt", ".text"), lambda: text_report),
        Format("json", (".json",), _json),
        Format("html", (".html", ".htm"), _html, _of_html),
        Format("markdown", (".md", ".markdown"), _markdown, _of_markdown),
        Format("junit", (".xml",), _junit, _of_junit),
        Format("trace", (".trace.json",), _trace),
    )
}


def format_named(name: str) -> Format:
    """The format of this name; raises `UserError` for an unknown one."""
    if name not in formats:
        hint = did_you_mean(name, formats) or f"there are {', '.join(formats)}"
        raise UserError(f"no report format '{name}'", hint=hint)
    return formats[name]


def format_of(path: str) -> Format:
    """The format that the suffix of a file stands for; raises `UserError` where it stands for none.

    What goes to an output of the program is text, as where nothing is said.
    """
    if own_stream(path) is not None:
        return formats["text"]
    name = os.path.basename(path).lower()
    ends = {suffix: form for form in formats.values() for suffix in form.suffixes if name.endswith(suffix)}
    if ends:
        return ends[max(ends, key=len)]
    known = ", ".join(suffix for form in formats.values() for suffix in form.suffixes)
    raise UserError(
        f"no report format for '{path}'", hint=f"end its name in one of {known}, or name the format"
    )


def writer(form: str | None = None, template: str | None = None, path: str | None = None) -> Write:
    """What writes a report: by a template, in a format, or in the one that the path stands for.

    What is wrong with them is raised as a `UserError` here, before anything runs.
    """
    if template is not None:
        from runner.report.templating import kind_of, load_template

        kind = kind_of(template, form, path)
        load_template(template, kind)
        return by_template(template, kind)
    if form is not None:
        return format_named(form).writer()
    return (format_of(path) if path is not None else formats["text"]).writer()


def write_report(
    stored: StoredRun, path: str, *, form: str | None = None, template: str | None = None
) -> None:
    """Write a report of a run to a file, which is whole or not there at all."""
    from runner.report.publish import publish

    publish(path, writer(form, template, path)(stored))


def eject(form: str) -> str:
    """The template of a format, for the user to change."""
    template = format_named(form).template
    if template is None:
        made = ", ".join(each.name for each in formats.values() if each.template)
        raise UserError(f"the {form} report is not made by a template", hint=f"these are: {made}")
    with open(_built_in(template), encoding="utf-8") as file:
        return file.read()
