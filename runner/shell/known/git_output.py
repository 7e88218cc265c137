"""What git prints: what it is given, and what a repository was given before.

Only of what prints hashes, numbers or the contents of files it is known that neither is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known.columns import Columns, nowhere
from runner.shell.known.git_rules import subcommand
from runner.shell.known.options import is_option, words_of
from runner.shell.texts import Key

repository: Key = ("repository", 0)
"""What was given to git to be kept: messages, names of branches and tags, settings."""

_hashes = words_of(
    "merge-base hash-object write-tree commit-tree mktree mktag patch-id count-objects fetch push gc"
)
_reading = _hashes | words_of(
    "rev-parse rev-list log show diff diff-tree ls-files ls-tree ls-remote grep cat-file status describe "
    "blame archive help version check-ignore check-attr shortlog name-rev show-ref for-each-ref cherry fsck"
)
_first_columns = {"ls-remote": Columns(1, "\t"), "show-ref": Columns(1, " ")}
_logs = words_of("log show rev-list for-each-ref branch tag")
_format = regex(r"--(?:format|pretty)=(?:t?format:)?(.*)", re.DOTALL)
_plain_format = regex(
    r"(?:[^%\0]|%[HhTtPpn]|%[ac][tidI]|%\((?:objectname|objecttype|objectsize)(?::short)?\))*", re.DOTALL
)
_names = regex(r"--(?:symbolic|abbrev-ref).*", re.DOTALL)
_places = words_of(
    "--show-toplevel --git-dir --absolute-git-dir --show-prefix --show-superproject-working-tree"
)
_reads = words_of("interpret-trailers stripspace column mailinfo")


def given(words: Sequence[Word]) -> list[Word]:
    """The words that git may print or keep: those of the subcommand, and settings, but no folder."""
    settings = [value for option, value in pairwise(words) if option.text == "-c"]
    return [*(words[1:] if _tells(words) else subcommand(words)[1]), *settings]


def keeps(words: Sequence[Word]) -> bool:
    """Whether a repository may keep what git is given."""
    name, _ = subcommand(words)
    return name not in _reading


def reads(words: Sequence[Word]) -> bool:
    """Whether git takes something from its input."""
    name, rest = subcommand(words)
    return name in _reads or any(word.text in ("-", "--stdin") for word in rest)


def tells_places(words: Sequence[Word]) -> bool:
    """Whether git prints the folder that it is in."""
    return _tells(words) or subcommand(words)[0] == "worktree"


def _tells(words: Sequence[Word]) -> bool:
    return any(word.text in _places for word in words)


def given_stand(words: Sequence[Word]) -> Columns | None:
    """Behind which columns git prints what it is given; None if nowhere."""
    name, rest = subcommand(words)
    texts = [word.text for word in rest]
    if name == "rev-parse":
        sure = any(re.match(r"--verify\Z|--short(?:=|\Z)", text) for text in texts)
        return None if sure and not any(map(_names.fullmatch, texts)) else nowhere
    return _kept_stand(name, rest)


def kept_stand(words: Sequence[Word]) -> Columns | None:
    """Behind which columns git prints what a repository keeps; None if nowhere."""
    name, rest = subcommand(words)
    if name == "rev-parse":
        return nowhere if any(_names.fullmatch(word.text) for word in rest) else None
    return _kept_stand(name, rest)


def _kept_stand(name: str, rest: Sequence[Word]) -> Columns | None:
    texts = [word.text for word in rest]
    formats = [match[1] for match in map(_format.fullmatch, texts) if match]
    if name in _hashes or "--count" in texts or "--quiet" in texts:
        return None
    if name == "rev-list" and not formats and "--objects" not in texts:
        return None
    if name in _logs and formats and all(map(_plain_format.fullmatch, formats)):
        return None if name != "show" or not {"-s", "--no-patch"}.isdisjoint(texts) else nowhere
    if name in ("show", "cat-file") and any(":" in word.text for word in rest if not is_option(word)):
        return None
    if name in ("diff", "diff-tree") and "--" not in texts and all(_is_range(word) for word in rest):
        return None
    return _first_columns.get(name, nowhere)


def _is_range(word: Word) -> bool:
    """Whether a word of `git diff` is no path: `{{ base }}..HEAD`."""
    return HOLE not in word.text or ".." in word.text
