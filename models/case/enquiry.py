"""Henvendelse: what somebody without an account sent, from the public pages or by a form elsewhere, and what was answered.

A wish for a place (`PROPOSAL`), or an offer to help where no group looks after one (`FRIENDS`). Neither promises anything:
it waits until somebody of the municipality has looked. What may be decided about it: `models.stages.enquiry`; how a form
of another system is fetched: `models.stages.fetched_enquiry`.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, Session, SQLModel, col, func, select

from models import text
from models.case.facility import LandOwner
from models.database import Numbered, word_column
from models.refusal import BadInput, Remedy
from models.role import Role


class EnquiryKind(StrEnum):
    """What it is about."""

    PROPOSAL = "proposal"
    FRIENDS = "friends"

    @property
    def danish(self) -> str:
        """The kind as people say it."""
        return {"proposal": "forslag", "friends": "vil være med"}[self.value]

    @property
    def role(self) -> Role:
        """Who answers it."""
        return Role.PROJECT_LEAD if self is EnquiryKind.PROPOSAL else Role.COORDINATOR


class EnquiryState(StrEnum):
    """Where it is."""

    WAITING = "waiting"
    UNUSABLE = "unusable"
    """Sent by a form, and some of it can't be read; read anew when the mapping is put right."""
    TAKEN = "taken"
    """Taken over as a proposal; or they were talked to, and it goes on from there."""
    DECLINED = "declined"
    SPAM = "spam"
    WITHDRAWN = "withdrawn"

    @property
    def danish(self) -> str:
        """The state as people say it."""
        return {
            "waiting": "venter",
            "unusable": "venter, kan ikke læses",
            "taken": "taget videre",
            "declined": "nej tak",
            "spam": "ikke fra et menneske",
            "withdrawn": "trukket tilbage",
        }[self.value]


PAGE = "page"
"""The source of what was sent from our own pages."""
#: Where nobody has answered yet.
OPEN = (EnquiryState.WAITING, EnquiryState.UNUSABLE)


class Enquiry(Numbered, SQLModel, table=True):
    """One enquiry. `key` stands for the form and what was written in it, so that a second press is harmless.

    `facility_id` is the place that somebody wants to help at, or what a wish became when it was taken over. `lat` and
    `lon` (WGS84) are None where only words say where; `place_said` is where, as it was typed. Name, addresses and what was
    written are emptied after `enquiries_months` of `config/retention.yaml`, or at once when it is withdrawn.

    What a form of another system (`source`) sent is kept once for its number there (`uuid`). `answers` is what was sent, as
    it was sent; what we read in it stands beside it, `place_name` to `group_name`. `sent_at` is when it was completed over
    there, in UTC; `trouble` is why it can't be used, or what of it is missing.
    """

    __tablename__ = "enquiry"
    __table_args__ = (Index("uq_enquiry_source_uuid", "source", "uuid", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=128)
    kind: EnquiryKind = word_column(EnquiryKind)
    state: EnquiryState = word_column(EnquiryState, index=True)
    facility_id: int | None = Field(default=None, foreign_key="facility.id", index=True)
    type_key: str = Field(default="", max_length=32)
    place_said: str = Field(default="", max_length=text.TEXT_LENGTH)
    lat: float | None = None
    lon: float | None = None
    name: str = Field(default="", max_length=text.NAME_LENGTH)
    mail: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=20)
    who: str = ""
    """Who they are together: how many, an association, neighbours."""
    what: str = ""
    received_on: date
    looks_automatic: bool = False
    reminded_on: date | None = None
    decided_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)
    answer: str = ""
    """Why not, as they are told."""
    source: str = Field(default=PAGE, max_length=16, sa_column_kwargs={"server_default": PAGE})
    form: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    uuid: str | None = Field(default=None, max_length=64)
    serial: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": ""})
    sent_at: datetime | None = None
    trouble: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    place_name: str = Field(default="", max_length=text.NAME_LENGTH, sa_column_kwargs={"server_default": ""})
    land_owner: LandOwner | None = word_column(LandOwner, default=None, nullable=True)
    years: int | None = None
    group_name: str = Field(default="", max_length=text.NAME_LENGTH, sa_column_kwargs={"server_default": ""})

    @property
    def is_open(self) -> bool:
        """Whether nobody has looked at it yet."""
        return self.state in OPEN

    @property
    def is_fetched(self) -> bool:
        """Whether it came by a form of another system."""
        return self.source != PAGE


def find_enquiry(session: Session, number: int) -> Enquiry:
    """The enquiry, locked until the transaction ends.

    Raises:
        BadInput: there is none with that number.
    """
    found = session.exec(select(Enquiry).where(Enquiry.id == number).with_for_update()).first()
    if found is None:
        raise BadInput("enquiry", f"der er ingen henvendelse nr. {number}.", remedy=Remedy.LIST_ENQUIRIES)
    return found


def enquiries(session: Session, *, only_open: bool = False) -> list[Enquiry]:
    """All enquiries, the first one first."""
    rows = select(Enquiry).order_by(col(Enquiry.id))
    if only_open:
        rows = rows.where(col(Enquiry.state).in_(OPEN))
    return list(session.exec(rows))


def open_enquiries(session: Session) -> int:
    """How many wait for somebody to look."""
    rows = select(func.count()).where(col(Enquiry.state).in_(OPEN))
    return int(session.exec(rows).one())
