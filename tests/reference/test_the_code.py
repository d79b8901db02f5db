"""What a reader of the code may count on, wherever they open it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("config", "models", "channels", "flows")
LONGEST = 60
"""Lines of a function, its docstring among them: what fits on a screen is read in one go."""


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{file.relative_to(ROOT)}: {node.name} is {node.end_lineno - node.lineno + 1} lines"
        for file in _files(*ROOMS)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST
    ]
    assert long == []


def test_nothing_is_kept_from_the_formatter_and_no_number_is_invented() -> None:
    """Migrations stay as they were landed."""
    signs = ("# fmt" + ": skip", "id or" + " 0")
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in _files(*ROOMS, "tests", "benchmarks")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if any(sign in line for sign in signs)
    ]
    assert found == []


def test_no_test_reaches_into_what_is_private() -> None:
    """What a test needs is a door that users have, or it is public."""
    reached = [
        f"{file.relative_to(ROOT)}: {alias.name}"
        for file in _files("tests")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in (*ROOMS, "tests")
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert reached == []
