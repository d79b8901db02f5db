"""`driftsklar answer consultation` and `condition`: what operations says before anything is promised."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import NUMBER, Whole, choice, day_or_none
from models.case.consultation import AnswerKind
from models.case.facility import find
from models.refusal import BadInput
from models.role import PEOPLE, Door, Role
from models.said import Said
from models.stages.consultation import answer_consultation, meet_condition
from models.stages.consultation_answer import MAX_HOURS, MAX_KR, Answer, NewCondition


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--answer", "kind", required=True, type=choice(AnswerKind), help="Driftens svar.")
@click.option("--hours-per-year", type=Whole(0, MAX_HOURS, "timer"), help="Driftens timer om året.")
@click.option("--kr-per-year", type=Whole(0, MAX_KR, "kroner"), help="Driftens kroner om året.")
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    help="En betingelse: TEKST, TEKST;ROLLE eller TEKST;ROLLE;FRIST. Kan gentages.",
)
@click.option("--reason", default="", help="Begrundelse; skal med ved et nej.")
@click.option("--could-be-yes", default="", help="Hvad der kunne gøre et nej til et ja.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def consultation(
    reference: str,
    kind: str,
    hours_per_year: int | None,
    kr_per_year: int | None,
    conditions: tuple[str, ...],
    reason: str,
    could_be_yes: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Driftens svar på driftshøringen."""
    said = Answer(
        AnswerKind(kind),
        hours_per_year,
        kr_per_year,
        tuple(parse_condition(c) for c in conditions),
        reason,
        could_be_yes,
    )
    with recording() as session:
        facility = find(session, reference)
        answer_consultation(session, facility, said, Said(on, Role(by), Door.CLI))
        show_decided(session, facility, as_json, f"driften svarede {said.kind.danish}.")


def parse_condition(value: str) -> NewCondition:
    """A condition as typed: a text, with the role that sees to it and the deadline when they are said.

    Raises:
        BadInput: what follows the text is neither a role nor a date.
    """
    words, *more = (part.strip() for part in value.split(";"))
    deadline = day_or_none(more[-1]) if more else None
    roles = more[:-1] if deadline else more
    if len(roles) > 1 or any(role not in PEOPLE for role in roles):
        raise BadInput(
            "--condition",
            f"“{value[:60]}” kan ikke læses. Skriv TEKST;ROLLE;FRIST uden andre semikoloner, "
            f"fx “Sti til traktoren;project_lead;2026-03-01”. Rollerne er: {', '.join(PEOPLE)}.",
        )
    return NewCondition(words, Role(roles[0]) if roles else Role.PROJECT_LEAD, deadline)


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--number", required=True, type=NUMBER, help="Betingelsens nummer.")
@click.option("--met", is_flag=True, required=True, help="Betingelsen er opfyldt.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def condition(reference: str, number: int, met: bool, on: date, by: str, as_json: bool) -> None:
    """En betingelse er opfyldt."""
    with recording() as session:
        facility = find(session, reference)
        meet_condition(session, facility, number, Said(on, Role(by), Door.CLI))
        show_decided(session, facility, as_json, f"betingelse {number} er opfyldt.")
