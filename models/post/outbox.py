"""The outbox: what is to be said to whom. Written with the decision, sent later, each at most once.

A message says *what* (template and context) and *to whom* (a contact or a role); how it is put into words
and sent is a matter for channels, and which messages leave together one for models.post.mail_a_day. The natural key
makes saying it again harmless.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from secrets import token_hex
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import JSON, ColumnElement, Date, Index, Select, bindparam, delete, literal, text
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup, contact_numbers
from models.database import Numbered, columns_of, insert_new, insert_one, now, put_new, word_column
from models.role import Role

Fact: TypeAlias = object
"""Anything JSON can hold; what each template needs stands at the top of the template."""


THANKS = "thanks"
"""The one letter that somebody who has left still gets."""
SUMMONS = "inspection_summons"
"""The summons of a firm: proof that it was sent in time, so it keeps its words for as long as the case is kept."""
WAITS = text("sent_at IS NULL AND given_up_at IS NULL")
HAS_GONE = text("sent_at IS NOT NULL")


class Message(Numbered, SQLModel, table=True):
    """One message to one recipient. Dates in `context` are ISO text under names that end in `_on`."""

    __tablename__ = "message"
    # what a person, and what a role, is told on a day: two indexes, so that neither query reads the other's rows
    __table_args__ = (
        Index(None, "contact_id", "on"),
        Index(None, "on", "role", sqlite_where=text("role IS NOT NULL"), postgresql_where=text("role IS NOT NULL")),
        # two partial indexes: what waits by recipient (models.post.mail_a_day), and what was sent by its moment
        Index(None, "mail_id", "contact_id", "id", sqlite_where=WAITS, postgresql_where=WAITS),
        Index(None, "sent_at", sqlite_where=HAS_GONE, postgresql_where=HAS_GONE),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=160)
    template: str = Field(max_length=40)
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    role: Role | None = word_column(Role, default=None, nullable=True)
    person: str = Field(default="", max_length=12, sa_column_kwargs={"server_default": ""})
    """The short id of the member of staff it goes to, where it is neither a contact's nor a role's."""
    firm_id: int | None = Field(default=None, foreign_key="firm.id")
    public_report_id: int | None = None
    """The stranger's report whose sender this is for: the address stays with the report, and goes when it has been told."""
    enquiry_id: int | None = None
    """The enquiry whose sender this is for: the address stays with it."""
    context: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    attachment: str = Field(default="", max_length=200)
    on: date
    mail_id: int | None = None
    """The first message of the mail that a contact gets this in; decided before it is sent, then kept."""
    mailed_on: date | None = None
    """The day that mail counts for."""
    created_at: datetime = Field(default_factory=now)
    lease_until: datetime | None = None
    attempts: int = 0
    error: str = Field(default="", max_length=500)
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    not_needed_at: datetime | None = None
    """When it was given up because all it says was settled by then (`models.daily.still_true`)."""


class MessageItem(Numbered, SQLModel, table=True):
    """One thing among those a recipient is told on one day; `key` says it is told only once."""

    __tablename__ = "message_item"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=160)
    message_id: int = Field(foreign_key="message.id", index=True)
    kind: str = Field(max_length=40)
    facility_id: int = Field(foreign_key="facility.id")
    context: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    not_needed_at: datetime | None = None
    """When it fell out of its mail, since it was settled by then."""


def tell(
    session: Session,
    facility: Facility | None,
    role: Role,
    template: str,
    on: date,
    *,
    key: str,
    context: Mapping[str, Fact],
    attachment: str = "",
) -> bool:
    """Put a message to a role in the outbox, once for its key; about a facility, or about none. Whether it is new."""
    facility_id = facility.number if facility is not None else None
    row = _row(f"{key}:{role}", template, facility_id, None, role, context, attachment, on)
    return insert_new(session, Message, [row]) > 0


def tell_group(
    session: Session,
    facility: Facility,
    template: str,
    on: date,
    *,
    key: str,
    context: Mapping[str, Fact],
    attachment: str = "",
    group: VolunteerGroup | None = None,
    and_roles: Iterable[Role] = (),
) -> None:
    """Put the same message to each contact of the group that has the place (or of `group`), once for its key.

    With `and_roles` to those, too, as `tell` does.
    """
    rows = [
        _row(f"{key}:{contact}", template, facility.id, contact, None, context, attachment, on)
        for contact in contact_numbers(session, group.id if group is not None else facility.group_id)
    ]
    rows += [_row(f"{key}:{role}", template, facility.id, None, role, context, attachment, on) for role in and_roles]
    insert_new(session, Message, rows)


def take_back_letters(session: Session, facility: Facility, key: str) -> None:
    """What hasn't left of the letters whose keys begin so needn't be said any more: what they told is put right."""
    columns = columns_of(Message)
    waiting = select(Message).where(
        columns.facility_id == facility.number,
        columns.key.startswith(f"{key}:", autoescape=True),
        columns.sent_at.is_(None),
        columns.mail_id.is_(None),
        columns.lease_until.is_(None),
    )
    moment = now()
    for message in session.exec(waiting):
        message.not_needed_at = message.given_up_at = moment


def tell_person(
    session: Session, person: str, template: str, on: date, *, key: str, context: Mapping[str, Fact]
) -> None:
    """Put a message to a member of staff (their short id in `config/roles.yaml`) in the outbox, once for its key."""
    row = _row(f"{key}:{person}", template, None, None, None, context, "", on) | {"person": person}
    insert_new(session, Message, [row])


def tell_contact(
    session: Session,
    contact: Contact,
    template: str,
    *,
    facility_id: int,
    key: str,
    on: date,
    context: Mapping[str, Fact],
) -> None:
    """Put a message to one contact in the outbox, once for its key."""
    row = _row(f"{key}:{contact.id}", template, facility_id, contact.id, None, context, "", on)
    insert_new(session, Message, [row])


def tell_firm(
    session: Session,
    facility: Facility,
    firm_id: int,
    template: str,
    on: date,
    *,
    key: str,
    context: Mapping[str, Fact],
) -> None:
    """Put a message to a firm in the outbox, once for its key; each is a mail of its own, as a role's is."""
    row = _row(f"{key}:firm-{firm_id}", template, facility.number, None, Role.FIRM, context, "", on)
    insert_new(session, Message, [row | {"firm_id": firm_id}])


def tell_reporter(
    session: Session,
    template: str,
    *,
    report_id: int,
    facility_id: int,
    key: str,
    on: date,
    context: Mapping[str, Fact],
) -> None:
    """Put a message to whoever sent a stranger's report in the outbox, once for its key."""
    row = _row(key, template, facility_id, None, None, context, "", on)
    insert_new(session, Message, [row | {"public_report_id": report_id}])


def tell_enquirer(
    session: Session, template: str, *, enquiry_id: int, facility_id: int | None, key: str, on: date
) -> None:
    """Put a message to whoever sent an enquiry in the outbox, once for its key; what it says is looked up as it leaves."""
    row = _row(key, template, facility_id, None, None, {}, "", on)
    insert_new(session, Message, [row | {"enquiry_id": enquiry_id}])


def put_letters(
    session: Session, template: str, to: Select[*tuple[Any, ...]], *, on: date, context: Mapping[str, Fact]
) -> int:
    """Put the same message to many in the outbox; returns how many were new.

    `to` finds the columns `key` (with the recipient), `facility_id`, `contact_id` and `role`; where it finds a
    `context`, too, that is what each says instead.
    """
    each = to.subquery()
    rows = rows_of(
        each.c.key,
        literal(template),
        each.c.facility_id,
        each.c.contact_id,
        each.c.role,
        each.c.context if "context" in each.c else literal(dict(context), JSON),
        literal(""),
        literal(on, Date),
        literal(now(), columns_of(Message).created_at.type),
        literal(0),
        literal(""),
    ).where(literal(True))
    columns = [
        "key",
        "template",
        "facility_id",
        "contact_id",
        "role",
        "context",
        "attachment",
        "on",
        "created_at",
        "attempts",
        "error",
    ]
    return put_new(session, Message, columns, rows)


def _row(
    key: str,
    template: str,
    facility_id: int | None,
    contact_id: int | None,
    role: Role | None,
    context: Mapping[str, Fact],
    attachment: str,
    on: date,
) -> dict[str, Any]:
    return {
        "key": key,
        "template": template,
        "facility_id": facility_id,
        "contact_id": contact_id,
        "role": role,
        "context": dict(context),
        "attachment": attachment,
        "on": on,
        "created_at": now(),
        "attempts": 0,
        "error": "",
    }


def add_to_daily(
    session: Session,
    *,
    contact_id: int | None,
    role: Role | None,
    kind: str,
    facility_id: int,
    key: str,
    context: Mapping[str, Fact],
    on: date,
) -> bool:
    """Tell this with everything else the recipient is told on that day, in one message.

    Returns whether it was new. What comes after the day's message has gone is told in a second one,
    which for a contact leaves with the next day's mail.
    """
    item_key = f"{key}:{_who(contact_id, role)}"
    found = _waiting_message(session, contact_id, role, on, item_key=item_key)
    if found.is_told:
        return False
    new = found.message_id is None
    message_id = found.message_id or _new_daily(session, contact_id, role, on)
    item = {
        "key": item_key,
        "message_id": message_id,
        "kind": kind,
        "facility_id": facility_id,
        "context": dict(context),
    }
    added = insert_new(session, MessageItem, [item]) == 1
    if new and not added:  # somebody told it at the same moment
        session.connection().execute(delete(Message).where(col(Message.id) == message_id))
    return added


def put_daily(session: Session, *, role: Role, on: date) -> tuple[int, bool]:
    """The number of the message that a role gets for that day and that hasn't begun to leave; and whether it is new."""
    found = _waiting_message(session, None, role, on, item_key="")
    if found.message_id is not None:
        return found.message_id, False
    return _new_daily(session, None, role, on), True


class _Waiting(NamedTuple):
    message_id: int | None
    is_told: bool


def _waiting_message(
    session: Session, contact_id: int | None, role: Role | None, on: date, *, item_key: str
) -> _Waiting:
    """What could still be added to, and whether an item was told before, here or in another message."""
    named = {"contact": contact_id, "role": role, "on": on, "item": item_key}
    connection = session.connection()
    row = connection.execute(_waiting_of(contact_id is not None), named).first()
    if row is not None:
        message_id, is_told = row
        return _Waiting(message_id, is_told)
    return _Waiting(None, connection.execute(_told(), {"item": item_key}).first() is not None)


@cache
def _waiting_of(a_contact: bool) -> Select[*tuple[Any, ...]]:
    columns = columns_of(Message)
    whose = columns.contact_id == bindparam("contact")
    if not a_contact:
        whose = columns.role == bindparam("role")
    # a message that another transaction holds may be on its way: what is told now goes in another one
    return (
        rows_of(columns.id, _told().exists())
        .where(*waiting_daily(bindparam("on")), whose)
        .order_by(columns.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Message)
    )


@cache
def _told() -> Select[tuple[int]]:
    columns = columns_of(MessageItem)
    return rows_of(columns.id).where(columns.key == bindparam("item"))


def _new_daily(session: Session, contact_id: int | None, role: Role | None, on: date) -> int:
    row = _row(f"daily:{on}:{_who(contact_id, role)}:{token_hex(6)}", "daily", None, contact_id, role, {}, "", on)
    return insert_one(session, Message, row)


def _who(contact_id: int | None, role: Role | None) -> str:
    return f"contact-{contact_id}" if contact_id is not None else f"{role}"


def waiting_daily(on: date | ColumnElement[date]) -> tuple[ColumnElement[bool], ...]:
    """What makes a message one of that day to which more can be added."""
    return (
        col(Message.template) == "daily",
        col(Message.on) == on,
        col(Message.sent_at).is_(None),
        col(Message.lease_until).is_(None),
    )


def items_of(session: Session, message: Message) -> list[MessageItem]:
    """What a daily message tells, in the order it was put in."""
    rows = select(MessageItem).where(MessageItem.message_id == message.id).order_by(col(MessageItem.id))
    return list(session.exec(rows))


def items_of_many(session: Session, messages: Collection[Message]) -> dict[int, list[MessageItem]]:
    """The same for many messages, by their number."""
    told: dict[int, list[MessageItem]] = {message.number: [] for message in messages}
    rows = select(MessageItem).where(col(MessageItem.message_id).in_(told)).order_by(col(MessageItem.id))
    for item in session.exec(rows):
        told[item.message_id].append(item)
    return told
