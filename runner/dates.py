"""Moments in words. `datetime` has the same ones, and takes longer to load than to ask for one."""

from __future__ import annotations

import time


def iso(seconds: float, digits: int = 6) -> str:
    """Seconds since the epoch as ISO 8601 with the zone of this place, and so many digits of a second."""
    whole = int(seconds // 1)
    more, micros = divmod(round(seconds % 1 * 1_000_000), 1_000_000)
    local = time.localtime(whole + more)
    hours, minutes = divmod(abs(local.tm_gmtoff) // 60, 60)
    zone = f"{'-' if local.tm_gmtoff < 0 else '+'}{hours:02}:{minutes:02}"
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', local)}.{f'{micros:06}'[:digits]}{zone}"
