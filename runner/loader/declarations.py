"""The `params` of a file as it declares them, in the short form (a default) and the long one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.findings import Findings, Path
from runner.loader.fields import identifier, identifier_like, why_no_name
from runner.loader.keys_meant import keys_of, meant_key
from runner.loader.schema import ParamEntry
from runner.loader.spelling import spell
from runner.param_types import converted, fault_of, literal_fault_of, type_of, wants_quotes
from runner.regex import regex
from runner.struct import replace
from runner.wording import quoted
from runner.workflow import Param

_keys = keys_of(ParamEntry)
_expression = regex(r"\{\{.*\}\}", re.DOTALL)


def read_declarations(data: Mapping[str, Any], findings: Findings) -> dict[str, Param]:
    """The params that can be made out; what is wrong with any is reported."""
    return {param.name: param for param in _declared(data, findings)}


def _declared(data: Mapping[str, Any], findings: Findings) -> Iterator[Param]:
    for name, value in data.items():
        path: Path = ("params", name)
        if not identifier.fullmatch(name):
            like = identifier_like(name)
            hint = f"did you mean '{like}'?" if like else ""
            findings.add(path, "bad-name", why_no_name(name, "param"), hint, key=True)
        elif (
            isinstance(value, dict)
            and value
            and not any(key in _keys or meant_key(key, ParamEntry) for key in value)
        ):
            hint = f"did you mean {name}: {{type: dict, default: {{{next(iter(value))}: ...}}}}?"
            message = f"a mapping describes the param '{name}': it is not its default"
            findings.add(path, "unknown-key", message, hint, key=True)
            yield Param(name, "dict", findings.document.mark(path, key=True))
        elif isinstance(value, dict):
            yield _long(name, value, path, findings)
        elif value is None:
            message = f"the param '{name}' needs a default, or a type"
            findings.add(
                path, "wrong-type", message, f"did you mean {name}: {{type: str, required: true}}?", key=True
            )
        else:
            yield _short(name, value, path, findings)


def _short(name: str, value: Any, path: Path, findings: Findings) -> Param:
    param = Param(name, type_of(value) or "str", findings.document.mark(path, key=True), default=value)
    if fault := literal_fault_of(param, value):
        findings.add(path, "bad-param", f"the default of '{name}' {fault}")
    _warn_of_expression(param, path, findings)
    return param


def _long(name: str, data: dict[str, Any], path: Path, findings: Findings) -> Param:
    position = findings.document.mark(path, key=True)
    entry = spell(ParamEntry, data, path, findings, f"param '{name}'")
    if entry is None:
        return Param(name, "str", position)
    kind = entry.type or type_of(entry.default) or "str"
    param = Param(
        name=name,
        type=kind,
        position=position,
        required=entry.required,
        help=entry.help,
        choices=tuple(entry.choices or ()),
        ge=entry.ge,
        le=entry.le,
    )
    return _with_default(param, data, path, findings)


def _with_default(param: Param, data: Mapping[str, Any], path: Path, findings: Findings) -> Param:
    if _nothing_fits(param):
        what = "whole number" if param.type == "int" else "number"
        message = f"no {what} is at least {quoted(param.ge)} and at most {quoted(param.le)}"
        findings.add((*path, "le"), "bad-param", message)
        param = replace(param, ge=None, le=None)
    _check_bounds(param, data, path, findings)
    if param.required and "default" in data:
        findings.add(
            (*path, "default"), "needless-default", "a required param has no use for a default", key=True
        )
        return param
    if "default" not in data:
        if not param.required and not _is_misspelt("required", data) and not _is_misspelt("default", data):
            message = f"the param '{param.name}' has no default"
            hint = "give it one, or say `required: true`; `default: null` makes it optional"
            findings.add(path, "missing-key", message, hint, key=True)
        return param
    value = data["default"]
    fault = "" if value is None else literal_fault_of(param, value)
    if fault:
        at = (*path, "default")
        hint = findings.in_quotes(at) if wants_quotes(param, value) else ""
        findings.add(at, "bad-param", f"`default` {fault}", hint)
        return param
    param = replace(param, default=converted(param, value))
    _warn_of_expression(param, (*path, "default"), findings)
    return param


def _warn_of_expression(param: Param, path: Path, findings: Findings) -> None:
    """A default is text, as it stands."""
    if _holds_expression(param.default):
        message = f"the default of '{param.name}' is text: no expression is evaluated in it"
        hint = "write the expression where the param is used"
        findings.add(path, "literal-default", message, hint, severity="warning")


def _holds_expression(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_expression, value.values()))
    if isinstance(value, list):
        return any(map(_holds_expression, value))
    return isinstance(value, str) and _expression.search(value) is not None


def _is_misspelt(key: str, data: Mapping[str, Any]) -> bool:
    """Whether another key, which is reported as such, was meant to be this one."""
    unknown = (other for other in data if other not in _keys)
    return any(meant_key(other, ParamEntry) == f"did you mean '{key}'?" for other in unknown)


def _nothing_fits(param: Param) -> bool:
    """Whether its bounds leave no number between them."""
    if param.ge is None or param.le is None or param.type not in ("int", "float"):
        return False
    if param.type == "int" and _is_finite(param.ge) and _is_finite(param.le):
        return math.ceil(param.ge) > math.floor(param.le)
    return param.ge > param.le


def _is_finite(number: float) -> bool:
    """A whole number always is, and may be too large for `math.isfinite`."""
    return isinstance(number, int) or math.isfinite(number)


def _check_bounds(param: Param, data: Mapping[str, Any], path: Path, findings: Findings) -> None:
    is_known = data.get("type", param.type) == param.type  # else its type is a mistake itself
    plain = Param(param.name, param.type, param.position, required=True)
    if param.type in ("int", "float"):
        plain = replace(plain, ge=param.ge, le=param.le)
    for name in ("ge", "le"):
        if name in data and param.type not in ("int", "float") and is_known:
            message = f"`{name}` is for numbers: '{param.name}' is of type {param.type}"
            findings.add((*path, name), "misplaced-key", message, key=True)
    choices: Sequence[Any] = data.get("choices", ()) if isinstance(data.get("choices"), list) else ()
    if "choices" in data and not choices and isinstance(data["choices"], list):
        findings.add((*path, "choices"), "wrong-type", "`choices` is empty: nothing could be chosen")
    for index, choice in enumerate(choices):
        if fault := fault_of(plain, choice):
            at = (*path, "choices", index)
            hint = findings.in_quotes(at) if wants_quotes(param, choice) else ""
            findings.add(at, "bad-param", f"this choice of '{param.name}' {fault}", hint)
