"""Scripts put together anew at each run, from a seed that is printed when they fail."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from drawing import SEED
from shell_trials import Shell, bound, drawn, faults, hostile, nul_ended, run, shells

from runner import shell as scripts
from runner.expression.holes import Hole, split

Part = tuple[str, str]
"""A piece of a script and the text that it stands for."""


class Writer:
    """Writes sound scripts in which holes stand deep inside quotes, expansions and commands."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.values: dict[str, str] = {}
        self.expected: list[str] = []

    def hole(self) -> Part:
        """A new hole with a value of its own."""
        name = f"x{len(self.values)}"
        pool = hostile if self.chance.random() < 0.6 else drawn(self.chance, 1)
        self.values[name] = self.chance.choice(pool)
        return f"{{{{ {name} }}}}", self.values[name]

    def among(self, *writers: Callable[[], Part]) -> Part:
        return self.chance.choice(writers)()

    def word(self, depth: int) -> Part:
        """A word of some pieces, as they stand outside quotes; never nothing at all."""
        pieces = [self.bare(depth) for _ in range(self.chance.randint(1, 3))]
        return '""' + "".join(source for source, _ in pieces), "".join(text for _, text in pieces)

    def bare(self, depth: int) -> Part:
        if depth <= 0:
            return self.among(self.hole, self.noise)
        return self.among(
            self.hole,
            self.noise,
            lambda: self.in_quotes(depth - 1),
            lambda: self.in_quotes(depth),
            lambda: self.default(self.bare(depth - 1)),
        )

    def noise(self) -> Part:
        """Text of the script that looks like more than it is."""
        return self.chance.choice(
            [
                ("abc", "abc"),
                ("'it is $( \" ` { # {%'", 'it is $( " ` { # {%'),
                ("\\'", "'"),
                ('\\"', '"'),
                ("\\$", "$"),
                ("\\`", "`"),
                ("a#b", "a#b"),
                ("%", "%"),
                ('"it\'s"', "it's"),
                ('"\\$( \\" \\\\ \\`"', '$( " \\ `'),
                ("''", ""),
                ('""', ""),
                ("'\n'", "\n"),
                ("\\\n", ""),
                ("]", "]"),
                ("=", "="),
            ]
        )

    def in_quotes(self, depth: int) -> Part:
        pieces = [self.quoted(depth) for _ in range(self.chance.randint(0, 3))]
        return '"' + "".join(source for source, _ in pieces) + '"', "".join(text for _, text in pieces)

    def quoted(self, depth: int) -> Part:
        if depth <= 0:
            return self.among(self.hole, self.quoted_noise)
        return self.among(
            self.hole,
            self.quoted_noise,
            lambda: self.command(depth - 1),
            lambda: self.default(self.hole()),
        )

    def quoted_noise(self) -> Part:
        return self.chance.choice(
            [("it's", "it's"), ("\\$", "$"), ("\\\\", "\\"), ("# ", "# "), ("} )", "} )"), ("\n", "\n")]
        )

    def default(self, inner: Part) -> Part:
        """`${nothing-word}`; a brace or quote of the word's own would end it early or be doubtful."""
        source, text = inner
        own = source.replace("{{", "").replace("}}", "")
        return ("", "") if set(own) & set("{}#'\"\\") else (f"${{nothing-{source}}}", text)

    def command(self, depth: int) -> Part:
        """A command substitution, whose output ends in a letter, so that it is kept whole."""
        source, text = self.word(depth)
        spell = self.chance.choice(
            [
                "$(printf '%s' {0}z)",
                "$( : ')' # it's\nprintf '%s' {0}z )",
                "$(cat <<EOF\n$(printf '%s' {0}z)\nEOF\n)",
                "$(case a in a) printf '%s' {0}z;; esac)",
                "$(if :; then printf '%s' {0}z; fi)",
                "$(v={0}z; printf '%s' \"$v\")",
                "$(for v in {0}z; do printf '%s' \"$v\"; done)",
                "$( (printf '%s' {0}z) | cat)",
            ]
        )
        end = f"EOF{len(source)}"
        return spell.replace("EOF", end).replace("{0}", source), text + "z"

    def statement(self, depth: int) -> str:
        """A command that prints its words, each ended by a NUL."""
        words = [self.word(depth) for _ in range(self.chance.randint(1, 3))]
        self.expected.extend(text for _, text in words)
        plain = "printf '%s\\0' " + " ".join(source for source, _ in words)
        wraps = [
            "{0}",
            "{0} # it's ( not",
            "if true; then {0}; fi",
            "case a in (b) echo no;; a|c) {0};; esac",
            "for i in 1; do {0}; done",
            "{ {0}; }",
            "( {0} )",
            "show() { {0}; }; show",
            "! false && {0}",
            "{0} | cat",
            "while :; do {0}; break; done",
            "{0} 2>&1 </dev/null",
        ]
        if "\n" not in plain:
            wraps.append("cat <<'EOF' >/dev/null; {0}\nit's $( \" `\nEOF")
        return self.chance.choice(wraps).replace("{0}", plain)


@pytest.mark.parametrize("shell", shells, ids=str)
def test_every_value_of_a_random_script_arrives_unchanged(shell: Shell, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {shell}")
    for number in range(12):
        writer = Writer(chance)
        script = "\n".join(writer.statement(3) for _ in range(6)) + "\n"
        ran = run(shell, script, writer.values, tmp_path / str(number))
        assert ran.output == nul_ended(writer.expected), f"RUNNER_TEST_SEED={SEED} {script!r}"
        assert (ran.errors, ran.code, ran.left) == ("", 0, ()), f"RUNNER_TEST_SEED={SEED} {script!r}"


_tokens = [
    *("{{ x }}", "{{ x }}", "{{ x }}", "{{ x }}", "show ", "show ", "show ", " ", " ", "a", "=", "a="),
    *('"', '"', "'", "\\", "$", "$(show ", ")", "${a:-", "${a#", "${a%", "${a/", "}", "`", ";", "\n", "#"),
    *(" #", "| cat", "&& ", "<<EOF ", "<<-EOF ", "<<'EOF'\n", "\nEOF\n", "\nEOF\n", "cat ", "case a in "),
    *(
        "case {{ x }} in ",
        "a) ",
        "*) ",
        ";; ",
        " esac",
        "(",
        ")",
        "{ ",
        "; }",
        "$((",
        "))",
        "((",
        "[[ ",
        " ]]",
    ),
    *(
        "! ",
        "~",
        "{",
        ",",
        "}",
        "$'",
        '$"',
        "\\\n",
        "> ",
        "<<<",
        "<(show ",
        "if ",
        "then ",
        "fi",
        "f() ",
        "/",
    ),
    *("[", "]", '"$(show ', ')"', "@(", "-eq 1", "$a", "${b}", "printf '%s' ", "eval ", "for i in ", "; do "),
    *(
        "; done",
        "$i",
        "set -- ",
        "$1",
        "test ",
        "[ ",
        " ]",
        "-v ",
        "+=(",
        "1",
        "+",
        "-n ",
        "command ",
        "$[",
        "/",
    ),
]
_values = ["H *; $(touch pwned) ' \" ` \\ ~ #", "-n [a] {b,c} \n\t x=1", "a[$(touch pwned)]"]
_unsplit = "IFS=; set -f\n"
_expanding = re.compile(r"\$[(\w]|\$\{|`")
"""What a script expands without quotes of its own is split as in every script."""
_show = """a=1; b="p q"; show() { for one in "$@"; do printf '<%s>' "$one"; done; echo; }\n"""


@pytest.mark.parametrize("shell", shells, ids=str)
def test_no_value_changes_the_meaning_of_any_accepted_script(shell: Shell, tmp_path: Path) -> None:
    """What a harmless word does in a heap of tokens, any value does."""
    chance = random.Random(f"{SEED} {shell}")
    tried = 0
    while tried < 40:
        script = "".join(chance.choices(_tokens, k=chance.randint(3, 12)))
        holes = [part.source for part in split(script) if isinstance(part, Hole)]
        if set(holes) != {" x "} or "$$" in script or faults(script, shell.dialect):
            continue
        tried += 1
        value = chance.choice(_values)
        plain = _tried(shell, script, "ZT", tmp_path / f"plain{tried}")
        other = _tried(shell, script, value, tmp_path / f"other{tried}")
        expected = plain[0].replace("ZT", value), {name.replace("ZT", value) for name in plain[1]}
        assert other == expected, f"RUNNER_TEST_SEED={SEED} {script!r}"
        assert "RUNNER_V" not in other[0], f"RUNNER_TEST_SEED={SEED} {script!r}"


def _tried(shell: Shell, script: str, value: str, folder: Path) -> tuple[str, set[str]]:
    """What a script prints, and the files that it leaves."""
    text, variables = bound(script, shell.dialect, {"x": value})
    folder.mkdir()
    argv = [argument for argument in shell.argv if argument not in ("-eu", "-euo", "pipefail")]
    done = subprocess.run(
        [*argv, (_unsplit if _expanding.search(script) else "") + _show + text],
        env={"PATH": os.environ["PATH"], "HOME": os.devnull, **variables},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.stdout.decode(errors="surrogateescape"), set(os.listdir(folder))


@pytest.mark.parametrize("dialect", ["sh", "bash"])
def test_no_text_at_all_is_too_strange_to_be_read(dialect: str) -> None:
    chance = random.Random(f"{SEED} {dialect}")
    for _ in range(400):
        text = "".join(chance.choices(_tokens, k=chance.randint(1, 40)))
        script, _ = scripts.parse(text, "bash" if dialect == "bash" else "sh")
        assert len(script.literals) == len(script.slots) + 1, f"RUNNER_TEST_SEED={SEED} {text!r}"


@pytest.mark.parametrize("opening", ["$(", '"$(', "${a:-", '"${a:-', "$((", "((", "(", "[[ $(", "$[", "@("])
def test_however_deep_it_nests_a_script_is_read(opening: str) -> None:
    for times in (30, 3000):
        (fault, *_) = faults("echo " + opening * times + " {{ x }}", "bash")
        assert fault.code == "unsound-place"


@pytest.mark.parametrize(
    "start", ["sudo ", "sudo --x ", "{{ y }} ", "find . -exec ", "env A={{ y }} ", "nice -n 1 "]
)
def test_however_many_programs_start_one_another_none_is_passed_over(start: str) -> None:
    for times in (3, 1000):
        found = faults(start * times + "sh -c 'ls {{ x }}'", "sh")
        assert "program-text" in {fault.code for fault in found}
