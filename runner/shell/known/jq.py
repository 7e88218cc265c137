"""What filters of jq and its like print: of what they read, and of what they are given by name.

Where it cannot be told, they print it. Only what surely ends in a number or a fixed text does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from runner.regex import regex
from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known.options import is_option, words_of

pairs = words_of("--arg --argjson --slurpfile --rawfile --argfile")
values = words_of("--indent --from-file -L --library-path --seq-delim --output-format --input-format")
yq_commands = words_of("eval e eval-all ea")

_text = regex(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_numeric_end = regex(
    r"\s*(?:length|utf8bytelength|tonumber|floor|ceil|round|sqrt|fabs|now|type|not|any|all|infinite"
    r"|-?\d+(?:\.\d+)?|true|false|null|\"\"|(?:any|all|has|test|startswith|endswith|contains|inside|IN)"
    r"\((?:[^()]|\([^()]*\))*\)|[^|,;/{}()]*(?<![=<>!|/+*%-])(?:==|!=|<=?|>=?)(?!=)[^|,;/{}()]*)\s*"
)
_assigns = regex(r"(?<![=<>!])(?:\|?|[-+*%]|//?)=(?!=)|path|entries|\bdel\b")
_compared = regex(r"\s*(?:[=!]=|[<>]=?)|\s*\|\s*(?:length|tonumber|test|startswith|endswith)\b")
_compares = regex(r"(?:[=!]=|[<>]=?)\s*\Z")
_judges = words_of(
    "select test startswith endswith has contains inside index rindex indices length limit range any all IN "
    "split ltrimstr rtrimstr splits"
)
_environment = regex(r"(?:\$ENV|\benv)\b(?!\s*(?:\.\s*\w|\[\s*\"\w+\"|\(\w+\)))|\benvsubst\b")
_option_of_filter = regex(r"-[A-Za-z]*f|--from-file(?:=.*)?", re.DOTALL)


def _filter_of(words: Sequence[Word]) -> int | None:
    """Where the filter stands; None where a file holds it, or there is none."""
    index = 1
    while index < len(words):
        text = words[index].text
        if _option_of_filter.fullmatch(text) and words[0].base != "yq":
            return None
        if text in pairs:
            index += 3
        elif text in values:
            index += 2
        elif is_option(words[index]) or (words[0].base == "yq" and text in yq_commands):
            index += 1
        else:
            return index
    return None


def _text_of(words: Sequence[Word]) -> str:
    """The filter; a HOLE where it is not known."""
    at = _filter_of(words)
    return HOLE if at is None else words[at].text


def passes(words: Sequence[Word]) -> bool:
    """Whether it prints what it reads, or parts of it."""
    return not _ends_in_number(_text_of(words))


def given(words: Sequence[Word]) -> Iterator[Word]:
    """What it gets by name, or behind `--args`, and may print."""
    text = _text_of(words)
    if _ends_in_number(text) or re.match(r"\s*@sh\b", _last_step(text)):
        return
    if HOLE in text or "$ARGS" in text or "$__prog_args" in text:
        yield from words[1:]
        return
    for option, name, value in zip(words, words[1:], (*words[2:], words[0]), strict=False):
        if option.text in pairs and _carries(text, name.text):
            yield value


def environment(words: Sequence[Word]) -> frozenset[str] | None:
    """The variables of its environment that it may print; None: any."""
    text = _text_of(words)
    if _ends_in_number(text):
        return frozenset()
    if HOLE in text or _environment.search(text):
        return None
    return frozenset(re.findall(r"\w+", text)) if re.search("env", text, re.IGNORECASE) else frozenset()


def _last_step(text: str) -> str:
    """What stands behind the last `|` that is in no brackets and no text."""
    masked = _masked(text)
    depth, last = 0, 0
    for at, letter in enumerate(masked):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "|" and not depth and masked[at + 1 : at + 2] != "=":
            last = at + 1
    return text[last:]


def _masked(text: str) -> str:
    return _text.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', text)


def _ends_in_number(text: str) -> bool:
    """Whether the last step gives numbers, booleans and fixed texts only."""
    masked = re.sub(r"#[^\n]*", "", _masked(text))
    if HOLE in text or re.search(r"\b(?:if|reduce|foreach|def|as|try|label|debug|stderr|input)\b", masked):
        return False
    return _numeric_end.fullmatch(_last_step(text)) is not None


def _carries(text: str, name: str) -> bool:
    """Whether the value of `$name` may come into what a filter makes, or only chooses of it."""
    if HOLE in name:
        return True
    assigns = _assigns.search(_masked(text)) is not None
    uses = re.finditer(rf"\$(?:__loc__|{re.escape(name)})(?!\w)", text)
    return any(not _only_chooses(text, use.start(), use.end(), assigns) for use in uses)


def _only_chooses(text: str, start: int, end: int, assigns: bool) -> bool:
    before = text[:start]
    if _compares.search(before) or _compared.match(text, end):
        return True
    opened = _opened(before)
    while opened:
        at = opened.pop()
        called = re.search(r"([\w$?.\]\"]*)\Z", before[:at])
        name = called[1] if called else ""
        if before[at] == "(" and name in _judges:
            return True
        if before[at] == "[" and name and not assigns:
            return True
    return False


def _opened(text: str) -> list[int]:
    """Where the brackets stand that are not closed; those in texts are of `\\( )`."""
    found: list[int] = []
    for at, letter in enumerate(text):
        if letter in "([{":
            found.append(at)
        elif letter in ")]}" and found:
            found.pop()
    return found
