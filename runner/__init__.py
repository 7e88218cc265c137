"""runner: a declarative workflow runner. The command line is in `runner.cli`."""

__version__ = "0.1.0"
