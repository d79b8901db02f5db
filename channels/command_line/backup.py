"""`driftsklar backup`: so that a burned machine costs no agreement and no krone."""

from pathlib import Path

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show
from channels.records.backup import back_up
from channels.views.shapes.running import BackupMade


@click.command("backup")
@click.option(
    "--to", "to", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Den nye fil, fx kopi.tar.gz."
)
@json_option
def backup(to: Path, as_json: bool) -> None:
    """Tag en sikkerhedskopi af database, aftaler og billeder, mens alt kører."""
    manifest = back_up(to)
    count = len(manifest["sha256"]) - 1
    show(BackupMade(**manifest, file=str(to)), as_json, f"{to}: databasen og {count} filer.")
