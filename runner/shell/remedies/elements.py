"""Names an element of an array as the script does, where a remedy would name the whole by its name alone.

`"$l"` is the first element of `l`, and `"$m[1]"` that of `m` with `[1]` behind it.
"""

from __future__ import annotations

import re

from runner.shell.cases import Case


def named(case: Case, told: str) -> str:
    """A remedy that names the element that is run: `"${l[0]}"`, `"${l[@]}"` for `"$l"`."""
    variable = case.refusal.detail.rpartition(" ")[2]
    element = _element(case, variable)
    if not element:
        return told
    told = _exported(told, variable, case.fresh)
    if element.endswith("[@]}"):
        told = told.replace('"$1"', '"$@"')
    return told.replace(f'"${variable}"', f'"{element}"')


def _element(case: Case, variable: str) -> str:
    name, _, key = variable.partition("[")
    word = case.flat.text[case.refusal.start : case.refusal.end]
    found = re.search(rf"\$\{{{re.escape(name)}\[([^\]}}]+)\]\}}", word)
    if found is None or (key and found[1] != key[:-1]):
        return f"${{{variable}}}" if key else ""
    spelled = case.filled(found[1], case.refusal.start + found.start(1))
    return f"${{{name}[{'@' if spelled == '*' else spelled}]}}"


def _exported(told: str, variable: str, fresh: str) -> str:
    """With the element in a variable of its own where a program reads it from there."""
    exported = re.compile(rf'\bafter: export (?:{re.escape(variable)}(?![\w\[])|\w+="\$)')
    given = exported.search(told)
    if given is None:
        return told
    old = given[0].removeprefix("after: export ").removesuffix('="$')
    read = re.sub(rf"(?<=[$'\"{{.:]){re.escape(old)}(?!\w)", fresh, told[: given.start()])
    return f'{read}after: export {fresh}="${variable}"'
