"""Where a script may call one of its functions, when in doubt wherever it names one."""

from __future__ import annotations

import re
from bisect import bisect_left

from runner.shell.findings import Command, Facts
from runner.shell.structure import Nested


class Calls:
    """The places where what functions do is done: a command has read its words before it calls one."""

    def __init__(self, text: str, facts: Facts) -> None:
        names = "|".join(map(re.escape, facts.functions))
        around = Nested((one.start, one.end, one) for one in facts.commands if one.end > one.start)
        places = [command.end for command in facts.commands if _may_be_call(command, facts)]
        for named in re.finditer(rf"(?<![\w-])(?:{names})(?![\w-])", text) if names else ():
            command = around.at(named.start())
            places.append(command.end if command is not None else named.start())
        self._places = sorted(places)
        self.are_sudden = not facts.trapped.isdisjoint(facts.functions)
        """A signal may bring one at any time."""

    def stand_between(self, start: int, end: int) -> bool:
        """Whether a function may be called from one offset to another."""
        return bisect_left(self._places, start) < bisect_left(self._places, end)


def _may_be_call(command: Command, facts: Facts) -> bool:
    """Whether it is called, however it is written, or a variable says what is."""
    lines = (command.words, *command.programs)
    return any(not line[0].known or line[0].base in facts.functions for line in lines)
