"""The tests themselves: what would stop them from being collected somewhere else."""

import ast
from pathlib import Path

from tests.dear import dear_tests
from tests.tiers import THOROUGH

TESTS = Path(__file__).parent.parent


def test_every_folder_of_tests_is_a_package() -> None:
    """Else two files of one name are one module to pytest, and which of them runs is an accident."""
    folders = {file.parent for file in TESTS.rglob("test_*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_what_is_left_to_thorough_runs_is_there_and_says_why() -> None:
    """A renamed test would else come back into everybody's five minutes, or be thought to be run."""
    for each, why in THOROUGH.items():
        path, _, name = each.partition("::")
        assert (TESTS.parent / path).exists(), each
        assert not name or f"def {name}(" in (TESTS.parent / path).read_text(), each
        assert why, each


def test_no_test_says_by_itself_how_long_it_waits() -> None:
    """A bound that a quiet machine never meets is a red run on a busy one; there is one, in `tests.patience`."""
    own = [
        f"{file.relative_to(TESTS)}:{call.lineno}"
        for file in TESTS.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        for bound in [*(word.value for word in call.keywords if word.arg == "timeout"), *_what_it_waits(call)]
        if isinstance(bound, ast.Constant) and isinstance(bound.value, int | float) and bound.value >= 1
    ]
    assert own == []


def _what_it_waits(call: ast.Call) -> list[ast.expr]:
    is_wait = isinstance(call.func, ast.Attribute) and call.func.attr in ("wait", "join", "wait_for_timeout")
    return call.args[:1] if is_wait else []


def test_what_is_too_dear_for_every_day_is_there() -> None:
    """`make test THOROUGH=1 ARGS="-p tests.dear"` writes the list; a test that got another name is no longer on it."""
    gone = [
        each
        for each in sorted(dear_tests())
        for path, _, name in [each.partition("::")]
        if f"def {name}(" not in (TESTS.parent / path).read_text()
    ]
    assert gone == []
