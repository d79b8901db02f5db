"""docs/security.md tells the truth: its tests are there; and a few attacks that have no better place."""

import io
import json
import re
import tarfile
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from channels.command_line import door
from channels.records.backup import restore
from channels.records.case_archive import FORMAT, write_case
from config.settings import settings
from models.case.facility import find
from models.database import reading
from models.refusal import BadInput
from tests.city import City

HOUSE = Path(__file__).resolve().parent.parent


def test_every_line_of_the_threat_table_is_held_by_a_test_that_is_there() -> None:
    table = re.findall(r"^\| (\d+) \|.*\| `(\w+)` \|$", (HOUSE / "docs/security.md").read_text(), re.M)
    there = {
        name
        for path in (HOUSE / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }

    assert [int(number) for number, _ in table] == list(range(1, len(table) + 1))
    assert len(table) >= 40
    assert [name for _, name in table if name not in there] == []


@pytest.mark.parametrize("table", ["journal", "ledger_entry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET what = 'x'", "DELETE FROM {}"])
def test_the_journal_and_the_ledger_cannot_be_rewritten(city: City, table: str, statement: str) -> None:
    city.propose()
    city.appropriate(2026, 10)
    before = city.dump()

    with pytest.raises(DatabaseError, match="only ever added to"), city.engine.begin() as connection:
        connection.exec_driver_sql(statement.format(table))

    assert city.dump() == before


def test_a_name_in_the_environment_makes_nobody_an_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    me = door.user_here()

    for name in ("SUDO_USER", "LOGNAME", "USER", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "leder")

    assert door.user_here() == me != "leder"


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/driftsklar-outside.txt", "documents/../../x"])
def test_a_backup_cannot_write_outside_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "in" / "var"))
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{tmp_path}/in/d.db")
    settings.cache_clear()
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as archive:
        info = tarfile.TarInfo(path)
        info.size = 4
        archive.addfile(info, io.BytesIO(b"evil"))

    with pytest.raises(BadInput, match="ikke en hel sikkerhedskopi"):
        restore(evil)

    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["evil.tar.gz"]
    assert not Path("/tmp/driftsklar-outside.txt").exists()
    settings.cache_clear()


@pytest.mark.parametrize("path", ["../mine.txt", "a/../../mine.txt", "{}/mine.txt"])
def test_an_index_cannot_make_us_delete_elsewhere(city: City, tmp_path: Path, path: str) -> None:
    place, mine = city.propose(), tmp_path / "mine.txt"
    mine.write_text("vigtigt")
    folder = tmp_path / "sag"
    folder.mkdir()
    named = {"format": FORMAT, "files": [{"path": path.format(tmp_path)}]}
    (folder / "index.json").write_text(json.dumps(named))

    with reading(city.engine) as session:
        write_case(session, find(session, place.reference), folder)

    assert mine.read_text() == "vigtigt"
