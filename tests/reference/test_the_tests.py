"""The tests themselves: what would stop them from being collected somewhere else."""

from pathlib import Path

TESTS = Path(__file__).parent.parent


def test_every_folder_of_tests_is_a_package() -> None:
    """Else two files of one name are one module to pytest, and which of them runs is an accident."""
    folders = {file.parent for file in TESTS.rglob("test_*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
