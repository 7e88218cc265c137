"""The line that is shown with a value in quotes: put into the file, it gives the text that was written."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runner.source import parse

_advice = ("put the value in quotes:\n", "put the values in quotes:\n")
_another_entry = re.compile(r""",\s*("[^"]*"|'[^']*'|[\w-]*)\s*:""")
_forms = {
    "block": ("tasks:\n  a:\n    run: ", "\n    when: true\n", ("tasks", "a", "run")),
    "dash": ("tasks:\n  - run: ", "\n    when: true\n", ("tasks", 0, "run")),
    "braces": ("tasks:\n  a: {run: ", "}\n", ("tasks", "a", "run")),
    "braces with more": ("tasks:\n  a: {when: true, run: ", ", env: {A: b}}\n", ("tasks", "a", "run")),
    "braces over lines": (
        "tasks:\n  a: {when: true,\n    run: ",
        ",\n    env: {A: b}}\n",
        ("tasks", "a", "run"),
    ),
    "list": ("tasks:\n  a:\n    run: [sh, -c, ", ", x]\n", ("tasks", "a", "run", 2)),
}
_written = [
    'echo "a: b"',
    r"echo a\n: b",
    'printf "%s: %s\\n" {{ params.x }} "{{ params.x }}"',
    "[ -f x ] && echo y",
    "[ -f 'a: b' ] || { echo c; }",
    "[[ -f x ]] || exit 1",
    "[[ -f x ]] > f",
    '"my prog" --x',
    '"a" "b: c"',
    "'a' && b",
    "'a' | b",
    '"{{ x }}" && "b"',
    '"{{ x }}/bin/run" --flag: 1',
    "{{ x }} && echo a",
    "{{ x }}-{{ y }}",
    "{{ x }} | jq '.a: b'",
    "&& b",
    "*.tmp",
    "@x",
    "%{http_code}: x",
    "`date`",
    "`a: b` [c]",
    ': "${X:=1}"',
    "echo x:",
    "echo {a,b}: c",
    'curl -H "A: b" -d \'{"x": 1}\' http://x',
    "awk '{print $1\": \"$2}' f",
    'cat "{{ x }}": z',
    "echo 'a'': b' \"c: d\"",
    'echo "#": x',
    "echo é: ü",
    'if [ -f a ]; then echo "b: c"; fi',
    "curl -w '%{http_code}: ' {{ x | default([]) }}",
    "git log --format='%h: %s' -- {{ x }}",
]


def _shown(prefix: str, text: str, suffix: str) -> str | None:
    """The file with the line that is shown in place of the one it is shown for; None if none is."""
    document = parse(prefix + text + suffix, "flow.yml")
    for fault in document.faults:
        line = next((fault.hint.partition(it)[2] for it in _advice if it in fault.hint), "")
        if line:
            lines = (prefix + text + suffix).split("\n")
            old = lines[fault.position.line - 1]
            lines[fault.position.line - 1] = old[: len(old) - len(old.lstrip())] + line
            return "\n".join(lines)
    return None


def _read(file: str, path: tuple[str | int, ...]) -> object:
    document = parse(file, "flow.yml")
    assert not document.faults
    value = document.value
    for part in path:
        value = value[part]
    return value


@pytest.mark.parametrize("form", _forms)
@pytest.mark.parametrize("text", _written)
def test_the_line_that_is_shown_gives_what_was_written(form: str, text: str) -> None:
    prefix, suffix, path = _forms[form]
    file = _shown(prefix, text, suffix)
    if file is None:  # YAML reads it: as written, or, in a list, as a key with a value
        document = parse(prefix + text + suffix, "flow.yml")
        assert form == "list" or (not document.faults and _read(prefix + text + suffix, path) == text)
    else:
        assert _read(file, path) == text


_pieces = st.sampled_from(
    [
        *("echo", "a:", "b", "-x", "&&", "||", "|", ">", "<", "!", "*", "*.sh", "@x", "%x", "&", "?", "-"),
        *('"a"', '"a: b"', "'a # b'", "'it''s'", '"[x"', "'{y'", '"a, b: c"', '"{{ x }}"', "'{{ y }}: z'"),
        *("[ -f x ]", "[[ $a == b ]]", "{ c; }", "{a,b}", "{{ x }}", "{{ x | f([1]) }}"),
        *("${A}", "${A[0]}", "$(b)", "[!a]", '[ "$x" = y ]', "[a, b]"),
        *(":", "::", "=", ";", "\\;", "\\n", "`c`", "it's", "A=b", "é", "x,", ",", "{% raw %}{{{% endraw %}"),
    ]
)


@given(
    pieces=st.lists(_pieces, min_size=1, max_size=7),
    glue=st.sampled_from([" ", " ", ""]),
    form=st.sampled_from([*_forms]),
)
def test_no_line_is_shown_that_means_something_else(pieces: list[str], glue: str, form: str) -> None:
    text = glue.join(pieces)
    assume(not _another_entry.search(text) and not (form == "list" and "," in text))
    prefix, suffix, path = _forms[form]
    file = _shown(prefix, text, suffix)
    if file is not None:
        assert _read(file, path) == text
