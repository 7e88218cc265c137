"""Commands that are bound, those of one slice of items: attempted here, wherever that is.

They pickle, for who attempts them has perhaps nothing else of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from runner.exact import normalise
from runner.expression import EvaluationError
from runner.masks import mask_of
from runner.records import Failure, FailureKind, Item, Outcome
from runner.struct import replace, struct
from runner.work.attempting import Act, attempt_each, timed_out
from runner.work.binding import Bound
from runner.work.command import run
from runner.work.halt import Halt
from runner.work.launch import StartFailure
from runner.work.logs import Log, Logs
from runner.work.outcomes import exit_message
from runner.work.output import BadOutput, read_result
from runner.work.quick import close
from runner.workflow import Capture


@struct(eq=False)
class Commands:
    """What is started for each item: its command, or why it has none. `items` are as of `Calls`."""

    fan: int
    log_folder: str
    secrets: Mapping[str, str]
    items: tuple[tuple[int, int], ...]
    bound: Sequence[Bound | Failure]
    capture: Capture
    timeout: float | None = None

    def one(self, number: int) -> Commands:
        """Only that of one item."""
        return replace(self, items=(self.items[number],), bound=(self.bound[number],))

    @property
    def logs(self) -> Logs:
        """Where their logs lie."""
        return Logs(self.log_folder, self.fan, mask_of(self.secrets))

    def line(self, number: int) -> str | None:
        """A command as a line for people."""
        bound = self.bound[number]
        return bound.line() if isinstance(bound, Bound) else None


def bound_or_not(values: Sequence[Bound | EvaluationError]) -> list[Bound | Failure]:
    """Why an item has no command is its failure."""
    return [
        Failure(FailureKind.EXPRESSION, str(value)) if isinstance(value, EvaluationError) else value
        for value in values
    ]


def attempt(commands: Commands, halt: Halt, keep: Callable[[Outcome], object]) -> None:
    """Commands in order, as long as there is time; says how each went."""
    items = [Item(index, None, None, attempt) for index, attempt in commands.items]
    attempt_each(items, commands.logs, act(commands, halt), halt, keep, commands.line)


def act(commands: Commands, halt: Halt) -> Act:
    """Runs that of a number."""

    def acts(number: int, outcome: Outcome, log: Log) -> None:
        bound = commands.bound[number]
        if isinstance(bound, Failure):
            outcome.failure = bound
        else:
            _run(commands, bound, outcome, log, halt)

    return acts


class _Streams:
    """What a command is given to write to, until it has started."""

    def __init__(self, log: Log, capture: Capture) -> None:
        self._held = [log.channel("out").for_command()]
        try:
            if capture != "none":
                self._held.append(log.channel("err").for_command())
        except BaseException:
            self.close()
            raise
        self.given = self._held[0], self._held[-1]

    def close(self) -> None:
        """The command alone has them."""
        while self._held:
            close(self._held.pop())


def _run(commands: Commands, bound: Bound, outcome: Outcome, log: Log, halt: Halt) -> None:
    streams = _Streams(log, commands.capture)
    timeout = commands.timeout
    try:
        ended = run(bound.command, *streams.given, halt, timeout, streams.close)
    except StartFailure as failure:
        outcome.failure = Failure(FailureKind.START, str(failure), command=bound.line())
        return
    finally:
        streams.close()
    outcome.exit_code = ended.exit_code
    outcome.left_behind = tuple(map(str, ended.left_behind))
    if ended.cause == "halt":
        outcome.cancelled = True
    elif ended.cause == "timeout" and timeout is not None:
        outcome.failure = replace(timed_out(timeout), exit_code=ended.exit_code, command=bound.line())
    else:
        _read(commands, bound, outcome, log.channel("out").fileno())


def _read(commands: Commands, bound: Bound, outcome: Outcome, stdout: int) -> None:
    """The result; also that of a command with another exit code than 0, which `until` may accept."""
    code = outcome.exit_code
    if code:
        outcome.failure = Failure(FailureKind.EXIT, exit_message(code), code, command=bound.line())
    try:
        result, outcome.truncated = read_result(stdout, commands.capture)
        outcome.result, outcome.encoded = normalise(result)
    except BadOutput as bad:
        if not code:
            outcome.failure = Failure(FailureKind.OUTPUT, str(bad), code, command=bound.line())
