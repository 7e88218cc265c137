"""What an editor asks while somebody types, and what it is told.

`python tests/editor/conversation.py` writes it down anew.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from textwrap import dedent
from typing import Any

from language_server import LanguageServer, installed

folder = Path(__file__).parent
written = folder / "conversation.txt"
schema = folder.parents[1] / "schemas" / "workflow.schema.json"

modeline = "# yaml-language-server: $schema=workflow.schema.json\n"
cursor = "¦"

questions = [
    ("completion", "¦"),
    (
        "completion",
        """
        tasks:
          fetch:
            ¦
        """,
    ),
    (
        "completion",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ item }}
            ¦
        """,
    ),
    (
        "completion",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ item }}
            map:
              ¦
        """,
    ),
    (
        "completion",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ item }}
            map:
              over: ¦
        """,
    ),
    (
        "completion",
        """
        tasks:
          build:
            run: make
            map:
              matrix:
                os: [linux, mac]
                ¦
        """,
    ),
    (
        "completion",
        """
        tasks:
          count:
            run: [wc, -l]
            stdin:
              ¦
        """,
    ),
    (
        "hover",
        """
        tasks:
          build:
            run: make
            map: {matrix: {os: [linux, mac], ex¦clude: [{os: mac}]}}
        """,
    ),
    (
        "hover",
        """
        tasks:
          fe¦tch:
            run: curl --fail-with-body {{ item }}
        """,
    ),
    (
        "hover",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ item }}
            m¦ap: {over: [one, two]}
        """,
    ),
    (
        "hover",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ item }}
            map: {over: [one, two], max_failures: 5¦%}
        """,
    ),
    (
        "hover",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ params.url }}
            timeo¦ut: 30s
        """,
    ),
    (
        "hover",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ params.url }}
            tiem¦out: 30s
        """,
    ),
    (
        "hover",
        """
        tasks:
          fetch:
            run: curl --fail-with-body {{ params.url }}
            timeout: 30 sec¦onds
        """,
    ),
]


def place(text: str) -> tuple[str, int, int]:
    """A text without its cursor, and the line and the column of that."""
    before, _, after = text.partition(cursor)
    return before + after, before.count("\n"), len(before.rpartition("\n")[2])


def held(server: LanguageServer, here: Path) -> str:
    """The whole conversation."""
    lines = [installed()]
    for number, (what, typed) in enumerate(questions):
        text, line, column = place(modeline + dedent(typed).strip("\n"))
        path = here / f"{number}.yml"
        server.open(path, text)
        lines += ["", f"--> textDocument/didOpen {path.name}", *(f"    {one}" for one in text.split("\n"))]
        lines += [f"<-- textDocument/publishDiagnostics {path.name}", *shown(server.problems(path))]
        lines += [f"--> textDocument/{what} {path.name}, line {line}, character {column}"]
        lines += [f"<-- textDocument/{what}", *shown(server.ask(what, path, line, column))]
    return "\n".join(lines).replace(here.as_uri(), "file:///folder") + "\n"


def shown(answer: Any) -> list[str]:
    """An answer as JSON, a line for each problem, item or text of it."""
    parts = answer.get("items", [answer]) if isinstance(answer, dict) else answer or []
    return [f"    {json.dumps(part, ensure_ascii=False)}" for part in parts]


def hold() -> str:
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        (here / "workflow.schema.json").write_bytes(schema.read_bytes())
        with LanguageServer(here, {}) as server:
            return held(server, here)


if __name__ == "__main__":
    written.write_text(hold(), encoding="utf-8")
