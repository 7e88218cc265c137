"""Callables for the workflow files beside it."""


def greet(name, greeting="Hello"):
    return f"{greeting}, {name}"


async def later():
    return 1


def placed(x, /):
    return x


def may_be_placed(x=1, /):
    return x


double = lambda x: 2 * x  # noqa: E731


class Tool:
    size = 3

    class Part:
        pass

    def __init__(self):
        self.worn = 0

    def turn(self, by, angle=90):
        return angle

    @staticmethod
    def grease(with_="oil"):
        return with_

    @classmethod
    def made(cls, by):
        return cls()


class Better(Tool):
    pass
