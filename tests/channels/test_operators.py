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
  chef: {id: L-01, roles: [leader, coordinator, pool_manager]}
  anden: {id: L-02, roles: [leader, committee]}
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


def applied_for(cli: CommandLine, proposed_by: str, kr: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """A facility that `proposed_by` proposed, with an agreement that asks the pool for `kr` a year."""
    sits_here(proposed_by, monkeypatch)
    place = "--lat 55.04 --lon 12.21 --land-owner municipality --on 2026-01-05 --by coordinator"
    made = cli.must(f"propose --type badebro --group {cli.group()} --years 2 {place} --name", "Broen")
    reference = str(made["reference"])
    sits_here("drift", monkeypatch)
    cli.must(f"answer consultation {reference} --answer yes --hours-per-year 9 --kr-per-year {kr} --on 2026-01-06")
    sits_here("mette", monkeypatch)
    cli.must(f"answer agreement {reference} --review approve --insurance municipality --on 2026-01-07 --by coordinator")
    cli.must(f"answer agreement {reference} --sign volunteers --name Karen --on 2026-01-08")
    cli.must(f"answer agreement {reference} --sign municipality --name Nielsen --on 2026-01-08 --by coordinator")
    sits_here("chef", monkeypatch)
    cli.fill_the_pool()
    return reference


def test_whoever_proposed_a_facility_does_not_grant_its_money_in_another_role(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = applied_for(cli, "chef", 40_000, monkeypatch)
    grant = f"answer funding {reference} --decision grant --by leader --on 2026-01-12"
    before = cli.rows()

    refused = cli(*grant.split())

    assert (refused.code, refused.out) == (1, "")
    assert f"L-01 har selv foreslået {reference}" in refused.err
    assert cli.rows() == before
    sits_here("anden", monkeypatch)
    assert cli.must(grant)["stage"] == "building"


def test_a_small_grant_may_be_given_by_whoever_proposed_it(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = applied_for(cli, "chef", 20_000, monkeypatch)

    granted = cli.must(f"answer funding {reference} --decision grant --by pool_manager --on 2026-01-12")

    assert granted["stage"] == "building"
