"""The tests themselves: what would stop them from being collected somewhere else."""

from pathlib import Path

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
