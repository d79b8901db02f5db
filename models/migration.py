"""The database's shape: new files get it by themselves, older ones ask for `driftsklar migrate`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from models.refusal import Refusal

_FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def newest_revision() -> str | None:
    """The revision this program was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(engine: Engine) -> str | None:
    """The revision the database has; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision, in one transaction."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def prepare(engine: Engine) -> None:
    """Migrate an empty database; refuse one that is older than this program.

    Raises:
        Refusal: `database.old`, with the command that helps.
    """
    has = revision_of(engine)
    if has == newest_revision():
        return
    if has is None and not inspect(engine).get_table_names():
        migrate(engine)
        return
    raise Refusal(
        "database.old", "Databasen er fra en anden version. Tag en kopi og kør: driftsklar migrate"
    )
