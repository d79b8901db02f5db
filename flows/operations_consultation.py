"""Driftshøring: operations is asked before anything is promised."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from channels.questions.consultation import QUESTION
from channels.questions.fields import AboutFacility
from channels.questions.question import Outcome
from flows.asking.question import begin, settle
from models.calendar import today
from models.case.facility import Facility
from models.role import Door, Role
from models.said import Said
from models.stages.consultation import ask_again
from models.text import TEXT_LENGTH


@flow(name=QUESTION.word)
def operations_consultation(reference: str, question: str) -> State:
    """Wait for operations' answer and record it; runs again from the top when resumed."""
    return settle(reference, question)


class AgainForm(AboutFacility):
    """Why operations is asked anew."""

    aendring: str = Field(
        title="Hvad er ændret?", description="Driften får det at læse.", min_length=3, max_length=TEXT_LENGTH
    )


@flow(name="Ny høring", flow_run_name="Ny høring · {anmodning.reference}")
def consult_again(anmodning: AgainForm) -> State:
    """Bed driften om et nyt svar efter et nej eller et afslag, fordi noget er ændret."""

    def ask_anew(session: Session, facility: Facility, said: AgainForm) -> Outcome:
        change, by = said.aendring, Role.PROJECT_LEAD
        ask_again(session, facility, change, Said(today(), by, Door.PREFECT))
        return Outcome("Spurgt", f"Driften er spurgt igen om {facility.reference}.")

    return begin(anmodning, ask_anew)
