"""What to write instead of a value in what ssh runs there: a shell there gets it by a pipe, as an argument.

`printf '%s\\0' {{ a }} {{ b }} | ssh host 'xargs -0 mv'`: so every value arrives as it is, several too.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, write
from runner.shell.findings import Refusal, Spot
from runner.shell.flat import HOLE, flatten
from runner.shell.known.elsewhere import shells_elsewhere
from runner.shell.known.options import words_of
from runner.struct import replace

_ssh = regex(
    r"(?<![\w./-])ssh[ \t]+(?:-(?:[BbcDEeFIiJLlmOopPQRSWw][ \t]*[^\s;&|]+|[46AaCgKkMqsTVvXxYy]+)[ \t]+)*"
    rf"[^\s;&|<>-][^\s;&|<>]*[ \t]+(?:--[ \t]+)?"
    rf"(?P<tail>\"[^\"]*\"|'[^']*'|(?:[\w./:=,@%+-]|{HOLE}|\"{HOLE}\"| )+)"
)
_heredoc = regex(
    r"(?<![\w./-])(?P<host>ssh[ \t]+[^\n;&|<>]+?)(?:[ \t]+['\"]?(?:ba)?sh(?:[ \t]+-s)?['\"]?)?[ \t]*"
    r"<<-?[ \t]*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)[ \t]*\n"
    r"(?P<body>[^\n]*\n)[ \t]*(?P=end)[ \t]*(?:\n|\Z)"
)
_ends = regex(r"[ \t]*(?:\Z|[\n;&|)]|2?>(?!\()[^\n;&|<]*(?:\Z|[\n;&|)]))")
_begins = regex(r"(?:\A|[\n;&({]|\|\||\$\(|\b(?:then|do|else|if|elif|while|until)[ \t])[ \t]*\Z")
_arguments = regex(rf"([\w./-]+(?: +[\w./:=,@%+-]+)*)((?: +{HOLE})+)")
_gives_arguments = regex(
    r"(?<![\w./-])ssh[ \t]+(?P<host>[^;&|<>]*?)[ \t]+(?P<shell>\S*sh)[ \t]+-s\b[^;&|<>]*\Z"
)
_local_command = regex(r"(?:-o)?[\"']?(?:ProxyCommand|LocalCommand)[= ][\"']?[\w/]", re.IGNORECASE)
_makes = regex(rf"(?:[\w./-]*/)?g?make(?: +(?:[\w./:,@%+-]+|\w+={HOLE}))+")
_given_to_make = regex(rf" +(\w+={HOLE})(?= |\Z)")
_for_make = regex(r"\b(\w+)=\"\$1\" (?:\w+=\"\$\d\" )*(?:[\w./-]*/)?g?make\b")
_of_shells = words_of(
    ". : alias bg builtin cd command declare eval exec exit export fg hash jobs let local read return set "
    "shift source time trap type ulimit umask unset wait"
)


def told(case: Case) -> str:
    """For `ssh host "mv {{ a }} {{ b }}"`, on the user's own line where that can be told."""
    if case.refusal.detail == "ssh" and (setting := _setting(case)):
        return setting
    argument = '"$(…)"' if is_printed(case) else case.word
    told = _copied_script(case, argument) or write(_piped(case), in_words(argument, case.refusal.detail))
    made = _for_make.search(told)
    return f'{told}, and "$${made[1]}" in the recipe (its default: {made[1]} ?= …)' if made else told


def held(case: Case, variable: str) -> str:
    """For `ssh -o "ProxyCommand=nc $h 22" a`; empty where a variable comes into no setting."""
    return _setting(case, variable)


def _setting(case: Case, variable: str = "") -> str:
    """A shell runs the command of a setting here, with the environment that ssh has."""
    text, start, end = case.flat.text, case.refusal.start, case.refusal.end
    if not re.search(r"-o[ \t]*\Z|\A-o", text[max(start - 3, 0) : start + 2]):
        return ""
    if case.refusal.apart or _local_command.match(text, start, end) is None:
        return "write the setting out"
    if variable:
        return f'write "${variable}" inside single quotes, after: export {variable}'
    name = case.setting
    return f'give it by `env: {{{name}: "{case.hole}"}}` and write "${name}" inside single quotes'


def _copied_script(case: Case, argument: str) -> str:
    """For `ssh host sh -s -- {{ x }} <<'EOF'`, whose script takes the place of what a pipe would bring."""
    left, right = case.flat.line(case.refusal.start)
    before = _gives_arguments.search(case.flat.text, left, case.refusal.start)
    if before is None or "<<" not in case.flat.text[case.refusal.end : right]:
        return ""
    host = case.flat.shown(before.start("host"), before.end("host"))
    sent = f"printf '%s\\0' {argument} | ssh {host} 'xargs -0 {before['shell']} script'"
    return f"let ssh {host} 'cat > script' read the heredoc, and send the value there by a pipe: {sent}"


def is_printed(case: Case) -> bool:
    """Whether the value is in what a `$( )` prints."""
    start, end, at, text = case.refusal.start, case.refusal.end, case.spot.at, case.flat.text
    within = start <= at < end
    printed = r"\$\([^()]*\Z" if within else r"\$\("
    return re.search(printed, text[start : at if within else end]) is not None


def sent(line: str, case: Case) -> str:
    """The line instead of one of which ssh would run a value; empty where that cannot be told."""
    flat = flatten(line, case.flat.types)
    cases = (
        replace(case, flat=flat, spot=Spot(number, at), refusal=Refusal("program", at))
        for number, at in enumerate(flat.at)
    )
    return next(filter(None, map(_piped, cases)), "")


def fed(case: Case, word: str) -> str:
    """For a script that ssh reads by a heredoc or a pipe: the values go there alone."""
    text = case.flat.text
    if re.search(r"\bssh\b[^\n|;]*\bxargs\b", text):
        script = """xargs -I{} sh -c '\\''… "$1" …'\\'' sh {}"""
        return f"let the script there name its argument: … | ssh … '{script}'"
    return write(_instead_of_heredoc(case), in_words(case.word if word == case.hole else word))


def _instead_of_heredoc(case: Case) -> str:
    """`ssh host <<EOF` with one command → `printf … | ssh host 'xargs -0 …'`."""
    text, at = case.flat.text, case.spot.at
    match = next((one for one in _heredoc.finditer(text) if one.start("body") <= at < one.end("body")), None)
    if match is None or case.fed or _begins.search(text, 0, match.start()) is None:
        return ""
    body = match["body"].strip()
    script = plain(f"{body}".replace(f'"{HOLE}"', HOLE))
    program = remote_program(script) if script and "<" not in script else ""
    numbers = list(case.flat.inside(match.start("body"), match.end("body")))
    if not program or any(case.kind(number) in ("list", "dict") for number in numbers):
        return ""
    words = " ".join(map(case.word_of, numbers))
    return f"printf '%s\\0' {words} | {case.flat.shown(match.start(), match.end('host')).strip()} '{program}'"


def in_words(word: str, program: str = "ssh", script: str = '… "$1" …') -> str:
    """How a value gets there."""
    there = shells_elsewhere[program].sends if program in shells_elsewhere else "ssh …"
    sends = f"printf '%s\\0' {word} | {there} '{_by_shell(script)}'"
    return f"send it by a pipe, and let xargs give it to a script there: {sends}"


def _by_shell(script: str) -> str:
    return f"xargs -0 sh -c '\\''{script}'\\'' sh"


def _piped(case: Case) -> str:
    text, start = case.flat.text, case.refusal.start
    match = next((one for one in _ssh.finditer(text) if one.start("tail") <= start < one.end()), None)
    if case.fed or match is None or match["tail"].strip() == "":
        return ""
    if _begins.search(text, 0, match.start()) is None or _ends.match(text, match.end()) is None:
        return ""
    numbers = list(case.flat.inside(match.start("tail"), match.end()))
    script = match["tail"].replace(f'"{HOLE}"', HOLE).rstrip()
    program = remote_program(plain(script[1:-1]) if script[0] in "\"'" else script)
    if not program or any(case.kind(number) in ("list", "dict") for number in numbers):
        return ""
    words = map(case.word_of, numbers)
    sends = f"printf '%s\\0' {' '.join(words)} | {case.flat.shown(match.start(), match.start('tail'))}"
    return case.line(match.start(), match.start("tail") + len(match["tail"].rstrip()), f"{sends}'{program}'")


def plain(script: str) -> str:
    """A script that was in double quotes, if it says the same in single ones."""
    unquoted = script.replace(f"'{HOLE}'", HOLE).replace(f'\\"{HOLE}\\"', HOLE)
    return "" if re.search(r"[$`\\'\"\n]", unquoted) else unquoted


def remote_program(script: str) -> str:
    """What runs a script there whose holes come by a pipe, in single quotes."""
    simple = _arguments.fullmatch(script.strip())
    if simple and simple[1].split()[0] not in _of_shells:
        return f"xargs -0 {simple[1]}"
    script = _by_environment(script.strip())
    for place in range(1, script.count(HOLE) + 1):
        script = script.replace(HOLE, f'"${place}"', 1)
    return _by_shell(script) if script else ""


def _by_environment(script: str) -> str:
    """`make A={{ a }}` → `A={{ a }} make`: what make is given as a variable is program text to it."""
    if not _makes.fullmatch(script):
        return script
    given = [match[1] for match in _given_to_make.finditer(script)]
    return " ".join([*given, _given_to_make.sub("", script)])


def before_ssh(line: str, words: str) -> str:
    """A line with what sends the values in front of its one `ssh`."""
    found = list(re.finditer(r"(?<![\w./-])ssh[ \t]", line))
    if len(found) != 1 or _begins.search(line, 0, found[0].start()) is None:
        return ""
    at = found[0].start()
    return f"{line[:at]}printf '%s\\0' {words} | {line[at:]}"
