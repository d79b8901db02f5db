"""Sletning: a person is forgotten. What money and agreements must show stays, with no name on it.

Whoever asked for it, or the calendar once the time in `config/retention.yaml` is over. The journal and the
ledger need no change: persons are kept out of them when they are written (`models.discretion`). An older entry
that names somebody is listed in `Erased.kept`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, cast, delete, update
from sqlmodel import Session, SQLModel, col, select

from config.catalogue import catalogue
from models.calendar import COPENHAGEN, add_months
from models.case.agreement import Agreement, AgreementStatus, Printer
from models.case.agreement_terms import keep_terms_again, kept_terms
from models.case.attached_paper import papers_of
from models.case.facility import Facility
from models.case.photo import Photo
from models.case.volunteer_group import Contact, Reach, VolunteerGroup, contacts_of
from models.discretion import A_NUMBER, AN_ADDRESS, replaced
from models.journal import write_journal
from models.operation.incident import Incident
from models.operation.who_is_asked import give_all_back
from models.outside.kept_answer import forget_answers
from models.persons.contacts import facilities_of, leave_group
from models.persons.invitation import Invitation
from models.persons.known import (
    APPEND_ONLY,
    answers_by,
    corrected_by,
    links_of,
    mentioned,
    messages_to,
    photos_by,
    signatures_by,
    texts_of,
)
from models.post.link import Link
from models.post.outbox import SUMMONS, Message, MessageItem
from models.refusal import Refusal, Remedy
from models.role import Role, may_decide
from models.said import Said
from models.stage import OVER

MAY_ERASE = (Role.COORDINATOR, Role.CALENDAR)
NAMELESS = "Slettet kontakt"
_OVER = (AgreementStatus.ENDED, AgreementStatus.VOID)


class Person(NamedTuple):
    """Who is to be looked for in the files: how the person was called until now."""

    name: str
    mail: str
    phone: str


@dataclass
class Erased:
    """What was erased and what is left to do in the data folder: paths are relative to it."""

    person: Person
    messages: int = 0
    links: int = 0
    photos: int = 0
    agreements: list[str] = field(default_factory=list)
    texts: int = 0
    kept: list[str] = field(default_factory=list)
    """Where an append-only table names the person: written before persons were kept out of it."""
    papers: list[str] = field(default_factory=list)
    """The files in the group's cases, which no program reads: somebody must look whether the person stands in one."""
    files: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)


def is_erased(contact: Contact) -> bool:
    """Whether nothing is known of the person any more."""
    return not contact.mail and not contact.phone and contact.name == _nameless(contact)


def erase_person(session: Session, contact: Contact, said: Said, *, printer: Printer) -> Erased:
    """Forget a contact: address, links, messages and photos go; a signature keeps its day, not its name.

    The agreements that carried the name are printed anew without it; the journal notes the hash of the one
    that was signed. The caller removes the files of the result, before the transaction is committed.

    Raises:
        Refusal: the role may not, or nobody else is left whom the municipality could ask about a place
            that is looked after or asked for.
    """
    may_decide(said.by, MAY_ERASE, "Sletning af persondata")
    group = session.get_one(VolunteerGroup, contact.group_id)
    erased = Erased(Person(contact.name, contact.mail, contact.phone))
    if is_erased(contact):
        return erased
    if contact.left_on is None:
        _leave(session, group, contact, said)
    agreed = kept_terms(session)
    erased.kept = [f"{w} {n}" for w, n, _ in mentioned(session, contact) if w in APPEND_ONLY]
    _forget_answers(session, contact, erased)
    _forget_messages(session, contact, erased)
    for signature, _ in signatures_by(session, contact):
        signature.name, signature.corrected_name = _nameless(contact), ""
    erased.texts = _replace_everywhere(session, erased.person, by=_nameless(contact))
    # a word put into JSON for a number would break it, and a program must not take the answer for the one it was given
    erased.texts += forget_answers(session, lambda body: bool(_replaced(body, erased.person, NAMELESS) != body))
    contact.name, contact.mail, contact.phone = _nameless(contact), "", ""
    contact.mail_refused, contact.prefers, contact.language = "", Reach.MAIL, ""
    give_all_back(session, contact)
    session.connection().execute(
        update(Invitation).where(col(Invitation.contact_id) == contact.id).values(contact_id=None)
    )
    keep_terms_again(session, agreed)  # the name is gone, all else is what was agreed
    _print_anew(session, group, erased, said, printer=printer)
    erased.papers = [
        f"{place.reference} papir nr. {paper.id}"
        for place in facilities_of(session, group)
        for paper in papers_of(session, place)
    ]
    what = f"Persondata om en tidligere kontakt i gruppen {group.reference} er slettet."
    write_journal(session, None, what, said)
    session.flush()
    return erased


def due_for_erasure(session: Session, *, on: date) -> list[Contact]:
    """The contacts whose time is over: the group's last agreement ended, or they left, long enough ago."""
    latest = add_months(on, -catalogue().retention.persons_months)
    busy = select(Facility.group_id).where(col(Facility.stage).not_in(OVER))
    rows = (
        select(Contact)
        .where(
            (col(Contact.mail) != "") | (col(Contact.phone) != ""),
            (col(Contact.left_on) <= latest) | col(Contact.group_id).not_in(busy),
        )
        .order_by(col(Contact.id))
    )
    due = []
    for contact in session.exec(rows):
        group = session.get_one(VolunteerGroup, contact.group_id)
        since = contact.left_on or _nothing_since(session, group)
        if since is not None and since <= latest:
            due.append(contact)
    return due


def forget_old_messages(session: Session, *, on: date) -> tuple[int, int]:
    """Empty what was sent long ago, and delete links that have long been of no use; how many of each.

    A message stays as a key, a day and a kind, so that nothing is told twice. The summons of a firm keeps its words:
    it names a company and no person, and is the proof that it was sent in time.
    """
    keep = catalogue().retention
    before = datetime.combine(add_months(on, -keep.messages_months), time(), ZoneInfo(COPENHAGEN))
    old = select(Message.id).where(col(Message.sent_at) < before)
    items = update(MessageItem).where(col(MessageItem.message_id).in_(old))
    session.connection().execute(items.values(context={}))
    emptied = (
        update(Message)
        .where(
            col(Message.sent_at) < before,
            cast(Message.context, String) != "{}",
            # by the firm's number first: only a firm is ever summoned, and nobody else's words may stay
            ~and_(col(Message.firm_id).is_not(None), col(Message.template) == SUMMONS),
        )
        .values(context={}, attachment="")
    )
    messages = session.connection().execute(emptied).rowcount
    useless = datetime.combine(on - timedelta(days=keep.links_days), time(), ZoneInfo(COPENHAGEN))
    gone = delete(Link).where((col(Link.expires_at) < useless) | (col(Link.revoked_at) < useless))
    return messages, session.connection().execute(gone).rowcount


def _leave(session: Session, group: VolunteerGroup, contact: Contact, said: Said) -> None:
    open_ = [place for place in facilities_of(session, group) if place.stage not in OVER]
    if contact.is_member:
        leave_group(session, contact, said)
    elif not open_:
        contact.left_on = said.on
    elif len(contacts_of(session, group)) > 1:
        leave_group(session, contact, said)
    else:
        raise Refusal(
            "person.last_contact",
            f"Personen er den eneste kontakt i {group.reference}, som har {open_[0].reference}. Skriv en ny på "
            "først, eller begynd et ophør.",
            remedy=Remedy.ADD_CONTACT,
        )


def _nothing_since(session: Session, group: VolunteerGroup) -> date | None:
    """The day from which the group looks after nothing; None while it does, or is asked about something."""
    places = facilities_of(session, group)
    if any(place.stage not in OVER for place in places):
        return None
    agreements = list(session.exec(select(Agreement).where(Agreement.group_id == group.id)))
    if any(each.status not in _OVER for each in agreements):
        return None
    days = [group.since_on, *(place.stage_since for place in places)]
    return max([*days, *(each.ended_on for each in agreements if each.ended_on)])


def _forget_answers(session: Session, contact: Contact, erased: Erased) -> None:
    photos = photos_by(session, contact)
    for photo in photos:
        session.delete(photo)
    session.flush()
    for photo in photos:
        if session.exec(select(Photo.id).where(Photo.sha256 == photo.sha256)).first() is None:
            erased.files.append(photo.path)
    erased.photos = len(photos)
    for former in corrected_by(session, contact):
        former.note = ""
    for report in answers_by(session, contact):  # the answer and its minutes stay, whose it was doesn't
        report.note, report.contact_id = "", None
    told_of = update(Incident).where(col(Incident.reported_by_contact) == contact.id)
    session.connection().execute(told_of.values(reported_by_contact=None))


def _forget_messages(session: Session, contact: Contact, erased: Erased) -> None:
    messages = [m.id for m in messages_to(session, contact)]
    erased.messages, erased.links = len(messages), len(links_of(session, contact))
    connection = session.connection()
    connection.execute(delete(MessageItem).where(col(MessageItem.message_id).in_(messages)))
    connection.execute(delete(Message).where(col(Message.contact_id) == contact.id))
    connection.execute(delete(Link).where(col(Link.contact_id) == contact.id))
    session.expire_all()


def _replace_everywhere(session: Session, person: Person, *, by: str) -> int:
    """Take the person out of every text there is; tables that come later are looked through as well."""
    changed = 0
    session.flush()
    for table in SQLModel.metadata.sorted_tables:
        if table.name in (*APPEND_ONLY, "contact", "api_answer"):
            continue
        for number, values in texts_of(session, table):
            new = {name: _replaced(value, person, by) for name, value in values.items()}
            differs = {name: value for name, value in new.items() if value != values[name]}
            if differs:
                session.connection().execute(update(table).where(table.c.id == number).values(**differs))
                changed += 1
    session.expire_all()
    return changed


def _replaced(value: Any, person: Person, by: str) -> Any:
    if isinstance(value, str):
        left = replaced(value, **person._asdict(), by=by)
        # a field for an address or a number is empty without it: a word there would be taken for one
        return "" if left in (AN_ADDRESS, A_NUMBER) else left
    if isinstance(value, list):
        return [_replaced(each, person, by) for each in value]
    if isinstance(value, dict):
        return {key: _replaced(each, person, by) for key, each in value.items()}
    return value


def _print_anew(session: Session, group: VolunteerGroup, erased: Erased, said: Said, *, printer: Printer) -> None:
    """Every printed version of the group's agreements names its contacts, signed by them or not."""
    rows = select(Agreement).where(Agreement.group_id == group.id, Agreement.pdf != "")
    for agreement in session.exec(rows.order_by(col(Agreement.id))):
        facility = session.get_one(Facility, agreement.facility_id)
        old_sha256, old_pdf = agreement.sha256, agreement.pdf
        agreement.sha256, agreement.pdf = printer(session, agreement)
        erased.agreements.append(f"{facility.reference} version {agreement.version}")
        erased.printed.append(agreement.pdf)
        if agreement.pdf == old_pdf:
            continue
        moved = update(Message).where(col(Message.attachment) == old_pdf)
        session.connection().execute(moved.values(attachment=agreement.pdf))
        write_journal(
            session,
            facility,
            f"Aftalen (version {agreement.version}) er skrevet ud igen uden en slettet kontakts navn. "
            f"Den tidligere udgave havde sha256 {old_sha256}.",
            said,
        )
    session.flush()


def _nameless(contact: Contact) -> str:
    return f"{NAMELESS} {contact.id}"
