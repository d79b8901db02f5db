"""Ordlyd: what the messages of one mail say, with the links that are its recipient's own.

Links are made when a message is put into words; the same message again holds the same links (models.post.link). What
many messages speak of is read in a few statements, not letter by letter.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from jinja2 import Environment
from sqlmodel import Session, SQLModel, select

from channels.addresses import address, desk_address
from channels.paper.protocol_paper import protocol_file, protocol_pdf
from channels.paper.summons_paper import summons_file, summons_pdf
from channels.post.languages import in_language
from channels.post.letters import letter, the_place
from channels.post.mail import Mail, message_id
from channels.post.role_links import list_links, role_links
from channels.post.year_letters import material_for, new_year_facts, season_dates, season_facts
from channels.views.calendar import MEDIA_TYPE, Occasion, calendar_of, check_occasion, uid_domain
from config.catalogue import catalogue
from config.settings import settings
from models.case.agreement import CareTask, agreements_of
from models.case.enquiry import Enquiry
from models.case.facility import Facility
from models.case.handover import Handover
from models.case.photo import photos_of
from models.case.volunteer_group import Contact, VolunteerGroup
from models.daily.season import AHEAD, NEW_YEAR, SEASON
from models.database import columns_of, now
from models.operation.check import Check
from models.operation.who_is_asked import REMINDED, line_for
from models.persons.sign_in_link import token_for_mail
from models.post.link import LinkBook, Purpose, make_link
from models.post.outbox import SUMMONS, Message, MessageItem, items_of_many
from models.stage import Stage
from models.stages.enquiry import follow_link
from models.stages.protocol_signature import TO_SIGN

Row = TypeVar("Row", bound=SQLModel)

WEEK_KINDS = ("check_notice", "lost_link", "welcome_member", "group_message")
"""What leads to the week's page, where it is answered and where one sees who does what."""


@dataclass(frozen=True)
class Draft:
    """All that one mail says, read from the database; its words come later, when nobody waits for the transaction."""

    to: str
    to_name: str
    told: list[tuple[str, dict[str, Any]]]
    """The letters: template and context of each message."""
    templates: Environment
    message_id: str
    headers: dict[str, str]
    attachments: list[tuple[str, str, bytes]]
    occasions: list[Occasion]
    """What the recipient is given notice of, for their calendar."""
    moment: datetime

    def mail(self) -> Mail:
        """The mail in words.

        Raises:
            Exception: whatever is wrong with a template or what it is given.
        """
        subject, text, html = letter(self.told, self.templates)
        attachments = self.attachments
        if self.occasions:
            content = calendar_of(self.occasions, name="Tjek", domain=uid_domain(), moment=self.moment)
            attachments = [*attachments, ("tjek.ics", MEDIA_TYPE, content)]
        return Mail(self.to, self.to_name, subject, text, html, self.message_id, attachments, self.headers)


class Wording:
    """Puts messages into words, in the transaction in which they were read."""

    def __init__(self, session: Session, messages: Collection[Message], templates: Environment, *, on: date) -> None:
        """Read what the messages speak of; the words come later, letter by letter.

        `on` is the day they leave: words follow it, and nothing is late before its day has passed.
        """
        self._session = session
        self.on = on
        self._templates = templates
        self._items = {
            number: [item for item in items if item.not_needed_at is None]
            for number, items in items_of_many(session, messages).items()
        }
        items = [item for each in self._items.values() for item in each]
        contact_ids = {m.contact_id for m in messages if m.contact_id is not None}
        places = {m.facility_id for m in messages} | {item.facility_id for item in items}
        check_ids = {item.context.get("check_id") for item in items}
        checks = _rows(session, Check, check_ids)
        # held, since the session forgets what nobody holds
        self._read: tuple[object, ...] = (
            checks,
            _rows(session, CareTask, {check.care_task_id for check in checks}),
            _rows(session, Facility, places),
            _rows(session, Contact, contact_ids),
        )
        moment = min((message.created_at for message in messages), default=now())
        self._own: dict[tuple[int, int], dict[str, str]] = {}
        """A contact's own links, by message and place: a letter has them around it and in each of its items."""
        self._links = LinkBook(session, contact_ids, moment=moment)

    def draft(self, messages: Sequence[Message], to: str, to_name: str) -> Draft:
        """What the messages to one person or role say; `Draft.mail` puts it into words without the database."""
        municipality = catalogue().municipality
        common = self._common(messages, to_name)
        said = [self._context(message) for message in messages]
        headers = {"Reply-To": common["municipality"]["mail"]}
        items = [item for context in said for item in context.get("items", [])]
        if items and "contacts_link" in common:
            headers["List-Unsubscribe"] = (
                f"<{common['contacts_link']}>, <mailto:{municipality.mailboxes['coordinator']}?subject=Afmeld>"
            )
        first = min(messages, key=lambda message: message.number)
        return Draft(
            to=to,
            to_name=to_name,
            told=[(m.template, common | context) for m, context in zip(messages, said, strict=True)],
            templates=self._templates_for(messages[0].contact_id),
            message_id=message_id(first.key, settings().mail_from.partition("@")[2]),
            headers=headers,
            attachments=[each for m in messages for each in _attachments(self._session, m, on=self.on)],
            occasions=_for_the_calendar(self._session, first, items),
            moment=first.created_at,
        )

    def _templates_for(self, contact_id: int | None) -> Environment:
        """The letters in the language of whoever gets them, where the municipality has written them."""
        contact = self._session.get_one(Contact, contact_id) if contact_id is not None else None
        return in_language(self._templates, contact.language) if contact is not None else self._templates

    def keep_links(self) -> None:
        """Write the links that the letters show; they go only once that is done."""
        self._links.keep()

    def items_of(self, message: Message) -> list[MessageItem]:
        """What a daily message tells, in the order it was put in."""
        return self._items[message.number]

    def places_of(self, messages: Sequence[Message]) -> list[int]:
        """The facilities that messages are about, in their order."""
        told: list[int | None] = []
        for message in messages:
            told += [message.facility_id, *(item.facility_id for item in self.items_of(message))]
        return [each for each in dict.fromkeys(told) if each is not None]

    def links_for(self, message: Message, kind: str, said: Mapping[str, Any], facility_id: int) -> dict[str, str]:
        """The links that a letter or an item of it may show its recipient, each for one thing."""
        links: dict[str, str] = {}
        if "check_id" in said:
            links["answer_link"] = self._link(message, Purpose.ANSWER, int(said["check_id"]))
            links["answer_how"] = (
                f"{links['answer_link']} Virker linket ikke, så svar på denne mail, eller ring på "
                f"{catalogue().municipality.phone} og sig tjek nr. {said['check_id']}."
            )
        if kind == "work_for_firm":
            links["work_link"] = self._link(message, Purpose.WORK, int(said["work_id"]))
        if kind == TO_SIGN:
            links["protocol_link"] = self._link(message, Purpose.PROTOCOL, int(said["handover_id"]))
        if kind == "public_report":
            report_id = int(said["report_id"])
            links["suggestion_link"] = self._link(message, Purpose.SUGGESTION, report_id)
        if message.contact_id is None:
            if message.role is None or message.firm_id is not None:  # a firm has no way into the desk
                return links
            facility = self._session.get_one(Facility, facility_id)
            return links | role_links(self._session, facility, message.role, kind, said, moment=message.created_at)
        if kind in WEEK_KINDS:
            contact = self._session.get_one(Contact, message.contact_id)
            links["week_link"] = self._link(message, Purpose.WEEK, contact.group_id)
            links["who_link"] = f"{links['week_link']}/hvem"
        if kind == "agreement_to_sign":
            facility = self._session.get_one(Facility, facility_id)
            versions = {a.version: a.number for a in agreements_of(self._session, facility)}
            links["sign_link"] = self._link(message, Purpose.SIGN, versions[int(said["version"])])
        if kind == "satisfaction_asked":
            links["satisfaction_link"] = self._link(message, Purpose.SATISFACTION, facility_id)
        return links | self._own_links(message, message.contact_id, facility_id)

    def _common(self, messages: Sequence[Message], to_name: str) -> dict[str, Any]:
        """What stands around the letters: who writes to whom, and the person's own links."""
        municipality = catalogue().municipality
        contact_id = messages[0].contact_id
        common: dict[str, Any] = {
            "municipality": {
                "name": municipality.name,
                "phone": municipality.phone,
                # a firm works for operations, everybody else asks the coordinator
                "mail": municipality.mailboxes["operations" if messages[0].firm_id else "coordinator"],
            },
            "recipient": to_name,
            "sent_on": self.on,
            "volunteer": contact_id is not None,
            "role": str(messages[0].role or ""),
        }
        if contact_id is not None:
            common["stop_links"] = {}
            for facility_id in reversed(self.places_of(messages)):
                own = self._own_links(messages[0], contact_id, facility_id)
                common |= own
                if "stop_link" in own:
                    reference = self._session.get_one(Facility, facility_id).reference
                    common["stop_links"][reference] = own["stop_link"]
        return common

    def _context(self, message: Message) -> dict[str, Any]:
        """What one message says."""
        context: dict[str, Any] = dict(message.context)
        if message.template in ("monday", "questions_nudged") and message.role is not None:
            moment, waiting = message.created_at, context["waiting"]
            context["waiting"] = list_links(self._session, message.role, waiting, moment=moment)
            context["desk_link"] = desk_address()
        if "wish_id" in context:
            context["money_link"] = desk_address(f"/pulje/forslag/{context['wish_id']}")
        if message.facility_id is not None:
            context["facility"] = _facility(self._session, message.facility_id)
            context |= self.links_for(message, message.template, message.context, message.facility_id)
            context |= self._of_the_year(message, message.facility_id)
        if message.person and "sign_in_id" in context:
            token = token_for_mail(self._session, int(context["sign_in_id"]))
            context["sign_in_link"] = desk_address(f"/log-ind/{token}", videre=str(context["onward"]))
        if "enquiry_id" in context:
            context["enquiry_link"] = desk_address(f"/henvendelser/{context['enquiry_id']}")
        if message.template in ("enquiries_wait", "form_submissions"):
            context["enquiries_link"] = desk_address("/henvendelser")
        if message.enquiry_id is not None:
            context |= _of_enquiry(self._session, message.enquiry_id)
        items = self.items_of(message) if message.template == "daily" else []
        if items:
            told = [
                dict(item.context)
                | {"kind": item.kind, "facility": _facility(self._session, item.facility_id)}
                | self.links_for(message, item.kind, item.context, item.facility_id)
                | self._persons(message, item)
                for item in items
            ]
            context["items"] = told if message.contact_id is None else in_one_week(told)
        return context

    def _of_the_year(self, message: Message, facility_id: int) -> dict[str, Any]:
        """What a letter of the year says as of today."""
        if message.contact_id is None:
            return {}
        contact = self._session.get_one(Contact, message.contact_id)
        if message.template == SEASON:
            return season_facts(self._session, contact, on=self.on)
        if message.template == NEW_YEAR:
            letter_on = date.fromisoformat(str(message.context["letter_on"]))
            return new_year_facts(self._session, contact, letter_on=letter_on)
        if message.template == AHEAD:
            facility = self._session.get_one(Facility, facility_id)
            taken_by = message.context.get("taken_by")
            return {
                "material": material_for(facility, str(message.context["task_key"])),
                "by_name": self._first_name(taken_by) if taken_by is not None else "",
            }
        return {}

    def _persons(self, message: Message, item: MessageItem) -> dict[str, Any]:
        """Whom a reminder says it went to as well, and who has answered: names aren't kept in messages."""
        if message.contact_id is None:
            return {}
        if item.kind in ("check_answered", "group_message"):
            lines = str(item.context.get("words", "")).splitlines()
            by_name = self._first_name(item.context["by_contact"])
            return {"by_name": by_name, "lines": [line for line in lines if line.strip()]}
        if item.kind in ("coordinator_message", "weather"):
            return {"lines": [line for line in str(item.context["words"]).splitlines() if line.strip()]}
        if item.kind not in ("check_reminder", "check_second_reminder"):
            return {}
        contact = self._session.get_one(Contact, message.contact_id)
        check = self._session.get_one(Check, int(str(item.context["check_id"])))
        facility = self._session.get_one(Facility, item.facility_id)
        told = line_for(self._session, facility, check)[:REMINDED]
        return {"also_told": [each.name for each in told if each.id != contact.id]}

    def _first_name(self, number: object) -> str:
        """Somebody of the group, as the others call them; names aren't kept in messages."""
        by = self._session.get(Contact, int(str(number)))
        name = by.name.split()[0] if by is not None and by.name.strip() and by.left_on is None else ""
        return name or "En anden i gruppen"

    def _own_links(self, message: Message, contact_id: int, facility_id: int) -> dict[str, str]:
        """A contact's own pages; stopping is for a place that is in operation and theirs."""
        known = self._own.get((message.number, facility_id))
        if known is None:
            known = self._own[message.number, facility_id] = self._find_own_links(message, contact_id, facility_id)
        return known

    def _find_own_links(self, message: Message, contact_id: int, facility_id: int) -> dict[str, str]:
        contact = self._session.get_one(Contact, contact_id)
        if contact.left_on is not None:
            return {}  # their links have stopped working, and no new ones are made
        group_id = contact.group_id
        facility = self._session.get_one(Facility, facility_id)
        links = {
            "group_link": self._link(message, Purpose.GROUP, group_id),
            "contacts_link": self._link(message, Purpose.CONTACTS, group_id),
        }
        if facility.stage is Stage.OPERATION and facility.group_id == group_id and not contact.is_member:
            links["stop_link"] = self._link(message, Purpose.STOP, facility_id)
        return links

    def _link(self, message: Message, purpose: Purpose, subject_id: int) -> str:
        moment = message.created_at
        if message.contact_id is None:
            # a firm's link is its own: the place may be another firm's by the time it is opened
            about = f"firm:{message.firm_id}" if purpose is Purpose.PROTOCOL else ""
            token = make_link(
                self._session, purpose, subject_id, contact_id=None, role=message.role, moment=moment, about=about
            )
        else:
            token = self._links.token(purpose, subject_id, contact_id=message.contact_id, moment=moment)
        return address(purpose, token)


def _of_enquiry(session: Session, number: int) -> dict[str, Any]:
    """What whoever sent an enquiry is told of it: the answer, and their own page where there is one."""
    enquiry = session.get_one(Enquiry, number)
    told: dict[str, Any] = {"kind": enquiry.kind.value, "answer": enquiry.answer, "number": enquiry.number}
    if enquiry.type_key:
        told["type_name"] = catalogue().type(enquiry.type_key).name.lower()
    if catalogue().public.following:
        told["follow_link"] = address(Purpose.FOLLOW, follow_link(session, enquiry))
    return told


def place_words(session: Session, facility_id: int) -> str:
    """The place in a sentence: "shelteret ved Nyord Havn"."""
    return the_place(_facility(session, facility_id))


def _rows(session: Session, table: type[Row], numbers: Collection[object]) -> list[Row]:
    """The rows with these numbers, those the session holds as they are; what is no number is left out."""
    known = {number for number in numbers if isinstance(number, int)}
    there = {number: session.identity_map.get(session.identity_key(table, number)) for number in known}
    missing = [number for number, row in there.items() if row is None]
    rows = select(table).where(columns_of(table).id.in_(missing))
    found = list(session.exec(rows)) if missing else []
    return found + [row for row in there.values() if row is not None]


def _attachments(session: Session, message: Message, *, on: date) -> list[tuple[str, str, bytes]]:
    """The agreement, the summons as a letter, and the photos of an incident."""
    attachments: list[tuple[str, str, bytes]] = []
    if message.template == SEASON and message.contact_id is not None:
        group = session.get_one(VolunteerGroup, session.get_one(Contact, message.contact_id).group_id)
        dates = season_dates(session, group, on=on)
        content = calendar_of(dates, name=group.name, domain=uid_domain(), moment=message.created_at)
        attachments += [("kalender.ics", MEDIA_TYPE, content)] if dates else []
    if message.attachment:
        path = settings().var_dir / message.attachment
        attachments.append((path.name, "application/pdf", path.read_bytes()))
    if message.template == SUMMONS:
        attachments.append((summons_file(message), "application/pdf", summons_pdf(session, message)))
    if message.template == TO_SIGN:
        handover = session.get_one(Handover, int(str(message.context["handover_id"])))
        attachments.append((protocol_file(session, handover), "application/pdf", protocol_pdf(session, handover)))
    if message.template == "incident_reported" and isinstance(message.context.get("incident_id"), int):
        photos = photos_of(session, incident_id=int(str(message.context["incident_id"])))
        for number, photo in enumerate(photos, 1):
            path = settings().var_dir / photo.path
            if path.is_file():
                attachments.append((f"billede-{number}.jpg", "image/jpeg", path.read_bytes()))
    return attachments


def _for_the_calendar(session: Session, first: Message, items: list[dict[str, Any]]) -> list[Occasion]:
    """The checks that a contact is given notice of, for their calendar."""
    if first.contact_id is None:
        return []
    return [
        check_occasion(session, int(check["check_id"]), item["week_link"])
        for item in items
        if item["kind"] == "week"
        for check in item["checks"]
    ]


def _facility(session: Session, facility_id: int) -> dict[str, str]:
    facility = session.get_one(Facility, facility_id)
    kind = catalogue().type(facility.type_key)
    return {
        "reference": facility.reference,
        "name": facility.name,
        "type_name": kind.name,
        "definite": kind.definite,
        "map_link": map_link(facility),
    }


def map_link(facility: Facility) -> str:
    """Where the place is on the map of config/mails.yaml; "" where nobody knows, or no map is set."""
    if not facility.is_placed:
        return ""
    return catalogue().mails.map_link.format(lat=f"{facility.lat:.5f}", lon=f"{facility.lon:.5f}")


def in_one_week(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items of a contact's mail, with all that they are asked to do as the first, under one link."""
    asked = [item for item in told if item["kind"] == "check_notice"]
    if not asked:
        return told
    asked.sort(key=lambda item: (str(item["due_on"]), int(item["check_id"])))
    places = {item["facility"]["reference"]: item["facility"] for item in asked}
    week = {
        "kind": "week",
        "facility": asked[0]["facility"],
        "places": list(places.values()),
        "checks": asked,
        "minutes": sum(int(item["minutes"]) for item in asked),
        "first_on": asked[0]["due_on"],
        "week_link": asked[0]["week_link"],
    }
    return [week, *(item for item in told if item["kind"] != "check_notice")]
