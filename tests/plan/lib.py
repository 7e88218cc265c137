"""What the tasks of the random workflows do, decided by who acts in which attempt, and by nothing else."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32


class Temporary(Exception):
    """A failure that another attempt may not have."""


class Lasting(Exception):
    """A failure of another name."""


def act(seed: int, who: str, attempt: int, odds: int, gives: str, saw: Any = None) -> Any:
    """Fail with these odds in a hundred; what it gives shows everything that it was given."""
    fate = crc32(f"{seed}/{who}/{attempt}".encode())
    if fate % 100 < odds:
        raise Temporary(who) if fate // 100 % 3 else Lasting(who)
    number = crc32(json.dumps([seed, who, attempt, saw], sort_keys=True).encode())
    match gives:
        case "number":
            return number % 9
        case "text":
            return "pqrst"[number % 5]
        case "list":
            return [(number >> shift) % 6 for shift in range(number % 4)]
        case "mapping":
            return {"first": number % 5, "second": [number % 7]}
    return None
