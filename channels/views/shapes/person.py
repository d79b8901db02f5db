"""What is known about a person who asks, and what became of it. These documents hold personal data."""

from datetime import date
from typing import Any

from pydantic import Field

from channels.views.shapes.group import Named
from channels.views.shapes.shape import Moment, Shape
from models.case.enquiry import EnquiryKind, EnquiryState
from models.case.volunteer_group import Reach
from models.operation.check import CheckResult


class Signed(Shape):
    """An agreement the person signed."""

    facility: str = Field(description="The facility's reference.")
    version: int = Field(description="The agreement's version.")
    signed_on: date = Field(description="When.")
    pdf: str = Field(description="Its file, below the data folder.")


class LetterItem(Shape):
    """One thing a message says."""

    kind: str = Field(description="What it is about.")
    said: dict[str, Any] = Field(description="What was filled in.")


class Letter(Shape):
    """A message to the person."""

    on: date = Field(description="The day it is of.")
    what: str = Field(description="What it is about.")
    sent_at: Moment | None = Field(description="When it was sent.")
    said: dict[str, Any] = Field(description="What was filled in.")
    items: list[LetterItem] = Field(description="What it says.")


class LinkKept(Shape):
    """A link the person was given; not the link itself."""

    what: str = Field(serialization_alias="for", description="What it is for, in Danish.")
    made_at: Moment = Field(description="When it was made.")
    expires_at: Moment = Field(description="When it ends.")
    used_at: Moment | None = Field(description="When it was used.")
    revoked: bool = Field(description="Whether it was taken back.")


class AnswerKept(Shape):
    """An answer the person gave, also one they corrected."""

    check: int = Field(description="The check's number.")
    on: date = Field(description="When.")
    result: CheckResult = Field(description="How it went.")
    note: str = Field(description="What was noted.")
    corrected_on: date | None = Field(description="When it was corrected; null for the answer that counts.")


class DamageTold(Shape):
    """Damage the person told of by their link."""

    number: int = Field(description="Its number.")
    on: date = Field(description="When.")
    what: str = Field(description="What was written.")


class PhotoKept(Shape):
    """A photo that came with such an answer or such damage."""

    path: str = Field(description="Its file, below the data folder.")
    added_on: date = Field(description="When it came.")


class Mention(Shape):
    """Another text that names the person."""

    where: str = Field(description="The table.")
    number: int = Field(description="The row's number.")
    text: str = Field(description="The text.")


class PersonContact(Shape):
    """All about a person as one group's contact."""

    contact: int = Field(description="The contact's number.")
    name: str = Field(description="The person's name.")
    mail: str = Field(description="The mail address; empty when there is none.")
    phone: str = Field(description="The telephone number; empty when there is none.")
    prefers: Reach = Field(description="How the person wants to be reached.")
    mail_refused: str = Field(
        description="What the mail server said when it refused the address; empty when it didn't."
    )
    role: str = Field(description="Contact or deputy, in Danish.")
    left_on: date | None = Field(description="When the person left the group.")
    group: Named = Field(description="The group.")
    facilities: list[Named] = Field(description="The group's places.")
    signatures: list[Signed] = Field(description="What the person signed.")
    messages: list[Letter] = Field(description="What was written to the person.")
    links: list[LinkKept] = Field(description="The links the person was given.")
    answers: list[AnswerKept] = Field(description="What the person answered.")
    damage: list[DamageTold] = Field(description="The damage the person told of.")
    photos: list[PhotoKept] = Field(description="The photos that came with that.")
    mentioned_in: list[Mention] = Field(description="Where else the person is named.")
    is_member: bool = Field(description="Whether the person helps now and then, and is no contact.")
    consented_on: date | None = Field(description="When they said yes by an invitation; null for who was written on.")
    language: str = Field(description="The language of their letters; empty for Danish.")
    places_taken: list[str] = Field(description="The places they have taken, by reference.")
    dates_taken: list[date] = Field(description="The days they have taken a task.")


class ReportKept(Shape):
    """What somebody reported at a place's sign, with the address they left to hear how it ends."""

    number: int = Field(description="The report's number.")
    facility: str = Field(description="The facility's reference.")
    reported_on: date = Field(description="When it came.")
    what: str = Field(description="What was reported.")


class EnquiryKept(Shape):
    """What somebody sent from the public pages, with what they said about themselves."""

    number: int = Field(description="The enquiry's number.")
    kind: EnquiryKind = Field(description="A wish for a place, or an offer to look after one.")
    state: EnquiryState = Field(description="How far it has come.")
    received_on: date = Field(description="When it came.")
    name: str = Field(description="The name they gave.")
    mail: str = Field(description="Their address; empty for none.")
    phone: str = Field(description="Their number; empty for none.")
    who: str = Field(description="Who they said they are.")
    what: str = Field(description="What they wrote.")
    answer: str = Field(description="What they were answered, where it was a no.")
    photos: list[str] = Field(description="The files of their photos.")
    answers: dict[str, Any] = Field(description="What they sent by a form of another system, as it was sent.")
    files: list[str] = Field(description="The files that came with the form.")


class PersonExport(Shape):
    """Everything kept about the person with a mail address or a telephone number."""

    address: str = Field(description="What was asked for.")
    contacts: list[PersonContact] = Field(description="Empty when nobody is known by it.")
    reports: list[ReportKept] = Field(description="Reports from the sign that wait for an answer to this address.")
    enquiries: list[EnquiryKept] = Field(description="What was sent from the public pages with this address.")
    mails: list[str] = Field(description="Copies of mails that are kept, by their names.")
    backups: str = Field(description="What backups hold, in Danish.")


class PersonExportWritten(PersonExport):
    """The same, when it was put in a folder."""

    files: list[str] = Field(description="The files' names.")


class PersonErased(Shape):
    """What was erased."""

    contacts: int = Field(description="Contacts.")
    reports: int = Field(description="Reports from the sign that had the address.")
    enquiries: int = Field(description="Enquiries from the public pages that were emptied.")
    messages: int = Field(description="Messages.")
    links: int = Field(description="Links.")
    photos: int = Field(description="Photos.")
    texts: int = Field(description="Texts from which the name was taken.")
    mails: int = Field(description="Copies of mails.")
    agreements: list[str] = Field(description="Agreements that were printed anew without the name.")
    papers: list[str] = Field(description="Files in the group's cases, to be looked through by somebody.")
    kept: list[str] = Field(description="Where the name stands in what never changes.")
    backups: str = Field(description="What backups hold, in Danish.")
