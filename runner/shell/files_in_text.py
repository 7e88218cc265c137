"""Which files the text of a script runs, such as that of `sh -c`, `eval` or `trap`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from runner.regex import regex
from runner.shell.file_names import Name, spelled

_begun = r"(?:\A|[\n;&|({]|\b(?:then|do|else|exec|sudo|nohup|time)[ \t])[ \t]*"
_path = r"(?:[\w./~${}@*-]|(?<=[\w}])[\"'](?=/))+"
_run = regex(
    rf"(?<![\w.-])(?P<shell>(?:ba|da|z|k)?sh)(?:[ \t]+-[a-z]+)*[ \t]+[\"']?(?P<script>{_path})"
    rf"|{_begun}(?:(?P<source>source|\.)[ \t]+[\"']?(?P<sourced>{_path})"
    rf"|[\"']?(?P<run>(?:[\w.~${{}}-]|(?<=[\w}}])[\"'](?=/))*/{_path}|\$\w+|\$\{{\w+\}}))"
)
_moved = regex(rf"{_begun}cd[ \t]+(?:--[ \t]+)?[\"']?({_path})")
_argument = regex(r"\"?\$(?:([1-9@*])|\{([1-9@*])\})\"?")
_given = r"\bfor[ \t]+{0}\b|\bread\b[^;\n]*\b{0}\b|(?<!\w){0}="


def with_arguments(name: Name, arguments: Sequence[str]) -> str:
    """The text of a script, which may name its arguments by `$1` where it expands no variable itself."""

    def argument(match: re.Match[str]) -> str:
        place = match[1] or match[2]
        given = arguments if place in "@*" else arguments[int(place) - 1 : int(place)]
        return " ".join(given) or match[0]

    if not arguments:
        return spelled(name)
    return spelled([_argument.sub(argument, piece) if isinstance(piece, str) else piece for piece in name])


def run_in(script: str) -> Iterator[tuple[str, str]]:
    """The files that a script runs, each behind what runs it; behind a `cd`, in the folder of that, too."""
    folders = [re.sub("[\"']", "", match[1]) for match in _moved.finditer(script)]
    for match in _run.finditer(script):
        text = re.sub("[\"']", "", match["script"] or match["sourced"] or match["run"])
        variable = re.match(r"\$\{?(\w+)", text)
        if variable and re.search(_given.format(variable[1]), script):
            continue
        for folder in ["", *folders] if not text.startswith(("/", "$", "~")) else [""]:
            yield match["shell"] or match["source"] or text, posixpath.join(folder, text)
