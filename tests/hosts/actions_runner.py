"""What GitHub's runner reads in the lines that a program prints: its `ActionCommand.cs`, in Python.

.NET compares there by the rules of the language, for which characters that cannot be seen are nothing: here
they are left out before anything is looked for, and all controls with them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

REGISTERED = {
    *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice"),
    *("remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
}


@dataclass
class Command:
    """One that is carried out."""

    name: str
    data: str
    properties: dict[str, str] = field(default_factory=dict)


def lines_of(text: str) -> list[str]:
    """The lines as its reader takes them apart."""
    return re.split("\r\n|\n|\r", text)


def commands(text: str) -> list[Command]:
    """The commands in what a program prints."""
    return [found for line in lines_of(text) if (found := command(line))]


def text_of(text: str) -> str:
    """What is shown in the log, without the commands."""
    return "\n".join(line for line in lines_of(text) if not command(line))


def command(line: str) -> Command | None:
    """What a line has it do."""
    seen = "".join(it for it in line if it == "\t" or unicodedata.category(it) not in ("Cc", "Cf", "Mn"))
    return _second_form(seen) or _first_form(seen)


def _second_form(line: str) -> Command | None:
    found = re.match(r"\s*::(.*?)::(.*)", line)
    if found is None:
        return None
    name, _, properties = found[1].partition(" ")
    if name.lower() not in REGISTERED:
        return None
    pairs = [pair.split("=", 1) for pair in properties.strip().split(",") if "=" in pair]
    return Command(name, _plain(found[2]), {name: _plain(value) for name, value in pairs})


def _first_form(line: str) -> Command | None:
    found = re.search(r"##\[(.*?)\](.*)", line)
    if found is None or found[1].partition(" ")[0].lower() not in REGISTERED:
        return None
    return Command(found[1].partition(" ")[0], _plain(found[2]))


def _plain(text: str) -> str:
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text
