"""`driftsklar init`: an installation's own copy of what a municipality changes."""

import shutil
from pathlib import Path

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show
from channels.views.shapes.running import InstallationCopied
from config.file_modes import for_everybody
from config.settings import SHIPPED_CONFIG, SHIPPED_TEMPLATES
from models.refusal import BadInput


@click.command()
@click.argument("folder", metavar="MAPPE", type=click.Path(path_type=Path, file_okay=False))
@json_option
def init(folder: Path, as_json: bool) -> None:
    """Læg en kopi af config/ og templates/ i MAPPE. En fil, der er der i forvejen, bliver, som den er."""
    wanted = {folder / "config" / file.name: file for file in sorted(SHIPPED_CONFIG.glob("*.yaml"))} | {
        folder / "templates" / file.relative_to(SHIPPED_TEMPLATES): file
        for file in sorted(SHIPPED_TEMPLATES.rglob("*"))
        if file.suffix in (".j2", ".css")
    }
    new = {to: source for to, source in wanted.items() if not to.exists()}
    try:
        with for_everybody():  # who reads them may be another user than who runs this
            for to, source in new.items():
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, to)
    except OSError as broken:
        raise BadInput("MAPPE", f"{broken.filename} kan ikke skrives: {broken.strerror}.") from broken
    kept = len(wanted) - len(new)
    text = (
        f"{len(new)} filer er lagt i {folder}"
        + (f", {kept} var der i forvejen og er ikke rørt" if kept else "")
        + ".\nRet dem, og start Driftsklar fra mappen. Eller peg på dem med DRIFTSKLAR_CONFIG_DIR og "
        "DRIFTSKLAR_TEMPLATES_DIR.\nSe efter med: driftsklar doctor"
    )
    show(InstallationCopied(folder=str(folder), written=len(new), kept=kept), as_json, text)
