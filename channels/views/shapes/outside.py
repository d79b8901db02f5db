"""What other systems read that no command prints: groups without their people, waits, events, what was taken in."""

from datetime import date
from typing import Any

from pydantic import Field

from channels.views.shapes.facility import Waits
from channels.views.shapes.shape import Kr, Moment, Shape
from models.case.enquiry import EnquiryKind, EnquiryState
from models.case.facility import LandOwner
from models.operation.public_report import ReportState
from models.role import Role


class GroupOutside(Shape):
    """A volunteer group without its people."""

    reference: str = Field(description="G-NUMBER.")
    name: str = Field(description="What it is called.")
    cvr: str = Field(description="Its number in the CVR register; empty when it has none.")
    since: date = Field(description="When it was registered.")
    contacts: int = Field(description="How many contacts it has.")
    missing: list[str] = Field(description="What it lacks, in Danish sentences.")
    facilities: list[str] = Field(description="The references of what it looks after.")


class EnquiryLine(Shape):
    """What somebody sent from the public pages or by a form; who they are isn't in it."""

    id: int = Field(description="Its number.")
    kind: EnquiryKind = Field(description="A wish for a place, or an offer to look after one.")
    danish: str = Field(description="The kind as people say it.")
    state: EnquiryState = Field(description="How far it has come.")
    state_danish: str = Field(description="The state as people say it.")
    facility: str = Field(description="The place it is about, or what it became; empty for neither.")
    type: str = Field(description="What is wished for, by the key of config/facility_types.yaml; empty for none.")
    what: str = Field(description="What they wrote; empty once it is erased.")
    looks_automatic: bool = Field(description="Whether a machine seems to have written it.")
    received_on: date = Field(description="When it came, or was fetched.")
    source: str = Field(description="`page` for the public pages, `os2forms` for a form there.")
    uuid: str | None = Field(description="Its number over there; null for what the pages sent.")
    serial: str = Field(description="Its running number over there; empty where there is none.")
    sent_at: Moment | None = Field(description="When it was sent over there; null where that isn't said.")
    name: str = Field(description="What the place is called; empty where it isn't said.")
    lat: float | None = Field(description="Latitude in degrees (WGS84); null without a point.")
    lon: float | None = Field(description="Longitude in degrees (WGS84); null without a point.")
    land_owner: LandOwner | None = Field(description="Who owns the land; null where it isn't said.")
    years: int | None = Field(description="For how many years; null where it isn't said.")
    group: str = Field(description="What the group calls itself; empty where it isn't said.")
    answer: str = Field(description="Why not, as they were told; empty where it isn't declined.")


class EnquiryFileShown(Shape):
    """A file that came with a form."""

    name: str = Field(description="What it is called.")
    path: str = Field(description="Where it lies in the data folder; empty where it isn't here.")
    trouble: str = Field(description="Why it isn't here; empty where it is.")


class EnquiryShown(EnquiryLine):
    """The same with all that was sent, also who sent it."""

    place_said: str = Field(description="Where, as it was typed; empty where there is a point.")
    who: str = Field(description="Who they are together.")
    sender_name: str = Field(description="The sender's name.")
    sender_mail: str = Field(description="The sender's mail address.")
    sender_phone: str = Field(description="The sender's telephone number.")
    trouble: str = Field(description="Why it can't be used, or what of it is missing; empty where all is well.")
    answers: dict[str, Any] = Field(description="Every answer to the form, as it was sent.")
    photos: list[str] = Field(description="The files of the photos, in the data folder.")
    files: list[EnquiryFileShown] = Field(description="The files that came with the form.")


class WaitLine(Shape):
    """Something that waits for a role."""

    facility: str = Field(description="The facility's reference.")
    name: str = Field(description="What the place is called.")
    topic: str = Field(description="What is asked: the last part of the address it is answered at.")
    since: date = Field(description="Since when it waits.")
    late: bool = Field(description="Whether its deadline has passed.")
    waits_for: Waits = Field(description="Who is waited for, and what for.")


class IncidentOutside(Shape):
    """Damage at a facility."""

    id: int = Field(description="Its number.")
    facility: str = Field(description="The facility's reference.")
    what: str = Field(description="What happened.")
    safe: bool = Field(description="Whether the place can be used safely.")
    reported_on: date = Field(description="When it was reported.")
    reported_by: Role = Field(description="Who reported it.")
    decision: str | None = Field(description="`repair`, `close` or `remove`; null until it is decided.")
    decided_on: date | None = Field(description="When it was decided.")
    kr: Kr = Field(description="What the decision costs, kroner.")


class OpenPoints(Shape):
    """What stands open at a facility though it waits for no answer."""

    facility: str = Field(description="The facility's reference.")
    name: str = Field(description="What the place is called.")
    open: list[str] = Field(description="In Danish sentences.")


class FigureLine(Shape):
    """One indicator for a year."""

    key: str = Field(description="Its key in config/indicators.yaml.")
    name: str = Field(description="What it is called, in Danish.")
    unit: str = Field(description="Its unit, in Danish.")
    year: int = Field(description="The year.")
    value: float | None = Field(description="The value; null when there is nothing to measure.")
    basis: int = Field(description="How many it is of.")
    target: float | None = Field(description="The target; null without one.")
    met: bool | None = Field(description="Whether the target is met.")


class ReportTaken(Shape):
    """What was reported from outside."""

    id: int = Field(description="The number of the incident or of the suggestion.")
    kind: str = Field(description="`incident`, or `suggestion` when somebody has to look first.")
    facility: str = Field(description="The facility's reference.")
    what: str = Field(description="What was reported.")
    safe: bool = Field(description="Whether the place can be used safely.")
    state: ReportState | None = Field(description="A suggestion's state; null for an incident.")


class KeyShown(Shape):
    """The key that asks."""

    id: str = Field(description="Its short id, as the journal has it.")
    label: str = Field(description="What it is for.")
    scopes: list[str] = Field(description="What it may do.")
    role: Role | None = Field(description="The role it acts in; null when it only reads.")
    created: date = Field(description="When it was made.")
    expires: date | None = Field(description="Its last day; null when it has none.")
    revoked: date | None = Field(description="When it was taken back; null when it wasn't.")
    used: date | None = Field(description="The last day it was used.")


class KeyMade(KeyShown):
    """A key as it is made: the only time it is shown."""

    key: str = Field(description="The key itself. It isn't kept: who loses it makes a new one.")


class EventLine(Shape):
    """Something that happened, as CloudEvents 1.0 has it. It names no person."""

    specversion: str = Field(description="1.0.")
    id: str = Field(description="Its number; a greater one is newer.")
    source: str = Field(description="This installation.")
    type: str = Field(
        description="`dk.driftsklar.stage`: a case came to another stage; `dk.driftsklar.journal`: a line was written; "
        "`dk.driftsklar.ledger`: money moved."
    )
    subject: str | None = Field(description="The facility's reference; null when it is about none.")
    time: Moment = Field(description="When it was written down.")
    datacontenttype: str = Field(description="application/json.")
    data: dict[str, Any] = Field(description="What happened.")


class WebhookLine(Shape):
    """A receiver of events."""

    id: int = Field(description="Its number.")
    url: str = Field(description="The address that is called.")
    made: date = Field(description="When it was set up.")
    off: date | None = Field(description="When it was switched off; null while it is on.")
    trouble: str = Field(description="What was wrong the last time; empty when nothing was.")
    waiting: int = Field(description="How many events wait for it.")
    given_up: int = Field(description="How many were given up.")


class WebhookMade(WebhookLine):
    """A receiver as it is set up, with what it checks signatures by."""

    secret: str = Field(description="The secret of the signatures.")


class Replayed(Shape):
    """Events that are sent once more."""

    id: int = Field(description="The webhook's number.")
    events: int = Field(description="How many.")


class SubmissionsFetched(Shape):
    """What a fetch of a form brought."""

    new: list[int] = Field(description="The numbers of the new submissions.")
    unusable: int = Field(description="How many of them can't be used, each with why.")
    read_anew: int = Field(description="How many that couldn't be used before can be now.")
    drafts: int = Field(description="How many aren't sent yet.")
    gone: int = Field(description="How many were deleted meanwhile.")
    failed: list[str] = Field(description="What couldn't be fetched this time, and is the next.")


class SentToArchive(Shape):
    """What was sent to the archive."""

    cases: dict[str, str] = Field(
        description="The archive's number of each case that something was sent of, by reference."
    )
    documents: int = Field(description="How many documents were sent.")
    failed: list[str] = Field(description="What wasn't sent, and is tried again the next time.")


class ArchivedLine(Shape):
    """A case in the archive."""

    facility: str = Field(description="The facility's reference.")
    system: str = Field(description="`folder`, `sbsys` or `getorganized`.")
    case_number: str = Field(description="The archive's number; empty until it has given one.")
    documents: int = Field(description="How many documents lie there.")
    begun: int = Field(description="How many were begun and not taken yet.")
    last_sent: date | None = Field(description="When the last one was sent; null when none was.")
    trouble: str = Field(description="What was wrong the last time; empty when nothing was.")


class CaseLinked(Shape):
    """A case of the archive that stood there already."""

    facility: str = Field(description="The facility's reference.")
    case_number: str = Field(description="The archive's number.")
