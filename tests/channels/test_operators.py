"""At the command line one acts in the roles that the municipality gave one, and the journal keeps the id."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.command_line import door
from config.catalogue import catalogue
from tests.channels.cli import CommandLine, own_database, start_anew

SHIPPED = Path(__file__).resolve().parents[2] / "config"
ROLES = """operators:
  mette: {id: K-01, roles: [coordinator, volunteer, project_lead]}
  drift: {id: D-01, roles: [operations]}
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The command line of a municipality with two operators."""
    shutil.copytree(SHIPPED, tmp_path / "config")
    (tmp_path / "config" / "roles.yaml").write_text(ROLES)
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(tmp_path / "config"))
    catalogue.cache_clear()
    with own_database(tmp_path, monkeypatch) as opened:
        yield opened
    monkeypatch.undo()
    start_anew()
    catalogue.cache_clear()


def sits_here(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody logs in."""
    monkeypatch.setattr(door, "user_here", lambda: user)


def test_who_has_the_role_decides_and_the_journal_keeps_the_id_not_the_name(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sits_here("mette", monkeypatch)
    reference = cli.propose(cli.group())
    sits_here("drift", monkeypatch)
    cli.must(f"answer consultation {reference} --answer yes --on 2026-01-06")

    lines = cli.must(f"facility timeline {reference}")

    assert [line["operator"] for line in lines] == ["K-01", "K-01", "D-01"]
    assert "mette" not in str(cli.rows()["journal"])


def test_who_lacks_the_role_is_told_who_has_it_and_nothing_changes(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sits_here("mette", monkeypatch)
    reference = cli.propose(cli.group())
    before = cli.rows()

    reply = cli(*f"answer consultation {reference} --answer no --reason Nej --on 2026-01-06".split())

    assert reply.code == 1
    assert "K-01 må ikke handle som driften. Det kan D-01." in reply.err
    assert cli.rows() == before


def test_somebody_unknown_may_look_and_records_nothing(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    sits_here("gaest", monkeypatch)

    looked, tried = (cli("facility", "list"), cli("pool", "appropriate", "--year", "2026", "--kr", "5"))

    assert (looked.code, tried.code) == (0, 1)
    assert cli.rows()["ledger_entry"] == []


def test_the_calendar_needs_no_role(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    sits_here("gaest", monkeypatch)

    assert cli("sweep", "--on", "2026-03-02").code == 0
