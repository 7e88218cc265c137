"""Where `runner`, `runwright` and `python -m runner` start.

It knows the version and nothing else: everything heavier is imported only when it is needed.
"""

import os
import sys

from runner import __version__


def main() -> None:
    """Answer `--version` at once; leave everything else to the command line."""
    try:
        if sys.argv[1:] in (["--version"], ["-V"]):
            _say_version()
            return
        from runner.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        os._exit(130)


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
