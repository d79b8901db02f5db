"""Må bruges igen: what was unsafe is mended or decided on, and operations says whether the place may be used."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, Strong, says
from channels.questions.fields import Choice, Shown
from channels.questions.question import Outcome, Question, by_choice, stands
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.facility import Facility
from models.danish import dato
from models.operation.incident import find_incident
from models.operation.incident_end import MAY_SAY, may_be_used_again
from models.overview.waiting import Wait
from models.refusal import Refusal, Remedy
from models.said import Said


class UsableChoice(Choice):
    """What operations can say."""

    YES = "Ja, stedet må bruges"
    NOT_YET = "Nej, ikke endnu"


class UsableForm(Shown):
    """Whether the place may be used."""

    svar: UsableChoice = Field(
        title="Må stedet bruges igen?",
        description="Se efter på stedet først. Indtil da siger dets side, at det ikke må.",
    )


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """What was wrong, and what became of it."""
    found = find_incident(session, wait.subject or 0)
    ended = f"Lavet {dato(found.mended_on)}." if found.mended_on else "Det vides ikke, hvornår den blev lavet."
    return Facts(
        f"Driften bedes se efter og svare: må {facility.name} bruges igen?",
        (
            Link(facility.reference, facility.name),
            says(Strong(f"Skade nr. {found.id}:"), f" {found.what}"),
            says(f"Meldt {dato(found.reported_on)}, stedet var ikke sikkert. {ended}"),
        ),
    )


def form(_session: Session, _facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The same for every place."""
    return UsableForm


def decide(session: Session, _facility: Facility, wait: Wait, answer: UsableForm, said: Said) -> Outcome:
    """The place may be used again.

    Raises:
        Refusal: it isn't ready; see `models.operation.incident_end.may_be_used_again`.
    """
    if answer.svar is UsableChoice.NOT_YET:
        raise Refusal(
            "incident.not_yet",
            "Stedet er ikke klar. Bestil arbejdet, og svar her, når det må bruges.",
            remedy=Remedy.ORDER_WORK,
        )
    may_be_used_again(session, find_incident(session, wait.subject or 0), said)
    return Outcome("Må bruges", f"Skade nr. {wait.subject}: stedet må bruges igen.")


def command(wait: Waits, _case: FacilityCase) -> str:
    """The command that answers."""
    return f"answer usable {wait.incident}"


QUESTION = Question(
    topic="usable",
    word="Må bruges igen",
    asked_by="usable",
    waits_for="Venter på, at driften siger, at stedet må bruges igen.",
    roles=MAY_SAY,
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice(otherwise="Må bruges"),
    why_not_correct=stands("Stedet er åbnet igen. Må det alligevel ikke bruges, så meld skaden på sagens side."),
)
