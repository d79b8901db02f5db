"""`driftsklar inspection …`: the inspections of finished places, and the summons of the firm."""

import hashlib
from datetime import date
from pathlib import Path

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import DAY, NUMBER
from channels.paper.agreement_paper import write_once
from channels.paper.summons_paper import summons_pdf, summonses_of
from channels.views.parts import inspection_line
from channels.views.shapes.case_parts import InspectionOfPlace
from channels.views.shapes.files import LetterWritten
from config.file_modes import for_everybody
from models.calendar import today
from models.case.facility import Facility
from models.case.inspection import find_inspection, open_inspections
from models.danish import dato
from models.operation.inspection_answer import summon_firm
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said


@click.group()
def inspection() -> None:
    """Eftersyn og besøg efter afleveringen."""


@inspection.command("list")
@click.option("--late", is_flag=True, help="Kun dem, hvis sidste dag er passeret.")
@json_option
def list_inspections(late: bool, as_json: bool) -> None:
    """De eftersyn, der ikke er holdt, det næste først."""
    with looking() as session:
        lines = [
            InspectionOfPlace(**dict(inspection_line(each)), facility=place.reference)
            for each, place in open_inspections(session)
            if not late or each.inspection_on < today()
        ]
    columns = {"id": "Nr.", "danish": "Hvad", "summon": "Indkald senest", "last": "Senest", "facility": "Anlæg"}
    shown = [
        dict(line)
        | {"danish": line.kind.danish, "summon": short_day(line.summon_by_on), "last": short_day(line.last_on)}
        for line in lines
    ]
    show(lines, as_json, table(shown, columns, fold="facility") if shown else "Der er ingen eftersyn, der venter.")


@inspection.command()
@click.argument("inspection_id", metavar="ID", type=NUMBER)
@click.option("--meeting-on", required=True, type=DAY, help="Dagen, firmaet indkaldes til.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def summon(inspection_id: int, meeting_on: date, on: date, by: str, as_json: bool) -> None:
    """Indkald firmaet på skrift, med mindst 20 og højst 60 arbejdsdages varsel."""
    with recording() as session:
        found = find_inspection(session, inspection_id)
        summon_firm(session, found, meeting_on, Said(on, Role(by), Door.CLI))
        text = f"Firmaet er indkaldt til {found.kind.danish} {dato(meeting_on)}."
        show_recorded(session, inspection_line(found), as_json, text)


@inspection.command()
@click.argument("inspection_id", metavar="ID", type=NUMBER)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Filen, der skrives.")
@json_option
def letter(inspection_id: int, out: Path, as_json: bool) -> None:
    """Skriv indkaldelsen som brev (PDF), som firmaet fik den; den sidste, hvis der er flere."""
    with looking() as session:
        found = find_inspection(session, inspection_id)
        sent = summonses_of(session, session.get_one(Facility, found.facility_id), found)
        if not sent:
            raise Refusal(
                "inspection.not_summoned",
                f"Ingen er indkaldt til eftersyn nr. {inspection_id}. "
                f"Indkald med: driftsklar inspection summon {inspection_id} --meeting-on DATO.",
            )
        pdf = summons_pdf(session, sent[-1])
        written = LetterWritten(inspection=inspection_id, out=str(out), sha256=hashlib.sha256(pdf).hexdigest())
    try:
        with for_everybody():
            write_once(out, pdf, 0o666)
    except OSError as broken:
        raise BadInput("--out", f"filen kan ikke skrives: {broken.strerror}.") from broken
    show(written, as_json, f"Brevet ligger i {out}.")
