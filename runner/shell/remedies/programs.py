"""What to write instead of a value in program text: how the program takes one.

It knows programs as people use them; it does not decide what is refused.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, ends_command, write
from runner.shell.flat import HOLE
from runner.shell.known.elsewhere import shells_elsewhere
from runner.shell.known.families import as_user
from runner.shell.known.options import words_of
from runner.shell.remedies import evaluated as evaluated_remedies
from runner.shell.remedies import files as file_remedies
from runner.shell.remedies import inputs as input_remedies
from runner.shell.remedies import listings as listing_remedies
from runner.shell.remedies import options as option_remedies
from runner.shell.remedies import regexes_of_awk as awk_remedies
from runner.shell.remedies import sed as sed_remedies
from runner.shell.remedies import ssh as ssh_remedies
from runner.shell.remedies import users as user_remedies
from runner.shell.remedies.inputs import begins_heredoc, reads_variable


def text_of_program(detail: str) -> str:
    return _program_names.get(detail, f"what `{detail}` is given")


_program_names = {
    "sh": "the script of a shell",
    "awk": "the program of awk",
    "sed": "the script of sed",
    "jq": "the filter of jq",
    "yq": "the expression of yq",
    "ssh": "what ssh is given for the remote shell",
    **dict.fromkeys(as_user | words_of("script vagrant flock sg"), "the script after -c"),
    "trap": "the command of `trap`",
    "unknown": "what follows -c or -e",
    "make=": "what `make` gives a variable",
    "env": "what env splits into words",
}
_zeroth = regex(r"[ \t]+([A-Za-z_][\w.-]*)(?=[ \t\n]|\Z)")
_only_prints_on = regex(r"[ \t]*(?:\Z|[\n;&|)]|>[^\n;&|<]*(?:\Z|[\n;&|)]))")

_makes_number = {
    "python": ("int({})", "float({})"),
    "ruby": ("Integer({})", "Float({})"),
    "node": ("Number({})", "Number({})"),
    "php": ("(int) {}", "(float) {}"),
    "lua": ("tonumber({})", "tonumber({})"),
    "Rscript": ("as.integer({})", "as.numeric({})"),
    "jq": ("({} | tonumber)", "({} | tonumber)"),
}


def program(case: Case) -> str:
    detail = case.refusal.detail
    if detail in ("sh", "unknown", "env", "flock", *as_user):
        return _shell_program(case)
    if detail in ("ssh", "vagrant"):
        return ssh_remedies.told(case)
    if detail in shells_elsewhere and shells_elsewhere[detail].sends:
        return ssh_remedies.in_words(case.word, detail)
    if told := option_remedies.told(case):
        return told
    if detail in ("eval", "trap"):
        return evaluated_remedies.evaluated(case)
    name = case.setting
    if detail == "sed":
        return sed_remedies.program(case, name)
    if detail == "tmux":
        window = _opens_window.search(case.flat.text, 0, case.refusal.start)
        told = (
            f'give it to the window, tmux … -e {name}={case.hole} …, and write "${name}" inside single quotes'
        )
        return told if window else "put it into a file, and let the command read that"
    given, where = f'give it by `env: {{{name}: "{case.hole}"}}` and write', "in the program"
    if case.refusal.apart:
        given, where = f"write `env {name}={case.hole}` before the program, and", "in it"
    if detail == "awk" and (matched := awk_remedies.matched(case, name)):
        return f"{given} {matched}"
    if detail in reads_variable:
        read = _read(case, detail, name)
        return f"{given} {read} {where}{_besides(case, detail, read)}"
    return f'{given} "${name}" inside single quotes'


def _besides(case: Case, detail: str, read: str) -> str:
    """What has to change around it."""
    text, start, at = case.flat.text, case.refusal.start, case.spot.at
    before = text[start + 1 : at]
    told = []
    if before.replace('\\"', "'").count("'") % 2 or (text[start] == "'" and before.count('"') % 2):
        told.append("outside of its quotes there")
    if text[start] == '"' and re.search(r'["$]', read):
        told.append("with single quotes around the program")
    if detail == "python" and "import os" not in text:
        told.append("after `import os`")
    return "".join(f", {one}" for one in told)


def _read(case: Case, detail: str, name: str) -> str:
    """How a program reads the variable: as a number what was one outside of its quotes."""
    read = reads_variable[detail].format(name)
    if case.flat.text[case.refusal.start] == "'":
        read = read.replace("'", '"')
    if detail == "jq" and case.flat.text[case.spot.at - 1] == ".":
        return f"[{read}]"
    number = case.spot.number
    kind = "int" if case.flat.whole[number] else case.kind(number)
    before = case.flat.text[case.refusal.start + 1 : case.spot.at]
    in_quotes = before.count("'") % 2 or before.count('"') % 2
    if kind not in ("int", "float") or in_quotes or detail not in _makes_number:
        return read
    return _makes_number[detail][kind == "float"].format(read)


def held_program(case: Case) -> str:
    """For `y={{ x }}; eval "$y"` and its like."""
    detail, _, variable = case.refusal.detail.rpartition(" ")
    if detail in ("eval", "trap"):
        return evaluated_remedies.held(case, detail, variable)
    if detail in ("sh", "unknown", "env", "flock"):
        return f'pass it as an argument: sh -c \'… "$1" …\' sh "${variable}"'
    if detail in as_user:
        return user_remedies.told(case, f'"${variable}"')
    if told := option_remedies.told(case, variable):
        return told
    if detail == "ssh" and (told := ssh_remedies.held(case, variable)):
        return told
    if detail in ("ssh", "vagrant"):
        script = '"$@"' if variable in "@*" else '… "$1" …'
        return ssh_remedies.in_words('"$@"' if variable in "@*" else f'"${variable}"', detail, script)
    name = variable if variable[0].isalpha() or variable[0] == "_" else "value"
    given = f"after: export {variable}" if name == variable else f'after: export {name}="${variable}"'
    if detail == "sed" and re.search(rf'(?<!\w){name}="?(?:\$\(|`)', case.flat.text):
        # What was made of the value, such as backslashes for sed, is not meant for perl.
        name = case.fresh
        given = f"after: export {name}={case.hole}"
    if case.refusal.apart:
        given = f'and `env {name}="${variable}"` before the program'
    if detail in reads_variable:
        return f"write {reads_variable[detail].format(name)} in the program, {given}"
    if detail == "sed":
        return f"use {sed_remedies.instead(case, name)} {given}"
    return f'write "${name}" inside single quotes, {given}'


def held_input(case: Case) -> str:
    """For `y={{ x }}; echo "$y" | sh` and its like."""
    name, _, variable = case.refusal.detail.rpartition(" ")
    if name in ("awk", "sed"):
        return held_program(case)
    if name in _sourcing:
        return f'read the variable itself: "${variable}"'
    return _as_argument(case, name, f'"${variable}"')


def held_format(case: Case) -> str:
    return (
        f"write `%s` in its place, and give it as an argument: printf '%s' \"${case.refusal.detail.strip()}\""
    )


def program_input(case: Case) -> str:
    name = case.refusal.detail
    if told := input_remedies.told(case) or file_remedies.told(case, name):
        return told
    if name in ("awk", "sed"):
        return program(case)
    if name in _sourcing:
        return f"assign it to a variable instead: {case.fresh}={case.hole}"
    if name in ("BASH_ENV", "ENV"):
        return f"export a variable instead: export {case.fresh}={case.hole}"
    return _as_argument(case, name, case.hole)


def opened(case: Case) -> str:
    """`perl -pe … {{ file }}` → `perl -pe … < {{ file }}`."""
    otherwise = "let perl read them by a pipe: cat … | perl …"
    text, start, end = case.flat.text, case.refusal.start, case.refusal.end
    if text[start:end] == HOLE and _takes_arguments.search(text, case.flat.line(start)[0], start):
        return f'put double quotes around it, "{case.hole}", so that it is one argument'
    before = _only_file.search(text, 0, start) if case.refusal.detail == "perl" else None
    if before is None or _only_prints_on.match(text, end) is None:
        return otherwise
    return write(case.line(before.end(1), end, f" < {case.flat.shown(start, end)}"), otherwise)


def found(case: Case) -> str:
    """`find … -exec sh -c 'wc "{}"' ;` → `find … -exec sh -c 'wc "$1"' sh {} ;`."""
    start, end, program = case.refusal.start, case.refusal.end, case.refusal.detail.rpartition(" ")[2]
    if program != "sh":
        return "let the program read what it finds as a file or as an argument of its own"
    script = listing_remedies.named_argument(case.flat.text[start:end], "{}")
    ends = re.match(r"\s*(?:\\;|';'|\";\")", case.flat.text[end:])
    line = case.line(start, end, f"'{script}' sh {{}}") if script and ends else ""
    return write(line, "let the script name its argument: … sh -c '… \"$1\" …' sh {}")


def written_program(case: Case) -> str:
    return f'pass it as an argument: {case.refusal.detail} {case.hole}, and write "$1" in the program'


_only_file = regex(r"""(\bperl[0-9.]*[ \t]+(?:-[\w.:]+[ \t]+)*(?:'[^']*'|"[^"]*"))[ \t]+(?:--[ \t]+)?\Z""")
_takes_arguments = regex(r"\bperl[^|;&\n]*\bBEGIN\s*\{\s*(?:my\s*)?\$\w+\s*=\s*shift\b")
_opens_window = regex(
    r"\btmux[ \t](?:[^\n;&|]*[ \t])?(?:new|new-session|neww|new-window|splitw|split-window|respawn\w*|"
    r"respawn-\w+|popup|display-popup)[ \t][^\n;&|]*\Z"
)
_sourcing = ("source", ".")


def _as_argument(case: Case, name: str, argument: str) -> str:
    """How a program that is read from an input takes a value."""
    if name == "ssh":
        return ssh_remedies.fed(case, argument)
    if name in ("at", "batch"):
        heredoc = begins_heredoc.search(case.flat.text) is not None
        rest = "quote the delimiter" if heredoc else f'write "${case.setting}" inside single quotes'
        return f'give it by `env: {{{case.setting}: "{case.hole}"}}` and {rest}'
    if "/" in name or "$" in name:
        return f"pass it as an argument: {name} {argument}"
    if name == "xargs":
        return listing_remedies.by_xargs(case)
    if name in as_user:
        return user_remedies.fed(case, name, argument)
    if found := listing_remedies.instead_of_shell(case, name):
        return found
    if not re.fullmatch(r"[a-z]*sh[0-9.]*|python.*|perl.*|ruby.*|node|php.*|lua.*", name):
        return f"pass it as an argument: {name} … sh -s -- {argument} <<'EOF'"
    shell = re.fullmatch(r"[a-z]*sh[0-9.]*", name) is not None
    if case.file:
        named = f", and write {file_remedies.first_argument(case)}" if shell else ""
        return f"pass it as an argument: {name} {case.file} {argument}{named}"
    option = "-s --" if shell else "-"
    return f"pass it as an argument: {name} {option} {argument} <<'EOF'"


def _shell_program(case: Case) -> str:
    """`sh -c "cp {{ x }} to"` → `sh -c 'cp "$1" to' sh {{ x }}`."""
    start, end, detail = case.refusal.start, case.refusal.end, case.refusal.detail
    argument = '"$(…)"' if ssh_remedies.is_printed(case) else case.word
    otherwise = f"pass it as an argument: sh -c '… \"$1\" …' sh {argument}"
    if detail in as_user:
        otherwise = user_remedies.told(case, argument)
    given = with_arguments(case, detail, start, end)
    line = run_by(detail, case.line(start, end, given)) if given else _with_argument_before(case)
    return write(line, otherwise)


def _with_argument_before(case: Case) -> str:
    """`sh -c 'cp "$1" {{ x }}' _ f` → `sh -c 'x=$1; shift; cp "$1" "$x"' _ {{ x }} f`."""
    start, end = case.refusal.start, case.refusal.end
    text, zero = case.flat.text[start:end], _zeroth.match(case.flat.text, end)
    numbers = case.flat.inside(start, end)
    names = [case.fresh_of(number) for number in numbers]
    simple = re.fullmatch(r"'[^'\\`]*'", text) and not re.search(r"\$0|\bshift\b", text)
    named = not any(re.search(rf"\b{name}=", text) for name in names)
    if case.refusal.detail != "sh" or zero is None or not simple or not named or len(set(names)) < len(names):
        return ""
    pieces = text[1:-1].split(HOLE)
    script = pieces[0]
    for name, piece in zip(names, pieces[1:], strict=True):
        script += (f"${{{name}}}" if script.count('"') % 2 else f'"${name}"') + piece
    taken = " ".join(f"{name}=${place}" for place, name in enumerate(names, 1))
    shift = "shift" if len(names) == 1 else f"shift {len(names)}"
    words = " ".join(map(case.word_of, numbers))
    return case.line(start, zero.end(), f"'{taken}; {shift}; {script}' {zero[1]} {words}")


def with_arguments(case: Case, detail: str, start: int, end: int) -> str:
    """A script in quotes, with what gives it its values: `'cp "$1" to' sh {{ x }}`."""
    numbers = case.flat.inside(start, end)
    script = plain_script(case.flat.text[start:end])
    if not script or detail not in ("sh", "flock", *as_user):
        return ""
    if detail in as_user and ends_command.match(case.flat.text, case.refusal.end) is None:
        return ""
    for place in range(1, len(numbers) + 1):
        script = script.replace(HOLE, f'"${place}"', 1)
    zero = user_remedies.zeroth(case) if detail in as_user else "sh"
    return " ".join([f"'{script}'", zero, *map(case.word_of, numbers)])


def run_by(detail: str, line: str) -> str:
    """`flock` gives a script no arguments: `sh` does."""
    return re.sub(r"(?<=\s)-c '", "sh -c '", line, count=1) if detail == "flock" else line


def plain_script(text: str) -> str:
    """A script in quotes without them, if it says the same in single quotes; its holes have none."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    script = _unquoted_holes(text[1:-1])
    return "" if not quoted or re.search(r"[$`\\'\"]", script) else script


def _unquoted_holes(script: str) -> str:
    return script.replace("'\0'", HOLE).replace('\\"\0\\"', HOLE)
