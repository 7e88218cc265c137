"""Where `runner`, `runwright` and `python -m runner` start.

It knows the version and nothing else: everything heavier is imported only when it is needed.
"""

import sys

from runner import __version__


def main() -> None:
    """Answer `--version` at once; leave everything else to the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"runner {__version__}")
        return
    from runner.cli import main as command_line

    command_line()


if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's json.py would shadow the library's.
    if not sys.flags.safe_path:
        del sys.path[0]
    main()
