"""`driftsklar pool ledger --verify`: the chain, and the heads that are known from nights and backups."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from channels.records.known_heads import LOG
from config.settings import settings
from models.database import engine_for
from models.guards import drop_guards, set_guards
from tests.channels.cli import CommandLine, own_database


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        command_line.fill_the_pool()
        yield command_line


def head_said(cli: CommandLine) -> str:
    """The head as the verification says it to people."""
    return cli("pool", "ledger", "--verify").out.split()[-1].removesuffix(".")


def cut_off_the_last(file: Path) -> None:
    """The newest appropriation goes, with its link, its line and its balance."""
    engine = engine_for(f"sqlite:///{file}")
    with engine.begin() as connection:
        drop_guards(connection)
        for statement in (
            "DELETE FROM pool_year WHERE year = 2036",
            "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)",
            "DELETE FROM ledger_entry WHERE year = 2036",
            "DELETE FROM chain_link WHERE number > (SELECT max(number) - 2 FROM chain_link)",
        ):
            connection.execute(text(statement))
        set_guards(connection)
    engine.dispose()


def test_the_chain_is_followed_and_its_head_is_said(cli: CommandLine) -> None:
    reply = cli("pool", "ledger", "--verify")

    assert reply.code == 0
    assert "Posterne passer med saldiene" in reply.out
    assert len(cli.must("pool ledger --verify")) == 11
    assert cli("pool", "ledger", "--head", head_said(cli)).code == 0


def test_an_entry_altered_with_its_balance_is_named_with_what_to_do(cli: CommandLine) -> None:
    with closing(sqlite3.connect(cli.file)) as base, base:
        base.execute("DROP TRIGGER ledger_entry_no_update")
        base.execute("UPDATE ledger_entry SET amount_ore = amount_ore + 1 WHERE id = 3")
        base.execute("UPDATE pool_year SET put_in_ore = put_in_ore + 1, free_ore = free_ore + 1 WHERE year = 2028")

    reply = cli("pool", "ledger", "--verify")

    assert (reply.code, reply.out) == (1, "")
    assert "postering 3" in reply.err
    assert "--backup FIL" in reply.err


def test_a_sqlite_shell_that_knows_no_chain_adds_nothing(cli: CommandLine) -> None:
    before = cli.rows()

    with closing(sqlite3.connect(cli.file)) as base, base, pytest.raises(sqlite3.OperationalError, match="chain_hash"):
        base.execute(
            "INSERT INTO journal (\"on\", recorded_at, stage, what, \"by\", door, operator) VALUES ('2026-01-01', '2026-01-01', '', 'x', 'leader', 'cli', '')"
        )

    assert cli.rows() == before


def test_a_backup_and_an_old_head_see_that_the_last_entries_are_gone(cli: CommandLine, tmp_path: Path) -> None:
    head, copy = head_said(cli), str(tmp_path / "copy.tar.gz")
    assert cli.must(f"backup --to {copy}")["chain_head"] == head
    assert cli("pool", "ledger", "--verify", "--backup", copy).code == 0

    (settings().var_dir / LOG).unlink()
    cut_off_the_last(cli.file)

    assert cli("pool", "ledger", "--verify").code == 0
    for known in (("--head", head), ("--backup", copy)):
        reply = cli("pool", "ledger", *known)
        assert (reply.code, reply.out) == (1, "")
        assert "Gendan fra den sidste kopi" in reply.err


def test_the_log_of_heads_sees_it_too_and_goes_on_saying_so(cli: CommandLine, tmp_path: Path) -> None:
    cli.must(f"backup --to {tmp_path / 'one.tar.gz'}")
    cut_off_the_last(cli.file)

    cli.must(f"backup --to {tmp_path / 'two.tar.gz'}")  # a copy is always taken, but settles nothing

    reply = cli("pool", "ledger", "--verify")
    assert reply.code == 1
    assert "siden den sidste nat eller kopi" in reply.err


def test_the_log_is_its_owner_s_alone_and_grows_by_a_line(cli: CommandLine, tmp_path: Path) -> None:
    for number in (1, 2):
        cli.must(f"backup --to {tmp_path / f'{number}.tar.gz'}")

    log = settings().var_dir / LOG
    lines = log.read_text().splitlines()
    assert log.stat().st_mode & 0o777 == 0o600
    assert [line.split()[1:] for line in lines] == [["kopi", head_said(cli)]] * 2


@pytest.mark.parametrize("head", ["x", "1", f"1:{'g' * 64}", f"-1:{'0' * 64}", f"²:{'0' * 64}", "1:"])
def test_a_head_that_is_none_is_said_to_be_none(cli: CommandLine, head: str) -> None:
    reply = cli("pool", "ledger", f"--head={head}")

    assert (reply.code, reply.out) == (2, "")
    assert "NUMMER:HASH" in reply.err


def test_a_file_that_is_no_backup_is_said_to_be_none(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "no.tar.gz").write_text("x")

    reply = cli("pool", "ledger", "--backup", str(tmp_path / "no.tar.gz"))

    assert reply.code == 2
    assert "ikke en hel sikkerhedskopi" in reply.err


def test_a_log_that_cannot_be_read_is_not_taken_for_a_good_one(cli: CommandLine) -> None:
    settings().var_dir.mkdir(exist_ok=True)
    (settings().var_dir / LOG).write_bytes(b"\xff\x00 garbage\n")

    reply = cli("pool", "ledger", "--verify")

    assert reply.code == 1
    assert "kan ikke læses" in reply.err


def test_an_empty_ledger_has_a_head_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    with own_database(tmp_path / "new", monkeypatch) as new:
        assert head_said(new) == f"0:{sha256().hexdigest()}"
