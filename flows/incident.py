"""Skade: it is reported, and the operations manager decides what to do about it."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import AboutFacility
from channels.questions.incident import QUESTION
from channels.questions.question import Outcome
from flows.asking.question import begin, settle
from models.calendar import today
from models.case.facility import Facility
from models.operation.incident import open_incident
from models.role import Door, Role
from models.said import Said
from models.text import TEXT_LENGTH


class IncidentReport(AboutFacility):
    """What happened where."""

    hvad: str = Field(title="Hvad er der sket?", min_length=3, max_length=TEXT_LENGTH, description="Ingen personnavne.")
    sikkert: bool = Field(
        title="Stedet kan bruges sikkert", default=True, description="Slå fra, hvis stedet er farligt eller spærret af."
    )


@flow(name="Meld skade", flow_run_name="Meld skade · {skade.reference}")
def report_incident(skade: IncidentReport) -> State:
    """Meld en skade på et anlæg i drift."""

    def report(session: Session, facility: Facility, said: IncidentReport) -> Outcome:
        incident = open_incident(
            session,
            facility,
            said.hvad,
            Said(today(), Role.OPERATIONS, Door.PREFECT),
            safe=said.sikkert,
            key=f"prefect:{flow_run.id}",
        )
        return Outcome("Meldt", f"Skade nr. {incident.id} på {facility.reference}.")

    return begin(skade, report)


@flow(name=QUESTION.word)
def incident(reference: str, question: str) -> State:
    """Wait for the decision about an incident and pay for it from the pool."""
    return settle(reference, question)
