"""Functions that take their time, for the workflows beside this file."""

import time


def wait(seconds: float) -> str:
    """Wait, and say so; what it prints is in the log of its task."""
    print(f"waiting {seconds} s")
    time.sleep(seconds)
    return f"waited {seconds} s"


def square(number: int, seconds: float) -> int:
    """The square of a number, but not at once."""
    time.sleep(seconds)
    return number * number
