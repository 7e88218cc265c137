"""What to write instead of a value in what `eval` and `trap` run: a variable inside single quotes.

A `trap` runs later: by then the variables of its function are gone, and so are the arguments of that.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, reference, write
from runner.shell.flat import HOLE

_begins = regex(r"(?:\A|[\n;{(]|\b(?:then|do|else)[ \t])[ \t]*(?P<word>(?:eval|trap)[ \t]+(?:--[ \t]+)?)\Z")
_not_plain = regex(r"[$`\\'\"]")
_gives = regex(rf"\s*(?:export\s+)?(\w+)=([\"']?){HOLE}\2\s*")
_is_printed = regex(r"\$\([^()]*\Z|<<<|<\(")
_is_run = regex(r"\|[ \t]*(?:\S*/)?\w*sh\b")
_is_piped = regex(r"[^;&]*\|(?!\|)")
_runs_inside = regex(r"[ \t]+(?:RETURN|DEBUG)\b")


def evaluated(case: Case) -> str:
    """`trap "rm -f {{ x }}" EXIT` → `x={{ x }}; trap 'rm -f "$x"' EXIT`."""
    start, end, text = case.refusal.start, case.refusal.end, case.flat.text
    if array := _array(case, text[start:end], HOLE):
        return f"{array}, after {case.fresh}={case.hole}"
    told = f'put it in a variable, {case.fresh}={case.hole}, and write "${case.fresh}" inside single quotes'
    begun, script = (
        _begins.search(text, max(text.rfind("\n", 0, start), 0), start),
        _script(text[start:end], HOLE),
    )
    given: dict[str, str] = {}
    for number in case.flat.inside(start, end) if begun and script else ():
        name, spelled = case.fresh_of(number), case.flat.spelled(number)
        if given.setdefault(name, spelled) != spelled:
            return told
        script = script.replace(HOLE, f'"${name}"', 1)
    if begun is None or not script:
        return told
    assigned = "".join(f"{name}={hole}; " for name, hole in given.items())
    return write(case.line(begun.start("word"), end, f"{assigned}{begun['word']}'{script}'"), told)


def held(case: Case, detail: str, variable: str) -> str:
    """`trap "rm -f $tmp" EXIT` → `trap 'rm -f "$tmp"' EXIT`, and the like for `eval`."""
    start, end, text = case.refusal.start, case.refusal.end, case.flat.text
    named = reference(variable)
    alone = re.fullmatch(rf'("?){named}\1', text[start:end])
    begun = _begins.search(text, max(text.rfind("\n", 0, start), 0), start)
    if array := _array(case, text[start:end], named, variable):
        return array
    if alone and begun and begun["word"].startswith("eval"):
        return _without_eval(case, variable)
    given = re.fullmatch(rf'"?(\w+)={named}"?', text[start:end])
    if given and "%q" in text:
        return f"leave `%q` and `eval` out: {given[1]}=… takes any value as it is"
    gone = detail == "trap" and begun is not None and not _runs_inside.match(text, end)
    if gone and not _is_name(variable):
        return _kept(case, variable)
    told = f'write "${variable}" inside single quotes'
    if gone and _is_local(text, variable):
        return f"{told}, and leave out the `local` of it: the variable is gone when `trap` runs it"
    script = _script(text[start:end], named) if begun and HOLE not in text[start:end] else ""
    if _is_run.search(script):
        return "write the command out where it is run, without `eval`"
    line = case.line(start, end, "'" + script.replace(HOLE, f'"${variable}"') + "'") if script else ""
    return write(line, f"{told}, as in: {detail} '{'' if alone else 'echo '}\"${variable}\"'")


def within(case: Case) -> str:
    """For `eval 'sh -c "$y"'`, whose text names the variable in single quotes."""
    variable = case.refusal.detail
    return f'let the text take it as an argument: echo "${variable}", sh -c \'… "$1" …\' sh "${variable}"'


def _array(case: Case, word: str, value: str, key: str = "") -> str:
    """For `eval "VERSION_$q=1"` and `eval "echo \\$VERSION_$q"`: the name of a variable is put together."""
    composed = rf"(?:([A-Za-z]\w*?)_?)?{value}\w*"
    found = re.search(rf"(?<![\w$]){composed}(?==)|\\\$\{{?{composed}", word)
    if found is None or case.refusal.detail.partition(" ")[0] != "eval":
        return ""
    if case.dialect == "sh":
        return "write the names of the variables out, or say `shell: bash` and keep the values in an array"
    array = next(filter(None, found.groups()), "values").lower()
    element = f"{array}[${key or case.fresh}]"
    return (
        f"keep them in an array, `declare -A {array}` on a line of its own: {element}=…, and ${{{element}}}"
    )


def _without_eval(case: Case, variable: str) -> str:
    """For `eval "$v"`: one word, unless `v` holds what was printed or read; a line `X=…` needs no `eval`."""
    left, right = case.flat.line(case.spot.at)
    given = _gives.fullmatch(case.flat.text, left, right)
    if given is not None and given[1] != variable:
        return f"assign it in the script itself, without `eval`: {given[1]}={case.hole}"
    if _is_printed.search(case.flat.text[left : case.spot.at]) or _is_piped.match(
        case.flat.text, case.spot.at, right
    ):
        return "write the command out where it is run, without `eval`"
    return f'run it as one word, "${variable}", without `eval`'


def _kept(case: Case, variable: str) -> str:
    """For `f() { trap "rm $1" EXIT; }`."""
    kept = f'{case.fresh}="${variable}"'
    return f'keep the argument in a variable, {kept}, and write "${case.fresh}" inside single quotes'


def _is_name(variable: str) -> bool:
    return variable.isidentifier()


def _is_local(text: str, variable: str) -> bool:
    """Whether a function has a variable of this name to itself."""
    return re.search(rf"\b(?:local|declare|typeset)[ \t][^\n;&|]*(?<!\w){variable}(?!\w)", text) is not None


def _script(word: str, pattern: str) -> str:
    """A script without its double quotes, with a hole for each match, if it says the same in single ones."""
    if len(word) < 2 or word[0] != '"' or word[-1] != '"':
        return ""
    script = re.sub(pattern, HOLE, word[1:-1])
    script = script.replace(f"'{HOLE}'", HOLE).replace(f'\\"{HOLE}\\"', HOLE)
    return "" if HOLE not in script or _not_plain.search(script) else script
