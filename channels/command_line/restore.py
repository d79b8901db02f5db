"""`driftsklar restore`: an installation comes back from its backup."""

from pathlib import Path
from typing import Any

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show, whole
from channels.records.doctor import examine
from channels.records.restore import restore
from channels.views.shapes.running import Restored
from models.refusal import Refusal


@click.command("restore")
@click.argument("source", metavar="FIL", type=click.Path(path_type=Path))
@json_option
def restore_command(source: Path, as_json: bool) -> None:
    """Gendan en sikkerhedskopi i en tom installation. Intet overskrives, og alt ses efter først."""
    manifest = restore(source)
    wrong = [check for check in examine() if not check["ok"]]
    text = (
        f"{source} er gendannet: {whole(manifest['facilities'])} anlæg, taget {manifest['made_at']}, "
        f"databasens form {manifest['revision']}."
    )
    if wrong:
        raise Refusal(
            "restore.not_sound",
            f"{text} Men: " + " ".join(f"{check['name']}: {check['detail']} {check['remedy']}" for check in wrong),
        )
    show(_restored(manifest), as_json, f"{text} Alt står rigtigt.")


def _restored(manifest: dict[str, Any]) -> Restored:
    """What a manifest says that we know of: another version may have written less, or more."""
    return Restored(**{name: manifest.get(name) for name in Restored.model_fields})
