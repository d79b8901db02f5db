"""Henvendelser: what the public sends, from the pages or by a form, waits for somebody of the municipality, and is answered, with a reason.

A wish becomes a proposal only when the project lead takes it over; until then nothing is promised, counted or asked of
operations. Nothing that was sent is thrown away: what looks like a machine's waits, marked, and can be taken up after all.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from models import text
from models.case.enquiry import OPEN, PAGE, Enquiry, EnquiryKind, EnquiryState
from models.case.enquiry_file import files_of
from models.case.facility import Facility
from models.case.photo import MAX_PHOTOS, StoredPhoto, add_photos, photos_of
from models.case.volunteer_group import add_group
from models.database import now
from models.discretion import digits_of, mentions
from models.journal import write_journal
from models.place import Degrees
from models.post.link import Purpose, make_link
from models.post.outbox import Message, tell, tell_enquirer
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
from models.said import Said
from models.stages.enquiry_proposal import PutRight, proposal_of
from models.stages.proposal import Proposal, propose

MAY_TAKE_OVER = (Role.PROJECT_LEAD,)
MAY_ANSWER_FRIENDS = (Role.COORDINATOR,)
MAY_LOOK = (Role.PROJECT_LEAD, Role.COORDINATOR)
"""Who sees what strangers wrote, and may say that it is from no human being."""
TAKING_OVER = "Et forslag fra hjemmesiden eller en formular"
MAX_A_DAY = 40
"""Enquiries of one day; more is noise, and people are asked to ring [assume]."""
REMIND_DAYS = 7
"""How often whoever answers is told that somebody still waits."""
RECEIPTS_A_DAY = 2
"""Mails of receipt to one address on one day: nobody can have another's mailbox filled by us."""


class Sender(NamedTuple):
    """Who sends an enquiry: a name, and a mail address or a telephone number to answer to."""

    name: str
    mail: str
    phone: str
    who: str


class Wish(NamedTuple):
    """What is wished for and where: `point` is None where only words say it."""

    type_key: str
    place_said: str
    point: Degrees | None
    why: str


def wish_publicly(
    session: Session,
    wish: Wish,
    sender: Sender,
    *,
    photos: Sequence[StoredPhoto],
    key: str,
    on: date,
    looks_automatic: bool,
) -> Enquiry:
    """Keep somebody's wish for a place, and tell the project lead that it waits.

    Raises:
        BadInput: the field that can't be used.
        Refusal: too many came today.
    """
    enquiry = _new(EnquiryKind.PROPOSAL, sender, wish.why, key, on, looks_automatic)
    enquiry.type_key = wish.type_key
    if wish.point is not None:
        enquiry.lat, enquiry.lon = wish.point
    else:
        enquiry.place_said = text.text(wish.place_said, "place")
    return _keep(session, enquiry, None, photos)


def offer_to_help(
    session: Session, facility: Facility, sender: Sender, words: str, *, key: str, on: date, looks_automatic: bool
) -> Enquiry:
    """Keep somebody's offer to look after a place, and tell the coordinator that it waits.

    It is kept whatever has become of the place while the form was open.

    Raises:
        BadInput: the field that can't be used.
        Refusal: too many came today.
    """
    enquiry = _new(EnquiryKind.FRIENDS, sender, words, key, on, looks_automatic)
    enquiry.facility_id = facility.number
    return _keep(session, enquiry, facility, ())


def _new(kind: EnquiryKind, sender: Sender, what: str, key: str, on: date, looks_automatic: bool) -> Enquiry:
    mail, phone = text.mail_address(sender.mail, "mail"), text.phone_number(sender.phone, "phone")
    if not mail and not phone:
        raise BadInput("mail", "skriv en mail eller et telefonnummer, så vi kan svare.")
    return Enquiry(
        key=key,
        kind=kind,
        state=EnquiryState.WAITING,
        name=text.name(sender.name, "name"),
        mail=mail,
        phone=phone,
        who=text.text(sender.who, "who", required=kind is EnquiryKind.PROPOSAL),
        what=text.text(what, "why", required=kind is EnquiryKind.PROPOSAL),
        received_on=on,
        looks_automatic=looks_automatic,
    )


def _keep(session: Session, enquiry: Enquiry, facility: Facility | None, photos: Sequence[StoredPhoto]) -> Enquiry:
    there = session.exec(select(Enquiry).where(Enquiry.key == enquiry.key)).first()
    if there is not None:  # the button was pressed twice: photos that came only now are kept, too
        room = MAX_PHOTOS - len(photos_of(session, enquiry_id=there.id))
        add_photos(session, photos[:room], enquiry_id=there.id, on=enquiry.received_on)
        return there
    _refuse_too_many(session, enquiry)
    session.add(enquiry)
    session.flush()
    add_photos(session, photos, enquiry_id=enquiry.id, on=enquiry.received_on)
    mark = " Den ligner en maskines; koordinatoren ser på den." if enquiry.looks_automatic else ""
    write_journal(
        session,
        facility,
        f"Henvendelse nr. {enquiry.id} fra hjemmesiden: {enquiry.kind.danish}.{mark}",
        Said(enquiry.received_on, Role.PASSER_BY, Door.PAGE),
    )
    told = {"enquiry_id": enquiry.id, "kind": enquiry.kind.value, "looks_automatic": enquiry.looks_automatic}
    key, on = f"enquiry:{enquiry.id}", enquiry.received_on
    tell(session, facility, _role_of(enquiry), "enquiry_waits", on, key=key, context=told)
    _send_receipt(session, enquiry)
    return enquiry


def _refuse_too_many(session: Session, enquiry: Enquiry) -> None:
    """Stop a flood; what looks like a machine's is counted for itself, and doesn't use up what people may send."""
    today = select(func.count()).where(
        Enquiry.received_on == enquiry.received_on,
        Enquiry.looks_automatic == enquiry.looks_automatic,
        Enquiry.source == PAGE,
    )
    if session.exec(today).one() >= MAX_A_DAY:
        raise Refusal("enquiry.too_many", "Der er kommet meget i dag. Prøv igen i morgen, eller ring til os.")


def _send_receipt(session: Session, enquiry: Enquiry) -> None:
    """Mail the link to whoever sent it, with none of their words in it: the address may be somebody else's."""
    same = select(func.count()).where(
        func.lower(Enquiry.mail) == enquiry.mail.lower(), Enquiry.received_on == enquiry.received_on
    )
    if enquiry.mail and not enquiry.looks_automatic and session.exec(same).one() <= RECEIPTS_A_DAY:
        _tell_sender(session, enquiry, "received", on=enquiry.received_on)


def follow_link(session: Session, enquiry: Enquiry) -> str:
    """The token of the sender's own page."""
    whose = Role.PASSER_BY  # who has no contact's row, and no account
    return make_link(session, Purpose.FOLLOW, enquiry.number, contact_id=None, role=whose, moment=now())


def take_over(
    session: Session, enquiry: Enquiry, proposal: Proposal, said: Said, *, new_group: str | None = None
) -> Facility:
    """Make a proposal of a wish: operations is asked at once, and whoever sent it is told.

    `new_group` is the name of a group that is made of whoever sent it, its contact; without it `proposal.group` is one
    that is there.

    Raises:
        Refusal: the role may not, or it is answered already.
        BadInput: a field of the proposal can't be used.
    """
    may_decide(said.by, MAY_TAKE_OVER, TAKING_OVER)
    if (there := _already(session, enquiry)) is not None:
        return there
    if new_group is not None:
        contact = f"{enquiry.name};{enquiry.mail};{enquiry.phone}"
        group = add_group(session, new_group, [contact], said, cvr="", key=f"enquiry:{enquiry.id}")
        proposal = proposal._replace(group=group.reference)
    facility = propose(session, proposal, said, key=f"enquiry:{enquiry.id}")
    enquiry.facility_id = facility.number
    _decide(session, enquiry, EnquiryState.TAKEN, said, facility)
    _tell_sender(session, enquiry, "taken", on=said.on)
    return facility


def take_as_sent(session: Session, enquiry: Enquiry, put_right: PutRight, said: Said) -> Facility:
    """The same with what the enquiry itself says, but for what is put right.

    Raises:
        Refusal: as `take_over`.
        BadInput: what is missing or can't be used, by its field.
    """
    may_decide(said.by, MAY_TAKE_OVER, TAKING_OVER)
    if (there := _already(session, enquiry)) is not None:
        return there
    return take_over(session, enquiry, proposal_of(session, enquiry, put_right), said, new_group=put_right.new_group)


def _already(session: Session, enquiry: Enquiry) -> Facility | None:
    """What it became where it was taken over before; None while it can be.

    Raises:
        Refusal: it is no wish, or it is answered otherwise.
    """
    if enquiry.kind is not EnquiryKind.PROPOSAL:
        raise Refusal("enquiry.no_proposal", f"Henvendelse nr. {enquiry.id} er ikke et forslag.")
    if enquiry.state is EnquiryState.TAKEN and enquiry.facility_id is not None:
        return session.get_one(Facility, enquiry.facility_id)
    _must_be_open(enquiry)
    return None


def settle_offer(session: Session, enquiry: Enquiry, said: Said) -> Enquiry:
    """Note that whoever offered to help was talked to; what comes of it is written where groups are.

    Raises:
        Refusal: the role may not, it is a wish for a place, or it is answered already.
    """
    may_decide(said.by, MAY_ANSWER_FRIENDS, "Et tilbud om hjælp")
    if enquiry.kind is not EnquiryKind.FRIENDS:
        raise Refusal(
            "enquiry.no_offer", f"Henvendelse nr. {enquiry.id} er et forslag. Tag det over, eller sig nej tak."
        )
    if enquiry.state is EnquiryState.TAKEN:
        return enquiry
    _must_be_open(enquiry)
    _decide(session, enquiry, EnquiryState.TAKEN, said, _place_of(session, enquiry))
    return enquiry


def decline_enquiry(session: Session, enquiry: Enquiry, reason: str, said: Said) -> Enquiry:
    """Say no, because …, to whoever sent it.

    Raises:
        BadInput: there is no reason.
        Refusal: the role may not, or it is answered otherwise already.
    """
    is_wish = enquiry.kind is EnquiryKind.PROPOSAL
    may_decide(said.by, MAY_TAKE_OVER if is_wish else MAY_ANSWER_FRIENDS, "En henvendelse")
    reason = text.text(reason, "reason")
    if enquiry.state is EnquiryState.DECLINED and enquiry.answer == reason:
        return enquiry
    _must_be_open(enquiry)
    enquiry.answer = reason
    _decide(session, enquiry, EnquiryState.DECLINED, said, _place_of(session, enquiry))
    _tell_sender(session, enquiry, "declined", on=said.on)
    return enquiry


def mark_as_spam(session: Session, enquiry: Enquiry, said: Said) -> Enquiry:
    """Say that no human being sent it; nobody is written to, and it can be taken up after all.

    Raises:
        Refusal: the role may not, or it is answered already.
    """
    may_decide(said.by, MAY_LOOK, "En henvendelse")
    if enquiry.state is EnquiryState.SPAM:
        return enquiry
    _must_be_open(enquiry)
    _decide(session, enquiry, EnquiryState.SPAM, said, _place_of(session, enquiry))
    return enquiry


def withdraw_enquiry(session: Session, enquiry: Enquiry, *, on: date, door: Door) -> Enquiry:
    """Take it back, as whoever sent it may: who they are, what they wrote and what came with it is erased at once.

    A wish that was taken over is a case by then; only what the enquiry says of them goes. Again changes nothing.
    """
    if enquiry.state is EnquiryState.WITHDRAWN or not _says_anything(enquiry):
        return enquiry
    if enquiry.is_open:
        _decide(session, enquiry, EnquiryState.WITHDRAWN, Said(on, Role.PASSER_BY, door), _place_of(session, enquiry))
    _empty(session, enquiry)
    session.flush()
    return enquiry


def forget_enquiries(session: Session, *, before: date) -> int:
    """Erase who sent what was answered before a day, with their words and photos; returns how many."""
    rows = select(Enquiry).where(col(Enquiry.decided_on) < before)
    old = [enquiry for enquiry in session.exec(rows) if _says_anything(enquiry)]
    for enquiry in old:
        _empty(session, enquiry)
    session.flush()
    return len(old)


def enquiries_from(session: Session, address: str) -> list[Enquiry]:
    """The enquiries whose sender left this mail address or number, also where it stands only in a form's answers."""
    wanted = address.strip().casefold()
    mail, phone = (wanted, "") if "@" in wanted else ("", wanted)
    digits = digits_of(phone)

    def says(each: Enquiry) -> bool:
        if (mail and each.mail.casefold() == mail) or (digits and digits_of(each.phone) == digits):
            return True
        return mentions(str(list(each.answers.values())), name="", mail=mail, phone=phone)

    rows = select(Enquiry).where((Enquiry.mail != "") | (Enquiry.phone != "") | (Enquiry.source != PAGE))
    return [each for each in session.exec(rows.order_by(col(Enquiry.id))) if says(each)]


def remind_of_enquiries(session: Session, on: date) -> None:
    """Tell each role again, once a week, how many enquiries wait for an answer."""
    told_before = func.coalesce(Enquiry.reminded_on, Enquiry.received_on)
    rows = select(Enquiry).where(col(Enquiry.state).in_(OPEN), told_before <= on - timedelta(days=REMIND_DAYS))
    waiting: dict[Role, list[Enquiry]] = {}
    for enquiry in session.exec(rows.order_by(col(Enquiry.id))):
        waiting.setdefault(_role_of(enquiry), []).append(enquiry)
        enquiry.reminded_on = on
    for role, theirs in waiting.items():
        told = {"count": len(theirs), "since_on": min(each.received_on for each in theirs).isoformat()}
        tell(session, None, role, "enquiries_wait", on, key=f"enquiries:{on}", context=told)


def _role_of(enquiry: Enquiry) -> Role:
    return Role.COORDINATOR if enquiry.looks_automatic else enquiry.kind.role


def _says_anything(enquiry: Enquiry) -> bool:
    written = (enquiry.who, enquiry.what, enquiry.place_said, enquiry.answers)
    return any((enquiry.name, enquiry.mail, enquiry.phone, *written))


def _empty(session: Session, enquiry: Enquiry) -> None:
    enquiry.name = enquiry.mail = enquiry.phone = enquiry.who = enquiry.what = enquiry.place_said = ""
    enquiry.answers, enquiry.trouble = {}, ""  # a fault repeats what was written
    for file in files_of(session, enquiry):
        session.delete(file)
    for photo in photos_of(session, enquiry_id=enquiry.id):
        session.delete(photo)


def _tell_sender(session: Session, enquiry: Enquiry, heard: str, *, on: date) -> None:
    if enquiry.mail:
        facility_id = enquiry.facility_id if enquiry.kind is EnquiryKind.FRIENDS or heard == "taken" else None
        key = f"enquiry:{enquiry.number}:{heard}"
        tell_enquirer(session, f"enquiry_{heard}", enquiry_id=enquiry.number, facility_id=facility_id, key=key, on=on)


def _place_of(session: Session, enquiry: Enquiry) -> Facility | None:
    return session.get_one(Facility, enquiry.facility_id) if enquiry.facility_id is not None else None


def _must_be_open(enquiry: Enquiry) -> None:
    """What was taken for a machine's can be taken up after all; all other answers stand."""
    if enquiry.state not in (*OPEN, EnquiryState.SPAM):
        raise Refusal("enquiry.decided", f"Henvendelse nr. {enquiry.id} er allerede besvaret: {enquiry.state.danish}.")


def _decide(session: Session, enquiry: Enquiry, state: EnquiryState, said: Said, facility: Facility | None) -> None:
    enquiry.state, enquiry.decided_on, enquiry.decided_by = state, said.on, said.by
    write_journal(session, facility, f"Henvendelse nr. {enquiry.id} er besvaret: {state.danish}.", said)
    session.flush()


def is_answered(session: Session, message: Message) -> bool:
    """Whether the role needs no word of it any more: it is answered."""
    number = message.context.get("enquiry_id")
    enquiry = session.get(Enquiry, number) if isinstance(number, int) else None
    return enquiry is not None and not enquiry.is_open
