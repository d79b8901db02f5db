"""The day's messages for many at once: the same as `models.message.add_to_daily` for each, in a few statements."""

from datetime import date
from secrets import token_hex

from sqlalchemy import (
    JSON,
    Date,
    Select,
    String,
    Subquery,
    cast,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)
from sqlmodel import Session

from models.database import columns_of, now, put_new
from models.due_work import RECIPIENT, look_over
from models.message import Message, MessageItem, put_daily, waiting_daily
from models.role import Role

MESSAGE, TOLD = columns_of(Message), columns_of(MessageItem)

ITEM = ["key", "message_id", "kind", "facility_id", "context"]


def tell_contacts(session: Session, telling: Select[tuple[object, ...]], on: date) -> None:
    """Tell each contact what the query says of them.

    Its columns are `contact_id`, `key` (without the recipient), `kind`, `facility_id`, `context`, and what the
    items of one message are put in order by: `due_on`, `check_id`.
    """
    each, connection = telling.subquery(), session.connection()
    connection.execute(delete(RECIPIENT))
    whom = insert(RECIPIENT).from_select(["contact_id"], select(each.c.contact_id).distinct())
    if connection.execute(whom).rowcount == 0:
        return
    look_over(session, RECIPIENT)
    # one that another transaction holds may be on its way: what is told now goes in another one
    waiting = (
        select(MESSAGE.id)
        .where(*waiting_daily(on), MESSAGE.contact_id == RECIPIENT.c.contact_id)
        .order_by(MESSAGE.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(RECIPIENT)
    )
    connection.execute(update(RECIPIENT).values(message_id=waiting.scalar_subquery()))
    token = token_hex(6)
    key = literal(f"daily:{on}:contact-") + cast(RECIPIENT.c.contact_id, String) + f":{token}"
    missing = RECIPIENT.c.message_id.is_(None)
    rows = select(
        key, literal("daily"), RECIPIENT.c.contact_id, literal({}, JSON), literal(""),
        literal(on, Date), literal(now(), MESSAGE.created_at.type), literal(0), literal(""),
    ).where(missing).order_by(RECIPIENT.c.contact_id)  # fmt: skip
    columns = ["key", "template", "contact_id", "context", "attachment", "on", "created_at", "attempts", "error"]  # fmt: skip
    put_new(session, Message, columns, rows)
    made = select(MESSAGE.id).where(MESSAGE.key == key).scalar_subquery()
    connection.execute(update(RECIPIENT).where(missing).values(message_id=made))
    items = (
        select(
            each.c.key + ":contact-" + cast(each.c.contact_id, String),
            RECIPIENT.c.message_id, each.c.kind, each.c.facility_id, each.c.context,
        )
        .join(RECIPIENT, RECIPIENT.c.contact_id == each.c.contact_id)
        .where(literal(True))
        .order_by(each.c.due_on, each.c.check_id)
    )  # fmt: skip
    put_new(session, MessageItem, ITEM, items)
    _drop_empty(session, select(RECIPIENT.c.message_id))


def tell_role_many(
    session: Session, role: Role, telling: Select[tuple[object, ...]], on: date
) -> None:
    """Tell a role's mailbox what the query says; its columns are those of `tell_contacts` but for the contact."""
    each: Subquery = telling.subquery()
    if session.execute(select(each.c.key).limit(1)).first() is None:
        return
    message_id, new = put_daily(session, role=role, on=on)
    items = (
        select(
            each.c.key + f":{role}", literal(message_id), each.c.kind, each.c.facility_id, each.c.context
        )
        .where(literal(True))
        .order_by(each.c.due_on, each.c.check_id)
    )  # fmt: skip
    if put_new(session, MessageItem, ITEM, items) == 0 and new:
        _drop_empty(session, select(literal(message_id)))


def _drop_empty(session: Session, messages: Select[tuple[int]]) -> None:
    """All of it was told before, by somebody else or before a pause: then there is no message."""
    told = exists().where(TOLD.message_id == MESSAGE.id)
    empty = delete(Message).where(MESSAGE.id.in_(messages), ~told)
    session.connection().execute(empty.execution_options(synchronize_session=False))
