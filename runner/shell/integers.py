"""Which variables are integers, those too whose names other variables hold.

All that they are given is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from runner.shell.findings import Facts, Word
from runner.shell.flat import HOLE
from runner.shell.holdings import Holdings
from runner.shell.known.builtins import integer_variables


def integers(facts: Facts, holdings: Holdings) -> set[str]:
    """The names of a script's integer variables."""
    names = {name for name in facts.integers if HOLE not in name} | integer_variables
    for word in facts.counting:
        names.update(_named(re.split(r"\+?=", word.text)[0], word, facts, holdings))
    return names


def _named(name: str, word: Word, facts: Facts, holdings: Holdings) -> Iterable[str]:
    """The variables that a name may be which has others in it."""
    if name == HOLE and len(word.variables) == 1 and not word.inner:
        key = holdings.variable(word.variables[0], word.start)
        if holdings.texts.are_sure(key):
            return holdings.texts.of(key)
    pattern = re.compile(r"\w*".join(map(re.escape, name.split(HOLE))))
    return (given.name for given in facts.assigned if pattern.fullmatch(given.name))
