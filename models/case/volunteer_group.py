"""Frivilliggrupper and their contacts: the only persons Driftsklar knows."""

from datetime import date
from enum import StrEnum
from functools import cache

from sqlalchemy import bindparam, event, false
from sqlalchemy import select as columns_from
from sqlmodel import Field, Session, SQLModel, select

from models import text
from models.database import Numbered, columns_of, rows_by, word_column
from models.discretion import digits_of, last_word
from models.journal import write_journal
from models.numbering import next_number
from models.prepared_statements import Written
from models.refusal import BadInput, Remedy
from models.said import Said

NOBODY_KEY = "inherited:nobody"
"""The key of the stand-in for a group where a facility was inherited without one (`models.stages.inheritance`)."""


class Pace(StrEnum):
    """How often a group wants to be written to about its checks."""

    WEEKLY = "weekly"
    EACH = "each"
    SMS = "sms"

    @property
    def danish(self) -> str:
        """The rhythm as people say it."""
        return {"weekly": "en mail om ugen", "each": "en mail hver gang", "sms": "kun SMS"}[self.value]


class VolunteerGroup(Numbered, SQLModel, table=True):
    """Those who look after a facility; an association with a CVR number or just neighbours."""

    __tablename__ = "volunteer_group"

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True, max_length=16)
    name: str = Field(max_length=text.NAME_LENGTH)
    cvr: str = Field(default="", max_length=8)
    key: str | None = Field(default=None, unique=True, max_length=128)
    since_on: date
    pace: Pace = word_column(Pace, default=Pace.WEEKLY, sa_column_kwargs={"server_default": Pace.WEEKLY.value})

    @property
    def is_nobody(self) -> bool:
        """Whether it only stands in for a group that isn't there yet."""
        return self.key == NOBODY_KEY


class Reach(StrEnum):
    """How a contact would rather be reached. SMS only where the municipality has a gateway."""

    MAIL = "mail"
    SMS = "sms"

    @property
    def danish(self) -> str:
        """The way as people say it."""
        return {"mail": "mail", "sms": "SMS"}[self.value]


class Contact(Numbered, SQLModel, table=True):
    """A person of a group who gets its messages; the second is the deputy (stedfortræder)."""

    __tablename__ = "contact"

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="volunteer_group.id", index=True)
    position: int
    name: str = Field(max_length=text.NAME_LENGTH)
    mail: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=20)
    mail_refused: str = Field(default="", max_length=500)
    prefers: Reach = word_column(Reach, default=Reach.MAIL)
    left_on: date | None = None
    is_member: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Somebody who helps now and then: asked only about what they have taken (`models.operation.who_is_asked`)."""
    consented_on: date | None = None
    """The day they said yes themselves, by an invitation; None for whoever was written on by somebody else."""
    only_own_places: bool = Field(default=False, index=True, sa_column_kwargs={"server_default": false()})
    """A contact for certain places only; the contact person is never that."""
    language: str = Field(default="", max_length=8, sa_column_kwargs={"server_default": ""})
    """The language of their letters, by the folder of templates it has; empty for Danish."""
    # what `models.discretion` finds a name or a number in a text by
    last_name: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    digits: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})

    @property
    def role_danish(self) -> str:
        """Contact, deputy, further contact or member."""
        if self.is_member:
            return "medlem"
        return ("kontaktperson", "stedfortræder")[self.position] if self.position < 2 else "kontakt"


@event.listens_for(Contact, "before_insert")
@event.listens_for(Contact, "before_update")
def _can_be_found(_mapper: object, _connection: object, contact: Contact) -> None:
    contact.last_name, contact.digits = last_word(contact.name), digits_of(contact.phone)


def parse_contact(value: str) -> tuple[str, str, str]:
    """ "NAME;MAIL;PHONE" as name, mail and phone.

    Raises:
        BadInput: not three parts, no name, neither mail nor phone, or one that can't be right.
    """
    parts = [part.strip() for part in value.split(";")]
    if len(parts) != 3:
        raise BadInput("contact", f'"{value[:60]}" har {len(parts)} dele. Skriv "NAVN;MAIL;TELEFON".')
    contact_name = text.name(parts[0], "contact (navn)")
    mail = text.mail_address(parts[1], "contact (mail)")
    phone = text.phone_number(parts[2], "contact (telefon)")
    if not mail and not phone:
        raise BadInput("contact", f"{contact_name} har hverken mail eller telefon. Skriv mindst én af dem.")
    return contact_name, mail, phone


def is_cvr(number: str) -> bool:
    """Whether the eight digits satisfy the classic modulus-11 rule of the CVR register."""
    return (
        len(number) == 8
        and number.isascii()
        and number.isdigit()
        and (sum(int(digit) * weight for digit, weight in zip(number, (2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0)
    )


def add_group(
    session: Session, name: str, contacts: list[str], said: Said, *, cvr: str, key: str | None
) -> VolunteerGroup:
    """Register a group with its contacts; the same `key` again returns the group that is there.

    Raises:
        BadInput: a name, contact or CVR number can't be used, or the key belongs to another group.
    """
    name = text.name(name, "name")
    parsed = [parse_contact(value) for value in contacts]
    if not parsed:
        raise BadInput("contact", "gruppen skal have mindst én kontaktperson. Skriv NAVN;MAIL;TELEFON.")
    if len({mail.lower() or phone for _, mail, phone in parsed}) < len(parsed):
        raise BadInput("contact", "to kontaktpersoner har den samme mail. Skriv en for hver.")
    if cvr and not is_cvr(cvr):
        raise BadInput("cvr", f'"{cvr[:20]}" er ikke et CVR-nummer. Det har 8 cifre.')
    if key is not None:
        key = text.name(key, "key")
        there = session.exec(select(VolunteerGroup).where(VolunteerGroup.key == key)).first()
        if there is not None:
            persons = [(c.name, c.mail, c.phone) for c in contacts_of(session, there)]
            same = (persons, there.name, there.cvr) == (parsed, name, cvr)
            if not same:
                raise BadInput("key", f'"{key}" er brugt til {there.reference}. Vælg en anden nøgle.')
            return there
    number = next_number(session, "group")
    group = VolunteerGroup(reference=f"G-{number:04d}", name=name, cvr=cvr, key=key, since_on=said.on)
    session.add(group)
    session.flush()
    for position, (contact_name, mail, phone) in enumerate(parsed):
        session.add(Contact(group_id=group.number, position=position, name=contact_name, mail=mail, phone=phone))
    write_journal(session, None, f"Gruppen {group.reference} er oprettet.", said)
    session.flush()
    return group


def find_group(session: Session, reference: str) -> VolunteerGroup:
    """The group with that reference (`G-0001`).

    Raises:
        BadInput: there is no such group; it says where the list is.
    """
    group = session.exec(select(VolunteerGroup).where(VolunteerGroup.reference == reference.strip().upper())).first()
    if group is None:
        raise BadInput("group", f'der er ingen gruppe "{reference[:40]}".', remedy=Remedy.LIST_GROUPS)
    return group


def contacts_of(session: Session, group: VolunteerGroup) -> list[Contact]:
    """The group's contacts who haven't left, the contact person first, then the deputy; not its members."""
    return contacts_in(session, group.id)


def contacts_in(session: Session, group_id: int | None) -> list[Contact]:
    """The same of a group of which only the number is at hand."""
    return [contact for contact in _everyone_in(session, group_id) if not contact.is_member]


def contact_numbers(session: Session, group_id: int | None) -> list[int]:
    """The same, only their rows' numbers: for whoever writes to them, and reads nothing of them."""
    session.flush()  # past the session: it doesn't do so by itself
    connection = session.connection()
    written = _contact_numbers(connection.dialect.name)
    return [number for (number,) in written.all(connection, written.bound({"group_id": group_id}))]


@cache
def _contact_numbers(dialect_name: str) -> Written:
    contact = columns_of(Contact)
    there = (contact.group_id == bindparam("group_id"), contact.left_on.is_(None), contact.is_member.is_(False))
    return Written(columns_from(contact.id).where(*there).order_by(contact.position, contact.id), dialect_name)


def members_of(session: Session, group: VolunteerGroup) -> list[Contact]:
    """Those who help now and then, in the order they came."""
    return [contact for contact in everyone_in(session, group) if contact.is_member]


def everyone_in(session: Session, group: VolunteerGroup) -> list[Contact]:
    """All who haven't left: the contacts by their order, then the members."""
    return _everyone_in(session, group.id)


def _everyone_in(session: Session, group_id: int | None) -> list[Contact]:
    there = [each for each in rows_by(session, Contact, group_id=group_id) if each.left_on is None]
    return sorted(there, key=lambda each: (each.is_member, each.position, each.number))


def missing_readiness(session: Session, group: VolunteerGroup) -> list[str]:
    """What the group lacks to last: a deputy, above all (report, "når de slipper")."""
    count = len(contacts_of(session, group))
    if count == 0:
        return [f"{group.reference} har ingen kontaktperson."]
    return [f"{group.reference} har ingen stedfortræder."] if count == 1 else []
