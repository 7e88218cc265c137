"""The JSON Schema (draft-07) of a workflow file, for editors: the models, and what is told of their keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from runner.loader.editors import Inside, Told, inner, inside, names, told_of
from runner.loader.keys import Spelled, entry
from runner.loader.schema import ParamEntry, WorkflowFile, entries

Json = dict[str, Any]

_by_name = {model.__name__: model for model in names}
_types = {
    "boolean": "true or false",
    "integer": "whole number",
    "string": "text",
    "array": "list",
    "object": "mapping",
}


class _AsTold(GenerateJsonSchema):
    """With what kinds tell of themselves, and without the titles that are made of names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def any_schema(self, schema: Any) -> Json:
        return _told(schema) or super().any_schema(schema)

    def function_before_schema(self, schema: Any) -> Json:
        return _told(schema) or super().function_before_schema(schema)


def _told(schema: Any) -> Json:
    return dict(schema.get("metadata", {}).get("told", {}))


def json_schema() -> Json:
    """The schema of a whole file."""
    models: list[type[Spelled]] = [WorkflowFile, ParamEntry, *entries.values()]
    _, made = _AsTold(ref_template="#/definitions/{model}").generate_definitions(
        [(model.__name__, "validation", entry(model)) for model in models]
    )
    definitions = {str(name): _definition(_by_name[name], schema) for name, schema in made.items()}
    root = definitions.pop("WorkflowFile")
    ranges = definitions["MapEntry"]
    ranges.update(_without_typo(ranges["properties"], then=_one_of("over", "matrix", "zip")))
    definitions["task"] = _task(definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **root,
        "title": "runner workflow",
        "patternProperties": {
            "^x-": {"description": "Ignored: a place for anchors.", **_examples(({"timeout": "1m"},))}
        },
        "definitions": dict(sorted(definitions.items())),
    }


def _one_of(usual: str, *others: str) -> Json:
    """Exactly one of these keys, in such words that a message names the one that is missing or too many."""
    if not others:
        return {"required": [usual]}
    *rest, last = others
    none = dict.fromkeys((usual, *rest), False)
    return {"if": {"required": [last]}, "then": {"properties": none}, "else": _one_of(usual, *rest)}


def _task(definitions: Json) -> Json:
    """A task by its action: of the kinds that it could be, editors would take the wrong one for the nearest.

    An action stands by itself, as a dependency: editors show the title of what they tried first.
    """
    kinds = {action: {"$ref": f"#/definitions/{model.__name__}"} for action, model in entries.items()}
    *actions, value = entries
    shown = definitions[entries[value].__name__]
    return {
        "dependencies": {
            **{action: kinds[action] for action in actions},
            value: {name: shown[name] for name in ("title", "description")},
        },
        "if": {"type": "object", "anyOf": [{"required": [action]} for action in actions]},
        "else": {
            "if": {"type": "object", "required": [value]},
            "then": kinds[value],
            "else": _without_action(definitions, list(kinds.values())),
        },
    }


def _without_action(definitions: Json, kinds: list[Json]) -> Json:
    """What is wrong with it is the key that is no key of any task, or else that there is no action."""
    known: Json = {}
    for model in entries.values():
        for key in definitions[model.__name__]["properties"]:
            known.setdefault(key, {"$ref": f"#/definitions/{model.__name__}/properties/{key}"})
    mistyped = {"properties": known, "additionalProperties": False}
    return {**_without_typo(known, then={"anyOf": kinds}), "else": mistyped}


def _without_typo(keys: Json, *, then: Json) -> Json:
    """What holds where all keys are known: what seems to be missing may be what is mistyped."""
    return {"if": {"propertyNames": {"enum": sorted(keys)}}, "then": then}


def _definition(model: type[Spelled], made: Json) -> Json:
    schema = _plain(made)
    required = schema.get("required", [])
    properties = {
        key: _property(one, told_of(model, key), key in required) for key, one in schema["properties"].items()
    }
    for (owner, key), told in inside.items():
        if owner is model:
            properties[key]["then"]["properties"] = _properties(told)
    kept = {key: value for key, value in schema.items() if key not in ("title", "type", "description")}
    own = {} if model in inner else {**_texts("description", made["description"]), "type": "object"}
    return {"title": names[model], **own, **kept, "properties": properties}


def _property(made: Json, told: Told, required: bool) -> Json:
    """A key: its type, what it is for, what counts without it, and examples."""
    schema = {**_typed(made), **_default(made, told)}
    meaning = told.meaning if required else f"{told.meaning} Default: {without(schema, told)}."
    return {**schema, **_texts("description", meaning), **_examples(told.examples)}


def _properties(told: Mapping[str, Inside]) -> Json:
    """Keys of a value that takes others, too."""
    return {
        key: {
            "title": one.title,
            "type": list(one.types),
            **_texts("description", f"{one.told.meaning} Default: none."),
            **_examples(one.told.examples),
        }
        for key, one in told.items()
    }


def _default(made: Json, told: Told) -> Json:
    default = made.get("default") if told.default is None else told.default
    return {} if told.otherwise or default is None else {"default": default}


def without(schema: Json, told: Told) -> str:
    """What counts if a key is not there, in words."""
    if "default" not in schema:
        return told.otherwise or "none"
    default = schema["default"]
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _examples(examples: tuple[Any, ...]) -> Json:
    """Completion offers examples, and has no words for mappings: these are for hovers and readers alone."""
    shown = [example for example in examples if not _holds_mapping(example)]
    hidden = [example for example in examples if _holds_mapping(example)]
    return {
        **({"examples": shown} if shown else {}),
        **({"if": True, "then": {"examples": hidden}} if hidden else {}),
    }


def _holds_mapping(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_holds_mapping, value)))


def _texts(name: str, text: str) -> Json:
    """A text for all editors, and the same for those that read Markdown."""
    plain = text.replace("`", "")
    return {name: plain} if plain == text else {name: plain, "markdownDescription": text}


def _typed(schema: Json) -> Json:
    """With the kind of its value as the title, by which hovers and messages call it."""
    if "$ref" in schema:
        # Draft-07 reads nothing beside a `$ref`.
        return {"title": "mapping", "type": "object", "allOf": [schema]}
    if "oneOf" in schema:
        files = [arm for arm in schema["oneOf"] if "$ref" in arm]
        return {"title": "mapping or true", "type": ["object", "boolean"], "allOf": files}
    title = "word" if "enum" in schema else _types.get(str(schema.get("type")), "any value")
    return {"title": title, **{key: value for key, value in schema.items() if key != "default"}}


def _plain(schema: Any) -> Any:
    """Without null arms, and without defaults that say nothing."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: _plain(one) for name, one in value.items()} if key == "properties" else _plain(value)
        for key, value in schema.items()
        if key != "default"
    }
    default = schema.get("default")
    if isinstance(default, bool | int | float | str) and default != "":
        kept["default"] = int(default) if default in (0.0, 1.0) and isinstance(default, float) else default
    return _without_null(kept)


def _without_null(schema: Json) -> Json:
    """An optional key is one that may be missing, not one that may be null."""
    arms = schema.get("anyOf")
    if not arms or {"type": "null"} not in arms:
        return schema
    rest = [arm for arm in arms if arm != {"type": "null"}]
    others: Json = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest[0], **others} if len(rest) == 1 else {**others, "anyOf": rest}
