"""Prefect's server on SQLite: a transaction that may write takes its place before it reads.

Prefect reads first and then writes. When another has written in between, SQLite refuses at once ("database is locked"),
without waiting, since what was read is old: an answer in the form then fails with a 503. Whoever takes the place first
waits for it instead, up to the minute that Prefect gives each connection.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import set_database_config
from prefect.server.utilities.database import get_dialect
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction


class WriteFirst(AioSqliteConfiguration):
    """Each transaction as Prefect begins those in which it knows that it will write."""

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = False
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        """Begin at the place to write, whatever was asked for."""
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def write_first() -> None:
    """Have this process's server do so from now on; on PostgreSQL nothing changes."""
    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    if get_dialect(url).name == "sqlite":
        set_database_config(WriteFirst(connection_url=url))
