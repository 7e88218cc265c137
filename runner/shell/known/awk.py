"""What programs of awk print: of what they read, and of the variables that they are given.

Where it cannot be told, they print it. Only what is surely a number or a fixed text is nothing of these.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from runner.regex import regex
from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known.awk_tokens import (
    after_subscript,
    call_around,
    closes,
    has_bare_pattern,
    operand_end,
    parted,
    prints,
    tokens_of,
)
from runner.shell.known.options import Options, words_of
from runner.struct import struct

options = Options(
    "FvfEil",
    long=words_of("--field-separator --assign --file --exec --include --load"),
    code=words_of("-e --source"),
)

_counts = words_of("length int index match sqrt exp log sin cos atan2 rand srand systime")
_numbers = words_of("NR NF FNR RSTART RLENGTH")
_operators = words_of("+ - * / % ^ ** == != < <= >= ~ !~ && ||")
_computes = words_of("+ - * / % ^ ** += -= *= /= %= ^= == != < <= >= ~ !~ && || ! ++ --")
_moves_columns = words_of("sub gsub gensub getline FS split")
_column = regex(r"[1-9]\d*")
_separators = words_of("OFS ORS SUBSEP OFMT CONVFMT")
_numeric_format = regex(r'"(?:[^%"\\]|\\.|%%|%[-+ #0]*\d*(?:\.\d+)?[dieEfFgGxXou])*"')


@struct
class Program:
    """What a program prints: whether what it reads, and which of the variables that it is given.

    `environ` are those of its environment, None if it may be any. `arguments`: it prints what it is given
    else. `columns` is how many of each line it takes, 0 if that may be all.
    """

    passes: bool = True
    named: frozenset[str] = frozenset()
    environ: frozenset[str] | None = frozenset()
    arguments: bool = False
    columns: int = 0


_most_open, _longest = 200, 20_000
_anything = Program(environ=None, arguments=True)


def _program_of(words: Sequence[Word]) -> tuple[str | None, Sequence[Word]]:
    """The text of the program that awk is given, and its operands; no text where a file holds some of it."""
    code, operands, filed = [], [], False
    for option, word in options.read(words[1:]):
        if option in options.code:
            code.append(word.text)
        elif option == "":
            operands.append(word)
        filed = filed or option in ("-f", "--file", "-E", "--exec", "-i", "--include")
    if not code and not filed and operands:
        code.append(operands.pop(0).text)
    return None if filed or not code else "\n".join(code), operands


def given(words: Sequence[Word]) -> Iterator[Word]:
    """The words by which awk gets what it may print: assignments, and arguments that it goes through."""
    program = of(words)
    if program.arguments:
        yield from words[1:]
        return
    for name, word in _assignments(words, _program_of(words)[1]):
        if name in program.named:
            yield word


def _assignments(words: Sequence[Word], operands: Sequence[Word]) -> Iterator[tuple[str, Word]]:
    for option, word in options.read(words[1:]):
        if option in ("-v", "--assign"):
            glued = word.text.removeprefix(option) if word.text.startswith(option) else word.text
            yield glued.removeprefix("=").partition("=")[0], word
    for word in operands:
        if re.match(r"[A-Za-z_]\w*=", word.text):
            yield word.text.partition("=")[0], word


def written(words: Sequence[Word]) -> tuple[frozenset[str], list[Word]]:
    """The files that a program prints to, and the words that may name more of them."""
    text, operands = _program_of(words)
    if text is None or HOLE in text or ">" not in text or len(text) > _longest:
        return frozenset(), []
    tokens = list(tokens_of(text))
    targets = [one[at + 1 :] for one in prints(tokens) for at in range(len(one)) if _is_redirection(one, at)]
    named = all(target and target[0][0] == '"' for target in targets)
    texts = itertools.chain(*targets) if named else tokens if targets else ()
    files = frozenset(token.strip('"') for token in texts if token[0] == '"')
    assigned = [_with_value(word) for _, word in _assignments(words, operands)] if not named else []
    return files, [word for word in assigned if word.known]


def _is_redirection(statement: Sequence[str], at: int) -> bool:
    return statement[at] in (">", ">>") and not call_around(statement, at)


def _with_value(word: Word) -> Word:
    """What `name=value` gives a variable."""
    value = word.text.partition("=")[2]
    return Word(word.end - len(value), word.end, value, value)


def of(words: Sequence[Word]) -> Program:
    """What the program prints that awk is given; all, where it is not known."""
    text, operands = _program_of(words)
    if text is None or max(text.count("("), text.count("$")) > _most_open:
        return _anything
    return _read(text, frozenset(name for name, _ in _assignments(words, operands)))


@lru_cache(maxsize=256)
def _read(text: str, assigned: frozenset[str]) -> Program:
    """What a program prints; `assigned` are the variables that it is given."""
    if HOLE in text:
        return _anything
    tokens = list(tokens_of(text))
    statements = list(prints(tokens))
    whole = has_bare_pattern(tokens) or any(_is_of_line(one) for one in statements)
    numeric = _numeric(tokens) - assigned
    if not whole and all(_is_fixed(one, numeric) for one in statements):
        return Program(passes=False, named=assigned & _separators if statements else frozenset())
    carried = _carried(tokens)
    environ = frozenset(name[1:] for name in carried if name[0] == "$")
    return Program(
        named=assigned & (carried | _separators),
        environ=None if "ENVIRON" in tokens else environ,
        arguments=not carried.isdisjoint(("ARGV", "FILENAME")),
        columns=0 if whole else _columns(tokens),
    )


def _is_of_line(statement: Sequence[str]) -> bool:
    """`print` without arguments."""
    return statement[1:2] in ([], [">"], [">>"], ["|"]) or statement[1:3] == ["(", ")"]


def _columns(tokens: Sequence[str]) -> int:
    """How many columns of a line it takes, where it surely takes no others."""
    if not _moves_columns.isdisjoint(tokens):
        return 0
    numbers = [number for sign, number in itertools.pairwise(tokens) if sign == "$"]
    return max(map(int, numbers)) if numbers and all(map(_column.fullmatch, numbers)) else 0


def _numeric(tokens: Sequence[str]) -> frozenset[str]:
    """The variables that hold nothing but numbers and fixed texts."""
    names = frozenset(token for token in tokens if re.fullmatch(r"[A-Za-z_]\w*", token)) - _counts
    if not names.isdisjoint(("function", "func", "getline")):
        return frozenset()
    names = frozenset(name for name in names if _is_assigned(tokens, name))
    while True:
        kept = frozenset(name for name in names if _only_counts(tokens, name, names))
        if kept == names:
            return kept
        names = kept


def _is_assigned(tokens: Sequence[str], name: str) -> bool:
    ends = [after_subscript(tokens, at) for at, token in enumerate(tokens) if token == name]
    return any(tokens[end : end + 1] and tokens[end] in ("=", "++", "--", "+=", "-=") for end in ends) or any(
        token in ("++", "--") and following == name for token, following in itertools.pairwise(tokens)
    )


def _only_counts(tokens: Sequence[str], name: str, numeric: frozenset[str]) -> bool:
    for at, token in enumerate(tokens):
        if token != name:
            continue
        end = after_subscript(tokens, at)
        if tokens[end : end + 1] == ["in"] or (
            tokens[at - 1] in ("(", ",") and call_around(tokens, at) in _changes
        ):
            return False
        if tokens[end : end + 1] == ["="]:
            value, depth = list[str](), 0
            for one in tokens[end + 1 :]:
                if not depth and one in (";", "\n", "}", ")", ","):
                    break
                depth += (one in "([") - (one in ")]")
                value.append(one)
            if not _is_text_or_number(value, numeric):
                return False
    return True


_changes = words_of("split sub gsub gensub patsplit asort asorti getline match")


def _is_fixed(statement: Sequence[str], numeric: frozenset[str]) -> bool:
    """Whether a `print` prints numbers and fixed texts only."""
    arguments = list(statement[1:])
    while arguments[:1] == ["("] and arguments[-1:] == [")"] and closes(arguments, 0) == len(arguments) - 1:
        arguments = arguments[1:-1]
    for at, token in enumerate(arguments):
        if token in (">", ">>", "|") and not call_around(arguments, at):
            arguments = arguments[:at]
            break
    parts = parted(arguments)
    if statement[0] == "printf" and parts and len(parts[0]) == 1 and _numeric_format.fullmatch(parts[0][0]):
        return True
    return all(_is_text_or_number(part, numeric) for part in parts)


def _is_text_or_number(tokens: Sequence[str], numeric: frozenset[str]) -> bool:
    """Whether it is put together of fixed texts and numbers."""
    if _is_number(tokens, numeric):
        return True
    at = 0
    while at < len(tokens):
        end = operand_end(tokens, at)
        if end is None or not (tokens[at][0] == '"' or _is_number(tokens[at:end], numeric)):
            return False
        at = end
    return bool(tokens)


def _is_number(tokens: Sequence[str], numeric: frozenset[str]) -> bool:
    """Whether it is surely computed: operands between operators, of which one may be anything."""
    at, operators, alone = 0, 0, True
    while at < len(tokens):
        end = operand_end(tokens, at)
        if end is None or end > len(tokens):
            return False
        alone = _is_numeric_operand(tokens[at:end], numeric)
        if end == len(tokens):
            return operators > 0 or alone
        if tokens[end] == "?" and not _joins(tokens[end:]):
            return _is_choice(tokens[end:], numeric)
        if tokens[end] not in _operators:
            return False
        operators, at = operators + 1, end + 1
    return False


def _joins(tokens: Sequence[str]) -> bool:
    return tokens.count("?") != 1


def _is_choice(tokens: Sequence[str], numeric: frozenset[str]) -> bool:
    """`? one : other`."""
    if ":" not in tokens:
        return False
    at = list(tokens).index(":")
    return all(_is_text_or_number(part, numeric) for part in (tokens[1:at], tokens[at + 1 :]))


def _is_numeric_operand(tokens: Sequence[str], numeric: frozenset[str]) -> bool:
    first = tokens[0]
    if first in ("-", "+", "!", "++", "--") or tokens[-1] in ("++", "--"):
        return True
    if first == "(":
        return _is_number(tokens[1:-1], numeric)
    counts = first in _counts and (tokens[1:2] == ["("] or first == "length")
    return counts or first in numeric or first in _numbers or first[0].isdigit() or first[0] == "."


def _carried(tokens: Sequence[str]) -> frozenset[str]:
    """The variables whose text may go on: those that are not only compared, counted, or looked up."""
    return frozenset(
        token
        for at, token in enumerate(tokens)
        if re.fullmatch(r"\$?[A-Za-z_]\w*", token) and not _is_only_read(tokens, at)
    )


def _is_only_read(tokens: Sequence[str], at: int) -> bool:
    end = after_subscript(tokens, at)
    before, after = tokens[at - 1] if at else "\n", tokens[end] if end < len(tokens) else "\n"
    if before in _computes or after in _computes or before in ("$", "delete") or after in ("=", "?"):
        return True
    call = call_around(tokens, at)
    if call in _counts or (call in ("if", "while") and before == "(" and after == ")"):
        return True
    if (call in ("sub", "gsub") and before == "(") or (call == "split" and before == "," and after == ")"):
        return True
    if ">" in (before, after) and not _is_printed(tokens, at):
        return True
    lists = "for" in tokens and "in" in tokens
    return not lists and (before == "[" or (before == "(" and after == "in"))


def _is_printed(tokens: Sequence[str], at: int) -> bool:
    """Whether it stands in a `print`."""
    begun = (token for token in reversed(tokens[:at]) if token in ("{", "}", ";", "\n", "print", "printf"))
    return next(begun, "") in ("print", "printf")
