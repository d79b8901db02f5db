"""Damage by a link: what somebody writes is never refused for the state of their link, their check or their place.

A link whose holder is still a contact is trusted for this one thing after it has run out: what they write is an
incident. Whoever holds a link that was taken back is a passer-by: what they write is a suggestion, for somebody to look.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from sqlmodel import Session, select

from models.case.facility import Facility
from models.case.photo import MAX_PHOTOS, StoredPhoto, add_photos, photos_of
from models.case.volunteer_group import Contact
from models.operation.check import Check, CheckResult, find_check, report_of
from models.operation.check_answer import report_check
from models.operation.correction import correct_answer, may_correct
from models.operation.incident import Incident, open_incident
from models.operation.public_report import report_publicly
from models.post.link import Link, Purpose, hash_of, unknown_link
from models.post.receipt import send_receipt
from models.role import Door
from models.said import Said

RECEIPT = "noget er galt. Driften har fået besked."
FOLLOWED = "I hører, hvad der bliver besluttet, og når det er lavet."


class Damage(NamedTuple):
    """What was written about a place: whether it can be used safely, and the photos of it."""

    what: str
    safe: bool
    photos: Sequence[StoredPhoto]


def link_for_damage(session: Session, token: str, purpose: Purpose) -> tuple[Link, bool]:
    """The link, in whatever state it is, and whether its holder is still who it was made for.

    Raises:
        Refusal: `link.unknown`: there is none, or it is for something else.
    """
    rows = select(Link).where(Link.sha256 == hash_of(token), Link.purpose == purpose)
    link = session.exec(rows).first()
    if link is None:
        raise unknown_link()
    contact = session.get(Contact, link.contact_id) if link.contact_id is not None else None
    return link, link.revoked_at is None and (contact is None or contact.left_on is None)


def damage_by_check(
    session: Session, token: str, damage: Damage, *, minutes: int | None, on: date
) -> tuple[Check, Incident | None]:
    """Damage that is written on a link to a check; the check is answered with it, if it still can be.

    Returns the check, and the incident; none where it waits for somebody to look.

    Raises:
        Refusal: `link.unknown`.
        BadInput: the text, the minutes or the photos can't be used.
    """
    link, is_known = link_for_damage(session, token, Purpose.ANSWER)
    check = find_check(session, link.subject_id)
    facility = session.get_one(Facility, check.facility_id)
    if not is_known:
        _suggest(session, link, facility, damage, on=on)
        return check, None
    incident = report_check(
        session,
        check,
        CheckResult.DAMAGED,
        Said(on, link.acts_as, Door.PAGE),
        minutes=minutes,
        note=damage.what,
        safe=damage.safe,
        contact_id=link.contact_id,
    )
    assert incident is not None
    is_the_answer = incident.key == f"check:{check.id}"
    key = f"check:{check.id}" if is_the_answer else f"incident:{incident.id}"
    shown_by = check.id if is_the_answer else None
    _show_with(session, damage.photos, check_id=shown_by, incident_id=incident.id, on=on)
    send_receipt(session, link, facility.number, _receipt(incident), key=key, on=on)
    return check, incident


def damage_by_week(
    session: Session,
    token: str,
    facility: Facility,
    damage: Damage,
    *,
    check_id: int | None,
    minutes: int | None,
    on: date,
) -> Incident | None:
    """Damage that is written on the week's page, and the answer to one of its checks where that one is named.

    Raises:
        Refusal: `link.unknown`, or the place was never in operation.
        BadInput: the text, the minutes or the photos can't be used.
    """
    link, is_known = link_for_damage(session, token, Purpose.WEEK)
    check = session.get(Check, check_id) if check_id is not None else None
    if check is None or not is_known or facility.group_id != link.subject_id or check.facility_id != facility.id:
        return damage_by_group(session, token, facility, damage, purpose=Purpose.WEEK, on=on)
    check, report, said = (
        find_check(session, check.number),
        report_of(session, check),
        Said(on, link.acts_as, Door.PAGE),
    )
    incident = None
    if report is not None and report.result is not CheckResult.DAMAGED and may_correct(report, link.contact_id, on=on):
        incident = correct_answer(
            session,
            check,
            CheckResult.DAMAGED,
            said,
            contact_id=link.contact_id,
            minutes=minutes if minutes is not None else report.minutes,
            note=damage.what,
            safe=damage.safe,
        )
    if incident is None:
        incident = report_check(
            session,
            check,
            CheckResult.DAMAGED,
            said,
            minutes=minutes,
            note=damage.what,
            safe=damage.safe,
            contact_id=link.contact_id,
        )
    assert incident is not None
    is_the_answer = incident.key == f"check:{check.id}"
    shown_by = check.id if is_the_answer else None
    _show_with(session, damage.photos, check_id=shown_by, incident_id=incident.id, on=on)
    send_receipt(session, link, facility.number, _receipt(incident), key=f"incident:{incident.id}", on=on)
    return incident


def damage_by_group(
    session: Session, token: str, facility: Facility, damage: Damage, *, purpose: Purpose = Purpose.GROUP, on: date
) -> Incident | None:
    """Damage that is written on the group's page; the incident, none where it waits for somebody to look.

    Raises:
        Refusal: `link.unknown`, or the place was never in operation.
        BadInput: the text or the photos can't be used.
    """
    link, is_known = link_for_damage(session, token, purpose)
    if not is_known or facility.group_id != link.subject_id:
        _suggest(session, link, facility, damage, on=on)
        return None
    incident = open_incident(
        session,
        facility,
        damage.what,
        Said(on, link.acts_as, Door.PAGE),
        safe=damage.safe,
        key=f"group:{link.subject_id}:{facility.id}:{on}:{_digest(damage)}",
        contact_id=link.contact_id,
    )
    _show_with(session, damage.photos, incident_id=incident.id, on=on)
    send_receipt(session, link, facility.number, _receipt(incident), key=f"incident:{incident.id}", on=on)
    return incident


def _suggest(session: Session, link: Link, facility: Facility, damage: Damage, *, on: date) -> None:
    report_publicly(
        session,
        facility,
        damage.what,
        safe=damage.safe,
        photos=damage.photos,
        on=on,
        door=Door.PAGE,
        key=f"link:{link.id}:{on}:{_digest(damage)}",
    )


def _receipt(incident: Incident) -> str:
    return f"{RECEIPT} Det er skade nr. {incident.id}. {FOLLOWED}"


def _digest(damage: Damage) -> str:
    return sha256(f"{damage.safe}\0{damage.what}".encode("utf-8", "replace")).hexdigest()[:32]


def _show_with(
    session: Session,
    photos: Sequence[StoredPhoto],
    *,
    check_id: int | None = None,
    incident_id: int | None = None,
    on: date,
) -> None:
    """Keep the photos with it, as many as there is room for; the same again are the same."""
    there = photos_of(session, check_id=check_id, incident_id=incident_id)
    known = {photo.sha256 for photo in there}
    new = [photo for photo in photos if photo.sha256 not in known][: MAX_PHOTOS - len(there)]
    add_photos(session, new, check_id=check_id, incident_id=incident_id, on=on)
