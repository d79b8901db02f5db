"""Ophør: the coordinator decides what becomes of a place whose group lets go."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from flows.asking.fields import AboutFacility, Answered, Choice, on_of, role_of, roles
from flows.asking.form import form
from flows.asking.markdown import cell
from flows.asking.question import Outcome, about, begin, heading, settle
from models.calendar import today
from models.case.facility import Facility
from models.danish import dato, kr, timer
from models.operation.winding_down import (
    MAY_WIND_DOWN,
    answer_winding_down,
    begin_winding_down,
    minutes_given,
    winding_downs_of,
)
from models.operation.winding_down import Outcome as Ending
from models.overview.waiting import Wait
from models.pool.ledger import left_of, sums_of
from models.role import Door, Role
from models.said import Said
from models.text import TEXT_LENGTH

Decider = roles(*MAY_WIND_DOWN)


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


class EndingChoice(Choice):
    """What can become of the place."""

    NEW_GROUP = "En ny gruppe tager over"
    OPERATIONS = "Driften tager over"
    REMOVE = "Stedet tages ned"


class WindingDownForm(Answered):
    """The coordinator's decision."""

    svar: EndingChoice = Field(title="Hvad sker der med stedet?")
    gruppe: str = Field(
        default="",
        title="Ny gruppe",
        max_length=12,
        description="Fx G-0002, når en ny gruppe tager over.",
        json_schema_extra={"pattern": "^(G-[0-9]{4,})?$"},
    )
    hvem: Decider = Field(title="Hvem beslutter?")  # type: ignore[valid-type]


@flow(name="Ophør")
def winding_down(reference: str, question: str) -> State:
    """Wait for the decision about what becomes of the place."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, _wait: Wait, told: str) -> type[WindingDownForm]:
    ending = winding_downs_of(session, facility)[-1]
    left = sum(max(0, left_of(sums)) for sums in sums_of(session, facility.number).values())
    facts = [
        about(facility),
        f"Begyndt {dato(ending.begun_on)}: {cell(ending.reason)}",
        f"Gruppen har givet {timer(minutes_given(session, facility))}. Ubrugte tilsagn: {kr(left)}",
    ]
    return form(
        WindingDownForm, heading(told, "Frivilligkoordinatoren bedes beslutte, hvad der sker med stedet", facts)
    )


def _decide(session: Session, facility: Facility, _wait: Wait, said: WindingDownForm) -> Outcome:
    outcome = Ending[said.svar.name]
    answer_winding_down(
        session,
        facility,
        outcome,
        Said(on_of(said.dato), role_of(said.hvem), Door.PREFECT),
        group=said.gruppe.strip() or None,
    )
    return Outcome(str(said.svar), f"Ophør: {outcome.danish}.")
