"""The day's messages for many at once: the same as `models.post.outbox.add_to_daily` for each, in a few statements.

Oracle of every statement here: `_ask` and `_escalate` in tests/models/plain_sweep.py, which call `add_to_daily`.
"""

from datetime import date
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    Delete,
    Insert,
    Select,
    String,
    Update,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.case.volunteer_group import Contact
from models.daily.day_tables import RECIPIENT
from models.daily.speed import count_rows, written_once
from models.database import columns_of, dialect_of, now, putting_new, table_of
from models.post.outbox import Message, MessageItem, put_daily, waiting_daily
from models.role import Role

MESSAGE, TOLD, CONTACT = columns_of(Message), columns_of(MessageItem), columns_of(Contact)
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
    connection.execute(_forget_recipients())
    if connection.execute(_note_recipients(groups), named).rowcount == 0:
        return
    count_rows(session, RECIPIENT)
    connection.execute(_add_messages(), named)
    connection.execute(_note_new_messages(), named)
    if not _add_items(session, _items_for_contacts(telling), named):
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
def _note_recipients(groups: Telling) -> Insert:
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
    contacts = (
        select(CONTACT.group_id, CONTACT.id, waiting.scalar_subquery(), CONTACTS_BEFORE)
        .join(told, told.c.group_id == CONTACT.group_id)
        .where(CONTACT.left_on.is_(None), told.c.told_to > CONTACTS_BEFORE)
    )
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
