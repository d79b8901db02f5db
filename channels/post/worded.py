"""Skrevet post: what is to leave, put into words and addressed, mails and SMSes, a batch at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import monotonic

from jinja2 import Environment
from sqlmodel import Session

from channels.post.sms import WORDS, words_for
from channels.post.wording import Draft, Wording, place_words
from config.catalogue import catalogue
from config.roles_now import roles_now
from config.settings import settings
from models.case.enquiry import Enquiry
from models.case.firm import Firm
from models.case.volunteer_group import Contact, Pace, Reach, VolunteerGroup
from models.daily.still_true import drop_what_is_settled
from models.database import now
from models.operation.followed import address_of
from models.post.mail_a_day import mark_failed, messages_of, regroup
from models.post.outbox import THANKS, Message, items_of_many

TRUSTED_SECONDS = 5
"""How long after a batch was put into words its mails go without asking whether they are still ours."""
READ_ON_THE_GROUPS_PAGE = ("welcome", "group_message", "coordinator_message", "weather", "weather_over")
TRY_AGAIN = timedelta(minutes=15)
GIVE_UP_AFTER = 200
"""About two days of tries: then a person must look (doctor says so)."""


@dataclass
class Delivery:
    """What one delivery did; `says` tells where the mail went when no mail server is set."""

    sent: int = 0
    failed: int = 0
    without_address: int = 0
    not_needed: int = 0
    """What was settled before it left."""
    says: str = ""


@dataclass(frozen=True)
class Post:
    """What is ready to go to one person or role: a mail's draft with its messages, and SMSes instead of some."""

    messages: list[Message]
    draft: Draft | None
    texts: list[tuple[Message, list[tuple[str, str]]]]
    places: list[int]
    was_refused: bool
    """Whether the address refused the last mail."""
    lease_until: datetime
    trusted_until: float
    """By the clock of `time.monotonic`."""

    @property
    def contact_id(self) -> int | None:
        """Whose it is; None for a role's."""
        return self.messages[0].contact_id


def write(
    session: Session,
    claimed: list[list[int]],
    lease_until: datetime,
    templates: Environment,
    done: Delivery,
    *,
    on: date,
) -> list[Post]:
    """Draft the claimed mails as of the day they leave, but for what somebody else has."""
    theirs = _still_to_say(session, messages_of(session, claimed, lease_until), done)
    wording = Wording(session, [message for each in theirs for message in each], templates, on=on)
    posts = [_written_post(session, messages, wording, lease_until, done) for messages in theirs if messages]
    wording.keep_links()
    return posts


def _still_to_say(session: Session, mails: list[list[Message]], done: Delivery) -> list[list[Message]]:
    """The mails without what was settled since it was said; it is marked, and the rest is one mail still."""
    messages = [message for mail in mails for message in mail]
    empty = drop_what_is_settled(session, messages, items_of_many(session, messages))
    gone = set(ids_of(empty))
    done.not_needed += len(gone)
    left = []
    for mail in mails:
        rest = [message for message in mail if message.id not in gone]
        if rest and len(rest) < len(mail):
            regroup(session, ids_of(mail), [n for n in ids_of(mail) if n in gone])
        left.append(rest)
    return left


def _written_post(
    session: Session, messages: list[Message], wording: Wording, lease_until: datetime, done: Delivery
) -> Post:
    claimed = ids_of(messages)
    contact_id = messages[0].contact_id
    if contact_id is not None and session.get_one(Contact, contact_id).left_on is not None:
        late = [message for message in messages if message.template != THANKS]
        if late and len(late) < len(messages):  # what else waited isn't theirs any more
            reason = "Modtageren er gået ud af gruppen."
            mark_failed(session, ids_of(late), reason, give_up=True, again_at=now())
            done.without_address += len(late)
            messages = [message for message in messages if message.template == THANKS]
    to, to_name = _address(session, messages[0])
    texts = [(m, t) for m in messages if (t := _texts(session, m, wording, mail=to)) is not None]
    by_sms = {message.id for message, _ in texts}
    by_mail = [message for message in messages if message.id not in by_sms]
    if by_mail and not to:
        reason = "Modtageren har ingen mailadresse."
        mark_failed(session, ids_of(by_mail), reason, give_up=True, again_at=now())
        done.without_address += len(by_mail)
        by_mail = []
    draft, in_one = _drafted(session, by_mail, to, to_name, wording, done)
    if len(in_one) < len(claimed) and (contact_id is not None or len(claimed) > 1):
        regroup(session, claimed, [number for number in claimed if number not in ids_of(in_one)])
    places = wording.places_of(in_one or [message for message, _ in texts])
    was_refused = contact_id is not None and session.get_one(Contact, contact_id).mail_refused != ""
    trusted_until = monotonic() + TRUSTED_SECONDS
    return Post(in_one, draft, texts, places, was_refused, lease_until, trusted_until)


def _texts(session: Session, message: Message, wording: Wording, *, mail: str) -> list[tuple[str, str]] | None:
    """The SMSes (number, text) that say this message, when it goes by SMS; one for each thing to say."""
    if settings().sms_url is None or message.contact_id is None or message.template != "daily":
        return None
    contact = session.get_one(Contact, message.contact_id)
    pace = session.get_one(VolunteerGroup, contact.group_id).pace
    wishes = contact.prefers is Reach.SMS or pace is Pace.SMS or not mail or contact.mail_refused
    items = wording.items_of(message)
    if contact.left_on or not contact.phone or not wishes or any(i.kind not in WORDS for i in items):
        return None
    texts = []
    asked = [item for item in items if item.kind == "check_notice"]
    if len(asked) > 1:  # one SMS for the week, as there is one mail
        url = wording.links_for(message, "check_notice", asked[0].context, asked[0].facility_id)["week_link"]
        place = place_words(session, asked[0].facility_id)
        texts.append((contact.phone, words_for("week", place, url, count=len(asked))))
        items = [item for item in items if item.kind != "check_notice"]
    for item in items:
        links = wording.links_for(message, item.kind, item.context, item.facility_id)
        kind = item.kind
        if kind == "check_reminder" and str(item.context["due_on"]) >= wording.on.isoformat():
            kind = "check_today"
        url = next(
            (links[name] for name in ("week_link", "answer_link", "suggestion_link", "contacts_link") if name in links),
            "",
        )
        if item.kind == "links_asked" and "stop_link" in links:
            texts.append(
                (contact.phone, words_for(item.kind, place_words(session, item.facility_id), links["stop_link"]))
            )
        if item.kind in READ_ON_THE_GROUPS_PAGE:
            url = links["group_link"]
        texts.append((contact.phone, words_for(kind, place_words(session, item.facility_id), url)))
    return texts


def write_apart(
    session: Session, post: Post, draft: Draft, templates: Environment, done: Delivery, *, on: date
) -> Post | None:
    """The mail without what can't be put into words, which is marked; None where nothing is left of it."""
    wording = Wording(session, post.messages, templates, on=on)
    left, in_one = _drafted(session, post.messages, draft.to, draft.to_name, wording, done, tries=True)
    if len(in_one) < len(post.messages) and (post.contact_id is not None or len(post.messages) > 1):
        gone = [number for number in ids_of(post.messages) if number not in ids_of(in_one)]
        regroup(session, ids_of(post.messages), gone)
    wording.keep_links()
    return replace(post, messages=in_one, draft=left, places=wording.places_of(in_one)) if left is not None else None


def _drafted(
    session: Session,
    messages: list[Message],
    to: str,
    to_name: str,
    wording: Wording,
    done: Delivery,
    *,
    tries: bool = False,
) -> tuple[Draft | None, list[Message]]:
    """The mail and what it says. What can't be written is marked and left out: the others must go.

    Whether the words can be found shows only when they are put: at once if it `tries`, else as the mail leaves.
    """
    if not messages:
        return None, []
    try:
        draft = wording.draft(messages, to, to_name)
        if tries:
            draft.mail()
        return draft, messages
    except Exception as broken:  # whatever is wrong with it
        fine = []
        if len(messages) > 1:
            for message in messages:
                fine += _drafted(session, [message], to, to_name, wording, done, tries=tries)[1]
        if fine and len(fine) < len(messages):
            return _drafted(session, fine, to, to_name, wording, done, tries=tries)
        done.failed += len(messages)
        give_up = messages[0].attempts >= GIVE_UP_AFTER
        reason, again_at = f"Brevet kan ikke skrives: {broken!r}", now() + TRY_AGAIN
        mark_failed(session, ids_of(messages), reason, give_up=give_up, again_at=again_at)
        return None, []


def _address(session: Session, message: Message) -> tuple[str, str]:
    if message.contact_id is not None:
        contact = session.get_one(Contact, message.contact_id)
        is_over = contact.left_on is not None and message.template != THANKS
        return ("", contact.name) if is_over else (contact.mail, contact.name)
    if message.person:  # who was taken out of roles.yaml meanwhile gets no more mail
        known = roles_now().persons.get(message.person)
        return (known.mail if known else ""), "kollega"
    if message.firm_id is not None:
        firm = session.get_one(Firm, message.firm_id)
        return ("" if firm.left_on is not None else firm.mail), firm.name
    if message.public_report_id is not None:
        return address_of(session, message.public_report_id), "dig, der skrev til os"
    if message.enquiry_id is not None:
        enquiry = session.get_one(Enquiry, message.enquiry_id)
        return enquiry.mail, enquiry.name
    if message.role is None:
        return "", ""
    address = catalogue().municipality.mailboxes.get(str(message.role), "")  # type: ignore[call-overload]
    return address, message.role.greeted


def ids_of(messages: Iterable[Message]) -> list[int]:
    """The numbers of messages, lowest first."""
    return sorted(message.number for message in messages)
