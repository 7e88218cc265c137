"""Callables for the workflow files beside it."""


def greet(name, greeting="Hello"):
    return f"{greeting}, {name}"


async def later():
    return 1


def anything(**values):
    return values


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
