"""Commands that a plain command line may ask for: each takes its options by the names that `words` has."""

from __future__ import annotations

from collections.abc import Sequence

from runner.cli.terminal import Stdout, say
from runner.cli.words import STATE
from runner.hints import Any


def run(**asked: Any) -> int:
    """Run a workflow; the exit code."""
    from runner.cli.asked import Asked
    from runner.cli.running import run

    return run(Asked(**_given(asked)))


def resume(prefix: str | None = None, only_failed: bool = False, **asked: Any) -> int:
    """Go on with a run; the exit code."""
    from runner.cli.asked import Asked
    from runner.cli.resuming import resume

    return resume(prefix, only_failed, Asked(**_given(asked)))


def report(
    run: str | None = None,
    form: str | None = None,
    template: str | None = None,
    output: str | None = None,
    eject: str | None = None,
    state: str = STATE.default,
) -> int:
    """Report on a run that is recorded."""
    from runner.cli.reporting import put, refuse_beside, report_again

    if eject is None:
        report_again(state, run, form, template, output, Stdout())
        return 0
    from runner.report import eject as template_of

    refuse_beside("--eject", {"RUN": run, "--format": form, "--template": template})
    put([template_of(eject)], output, Stdout())
    return 0


def runs(form: str = "text", bounds: Sequence[str] | None = None, state: str = STATE.default) -> int:
    """List the recorded runs."""
    from runner.cli.archive import show_runs

    if bounds:
        from runner.cli.pruning import prune

        prune(state, bounds)
    show_runs(state, form, Stdout())
    return 0


def logs(run: str | None = None, address: str | None = None, state: str = STATE.default) -> int:
    """Show what was printed in a run."""
    from runner.cli.archive import show_logs

    show_logs(state, [word for word in (run, address) if word is not None], Stdout())
    return 0


def validate(files: Sequence[str], strict: bool = False, form: str = "text") -> int:
    """Tell all problems of workflow files; the exit code."""
    from runner.cli.checking import check

    return check(files, strict, form, Stdout())


def plan(
    file: str | None = None,
    assignments: Sequence[str] | None = None,
    params_files: Sequence[str] | None = None,
    form: str = "text",
    state: str = STATE.default,
) -> int:
    """Show what would run."""
    from runner.cli.planning import show_plan

    show_plan(file, assignments or [], params_files or [], form, state, Stdout())
    return 0


def init(file: str = "workflow.yml") -> int:
    """Write a workflow file to start from."""
    from runner.cli.scaffold import starter, write_starter

    if file == "-":
        Stdout().write(starter())
    else:
        say(f"wrote {file}; now: {write_starter(file)}")
    return 0


def schema() -> int:
    """Print the JSON Schema of workflow files."""
    import json

    from runner.loader.json_schema import json_schema

    Stdout().write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return 0


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: it for name, it in asked.items() if it is not None}
