"""Where `runner`, `runwright` and `python -m runner` start.

It knows the version and nothing else: everything heavier is imported only when it is needed.
"""

import gc
import os
import sys

from runner import __version__


def main() -> None:
    """Answer `--version` at once; leave everything else to the command line."""
    gc.disable()  # imports leave no garbage, and looking for it takes a tenth of their time
    _speak_utf8()
    try:
        if sys.argv[1:] in (["--version"], ["-V"]):
            _say_version()
            return
        runs = _runs(sys.argv[1:])
        if runs:
            _leave_if_told()
        from runner.bundle import begin, serve

        serve()
        if runs:
            from runner.supervisor import supervise

            supervise()
            begin()
        from runner.cli.entry import main as command_line

        command_line()
    except KeyboardInterrupt:
        _leave(130)
    except (OSError, ImportError) as refused:  # no process starts, or not even our own files open
        print(f"error: {_reason(refused)}", file=sys.stderr)
        _leave(2 if _runs(sys.argv[1:]) else 1)


def _speak_utf8() -> None:
    """Start anew in UTF-8 where the locale has another encoding.

    The file is UTF-8 wherever it is read, and so is what becomes of it: arguments, environment and names
    of files. The environment stays as it is: `-X utf8` is said to this program only.
    """
    if sys.getfilesystemencoding() != "utf-8" and sys.executable:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _reason(refused: OSError | ImportError) -> str:
    from runner.refusals import refusal

    what, hint = refusal(refused) or (getattr(refused, "strerror", None) or str(refused), "")
    return f"{what}\n  = {hint}" if hint else what.lower()


def _leave_if_told() -> None:
    """Leave by a Ctrl-C at once, as long as nothing has begun.

    A `KeyboardInterrupt` comes wherever the program is: between two steps of an import it is lost, or leaves
    a lock behind for which the program would wait for ever.
    """
    from runner.in_c import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: _leave(130))


def _leave(code: int) -> None:
    if "runner.supervisor" in sys.modules:
        from runner.supervisor import farewell

        farewell.say()
    os._exit(code)


def _runs(words: list[str]) -> bool:
    return words[:1] in (["run"], ["resume"]) and not {"-h", "--help"} & set(words)


def _say_version() -> None:
    try:
        print(f"runner {__version__}", flush=True)
    except OSError as error:
        print(f"error: cannot write to standard output: {error.strerror}", file=sys.stderr)
        os._exit(1)


if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's json.py would shadow the library's.
    if not sys.flags.safe_path:
        del sys.path[0]
    main()
