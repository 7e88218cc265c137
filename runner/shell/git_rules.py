"""What git runs of its arguments: settings, aliases, filters, what `rebase` does with each commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from runner.shell.findings import Command, Word
from runner.shell.options import Options, is_option, words_of

_values = Options("cC", long=words_of("--git-dir --work-tree --namespace --exec-path"))
_code = words_of(
    "--tree-filter --index-filter --msg-filter --env-filter --parent-filter --commit-filter "
    "--tag-name-filter -x --exec"
)
_run_settings = re.compile(
    r"(?:command|editor|pager|driver|textconv|cmd|helper|fsmonitor|external|program|askpass|clean|smudge|process|hook)$"
)


def _rule(command: Command, words: Sequence[Word]) -> None:
    """Settings of git that it runs, filters of `filter-branch`, `rebase --exec`, `submodule foreach`."""
    operands: list[Word] = []
    for option, word in _values.read(words[1:]):
        if option == "-c":
            _refuse_setting(word, word)
        elif option == "":
            operands.append(word)
    rest = operands[1:]
    match [word.text for word in operands[:2]]:
        case ["config", *_]:
            plain = [word for word in rest if not is_option(word)]
            for name, value in pairwise(plain[:2]):
                _refuse_setting(name, value)
        case ["submodule", "foreach"]:
            for word in rest[1:]:
                word.refuse("program", "git")
        case ["filter-branch" | "rebase", *_]:
            for before, script in pairwise(rest):
                if before.text in _code:
                    script.refuse("program", "git")


def _refuse_setting(name: Word, value: Word) -> None:
    setting = name.text.partition("=")[0].lower()
    if setting.startswith("alias.") or _run_settings.search(setting):
        value.refuse("program", "git")


rules: dict[str, Callable[[Command, Sequence[Word]], None]] = {"git": _rule}
