"""All that is known about a contact, for the one who asks (the right of access)."""

from sqlmodel import Session, col, select

from channels.views.shapes.group import Named
from channels.views.shapes.person import (
    AnswerKept,
    DamageTold,
    Letter,
    LetterItem,
    LinkKept,
    Mention,
    PersonContact,
    PhotoKept,
    Signed,
)
from models.case.facility import Facility
from models.case.volunteer_group import Contact, VolunteerGroup
from models.operation.who_is_asked import TakenDate, TakenPlace
from models.persons.known import (
    answers_by,
    corrected_by,
    damage_told_by,
    links_of,
    mentioned,
    messages_to,
    photos_by,
    signatures_by,
)
from models.post.outbox import Message, items_of


def known_about(session: Session, contact: Contact) -> PersonContact:
    """All there is about one contact. Tokens of links aren't kept, so they aren't here."""
    group = session.get_one(VolunteerGroup, contact.group_id)
    places = session.exec(select(Facility).where(Facility.group_id == group.id).order_by(col(Facility.id)))
    return PersonContact(
        contact=contact.number,
        name=contact.name,
        mail=contact.mail,
        phone=contact.phone,
        prefers=contact.prefers,
        mail_refused=contact.mail_refused,
        role=contact.role_danish,
        left_on=contact.left_on,
        group=Named(reference=group.reference, name=group.name),
        facilities=[Named(reference=f.reference, name=f.name) for f in places],
        signatures=[
            Signed(
                facility=session.get_one(Facility, a.facility_id).reference,
                version=a.version,
                signed_on=s.signed_on,
                pdf=a.pdf,
            )
            for s, a in signatures_by(session, contact)
        ],
        messages=[_letter(session, message) for message in messages_to(session, contact)],
        links=[
            LinkKept(
                what=link.purpose.danish,
                made_at=link.made_at,
                expires_at=link.expires_at,
                used_at=link.used_at,
                revoked=link.revoked_at is not None,
            )
            for link in links_of(session, contact)
        ],
        answers=[
            AnswerKept(check=r.check_id, on=r.on, result=r.result, note=r.note, corrected_on=None)
            for r in answers_by(session, contact)
        ]
        + [
            AnswerKept(check=f.check_id, on=f.on, result=f.result, note=f.note, corrected_on=f.corrected_on)
            for f in corrected_by(session, contact)
        ],
        damage=[
            DamageTold(number=each.number, on=each.reported_on, what=each.what)
            for each in damage_told_by(session, contact)
        ],
        photos=[PhotoKept(path=p.path, added_on=p.added_on) for p in photos_by(session, contact)],
        mentioned_in=[
            Mention(where=where, number=number, text=text) for where, number, text in mentioned(session, contact)
        ],
        is_member=contact.is_member,
        consented_on=contact.consented_on,
        language=contact.language,
        places_taken=[
            session.get_one(Facility, each.facility_id).reference
            for each in session.exec(select(TakenPlace).where(TakenPlace.contact_id == contact.id))
        ],
        dates_taken=list(session.exec(select(col(TakenDate.due_on)).where(TakenDate.contact_id == contact.id))),
    )


def _letter(session: Session, message: Message) -> Letter:
    return Letter(
        on=message.on,
        what=message.template,
        sent_at=message.sent_at,
        said=dict(message.context),
        items=[LetterItem(kind=item.kind, said=dict(item.context)) for item in items_of(session, message)],
    )
