"""What a run is asked for, by a command line and by the one that it continues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runner.hints import TYPE_CHECKING, Any, Literal
from runner.problem import UserError
from runner.struct import field, replace, struct

if TYPE_CHECKING:
    from runner.progress import Output


@struct
class Asked:
    """What the command line asks of a run."""

    file: str | None = None
    assignments: Sequence[str] = ()
    params_files: Sequence[str] = ()
    only: Sequence[str] = ()
    again: bool = False
    skip: Sequence[str] = ()
    workers: int | None = None
    executor: str | None = None
    fail_fast: bool = False
    reports: Sequence[str] = ()
    template: str | None = None
    form: str | None = None
    output: Output = "failed"
    state: str = ".runner"
    quiet: bool = False
    verbose: bool = False
    live: bool = True
    explain: bool = False
    no_cache: bool = False
    durability: Literal["process", "power"] | None = None
    text: str | None = None
    """The text of the file, if that was read from standard input."""
    continues: str | None = None
    """The folder of the run that this one continues."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """What that one was asked for."""
    failed: Sequence[str] = ()
    """What of it failed, if nothing but that is to be done."""

    def repeated(self) -> dict[str, Any]:
        """What a run that continues this one is asked for again."""
        return {name: getattr(self, name) for name in _repeated}


_repeated = (
    "file",
    "text",
    "assignments",
    "params_files",
    "only",
    "again",
    "skip",
    "workers",
    "executor",
    "fail_fast",
    "no_cache",
    "reports",
    "template",
    "durability",
)


def asked_again(options: Mapping[str, Any], asked: Asked) -> Asked:
    """What a run is asked for that continues one with these options: lists are added to, others replaced.

    Raises `UserError` for params that held a secret, and so were not recorded, and are not given again.
    """
    given = {word.partition("=")[0] for word in asked.assignments}
    if missing := [name for name in options.get("withheld") or () if name not in given]:
        names = " and ".join(f"-p {name}=…" for name in missing)
        raise UserError(
            f"the run was given {names}, which held a secret and is not recorded", "give it again"
        )
    merged: dict[str, Any] = {}
    for name in _repeated:
        before, now = options.get(name), getattr(asked, name)
        merged[name] = [*(before or ()), *now] if isinstance(now, list | tuple) else now or before
    return replace(asked, **merged)
