"""`driftsklar answer …`: every decision, one subcommand each; the rules stand in models/."""

from datetime import date
from typing import Any

import click
from sqlmodel import Session

from channels.agreement_paper import print_agreement
from channels.command_line.door import (
    DAY,
    by_option,
    choice,
    json_option,
    on_option,
    recording,
    show_recorded,
)
from channels.views import check_line, facility_case
from config.catalogue import Who
from models.agreement import Side
from models.application import FundingDecision
from models.building import BuildingEvent, answer_permit, report_building
from models.care_agreement import review_agreement, sign_agreement
from models.caretaking import MAX_MINUTES, report_check
from models.check import CheckResult, find_check
from models.consultation import AnswerKind
from models.facility import Facility, find
from models.handover import HandoverAnswer, NewDefect, answer_handover, fix_defect
from models.incident import MAX_KR as MAX_INCIDENT_KR
from models.incident import IncidentDecision, decide_incident, find_incident
from models.operations_consultation import (
    MAX_HOURS,
    MAX_KR,
    Answer,
    NewCondition,
    answer_consultation,
    meet_condition,
)
from models.permit import PermitResult
from models.pool_funding import decide_funding
from models.protocol import HandoverResult
from models.refusal import BadInput
from models.role import PEOPLE, Door, Role
from models.winding_down import Outcome, answer_winding_down

NUMBER = click.IntRange(1, 2_147_483_647)


@click.group()
def answer() -> None:
    """Svar på det, der ventes på. Det samme svar igen ændrer intet."""


def _shown(session: Session, facility: Facility, as_json: bool, text: str) -> None:
    session.flush()
    show_recorded(
        session, facility_case(session, facility), as_json, f"{facility.reference}: {text}"
    )


@answer.command()
@click.argument("reference")
@click.option("--answer", "kind", required=True, type=choice(AnswerKind), help="Driftens svar.")
@click.option("--hours-per-year", type=click.IntRange(0, MAX_HOURS), help="Driftens timer om året.")
@click.option("--kr-per-year", type=click.IntRange(0, MAX_KR), help="Driftens kroner om året.")
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    help="En betingelse: TEKST eller TEKST;ROLLE;YYYY-MM-DD.",
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
        answer_consultation(session, facility, said, on=on, by=Role(by), door=Door.CLI)
        _shown(session, facility, as_json, f"driften svarede {said.kind.danish}.")


def parse_condition(value: str) -> NewCondition:
    """A condition as typed: a text, with the role that sees to it and the deadline when they are said.

    Raises:
        BadInput: the last part looks like neither.
    """
    words, owner, deadline = value, Role.PROJECT_LEAD, None
    parts = [part.strip() for part in value.split(";")]
    if len(parts) > 1 and (day := _day_or_none(parts[-1])):
        deadline, parts = day, parts[:-1]
        words = ";".join(parts)
    if len(parts) > 1 and parts[-1] in [role.value for role in PEOPLE]:
        owner = Role(parts[-1])
        words = ";".join(parts[:-1])
    return NewCondition(words, owner, deadline)


def _day_or_none(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


@answer.command()
@click.argument("reference")
@click.option("--number", required=True, type=NUMBER, help="Betingelsens nummer.")
@click.option("--met", is_flag=True, required=True, help="Betingelsen er opfyldt.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def condition(reference: str, number: int, met: bool, on: date, by: str, as_json: bool) -> None:
    """En betingelse er opfyldt."""
    if not met:
        raise BadInput("--met", "skriv --met, når betingelsen er opfyldt.")
    with recording() as session:
        facility = find(session, reference)
        meet_condition(session, facility, number, on=on, by=Role(by), door=Door.CLI)
        _shown(session, facility, as_json, f"betingelse {number} er opfyldt.")


@answer.command()
@click.argument("reference")
@click.option(
    "--review", type=click.Choice(["approve", "change"]), help="Koordinatorens gennemsyn."
)
@click.option("--move", "moves", multiple=True, help="OPGAVE=volunteers eller OPGAVE=municipality.")
@click.option("--sign", type=choice(Side), help="Hvem der skriver under.")
@click.option("--name", help="Navnet på den, der skriver under.")
@click.option(
    "--by", type=click.Choice([role.value for role in PEOPLE]), help="Rollen, der beslutter."
)
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
            "--move",
            "--review change skal have mindst én --move OPGAVE=volunteers|municipality, og approve ingen.",
        )
    with recording() as session:
        facility = find(session, reference)
        if sign is not None:
            side = Side(sign)
            role = (
                Role(by)
                if by
                else (Role.VOLUNTEER if side is Side.VOLUNTEERS else Role.COORDINATOR)
            )
            sign_agreement(
                session,
                facility,
                side,
                name or "",
                printer=print_agreement,
                on=on,
                by=role,
                door=Door.CLI,
            )
            _shown(session, facility, as_json, f"aftalen er underskrevet for {side.danish}.")
        else:
            review_agreement(
                session,
                facility,
                dict(parse_move(m) for m in moves),
                printer=print_agreement,
                on=on,
                by=Role(by) if by else Role.COORDINATOR,
                door=Door.CLI,
            )
            _shown(session, facility, as_json, "aftalen er sendt til underskrift.")


def parse_move(value: str) -> tuple[str, Who]:
    """ "TASK=volunteers" as the task and who does it.

    Raises:
        BadInput: it isn't of that form.
    """
    task, equals, who = value.partition("=")
    allowed = (Who.VOLUNTEERS, Who.MUNICIPALITY)
    if not equals or who not in allowed:
        raise BadInput(
            "--move", f'"{value[:60]}" skal være OPGAVE=volunteers eller OPGAVE=municipality.'
        )
    return task.strip(), Who(who)


@answer.command()
@click.argument("reference")
@click.option(
    "--decision", required=True, type=choice(FundingDecision), help="Tilsagn, afslag eller vent."
)
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
            reason=reason,
            decided_on=decided_on,
            case_number=case_number,
            on=on,
            by=Role(by),
            door=Door.CLI,
        )
        _shown(session, facility, as_json, f"puljen: {said.danish}.")


@answer.command()
@click.argument("reference")
@click.option("--permit", required=True, help="Tilladelsens nøgle, fx zone_permit.")
@click.option("--result", required=True, type=choice(PermitResult, without=(PermitResult.NEEDED,)))
@click.option("--case-number", default="", help="Myndighedens sagsnummer.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def permit(
    reference: str, permit: str, result: str, case_number: str, on: date, by: str, as_json: bool
) -> None:
    """Svar på en tilladelse."""
    with recording() as session:
        facility = find(session, reference)
        said = PermitResult(result)
        answer_permit(
            session,
            facility,
            permit,
            said,
            case_number=case_number,
            on=on,
            by=Role(by),
            door=Door.CLI,
        )
        _shown(session, facility, as_json, f"tilladelsen er {said.danish}.")


@answer.command()
@click.argument("reference")
@click.option(
    "--event", required=True, type=choice(BuildingEvent), help="Byggeriet er i gang eller færdigt."
)
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def building(reference: str, event: str, on: date, by: str, as_json: bool) -> None:
    """Byggeriet er gået i gang eller er færdigt."""
    with recording() as session:
        facility = find(session, reference)
        report_building(session, facility, BuildingEvent(event), on=on, by=Role(by), door=Door.CLI)
        _shown(
            session,
            facility,
            as_json,
            "byggeriet er i gang." if event == "started" else "byggeriet er færdigt.",
        )


@answer.command()
@click.argument("reference")
@click.option(
    "--result", required=True, type=choice(HandoverResult), help="Hvordan afleveringen endte."
)
@click.option("--defect", "defects", multiple=True, help="En mangel: TEKST;YYYY-MM-DD.")
@click.option("--paper", "papers", multiple=True, help="Et papir, der er afleveret, fx drawing.")
@click.option("--reason", default="", help="Begrundelse; skal med, når stedet ikke overtages.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def handover(
    reference: str,
    result: str,
    defects: tuple[str, ...],
    papers: tuple[str, ...],
    reason: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Driftens svar ved aflevering."""
    said = HandoverAnswer(
        HandoverResult(result), tuple(parse_defect(d) for d in defects), papers, reason
    )
    with recording() as session:
        facility = find(session, reference)
        answer_handover(session, facility, said, on=on, by=Role(by), door=Door.CLI)
        _shown(session, facility, as_json, f"aflevering: {said.result.danish}.")


def parse_defect(value: str) -> NewDefect:
    """ "TEXT;YYYY-MM-DD" as a defect.

    Raises:
        BadInput: the deadline is missing or no date.
    """
    words, semicolon, deadline = value.rpartition(";")
    day = _day_or_none(deadline.strip())
    if not semicolon or day is None:
        raise BadInput(
            "--defect", f'"{value[:60]}" skal være TEKST;YYYY-MM-DD, fx "Løst bræt;2026-05-01".'
        )
    return NewDefect(words, day)


@answer.command()
@click.argument("reference")
@click.option("--number", required=True, type=NUMBER, help="Manglens nummer.")
@click.option("--fixed", is_flag=True, required=True, help="Manglen er rettet.")
@on_option
@by_option(Role.OPERATIONS)
@json_option
def defect(reference: str, number: int, fixed: bool, on: date, by: str, as_json: bool) -> None:
    """En mangel er rettet."""
    if not fixed:
        raise BadInput("--fixed", "skriv --fixed, når manglen er rettet.")
    with recording() as session:
        facility = find(session, reference)
        fix_defect(session, facility, number, on=on, by=Role(by), door=Door.CLI)
        _shown(session, facility, as_json, f"mangel {number} er rettet.")


@answer.command()
@click.argument("check_id", type=NUMBER)
@click.option("--result", required=True, type=choice(CheckResult), help="Hvordan det gik.")
@click.option("--minutes", type=click.IntRange(0, MAX_MINUTES), help="Tiden, det tog.")
@click.option("--note", default="", help="En bemærkning.")
@on_option
@by_option(Role.VOLUNTEER)
@json_option
def check(
    check_id: int, result: str, minutes: int | None, note: str, on: date, by: str, as_json: bool
) -> None:
    """Svar på et tjek."""
    with recording() as session:
        found = find_check(session, check_id)
        said = CheckResult(result)
        report_check(
            session, found, said, minutes=minutes, note=note, on=on, by=Role(by), door=Door.CLI
        )
        session.flush()
        show_recorded(
            session,
            check_line(session, found),
            as_json,
            f"Tjek nr. {check_id}: {said.danish}. Tak.",
        )


@answer.command()
@click.argument("incident_id", type=NUMBER)
@click.option("--decision", required=True, type=choice(IncidentDecision), help="Hvad der skal ske.")
@click.option(
    "--kr", required=True, type=click.IntRange(0, MAX_INCIDENT_KR), help="Hvad det koster."
)
@click.option("--reason", required=True, help="Begrundelse.")
@on_option
@by_option(Role.OPERATIONS_MANAGER)
@json_option
def incident(
    incident_id: int, decision: str, kr: int, reason: str, on: date, by: str, as_json: bool
) -> None:
    """Afgørelse om en skade."""
    with recording() as session:
        found = find_incident(session, incident_id)
        said = IncidentDecision(decision)
        decide_incident(session, found, said, kr, reason, on=on, by=Role(by), door=Door.CLI)
        document: dict[str, Any] = {
            "id": found.id,
            "decision": str(said),
            "kr": kr,
            "reason": found.reason,
        }
        show_recorded(session, document, as_json, f"Skade nr. {incident_id}: {said.danish}.")


@answer.command("winding-down")
@click.argument("reference")
@click.option(
    "--outcome",
    required=True,
    type=choice(Outcome, without=(Outcome.RENEWED,)),
    help="Hvad der skal ske.",
)
@click.option("--group", help="Den nye gruppe, fx G-0002.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def winding_down(
    reference: str, outcome: str, group: str | None, on: date, by: str, as_json: bool
) -> None:
    """Hvad der skal ske med stedet, når gruppen slipper."""
    with recording() as session:
        facility = find(session, reference)
        said = Outcome(outcome)
        answer_winding_down(session, facility, said, group=group, on=on, by=Role(by), door=Door.CLI)
        _shown(session, facility, as_json, f"ophør: {said.danish}.")
