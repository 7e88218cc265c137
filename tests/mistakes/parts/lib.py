"""Callables for the workflow files beside it."""


def greet(name, greeting="Hello"):
    return f"{greeting}, {name}"


async def later():
    return 1


def placed(x, /):
    return x


def may_be_placed(x=1, /):
    return x
