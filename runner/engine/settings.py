"""What a run is started with, besides the workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from runner.addresses import Step
from runner.hints import TYPE_CHECKING, Any
from runner.records import Pace
from runner.struct import field, struct

if TYPE_CHECKING:
    from runner.engine.orders import Orders
    from runner.plan.earlier import Cache, Earlier


@struct
class Outside:
    """What one workflow file takes from around it: the environment under which its `env` stands, its
    dotenv files included, and the secrets that it declares, by name."""

    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)


@struct
class Settings:
    """What a run is started with, besides the workflow. Paths are absolute.

    `outside` holds what each file takes from around it, by the file; `secrets` are all values to
    mask. `only` are addresses of the tasks and items that are asked for (none: all of them), `skip`
    names of root tasks. `leaves`: what is not asked for stays as earlier sessions have left it.
    """

    run_id: str
    start_folder: str
    log_folder: str
    params: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    outside: Mapping[str, Outside] = field(default_factory=dict)
    workers: int | None = None
    executor: str | None = None
    fail_fast: bool = False
    only: tuple[Sequence[Step], ...] = ()
    skip: frozenset[str] = frozenset()
    leaves: bool = False
    started: float | None = None
    """When the run was started first, in seconds since the epoch, if it is continued."""
    earlier: Earlier | None = None
    cache: Cache | None = None
    """What is kept of tasks with a `cache`, if that is to be used."""
    explain: bool = False
    """Whether it is to be told why it cannot be used."""
    paces: Callable[[], Mapping[str, Pace]] = dict
    """How long tasks took in earlier runs of the file, by their addresses without keys."""
    say: Callable[[str], object] = str
    """Who is told what is waited for before anything begins, if it takes long."""
    orders: Orders | None = None
    """Who tells the run to end, if it goes on inside of a program that is not ours."""
