"""The day's messages for many at once: the same as `models.post.outbox.add_to_daily` for each, in a few statements.

Oracle of every statement here: `_ask` and `_escalate` in tests/models/plain_sweep.py, which call `add_to_daily`.
"""

from datetime import date
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Date,
    Delete,
    Insert,
    Select,
    String,
    Subquery,
    Update,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.selectable import NamedFromClause
from sqlmodel import Session

from models.case.volunteer_group import Contact
from models.daily.day_tables import RECIPIENT
from models.daily.speed import count_rows, written_once
from models.database import columns_of, dialect_of, now, putting_new, table_of
from models.operation.check import Check
from models.operation.who_is_asked import TakenDate, TakenPlace, is_anything_taken
from models.post.outbox import Message, MessageItem, put_daily, waiting_daily
from models.role import Role

MESSAGE, TOLD, CONTACT = columns_of(Message), columns_of(MessageItem), columns_of(Contact)
CHECK, TAKEN_DATE, TAKEN_PLACE = columns_of(Check), columns_of(TakenDate), columns_of(TakenPlace)
TODAY = bindparam("today", type_=Date)
_EARLIER = table_of(Contact).alias("contact_before")
CONTACTS_BEFORE = (
    select(func.count())
    .select_from(_EARLIER)
    .where(
        _EARLIER.c.group_id == CONTACT.group_id, _EARLIER.c.left_on.is_(None), _EARLIER.c.position < CONTACT.position
    )
    .correlate(Contact)
    .scalar_subquery()
)
"""How many of the group stand before a contact and haven't left."""
ITEM = ["key", "message_id", "kind", "facility_id", "context"]

Telling = Select[*tuple[Any, ...]]
"""What is told, one row a thing, with the columns `key` (without the recipient), `kind`, `facility_id` and `context`,
and `due_on` and `check_id`, by which the items of one message are put in order; told to contacts also `group_id` and
`told_to`, how many of the group are told, the contact person first. Each is written once, and the
statements here that are made from it are kept beside it."""


def tell_contacts(session: Session, groups: Telling, telling: Telling, on: date) -> None:
    """Tell the contacts of these groups (`group_id`, `told_to`: the most that any of it is told) what the query says."""
    connection = session.connection()
    named = {"today": on, "moment": now(), "prefix": f"daily:{on}:contact-", "suffix": f":{token_hex(6)}"}
    by_taking = is_anything_taken(session)
    connection.execute(_forget_recipients())
    if connection.execute(_note_recipients(groups, by_taking), named).rowcount == 0:
        return
    count_rows(session, RECIPIENT)
    connection.execute(_add_messages(), named)
    connection.execute(_note_new_messages(), named)
    items = _items_by_taking(telling) if by_taking else _items_for_contacts(telling)
    if not _add_items(session, items, named) or by_taking:
        connection.execute(_remove_empty_messages(_messages_of_recipients()))


def tell_role_many(session: Session, role: Role, telling: Telling, on: date) -> None:
    """Tell a role's mailbox what the query says."""
    connection = session.connection()
    if connection.execute(_any_told(telling)).first() is None:
        return
    message_id, is_new = put_daily(session, role=role, on=on)
    named = {"message": message_id}
    if not _add_items(session, _items_for_role(role, telling), named) and is_new:
        connection.execute(_remove_empty_messages(_message_of_role()), named)


def _add_items(session: Session, items: Telling, named: dict[str, Any]) -> bool:
    """Add the items to their messages; whether all of them were new, as nearly always.

    Adding them plainly is the fast way: looking for each key first (`ON CONFLICT`) costs a tenth of the day on
    PostgreSQL (row "daily sweep, 100 % due"). So a key that is there already makes the database refuse the whole
    statement, and then it is done the careful way.
    """
    connection: Connection = session.connection()
    try:
        with connection.begin_nested():
            connection.execute(_add_all_items(items), named)
    except IntegrityError:
        connection.execute(_add_new_items(dialect_of(session), items), named)
        return False
    return True


@written_once
def _add_all_items(items: Telling) -> Insert:
    """Add all items; refused by the database if one of them was told before."""
    return insert(MessageItem).from_select(ITEM, items, include_defaults=False)


@written_once
def _add_new_items(dialect_name: str, items: Telling) -> Insert:
    """Add the items that weren't told before."""
    return putting_new(dialect_name, MessageItem, ITEM, items)


@written_once
def _forget_recipients() -> Delete:
    """Empty the table of recipients: SQLite keeps those of the range before, PostgreSQL empties it at each commit."""
    return delete(RECIPIENT)


@written_once
def _note_recipients(groups: Telling, by_taking: bool) -> Insert:
    """Note the contacts of these groups who are told, with the day's message that already waits for them.

    A message that another transaction holds may be on its way: it is passed over, and a new one is made.
    """
    waiting = (
        select(MESSAGE.id)
        .where(*waiting_daily(TODAY), MESSAGE.contact_id == CONTACT.id)
        .order_by(MESSAGE.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(Contact)
    )
    told = groups.subquery()
    notable = select(CONTACT.group_id, CONTACT.id, waiting.scalar_subquery(), CONTACTS_BEFORE).join(
        told, told.c.group_id == CONTACT.group_id
    )
    contacts = notable.where(CONTACT.left_on.is_(None), ~CONTACT.is_member, told.c.told_to > CONTACTS_BEFORE)
    if by_taking:  # anybody of the group may have taken something of it
        contacts = notable.where(CONTACT.left_on.is_(None))
    noting = insert(RECIPIENT).from_select(["group_id", "contact_id", "message_id", "before"], contacts)
    return noting.execution_options(preserve_rowcount=True)


HAS_NO_MESSAGE = RECIPIENT.c.message_id.is_(None)
NEW_KEY = bindparam("prefix", type_=String) + cast(RECIPIENT.c.contact_id, String) + bindparam("suffix", type_=String)
"""The key of a contact's new message: the day, the contact, and something that no other run has."""


@written_once
def _add_messages() -> Insert:
    """Add an empty daily message for each recipient who has none."""
    values = {
        "key": NEW_KEY,
        "template": literal("daily"),
        "contact_id": RECIPIENT.c.contact_id,
        "context": literal({}, JSON),
        "attachment": literal(""),
        "on": TODAY,
        "created_at": bindparam("moment", type_=MESSAGE.created_at.type),
        "attempts": literal(0),
        "error": literal(""),
    }
    messages = select(*values.values()).where(HAS_NO_MESSAGE).order_by(RECIPIENT.c.contact_id)
    return insert(Message).from_select(list(values), messages, include_defaults=False)


@written_once
def _note_new_messages() -> Update:
    """Note at each recipient who had no message the one that was just added, found by its key."""
    added = select(MESSAGE.id).where(MESSAGE.key == NEW_KEY).scalar_subquery()
    return update(RECIPIENT).where(HAS_NO_MESSAGE).values(message_id=added)


@written_once
def _items_for_contacts(telling: Telling) -> Telling:
    """What is told of a group, once for each who is told it, the oldest first.

    `where(true)`: SQLite would take the `ON CONFLICT` after a `SELECT` without a `WHERE` for a join's `ON`.
    """
    told, recipient = telling.subquery(), RECIPIENT.c
    return (
        select(
            told.c.key + ":contact-" + cast(recipient.contact_id, String),
            recipient.message_id,
            told.c.kind,
            told.c.facility_id,
            told.c.context,
        )
        .join(RECIPIENT, and_(recipient.group_id == told.c.group_id, recipient.before < told.c.told_to))
        .where(literal(True))
        .order_by(told.c.due_on, told.c.check_id)
    )


@written_once
def _items_by_taking(telling: Telling) -> Telling:
    """The same where somebody has taken a date or a place, or is there for certain places only.

    Oracle: `models.operation.who_is_asked.line_for`. Slower, so it is asked only in a town where anything is taken.
    """
    told, recipient = telling.subquery(), RECIPIENT.c
    me, other = table_of(Contact).alias("told_contact"), table_of(Contact).alias("other_contact")
    mine, theirs = _turn_of(me, told), _turn_of(other, told)
    is_before = or_(
        theirs < mine,
        and_(theirs == mine, other.c.position < me.c.position),
        and_(theirs == mine, other.c.position == me.c.position, other.c.id < me.c.id),
    )
    before = (
        select(func.count())
        .select_from(other)
        .where(other.c.group_id == told.c.group_id, other.c.left_on.is_(None), theirs < NOT_IN_LINE, is_before)
        .correlate(told, me)
        .scalar_subquery()
    )
    return (
        select(
            told.c.key + ":contact-" + cast(recipient.contact_id, String),
            recipient.message_id,
            told.c.kind,
            told.c.facility_id,
            told.c.context,
        )
        .select_from(told)
        .join(RECIPIENT, recipient.group_id == told.c.group_id)
        .join(me, me.c.id == recipient.contact_id)
        .where(mine < NOT_IN_LINE, before < told.c.told_to)
        .order_by(told.c.due_on, told.c.check_id)
    )


NOT_IN_LINE = 9


def _turn_of(contact: NamedFromClause, told: Subquery) -> ColumnElement[int]:
    """Whose turn it is about a check: whoever took the date, then those who took the place, then the other contacts."""
    date_taken = (
        select(literal(1))
        .select_from(table_of(TakenDate))
        .join(Check, and_(CHECK.care_task_id == TAKEN_DATE.care_task_id, CHECK.due_on == TAKEN_DATE.due_on))
        .where(CHECK.id == told.c.check_id, TAKEN_DATE.contact_id == contact.c.id)
        .correlate(told, contact)
        .exists()
    )
    place_taken = (
        select(literal(1))
        .where(TAKEN_PLACE.facility_id == told.c.facility_id, TAKEN_PLACE.contact_id == contact.c.id)
        .correlate(told, contact)
        .exists()
    )
    is_for_all = and_(~contact.c.is_member, ~contact.c.only_own_places)
    return case((date_taken, 0), (place_taken, 1), (is_for_all, 2), else_=NOT_IN_LINE)


@written_once
def _items_for_role(role: Role, telling: Telling) -> Telling:
    """What is told, once for the role's message, the oldest first."""
    told, message = telling.subquery(), bindparam("message", type_=MESSAGE.id.type)
    return (
        select(told.c.key + f":{role}", message, told.c.kind, told.c.facility_id, told.c.context)
        .where(literal(True))
        .order_by(told.c.due_on, told.c.check_id)
    )


@written_once
def _any_told(telling: Telling) -> Telling:
    """Any one thing that is told; without one, the role gets no message."""
    return select(telling.subquery().c.key).limit(1)


@written_once
def _messages_of_recipients() -> Telling:
    """The range's messages to contacts."""
    return select(RECIPIENT.c.message_id)


@written_once
def _message_of_role() -> Telling:
    """The message to the role."""
    return select(bindparam("message", type_=MESSAGE.id.type))


@written_once
def _remove_empty_messages(messages: Telling) -> Delete:
    """Remove those of the messages that say nothing, since all of it was told before (by somebody else, or before a
    pause)."""
    is_saying_something = exists().where(TOLD.message_id == MESSAGE.id)
    return delete(Message).where(MESSAGE.id.in_(messages), ~is_saying_something)
