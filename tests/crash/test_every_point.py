"""A life is lived, killed with -9 at point k, lived again from the start: it comes out the same, for every k.

In `make test` a few points, others for each database; all of them with DRIFTSKLAR_CRASH=all.
"""

import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, literal
from sqlmodel import SQLModel

from config.settings import settings
from models.database import engine_for, reading
from models.overview.invariants import INVARIANTS, broken
from models.post.link import TOKEN_LENGTH
from tests.crash.a_life import in_a_process
from tests.crash.conftest import Sink
from tests.crash.tally import EVERYTHING, STEP, Tally

PASSING = re.compile(r"(^|_)(id|at|until|attempts)$")
"""Columns that say when and under which number, not what."""
CHANCE = re.compile(rf"(?<![\w-])(?:[\w-]{{{TOKEN_LENGTH}}}|[0-9a-f]{{12}})(?![\w-])")
"""In a message: a link's token, and what tells two letters to one person on one day apart."""

BY_CHANCE = {"link": {"salt", "sha256"}, "chain_link": {"strand", "number", "hash"}}
"""A hash of the chain is over times and numbers."""

ROW_NUMBER = re.compile(
    r"\b(work-order:|work:|incident:|released:|(?:[Ss]kade|[Tt]jek|Arbejdsordre|[Aa]rbejde|Melding) nr\. )\d+"
)
"""In a key or a sentence: the number of a row; PostgreSQL leaves one out for each insert rolled back."""


def what_is_true(engine: Engine) -> dict[str, Counter[str]]:
    """Every row of every table but for times, numbers, and what chance drew in links and letters."""
    rows = {}
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            by_chance = BY_CHANCE.get(table.name, set())
            columns = [c for c in table.columns if not PASSING.search(c.name) and c.name not in by_chance]
            rows[table.name] = Counter(
                re.sub(r"\d+", "#", CHANCE.sub("?", repr(tuple(row))))
                if table.name.startswith("message")
                else ROW_NUMBER.sub(r"\1#", repr(tuple(row)))
                for row in connection.execute(table.select().with_only_columns(*(columns or [literal("a row")])))
            )
    rows.pop("numbering")
    return rows


@pytest.fixture
def life(database: Engine, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, with the settings of a municipality that sends real mail."""
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", sink.url)
    settings.cache_clear()
    database.dispose()
    return url


def test_a_life_survives_being_killed_at_any_point(life: str, database: Engine, sink: Sink, tmp_path: Path) -> None:
    counted = tmp_path / "counted"
    clean = _snapshot(life, tmp_path / "var")
    sink.forget()
    assert in_a_process(life, counted=counted) == 0
    expected, to_move = what_is_true(engine_for(life)), ore_booked(engine_for(life))
    mails = Counter(sink.taken())
    names = counted.read_text().splitlines()
    assert set(mails.values()) == {1}
    assert len(names) > 100

    tally = Tally("kill -9 at every point of a life", database.dialect.name, points=len(names))
    phase = 0 if EVERYTHING or database.dialect.name == "sqlite" else STEP // 2
    for number in range(1 + phase, len(names) + 1, STEP):
        clean()
        sink.forget()
        killed = in_a_process(life, kill_at=number)
        assert killed == signal.SIGKILL, f"point {number} was not reached"
        _let_leases_run_out(life)

        assert in_a_process(life) == 0

        about = f"killed at {number}: {names[number - 1]}"
        engine = engine_for(life)
        found, moved = what_is_true(engine), ore_booked(engine)
        with reading(engine) as session:
            assert broken(session) == {}, about
        engine.dispose()
        again = Counter(sink.taken())
        doubled = sum(count - 1 for count in again.values())
        tally.kills += 1
        tally.invariants += len(INVARIANTS)
        tally.mails += len(again)
        tally.mails_doubled += doubled
        tally.ore_doubled += max(0, moved - to_move)
        tally.lost += sum((expected[table] - found[table]).total() for table in expected)
        tally.lost += len(set(mails)) - len(set(again))
        assert found == expected, about
        assert len(again) == len(mails), about
        assert doubled <= (1 if names[number - 1] in ("after mail", "before commit") else 0), about
    tally.keep()
    assert (tally.ore_doubled, tally.lost) == (0, 0)


def ore_booked(engine: Engine) -> int:
    """All øre that ever moved, whichever way."""
    with engine.connect() as connection:
        moved = connection.exec_driver_sql("SELECT sum(abs(amount_ore)) FROM ledger_entry")
        return int(moved.scalar_one() or 0)


def _let_leases_run_out(url: str) -> None:
    """The ten minutes after which another sender may take what a dead one had claimed."""
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET lease_until = NULL WHERE sent_at IS NULL")
    engine.dispose()


def _snapshot(url: str, var_dir: Path) -> Callable[[], None]:
    """How to get the empty database back."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        template = path.read_bytes()

        def put_back() -> None:
            for name in path.parent.glob(f"{path.name}*"):
                name.unlink()
            path.write_bytes(template)
            shutil.rmtree(var_dir, ignore_errors=True)

        return put_back

    def empty_again() -> None:
        engine = engine_for(url)
        with engine.begin() as connection:
            _empty_tables(connection)
        engine.dispose()
        shutil.rmtree(var_dir, ignore_errors=True)

    return empty_again


def _empty_tables(connection: object) -> None:
    """Empty every table; the append-only ones let go only of a session that is a replica."""
    tables = ", ".join(f'"{t.name}"' for t in SQLModel.metadata.sorted_tables)
    for statement in ("SET LOCAL session_replication_role = replica", f"TRUNCATE {tables} RESTART IDENTITY CASCADE"):
        connection.exec_driver_sql(statement)  # type: ignore[attr-defined]
