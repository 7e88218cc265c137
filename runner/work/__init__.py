"""Performs a submission: binds the values of each item, acts, and says how it went.

The only room that runs on a worker. It submits nothing, waits for no other task, and shares
nothing with other workers: it may run in any thread of any process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy

from runner.exact import lent
from runner.expression import EvaluationError
from runner.hints import TYPE_CHECKING, Any, TypeVar
from runner.masks import mask_of
from runner.records import Failure, FailureKind, Outcome, Shared, Submission, Trace
from runner.work.attempting import Act, attempt_each, slice_seconds
from runner.work.binding import Bound, Names, bind, environments_of
from runner.work.capture import ensure_routing
from runner.work.clock import now
from runner.work.commands import Commands, bound_or_not
from runner.work.commands import act as commands_act
from runner.work.digests import digests
from runner.work.halt import Broken, Halt, telling
from runner.work.logs import Log, Logs
from runner.work.outcomes import cancel, expression_failure, finish
from runner.workflow import Call, Run, Value

if TYPE_CHECKING:
    from runner.work.calls import Calls
    from runner.work.tracing import Tracer

Made = TypeVar("Made")

Elsewhere = Callable[["Calls | Commands", Halt], list[Outcome]]
"""Acts in another process; what is not begun before a halt, or in time, is left out."""


def perform(
    submission: Submission, halt: Halt, elsewhere: Elsewhere | None = None, commands: bool = False
) -> list[Outcome]:
    """Attempts the items in their order; those not begun before a halt, or in time, are left out.

    Callables are called `elsewhere`, if there is such a place, and `commands` are run there, if it is told;
    all else is done here.
    """
    ensure_routing()
    each = _names(submission)
    if submission.binds:
        return _known_again(submission, _Bound(submission, each, halt), halt)
    try:
        bound = _evaluated(halt, _Bound, submission, each, halt)
    except Broken:
        return []
    if halt.stopping:
        return []
    action = submission.shared.task.action
    if elsewhere is not None and (isinstance(action, Call) or (commands and isinstance(action, Run))):
        outcomes = _acted_elsewhere(submission, action, bound, halt, elsewhere)
    else:
        outcomes = _attempted(submission, bound, _act(submission, bound, halt), halt, shared=True)
    with telling:
        halt.done, told = [], halt.told
    try:
        _evaluated(halt, finish, submission.shared, each[told : len(outcomes)], outcomes[told:])
    except Broken:
        cancel(outcomes)
    return outcomes


def _evaluated(halt: Halt, function: Callable[..., Made], *arguments: object) -> Made:
    """What a function gives that does nothing but evaluate. Raises `Broken`, too."""
    try:
        halt.doing = "evaluating"
        return function(*arguments)
    finally:
        halt.doing = ""


def _attempted(
    submission: Submission, bound: _Bound, act: Act, halt: Halt, shared: bool = False
) -> list[Outcome]:
    context = submission.shared.context
    logs = Logs(context.log_folder, submission.shared.fan, mask_of(context.secrets))
    outcomes: list[Outcome] = []
    if shared:
        halt.done = outcomes
    attempt_each(submission.items, logs, act, halt, outcomes.append, bound.line, shared)
    return outcomes


def so_far(submission: Submission, halt: Halt) -> list[Outcome]:
    """The outcomes of its first items, which have ended while another thread goes on with the next one.

    Each is told once. They are yet to be completed.
    """
    with telling:
        outcomes = list(map(copy, halt.done[halt.told :]))
        halt.told += len(outcomes)
    return outcomes


def complete(submission: Submission, outcomes: Sequence[Outcome]) -> None:
    """Complete the outcomes of its first items, where they were told before the others."""
    finish(submission.shared, _names(submission)[: len(outcomes)], outcomes)


class _Bound:
    """What is bound for a slice of items, and by what each is known again."""

    def __init__(self, submission: Submission, each: list[Names], halt: Halt) -> None:
        shared, action = submission.shared, submission.shared.task.action
        self.environments: list[dict[str, str] | EvaluationError] = []
        self.values: Sequence[Any] = ()
        self.tracer = _tracer(shared, each, halt)
        match action:
            case Call():
                self.environments = environments_of(action.env, shared, each) if action.env else []
                self.values = action.arguments.evaluate_each(shared.values, each)
            case Run():
                self.values = bind(action, shared, submission.items, each)
            case _:
                return
        self.digest = digests(shared, each)

    def trace(self, number: int) -> Trace | None:
        """The trace of an item before anything is done. Raises `EvaluationError`."""
        value = self.values[number]
        if self.tracer is None or isinstance(value, EvaluationError):
            return None
        return self.tracer.before(number, value, self.digest(number, value))

    def line(self, number: int) -> str | None:
        """The command of an item as a line for people, if it has one."""
        value = self.values[number] if self.values else None
        return value.line() if isinstance(value, Bound) else None


def _tracer(shared: Shared, each: list[Names], halt: Halt) -> Tracer | None:
    if shared.task.cache is None:
        return None
    from runner.work.tracing import Tracer

    return Tracer(shared.task.cache, shared, each, halt)


def _known_again(submission: Submission, bound: _Bound, halt: Halt) -> list[Outcome]:
    """By what each item is known again; nothing is done. What cannot be bound has nothing."""
    outcomes: list[Outcome] = []
    began = time.perf_counter()
    for number, item in enumerate(submission.items):
        outcome = Outcome(item.index, item.attempt, time.time(), 0.0)
        value = bound.values[number]
        if not isinstance(value, EvaluationError):
            outcome.digest = bound.digest(number, value)
            with suppress(EvaluationError):
                outcome.trace = bound.trace(number)
        outcomes.append(outcome)
        if halt.stopping or time.perf_counter() - began > slice_seconds:
            break
    return outcomes


def _names(submission: Submission) -> list[Names]:
    """What expressions may see of each item."""
    fan_map = submission.shared.task.map
    if fan_map is None:
        return [{"attempt": item.attempt} for item in submission.items]
    name = fan_map.name
    return [
        {name: item.value, "index": item.index, "key": item.key, "attempt": item.attempt}
        for item in submission.items
    ]


def _act(submission: Submission, bound: _Bound, halt: Halt) -> Act:
    action = submission.shared.task.action
    match action:
        case Call():
            act = _calls(action, submission, bound, halt)
        case Run():
            act = _commands_here(_commands(action, submission, bound), bound, halt)
        case Value():
            return lambda number, outcome, log: None
        case _:
            raise TypeError(f"{type(action).__name__} is not performed: the plan opens it")
    return act if bound.tracer is None else _traced(act, bound, bound.tracer, halt)


def _traced(act: Act, bound: _Bound, tracer: Tracer, halt: Halt) -> Act:
    def traced(number: int, outcome: Outcome, log: Log) -> None:
        try:
            before = bound.trace(number)
        except EvaluationError as error:
            outcome.failure = Failure(FailureKind.EXPRESSION, str(error))
            return
        if halt.stopping:  # while files were read: nothing has been done
            outcome.cancelled = True
            return
        outcome.started = now()
        act(number, outcome, log)
        outcome.seconds = now() - outcome.started
        if before is not None:
            outcome.trace = tracer.after(number, before, outcome)

    return traced


# Callables ----------------------------------------------------------------------------------------


def _calls(action: Call, submission: Submission, bound: _Bound, halt: Halt) -> Act:
    from runner.work.calling import call, imported

    function = imported(action.reference, action.folder, halt)
    timeout = submission.shared.task.timeout
    values, digest = bound.values, bound.digest
    named = _names_arguments(action)
    sure = named and not bound.environments

    def act(number: int, outcome: Outcome, _log: Log) -> None:
        arguments = values[number]
        if isinstance(function, Failure):
            outcome.failure = function
            return
        if not sure or type(arguments) is not dict:
            outcome.failure = _fault(bound, named, number)
            if outcome.failure is not None:
                return
        outcome.digest = digest(number, arguments)
        call(function, lent(arguments), halt, timeout, outcome, action.name)

    return act


def _given(bound: _Bound, named: bool, number: int) -> Any:
    """The arguments of an item, or why it has none."""
    return _fault(bound, named, number) or bound.values[number]


def _names_arguments(action: Call) -> bool:
    """Whether the file names them: there names are texts."""
    return isinstance(action.arguments.value, dict)


def _fault(bound: _Bound, named: bool, number: int) -> Failure | None:
    """Why an item has no arguments to call with, if that is so."""
    if bound.environments and isinstance(environment := bound.environments[number], EvaluationError):
        return Failure(FailureKind.EXPRESSION, str(environment))
    arguments = bound.values[number]
    if isinstance(arguments, EvaluationError):
        return expression_failure("with", arguments)
    if not named and not _are_named(arguments):
        return Failure(FailureKind.EXPRESSION, "with must give a mapping of names to arguments")
    return None


def _are_named(arguments: Any) -> bool:
    return type(arguments) is dict and all(type(name) is str for name in arguments)


# Elsewhere ----------------------------------------------------------------------------------------


def _acted_elsewhere(
    submission: Submission, action: Call | Run, bound: _Bound, halt: Halt, elsewhere: Elsewhere
) -> list[Outcome]:
    asked: Calls | Commands
    if isinstance(action, Run):
        asked = _commands(action, submission, bound)
        given: Sequence[Any] = asked.bound
    else:
        asked = _asked_calls(submission, action, bound)
        given = asked.arguments
    if bound.tracer is None:
        outcomes = elsewhere(asked, halt)
    else:
        outcomes = _acted_one_by_one(submission, asked, bound, bound.tracer, halt, elsewhere)
    for outcome, what, number in zip(outcomes, given, range(len(outcomes)), strict=False):
        if not isinstance(what, Failure):
            outcome.digest = bound.digest(number, what)
    return outcomes


def _asked_calls(submission: Submission, action: Call, bound: _Bound) -> Calls:
    from runner.work.calls import Calls

    shared = submission.shared
    return Calls(
        action.reference,
        action.folder,
        shared.fan,
        shared.context.log_folder,
        shared.context.secrets,
        _places(submission),
        [_given(bound, _names_arguments(action), number) for number in range(len(submission.items))],
        shared.task.timeout,
    )


def _acted_one_by_one(
    submission: Submission,
    asked: Calls | Commands,
    bound: _Bound,
    tracer: Tracer,
    halt: Halt,
    elsewhere: Elsewhere,
) -> list[Outcome]:
    """What is looked at before and after each lies here."""
    logs: dict[int, tuple[str, ...]] = {}

    def act(number: int, outcome: Outcome, _log: Log) -> None:
        for there in elsewhere(asked.one(number), halt):
            outcome.started, outcome.seconds = there.started, there.seconds
            outcome.result, outcome.encoded = there.result, there.encoded
            outcome.failure, outcome.cancelled = there.failure, there.cancelled
            outcome.exit_code, outcome.truncated = there.exit_code, there.truncated
            outcome.left_behind = there.left_behind
            logs[number] = there.log
            return
        outcome.cancelled = True

    outcomes = _attempted(submission, bound, _traced(act, bound, tracer, halt), halt)
    for number, log in logs.items():
        outcomes[number].log = log
    return outcomes


def _places(submission: Submission) -> tuple[tuple[int, int], ...]:
    return tuple((item.index, item.attempt) for item in submission.items)


# Commands -----------------------------------------------------------------------------------------


def _commands(action: Run, submission: Submission, bound: _Bound) -> Commands:
    shared = submission.shared
    return Commands(
        shared.fan,
        shared.context.log_folder,
        shared.context.secrets,
        _places(submission),
        bound_or_not(bound.values),
        action.capture,
        shared.task.timeout,
    )


def _commands_here(commands: Commands, bound: _Bound, halt: Halt) -> Act:
    act = commands_act(commands, halt)

    def acts(number: int, outcome: Outcome, log: Log) -> None:
        outcome.digest = _digest_of_command(bound, number)
        act(number, outcome, log)

    return acts


def _digest_of_command(bound: _Bound, number: int) -> bytes | None:
    command = bound.values[number]
    return None if isinstance(command, EvaluationError) else bound.digest(number, command)
