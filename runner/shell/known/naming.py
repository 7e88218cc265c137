"""Programs that print the names of files, below the paths that they are given.

`find`, `ls`, `du`, `grep -l` and their like: a path of a value is in what they print, unless they print
numbers only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Word
from runner.shell.flat import HOLE
from runner.shell.known import git_output
from runner.shell.known.columns import Columns, nowhere
from runner.shell.known.families import greps, jqs, seds
from runner.shell.known.finders import commands, finders, is_fd
from runner.shell.known.options import Options, is_option, words_of
from runner.shell.known.wrappers import starts_of

_grep = Options(
    "efmABCdDgtT",
    long=words_of("--regexp --file --max-count --after-context --before-context --context --directories"),
    mixed=True,
)
_find_prints = words_of("-print -print0 -ls")
_find_acts = words_of("-exec -execdir -ok -okdir -delete -printf -fprint -fprint0 -fprintf -fls")
_name_of_find = regex(r"%[-\d]*[pPfhHl]")
_name_of_stat = regex(r"%[-\d]*[nN]")
_prints_contents = (
    words_of("cat zcat gzip gunzip xz xzcat bzcat zstdcat sort tr cut uniq base64 strings column paste")
    | seds
    | jqs
)


def names(words: Sequence[Word]) -> list[Word]:
    """The arguments of a program that prints names, which these may contain."""
    base = words[0].base
    operands = [word for word in words[1:] if not is_option(word)]
    if base in _greps:
        return _searched(words)
    return git_output.given(words) if base == "git" else operands


def names_stand(words: Sequence[Word], *, several: bool = False) -> Columns | None:
    """Behind which columns a program prints names; None if it prints none.

    `several`: it is given more than one file.
    """
    base = words[0].base if words else ""
    if base in _greps:
        return nowhere if _grep_names(words, several) else None
    if base == "command":
        return nowhere if len(words) > 1 and words[1].text in ("-v", "-V") else None
    if base == "git":
        return git_output.given_stand(words)
    if base in finders:
        return _find(words)
    return _rules[base](words) if base in _rules else None


def names_given(words: Sequence[Word]) -> Columns | None:
    """The same for a program that `xargs` and `find` give names."""
    base = words[0].base if words else ""
    if base in _prints_contents:
        return None
    known = base in _rules or base in _greps or base in ("git", "command")
    return names_stand(words, several=True) if known else nowhere


def given_by_xargs(words: Sequence[Word]) -> Columns | None:
    """Behind which columns the names that `xargs` reads are in what it prints; None if nowhere."""
    starts = starts_of(words, lambda _: False)
    return names_given(words[starts[-1] :]) if starts else nowhere


def given_by_find(words: Sequence[Word]) -> list[Columns]:
    """Behind which columns what `find` finds is in what its commands print, where they are given it."""
    given = [line for line in commands(words) if any("{" in word.text for word in line)]
    return [where for where in map(names_given, given) if where is not None]


def _find(words: Sequence[Word]) -> Columns | None:
    texts = [word.text for word in words]
    if is_fd(words):
        return None if commands(words) else nowhere
    if not _find_prints.isdisjoint(texts):
        return nowhere
    if "-printf" in texts[:-1]:
        return _formatted(texts[texts.index("-printf") + 1], _name_of_find)
    return None if not _find_acts.isdisjoint(texts) else nowhere


def _formatted(form: str, name: re.Pattern[str]) -> Columns | None:
    """Where names stand in the lines of a format."""
    if HOLE in form:
        return nowhere
    found = name.search(form)
    if found is None:
        return None
    before = form[: found.start()].replace("\\t", "\t")
    parted = "".join(sorted(set(re.findall(r"\s", before))))
    return Columns(len(before.split()), parted) if before[-1:] == parted else nowhere


def _stat(words: Sequence[Word]) -> Columns | None:
    texts = [word.text for word in words[1:]]
    for text, following in pairwise([*texts, ""]):
        form = re.match(r"--(?:format|printf)=|-[Lnq]*[cf](?=%)", text)
        if form is not None:
            return _formatted(text[form.end() :], _name_of_stat)
        if text in ("--format", "--printf", "-c") or (text == "-f" and following.startswith("%")):
            return _formatted(following, _name_of_stat)
    return nowhere


def _wc(words: Sequence[Word]) -> Columns | None:
    operands = [word for word in words[1:] if not is_option(word)]
    asked = {letter for word in words[1:] for letter in re.findall(r"^-(\w+)", word.text)}
    return Columns(len("".join(asked)) or 3, " ") if operands else None


def _ls(words: Sequence[Word]) -> Columns:
    letters = {letter for word in words[1:] for letter in "".join(re.findall(r"^-(\w+)", word.text))}
    if "l" in letters:
        return Columns(8 - len(letters & {"o", "g", "G"}), " ")
    return Columns(1, " ") if letters & {"s", "i"} and letters & {"1", "d"} else nowhere


def _searched(words: Sequence[Word]) -> list[Word]:
    """The files that `grep` is given."""
    arguments = list(_grep.read(words[1:]))
    operands = [word for option, word in arguments if option == ""]
    given = any(option in ("-e", "-f", "--regexp", "--file", "--files") for option, _ in arguments)
    return operands if given else operands[1:]


def _grep_names(words: Sequence[Word], several: bool) -> bool:
    letters, longs = set[str](), set[str]()
    for word in words[1:]:
        if word.text.startswith("--"):
            longs.add(word.text.partition("=")[0])
        elif is_option(word):
            letters.update(re.split(r"[efmABCdDgtT]", word.text[1:])[0])
    if letters & {"l", "L"} or longs & _lists:
        return True
    if letters & {"h", "I", "q"} - ({"I"} if words[0].base != "rg" else set()) or longs & _nameless:
        return False
    many = several or len(_searched(words)) > 1 or words[0].base in ("ag", "ack")
    return many or bool(letters & {"r", "R", "H"}) or bool(longs & _named)


_lists = words_of("--files-with-matches --files-without-match --files")
_nameless = words_of("--no-filename --quiet --silent")
_named = words_of("--with-filename --recursive --dereference-recursive")
_greps = greps | words_of("rg ag ack")


def _first(_: Sequence[Word]) -> Columns:
    return nowhere


def _file(words: Sequence[Word]) -> Columns | None:
    brief = any(re.match(r"-\w*b|--brief", word.text) for word in words[1:])
    return None if brief else nowhere


_rules: dict[str, Callable[[Sequence[Word]], Columns | None]] = {
    **dict.fromkeys(words_of("tree mktemp which whereis locate compgen inotifywait vdir dir"), _first),
    "ls": _ls,
    "du": lambda _: Columns(1, "\t"),
    "wc": _wc,
    **dict.fromkeys(
        words_of("md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum shasum"),
        lambda _: Columns(1, " "),
    ),
    "cksum": lambda _: Columns(2, " "),
    "stat": _stat,
    "file": _file,
}
programs = finders | _greps | frozenset(_rules)
"""Those that print names."""
