"""What is wrong with a file or a command line, and how it is written for people and programs.

It does not know how a problem is found, nor where its words are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runner.hints import Any, Literal
from runner.position import Fault, Position
from runner.struct import struct

Severity = Literal["error", "warning"]

_widest_excerpt = 160
_tab = "    "


@struct
class Problem:
    """One thing wrong at one place. `code` is stable; `excerpt` is the text of the line.

    `length` is that of the token that the caret underlines; `related` are other places, each
    with words that go before it (`first defined`).
    """

    position: Position
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    length: int = 1
    excerpt: str = ""
    related: tuple[tuple[Position, str], ...] = ()

    @classmethod
    def of(cls, fault: Fault, excerpt: str = "") -> Problem:
        """A fault of the text as a problem of the file."""
        return cls(
            position=fault.position,
            code=fault.code,
            message=fault.message,
            hint=fault.hint,
            length=fault.length,
            excerpt=excerpt,
            related=fault.related,
        )

    @classmethod
    def at(cls, position: Position, code: str, message: str, hint: str = "") -> Problem:
        """One that showed only later, with the line as it stands in the file now."""
        from linecache import checkcache, getline

        checkcache(position.file)
        excerpt = getline(position.file, position.line).rstrip("\n")
        length = len(excerpt) - position.column + 1
        return cls(position, code, message, hint, length=max(1, length), excerpt=excerpt)


class UserError(Exception):
    """The user's mistake, not the program's: it is told in a sentence, never as a traceback."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return with_hint(self.message, self.hint)


def with_hint(message: str, hint: str) -> str:
    """A sentence and the hint below it, of which further lines stand under the first."""
    return message + "\n  = " + hint.replace("\n", "\n    ") if hint else message


class WorkflowError(UserError):
    """What is wrong with a workflow file, all of it at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = order(problems)
        super().__init__(write_text(self.problems).rstrip("\n"))


def order(problems: Iterable[Problem]) -> list[Problem]:
    """By place, each only once."""
    once: dict[tuple[Position, str, str], Problem] = {}
    for problem in problems:
        once.setdefault((problem.position, problem.code, problem.message), problem)
    return sorted(once.values(), key=lambda it: (it.position, it.severity))


# A suggestion -----------------------------------------------------------------------------------


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`did you mean 'x'?` where one of the candidates is near enough to be meant, else nothing."""
    from runner.likeness import nearest

    found = nearest(word, [it for it in candidates if isinstance(it, str) and it and it != word])
    return f"did you mean '{found}'?" if found else ""


# For people ---------------------------------------------------------------------------------------


def write_text(problems: Iterable[Problem]) -> str:
    """Every problem with its line and a caret under it, then how many there are."""
    problems = list(problems)
    if not problems:
        return ""
    blocks = [_text_of(problem) for problem in problems]
    return "\n".join([*blocks, _count_of(problems)]) + "\n"


def _text_of(problem: Problem) -> str:
    position = problem.position
    lines = [_visible(f"{position}: {problem.severity}: {problem.message}") + f" [{problem.code}]"]
    gutter = max(len(str(position.line)), 5)
    if problem.excerpt and position.line:
        excerpt, caret = _excerpt(problem)
        lines.append(f"{position.line:{gutter}} | {excerpt}".rstrip())
        lines.append(f"{'':{gutter}} | {caret}")
    notes = [f"{words} at {place}" for place, words in problem.related]
    if problem.hint:
        notes.append(problem.hint)
    for note in notes:
        first, *rest = note.split("\n")
        lines.append(f"{'':{gutter}} = {_visible(first)}")
        lines.extend(f"{'':{gutter}}   {_visible(line)}" for line in rest)
    return "\n".join(lines)


def _excerpt(problem: Problem) -> tuple[str, str]:
    """The line, cut to what is around the token where it is very long, and the caret below it."""
    line, start = problem.excerpt, max(problem.position.column - 1, 0)
    end = min(start + max(problem.length, 1), max(len(line), start + 1))
    lead = tail = ""
    if len(line) > _widest_excerpt:
        left = max(0, min(start - _widest_excerpt // 3, len(line) - _widest_excerpt))
        right = left + _widest_excerpt
        lead, tail = "…" * (left > 0), "…" * (right < len(line))
        line, start, end = line[left:right], start - left, min(end, right) - left
    before = lead + _visible(line[:start], _tab)
    token = _visible(line[start:end], _tab)
    after = _visible(line[end:], _tab) + tail
    return before + token + after, " " * _width(before) + "^" * max(_width(token), 1)


def _count_of(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    counts = [(errors, "error"), (len(problems) - errors, "warning")]
    return ", ".join(f"{number} {word}{'s' * (number != 1)}" for number, word in counts if number)


def _visible(text: str, tab: str = "\t") -> str:
    """The text without anything that would move the cursor or hide other text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character, tab) for character in text)


def _shown(character: str, tab: str) -> str:
    if character == "\t":
        return tab
    if character.isprintable() or character == "\u3000":
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(it) else 2 if east_asian_width(it) in "WF" else 1 for it in text)


# For programs -------------------------------------------------------------------------------------


def write_json(problems: Iterable[Problem]) -> str:
    """A list of objects, one a problem."""
    import json

    return json.dumps([_record(problem) for problem in problems], indent=2) + "\n"


def _record(problem: Problem) -> dict[str, Any]:
    return {
        **_place(problem.position),
        "length": problem.length,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "related": [{**_place(place), "message": words} for place, words in problem.related],
    }


def _place(position: Position) -> dict[str, Any]:
    return {"file": position.file, "line": position.line, "column": position.column}


def write_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that GitHub Actions shows as annotations beside the lines."""
    return "".join(_annotation(problem) + "\n" for problem in problems)


def _annotation(problem: Problem) -> str:
    position = problem.position
    properties = {"file": position.file} if position.file else {}
    if position.file and position.line:
        properties["line"] = str(position.line)
        properties["col"] = str(position.column)
        properties["endColumn"] = str(position.column + problem.length)
    properties["title"] = problem.code
    notes = [f"{words} at {place}" for place, words in problem.related]
    message = "\n".join(filter(None, [problem.message, *notes, problem.hint]))
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{problem.severity} {written}::{data_of_command(message)}"


def data_of_command(text: str) -> str:
    """A text as a workflow command carries it to the end of its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data_of_command(text).replace(":", "%3A").replace(",", "%2C")
