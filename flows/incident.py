"""Skade: it is reported, and the operations manager decides what to do about it."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from pydantic import Field
from sqlmodel import Session

from flows.asking.fields import AboutFacility, Answered, Choice, day, day_of, on_of, role_of, roles, short_text
from flows.asking.form import form
from flows.asking.markdown import cell
from flows.asking.question import Outcome, about, begin, heading, settle
from models.calendar import today
from models.case.facility import Facility
from models.danish import dato, kr
from models.operation.incident import IncidentDecision, find_incident, open_incident
from models.operation.incident_decision import MAX_KR, MAY_DECIDE, decide_incident
from models.overview.waiting import Wait
from models.pool.ledger import left_of, sums_of, year_of
from models.role import Door, Role
from models.said import Said
from models.text import TEXT_LENGTH

Decider = roles(*MAY_DECIDE)


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


class DecisionChoice(Choice):
    """What can be done."""

    REPAIR = "Reparér"
    CLOSE = "Luk stedet"
    REMOVE = "Fjern det"


class IncidentForm(Answered):
    """The decision."""

    svar: DecisionChoice = Field(title="Beslutning")
    kroner: int = Field(
        title="Kroner", ge=0, le=MAX_KR, description="Hvad det koster, i hele kroner. 0, hvis det er gratis."
    )
    begrundelse: str = Field(
        title="Begrundelse", min_length=3, max_length=TEXT_LENGTH, description="Den står i sagen og i årets rapport."
    )
    hvem: Decider = Field(title="Hvem beslutter?")  # type: ignore[valid-type]
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.")
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.")


@flow(name="Skade")
def incident(reference: str, question: str) -> State:
    """Wait for the decision about an incident and pay for it from the pool."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[IncidentForm]:
    found = find_incident(session, wait.subject or 0)
    year = today().year
    left = left_of(sums_of(session, facility.number).get(year, {}))
    facts = [
        about(facility),
        f"**Skaden:** {cell(found.what)}",
        f"Meldt {dato(found.reported_on)}. "
        + ("Stedet kan bruges." if found.safe else "**Stedet kan ikke bruges sikkert.**"),
        f"Tilbage af tilsagnet i {year}: {kr(left)} Fri i puljen: {kr(year_of(session, year).free_ore)} "
        f"Genopførelse koster {kr(facility.replacement_ore)}",
    ]
    return form(
        IncidentForm, heading(told, f"Driftslederen bedes beslutte: hvad gør vi ved skade nr. {found.id}?", facts)
    )


def _decide(session: Session, _facility: Facility, wait: Wait, said: IncidentForm) -> Outcome:
    decision = IncidentDecision[said.svar.name]
    decide_incident(
        session,
        find_incident(session, wait.subject or 0),
        decision,
        said.kroner,
        said.begrundelse,
        Said(on_of(said.dato), role_of(said.hvem), Door.PREFECT),
        decided_on=day_of(said.besluttet, "Politisk besluttet den"),
        case_number=said.sagsnummer,
    )
    return Outcome(str(said.svar), f"Skade nr. {wait.subject}: {decision.danish}.")
