"""The seed of the tests that draw their material: another one in each run, which they tell when they fail.

`RUNNER_TEST_SEED` sets it. With `program`, each state of the program has its own: so a suite that has passed
passes again, and each change has new material drawn.
"""

from __future__ import annotations

import os
import random
from hashlib import blake2b
from pathlib import Path

import runner


def _of_the_program() -> str:
    digest = blake2b(digest_size=4)
    for path in sorted(Path(runner.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return str(int.from_bytes(digest.digest()))


def _seed() -> str:
    asked = os.environ.get("RUNNER_TEST_SEED") or str(random.randrange(10**9))
    return _of_the_program() if asked == "program" else asked


SEED = _seed()
