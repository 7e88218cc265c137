"""Which of their arguments programs print that print something else for the most part.

Separators, headings, formats, queries of databases, and names where a program says what it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Word
from runner.shell.known.families import dockers, finds, greps, mysqls
from runner.shell.known.options import is_option, words_of

_of_grep = words_of("--label --group-separator")
_of_rg = words_of("-r --replace --context-separator --field-match-separator --field-context-separator")
_formats = words_of("-f --format --template -t")
_options = {
    "seq": words_of("-s --separator -f --format"),
    "nl": words_of("-s --number-separator"),
    "pr": words_of("-h --header -s -S --sep-string --separator"),
    "cut": words_of("--output-delimiter"),
    "comm": words_of("--output-delimiter"),
    "paste": words_of("-d --delimiters"),
    "join": words_of("-e -t"),
    "column": words_of("-o --output-separator -N --table-columns -n --table-name"),
    **dict.fromkeys(greps, _of_grep),
    "rg": _of_rg,
    **dict.fromkeys(finds, words_of("-printf -fprintf")),
    "stat": words_of("-c --format --printf -f"),
    "curl": words_of("-w --write-out"),
    "ps": words_of("-o -O --format"),
    "hexdump": words_of("-e"),
    "openssl": words_of("-subj"),
    **dict.fromkeys(dockers | {"gh"}, _formats),
    **dict.fromkeys(words_of("kubectl oc"), words_of("-o --output --template")),
    "psql": words_of(
        "-c --command -v --variable --set -F --field-separator -R --record-separator -P --pset -T"
    ),
    **dict.fromkeys(mysqls, words_of("-e --execute --init-command --prompt")),
    **dict.fromkeys(words_of("sqlite3 duckdb"), words_of("-c -s -cmd -init -separator -newline -nullvalue")),
}
"""The options whose value a program prints, or a query of a database may."""
_tell_if_asked = words_of("mv cp rm mkdir ln install chmod chown rsync zip unzip gzip tar rmdir touch")


def shown(words: Sequence[Word]) -> list[Word]:
    """The arguments that a command prints."""
    base = words[0].base
    found = list(_of_options(_options[base], words)) if base in _options else []
    if base in _others:
        found += _others[base](words)
    elif base in _tell_if_asked and any(map(_asks_to_tell.match, _texts(words))):
        found += words[1:]
    return found


_asks_to_tell = regex(r"-[A-Za-z]*v|--verbose\b|[A-Za-z]*v[A-Za-z]*\Z")


def _texts(words: Sequence[Word]) -> list[str]:
    """What a command is given, without its operands but for the first, which `tar` takes for options."""
    return [word.text for at, word in enumerate(words) if at and (is_option(word) or words[0].base == "tar")]


def _of_options(options: frozenset[str], words: Sequence[Word]) -> Iterator[Word]:
    for option, value in pairwise((*words[1:], words[0])):
        text = option.text
        bundled = re.fullmatch(r"-[A-Za-z]*([A-Za-z])", text)
        if text in options or (bundled and f"-{bundled[1]}" in options):
            yield value
        elif text.partition("=")[0] in options or (text[:2] in options and text[:2] != "--"):
            yield option


def _shuffled(words: Sequence[Word]) -> Sequence[Word]:
    echo = any(re.match(r"-[a-z]*e|--echo", word.text) for word in words[1:])
    return words[1:] if echo else ()


def _headed(words: Sequence[Word]) -> Sequence[Word]:
    operands = [word for word in words[1:] if not is_option(word)]
    asked = any(word.text in ("-v", "--verbose") for word in words)
    return operands if asked else ()


def _compared(words: Sequence[Word]) -> Sequence[Word]:
    """`diff -u a b` and its like name the files."""
    return words[1:] if any(re.match(r"-[a-z]*[ucqsrU]|--", word.text) for word in words[1:]) else ()


def _asked(words: Sequence[Word]) -> Sequence[Word]:
    """`sqlite3 file query`."""
    operands = [word for word in words[1:] if not is_option(word)]
    return [word for word in words[1:] if word is not next(iter(operands), None)]


_others: dict[str, Callable[[Sequence[Word]], Sequence[Word]]] = {
    "shuf": _shuffled,
    **dict.fromkeys(("head", "tail"), _headed),
    "diff": _compared,
    **dict.fromkeys(("sqlite3", "duckdb"), _asked),
}
