"""`driftsklar answer agreement`: the care agreement, reviewed and signed."""

from datetime import date

import click

from channels.command_line.answer_insurance import COVER
from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import DAY, OneOf, choice
from channels.paper.agreement_paper import print_agreement
from config.catalogue import Who
from models.case.agreement import Side
from models.case.facility import find
from models.case.insurance import Cover
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.agreement import review_agreement, sign_agreement
from models.stages.insurance import answer_insurance

REVIEW = OneOf({"approve": "godkend", "change": "flyt opgaver"})


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--review", type=REVIEW, help="Koordinatorens gennemsyn.")
@click.option("--move", "moves", multiple=True, help="OPGAVE=volunteers|municipality. Kan gentages.")
@click.option("--insurance", type=COVER, help="Ved gennemsyn: hvem der forsikrer de frivillige.")
@click.option("--insurance-reference", default="", help="Policens eller beslutningens nummer.")
@click.option("--insurance-from", type=DAY, help="Dagen, forsikringen gælder fra. Uden: i dag.")
@click.option("--sign", type=choice(Side), help="Hvem der skriver under.")
@click.option("--name", help="Navnet på den, der skriver under.")
@by_option(None)
@on_option
@json_option
def agreement(
    reference: str,
    review: str | None,
    moves: tuple[str, ...],
    insurance: str | None,
    insurance_reference: str,
    insurance_from: date | None,
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
    if insurance is None and (insurance_reference or insurance_from):
        raise BadInput("--insurance", "skriv også, hvem der forsikrer de frivillige.")
    if insurance is not None and review is None:
        raise BadInput("--insurance", f"skriv --review, eller svar med: driftsklar answer insurance {reference[:24]}.")
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
            said = Said(on, Role(by or Role.COORDINATOR), Door.CLI)
            if insurance is not None:
                cover, policy = Cover(insurance), insurance_reference
                answer_insurance(session, facility, cover, said, reference=policy, from_on=insurance_from)
            review_agreement(session, facility, dict(parse_move(m) for m in moves), said, printer=print_agreement)
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
