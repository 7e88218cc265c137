"""What a value is to an expression: JSON's kinds, the one text rule, and the errors of evaluation.

It knows neither the syntax of expressions nor where values come from. Anything that is not of
JSON's kinds is opaque: it can be passed on whole and not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from runner.hints import TYPE_CHECKING, Any
from runner.json_text import compact, encode_basestring, read

if TYPE_CHECKING:
    from types import UnionType


class EvaluationError(Exception):
    """An expression has no value. `path` is the place inside the template's value."""

    def __init__(self, message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message, hint, path)
        self.message = message
        self.hint = hint
        self.path = path

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class Missing(EvaluationError):
    """A name or an attribute that is not there: what `default` and `is defined` forgive.

    `node` is the part of the expression that found nothing; the words are made only when asked
    for, because most of these are caught.
    """

    def __init__(self, node: object, explain: Callable[[], tuple[str, str]]) -> None:
        Exception.__init__(self)
        self.node = node
        self.path = ()
        self._explain = explain

    def explained(self) -> EvaluationError:
        """The same as a plain error, with its words."""
        return EvaluationError(*self._explain())

    def __reduce__(self) -> tuple[type[EvaluationError], tuple[str, str, tuple[str | int, ...]]]:
        """With its words: some libraries have an exception pickle with what it came from."""
        told = self.explained()
        return EvaluationError, (told.message, told.hint, self.path)


class Lazy:
    """A source that is read while it is gone through. Each `iter` begins anew; it pickles."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def known_length(self) -> int | None:
        """The number of elements where it is known without reading."""
        return None


NUL = "the text holds a NUL character, which no command can be given"


def text_of(value: Any) -> str:
    """The one text rule of scripts, arguments, environments and mixed strings."""
    text = value if type(value) is str else written(value)
    if "\0" in text:
        raise EvaluationError(NUL)
    return text


def written(value: Any) -> str:
    """The text rule inside expressions, where any character may stand."""
    if isinstance(value, str):
        return value if type(value) is str else str.__str__(value)
    if value is None:
        raise EvaluationError("the value is None, which has no text", "`| default('…', true)` gives it one")
    return json_of(value)


_compact = compact(encode_basestring)
_infinity = float("inf")


def json_of(value: Any, indent: int | None = None) -> str:
    """JSON text, compact unless an indent is given."""
    try:
        if type(value) is int:
            return int.__repr__(value)
        text = _compact(value)
        if is_a(value, dict | list | tuple) and _looks_changed(text, value) and _odd_key(value):
            raise TypeError
        if indent is None:
            return text
        import json

        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except RecursionError:
        raise EvaluationError("the value is nested too deeply for JSON") from None
    except BaseException as error:  # the value's own methods may raise anything
        let_pass(error)
        raise no_json(value) from None


def no_json(value: Any) -> EvaluationError:
    """What it is in `value` that JSON cannot hold."""
    part = next((part for part in islice(parts_of(value), 100_000) if not is_scalar(part)), value)
    what = describe(part)
    if not is_a(part, dict | list | tuple):
        return EvaluationError(f"JSON has no text for {what}", advice(part))
    if key := _odd_key(value):
        message = f"JSON has no text for a mapping in which {describe(key[0])} is a key"
        return EvaluationError(message, "have the callable return keys that are text")
    return EvaluationError(f"JSON has no text for {what} that holds itself")


_short = 10_000
_no_texts = r'"(?:-?[0-9][^"\\]*|null|true|false)":'


def _looks_changed(text: str, value: Any) -> bool:
    """Whether keys may have become text only in the text of a value: JSON has no others."""
    if len(text) < _short:
        return bool(read(text) != value)
    import re  # of which a small run has no need

    return re.search(_no_texts, text) is not None


def _odd_key(value: Any) -> tuple[Any] | tuple[()]:
    """A key that is no text, of some mapping in `value`."""
    odd = (key for part in _containers(value) if is_a(part, dict) for key in dict.keys(part))
    return next(((key,) for key in odd if not is_a(key, str)), ())


def parts_of(value: Any) -> Iterator[Any]:
    """The leaves of a value of lists and mappings, however deep; what it holds twice, once."""
    if not is_a(value, dict | list | tuple):
        yield value
    for part in _containers(value):
        yield from (inner for inner in _inside(part) if not is_a(inner, dict | list | tuple))


def _containers(value: Any) -> Iterator[Any]:
    """The lists and mappings in a value, and itself if it is one; each once."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if is_a(part, dict | list | tuple) and id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting.extend(_inside(part))


def _inside(part: Any) -> Iterable[Any]:
    """What a list or a mapping holds, whatever its own methods say."""
    if is_a(part, dict):
        return dict.values(part)
    return list.__iter__(part) if is_a(part, list) else tuple.__iter__(part)


def is_scalar(value: Any) -> bool:
    """Whether JSON has this value as a leaf."""
    if is_a(value, float):
        return -_infinity < float.__float__(value) < _infinity
    return value is None or is_a(value, str | int)


def is_a(value: Any, kinds: type | UnionType) -> bool:
    """As `isinstance`, which asks a value that is none of the kinds for its class: it may raise anything."""
    return issubclass(type(value), kinds)


def is_opaque(value: Any) -> bool:
    """Whether a value can only be passed on whole."""
    return not (value is None or is_a(value, str | int | float | list | tuple | Mapping))


def describe(value: Any) -> str:
    """A value in a sentence: its kind and, where it is short, what it is."""
    if value is None:
        return "None"
    if is_a(value, bool):
        return "true" if value else "false"
    if is_a(value, str):
        return f"the text {shortened(str.__str__(value))!r}"
    if is_a(value, int):
        short = int.bit_length(value) < 200
        return f"the number {shortened(int.__repr__(value))}" if short else "a very large number"
    if is_a(value, float):
        return f"the number {float.__repr__(value)}"
    if is_a(value, Mapping):
        return "a mapping"
    if is_a(value, list | tuple):
        number = list.__len__(value) if is_a(value, list) else tuple.__len__(value)
        return f"a list of {counted(number, 'element')}"
    if is_a(value, Lazy):
        return "a source that is read as it is gone through"
    return f"an object of type {type_name(type(value))}"


def type_name(kind: type) -> str:
    """`numpy.int64`: the name of a type and, unless it is built in, of its module."""
    module, name = (type.__dict__[part].__get__(kind) for part in ("__module__", "__qualname__"))
    return name if module == "builtins" or not is_a(module, str) else f"{module}.{name}"


def let_pass(error: BaseException) -> None:
    """Raise again what no value has raised, but the program, to break off an evaluation where it stands."""
    if not isinstance(error, Exception) and type_name(type(error)).startswith("runner."):
        raise error


def told(error: BaseException) -> str:
    """`ValueError: bad row`, of an error whose methods may be the user's."""
    name = type_name(type(error))
    try:
        text = str.__str__(str(error))
    except BaseException:
        return name
    return f"{name}: {text}" if text else name


_numbers = {"bool": "bool(…)", "int": "int(…)", "uint": "int(…)", "float": "float(…)", "Decimal": "float(…)"}
"""What types of numbers of other libraries are called, but for their size, and what JSON has for them."""

_plain = {
    "PosixPath": "str(…)",
    "WindowsPath": "str(…)",
    "UUID": "str(…)",
    "bytes": "….decode()",
    "bytearray": "….decode()",
    "set": "sorted(…)",
    "frozenset": "sorted(…)",
    "date": "….isoformat()",
    "time": "….isoformat()",
    "datetime": "….isoformat()",
    "timedelta": "….total_seconds()",
    "Timestamp": "….isoformat()",
    "Timedelta": "….total_seconds()",
    "Period": "str(…)",
    "datetime64": "str(…)",
    "timedelta64": "str(…)",
    "NAType": "None",
    "NaTType": "None",
}
"""Types that callables often return, and what makes of them what JSON has."""

_methods = {
    "to_pylist": "….to_pylist()",
    "as_py": "….as_py()",
    "to_dicts": "….to_dicts()",
    "to_records": "json.loads(….to_json(orient='records', date_format='iso'))",
    "tolist": "….tolist()",
    "to_list": "….to_list()",
}
"""The same by what objects of other libraries can do: those of pyarrow, data frames, and arrays. In the rows
of pandas would be NaN for what is missing, and times, which JSON does not have."""


def advice(value: Any) -> str:
    """How an object that JSON does not have becomes what it has; nothing where that is not known."""
    if not is_opaque(value):
        return ""
    name = type_name(type(value)).rpartition(".")[2]
    made = _plain.get(name) or _numbers.get(name.rstrip("_0123456789")) or _made_by_method(type(value))
    return f"have the callable return `{made}`" if made else ""


def _made_by_method(kind: type) -> str:
    has = {
        name
        for base in type.__dict__["__mro__"].__get__(kind)
        for name in type.__dict__["__dict__"].__get__(base)
    }
    return next((made for method, made in _methods.items() if method in has), "")


def shortened(text: str, width: int = 60) -> str:
    """The beginning of a long text."""
    return text if len(text) <= width else text[: width - 1] + "…"


def counted(number: int, noun: str) -> str:
    """`1 element`, `2 elements`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Sequence[str], most: int = 8) -> str:
    """Some words for a sentence: `a, b, c` or `a, b, … (12 in all)`."""
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])}, … ({len(words)} in all)"
