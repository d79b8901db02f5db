"""The wheel holds all that runs: installed somewhere else, it needs no checkout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
PARTS = ("config", "models", "channels", "flows", "migrations", "templates")
NOT_NEEDED = ("__pycache__",)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from a copy of the house and unpacked, as an installation has it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for part in PARTS:
        shutil.copytree(HOUSE / part, source / part, ignore=shutil.ignore_patterns(*NOT_NEEDED))
    for file in ("driftsklar.py", "pyproject.toml", "README.md"):
        shutil.copy(HOUSE / file, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--no-index", "-w", folder, source], check=True)
    (wheel,) = folder.glob("driftsklar-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def driftsklar(installed: Path, folder: Path, *words: str) -> str:
    """Call the installed program in a folder of its own; what it printed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DRIFTSKLAR_")}
    done = subprocess.run(
        [sys.executable, "-m", "driftsklar", *words],
        cwd=folder,
        env=env | {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_in_the_house_that_runs_is_in_the_wheel(installed: Path) -> None:
    there = {
        str(path.relative_to(HOUSE))
        for part in PARTS
        for path in (HOUSE / part).rglob("*")
        if path.is_file() and not any(name in path.parts for name in NOT_NEEDED)
    }

    packed = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}

    assert sorted(there - packed) == []


def test_it_works_in_a_folder_with_nothing_in_it(installed: Path, tmp_path: Path) -> None:
    contacts = ("--contact", "Aase Holm;aase@example.dk;", "--contact", "Bent Friis;bent@example.dk;")
    place = ("--lat", "55.04", "--lon", "12.21", "--land-owner", "municipality")

    driftsklar(installed, tmp_path, "group", "add", "--name", "Nyord", *contacts)
    made = driftsklar(
        installed, tmp_path, "propose", "--type", "shelter", "--name", "Nyord", "--group", "G-0001", *place, "--json"
    )

    assert json.loads(made)["stage"] == "consultation"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["var"]


def test_a_copy_made_by_init_is_the_one_that_counts(installed: Path, tmp_path: Path) -> None:
    driftsklar(installed, tmp_path, "init", ".")
    municipality = tmp_path / "config" / "municipality.yaml"
    municipality.write_text(municipality.read_text().replace("prefix: VK", "prefix: NK"))

    again = json.loads(driftsklar(installed, tmp_path, "init", ".", "--json"))
    driftsklar(installed, tmp_path, "group", "add", "--name", "N", "--contact", "A B;a@example.dk;")
    made = driftsklar(
        installed,
        tmp_path,
        "propose",
        "--type",
        "baenk",
        "--name",
        "N",
        "--group",
        "G-0001",
        "--lat",
        "55",
        "--lon",
        "12",
        "--land-owner",
        "municipality",
        "--json",
    )

    assert again["written"] == 0
    assert json.loads(made)["reference"].startswith("NK-")
