"""A plain command line → what it asks for, without Typer, which takes longer to import than a small run does.

What is not plain is left to Typer: help, and whatever is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from runner.cli.words import (
    OF_A_CHECK,
    OF_A_PLAN,
    OF_A_REPORT,
    OF_A_RESUME,
    OF_A_RUN,
    OF_LOGS,
    OF_RUNS,
    Option,
)
from runner.hints import Any
from runner.struct import struct
from runner.workflow import most_workers


@struct
class Command:
    """The words of a command. `arguments` are those that are no options; `many`: one or more of the last."""

    options: Sequence[Option]
    arguments: Sequence[str] = ()
    many: bool = False

    def valued(self) -> dict[str, Option]:
        """Its options that take a value, by their flags."""
        return {flag: option for option in self.options if not option.is_switch for flag in option.flags}

    def switches(self) -> dict[str, tuple[str, bool]]:
        """What each of its switches says, and whether it is so."""
        return {
            flag: (option.name, place == 0)
            for option in self.options
            if option.is_switch
            for flags in option.flags
            for place, flag in enumerate(flags.split("/"))
        }


COMMANDS = {
    "run": Command(OF_A_RUN, ["file"]),
    "resume": Command(OF_A_RESUME, ["prefix"]),
    "plan": Command(OF_A_PLAN, ["file"]),
    "report": Command(OF_A_REPORT, ["run"]),
    "runs": Command(OF_RUNS),
    "logs": Command(OF_LOGS, ["run", "address"]),
    "validate": Command(OF_A_CHECK, ["files"], many=True),
    "init": Command([], ["file"]),
    "schema": Command([]),
}


def understood(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> dict[str, Any] | None:
    """What is asked of the command that the first word names; None where Typer has to look."""
    command = COMMANDS.get(words[0]) if words else None
    if command is None:
        return None
    reading = _Reading(command, list(reversed(words[1:])))
    reading.asked |= {
        option.name: environment[option.variable]
        for option in command.options
        if environment.get(option.variable)
    }
    while reading.waiting:
        if not reading.takes():
            return None
    return None if command.many and command.arguments[-1] not in reading.asked else reading.asked


class _Reading:
    """What of a command line is yet to be read, its end first, and what was asked so far."""

    def __init__(self, command: Command, waiting: list[str]) -> None:
        self.waiting = waiting
        self.asked: dict[str, Any] = {}
        self._command = command
        self._valued, self._switches = command.valued(), command.switches()

    def takes(self) -> bool:
        """Take the next word, with its value; whether it is understood."""
        word = self.waiting.pop()
        if not word:
            return False
        if word in self._switches:
            name, on = self._switches[word]
            self.asked[name] = on
            return True
        if word == "-" or not word.startswith("-"):
            return self._takes_argument(word)
        flag, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        option = self._valued.get(flag)
        if option is None or not (equals or self.waiting):
            return False
        return self._takes_value(option, value if equals else self.waiting.pop())

    def _takes_argument(self, word: str) -> bool:
        if self._command.many:
            self.asked.setdefault(self._command.arguments[-1], []).append(word)
            return True
        wanted = next((name for name in self._command.arguments if name not in self.asked), None)
        if wanted is not None:
            self.asked[wanted] = word
        return wanted is not None

    def _takes_value(self, option: Option, value: str) -> bool:
        if not value or value.startswith("-") or (option.choices and value not in option.choices):
            return False
        if option.many:
            self.asked.setdefault(option.name, []).append(value)
        elif not option.number:
            self.asked[option.name] = value
        elif value.isascii() and value.isdecimal() and len(value) <= 10 and 0 < int(value) <= most_workers:
            self.asked[option.name] = int(value)
        else:
            return False
        return True
