"""Hvor er vores shelter? The road of one place as whoever wished for it sees it.

What is behind and what was answered on it, with the reason; what is waited for, from whom and since when; what is still
to come. It names roles and never persons, and no money.
"""

from enum import Enum
from typing import NamedTuple

from sqlmodel import Session

from config.catalogue import catalogue
from models.case.agreement import AgreementStatus, agreements_of
from models.case.consultation import AnswerKind, conditions_of, consultations_of
from models.case.facility import Facility
from models.case.funding import FundingDecision, last_application
from models.case.handover import HandoverResult, handovers_of
from models.case.inheritance import by_when
from models.case.permit import PermitResult, permits_of
from models.danish import dato
from models.discretion import without_persons
from models.overview.waiting import waits_of
from models.overview.what_waits import since_of
from models.role import Role
from models.stage import ROAD, Stage


class Reached(Enum):
    """How far one step is."""

    DONE = "er gjort"
    NOW = "her er vi nu"
    STOPPED = "her stoppede det"
    LATER = "kommer senere"


class Step(NamedTuple):
    """One step of the road, in words for people who don't know the municipality."""

    words: str
    what: str
    """What happens in it."""
    reached: Reached
    lines: list[str]
    waits: list[str]


_WORDS = {
    Stage.PROPOSAL: ("Forslaget", "Ønsket er skrevet ned."),
    Stage.CONSULTATION: (
        "Driften spørges",
        "De, der skal hjælpe med at passe stedet, siger, om det kan lade sig gøre.",
    ),
    Stage.AGREEMENT: ("Aftalen om at passe det", "Hvem gør hvad, hvor tit, og hvad kommunen gør."),
    Stage.FUNDING: ("Penge til driften", "Puljen siger, om der er penge til at holde stedet ved lige."),
    Stage.BUILDING: ("Tilladelser og bygning", "Alle tilladelser skal være der, før nogen bygger."),
    Stage.HANDOVER: ("Aflevering", "Vi ser på det sammen, før det tages i brug."),
    Stage.OPERATION: ("I brug", "Stedet er åbent, og aftalen gælder."),
}


def road_of(session: Session, facility: Facility) -> list[Step]:
    """The steps from wish to operation, in order."""
    at = _at(session, facility)
    steps = []
    for number, stage in enumerate(ROAD):
        words, what = _WORDS[stage]
        is_here = number == ROAD.index(at)
        if is_here:
            reached = Reached.STOPPED if not facility.stage.is_open else Reached.NOW
        else:
            reached = Reached.DONE if number < ROAD.index(at) else Reached.LATER
        lines = [without_persons(session, line) for line in _LINES[stage](session, facility)]
        steps.append(Step(words, what, reached, lines, _waits(session, facility) if reached is Reached.NOW else []))
    return steps


def _at(session: Session, facility: Facility) -> Stage:
    """The step it stands at, or the last one it came to."""
    if facility.stage in ROAD:
        return facility.stage
    if facility.stage in (Stage.WINDING_DOWN, Stage.CLOSED):
        return Stage.OPERATION
    application = last_application(session, facility)
    if application is not None and application.decision is FundingDecision.DECLINE:
        return Stage.FUNDING
    if any(permit.result is PermitResult.REFUSED for permit in permits_of(session, facility)):
        return Stage.BUILDING
    return Stage.AGREEMENT if agreements_of(session, facility) else Stage.CONSULTATION


def _waits(session: Session, facility: Facility) -> list[str]:
    found = []
    for wait in waits_of(session, facility):
        whom = "jer" if wait.role is Role.VOLUNTEER else wait.role.danish
        until = f", svar senest {dato(wait.deadline_on)}" if wait.deadline_on is not None else ""
        found.append(f"Vi venter på {whom}: {wait.what}, siden {dato(since_of(session, facility, wait))}{until}.")
    return found


def _proposed(_session: Session, facility: Facility) -> list[str]:
    return [f"Oprettet {dato(facility.proposed_on)} som {facility.reference}."]


def _consulted(session: Session, facility: Facility) -> list[str]:
    lines = []
    for round_ in consultations_of(session, facility):
        lines.append(f"Driften blev spurgt {dato(round_.asked_on)}.")
        if round_.answer is None or round_.decided_on is None:
            continue
        reason = f": {round_.reason}" if round_.reason else "."
        lines.append(f"Driften svarede {round_.answer.danish} {dato(round_.decided_on)}{reason}")
        if round_.answer is AnswerKind.NO and round_.could_be_yes:
            lines.append(f"Det kan blive et ja, hvis {round_.could_be_yes}")
    for condition in conditions_of(session, facility):
        whom = ", ".join(filter(None, (condition.owner.danish, by_when(session, facility, condition))))
        met = f"opfyldt {dato(condition.met_on)}" if condition.met_on else f"venter på {whom}"
        lines.append(f"Betingelse {condition.number}: {condition.text} ({met}).")
    if facility.stage is Stage.WITHDRAWN:
        lines.append(f"Forslaget blev trukket tilbage {dato(facility.stage_since)}: {facility.outcome}")
    return lines


def _agreed(session: Session, facility: Facility) -> list[str]:
    lines = []
    for version in agreements_of(session, facility):
        if version.signed_on is not None:
            lines.append(f"Aftalen blev skrevet under {dato(version.signed_on)}.")
        elif version.status is AgreementStatus.SIGNING and version.sent_on is not None:
            lines.append(f"Aftalen blev sendt til underskrift {dato(version.sent_on)}.")
    return lines


def _funded(session: Session, facility: Facility) -> list[str]:
    application = last_application(session, facility)
    if application is None:
        return []
    lines = [f"Puljen blev spurgt {dato(application.applied_on)}."]
    reason = f": {application.reason}" if application.reason else "."
    if application.decision is None and application.waiting_since is not None:
        lines.append(f"På venteliste siden {dato(application.waiting_since)}{reason}")
    elif application.decision is not None and application.decided_on is not None:
        lines.append(f"Puljen svarede {application.decision.danish} {dato(application.decided_on)}{reason}")
    return lines


def _built(session: Session, facility: Facility) -> list[str]:
    known = catalogue().permits
    lines = []
    for permit in permits_of(session, facility):
        on = f" {dato(permit.decided_on)}" if permit.decided_on is not None else ""
        name = known[permit.key].name if permit.key in known else "En tilladelse"
        lines.append(f"{name}: {permit.result.danish}{on}.")
    if facility.building_started_on is not None:
        lines.append(f"Byggeriet begyndte {dato(facility.building_started_on)}.")
    return lines


def _handed_over(session: Session, facility: Facility) -> list[str]:
    lines = []
    for handover in handovers_of(session, facility):
        if handover.result is None or handover.decided_on is None:
            lines.append(f"Meldt færdigt {dato(handover.ready_on)}.")
        elif handover.result is HandoverResult.REFUSED:
            lines.append(f"Ikke taget over {dato(handover.decided_on)}: {handover.reason}")
        else:
            lines.append(f"Taget over {dato(handover.decided_on)}.")
    return lines


def _operated(_session: Session, facility: Facility) -> list[str]:
    if facility.stage is Stage.CLOSED:
        return [f"Stedet er taget ned {dato(facility.stage_since)}."]
    if facility.stage is Stage.WINDING_DOWN:
        return [f"Vi er ved at finde ud af, hvem der tager over, siden {dato(facility.stage_since)}."]
    return [f"I brug siden {dato(facility.stage_since)}."] if facility.stage is Stage.OPERATION else []


_LINES = {
    Stage.PROPOSAL: _proposed,
    Stage.CONSULTATION: _consulted,
    Stage.AGREEMENT: _agreed,
    Stage.FUNDING: _funded,
    Stage.BUILDING: _built,
    Stage.HANDOVER: _handed_over,
    Stage.OPERATION: _operated,
}
