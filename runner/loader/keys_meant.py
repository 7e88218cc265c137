"""Which key of an entry was meant by one that it has not: a slip, or the word of another program."""

from __future__ import annotations

from collections.abc import Mapping

from runner.likeness import misspelt, nearest
from runner.loader.keys import Spelled
from runner.loader.schema import (
    DefaultsEntry,
    MapEntry,
    PoolEntry,
    RetryEntry,
    TaskEntry,
    UnclearEntry,
    WorkflowFile,
    actions,
    entries,
)
from runner.problem import did_you_mean
from runner.source.glued import key_in

_long_enough = 5
"""Letters of a word that may be mistyped and a word of other programs besides: `foo` is no `for`."""

_WORDS = {
    "run": ("script", "cmd", "cmds", "command", "commands", "exec", "sh", "bash", "shell_command"),
    "call": ("uses", "function", "python", "callable", "func"),
    "tasks": ("steps", "jobs", "body", "block", "stages"),
    "workflow": ("include", "include_tasks", "import", "import_tasks"),
    "needs": ("depends_on", "depends", "deps", "dependencies", "after", "requires", "need", "depends-on"),
    "when": ("if", "condition", "unless", "only_if"),
    "map": ("for", "foreach", "for_each", "for-each", "loop", "with_items", "each", "strategy"),
    "retry": ("retries", "retry_policy", "attempts", "max_attempts", "max_retries", "tries"),
    "with": ("args", "kwargs", "arguments", "inputs", "parameters", "params"),
    "env": ("environment", "environ", "variables", "vars"),
    "cwd": ("dir", "directory", "workdir", "working_directory", "working-directory", "chdir"),
    "result": ("register", "output", "outputs", "return", "returns", "value"),
    "allow_failure": ("ignore_errors", "continue_on_error", "continue-on-error", "ignore_error"),
    "timeout": ("timeout_minutes", "timeout-minutes", "timeout_seconds", "max_time"),
    "description": ("name", "desc", "title", "summary", "help", "doc"),
    "stdin": ("input",),
    "limit": ("limits", "concurrency", "resources", "pool", "semaphore"),
    "over": ("items", "in", "list", "loop", "values", "range", "foreach"),
    "as": ("name", "var", "loop_var", "item"),
    "max_parallel": ("parallel", "max-parallel", "concurrency", "workers", "max_workers"),
    "params": ("inputs", "parameters", "arguments", "vars"),
    "to": ("path", "file", "out", "output"),
    "attempts": ("count", "times", "tries", "max", "max_attempts", "max_tries", "retries", "limit"),
    "delay": ("wait", "interval", "sleep", "seconds"),
    "on": ("only", "when", "exceptions", "exit_codes"),
    "max_workers": ("workers", "max_parallel", "size", "threads", "jobs"),
    "executor": ("type", "kind"),
    "concurrency": ("max", "count", "slots", "units"),
    "help": ("description",),
    "choices": ("enum", "options", "values", "one_of"),
    "ge": ("min", "minimum"),
    "le": ("max", "maximum"),
}

_words_of_actions = frozenset(word for action in actions for word in _WORDS[action])
"""Where a task has another action, they are no mistyped key: `cmd` beside `tasks` is no `cwd`."""


def meant_key(key: str, model: type[Spelled]) -> str:
    """What an unknown key was probably meant to be, as a hint."""
    key = key_in(key) or key
    allowed = candidates(model)
    if key in allowed:
        return f"did you mean '{key}'?"
    words = {word: own for own in reversed(allowed) for word in _WORDS.get(own, ())}
    if own := words.get(key.lower()):
        return f"did you mean '{own}'?"
    if issubclass(model, TaskEntry | DefaultsEntry | WorkflowFile):
        pool = keys_of(PoolEntry)
        own = key if key in pool else misspelt(key, pool)
        if own:
            return f"`{own}` is that of all tasks: it stands in the file's `pool`, `pool: {{{own}: ...}}`"
    if key.lower() in _words_of_actions:
        return ""
    if near := did_you_mean(key, allowed):
        return near
    if own := _nearly_known_elsewhere(key, words):
        return f"did you mean '{own}'?"
    if issubclass(model, TaskEntry):
        for inner, name in ((MapEntry, "map"), (RetryEntry, "retry")):
            if key in keys_of(inner):
                return f"`{key}` stands inside `{name}`: `{name}: {{{key}: ...}}`"
    if model in (MapEntry, RetryEntry) and any(key in keys_of(entry) for entry in entries.values()):
        return f"`{key}` is a key of the task: it stands beside `{'map' if model is MapEntry else 'retry'}`"
    return ""


def _nearly_known_elsewhere(key: str, words: Mapping[str, str]) -> str:
    """The key that has here the meaning of a word that other programs use, and that is mistyped."""
    if len(key) < _long_enough:
        return ""
    near = nearest(key, [word for word in words if word[0] == key[0].lower()])
    return words.get(near, "")


def candidates(model: type[Spelled]) -> list[str]:
    """The keys that may be meant: of a task whose action is not known, every action besides."""
    own = keys_of(model)
    return [*own, *(key for key in entries if key not in own)] if model is UnclearEntry else own


def keys_of(model: type[Spelled]) -> list[str]:
    """The keys of a model as the file has them."""
    return [it.name for it in model.keys.values()]
