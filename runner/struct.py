"""Classes that are their fields, as `dataclasses` makes them, without what those cost at every start.

`dataclasses` writes and compiles four methods for each class when it is imported: half a millisecond,
for 160 classes a sixth of the time of a small run. Here `__init__` is written, and nothing else is, when
a few instances have been made without one: of most classes a small run makes no more. That nobody
changes an instance is the type checker's to see: to enforce it at run time would make each one three
times as slow to create.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from runner.hints import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")
C = TypeVar("C", bound=type)

FEW = 24
"""Instances that are filled name by name."""

_missing: Any = object()


class _Field:
    """What is said of a field besides its type."""

    __slots__ = ("default_factory", "kw_only")

    def __init__(self, default_factory: Callable[[], Any], kw_only: bool) -> None:
        self.default_factory = default_factory
        self.kw_only = kw_only


def field(*, default_factory: Callable[[], Any] = _missing, kw_only: bool = False) -> Any:
    """A field whose default is made anew for each instance, or that is given by name only."""
    return _Field(default_factory, kw_only)


@overload
def struct(cls: C, /) -> C: ...
@overload
def struct(*, frozen: bool = True, eq: bool = True, order: bool = False) -> Callable[[C], C]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def struct(cls: Any = None, /, *, frozen: bool = True, eq: bool = True, order: bool = False) -> Any:
    """Make a class of the annotated names: slots, `__init__`, `__repr__`, and `==` unless `eq` is false.

    Instances have a hash if they are compared by their fields and are not to change (`frozen`).
    """

    def make(cls: type) -> type:
        own = [name for name, kind in cls.__annotations__.items() if not str(kind).startswith("ClassVar")]
        namespace = {name: it for name, it in cls.__dict__.items() if name not in ("__dict__", "__weakref__")}
        defaults = {name: namespace.pop(name) for name in own if name in namespace}
        whole = {**_inherited(cls), **{name: defaults.get(name, _missing) for name in own}}
        positional = [name for name, default in whole.items() if not _by_name(default)]
        namespace |= {
            "__slots__": tuple(own),
            "__match_args__": tuple(positional),
            "__struct_fields__": whole,
        }
        namespace.setdefault("__repr__", _repr)
        if eq:
            namespace |= _comparing(attrgetter(*whole) if whole else lambda _: (), frozen, order)
        made = type(cls)(cls.__name__, cls.__bases__, namespace)
        made.__init__ = _init_of_few(made)  # type: ignore[misc]  # written when needed
        return made

    return make if cls is None else make(cls)


def fields(instance: object) -> tuple[str, ...]:
    """The names of its fields."""
    return tuple(type(instance).__struct_fields__)  # type: ignore[attr-defined]  # only of structs


def replace(instance: T, /, **changes: Any) -> T:
    """The same with other values of some fields."""
    kept = {name: getattr(instance, name) for name in fields(instance)}
    return type(instance)(**{**kept, **changes})


def _inherited(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        found |= base.__dict__.get("__struct_fields__", {})
    return found


def _by_name(default: Any) -> bool:
    return type(default) is _Field and default.kw_only


def _init_of_few(cls: Any) -> Callable[..., None]:
    made = 0

    def __init__(self: Any, *args: Any, **named: Any) -> None:
        nonlocal made
        made += 1
        if made > FEW or not _filled(self, cls, args, named):
            cls.__init__ = _init(cls)
            cls.__init__(self, *args, **named)

    return __init__


def _filled(instance: Any, cls: Any, args: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Set all fields; False where something is given that does not fit, of which `__init__` tells."""
    values = dict(zip(cls.__match_args__, args, strict=False))
    if len(args) > len(values) or not values.keys().isdisjoint(named):
        return False
    values |= named
    if not values.keys() <= cls.__struct_fields__.keys():
        return False
    for name, default in cls.__struct_fields__.items():
        if name in values:
            value = values[name]
        elif type(default) is _Field and default.default_factory is not _missing:
            value = default.default_factory()
        elif type(default) is _Field or default is _missing:
            return False
        else:
            value = default
        setattr(instance, name, value)
    return True


def _init(cls: Any) -> Callable[..., None]:
    scope: dict[str, Any] = {"_missing": _missing}
    given, named, body = ["self"], list[str](), list[str]()
    for name, default in cls.__struct_fields__.items():
        value, parameter = name, name
        if type(default) is _Field:
            if default.default_factory is not _missing:
                scope[f"_make_{name}"], parameter = default.default_factory, f"{name}=_missing"
                value = f"_make_{name}() if {name} is _missing else {name}"
        elif default is not _missing:
            scope[f"_default_{name}"], parameter = default, f"{name}=_default_{name}"
        (named if _by_name(default) else given).append(parameter)
        body.append(f"    self.{name} = {value}\n")
    parameters = ", ".join([*given, *(["*", *named] if named else [])])
    exec(f"def __init__({parameters}):\n{''.join(body) or '    pass'}", scope)
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _comparing(key: Callable[[Any], Any], frozen: bool, order: bool) -> dict[str, Any]:
    def __eq__(self: Any, other: Any) -> Any:
        return key(self) == key(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(key(self))

    def __lt__(self: Any, other: Any) -> Any:
        return key(self) < key(other) if type(other) is type(self) else NotImplemented

    methods = {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}
    return methods | {"__lt__": __lt__} if order else methods


def _repr(self: Any) -> str:
    names = self.__struct_fields__
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"
