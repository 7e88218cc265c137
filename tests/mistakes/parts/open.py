"""A callable in a module that binds names which its source does not show."""

from queue import *  # noqa: F403


def act():
    pass
