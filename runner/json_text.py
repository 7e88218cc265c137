"""Values and the JSON text that stands for them, as C writes and reads it.

`json` does the same, but takes a millisecond to import; it does what is rare.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.hints import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from json.encoder import encode_basestring, encode_basestring_ascii

    make_encoder: Any
    make_scanner: Any
else:
    try:
        from _json import encode_basestring, encode_basestring_ascii, make_encoder, make_scanner
    except ImportError:
        from json.encoder import encode_basestring, encode_basestring_ascii

        make_encoder = make_scanner = None


def compact(string: Callable[[str], str] = encode_basestring_ascii) -> Callable[[Any], str]:
    """A function that writes values without spaces; it raises `ValueError` where JSON has none for them."""
    if make_encoder is None:
        from json import JSONEncoder

        ascii_only = string is encode_basestring_ascii
        return JSONEncoder(ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":")).encode

    def encode(value: Any) -> str:
        return "".join(make_encoder({}, _refuse, string, None, ":", ",", False, False, False)(value, 0))

    return encode


def read(text: str) -> Any:
    """The value of a JSON text; raises `ValueError` if it is none."""
    if make_scanner is not None:
        try:
            value, end = _scan(text, 0)
        except (StopIteration, TypeError):
            end = -1
        if end == len(text):
            return value
    from json import loads

    return loads(text)


_infinity = float("inf")


class TooLarge(ValueError):
    """A number of JSON that no float holds, as it is written."""


def finite(text: str) -> float:
    """The number that JSON text says; raises `TooLarge` where it is more than a float holds."""
    number = float(text)
    if abs(number) == _infinity:
        raise TooLarge(text if len(text) <= 40 else text[:40] + "…")
    return number


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class _Plainly:
    """How what is read becomes values."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}.__getitem__


_scan = make_scanner and make_scanner(_Plainly)


__all__ = ["TooLarge", "compact", "encode_basestring", "encode_basestring_ascii", "finite", "read"]
