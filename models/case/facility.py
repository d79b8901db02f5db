"""Anlæg: what is built together, where it stands, and what its operation is expected to cost."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, Session, SQLModel, select

from models import text
from models.case.builder import BuiltBy, Terms
from models.database import Numbered, change_one, is_reading, rows_with, word_column
from models.refusal import BadInput, Remedy
from models.role import Role
from models.stage import MOVES, Stage


class LandOwner(StrEnum):
    """Who owns the land; anyone but the municipality must consent in writing."""

    MUNICIPALITY = "municipality"
    PRIVATE = "private"
    STATE = "state"
    PUBLIC = "public"
    CHURCH = "church"
    ASSOCIATION = "association"

    @property
    def danish(self) -> str:
        """The owner as a word in a sentence."""
        return {
            "municipality": "kommunen",
            "private": "en privat ejer",
            "state": "staten",
            "public": "regionen eller en anden myndighed",
            "church": "et menighedsråd",
            "association": "en forening eller fond",
        }[self.value]


NOWHERE = 0.0
"""The degrees of a place whose point on the map isn't known, only its address (`models.case.inheritance`)."""


class Facility(Numbered, SQLModel, table=True):
    """One facility from wish to removal. Money in øre per year, time in minutes per year.

    `minutes_per_year`, `kr_per_year_ore` and `replacement_ore` are the estimate made with the proposal from
    `config/facility_types.yaml`; what operations and the agreement say later stands with them.

    `proposed_by` is the role that proposed it or took it in, `proposed_by_person` the id of whoever spoke for the
    role, empty where the door knew nobody. Whoever proposed it doesn't grant the money (`models.pool.right_to_decide`).

    `built_by` is None where nobody has said who built it; `firm_id` and `terms` are those of a firm that did.
    """

    __tablename__ = "facility"

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True, max_length=24)
    type_key: str = Field(max_length=32, index=True)
    name: str = Field(max_length=text.NAME_LENGTH)
    group_id: int = Field(foreign_key="volunteer_group.id", index=True)
    lat: float
    lon: float
    utm_east: int
    utm_north: int
    line: str | None = Field(default=None, sa_type=Text)
    """A path's line as WKT in degrees (`models.case.path_line`); None where only its point is known."""
    land_owner: LandOwner = word_column(LandOwner)
    years: int
    start_on: date
    minutes_per_year: int
    kr_per_year_ore: int = Field(sa_type=BigInteger)
    replacement_ore: int = Field(sa_type=BigInteger)
    life_years: int
    stage: Stage = word_column(Stage, index=True)
    stage_since: date
    proposed_on: date
    proposed_by: Role | None = word_column(Role, default=None, nullable=True)
    proposed_by_person: str = Field(default="", max_length=12)
    built_by: BuiltBy | None = word_column(BuiltBy, default=None, nullable=True)
    terms: Terms = word_column(Terms, default=Terms.NONE, sa_column_kwargs={"server_default": Terms.NONE.value})
    firm_id: int | None = Field(default=None, foreign_key="firm.id")
    building_started_on: date | None = None
    sleeping_since: date | None = None
    outcome: str = ""
    withdrawn_on: date | None = None
    """The day the proposal was withdrawn; None where it wasn't, or is asked about again."""
    key: str | None = Field(default=None, unique=True, max_length=128)

    @property
    def is_placed(self) -> bool:
        """Whether its point on the map is known; an inherited facility may have only an address."""
        return self.lat != NOWHERE


def move(session: Session, facility: Facility, to: Stage, *, on: date) -> None:
    """Change the stage, at once. Only decisions call this, after the gate; an impossible move is a bug."""
    if to not in MOVES[facility.stage]:
        raise AssertionError(f"{facility.reference} cannot move from {facility.stage} to {to}")
    change_one(session, facility, stage=to, stage_since=on)


def find(session: Session, reference: str) -> Facility:
    """The facility, locked until the transaction ends so that two doors can't decide at once.

    A look (`models.database.reading`) locks nothing and waits for nobody.

    Raises:
        BadInput: there is no such facility.
    """
    row = rows_with(Facility, "reference", is_locked=not is_reading(session))
    facility = session.exec(row, params={"reference": reference.strip().upper()}).first()
    if facility is None:
        raise BadInput("reference", f'der er intet anlæg "{reference[:40]}".', remedy=Remedy.LIST_FACILITIES)
    return facility


def facilities(session: Session, stage: Stage | None = None) -> list[Facility]:
    """All facilities, or those in one stage, by reference."""
    rows = select(Facility).order_by(Facility.reference)
    if stage is not None:
        rows = rows.where(Facility.stage == stage)
    return list(session.exec(rows))
