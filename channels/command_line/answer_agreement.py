"""`driftsklar answer consultation|condition|agreement|funding`: what is agreed before anything is built."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import DAY, NUMBER, OneOf, Whole, choice, day_or_none
from channels.paper.agreement_paper import print_agreement
from config.catalogue import Who
from models.case.agreement import Side
from models.case.consultation import AnswerKind
from models.case.facility import find
from models.case.funding import FundingDecision
from models.refusal import BadInput
from models.role import PEOPLE, Door, Role
from models.said import Said
from models.stages.agreement import review_agreement, sign_agreement
from models.stages.consultation import answer_consultation, meet_condition
from models.stages.consultation_answer import MAX_HOURS, MAX_KR, Answer, NewCondition
from models.stages.funding import decide_funding

FUNDED = {
    FundingDecision.GRANT: "puljen har givet tilsagn",
    FundingDecision.DECLINE: "puljen har givet afslag",
    FundingDecision.WAIT: "ansøgningen venter på prioriteringslisten",
}
REVIEW = OneOf({"approve": "godkend", "change": "flyt opgaver"})


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


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--review", type=REVIEW, help="Koordinatorens gennemsyn.")
@click.option("--move", "moves", multiple=True, help="OPGAVE=volunteers|municipality. Kan gentages.")
@click.option("--sign", type=choice(Side), help="Hvem der skriver under.")
@click.option("--name", help="Navnet på den, der skriver under.")
@by_option(None)
@on_option
@json_option
def agreement(
    reference: str,
    review: str | None,
    moves: tuple[str, ...],
    sign: str | None,
    name: str | None,
    by: str | None,
    on: date,
    as_json: bool,
) -> None:
    """Gennemsyn af pasningsaftalen, eller en underskrift."""
    if (review is None) == (sign is None):
        raise BadInput("--review/--sign", "skriv enten --review eller --sign.")
    if sign is not None and name is None:
        raise BadInput("--name", "skriv navnet på den, der skriver under.")
    if (review == "change") != bool(moves):
        raise BadInput(
            "--move", "--review change skal have mindst én --move OPGAVE=volunteers|municipality, og approve ingen."
        )
    with recording() as session:
        facility = find(session, reference)
        if sign is not None and name is not None:
            side = Side(sign)
            usual = Role.VOLUNTEER if side is Side.VOLUNTEERS else Role.COORDINATOR
            sign_agreement(
                session, facility, side, name, Said(on, Role(by or usual), Door.CLI), printer=print_agreement
            )
            text = f"aftalen er underskrevet for {side.danish}."
        else:
            review_agreement(
                session,
                facility,
                dict(parse_move(m) for m in moves),
                Said(on, Role(by or Role.COORDINATOR), Door.CLI),
                printer=print_agreement,
            )
            text = "aftalen er godkendt og sendt til underskrift."
        show_decided(session, facility, as_json, text)


def parse_move(value: str) -> tuple[str, Who]:
    """ "TASK=volunteers" as the task and who does it.

    Raises:
        BadInput: it isn't of that form.
    """
    task, equals, who = value.partition("=")
    allowed = (Who.VOLUNTEERS, Who.MUNICIPALITY)
    if not equals or who not in allowed:
        raise BadInput("--move", f"“{value[:60]}” kan ikke læses. Skriv fx clean=municipality.")
    return task.strip(), Who(who)


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--decision", required=True, type=choice(FundingDecision), help="Tilsagn, afslag eller vent.")
@click.option("--reason", default="", help="Begrundelse; skal med ved et afslag.")
@click.option("--decided-on", type=DAY, help="Dagen for den politiske beslutning.")
@click.option("--case-number", default="", help="Sagsnummeret for den politiske beslutning.")
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def funding(
    reference: str,
    decision: str,
    reason: str,
    decided_on: date | None,
    case_number: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Puljens svar."""
    with recording() as session:
        facility = find(session, reference)
        said = FundingDecision(decision)
        decide_funding(
            session,
            facility,
            said,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            decided_on=decided_on,
            case_number=case_number,
        )
        show_decided(session, facility, as_json, f"{FUNDED[said]}.")
