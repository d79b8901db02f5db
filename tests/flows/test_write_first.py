"""Prefect's file of SQLite: who reads and then writes waits for whoever writes, and isn't refused."""

import asyncio
from pathlib import Path

import pytest
from prefect.server.database.configurations import AioSqliteConfiguration
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from flows.engine.write_first import WriteFirst

AT_ONCE = 5


async def _all_at_once(database: AioSqliteConfiguration) -> int:
    """So many transactions begun together, each of which reads before it writes; how many have written."""
    engine = await database.engine()
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE said (what TEXT)"))

    async def read_and_write(number: int) -> None:
        session = await database.session(engine)
        async with session, database.begin_transaction(session):
            before = (await session.execute(text("SELECT count(*) FROM said"))).scalar()
            await session.execute(text("INSERT INTO said VALUES (:what)"), {"what": f"{number} after {before}"})

    try:
        await asyncio.gather(*(read_and_write(number) for number in range(AT_ONCE)))
        async with engine.connect() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM said"))).scalar() or 0)
    finally:
        await engine.dispose()


def test_who_reads_and_then_writes_waits_for_whoever_writes(tmp_path: Path) -> None:
    assert asyncio.run(_all_at_once(WriteFirst(connection_url=f"sqlite+aiosqlite:///{tmp_path}/ours.db"))) == AT_ONCE


def test_as_prefect_begins_one_of_them_is_refused(tmp_path: Path) -> None:
    """What `write_first` is for; once Prefect begins otherwise, it can go."""
    with pytest.raises(OperationalError, match="database is locked"):
        asyncio.run(_all_at_once(AioSqliteConfiguration(connection_url=f"sqlite+aiosqlite:///{tmp_path}/theirs.db")))
