"""The program as Python has it: `load` and `run` with typed results, inside of a program that is not ours.

What it gives is named in `runner` itself. Nothing here prints, exits, or catches a signal for longer than
somebody waits for a run.
"""
