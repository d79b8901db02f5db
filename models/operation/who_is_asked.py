"""Hvem spørges: who of a group is asked about a place or a date, in which order.

First whoever took the date ("jeg tager den"), then those who took the place, then the group's contacts, but for those who
are contacts for other places only. The first is told what is due; a reminder goes to the second, too.
"""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import UniqueConstraint, delete, exists
from sqlmodel import Field, Session, SQLModel, col, select

from models.case.agreement import CareTask
from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup, contacts_of, everyone_in
from models.danish import dato
from models.database import Numbered, insert_new
from models.journal import write_journal
from models.operation.check import OPEN_STATES, Check
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_TAKE = (Role.VOLUNTEER, Role.COORDINATOR)
REMINDED = 2
"""How many of those in line a reminder goes to."""
MOVED_DAYS = 14
"""How far before a taken date its check may have been put, with another task of the place."""


class TakenDate(Numbered, SQLModel, table=True):
    """Somebody of the group takes one date of one task. Who is a number, never a name."""

    __tablename__ = "taken_date"
    __table_args__ = (UniqueConstraint("care_task_id", "due_on"),)

    id: int | None = Field(default=None, primary_key=True)
    care_task_id: int = Field(foreign_key="care_task.id")
    due_on: date
    contact_id: int = Field(foreign_key="contact.id", index=True)
    taken_on: date


class TakenPlace(Numbered, SQLModel, table=True):
    """Somebody of the group takes one of its places: they are asked first about all of it."""

    __tablename__ = "taken_place"
    __table_args__ = (UniqueConstraint("facility_id", "contact_id"),)

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id")
    contact_id: int = Field(foreign_key="contact.id", index=True)
    taken_on: date


def line_for(session: Session, facility: Facility, check: Check | None = None) -> list[Contact]:
    """Who of the group that has the place is asked about it, or about one check of it: the first one first."""
    people = everyone_in(session, session.get_one(VolunteerGroup, facility.group_id))
    theirs = set(session.exec(select(TakenPlace.contact_id).where(TakenPlace.facility_id == facility.id)))
    taker = taker_of(session, check.care_task_id, check.due_on) if check is not None else None
    ranked = [
        (0 if each.id == taker else 1 if each.id in theirs else 2, each)
        for each in people
        if each.id == taker or each.id in theirs or not (each.is_member or each.only_own_places)
    ]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]


def is_anything_taken(session: Session) -> bool:
    """Whether anybody in the town has taken a date or a place, or is a contact for certain places only."""
    elsewhere = select(Contact.id).where(col(Contact.only_own_places))
    asked = (select(TakenDate.id), select(TakenPlace.id), elsewhere)
    return any(session.exec(each.limit(1)).first() is not None for each in asked)


def taker_of(session: Session, task_id: int, due_on: date) -> int | None:
    """The number of whoever took a date; None for nobody."""
    rows = select(TakenDate.contact_id).where(TakenDate.care_task_id == task_id, TakenDate.due_on == due_on)
    return session.exec(rows).first()


def takers_of(session: Session, task_ids: Collection[int]) -> dict[tuple[int, date], int]:
    """The same for all dates of these tasks, by task and day."""
    found = session.exec(select(TakenDate).where(col(TakenDate.care_task_id).in_(task_ids)))
    return {(taken.care_task_id, taken.due_on): taken.contact_id for taken in found}


def taken_dates(session: Session, group: VolunteerGroup, *, since: date) -> dict[tuple[int, date], Contact]:
    """Who took which date of which task at the group's places."""
    rows = (
        select(TakenDate, Contact)
        .join(Contact, col(Contact.id) == TakenDate.contact_id)
        .where(Contact.group_id == group.id, TakenDate.due_on >= since, col(Contact.left_on).is_(None))
    )
    return {(taken.care_task_id, taken.due_on): contact for taken, contact in session.exec(rows).all()}


def taken_places(session: Session, group: VolunteerGroup) -> dict[int, list[Contact]]:
    """Who took each of the group's places, by the place's number, in the order they did."""
    rows = (
        select(TakenPlace.facility_id, Contact)
        .join(Contact, col(Contact.id) == TakenPlace.contact_id)
        .where(Contact.group_id == group.id, col(Contact.left_on).is_(None))
        .order_by(col(TakenPlace.id))
    )
    found: dict[int, list[Contact]] = {}
    for facility_id, contact in session.exec(rows).all():
        found.setdefault(facility_id, []).append(contact)
    return found


def take_date(session: Session, contact: Contact, task: CareTask, due_on: date, said: Said) -> None:
    """ "Jeg tager den": whoever takes a date is asked about it, and reminded. The same again changes nothing.

    The door has seen that the date is one that will be asked for.

    Raises:
        BadInput: the task isn't one of the group's.
        Refusal: somebody else has taken it.
    """
    may_decide(said.by, MAY_TAKE, "En dato")
    facility = _theirs(session, contact, task.facility_id)
    row = {"care_task_id": task.number, "due_on": due_on, "contact_id": contact.number, "taken_on": said.on}
    if insert_new(session, TakenDate, [row]) == 1:
        write_journal(session, facility, f"En af gruppen tager “{task.name}” {dato(due_on)}.", said)
        return
    if taker_of(session, task.number, due_on) != contact.id:
        raise Refusal("taken.by_another", "En anden har lige taget den. Tak, fordi du ville.")


def give_date_back(session: Session, contact: Contact, task: CareTask, due_on: date, said: Said) -> None:
    """A taken date is given back: the group's contacts are asked again. Again, there is nothing to give back."""
    may_decide(said.by, MAY_TAKE, "En dato")
    gone = delete(TakenDate).where(
        col(TakenDate.care_task_id) == task.number,
        col(TakenDate.due_on) == due_on,
        col(TakenDate.contact_id) == contact.number,
    )
    if session.connection().execute(gone).rowcount:
        facility = session.get_one(Facility, task.facility_id)
        write_journal(session, facility, f"En af gruppen giver “{task.name}” {dato(due_on)} tilbage.", said)


def take_place(session: Session, contact: Contact, facility: Facility, said: Said) -> None:
    """ "Jeg tager stedet": whoever does is asked first about all of it. The same again changes nothing.

    Raises:
        BadInput: the place isn't one of the group's.
    """
    may_decide(said.by, MAY_TAKE, "Et sted")
    _theirs(session, contact, facility.number)
    row = {"facility_id": facility.number, "contact_id": contact.number, "taken_on": said.on}
    if insert_new(session, TakenPlace, [row]) == 1:
        write_journal(session, facility, "En af gruppen tager stedet.", said)


def give_place_back(session: Session, contact: Contact, facility: Facility, said: Said) -> None:
    """A taken place is given back; again, there is nothing to give back."""
    may_decide(said.by, MAY_TAKE, "Et sted")
    gone = delete(TakenPlace).where(
        col(TakenPlace.facility_id) == facility.number, col(TakenPlace.contact_id) == contact.number
    )
    if session.connection().execute(gone).rowcount:
        write_journal(session, facility, "En af gruppen giver stedet tilbage.", said)


def only_for(session: Session, contact: Contact, places: list[Facility], said: Said) -> None:
    """A contact is for these places only, or for all of the group's where none is named. The same again changes nothing.

    Raises:
        Refusal: it is the contact person, who is for all of them: else nobody would be asked about the others.
        BadInput: one of the places isn't the group's.
    """
    may_decide(said.by, MAY_TAKE, "En kontakts steder")
    group = session.get_one(VolunteerGroup, contact.group_id)
    if places and contacts_of(session, group)[:1] == [contact]:
        raise Refusal("contacts.first_for_all", "Kontaktpersonen er kontakt for alle gruppens steder.")
    before = set(session.exec(select(TakenPlace.facility_id).where(TakenPlace.contact_id == contact.id)))
    wanted = {_theirs(session, contact, each.number).number: each for each in places}
    for number in before - set(wanted) if places or contact.only_own_places else set():
        give_place_back(session, contact, session.get_one(Facility, number), said)
    for each in wanted.values():
        take_place(session, contact, each, said)
    contact.only_own_places = bool(places)
    session.flush()


def give_all_back(session: Session, contact: Contact) -> None:
    """Whoever leaves has taken nothing any more."""
    connection = session.connection()
    connection.execute(delete(TakenDate).where(col(TakenDate.contact_id) == contact.number))
    connection.execute(delete(TakenPlace).where(col(TakenPlace.contact_id) == contact.number))
    contact.only_own_places = False
    session.flush()


def follow_moved_dates(session: Session, *, on: date) -> None:
    """A check that was put on another task's day is still whoever's who took its own: the taking follows it."""
    rows = select(TakenDate).where(
        col(TakenDate.due_on).between(on, on + timedelta(days=MOVED_DAYS)),
        ~exists().where(
            col(Check.care_task_id) == col(TakenDate.care_task_id), col(Check.due_on) == col(TakenDate.due_on)
        ),
    )
    for taken in session.exec(rows).all():
        task = session.get_one(CareTask, taken.care_task_id)
        moved = select(col(Check.due_on)).where(
            Check.care_task_id == taken.care_task_id,
            col(Check.due_on).between(taken.due_on - timedelta(days=MOVED_DAYS), taken.due_on),
            col(Check.state).in_(OPEN_STATES),
        )
        due_on = session.exec(moved.order_by(col(Check.due_on).desc())).first()
        went_on = task.next_on is None or task.next_on > taken.due_on
        if due_on is not None and went_on and taker_of(session, taken.care_task_id, due_on) is None:
            taken.due_on = due_on
    session.flush()


def _theirs(session: Session, contact: Contact, facility_id: int) -> Facility:
    facility = session.get_one(Facility, facility_id)
    if facility.group_id != contact.group_id or facility.stage is not Stage.OPERATION or contact.left_on is not None:
        raise BadInput("answer", "det er ikke et af jeres steder. Åbn siden igen fra mailen.")
    return facility
