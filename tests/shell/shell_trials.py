"""Shells to try scripts in, values that break what is careless, and how a script is tried."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from runner import scripts, shell
from runner.shell import ShellFault
from runner.shell.flat import untyped

Dialect = Literal["sh", "bash"]


@dataclass(frozen=True)
class Shell:
    """A shell that is installed here, as it is started for a dialect."""

    name: str
    argv: tuple[str, ...]
    dialect: Dialect

    def __str__(self) -> str:
        return self.name


_all_shells = [
    Shell("sh", ("sh", "-eu", "-c"), "sh"),
    Shell("dash", ("dash", "-eu", "-c"), "sh"),
    Shell("bash-as-sh", ("bash", "--posix", "-eu", "-c"), "sh"),
    Shell("busybox-sh", ("busybox", "sh", "-eu", "-c"), "sh"),
    Shell("bash", ("bash", "-euo", "pipefail", "-c"), "bash"),
]


def _installed() -> list[Shell]:
    """Each program only once for the same arguments (`sh` is often `dash`)."""
    found: dict[tuple[str, ...], Shell] = {}
    for one in _all_shells:
        path = shutil.which(one.argv[0])
        if path is not None:
            found.setdefault((os.path.realpath(path), *one.argv[1:]), one)
    return list(found.values())


shells = _installed()
bash = next(one for one in shells if one.dialect == "bash")

hostile: list[str] = [
    "",
    "plain",
    "  two  words  ",
    "\t tab\tand\t",
    "new\nline",
    "trailing newlines\n\n\n",
    "\n",
    "'",
    '"',
    "it's '\"'\"' said",
    "\\",
    "ends in backslashes\\\\\\",
    "\\n\\t\\0\\x41\\c",
    "$(touch pwned)",
    "`touch pwned`",
    "${HOME} $1 $$ $? $! $# $@ $* $((1+1)) $'a'",
    "$",
    "; touch pwned & touch pwned | touch pwned && touch pwned || touch pwned",
    "\n touch pwned\n",
    "> pwned",
    "<(touch pwned)",
    "' ; touch pwned ; '",
    '"; touch pwned #',
    "}; touch pwned",
    "); touch pwned",
    "a[$(touch pwned)]",
    "a[`touch pwned`]=1",
    "x=$(touch pwned)",
    "($(touch pwned))",
    "-va[$(touch pwned)]",
    "-n",
    "-e",
    "--",
    "-",
    "+x",
    "*",
    "?",
    "[a-z]*",
    "{a,b}{1..3}",
    "@(a|b)!(a)",
    "~",
    "~root/x",
    "a=~:~",
    "!",
    "!! !touch !$",
    "# not a comment",
    "=",
    "(",
    ")",
    "]",
    "&",
    "EOF",
    "\nEOF\ntouch pwned\n",
    "\tEOF",
    "%s%n%d",
    "héllo wörld ☃ 漢字 🎉 e\u0301\u00a0\u2028\u3000",
    "caf\udce9 \udcff\udcfe",
    "\udcc3",
    "\udc80\udc81\udc82\udc83\udc84\udc85\udc86\udc87\udc88",
    "".join(map(chr, range(1, 128))),
    bytes(range(128, 256)).decode("utf-8", "surrogateescape"),
    "\r\n",
    "if",
    "esac",
    ";;",
    "007",
    "a" * 5000,
]


def drawn(chance: random.Random, number: int) -> list[str]:
    """Some more values: bytes and pieces of hostile ones, put together anew."""
    pieces = [*hostile[:-1], *"'\"\\$`{}()[]<>|&;*?~!# \n\t=", "\udc80", "é"]
    return ["".join(chance.choices(pieces, k=chance.randint(1, 5))) for _ in range(number)]


@dataclass(frozen=True)
class Ran:
    """What a script printed, and what it left in its folder."""

    output: bytes
    errors: str
    code: int
    left: tuple[str, ...]


def faults(text: str, dialect: Dialect, types: Mapping[str, str] = untyped) -> list[ShellFault]:
    """What is wrong with a script, warnings aside."""
    return [fault for fault in shell.parse(text, dialect, types)[1] if fault.severity == "error"]


def hints(text: str, dialect: Dialect, types: Mapping[str, str] = untyped) -> list[str]:
    """What is told to be written instead."""
    return [fault.hint for fault in faults(text, dialect, types)]


def bound(
    text: str, dialect: Dialect, values: Mapping[str, Any], types: Mapping[str, str] = untyped
) -> tuple[str, dict[str, str]]:
    """The script and its variables, with all values in their places."""
    script, found = shell.parse(text, dialect, types)
    errors = [f"{fault.message} ({fault.hint})" for fault in found if fault.severity == "error"]
    assert errors == [], text
    return scripts.assemble(script, [slot.template.evaluate(values) for slot in script.slots])


def run(
    shell: Shell,
    text: str,
    values: Mapping[str, Any],
    folder: Path,
    stdin: bytes = b"",
    types: Mapping[str, str] = untyped,
) -> Ran:
    """Try a script in a folder of its own."""
    script, variables = bound(text, shell.dialect, values, types)
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [*shell.argv, script],
        env={**_environment, **variables},
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
    )
    left = tuple(sorted(os.listdir(folder)))
    return Ran(done.stdout, done.stderr.decode(errors="replace"), done.returncode, left)


_environment = {"PATH": os.environ["PATH"], "HOME": os.devnull, "LC_ALL": "C.UTF-8"}


def nul_ended(texts: Sequence[str]) -> bytes:
    """What `printf '%s\\0'` prints for these."""
    return b"".join(os.fsencode(text) + b"\0" for text in texts)


def runs_the_value(script: str, folder: Path) -> bool:
    """Whether bash runs what stands in `$V`, in an empty folder."""
    subprocess.run(
        ["bash", "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "V": f"$(>{folder}/pwned)",
        },
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return (folder / "pwned").exists()
