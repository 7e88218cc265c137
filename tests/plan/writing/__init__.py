"""Random workflows as a user would write them: a document of plain data, and files that it names.

`Document` is all that the tests know of a workflow: what it means is worked out anew by the oracle.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from writing.bodies import Author
from writing.place import LIMITS, Place


@dataclass(frozen=True)
class Document:
    """The files of a workflow, and how it is run."""

    seed: int
    files: Mapping[str, Mapping[str, Any]]
    skip: frozenset[str]
    fail_fast: bool
    workers: int
    features: frozenset[str]

    def texts(self) -> dict[str, str]:
        """The files as text."""
        return {
            name: yaml.safe_dump(dict(file), sort_keys=False, width=110) for name, file in self.files.items()
        }

    def __str__(self) -> str:
        options = [f"--max-workers {self.workers}", *(f"--skip {name}" for name in sorted(self.skip))]
        options += ["--fail-fast"] * self.fail_fast
        files = [f"# {name}\n{text}" for name, text in self.texts().items()]
        return "\n".join([f"seed {self.seed}: {' '.join(options)}", *files])


def written(seed: int) -> Document:
    """The workflow of a seed."""
    author = Author(random.Random(seed), seed)
    chance, fail_fast = author.chance, author.maybe(0.1)
    limits = {name: limit for name, limit in LIMITS.items() if author.maybe(0.7)}
    root = _root(author, limits, Place(limits=tuple(limits), params=("flag", "count"), calm=fail_fast))
    skip = frozenset([chance.choice([*root["tasks"]])] if author.maybe(0.1) else [])
    workers = chance.choice([1, 1, 2, 3, 8])
    author.note("--fail-fast", fail_fast)
    author.note("--skip", bool(skip))
    author.note("one worker", workers == 1)
    files = {"workflow.yml": root, **author.files}
    return Document(seed, files, skip, fail_fast, workers, frozenset(author.features))


def _root(author: Author, limits: Mapping[str, Any], place: Place) -> dict[str, Any]:
    file: dict[str, Any] = {
        "params": {"flag": author.maybe(0.5), "count": author.chance.randint(0, 3)},
        "env": {"AT": ""},
        "limits": limits,
    }
    if author.maybe(0.15):
        author.note("defaults")
        file["defaults"] = {"retry": {"attempts": 2, "delay": "2ms"}}
    file["tasks"], known = author.body(place, author.chance.randint(2, 7))
    file["outputs"] = author.outputs(known)
    return file
