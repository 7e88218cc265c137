"""Values that a command is given as text, where they stand in the file as they are: do they have any?

Also the names of the variables that it is given. What an expression gives is told in the run, unless
it is the same whatever happens. It knows nothing of the keys where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from runner.expression import EvaluationError, Template
from runner.expression.holes import Hole, split
from runner.expression.kinds import holes_in, known_value, nothing
from runner.expression.questions import has_verbatim
from runner.expression.values import text_of
from runner.findings import Findings, Path
from runner.loader.known_kinds import Fault, why_no_text
from runner.regex import regex
from runner.scripts import list_fault
from runner.shell import program_variables
from runner.wording import quoted

_variable = regex(r"[^=\0]+")
_constant = regex(r"\{\{\s*[\[(]")
"""Where what has no text may begin; most expressions begin with a name, and need no second look."""
_hint = "put it in quotes if it is meant as text"


def check_shell(findings: Findings, path: Path, words: Sequence[str] | None) -> None:
    """Report what no interpreter can be given; `path` is of what has the key."""
    if words and len(words) > 1:
        check_texts(findings, [((*path, "shell", index), word) for index, word in enumerate(words)])
    elif words:
        check_texts(findings, [((*path, "shell"), words[0])])


def check_texts(
    findings: Findings, values: Iterable[tuple[Path, Any]], text: Callable[[Any], str] = text_of
) -> None:
    """Report those that have no text, as infinity has none; nothing at all is not asked for one."""
    for path, value in values:
        if value is None or not Template(value).literal:
            continue
        try:
            text(value)
        except EvaluationError as error:
            findings.add(path, "wrong-type", error.message, _hint if isinstance(value, float) else "")


def check_cut_off(findings: Findings, path: Path, text: str, what: str) -> bool:
    """Report a comment that cuts off the text at `path` inside a quote; whether there is one."""
    comment, advice = findings.document.cut_off(path)
    if comment:
        message = f"YAML takes this for a comment, and {what} ends inside a quote"
        findings.add_inside(path, len(text), 1 + len(comment), "cut-off", message, advice)
    return bool(comment)


def open_expression(text: str) -> int:
    """Where the `{{` stands that is not closed where the text ends; -1 where there is none."""
    begun = text.rfind("{{")
    return begun if begun > text.rfind("}}") else -1


def check_double_quotes(findings: Findings, values: Iterable[tuple[Path, Any]]) -> None:
    """Report texts that are cut off inside a double quote; inside an expression, that has been told."""
    for path, value in values:
        if isinstance(value, str) and value.count('"') % 2 and open_expression(value) < 0:
            check_cut_off(findings, path, value, "the text")


def wrong_holes(findings: Findings, path: Path, text: str, before: int) -> list[Hole] | None:
    """The `{{ }}` of which something has been told: once it is mended, each may give something else.

    None where what was told does not stand in any. `before`: so many problems had been told by then.
    """
    told = [it.position for it in findings.problems[before:] if it.severity == "error"]
    found: dict[int, Hole] = {}
    for hole in split(text) if told else ():
        if isinstance(hole, Hole):
            start, end = (findings.document.mark_in(path, at) for at in (hole.offset, hole.end))
            found |= {number: hole for number, place in enumerate(told) if not place < start and place < end}
    return list(found.values()) if len(found) == len(told) else None


def check_kinds(
    findings: Findings, path: Path, text: Any, kinds: Mapping[str, str], places: Sequence[str] = ()
) -> None:
    """Report each `{{ }}` of a command that is sure to give what has no text where it stands.

    `places` are those of the `{{ }}` in a script.
    """
    if not isinstance(text, str):
        return
    for number, (hole, kind) in enumerate(holes_in(text, kinds)):
        whole = text[hole.offset : hole.end]
        if kind == nothing:
            fault: Fault | None = why_no_text(hole.source)
        elif kind == "list" and places and places[number] != "verbatim":
            fault = list_fault(places[number])
        elif kind == "list" and not places and len(whole) < len(text):
            fault = "a list cannot be glued to text", "let it stand alone as an argument, or use `join`"
        else:
            fault = None
        if fault := fault or _fault_of_constant(whole):
            findings.add_inside(path, hole.offset, len(whole), "wrong-type", *fault)


def _fault_of_constant(hole: str) -> Fault | None:
    known = known_value(Template(hole)) if _constant.match(hole) else None
    if known is None:
        return None
    parts = known.value if isinstance(known.value, list) else [known.value]
    if None in parts:
        return "an element of the list is None, which has no text", ""
    try:
        for part in parts:
            text_of(part)
    except EvaluationError as error:
        return error.message, error.hint
    return None


def check_variables(findings: Findings, variables: Mapping[str, Any], path: Path) -> None:
    """Report variables that cannot be called so, and those whose value has no text."""
    for name in variables:
        if not _variable.fullmatch(name):
            message = f"`env` has {quoted(name)}, which cannot be the name of a variable"
            findings.add((*path, name), "bad-name", message, key=True)
        if name in program_variables:
            _check_program_text(findings, (*path, name), variables[name])
    values = [((*path, name), one) for name, one in variables.items()]
    check_texts(findings, values)
    check_double_quotes(findings, values)


def _check_program_text(findings: Findings, path: Path, text: Any) -> None:
    """Report each value in what a shell runs when it starts."""
    for hole in split(text) if isinstance(text, str) else ():
        if isinstance(hole, Hole) and not has_verbatim(hole.source):
            message = f"the shell runs what stands in `{path[-1]}`"
            hint = "write it out, or say `| verbatim` where nobody else has a say in it"
            findings.add_inside(path, hole.offset, hole.end - hole.offset, "program-text", message, hint)
