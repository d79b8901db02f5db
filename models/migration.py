"""The database's shape: new files get it by themselves, older ones ask for `driftsklar migrate`."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from models.guards import missing_guards, set_guards
from models.place_words import keep_place_words, missing_keepers, wrong_words
from models.refusal import Refusal

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def newest_revision() -> str:
    """The revision this program was written for: the files are numbered in their order."""
    return max(known_revisions())


def known_revisions() -> set[str]:
    """Every revision this program can bring to its own."""
    return {file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*.py")}


def revision_of(engine: Engine) -> str | None:
    """The revision the database has; None for an empty one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else None


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision, with all its guards, in one transaction."""
    migrate_to(engine, "head")


def migrate_to(engine: Engine, revision: str) -> None:
    """Bring an empty or older database to that revision, in one transaction."""
    from alembic import command  # 0.1 s that every other command and flow run can do without

    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision == "head" and missing_guards(connection):
            set_guards(connection)
        if revision == "head" and (missing_keepers(connection) or wrong_words(connection)):
            keep_place_words(connection)


def prepare(engine: Engine) -> None:
    """Migrate an empty database; refuse one that is older or newer than this program.

    Raises:
        Refusal: `database.old`, with the command that helps.
    """
    has = revision_of(engine)
    if has == newest_revision():
        return
    if has is None and not inspect(engine).get_table_names():
        migrate(engine)
        return
    raise Refusal("database.old", "Databasen er fra en anden version. Tag en kopi og kør: driftsklar migrate")


def alembic_config() -> "Config":
    """Alembic's configuration for the migrations that come with the program."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
