"""Performs a submission: binds the values of each item, acts, and says how it went.

The only room that runs on a worker. It submits nothing, waits for no other task, and shares
nothing with other workers: it may run in any thread of any process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runner.exact import lent, normalise
from runner.expression import EvaluationError
from runner.masks import mask_of
from runner.records import Failure, FailureKind, Outcome, Shared, Submission, Trace
from runner.refusals import advised
from runner.wording import duration
from runner.work.binding import Bound, Names, bind, environments_of
from runner.work.capture import current, current_restored, ensure_routing
from runner.work.clock import now
from runner.work.command import run
from runner.work.digests import digests
from runner.work.halt import Halt
from runner.work.launch import StartFailure
from runner.work.logs import Log, Logs
from runner.work.outcomes import exit_message, expression_failure, finish
from runner.work.output import BadOutput, read_result
from runner.workflow import Call, Run, Value

if TYPE_CHECKING:
    from runner.work.tracing import Tracer

slice_seconds = 0.05
"""A slice returns after so long with what it has done."""

Act = Callable[[int, Outcome, Log], None]
"""Acts on the item of a number; what came of it is written into its outcome."""


def perform(submission: Submission, halt: Halt) -> list[Outcome]:
    """Attempts the items in their order; those not begun before a halt, or in time, are left out."""
    ensure_routing()
    each = _names(submission)
    bound = _Bound(submission, each, halt)
    if submission.binds:
        return _known_again(submission, bound, halt)
    act = _act(submission, bound, halt)
    with current_restored():
        outcomes = _attempt_each(submission, bound, act, halt)
    finish(submission.shared, each[: len(outcomes)], outcomes)
    return outcomes


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
            act = _calls(action, bound, halt)
        case Run():
            act = _commands(action, submission, bound, halt)
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


def _attempt_each(submission: Submission, bound: _Bound, act: Act, halt: Halt) -> list[Outcome]:
    shared = submission.shared
    logs = Logs(shared.context.log_folder, shared.fan, mask_of(shared.context.secrets))
    worker = threading.current_thread().name
    outcomes: list[Outcome] = []
    began = start = now()
    for number, item in enumerate(submission.items):
        if halt.stopping:
            break
        outcome = Outcome(item.index, item.attempt, start, 0.0, worker)
        log = Log(logs, item)
        current.set(log)
        try:
            act(number, outcome, log)
            outcome.log = log.close()
        except OSError as error:
            outcome.failure = Failure(FailureKind.START, _refused(error), command=bound.line(number))
            with suppress(OSError):
                log.close()
        outcomes.append(outcome)
        end = now()
        outcome.seconds = outcome.seconds or end - start
        if end - began > slice_seconds:
            break
        start = end
    return outcomes


def _refused(error: OSError) -> str:
    if error.filename:
        return f"its log cannot be written: {error.filename}: {advised(error)}"
    return f"it cannot be performed: {advised(error)}"


# Callables ----------------------------------------------------------------------------------------


def _calls(action: Call, bound: _Bound, halt: Halt) -> Act:
    from runner.work.calling import call, imported

    function = imported(action.reference, action.folder, halt)
    values, digest = bound.values, bound.digest
    named = isinstance(action.arguments.value, dict)  # in the file, where names are texts
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
        result, outcome.failure = call(function, lent(arguments), halt)
        outcome.result, outcome.encoded = normalise(result)

    return act


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


# Commands -----------------------------------------------------------------------------------------


def _commands(action: Run, submission: Submission, bound: _Bound, halt: Halt) -> Act:
    def act(number: int, outcome: Outcome, log: Log) -> None:
        command = bound.values[number]
        if isinstance(command, EvaluationError):
            outcome.failure = Failure(FailureKind.EXPRESSION, str(command))
        else:
            outcome.digest = bound.digest(number, command)
            _run(action, submission, command, outcome, log, halt)

    return act


def _run(action: Run, submission: Submission, bound: Bound, outcome: Outcome, log: Log, halt: Halt) -> None:
    stdout = log.channel("out").fileno()
    stderr = stdout if action.capture == "none" else log.channel("err").fileno()
    timeout = submission.shared.task.timeout
    try:
        ended = run(bound.command, stdout, stderr, halt, timeout)
    except StartFailure as failure:
        outcome.failure = Failure(FailureKind.START, str(failure), command=bound.line())
        return
    outcome.exit_code = ended.exit_code
    outcome.left_behind = tuple(map(str, ended.left_behind))
    if ended.cause == "halt":
        outcome.cancelled = True
    elif ended.cause == "timeout" and timeout is not None:
        message = f"took longer than its timeout of {duration(timeout)}"
        outcome.failure = Failure(FailureKind.TIMEOUT, message, ended.exit_code, command=bound.line())
    else:
        _read(action, bound, outcome, stdout)


def _read(action: Run, bound: Bound, outcome: Outcome, stdout: int) -> None:
    """The result; also that of a command with another exit code than 0, which `until` may accept."""
    code = outcome.exit_code
    if code:
        outcome.failure = Failure(FailureKind.EXIT, exit_message(code), code, command=bound.line())
    try:
        result, outcome.truncated = read_result(stdout, action.capture)
        outcome.result, outcome.encoded = normalise(result)
    except BadOutput as bad:
        if not code:
            outcome.failure = Failure(FailureKind.OUTPUT, str(bad), code, command=bound.line())
