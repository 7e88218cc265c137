"""What `find` and `fd` make of what they find: words of the commands that they run.

A path that is found begins with one that they are given, and is called as they are told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known.families import finds
from runner.shell.known.options import is_option, words_of

_fd = words_of("fd fdfind")
finders = finds | _fd
_starts = words_of("-exec -execdir -ok -okdir -x --exec -X --exec-batch")
_names = words_of(
    "-name -iname -path -ipath -wholename -iwholename -lname -ilname -regex -iregex -files0-from"
)
_after_paths = words_of("( ) ! ,")
_marks = ["{}"]
_fd_marks = ["{}", "{/}", "{//}", "{.}", "{/.}"]


def is_fd(words: Sequence[Word]) -> bool:
    """Whether it is `fd`, whose command line is another."""
    return words[0].base in _fd


def marks(words: Sequence[Word]) -> list[str]:
    """What is replaced by each path that is found."""
    return _fd_marks if is_fd(words) else _marks


def commands(words: Sequence[Word]) -> list[Sequence[Word]]:
    """The command lines that are run."""
    ends = [index for index, word in enumerate(words) if word.text in (";", "+")]
    found = []
    for start in _begins(words):
        end = bisect_left(ends, start)
        found.append(words[start : ends[end] if end < len(ends) else len(words)])
    return found


def _begins(words: Sequence[Word]) -> list[int]:
    return [index + 1 for index, word in enumerate(words) if word.text in _starts]


def with_path(words: Sequence[Word]) -> Sequence[Word]:
    """The command line of `fd`, with a word for the path where that is put at its end."""
    begins = _begins(words) if is_fd(words) else []
    if not begins or any(mark in word.text for word in words[begins[0] :] for mark in _fd_marks):
        return words
    end = words[-1].end
    return [*words, Word(end, end, HOLE, "x")]


def paths(words: Sequence[Word]) -> Iterator[Word]:
    """What the paths that are found begin with, and what they are called."""
    if is_fd(words):
        begins = _begins(words)
        yield from words[1 : begins[0] - 1] if begins else words[1:]
        return
    begun = [word for word in words[1:] if word.text not in ("-H", "-L", "-P")]
    yield from takewhile(lambda word: not is_option(word) and word.text not in _after_paths, begun)
    for test, word in pairwise(words):
        if test.text in _names:
            yield word
