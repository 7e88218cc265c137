"""Holds entries of the file against their models: each mistake in words, and what is left.

An entry with mistakes is not lost: the wrong parts are taken out, so that the rest of it can
still be looked at. It does not know what names mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic_core import ErrorDetails, ValidationError

from runner.findings import Findings, Path
from runner.loader.keys import Spelled, entry_in
from runner.loader.keys_meant import candidates, keys_of, meant_key
from runner.loader.mistakes import in_quotes, mistakes_in, no_expression, unread
from runner.loader.schema import entries
from runner.problem import did_you_mean
from runner.source.glued import key_in, space_missing
from runner.wording import described, listed, quoted

Model = TypeVar("Model", bound=Spelled)

_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}

_stand_ins = {"attempts": 1, "to": "report.txt"}
"""What stands in for a required key, so that those beside it are looked at though it is wrong or missing."""

_MISPLACED = {
    ("with", "run"): "a script names values itself, as in `run: convert {{ picture }} small.jpg`",
    ("with", "tasks"): "the tasks of a group see `params` and the group's item by themselves",
    ("cwd", "call"): "all callables share one current folder: give the callable a path instead",
    ("limit", "tasks"): "put `limit` on the tasks of the group",
    ("limit", "workflow"): "put `limit` on the tasks of that file",
    ("cache", "tasks"): "put `cache` on the tasks of the group",
    ("cache", "workflow"): "put `cache` on the tasks of that file",
    ("stdin", "call"): "give the callable the value by `with`",
    ("env", "workflow"): "that file declares its own `env`, and gets values by `with`",
}


def spell(
    model: type[Model], data: dict[str, Any], path: Path, findings: Findings, what: str
) -> Model | None:
    """`data` as `model` has it, without its wrong parts; None when not even the rest can be."""
    try:
        return model.of(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    for detail in details:
        _report(detail, model, data, path, findings, what)
    return _rest(model, data, details)


def _rest(model: type[Model], data: dict[str, Any], details: list[ErrorDetails]) -> Model | None:
    for _ in range(len(data) + 2):
        for detail in details:
            data = _mended(data, detail)
        try:
            return model.of(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if any(_is_lost(detail) for detail in details):
            return None
    return None


def _is_lost(detail: ErrorDetails) -> bool:
    """Whether an entry lacks the key that makes it what it is."""
    return detail["type"] == "missing" and len(detail["loc"]) == 1 and detail["loc"][0] not in _stand_ins


def _mended(data: dict[str, Any], detail: ErrorDetails) -> dict[str, Any]:
    """A copy of `data` without what is wrong, or with what stands in for it."""
    place, key = _place(detail, data), detail["loc"][-1]
    if detail["type"] == "missing" and key in _stand_ins:
        return _with(data, (*place, key), lambda _: _stand_ins[key])
    if parts := _wrong_parts(detail):
        return _with(data, place, lambda value: _marked(value, parts))
    return _without(data, place)


def _place(detail: ErrorDetails, data: Any) -> Path:
    """The path of what is wrong: of the mapping, where a key is missing; tags of unions left out."""
    place: list[str | int] = []
    for part in detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"]:
        if isinstance(data, dict) and part not in data:
            continue
        place.append(part)
        data = data[part] if isinstance(data, dict) else None
    return tuple(place)


def _wrong_parts(detail: ErrorDetails) -> list[str | int]:
    """The elements that are wrong where the value as a whole is not."""
    return [it.part for it in mistakes_in(detail.get("ctx", {})) if it.part is not None]


def _without(data: dict[str, Any], path: Path) -> dict[str, Any]:
    if not path or path[0] not in data:
        return data
    first, rest = str(path[0]), path[1:]
    if rest and isinstance(data[first], dict):
        return {**data, first: _without(data[first], rest)}
    return {key: value for key, value in data.items() if key != first}


def _with(data: dict[str, Any], path: Path, change: Callable[[Any], Any]) -> dict[str, Any]:
    first, rest = str(path[0]), path[1:]
    value = data.get(first)
    return {**data, first: _with(value, rest, change) if rest and isinstance(value, dict) else change(value)}


def _marked(value: Any, parts: list[str | int]) -> Any:
    copy: Any = value.copy()
    for part in parts:
        copy[part] = unread
    return copy


def _report(
    detail: ErrorDetails,
    model: type[Spelled],
    data: dict[str, Any],
    path: Path,
    findings: Findings,
    what: str,
) -> None:
    kind, place, context = detail["type"], _place(detail, data), detail.get("ctx", {})
    name = ".".join(str(part) for part in place if isinstance(part, str)) or what
    subject = f"`{name}`"
    if kind == "extra_forbidden":
        is_glued = key_in(place[-1]) in keys_of(_model_at(model, place[:-1]))
        if not is_glued and (cut := findings.document.cut_by_comma(path + place)):
            is_first, advice = cut
            if is_first:
                message = "in { } a comma ends a value without quotes"
                findings.add(path + place, "unknown-key", message, advice, key=True)
            return
        message, hint, code = _unknown_key(place, model, what)
        hint = findings.document.space_missing(path + place) or hint
        findings.add(path + place, code, message, hint, key=True)
    elif kind == "missing":
        missing = str(detail["loc"][-1])
        if _is_meant_by_another(missing, place, data, _model_at(model, place)):
            return
        where = f"`{name}`" if place else what
        findings.add(path + place, "missing-key", f"{where} has no `{missing}`", key=bool(path + place))
    elif mistakes := mistakes_in(context):
        for it in mistakes:
            at = path + place + (() if it.part is None else (it.part,))
            value = detail["input"] if it.part is None else detail["input"][it.part]
            hint = (it.code in _of_values and no_expression(value)) or it.hint
            hint = findings.in_quotes(at) if hint == in_quotes else hint
            findings.add(at, it.code, f"{subject} {it.text}", hint)
    elif kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        value = detail["input"]
        message = f"{subject} must be {listed(choices, 'or')}, not {described(value)}"
        hint = no_expression(value) or did_you_mean(str(value), choices)
        findings.add(path + place, "bad-value", message, hint)
    elif kind == "greater_than_equal":
        message = f"{subject} must be at least {context['ge']}, not {quoted(detail['input'])}"
        findings.add(path + place, "bad-value", message)
    elif kind == "less_than_equal":
        message = f"{subject} must be at most {context['le']:,}, not {quoted(detail['input'])}"
        findings.add(path + place, "bad-value", message)
    else:
        expected = _KINDS.get(kind, "something else")
        message = f"{subject} must be {expected}, not {described(detail['input'])}"
        hint = _type_hint(kind, place, detail["input"])
        hint = findings.in_quotes(path + place) if hint == in_quotes else hint
        findings.add(path + place, "wrong-type", message, hint)


def _is_meant_by_another(missing: str, place: Path, data: Any, model: type[Spelled]) -> bool:
    """Whether a misspelt key beside it, which is reported as such, was meant to be the missing one."""
    for part in place:
        data = data[part]
    unknown = (key for key in data if key not in keys_of(model))
    return any(meant_key(key, model) == f"did you mean '{missing}'?" for key in unknown)


_of_values = {"wrong-type", "bad-value", "bad-duration", "bad-rate", "bad-name"}


def _type_hint(kind: str, place: Path, value: Any) -> str:
    key = place[-1] if place else ""
    if kind in ("model_type", "dict_type") and (advice := space_missing(key if value is None else value)):
        return advice
    if kind == "model_type":
        if key == "retry" and isinstance(value, int) and not isinstance(value, bool):
            return f"did you mean {{attempts: {value}}}?"
        if key == "map":
            return "say what it ranges over: `map: {over: ...}`"
        if place[:1] == ("limits",) and isinstance(value, int):
            return f"did you mean {{concurrency: {value}}}?"
    if kind == "list_type" and key == "reports":
        return _report_meant(value)
    if kind == "list_type" and isinstance(value, str) and value and not no_expression(value):
        return f"did you mean [{value}]?"
    if kind == "int_type" and isinstance(value, str) and value.strip().isdigit():
        return f"without quotes it is a number: {value.strip()}"
    if kind == "bool_type" and isinstance(value, str):
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false", "true": "true", "false": "false"}
        word = meant.get(value.lower())
        return f"did you mean {word}?" if word else no_expression(value)
    if kind == "string_type" and isinstance(value, int | float):
        return in_quotes
    return no_expression(value)


def _report_meant(value: Any) -> str:
    if isinstance(value, dict):
        return "each of them is an element: `- to: report.html`"
    return f"did you mean [{{to: {value}}}]?" if isinstance(value, str) and value else ""


def _unknown_key(place: Path, model: type[Spelled], what: str) -> tuple[str, str, str]:
    key, inner = str(place[-1]), _model_at(model, place[:-1])
    where = f"`{'.'.join(str(part) for part in place[:-1])}`" if place[:-1] else what
    action = next((action for action, entry in entries.items() if entry is inner), None)
    if action is not None and any(key in keys_of(entry) for entry in entries.values()):
        hint = _MISPLACED.get((key, action), "")
        kind = "a value (a task without an action)" if action == "result" else f"`{action}`"
        return f"`{key}` does not go with {kind}", hint, "misplaced-key"
    return (
        f"unknown key '{key}' in {where}",
        meant_key(key, inner) or _list_of(candidates(inner)),
        "unknown-key",
    )


def _list_of(allowed: list[str]) -> str:
    return f"the keys here are {listed(allowed)}"


def _model_at(model: type[Spelled], path: Path) -> type[Spelled]:
    for part in path:
        found = next((it for it in model.keys.values() if it.name == part), None)
        model = (found and entry_in(found.kind)) or model
    return model
