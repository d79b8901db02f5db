"""Her er noget galt: what somebody should look at today, each as a place and a sentence about it."""

import textwrap
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.case.consultation import Condition, Consultation
from models.case.facility import Facility
from models.case.handover import Defect
from models.case.insurance import without_insurance
from models.danish import dato, ental_flertal, whole_kr
from models.figures.indicators import groups_without_deputy
from models.operation.incident import LIVES, Incident
from models.operation.work_money import unpaid_work
from models.operation.work_order import WorkOrder
from models.overview.what_waits import Waiting
from models.role import Role
from models.stage import OVER, Stage

MOST_NAMED = 10
"""So many places are named where many are alike; the rest are counted."""
LONGEST_TEXT = 80
"""So much is shown of what people wrote about a defect or a condition; its case has the rest."""


class Alarm(NamedTuple):
    """Something that is wrong: at a facility, or at none (`reference` and `name` are empty)."""

    reference: str
    name: str
    what: str
    is_waited_for: bool = False
    """Whether it stands among what waits, too."""


def alarms_on(session: Session, everything: list[Waiting], on: date) -> Iterator[Alarm]:
    """What is late, unsafe, asleep, alone or unpaid on a day; `everything` is what waits."""
    for each in everything:
        if each.wait.deadline_on is not None and each.is_late(on):
            done = "gjort" if each.wait.topic == "work" else "givet"
            what = f"{each.wait.what} skulle være {done} {dato(each.wait.deadline_on)}."
            yield Alarm(each.facility.reference, each.facility.name, what, is_waited_for=True)
    asked_for = {each.wait.subject for each in everything if each.wait.topic == "work"}
    yield from _late_defects(session, asked_for, on)
    yield from _late_conditions(session, on)
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


def _late_defects(session: Session, asked_for: Collection[int | None], on: date) -> Iterator[Alarm]:
    """Defects past their day; those whose work (`asked_for`) is waited for by itself are told of there.

    What an inspection found is work, the firm's or operations'; what a handover found, the project lead sees to.
    """
    rows = (
        select(Defect, Facility, WorkOrder)
        .join(Facility, col(Facility.id) == Defect.facility_id)
        .outerjoin(WorkOrder, col(WorkOrder.defect_id) == Defect.id)
        .where(col(Defect.fixed_on).is_(None), Defect.deadline_on < on, col(Facility.stage).not_in(OVER))
        .order_by(col(Defect.deadline_on), Facility.reference)
    )
    for defect, facility, work in session.exec(rows):
        if work is not None and work.id in asked_for:
            continue
        whose = Role.PROJECT_LEAD if work is None else Role.OPERATIONS if work.firm_id is None else Role.FIRM
        what = f"mangel nr. {defect.number} ({_short(defect.text)}) skulle være rettet {dato(defect.deadline_on)}."
        yield Alarm(facility.reference, facility.name, f"{what} {whose.danish.capitalize()} har den.")


def _late_conditions(session: Session, on: date) -> Iterator[Alarm]:
    """Conditions of the round that counts, past their day."""
    newer = select(Consultation.id).where(
        Consultation.facility_id == Condition.facility_id, col(Consultation.round) > Condition.round
    )
    rows = (
        select(Condition, Facility)
        .join(Facility, col(Facility.id) == Condition.facility_id)
        .where(col(Condition.met_on).is_(None), col(Condition.deadline_on) < on, ~newer.exists())
        .where(col(Facility.stage).not_in(OVER))
        .order_by(col(Condition.deadline_on), Facility.reference)
    )
    for condition, facility in session.exec(rows):
        if condition.deadline_on is not None:
            what = f"betingelse nr. {condition.number} ({_short(condition.text)}) skulle være opfyldt"
            whose = f"{condition.owner.danish.capitalize()} har den."
            yield Alarm(facility.reference, facility.name, f"{what} {dato(condition.deadline_on)}. {whose}")


def _short(written: str) -> str:
    return textwrap.shorten(written, LONGEST_TEXT, placeholder=" …").rstrip(".")


def _named(places: list[Facility]) -> str:
    """The first of many places by their references, and how many more there are."""
    names = ", ".join(facility.reference for facility in places[:MOST_NAMED])
    return names + (f" og {len(places) - MOST_NAMED} til" if len(places) > MOST_NAMED else "")
