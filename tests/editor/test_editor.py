"""A workflow file in an editor: what the YAML language server completes, tells and finds in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import conversation
import language_server
import pytest
import yaml
from every_key import Json, every_key, examples_of, file_with
from language_server import LanguageServer

from runner.loader.keys_meant import keys_of
from runner.loader.schema import MapEntry, RunEntry, WorkflowFile, entries

root = Path(__file__).parents[2]
files = [
    path
    for folder in ("workflows", "tests/patterns", "tests/valid")
    for path in sorted((root / folder).glob("*.yml"))
]
recorded = conversation.written.read_text(encoding="utf-8")
server_of_record = recorded.partition("\n")[0]

# Servers differ in what they quote and escape.
pytestmark = pytest.mark.skipif(
    language_server.installed() != server_of_record,
    reason=f"EDITORS ARE NOT TRIED: no {server_of_record} on the PATH, nor in {language_server.NAMED}",
)


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    """An editor with the repository open, set up as the reference says for files without a first line."""
    with LanguageServer(root, {"./schemas/workflow.schema.json": "tests/**/*.yml"}) as started:
        yield started


def asked(server: LanguageServer, what: str, typed: str) -> Any:
    """What the server answers in a file that is being typed, at its cursor."""
    text, line, column = conversation.place(typed)
    path = root / "tests" / "typed.yml"
    server.open(path, text)
    return server.ask(what, path, line, column)


def test_the_conversation_goes_as_it_is_written_down() -> None:
    assert conversation.hold() == recorded


def test_nothing_is_wrong_with_any_file(server: LanguageServer) -> None:
    for path in files:
        server.open(path, path.read_text(encoding="utf-8"))
    assert {path.name: server.problems(path) for path in files} == {path.name: [] for path in files}
    assert len(files) > 90


@pytest.mark.parametrize("path", ["tests/typed.yml", "workflows/typed.yml"], ids=["settings", "first line"])
def test_a_typo_is_marked_where_it_stands(server: LanguageServer, path: str) -> None:
    first = "# yaml-language-server: $schema=../schemas/workflow.schema.json\n" * path.startswith("workflows")
    server.open(root / path, f"{first}tasks:\n  fetch:\n    run: make\n    tiemout: 30s\n")
    (problem,) = server.problems(root / path)
    line = first.count("\n") + 3
    start, end = {"line": line, "character": 4}, {"line": line, "character": 11}
    assert problem["message"] == "Property tiemout is not allowed."
    assert problem["range"] == {"start": start, "end": end}


@every_key
def test_a_typo_of_a_key_is_told_of_that_key_alone(
    server: LanguageServer, model: str, key: str, of: Json
) -> None:
    typo = f"{key}z"
    path = root / "tests" / "typed.yml"
    text = yaml.safe_dump(
        without(file_with(model, key, {typo: examples_of(of)[0]}), typo, key), sort_keys=False
    )
    server.open(path, text)
    told = {problem["message"] for problem in server.problems(path)}
    of_a_task = model in {entry.__name__ for entry in entries.values()}
    missing = set() if of_a_task else {f'Missing property "{key}".'}
    assert told - missing == {f"Property {typo} is not allowed."}


def without(data: Any, typo: str, key: str) -> Any:
    """The same where the key itself does not stand beside its typo."""
    if not isinstance(data, dict):
        return [without(one, typo, key) for one in data] if isinstance(data, list) else data
    return {name: without(it, typo, key) for name, it in data.items() if name != key or typo not in data}


# Completion --------------------------------------------------------------------------------------

in_a_task = "tasks:\n  fetch:\n    ¦\n"
in_a_command = "tasks:\n  fetch:\n    run: make\n    ¦\n"
in_a_map = "tasks:\n  fetch:\n    run: make\n    map:\n      ¦\n"
in_a_retry = "tasks:\n  fetch:\n    run: make\n    retry:\n      ¦\n"


def labels(server: LanguageServer, typed: str) -> set[str]:
    return {item["label"] for item in asked(server, "completion", typed)["items"]}


def test_every_key_of_the_file_is_offered_at_the_top(server: LanguageServer) -> None:
    assert labels(server, "¦\n") == {*keys_of(WorkflowFile), "runner workflow"}


def test_every_key_and_every_kind_of_task_is_offered_in_a_task(server: LanguageServer) -> None:
    kinds = {"command", "callable", "group", "another file", "value"}
    assert labels(server, in_a_task) == kinds.union(*map(keys_of, entries.values()))


def test_only_what_goes_with_a_command_is_offered_in_one(server: LanguageServer) -> None:
    assert labels(server, in_a_command) == {*keys_of(RunEntry)} - {"run"}


def test_every_key_of_a_map_is_offered_in_it(server: LanguageServer) -> None:
    assert labels(server, in_a_map) == {*keys_of(MapEntry)}


def test_the_words_that_a_key_takes_are_offered_for_it(server: LanguageServer) -> None:
    assert labels(server, in_a_command.replace("¦", "capture: ¦")) == {"text", "lines", "json", "none"}


def test_a_new_task_is_offered_by_that_word(server: LanguageServer) -> None:
    assert labels(server, "tasks:\n  ¦\n") == {"task"}


@pytest.mark.parametrize("typed", ["¦\n", in_a_task, in_a_command, in_a_map, in_a_retry])
def test_what_is_inserted_is_the_key_as_it_is_written_in_yaml(server: LanguageServer, typed: str) -> None:
    for item in asked(server, "completion", typed)["items"]:
        inserted = yaml.safe_load(accepted(item["insertText"]))
        assert len(inserted) == 1
        if item.get("kind") == 10:
            assert [*inserted] == [item["label"]]


@pytest.mark.parametrize("key", ["over", "run", "result", "limit", "shell", "stdin", "retry", "map", "env"])
def test_a_value_that_is_offered_can_be_inserted(server: LanguageServer, key: str) -> None:
    inside = in_a_map.partition("¦")[0] if key == "over" else "tasks:\n  fetch:\n    "
    for item in asked(server, "completion", f"{inside}{key}: ¦\n")["items"]:
        inserted = yaml.safe_load(f"key: {accepted(item['insertText'])}")["key"]
        assert "[object Object]" not in item["label"]
        assert inserted == yaml.safe_load(item["label"])


def accepted(snippet: str) -> str:
    """What stands there when a snippet is left as it is offered."""
    filled = re.sub(r"\$\{\d+(?::((?:\\.|[^}])*))?\}|\$\d+", lambda it: it[1] or "", snippet)
    return re.sub(r"\\([$}\\])", r"\1", filled)


# Hovers ------------------------------------------------------------------------------------------


@every_key
def test_a_hover_tells_of_a_key(server: LanguageServer, model: str, key: str, of: Json) -> None:
    example = examples_of(of)[0]
    data = alone(file_with(model, key, {f"{key[0]}¦{key[1:]}": example}))
    said = asked(server, "hover", yaml.safe_dump(data, sort_keys=False, allow_unicode=True))["contents"][
        "value"
    ]
    assert said.startswith("#### ")
    assert f"\n\n{of.get('markdownDescription', of['description'])}\n\n" in said.replace("\\_", "_")
    assert said.count("Example:") == len(examples_of(of))


def alone(data: Any) -> Any:
    """The same without keys that stand there a second time, with the cursor."""
    if isinstance(data, list):
        return [alone(one) for one in data]
    if not isinstance(data, dict):
        return data
    return {name: alone(value) for name, value in data.items() if f"{name[0]}¦{name[1:]}" not in data}


def test_a_hover_on_the_name_of_a_task_tells_its_kind(server: LanguageServer) -> None:
    said = asked(server, "hover", "tasks:\n  fe¦tch:\n    call: a:b\n")["contents"]["value"]
    assert said.startswith("#### callable\n\nA Python callable: `package.module:function`")
