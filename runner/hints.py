"""The names of `typing` that a run meets, for type checkers; to everybody else they say nothing.

`typing` takes longer to import than all that a small run does with its store.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name
if TYPE_CHECKING:
    from typing import (
        Any,
        AnyStr,
        Generic,
        Literal,
        NoReturn,
        Protocol,
        TextIO,
        TypeAlias,
        TypeVar,
        cast,
        dataclass_transform,
        overload,
    )
else:

    class _Nothing:
        """Whatever is asked of it, it is nothing."""

        def __call__(self, *args, **named):
            return self

        def __getitem__(self, item):
            return self

        def __or__(self, other):
            return self

        __ror__ = __or__

    class Generic:
        """A base that brings nothing."""

        __slots__ = ()

        def __class_getitem__(cls, item):
            return cls

    Any = AnyStr = Literal = NoReturn = TextIO = TypeAlias = TypeVar = _Nothing()
    Protocol = Generic

    def cast(kind, value):
        return value

    def overload(function):
        return function

    def dataclass_transform(**told):
        return lambda function: function


__all__ = [
    "TYPE_CHECKING",
    "Any",
    "AnyStr",
    "Generic",
    "Literal",
    "NoReturn",
    "Protocol",
    "TextIO",
    "TypeAlias",
    "TypeVar",
    "cast",
    "dataclass_transform",
    "overload",
]
