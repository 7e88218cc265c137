"""A small client of the YAML language server: what an editor asks it, and what it answers.

It speaks the Language Server Protocol over the server's stdin and stdout, and knows nothing of `runner`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

Json = Any

NAMED = "RUNNER_TEST_LANGUAGE_SERVER"
found = shutil.which(os.environ.get(NAMED, "yaml-language-server"))

# What editors such as VS Code say of themselves.
_abilities = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "workspace": {"configuration": True},
}


def installed() -> str:
    """The name and the version of the server that is installed; older ones do not tell it."""
    if not found:
        return ""
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    return f"yaml-language-server {done.stdout.strip()}"


class LanguageServer:
    """A server that has been told its settings. It asks nobody but the files beside it."""

    def __init__(self, folder: Path, schemas: Mapping[str, str]) -> None:
        self._yaml = {"schemaStore": {"enable": False}, "schemas": dict(schemas)}
        self._answers: dict[int, Json] = {}
        self._diagnostics: dict[str, Json] = {}
        self._told = False
        self._last = self._versions = 0
        assert found is not None
        self._process = subprocess.Popen(
            [found, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        )
        root = {"uri": folder.as_uri(), "name": folder.name}
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root["uri"],
                "workspaceFolders": [root],
                "capabilities": _abilities,
            },
        )
        self.notify("initialized", {})
        while not self._told:
            self._hear()

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.request("shutdown", None)
            self.notify("exit", None)
        else:
            self._process.kill()
        self._process.communicate()

    def open(self, path: Path, text: str) -> None:
        """Open a file, as it is or as it is being typed."""
        self._diagnostics.pop(path.as_uri(), None)
        # The server remembers what it has read by the version.
        self._versions += 1
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": self._versions, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def problems(self, path: Path) -> list[Json]:
        """What is found in an open file."""
        while path.as_uri() not in self._diagnostics:
            self._hear()
        diagnostics: list[Json] = self._diagnostics[path.as_uri()]
        return diagnostics

    def ask(self, what: str, path: Path, line: int, character: int) -> Json:
        """What `completion` or `hover` give at a place, which counts from 0."""
        place = {"line": line, "character": character}
        return self.request(
            f"textDocument/{what}", {"textDocument": {"uri": path.as_uri()}, "position": place}
        )

    def request(self, method: str, params: Json) -> Json:
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        while self._last not in self._answers:
            self._hear()
        answer = self._answers.pop(self._last)
        assert "error" not in answer, answer
        return answer["result"]

    def notify(self, method: str, params: Json) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Json]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _hear(self) -> None:
        """Take one message of the server."""
        message = self._read()
        method, number = message.get("method"), message.get("id")
        if method is None:
            self._answers[number] = message
        elif number is not None:
            self._send({"id": number, "result": self._reply(method, message["params"])})
        elif method == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]

    def _reply(self, method: str, params: Json) -> Json:
        """What an editor answers when the server asks it: its settings."""
        if method != "workspace/configuration":
            return None
        self._told = True
        return [self._yaml if item.get("section") == "yaml" else None for item in params["items"]]

    def _read(self) -> dict[str, Json]:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline().strip()) or not length:
            if not line:
                raise EOFError("the language server has ended")
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Json] = json.loads(self._process.stdout.read(length))
        return message
