"""The domain database of this process: opened once, asked and written in short transactions by flows and commands alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Engine
from sqlmodel import Session

from config.file_modes import tighten_the_door
from config.settings import settings
from models.database import engine_for, reading, transaction
from models.migration import prepare


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The domain database of the settings, ready for use."""
    made = engine_for(settings().database_url)
    prepare(made)
    tighten_the_door(settings().var_dir, settings().database_url)
    return made


@contextmanager
def recording() -> Iterator[Session]:
    """A decision: written whole when the block ends, or not at all."""
    import models.tables  # noqa: F401  # SQLAlchemy looks up each table that a written row refers to; a look needs none

    with transaction(engine()) as session:
        yield session


@contextmanager
def looking() -> Iterator[Session]:
    """A look at the cases."""
    with reading(engine()) as session:
        yield session
