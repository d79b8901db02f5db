"""Stederne, som alle må se dem: what stands or is being built, whether it can be used, and which group looks after it.

A group is told by its name, never a person. What isn't promised yet (a proposal, a question to operations or the pool) isn't
here. The words are found as the desk finds them (`models.overview.places`).
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from models.case.facility import NOWHERE, Facility
from models.case.volunteer_group import VolunteerGroup
from models.database import columns_of, dialect_of
from models.operation.friends import seeks_friends
from models.operation.incident import LIVES, Incident, IncidentDecision
from models.operation.weather import places_under_ban
from models.overview.places import PAGE, Asked, Box, rows_with_words
from models.stage import Stage

SHOWN = (Stage.BUILDING, Stage.HANDOVER, Stage.OPERATION, Stage.WINDING_DOWN)


class PublicAsked(NamedTuple):
    """Which places somebody wants to see; with nothing said, all that are shown."""

    said: str = ""
    type_key: str = ""
    seeks_friends: bool = False
    box: Box | None = None


class PublicPlace(NamedTuple):
    """One place as everybody may see it."""

    reference: str
    name: str
    type_key: str
    stage: Stage
    lat: float
    lon: float
    group: str
    """Empty where no group looks after it."""
    is_unsafe: bool
    is_damaged: bool
    seeks_friends: bool
    is_banned: bool
    """Whether a fire ban closes it."""

    @property
    def is_placed(self) -> bool:
        """Whether its point on the map is known."""
        return self.lat != NOWHERE

    @property
    def is_being_built(self) -> bool:
        """Whether it isn't there yet."""
        return self.stage in (Stage.BUILDING, Stage.HANDOVER)


class PublicFound(NamedTuple):
    """A page of the places found, and how many there are in all."""

    places: list[PublicPlace]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def public_places(session: Session, asked: PublicAsked, *, page: int = 1) -> PublicFound:
    """A page of what was asked for, by name; `page` counts from 1, and the last there is stands for a later one."""
    place, dialect_name = columns_of(Facility), dialect_of(session)
    wanted = _wanted(asked)
    counting = rows_with_words(Asked(said=asked.said), select(func.count()), dialect_name).where(*wanted)
    total = session.execute(counting).scalar_one()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows = rows_with_words(Asked(said=asked.said), select(place.id), dialect_name).where(*wanted)
    rows = rows.order_by(func.lower(place.name), place.reference).limit(PAGE).offset((page - 1) * PAGE)
    numbers = list(session.execute(rows).scalars())
    found = dict(_read(session, place.id.in_(numbers))) if numbers else {}
    return PublicFound([found[number] for number in numbers], total, page)


def public_marks(session: Session, asked: PublicAsked) -> list[PublicPlace]:
    """All that was asked for and has a point on the map."""
    place, dialect_name = columns_of(Facility), dialect_of(session)
    rows = rows_with_words(Asked(said=asked.said), select(place.id), dialect_name)
    rows = rows.where(*_wanted(asked), place.lat != NOWHERE)
    return [each for _, each in _read(session, place.id.in_(rows))]


def _wanted(asked: PublicAsked) -> list[ColumnElement[bool]]:
    place = columns_of(Facility)
    wanted: list[ColumnElement[bool]] = [place.stage.in_(SHOWN)]
    if asked.type_key:
        wanted.append(place.type_key == asked.type_key)
    if asked.seeks_friends:
        wanted.append(seeks_friends())
    if asked.box is not None:
        box = asked.box
        wanted += [place.lat.between(box.south, box.north), place.lon.between(box.west, box.east)]
    return wanted


def _read(session: Session, which: ColumnElement[bool]) -> list[tuple[int, PublicPlace]]:
    """The places with what is up with them; what is true of few is asked once for all, not for each of thirty thousand."""
    place, group, incident = columns_of(Facility), columns_of(VolunteerGroup), columns_of(Incident)
    # as `models.operation.incident` has it: unsafe until it may be used again, open until it is mended
    unsafe_one = incident.safe.is_(False) & incident.usable_on.is_(None)
    unmended = (incident.decision == IncidentDecision.REPAIR) & incident.mended_on.is_(None)
    unsafe = set(session.execute(select(incident.facility_id).where(unsafe_one)).scalars())
    damaged = set(session.execute(select(incident.facility_id).where(incident.decision.is_(None) | unmended)).scalars())
    banned = places_under_ban(session)
    seeking = set(session.execute(select(place.id).where(which, seeks_friends())).scalars())
    rows: Select[Any] = (
        select(place.id, place.reference, place.name, place.type_key, place.stage, place.lat, place.lon, group.name)
        .select_from(Facility)
        .join(VolunteerGroup.__table__, group.id == place.group_id)  # type: ignore[attr-defined]
        .where(which)
    )
    found = []
    # past the ORM: thirty thousand rows of it cost more than the statement
    for number, reference, name, kind, stage, lat, lon, group_name in session.connection().execute(rows):
        is_there, seeks = stage in LIVES, number in seeking
        is_unsafe, is_damaged = is_there and number in unsafe, is_there and number in damaged
        who = "" if seeks else group_name
        up = (is_unsafe, is_damaged, seeks, number in banned)
        found.append((number, PublicPlace(reference, name, kind, stage, lat, lon, who, *up)))
    return found
