"""Alembic's entry: brings a database to the shape the tables in models/ say."""

from alembic import context
from sqlmodel import SQLModel

import models.tables  # noqa: F401
from config.settings import settings
from models.database import engine_for


def migrate() -> None:
    """Run the migrations on the given connection, or on the database of the settings."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    with engine_for(settings().database_url).begin() as opened:
        _run(opened)


def _run(connection: object) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
    context.run_migrations()


migrate()
