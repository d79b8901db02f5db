"""`driftsklar import geofa`: what the public register has of our places, beside what stands here."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import show, table
from channels.views.shapes.geofa import GeofaCompared, GeofaLine
from config.file_modes import for_everybody
from models.danish import liste
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said

DANISH = {"ours": "vores", "differs": "afviger", "new": "ny", "unknown_type": "ukendt type", "cancelled": "aflyst"}


@click.command("geofa")
@click.argument("file", metavar="FIL", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--cvr", help="Hent kommunens steder fra GeoFA i stedet for en fil.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FIL",
    help="Skriv de nye som CSV, til: driftsklar import facilities.",
)
@click.option("--lines", "is_lines", is_flag=True, help="Hent stierne som linjer (tema 5802) i stedet for punkterne.")
@click.option("--apply", "is_applied", is_flag=True, help="Gem GeoFA's linjer på vores stier. Uden ændres intet.")
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def bring_geofa(
    file: Path | None,
    cvr: str | None,
    out: Path | None,
    is_lines: bool,
    is_applied: bool,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Sammenlign med GeoFA: hvad er vores, hvad er nyt, hvad afviger. Ændrer intet uden --apply, og kun stiers linjer."""
    from channels.sheets.geofa import MOST_BYTES, address_of, compare, keep_lines, read_public, write_new
    from channels.sheets.geofa_fetch import fetch
    from channels.views.geofa_fields import LINES, POINTS

    if (file is None) == (cvr is None):
        raise BadInput("FIL", "skriv enten en fil eller --cvr.")
    if out is not None and out.suffix.lower() != ".csv":
        raise BadInput("--out", "skriv et filnavn, der ender på .csv.")
    if file is not None and not file.is_file():
        raise BadInput("FIL", f"{file.name} findes ikke.")
    if file is not None and file.stat().st_size > MOST_BYTES:
        raise BadInput("FIL", "filen er for stor.")
    content = file.read_bytes() if file is not None else fetch(address_of(cvr or "", LINES if is_lines else POINTS))
    with recording() if is_applied else looking() as session:
        read = read_public(content)
        compared = compare(session, read.places)
        kept = keep_lines(session, compared, Said(on, Role(by), Door.CLI)) if is_applied else []
    lines = [
        GeofaLine(
            what=each.what,
            object_id=each.public.object_id,
            type_code=each.public.code,
            name=each.public.name,
            reference=each.reference or None,
            differences=list(each.differences),
        )
        for each in compared
    ]
    counts = {what: sum(each.what == what for each in lines) for what in DANISH}
    if out is not None:
        with for_everybody():
            write_new(out, compared)
    said = ", ".join(f"{number} {DANISH[what]}" for what, number in counts.items() if number) or "ingen steder"
    text = f"{_table_of(lines)}GeoFA: {said}. {_changed(kept)}"
    if read.skipped:
        text += " Det her kan ikke læses og er ikke med:\n" + "\n".join(f"  {each}" for each in read.skipped)
    if out is not None:
        text += f" De nye står i {out}. Prøv: driftsklar import facilities {out}"
    show(
        GeofaCompared(rows=lines, out=str(out) if out else None, lines_kept=kept, skipped=read.skipped, **counts),
        as_json,
        text,
    )


def _table_of(lines: list[GeofaLine]) -> str:
    """What isn't as ours, one a line; nothing where all is."""
    rows = [
        {
            "what": DANISH[each.what],
            "reference": each.reference or "",
            "name": each.name,
            "differences": "; ".join(each.differences),
        }
        for each in lines
        if each.what != "ours"
    ]
    columns = {"what": "", "reference": "Hos os", "name": "Navn i GeoFA", "differences": "Afviger"}
    return table(rows, columns, fold="differences") + "\n\n" if rows else ""


def _changed(kept: list[str]) -> str:
    return f"Linjen er gemt på {liste(kept)}." if kept else "Intet er ændret."
