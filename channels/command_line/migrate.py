"""`driftsklar migrate`: the database brought to its newest form."""

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show
from channels.views.shapes.running import Migrated
from config.file_modes import tighten
from config.settings import settings
from models.database import engine_for
from models.migration import migrate as migrate_now
from models.migration import revision_of


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring databasen på den nyeste form. Tag en kopi først."""
    database = engine_for(settings().database_url)
    before = revision_of(database)
    migrate_now(database)
    tighten(settings().var_dir, settings().database_url)
    now = revision_of(database)
    document = Migrated(revision=now, changed=now != before)
    text = "Databasen er bragt" if document.changed else "Databasen var i forvejen"
    show(document, as_json, f"{text} på den nyeste form.")
