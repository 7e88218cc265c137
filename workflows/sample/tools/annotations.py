"""Find functions whose parameters or results have no type. A real project would use a type checker."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def untyped(path: Path) -> Iterator[str]:
    """A line for each parameter and result without a type in one file."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if node.returns is None:
            yield f"{path}:{node.lineno}: {node.name} does not say what it returns"
        for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if parameter.annotation is None and parameter.arg not in ("self", "cls"):
                yield f"{path}:{parameter.lineno}: {node.name} does not say what '{parameter.arg}' is"


def main(folder: str) -> int:
    """Print what was found under a folder; 1 if there was anything."""
    found = [line for path in sorted(Path(folder).rglob("*.py")) for line in untyped(path)]
    print("\n".join(found) or "every function says its types")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
