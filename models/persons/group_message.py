"""Besked til gruppen: from one of a group to the others, and from the coordinator to some groups or to all.

It is one more thing in each person's mail of the day, never a mail more. Who of the group wrote is a number, and the name
is read when the mail is worded. Neither text nor names go into the journal.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from models import text
from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup, everyone_in
from models.journal import write_journal
from models.persons.contacts import a_facility
from models.post.outbox import Message, MessageItem, add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

FROM_THE_GROUP, FROM_THE_COORDINATOR = "group_message", "coordinator_message"
MAY_WRITE_TO_GROUPS = (Role.COORDINATOR,)
LONGEST = 800
READ_FOR = timedelta(days=60)
MOST_READ = 5
A_DAY = 3
"""How many messages one of a group may write to the others on a day."""


def write_to_the_others(session: Session, by: Contact, words: str, said: Said) -> int:
    """Write to the others of the group; returns how many it goes to. The same again that day is said once.

    Raises:
        BadInput: nothing is written, or it is too long.
        Refusal: nobody else is there, or enough was written today.
    """
    may_decide(said.by, (Role.VOLUNTEER, Role.COORDINATOR), "En besked til gruppen")
    words = _words(words)
    group = session.get_one(VolunteerGroup, by.group_id)
    others = [each for each in everyone_in(session, group) if each.id != by.id]
    facility_id = a_facility(session, group)
    if not others or facility_id is None:
        raise Refusal("group_message.nobody", "Der er ingen andre i gruppen endnu. Invitér en.")
    day = f"group-message:{by.id}:{said.on}:"
    key = day + _short(words)
    told = select(MessageItem.key).where(col(MessageItem.key).startswith(day))
    written = {each.rpartition(":")[0] for each in session.exec(told)}
    if key not in written and len(written) >= A_DAY:
        raise Refusal(
            "group_message.enough", f"Du har skrevet {A_DAY} beskeder i dag. Skriv igen i morgen, eller ring."
        )
    for other in others:
        add_to_daily(
            session,
            contact_id=other.id,
            role=None,
            kind=FROM_THE_GROUP,
            facility_id=facility_id,
            key=key,
            context={"words": words, "by_contact": by.id},
            on=said.on,
        )
    if key not in written:
        write_journal(session, None, f"En af gruppen {group.reference} har skrevet til de andre.", said)
    return len(others)


def write_to_groups(session: Session, groups: Sequence[VolunteerGroup], subject: str, words: str, said: Said) -> int:
    """The coordinator writes to everybody of these groups; returns how many persons. The same again that day is said once.

    Groups without a place are passed over: nothing is written to them about any.

    Raises:
        BadInput: no group, no subject, or no text.
        Refusal: the role may not, or none of the groups has a place.
    """
    may_decide(said.by, MAY_WRITE_TO_GROUPS, "En besked til grupperne")
    if not groups:
        raise BadInput("groups", "vælg mindst en gruppe.")
    subject, words = text.name(subject, "subject"), _words(words)
    key = f"coordinator-message:{said.on}:{_short(subject + words)}"
    persons, new = 0, False
    for group in groups:
        facility_id = a_facility(session, group)
        for person in everyone_in(session, group) if facility_id is not None and not group.is_nobody else []:
            persons += 1
            assert facility_id is not None
            new |= add_to_daily(
                session,
                contact_id=person.id,
                role=None,
                kind=FROM_THE_COORDINATOR,
                facility_id=facility_id,
                key=key,
                context={"subject": subject, "words": words},
                on=said.on,
            )
    if not persons:
        raise Refusal("group_message.nobody_there", "Ingen af grupperne har både et sted og en kontakt.")
    if new:
        write_journal(session, None, f"Koordinatoren har skrevet til {len(groups)} grupper.", said)
    return persons


def groups_to_write_to(session: Session, type_keys: Sequence[str] = ()) -> list[VolunteerGroup]:
    """The groups that look after a place in operation, of these types where some are named; by their name."""
    rows = (
        select(VolunteerGroup)
        .join(Facility, col(Facility.group_id) == VolunteerGroup.id)
        .where(Facility.stage == Stage.OPERATION)
        .distinct()
    )
    if type_keys:
        rows = rows.where(col(Facility.type_key).in_(type_keys))
    found = [group for group in session.exec(rows) if not group.is_nobody]
    return sorted(found, key=lambda group: (group.name.casefold(), group.number))


def messages_to_read(session: Session, contact_id: int, *, on: date) -> list[tuple[date, str]]:
    """What was written to one of a group lately, the newest first: the day and the words."""
    rows = (
        select(col(Message.on), MessageItem)
        .join(Message, col(Message.id) == MessageItem.message_id)
        .where(
            Message.contact_id == contact_id,
            col(MessageItem.kind).in_((FROM_THE_GROUP, FROM_THE_COORDINATOR)),
            Message.on >= on - READ_FOR,
        )
        .order_by(col(MessageItem.id).desc())
    )
    found = [(day, str(item.context.get("words", ""))) for day, item in session.exec(rows.limit(MOST_READ)).all()]
    return [(day, words) for day, words in found if words]


def _words(words: str) -> str:
    words = text.text(words, "words")
    if len(words) > LONGEST:
        raise BadInput("words", f"beskeden har {len(words)} tegn. Skriv højst {LONGEST}.")
    return words


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]
