"""Her er noget galt: what somebody should look at today, each as a place and a sentence about it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.danish import dato, ental_flertal, whole_kr
from models.figures.indicators import groups_without_deputy
from models.operation.check import WorkOrder
from models.operation.incident import Incident
from models.overview.what_waits import Waiting
from models.stage import Stage


class Alarm(NamedTuple):
    """Something that is wrong: at a facility, or at none (`reference` and `name` are empty)."""

    reference: str
    name: str
    what: str


def alarms_on(session: Session, everything: list[Waiting], on: date) -> Iterator[Alarm]:
    """What is late, unsafe, asleep, alone or unpaid on a day; `everything` is what waits."""
    for each in everything:
        if each.wait.deadline_on is not None and each.is_late(on):
            what = f"{each.wait.what} skulle være givet {dato(each.wait.deadline_on)}."
            yield Alarm(each.facility.reference, each.facility.name, what)
    unsafe = (
        select(Incident, Facility)
        .join(Facility, col(Facility.id) == Incident.facility_id)
        .where(col(Incident.safe).is_(False), col(Incident.decision).is_(None))
    )
    for incident, facility in session.exec(unsafe):
        what = f"kan ikke bruges sikkert siden {dato(incident.reported_on)}."
        yield Alarm(facility.reference, facility.name, what)
    asleep = select(Facility).where(col(Facility.sleeping_since).is_not(None), Facility.stage == Stage.OPERATION)
    for facility in session.exec(asleep):
        yield Alarm(facility.reference, facility.name, "gruppen har ikke svaret. Ring til den.")
    if alone := groups_without_deputy(session, on):
        names = ", ".join(facility.reference for facility in alone)
        yield Alarm("", "", f"{ental_flertal(len(alone), 'anlæg har', 'anlæg har')} ingen stedfortræder: {names}.")
    unpaid = session.exec(select(WorkOrder).where(col(WorkOrder.booked_on).is_(None))).all()
    if unpaid:
        total, orders = (
            sum(order.kr_ore for order in unpaid),
            ental_flertal(len(unpaid), "arbejdsordre", "arbejdsordrer"),
        )
        yield Alarm("", "", f"Puljen kan ikke betale {orders} på {whole_kr(total)}")
