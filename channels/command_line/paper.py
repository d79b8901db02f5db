"""`driftsklar paper …`: papers in a case, as files."""

from datetime import date
from pathlib import Path

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import NUMBER, CatalogueKey
from channels.records.papers import keep_paper
from channels.views.shapes.paper import PaperLine, PaperRemoved
from config.catalogue import catalogue
from models.case.attached_paper import AttachedPaper, papers_of
from models.case.facility import Facility, find
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.attached_paper import add_paper, remove_paper

KIND = CatalogueKey("PAPIR", lambda: {key: paper.name for key, paper in catalogue().papers.items()})


@click.group()
def paper() -> None:
    """Papirer i en sag, som filer."""


@paper.command()
@click.argument("reference", metavar="REF")
@click.argument("file", metavar="FIL", type=click.Path(path_type=Path))
@click.option("--what", required=True, help="Hvad det er, fx “Garantibevis for brædderne”.")
@click.option("--kind", type=KIND, default=None, help="Hvilket papir af papers.yaml; ellers et andet papir.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def add(reference: str, file: Path, what: str, kind: str | None, on: date, by: str, as_json: bool) -> None:
    """Læg en PDF eller et billede i sagen. Den samme fil igen ændrer intet."""
    try:
        with file.open("rb") as content:
            stored = keep_paper(content)
    except OSError as far:
        raise BadInput("FIL", f"{file} kan ikke læses: {far.strerror}.") from far
    with recording() as session:
        facility = find(session, reference)
        made = add_paper(session, facility, stored, Said(on, Role(by), Door.CLI), what=what, kind=kind or "")
        text = f"Papir nr. {made.id} ligger i {facility.reference}: {made.what} ({made.kind_danish})."
        show_recorded(session, paper_line(facility, made), as_json, text)


@paper.command("list")
@click.argument("reference", metavar="REF")
@json_option
def list_papers(reference: str, as_json: bool) -> None:
    """De filer, der ligger i sagen."""
    with looking() as session:
        facility = find(session, reference)
        found = papers_of(session, facility)
        lines = [paper_line(facility, each) for each in found]
        rows = [
            dict(line) | {"added_on": short_day(line.added_on), "danish": each.kind_danish}
            for line, each in zip(lines, found, strict=True)
        ]
    columns = {"id": "Nr.", "added_on": "Dag", "danish": "Papir", "what": "Hvad"}
    nothing = f"Der ligger ingen filer i {facility.reference}. Læg en i med: driftsklar paper add"
    show(lines, as_json, table(rows, columns, fold="what") if lines else nothing)


@paper.command()
@click.argument("reference", metavar="REF")
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--reason", required=True, help="Hvorfor; det står i sagen.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def remove(reference: str, number: int, reason: str, on: date, by: str, as_json: bool) -> None:
    """Tag en fil ud af sagen, fx når den er lagt i en forkert. Filen slettes ved den daglige kørsel."""
    with recording() as session:
        facility = find(session, reference)
        what = remove_paper(session, facility, number, Said(on, Role(by), Door.CLI), reason=reason)
        document = PaperRemoved(id=number, facility=facility.reference, what=what)
        show_recorded(session, document, as_json, f"Papir nr. {number} er taget ud af {facility.reference}: {what}.")


def paper_line(facility: Facility, found: AttachedPaper) -> PaperLine:
    """A file as programs read it."""
    return PaperLine(
        id=found.number,
        facility=facility.reference,
        kind=found.kind,
        what=found.what,
        added_on=found.added_on,
        bytes=found.size,
        sha256=found.sha256,
    )
