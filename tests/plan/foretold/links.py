"""What waits for what, read from the spelling: which tasks an entry names, and which of them it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
Tasks = Mapping[str, Entry]

MENTION = re.compile(r"\btasks\.(\w+)")
RESULTS = re.compile(r"\{\{ tasks\.(\w+)\.results \}\}")
STATUS_FUNCTION = re.compile(r"\b(success|failure|always)\(\)")
CLEANING = re.compile(r"\b(failure|always)\(\)")
WATCHED = re.compile(r"\btasks\.\w+\.(status|failed|error|exit_code)\b")

OWN_KEYS = ("map", "when", "with", "env", "retry")


def mentions(value: Any) -> Iterator[str]:
    """The tasks that the expressions in `value` name."""
    if isinstance(value, str):
        yield from MENTION.findall(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from mentions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from mentions(inner)


def words(condition: str) -> list[str]:
    """The names in a condition that stand for themselves."""
    return re.findall(r"(?<![\w.'])[A-Za-z_]\w*", condition)


def listed(entry: Entry) -> list[str]:
    """The tasks in `needs`."""
    needs = entry.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def named(entry: Entry) -> list[str]:
    """All tasks that an entry itself names, each once, the source of an item-wise map included."""
    names = [*listed(entry), *(name for key in OWN_KEYS for name in mentions(entry.get(key)))]
    inside = entry.get("tasks", {})
    names += [name for name in mentions(entry.get("result")) if name not in inside]
    return list(dict.fromkeys(names))


def asks(entry: Entry) -> bool:
    """Whether its `when` names a status function."""
    return bool(STATUS_FUNCTION.search(str(entry.get("when", ""))))


def asks_for_more_than_success(entry: Entry) -> bool:
    """Whether its `when` asks how needs ended, and not only that they succeeded, as it is without one."""
    first, _, rest = str(entry.get("when", "")).partition(" and ")
    only = first == "success()" and not re.search(r"\w\(\)|\bor\b|\btasks\b", rest)
    return asks(entry) and not only


def watches(entry: Entry) -> bool:
    """Whether its `when` replaces the default for all its needs."""
    return asks(entry) or bool(WATCHED.search(str(entry.get("when", ""))))


def cleans_up(entry: Entry) -> bool:
    """Whether it starts even after `--fail-fast` struck."""
    return bool(CLEANING.search(str(entry.get("when", ""))))


def tidies(files: Mapping[str, Mapping[str, Any]], path: str) -> bool:
    """Whether what a path leads to cleans up in a group, or belongs to what does."""
    bodies = bodies_to(files, path)
    inner = [body[name] for body, name in zip(bodies, parts_of(path), strict=True)][1:]
    return any(map(cleans_up, inner))


def opens(entry: Entry) -> bool:
    """Whether it has a body."""
    return "tasks" in entry or "workflow" in entry


def followed(entry: Entry, body: Tasks) -> str | None:
    """The map of the same body whose items an item-wise map goes through, one by one."""
    over = entry.get("map", {}).get("over")
    exact = RESULTS.fullmatch(over) if isinstance(over, str) else None
    if exact is None or exact[1] not in body or "map" not in body[exact[1]]:
        return None
    rest = {key: value for key, value in entry.items() if key != "map"}
    others = {key: value for key, value in entry["map"].items() if key != "over"}
    again = [*named(rest), *mentions(others)]
    return None if exact[1] in again or asks_for_more_than_success(entry) else exact[1]


def needed(name: str, body: Tasks) -> list[str]:
    """The tasks that a task of `body` itself waits for as a whole, by what it names."""
    return [other for other in named(body[name]) if other != followed(body[name], body)]


def waits_for_the_rest(name: str, body: Tasks) -> bool:
    """Whether it is a clean-up: it asks how things went and needs nothing."""
    return asks(body[name]) and not named(body[name])


def the_rest(body: Tasks) -> list[str]:
    """What clean-ups wait for: all but clean-ups and what follows from them."""
    out = {name for name in body if waits_for_the_rest(name, body)}
    before = -1
    while before != len(out):
        before = len(out)
        out |= {name for name in body if out.intersection(reached(body[name]))}
    return [name for name in body if name not in out]


def reached(entry: Entry) -> set[str]:
    """The tasks around an entry that it, or what is inside it, waits for."""
    inside: Tasks = entry.get("tasks", {})
    inner = {name for one in inside.values() for name in reached(one)}
    return set(named(entry)) | (inner - set(inside))


def parts_of(path: str) -> list[str]:
    """The names of the tasks on a path such as `g[k]~1.t`."""
    return re.findall(r"(?:^|~\d+\.)(\w+)", path)


def bodies_to(files: Mapping[str, Mapping[str, Any]], path: str) -> Sequence[Tasks]:
    """The bodies on the way to a task, the outermost first."""
    bodies: list[Tasks] = [files["workflow.yml"]["tasks"]]
    for name in parts_of(path)[:-1]:
        entry = bodies[-1][name]
        bodies.append(entry["tasks"] if "tasks" in entry else files[entry["workflow"]]["tasks"])
    return bodies


def entry_at(files: Mapping[str, Mapping[str, Any]], path: str) -> Entry:
    """The entry that a path leads to."""
    return bodies_to(files, path)[-1][parts_of(path)[-1]]
