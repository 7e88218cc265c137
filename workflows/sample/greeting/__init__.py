"""A tiny project for the workflows beside it to check."""


def greet(name: str, excited: bool = False) -> str:
    """Greet someone by name, or the world."""
    return f"Hello, {name.strip() or 'world'}{'!' if excited else '.'}"
