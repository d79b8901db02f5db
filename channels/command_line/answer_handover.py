"""`driftsklar answer handover` and `defect`: from build to operation."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import NUMBER, PAPER, choice, day_or_none
from models.case.facility import find
from models.case.handover import HandoverResult, NewDefect
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.handover import HandoverAnswer, answer_handover, fix_defect


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--result", required=True, type=choice(HandoverResult), help="Hvordan afleveringen endte.")
@click.option("--defect", "defects", multiple=True, help="En mangel: TEKST;FRIST. Kan gentages.")
@click.option("--paper", "papers", multiple=True, type=PAPER, help="Et papir, der er afleveret. Kan gentages.")
@click.option("--reason", default="", help="Begrundelse; skal med, når stedet ikke overtages.")
@click.option("--signed", default="", help="Hvem der skrev under på protokollen for kommunen.")
@click.option("--builder-signed", default="", help="Hvem der skrev under for den, der byggede; ellers spørges der.")
@click.option("--builder-remarks", default="", help="Hvad den, der byggede, bemærkede til den.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def handover(
    reference: str,
    result: str,
    defects: tuple[str, ...],
    papers: tuple[str, ...],
    reason: str,
    signed: str,
    builder_signed: str,
    builder_remarks: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Driftens svar ved aflevering."""
    said = HandoverAnswer(
        HandoverResult(result),
        tuple(parse_defect(d) for d in defects),
        papers,
        reason,
        builder_signed,
        builder_remarks,
        signed,
    )
    with recording() as session:
        facility = find(session, reference)
        answer_handover(session, facility, said, Said(on, Role(by), Door.CLI))
        show_decided(session, facility, as_json, f"stedet er {said.result.danish}.")


def parse_defect(value: str) -> NewDefect:
    """ "TEXT;YYYY-MM-DD" as a defect.

    Raises:
        BadInput: the deadline is missing or no date.
    """
    words, semicolon, deadline = value.rpartition(";")
    day = day_or_none(deadline.strip())
    if not semicolon or day is None:
        raise BadInput("--defect", f"“{value[:60]}” kan ikke læses. Skriv TEKST;FRIST, fx “Løst bræt;2026-05-01”.")
    return NewDefect(words, day)


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--number", required=True, type=NUMBER, help="Manglens nummer.")
@click.option("--fixed", is_flag=True, required=True, help="Manglen er rettet.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def defect(reference: str, number: int, fixed: bool, on: date, by: str, as_json: bool) -> None:
    """En mangel er rettet."""
    with recording() as session:
        facility = find(session, reference)
        fix_defect(session, facility, number, Said(on, Role(by), Door.CLI))
        show_decided(session, facility, as_json, f"mangel {number} er rettet.")
