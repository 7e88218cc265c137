"""What the values of a file are called in a sentence. It knows no rules about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LONGEST = 60
_MOST = 8


def quoted(value: object) -> str:
    """A value as the user wrote it, more or less: `'abc'`, `3`, `true`, `null`; cut when long."""
    if isinstance(value, str):
        return "'" + shortened(value.replace("\n", "\\n")) + "'"
    import json

    try:
        return shortened(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError):
        return shortened(repr(value))


def shortened(text: str) -> str:
    """At most some sixty characters of a text."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def described(value: object) -> str:
    """What stands there, for `must be …, not …`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {quoted(value)}"
    if isinstance(value, str):
        return f"the text {quoted(value)}" if value else "an empty text"
    if isinstance(value, dict):
        return "a mapping"
    return "a list"


def duration(seconds: float) -> str:
    """A length of time as a file would have it: `300ms`, `1.5s`, `2m`, `1h30m`."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [(hours, "h"), (minutes, "m"), (rest, "s")]
    return "".join(f"{number:g}{unit}" for number, unit in parts if number) or "0s"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    everything: Sequence[str] = list(words)
    if len(everything) < 2:
        return "".join(everything)
    return f"{', '.join(everything[:-1])} {last} {everything[-1]}"


def there_are(plural: str, names: Sequence[str]) -> str:
    """What there is to choose from: `there are a, b and c`."""
    if not names:
        return f"there are no {plural}"
    if len(names) > _MOST:
        return f"there are {', '.join(names[:_MOST])} and {len(names) - _MOST} more"
    return f"there {'is' if len(names) == 1 else 'are'} {listed(names)}"
