"""What to write instead of a value in program text that is an argument of a command without a shell.

Such a command is written as a list. What holds for scripts is said here for lists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.flat import HOLE
from runner.shell.known.families import as_user
from runner.shell.remedies import ssh as ssh_remedies
from runner.shell.remedies.sed import for_number

_plain_word = regex(r"[A-Za-z0-9_./+@%=^-][A-Za-z0-9_./+@%=:^-]*")
_sed = regex(r"(?:.*/)?g?sed")
_in_place = regex(r"(?:-[A-Za-z]*i|--in-place=?)(\.[\w.]+)?")
_lone = regex(r"\{\{[^{}]*\}\}")
_assigned = regex(r'give .*?, (?P<apart>env )?(?P<name>\w+)="(?P<value>.*)" make …')
_env_before = regex(r"\benv (\w+=\{\{.*?\}\})")


def told(case: Case, words: Sequence[str], index: int, in_script: str) -> str:
    """What to write in a list; `in_script` is what is told where it stands in a script."""
    detail = case.refusal.detail
    if detail in ("ssh", "vagrant"):
        return _sent(case, words)
    if detail in ("sh", "unknown", "flock", *as_user):
        return _argued(case, words, index)
    if detail == "sed" and (edited := _edited(case, words, index)):
        return edited
    if detail == "make=":
        return _assigned.sub(_given, in_script)
    if detail == "env":
        return "let each word of the command be an argument of its own, without -S"
    return _env_before.sub(_listed_env, in_script)


def _listed_env(match: re.Match[str]) -> str:
    """`env X={{ x }}` as elements of a list."""
    more = match.string[match.end() : match.end() + 1] == " "
    return f'env, "{match[1]}"{"," * more}'


def _given(match: re.Match[str]) -> str:
    """`give it by the environment, X="{{ x }}" make …` for a list."""
    if match["apart"]:
        return f'start it by env, [env, "{match["name"]}={match["value"]}", make, …]'
    return f'give it by `env: {{{match["name"]}: "{match["value"]}"}}`'


def _argued(case: Case, words: Sequence[str], index: int) -> str:
    """For `[sudo, sh, -c, "ls {{ x }}"]`: further arguments get to a script whoever runs it."""
    before = [_spelled(word) for word in words[:index]]
    if case.refusal.detail == "flock":
        before[-1:] = ["sh", "-c"]
    behind = ["--", "sh"] if case.refusal.detail in as_user else ["sh"]
    listed = ", ".join([*before, """'… "$1" …'""", *behind, f'"{case.hole}"'])
    return f'write "$1" in the script, and the value behind it: [{listed}]'


def _edited(case: Case, words: Sequence[str], index: int) -> str:
    """For `[sed, -i, "s/OLD/{{ x }}/", f]`: perl edits the same files, and reads none that is a value."""
    begin = max((at for at, word in enumerate(words[:index]) if _sed.fullmatch(word)), default=-1)
    edits = next(filter(None, map(_in_place.fullmatch, words[begin + 1 : index])), None)
    rest = words[index + 1 :]
    files = [word for before, word in zip(words[index:], rest, strict=False) if "-e" not in (before, word)]
    if begin < 0 or any(word.startswith("-") for word in files) or not all(map(_whole, files)):
        return ""
    name, held = case.setting, any("{{" in word for word in files)
    apart = case.refusal.apart
    program = f"'s/…/$ENV{{{name}}}/'"
    given = "" if apart else f' with `env: {{{name}: "{case.hole}"}}`'
    if held and not edits:
        return (
            "" if apart else for_number(case) + f"a script, perl -pe {program} < {_whole(files[0])},{given}"
        )
    start = [*map(_spelled, words[:begin]), *(["env", f'"{name}={case.hole}"'] if apart else [])]
    options = [f"-i{edits[1] or ''}"] if edits else []
    listed = [*start, "perl", *options, "-pe", program, *(["--"] if held else []), *map(_whole, files)]
    return f"{for_number(case)}[{', '.join(listed)}]{given}"


def _whole(word: str) -> str:
    """All of a word as an element of a list; empty if that is not simple."""
    if _plain_word.fullmatch(word):
        return word
    return "" if re.search(r"[\"\\\n]", word) else f'"{word}"'


def _spelled(word: str) -> str:
    """A word as an element of a list."""
    return word if _plain_word.fullmatch(word) else "…"


def _sent(case: Case, words: Sequence[str]) -> str:
    """For `[ssh, host, rm, "{{ x }}"]`: the remote shell reads all of it as a script."""
    line = " ".join(_in_script(word) for word in words)
    name = case.refusal.detail
    written = ssh_remedies.sent(line, case) if "…" not in line else ""
    told = f"write a script instead: {written}"
    if not written:
        told = f"in a script, {ssh_remedies.in_words(case.word, name)}"
    return f"{name} makes a script of its arguments: {told}"


def _in_script(word: str) -> str:
    """A word of a list as a word of a script, if that is simple."""
    if _plain_word.fullmatch(word) or _lone.fullmatch(word):
        return word
    return f'"{word}"' if not re.search(rf"[\"\\$`\n{HOLE}]", word) else "…"
