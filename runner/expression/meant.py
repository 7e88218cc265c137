"""What was meant by the name of something that is applied, where it names nothing of its kind.

A suggestion is written as it would stand in the expression: `x | length`, and not `length`.
"""

from __future__ import annotations

from runner.expression.dashes import key_in
from runner.expression.evaluation import function_names
from runner.expression.filters import filters, methods
from runner.expression.lookups import shown
from runner.expression.tree import (
    Attribute,
    Call,
    Constant,
    DictOf,
    Filter,
    ListOf,
    Method,
    Name,
    Node,
    Subscript,
)
from runner.expression.values import listed
from runner.likeness import nearest

_bare = (Name, Attribute, Subscript, Constant, Call, Method, Filter, ListOf, DictOf)
_json = {"tojson": "tojson", "fromjson": "from_json"}
_longest_shown = 40
_statuses = {"failed": "failure()", "succeeded": "success()"}
_in_python = {"len": "length", "str": "string", "sorted": "sort"}
_filters_elsewhere = {
    **dict.fromkeys(("upcase", "uppercase", "toupper", "upper_case"), "upper"),
    **dict.fromkeys(("downcase", "lowercase", "tolower", "lower_case"), "lower"),
    **dict.fromkeys(("size", "len"), "length"),
    **dict.fromkeys(("strip", "chomp"), "trim"),
    **dict.fromkeys(("to_json", "toJson"), "tojson"),
    **dict.fromkeys(("integer", "to_int", "number"), "int"),
    **dict.fromkeys(("uniq", "distinct"), "unique"),
}

_nowhere = {"b64encode", "b64decode", "hash", "md5", "sha1", "password_hash"}
"""What filters elsewhere do that none does here, though some are called alike."""


def meant_call(node: Call, text: str) -> str:
    """What was meant by an unknown function."""
    if elsewhere := _call_elsewhere(node, text):
        return _did_you_mean_part(elsewhere)
    name = _in_python.get(node.name) or nearest(node.name, [*function_names, *filters])
    if name not in filters or name in function_names:
        return _did_you_mean(name)
    value, *others = node.arguments or (None,)
    return _of_another_kind(node.name, name, "filter", _filter(value, name, text, others or node.keywords))


def _call_elsewhere(node: Call, text: str) -> str:
    """What a function of GitHub Actions is written as; nothing for others."""
    if node.name in _statuses and not node.arguments:
        return _statuses[node.name]
    if len(node.arguments) == 2 and not node.keywords:
        first, second = (_part(argument, text) for argument in node.arguments)
        match node.name.lower():
            case "contains":
                return f"{second} in {first}"
            case "startswith" | "endswith" as name:
                return f"{first}.{name}({_written(node.arguments[1], text)})"
    if len(node.arguments) == 1 and node.name.lower() in _json:
        return _filter(node.arguments[0], _json[node.name.lower()], text, ())
    return ""


def meant_method(node: Method, text: str) -> str:
    """What was meant by an unknown method."""
    name = nearest(node.name, [*sorted(methods), *filters])
    if name not in filters or name in methods:
        return _did_you_mean(name) or f"text has {listed(sorted(methods), len(methods))}"
    given = node.arguments or node.keywords
    return _of_another_kind(node.name, name, "filter", _filter(node.target, name, text, given))


def meant_filter(node: Filter, text: str) -> str:
    """What was meant by an unknown filter."""
    said = key_in(text, node.name_at) or node.name  # `from-json` is read as the filter `from`, less `json`
    name = "" if said in _nowhere else nearest(said, [*filters, *methods, *function_names])
    elsewhere = _filters_elsewhere.get(said, "")
    if name != said and elsewhere in filters:
        name = elsewhere
    if not name or name in filters:
        return _did_you_mean(name)
    given = node.arguments or node.keywords
    if name in methods:
        target = _part(node.target, text)
        target = f"({target})" if isinstance(node.target, Filter) else target
        return _of_another_kind(node.name, name, "method", f"{target}.{name}(…)")
    arguments = _written(node.target, text) + (", …" if given else "")
    return _of_another_kind(node.name, name, "function", f"{name}({arguments})")


def meant_attribute(target: Node, name: str, text: str, *, is_text: bool) -> str:
    """What was meant by an attribute of a value that has none."""
    known = [*(sorted(methods) if is_text else ()), *filters]
    name = _in_python.get(name) or nearest(name, known)
    if is_text and name in methods:
        return f"did you mean `{_part(target, text)}.{name}(…)`?"
    return f"did you mean `{_filter(target, name, text, ())}`?" if name else ""


def _did_you_mean(name: str) -> str:
    return f"did you mean '{name}'?" if name else ""


def _did_you_mean_part(written: str) -> str:
    return f"did you mean `{written}`?"


def _of_another_kind(said: str, name: str, kind: str, written: str) -> str:
    return f"it is a {kind}: `{written}`" if said == name else _did_you_mean_part(written)


def _filter(value: Node | None, name: str, text: str, given: object) -> str:
    return f"{_part(value, text)} | {name}" + ("(…)" if given else "")


def _part(node: Node | None, text: str) -> str:
    """A value as it stands before a filter or a dot."""
    written = _written(node, text)
    return f"({written})" if node is not None and written != "x" and not isinstance(node, _bare) else written


def _written(node: Node | None, text: str) -> str:
    """The text of a value; `x` where there is none to show."""
    written = "" if node is None else shown(node, text)
    return written if 0 < len(written) <= _longest_shown else "x"
