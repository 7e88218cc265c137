"""What `xargs` makes of its input: words of the command that it runs.

They stand at its end, or wherever `-I` says, even inside of other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.shell.findings import Command, Word
from runner.shell.flat import HOLE
from runner.shell.known.finders import finders, is_fd
from runner.shell.known.options import value_of
from runner.shell.known.wrappers import wrappers

_limits = ("-n", "-L", "-l", "--max-args", "--max-lines")


def with_input(words: Sequence[Word]) -> Sequence[Word]:
    """The command line of `xargs`, with a word for its input where that is put at its end."""
    options = [option for option, _ in _options(words)]
    if _placeholder(words) and not any(option in _limits for option in options):
        return words
    end = words[-1].end
    return [*words, Word(end, end, HOLE, "x")]


def input_of(words: Sequence[Word]) -> Word | None:
    """The word for its input, if there is one."""
    last = words[-1]
    return last if last.text == HOLE and last.start == last.end else None


def _placeholder(words: Sequence[Word]) -> str:
    """What `-I` says is replaced by the input; empty where there is no `-I`."""
    found = ""
    for option, word in _options(words):
        if option in ("-I", "-i"):
            glued = word.text.startswith("-")
            found = (word.text.partition(option[1])[2] if glued else word.text) or "{}"
        elif option == "--replace":
            found = word.text.partition("=")[2] or "{}"
    return found


def marks(words: Sequence[Word]) -> list[str]:
    """What is replaced by the input."""
    mark = _placeholder(words)
    return [mark] if mark else []


def input_file(words: Sequence[Word]) -> Word | None:
    """The file that is read instead of the input, if `-a` names one."""
    found = None
    for option, word in _options(words):
        if option in ("-a", "--arg-file"):
            found = value_of(word, option)
    return None if found is None or found.text == "-" else found


def ends_by_nul(words: Sequence[Word]) -> bool:
    """Whether its input is not split at blanks."""
    own = words[1 : next((at for at, word in enumerate(words) if at and word.text[:1] != "-"), len(words))]
    return any(word.text == "--null" or re.fullmatch(r"-r?0r?(?:[nPLI].*)?", word.text) for word in own)


def is_given_paths(command: Command, words: Sequence[Word]) -> bool:
    """`find … -print0 | xargs -0 sh`: a path is no option of what runs it, and is not split."""
    piped = command.piped
    if not isinstance(piped, Command) or not piped.words or not ends_by_nul(words):
        return False
    return any(line[0].base in finders and not is_fd(line) for line in piped.programs)


def _options(words: Sequence[Word]) -> list[tuple[str, Word]]:
    """Its own options, each with the word of its value."""
    return [(option, word) for option, word in wrappers["xargs"].options.read(words[1:]) if option]
