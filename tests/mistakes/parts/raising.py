"""A callable and what it raises."""

from queue import Empty


class Busy(Exception):
    pass


class ConnectionErro(Exception):
    pass


def act():
    raise Busy(Empty)
