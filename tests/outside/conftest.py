"""An installation with a configuration of its own, to be changed by each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.catalogue import catalogue
from config.settings import settings

SHIPPED = Path(__file__).resolve().parents[2] / "config"
Write = Callable[[str, str], Path]


@pytest.fixture
def write_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """`write_config("archive.yaml", "…")` puts that file into the configuration, which is read anew."""
    folder = tmp_path / "own-config"
    folder.mkdir()
    for file in SHIPPED.glob("*.yaml"):
        shutil.copy(file, folder)
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(folder))

    def write(name: str, content: str) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        settings.cache_clear()
        catalogue.cache_clear()
        return folder / name

    yield write
    settings.cache_clear()
    catalogue.cache_clear()
