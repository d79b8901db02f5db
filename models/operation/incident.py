"""Skade: something happened to the facility. What is done about it: `models.operation.incident_decision`; how it ends:
`models.operation.incident_end`.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.facility import Facility
from models.danish import punktum
from models.database import Numbered, rows_by, word_column
from models.journal import write_journal
from models.operation.check import Check
from models.operator import person_of
from models.post.outbox import tell
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role
from models.said import Said
from models.stage import Stage


class IncidentDecision(StrEnum):
    """What is done about it. Closing and removing lead to the winding down."""

    REPAIR = "repair"
    CLOSE = "close"
    REMOVE = "remove"

    @property
    def danish(self) -> str:
        """The decision as people say it."""
        return {"repair": "repareres", "close": "lukkes", "remove": "fjernes"}[self.value]


class Incident(Numbered, SQLModel, table=True):
    """One incident. `safe` says whether the facility could be used when it was reported.

    What wasn't safe stays so until operations says that the place may be used again (`usable_on`), whatever was
    decided, ordered and mended meanwhile.
    """

    __tablename__ = "incident"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    key: str | None = Field(default=None, unique=True, max_length=128)
    what: str
    safe: bool
    reported_on: date
    reported_by: Role = word_column(Role)
    reported_by_person: str = Field(default="", max_length=12, sa_column_kwargs={"server_default": ""})
    """The short id of whoever told of it, where one is known: they don't decide alone on more than a small repair."""
    reported_by_contact: int | None = None
    """Who of a group told of it, by whose link: a number, forgotten with the person. They hear what becomes of it."""
    decision: IncidentDecision | None = word_column(IncidentDecision, default=None, nullable=True)
    kr_ore: int = Field(default=0, sa_type=BigInteger)
    reason: str = ""
    decided_on: date | None = None
    made_safe_on: date | None = None
    """When operations had closed it off, so that nobody gets hurt; the place may not be used for that."""
    mended_on: date | None = None
    usable_on: date | None = None
    usable_by: Role | None = word_column(Role, default=None, nullable=True)

    @property
    def is_unsafe(self) -> bool:
        """Whether it is a reason not to use the place."""
        return not self.safe and self.usable_on is None

    @property
    def is_over(self) -> bool:
        """Whether it was repaired, and the place may be used."""
        return self.decision is IncidentDecision.REPAIR and self.mended_on is not None and not self.is_unsafe

    @property
    def is_open(self) -> bool:
        """Whether something is still to be decided or done about it."""
        return self.decision is None or (self.decision is IncidentDecision.REPAIR and not self.is_over)

    @property
    def danish(self) -> str:
        """Where it is, as people say it."""
        if self.decision is None:
            return "meldt" if self.made_safe_on is None else "sikret"
        if self.decision is not IncidentDecision.REPAIR:
            return self.decision.danish
        if self.mended_on is None:
            return "bliver lavet"
        return "lavet, ikke taget i brug" if self.is_unsafe else "lavet"


LIVES = (Stage.OPERATION, Stage.WINDING_DOWN)


def find_incident(session: Session, incident_id: int) -> Incident:
    """The incident, locked until the transaction ends.

    Raises:
        BadInput: there is no such incident.
    """
    incident = session.exec(select(Incident).where(Incident.id == incident_id).with_for_update()).first()
    if incident is None:
        raise BadInput("incident", f"der er ingen skade nr. {incident_id}.", remedy=Remedy.SEE_THE_CASE)
    return incident


def incidents_of(session: Session, facility: Facility, *, only_open: bool = False) -> list[Incident]:
    """The facility's incidents, the first one first."""
    rows = rows_by(session, Incident, facility_id=facility.id)
    found = (each for each in rows if each.decision is None or not only_open)
    return sorted(found, key=lambda incident: incident.number)


def unsafe_incidents(session: Session, facility: Facility) -> list[Incident]:
    """Why the place may not be used, the latest first; none where it may, or where it isn't in operation."""
    if facility.stage not in LIVES:
        return []
    rows = select(Incident).where(
        Incident.facility_id == facility.id, col(Incident.safe).is_(False), col(Incident.usable_on).is_(None)
    )
    return list(session.exec(rows.order_by(col(Incident.id).desc())))


def incident_of_check(session: Session, check: Check) -> Incident | None:
    """The incident that the answer to a check opened, if it did."""
    return session.exec(select(Incident).where(Incident.key == f"check:{check.id}")).first()


def open_incident(
    session: Session,
    facility: Facility,
    what: str,
    said: Said,
    *,
    safe: bool,
    key: str | None,
    contact_id: int | None = None,
) -> Incident:
    """Record an incident and tell operations, at once when the place can't be used safely.

    `contact_id` is who of a group told of it by their link: they hear what becomes of it.

    At a place that was taken down it is recorded and told to operations, whoever reports it, and nothing is left to
    decide: what is left of it may hurt somebody still.

    Raises:
        Refusal: the facility was never handed over; then the builder is responsible.
    """
    what = text.text(what, "what")
    if key is not None:
        there = session.exec(select(Incident).where(Incident.key == key)).first()
        if there is not None:
            if (there.facility_id, there.what, there.safe) != (facility.id, what, safe):
                raise BadInput("key", f'"{key[:40]}" er brugt til skade nr. {there.id}. Vælg en anden nøgle.')
            return there
    is_over = facility.stage is Stage.CLOSED
    if not is_over:
        _require_handed_over(facility)
    incident = Incident(
        facility_id=facility.number,
        key=key,
        what=what,
        safe=safe,
        reported_on=said.on,
        reported_by=said.by,
        reported_by_person=person_of(session, said),
        reported_by_contact=contact_id,
    )
    if is_over:
        incident.decision, incident.decided_on = IncidentDecision.REMOVE, said.on
        incident.reason = "Stedet er nedlagt. Driften har fået besked."
    session.add(incident)
    session.flush()
    danger = "" if safe else " Kan ikke bruges sikkert."
    write_journal(session, facility, f"Skade nr. {incident.id} meldt: {punktum(what)}{danger}", said)
    tell(
        session,
        facility,
        Role.OPERATIONS,
        "incident_reported",
        said.on,
        key=f"incident:{incident.id}",
        context={"what": what, "safe": safe, "incident_id": incident.id},
    )
    return incident


def _require_handed_over(facility: Facility) -> None:
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        raise Refusal(
            "incident.not_in_operation",
            f"Der kan ikke meldes skade på {facility.reference}: anlægget er ikke i drift ({facility.stage.danish}). "
            "Før afleveringen er det byggeriets ansvar.",
        )


def close_incidents(session: Session, facility: Facility, reason: str, *, on: date) -> None:
    """Close what is undecided on a place that is taken down, so that no money is spent on it later."""
    for incident in incidents_of(session, facility, only_open=True):
        incident.decision, incident.reason = IncidentDecision.REMOVE, reason
        incident.decided_on = max(on, incident.reported_on)
    session.flush()
