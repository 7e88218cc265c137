"""Callables for the workflow files beside it."""


def greet(name, greeting="Hello"):
    return f"{greeting}, {name}"


async def later():
    return 1
