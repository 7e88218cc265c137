"""Entries of a workflow file: classes that declare their keys, and the kind of value that each takes.

What checks them is the core of pydantic. Its models say the same, but to import what makes them, and to
make them, takes longer than all else that is done to read a small file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from pydantic_core import CoreSchema, SchemaValidator
from pydantic_core import core_schema as core

_required: Any = object()
_validators: dict[type[Spelled], SchemaValidator] = {}

Kind = CoreSchema
"""What a value may be, as pydantic's core has it, and what editors are told of it."""


class Key:
    """What is declared of a key."""

    __slots__ = ("default", "kind", "name")

    def __init__(self, kind: Kind, default: Any, name: str) -> None:
        self.kind = kind
        self.default = default
        self.name = name

    @property
    def required(self) -> bool:
        """Whether an entry without it is wrong."""
        return self.default is _required

    def field(self, attribute: str) -> core.ModelField:
        """It as pydantic's core has it."""
        schema = self.kind
        if not self.required:
            is_spelled = isinstance(self.default, dict)  # as the file would have it
            schema = core.with_default_schema(schema, default=self.default, validate_default=is_spelled)
        return core.model_field(schema, validation_alias=None if self.name == attribute else self.name)


def takes(kind: Kind, default: Any = _required, *, name: str = "") -> Any:
    """A key of an entry; `name` is what the file calls it, where Python cannot."""
    return Key(kind, default, name)


class Spelled:
    """What all entries of the file have in common: no key but the declared ones, no conversion."""

    keys: ClassVar[Mapping[str, Key]] = {}
    """By attribute; those of the class that this one extends come first."""
    model_config: ClassVar[Mapping[str, object]] = {"extra": "forbid"}  # JSON Schema is made by it

    def __init_subclass__(cls) -> None:
        own = {attribute: it for attribute, it in vars(cls).items() if isinstance(it, Key)}
        for attribute, it in own.items():
            it.name = it.name or attribute
            delattr(cls, attribute)
        cls.keys = {**cls.keys, **own}

    @classmethod
    def of(cls, data: object) -> Self:
        """What data is as such an entry. Raises `pydantic_core.ValidationError`, with all that is wrong."""
        if cls not in _validators:
            _validators[cls] = SchemaValidator(entry(cls))
        made: Self = _validators[cls].validate_python(data)
        return made


def checked(check: Callable[[Any], Any], told: Mapping[str, Any]) -> Kind:
    """What `check` makes of a value, which editors are `told` of."""
    return core.no_info_before_validator_function(check, core.any_schema(), metadata={"told": told})


def entry(kind: type[Spelled]) -> Kind:
    """A mapping that is an entry."""
    fields = {attribute: it.field(attribute) for attribute, it in kind.keys.items()}
    inside = core.model_fields_schema(fields, extra_behavior="forbid")
    return core.model_schema(kind, inside, ref=kind.__name__)


def entry_in(kind: Any) -> type[Spelled] | None:
    """The entry that a value of a kind is, or holds."""
    if kind["type"] == "model":
        found: type[Spelled] = kind["cls"]
        return found
    held = (kind.get(name) for name in ("schema", "items_schema", "values_schema"))
    inner = [*filter(None, held), *kind.get("choices", {}).values()]
    return next(filter(None, map(entry_in, inner)), None)
