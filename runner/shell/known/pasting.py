"""Where a program puts its input into the words of the commands that it runs, as `xargs` and `find` do.

What they make of it is known from the refusals of those words.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.shell.findings import Refusal, Word
from runner.shell.flat import HOLE


def pasted(
    words: Sequence[Word], marks: Sequence[str], added: Word | None = None
) -> tuple[Word, Refusal] | None:
    """The word in which the input would be run, and how; `added` is one that is the input."""
    for word in words[1:]:
        for refusal in word.refusals:
            if refusal.kind not in ("program", "opened"):
                continue
            if word is added or any(_takes(word.text, mark, refusal.kind) for mark in marks):
                return word, refusal
    return None


def _takes(text: str, mark: str, kind: str) -> bool:
    """Whether the input comes into a word where it would be run."""
    if kind == "program" or HOLE in mark:
        return HOLE in mark or mark in text
    return text.startswith(mark) or text.endswith(mark)
