"""What git runs of its arguments: settings, aliases, filters, what it does with each commit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Command, Word
from runner.shell.flat import HOLE
from runner.shell.known import settings
from runner.shell.known.options import Options, Rule, after, is_option, refuse_all, words_of

_values = Options("cC", long=words_of("--git-dir --work-tree --namespace --exec-path"))
_code = words_of(
    "--tree-filter --index-filter --msg-filter --env-filter --parent-filter --commit-filter "
    "--tag-name-filter --exec --extcmd --upload-pack --receive-pack --open-files-in-pager"
)
_code_letters = {"rebase": "x", "difftool": "x", "grep": "O", "clone": "u"}
_settings_of = words_of("-c --config --config-env")
_files_of_settings = words_of("-f --file --blob --type --default")
_run_nothing = regex(r"(?:url|user|author|branch|safe|http|advice|color|i18n)\..*")
_ends_known = regex(r"[\w-]+\..*\.[\w-]+")


def subcommand(words: Sequence[Word]) -> tuple[str, Sequence[Word]]:
    """What git is asked to do, and what it is given for that."""
    operands = _values.operands(words[1:])
    return (operands[0].text, operands[1:]) if operands else ("", ())


def _rule(command: Command, words: Sequence[Word]) -> None:
    for option, word in _values.read(words[1:]):
        if option in _settings_of:
            _refuse_setting(word, word)
    name, rest = subcommand(words)
    if name == "config":
        _config(rest)
    elif name == "submodule":
        refuse_all(after(rest, ("foreach",)), "git")
    else:
        _options(name, rest)


def _config(rest: Sequence[Word]) -> None:
    """`config [set] name value`."""
    values = {id(word) for before, word in pairwise(rest) if before.text in _files_of_settings}
    plain = [word for word in rest if not is_option(word) and id(word) not in values]
    if plain and plain[0].text in ("set", "add"):
        plain = plain[1:]
    for name, value in pairwise(plain[:2]):
        _refuse_setting(name, value)


def _options(name: str, rest: Sequence[Word]) -> None:
    """Options whose value git runs, in the next word or in the same."""
    letter = _code_letters.get(name)
    for option, value in pairwise((*rest, None)):
        if option is None or not is_option(option):
            continue
        long, equals, _ = option.text.partition("=")
        short = letter is not None and option.text.startswith(f"-{letter}")
        if long in _settings_of and name in ("clone", "init", "submodule"):
            setting = option if equals else value
            if setting is not None:
                _refuse_setting(setting, setting)
        elif (long in _code and equals) or (short and len(option.text) > 2):
            option.refuse("program", "git")
        elif (long in _code or short) and value is not None:
            value.refuse("program", "git")


def _refuse_setting(name: Word, value: Word) -> None:
    """`name value`, or both in one word: it is not known where a value in such a name ends it."""
    setting = re.sub(r"\A--\w[\w-]*=", "", name.text).partition("=")[0].lower()
    told = HOLE not in setting or (name is not value and _ends_known.fullmatch(setting))
    if _run_nothing.fullmatch(setting):
        return
    if not told:
        name.refuse("setting", "git")
    elif settings.of_git.fullmatch(setting):
        value.refuse("program", "git")
    elif settings.lead_git_to_programs.fullmatch(setting):
        value.refuse("leading-setting", "git")


rules: dict[str, Rule] = {"git": _rule}
