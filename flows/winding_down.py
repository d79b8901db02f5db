"""Ophør: it begins, and the coordinator decides what becomes of a place whose group lets go."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import AboutFacility
from channels.questions.question import Outcome
from channels.questions.winding_down import QUESTION
from flows.asking.question import begin, settle
from models.calendar import today
from models.case.facility import Facility
from models.operation.winding_down import begin_winding_down
from models.role import Door, Role
from models.said import Said
from models.text import TEXT_LENGTH


class Notice(AboutFacility):
    """Why it ends."""

    grund: str = Field(title="Hvorfor?", min_length=3, max_length=TEXT_LENGTH, description="Ingen personnavne.")


@flow(name="Opsigelse", flow_run_name="Opsigelse · {opsigelse.reference}")
def give_notice(opsigelse: Notice) -> State:
    """Begynd et ophør: gruppen kan ikke mere, eller stedet er udtjent."""

    def let_go(session: Session, facility: Facility, said: Notice) -> Outcome:
        reason, by = said.grund, Role.COORDINATOR
        begin_winding_down(session, facility, reason, Said(today(), by, Door.PREFECT))
        return Outcome("Begyndt", f"Ophør for {facility.reference} er begyndt.")

    return begin(opsigelse, let_go)


@flow(name=QUESTION.word)
def winding_down(reference: str, question: str) -> State:
    """Wait for the decision about what becomes of the place."""
    return settle(reference, question)
