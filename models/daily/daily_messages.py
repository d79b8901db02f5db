"""The day's messages for many at once: the same as `models.post.outbox.add_to_daily` for each, in a few statements."""

from datetime import date
from functools import lru_cache
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    Delete,
    Insert,
    Select,
    String,
    Update,
    bindparam,
    cast,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.case.volunteer_group import Contact
from models.daily.due_work import RECIPIENT, look_over
from models.database import columns_of, dialect_of, now, putting_new
from models.post.outbox import Message, MessageItem, put_daily, waiting_daily
from models.role import Role

MESSAGE, TOLD, CONTACT = columns_of(Message), columns_of(MessageItem), columns_of(Contact)

ITEM = ["key", "message_id", "kind", "facility_id", "context"]

Telling = Select[*tuple[Any, ...]]
"""What is told, with the columns `key` (without the recipient), `kind`, `facility_id`, `context`, and what the items of
one message are put in order by: `due_on`, `check_id`. Written once by who tells: the statements here hang on it."""


def tell_contacts(session: Session, groups: Telling, telling: Telling, on: date) -> None:
    """Tell each contact of these groups what the query says of their `group_id`."""
    connection = session.connection()
    each = _to_contacts(dialect_of(session), groups, telling)
    named = {"today": on, "moment": now(), "prefix": f"daily:{on}:contact-", "suffix": f":{token_hex(6)}"}
    connection.execute(each.nobody)
    if connection.execute(each.whom, named).rowcount == 0:
        return
    look_over(session, RECIPIENT)
    for step in (each.messages, each.made):
        connection.execute(step, named)
    if not _tell(connection, each.items, named):
        connection.execute(each.empty)


def tell_role_many(session: Session, role: Role, telling: Telling, on: date) -> None:
    """Tell a role's mailbox what the query says."""
    connection = session.connection()
    each = _to_role(dialect_of(session), role, telling)
    if connection.execute(each.is_any).first() is None:
        return
    message_id, new = put_daily(session, role=role, on=on)
    named = {"message": message_id}
    if not _tell(connection, each.items, named) and new:
        connection.execute(each.empty, named)


class _Items(NamedTuple):
    """What goes into the messages: as it is, or but for what was told before."""

    all: Insert
    untold: Insert


def _tell(connection: Connection, items: _Items, named: dict[str, Any]) -> bool:
    """Put it into the messages; whether all of it was untold, as nearly always: to look first costs a sixth more."""
    try:
        with connection.begin_nested():
            connection.execute(items.all, named)
    except IntegrityError:
        connection.execute(items.untold, named)
        return False
    return True


def _items(dialect_name: str, rows: Telling) -> _Items:
    return _Items(
        insert(MessageItem).from_select(ITEM, rows, include_defaults=False),
        putting_new(dialect_name, MessageItem, ITEM, rows),
    )


class _ToContacts(NamedTuple):
    nobody: Delete
    whom: Insert
    messages: Insert
    made: Update
    items: _Items
    empty: Delete


@lru_cache(maxsize=16)
def _to_contacts(dialect_name: str, groups: Telling, telling: Telling) -> _ToContacts:
    each, mine, today = telling.subquery(), RECIPIENT.c, bindparam("today", type_=Date)
    # one that another transaction holds may be on its way: what is told now goes in another one
    waiting = (
        select(MESSAGE.id)
        .where(*waiting_daily(today), MESSAGE.contact_id == CONTACT.id)
        .order_by(MESSAGE.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(Contact)
    )
    contacts = select(CONTACT.group_id, CONTACT.id, waiting.scalar_subquery()).where(
        CONTACT.left_on.is_(None), CONTACT.group_id.in_(groups)
    )
    key = bindparam("prefix", type_=String) + cast(mine.contact_id, String)
    key += bindparam("suffix", type_=String)
    missing = mine.message_id.is_(None)
    messages = (
        select(
            key,
            literal("daily"),
            mine.contact_id,
            literal({}, JSON),
            literal(""),
            today,
            bindparam("moment", type_=MESSAGE.created_at.type),
            literal(0),
            literal(""),
        )
        .where(missing)
        .order_by(mine.contact_id)
    )
    columns = ["key", "template", "contact_id", "context", "attachment", "on", "created_at", "attempts", "error"]
    items = (
        select(
            each.c.key + ":contact-" + cast(mine.contact_id, String),
            mine.message_id,
            each.c.kind,
            each.c.facility_id,
            each.c.context,
        )
        .join(RECIPIENT, mine.group_id == each.c.group_id)
        .where(literal(True))
        .order_by(each.c.due_on, each.c.check_id)
    )
    made = select(MESSAGE.id).where(MESSAGE.key == key).scalar_subquery()
    return _ToContacts(
        nobody=delete(RECIPIENT),
        whom=insert(RECIPIENT)
        .from_select(["group_id", "contact_id", "message_id"], contacts)
        .execution_options(preserve_rowcount=True),
        messages=insert(Message).from_select(columns, messages, include_defaults=False),
        made=update(RECIPIENT).where(missing).values(message_id=made),
        items=_items(dialect_name, items),
        empty=_empty_of(select(mine.message_id)),
    )


class _ToRole(NamedTuple):
    is_any: Telling
    items: _Items
    empty: Delete


@lru_cache(maxsize=16)
def _to_role(dialect_name: str, role: Role, telling: Telling) -> _ToRole:
    each, message = telling.subquery(), bindparam("message", type_=MESSAGE.id.type)
    items = (
        select(each.c.key + f":{role}", message, each.c.kind, each.c.facility_id, each.c.context)
        .where(literal(True))
        .order_by(each.c.due_on, each.c.check_id)
    )
    return _ToRole(select(each.c.key).limit(1), _items(dialect_name, items), _empty_of(select(message)))


def _empty_of(messages: Telling) -> Delete:
    """All of it was told before, by somebody else or before a pause: then there is no message."""
    told = exists().where(TOLD.message_id == MESSAGE.id)
    return delete(Message).where(MESSAGE.id.in_(messages), ~told)
