"""Her er noget galt: what somebody should look at today, each as a place and a sentence about it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.insurance import without_insurance
from models.danish import dato, ental_flertal, whole_kr
from models.figures.indicators import groups_without_deputy
from models.operation.incident import LIVES, Incident
from models.operation.work_money import unpaid_work
from models.overview.what_waits import Waiting
from models.stage import Stage

MOST_NAMED = 10
"""So many places are named where many are alike; the rest are counted."""


class Alarm(NamedTuple):
    """Something that is wrong: at a facility, or at none (`reference` and `name` are empty)."""

    reference: str
    name: str
    what: str


def alarms_on(session: Session, everything: list[Waiting], on: date) -> Iterator[Alarm]:
    """What is late, unsafe, asleep, alone or unpaid on a day; `everything` is what waits."""
    for each in everything:
        if each.wait.deadline_on is not None and each.is_late(on):
            done = "gjort" if each.wait.topic == "work" else "givet"
            what = f"{each.wait.what} skulle være {done} {dato(each.wait.deadline_on)}."
            yield Alarm(each.facility.reference, each.facility.name, what)
    unsafe = (
        select(Incident, Facility)
        .join(Facility, col(Facility.id) == Incident.facility_id)
        .where(col(Incident.safe).is_(False), col(Incident.usable_on).is_(None), col(Facility.stage).in_(LIVES))
    )
    for incident, facility in session.exec(unsafe):
        what = f"kan ikke bruges sikkert siden {dato(incident.reported_on)}."
        yield Alarm(facility.reference, facility.name, what)
    asleep = select(Facility).where(col(Facility.sleeping_since).is_not(None), Facility.stage == Stage.OPERATION)
    for facility in session.exec(asleep):
        yield Alarm(facility.reference, facility.name, "gruppen har ikke svaret. Ring til den.")
    if uninsured := without_insurance(session):
        count = ental_flertal(len(uninsured), "sted", "steder")
        yield Alarm(
            "", "", f"Det er ikke besvaret, hvem der forsikrer de frivillige på {count} i drift: {_named(uninsured)}."
        )
    if alone := groups_without_deputy(session, on):
        count = ental_flertal(len(alone), "anlæg har", "anlæg har")
        yield Alarm("", "", f"{count} ingen stedfortræder: {_named(alone)}.")
    if unpaid := unpaid_work(session):
        total = sum(work.ore_estimated if work.ore is None else work.ore for work in unpaid)
        orders = ental_flertal(len(unpaid), "arbejdsordre", "arbejdsordrer")
        yield Alarm("", "", f"Puljen kan ikke betale {orders} på {whole_kr(total)}")


def _named(places: list[Facility]) -> str:
    """The first of many places by their references, and how many more there are."""
    names = ", ".join(facility.reference for facility in places[:MOST_NAMED])
    return names + (f" og {len(places) - MOST_NAMED} til" if len(places) > MOST_NAMED else "")
