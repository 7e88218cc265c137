"""How long, and how often: `1h30m` → 5400.0, `10/s` → 10 starts in 1.0 second.

It knows neither which keys hold a duration nor where they stand in a file.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.wording import quoted

forms = "a duration such as 500ms, 30s, 5m, 2h or 1h30m, or seconds as a number"
rate_forms = "a rate such as 10/s, 100/m or 5/10s"

longest = 1e9
"""Some thirty years: what is longer was not meant, and clocks would not take it."""

_BOUNDS = "must be between 0 seconds and 30 years"
_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = regex(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?", re.ASCII)
_SECONDS = (3600.0, 60.0, 1.0, 0.001)
_LOOSE = regex(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)", re.ASCII)
_WORDS = {
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds", ""),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_ORDER = ("h", "m", "s", "ms")
_SMALLER: dict[str | None, str] = {"d": "h", "h": "m", "m": "s", "s": "ms"}
_UNIT_OF = {word: unit for unit, words in _WORDS.items() for word in words}


class DurationError(ValueError):
    """What is wrong with a duration or a rate; `hint` is how it would be written."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def seconds(value: object) -> float:
    """The seconds that a duration of the file means."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 0 <= value <= longest:
            return float(value)
        raise DurationError(_BOUNDS)
    if isinstance(value, str):
        total = _total(value)
        if total is None:
            raise DurationError(f"must be {forms}, not {quoted(value)}", _nearest(value))
        if total <= longest:
            return total
        raise DurationError(_BOUNDS)
    raise DurationError(f"must be {forms}")


def _total(text: str) -> float | None:
    """The seconds of a text that has the form of a duration."""
    match = _DURATION.fullmatch(text)
    if not match or not text:
        return None
    parts = zip(match.groups(), _SECONDS, strict=True)
    return sum(float(part) * unit for part, unit in parts if part is not None)


def rate(value: object) -> tuple[int, float]:
    """The starts, and the seconds in which they may happen, that a rate of the file means."""
    if isinstance(value, str):
        starts, slash, per = value.partition("/")
        starts, per = starts.strip(), per.strip()
        if slash and starts.isascii() and starts.isdigit() and int(starts[:9]) > 0 and len(starts) < 10:
            unit = per if per[:1].isdigit() else f"1{per}"
            try:
                length = seconds(unit)
            except DurationError as error:
                message = f"must be {rate_forms}, not {quoted(value)}"
                raise DurationError(message, _nearest_rate(starts, per)) from error
            if length > 0:
                return int(starts), length
        raise DurationError(f"must be {rate_forms}, not {quoted(value)}")
    raise DurationError(f"must be {rate_forms}")


def _nearest(text: str) -> str:
    """The same length of time in the form that is read, where the text lets it be known."""
    rest = _LOOSE.sub("", text).strip(" ,")
    parts: list[tuple[str, str | None]] = []
    for number, word in _LOOSE.findall(text):
        unit = _UNIT_OF.get(word.lower())
        if parts and not word:  # as in 1h30
            unit = _SMALLER.get(parts[-1][1])
        parts.append((number, unit))
    if rest or not parts or any(unit is None for _, unit in parts):
        return ""
    if len(parts) == 1 and parts[0][1] == "d":
        return _suggested(f"{float(parts[0][0]) * 24:g}h")
    if any(unit == "d" for _, unit in parts):
        return "days are not read: write them in hours"
    parts.sort(key=lambda part: _ORDER.index(part[1] or ""))
    return _suggested("".join(f"{number}{unit}" for number, unit in parts))


def _nearest_rate(starts: str, per: str) -> str:
    """The same rate in the form that is read: `10/minute` → `10/m`."""
    unit = _UNIT_OF.get(per.lower())
    if unit is not None:
        return f"did you mean '{starts}/{'24h' if unit == 'd' else unit}'?"
    return _nearest(per).replace("did you mean '", f"did you mean '{starts}/") if per[:1].isdigit() else ""


def _suggested(text: str) -> str:
    total = _total(text)
    return "" if total is None or total > longest else f"did you mean '{text}'?"
