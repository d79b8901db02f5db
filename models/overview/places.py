"""Steder: the facilities as one looks for them, by words and by what is up with them, a page at a time.

A word is looked for anywhere in what `models.place_words` keeps: a part of a name, a reference, the group, a road.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import Session

from config.catalogue import catalogue
from models.alike import plain_letters
from models.case.facility import NOWHERE, Facility
from models.case.inheritance import Inheritance
from models.case.volunteer_group import VolunteerGroup
from models.database import columns_of, dialect_of
from models.operation.incident import LIVES, Incident
from models.operation.weather import places_under_ban
from models.overview.place_deadlines import deadlines, late_places
from models.place_words import PlaceWords
from models.stage import OVER, Stage

PAGE = 50
"""How many are shown at once."""
MOST_WORDS, LONGEST_WORD = 8, 60
"""Stages in which nothing is late any more."""


class Order(StrEnum):
    """What a list of places goes by."""

    REFERENCE = "sag"
    NAME = "navn"
    SINCE = "trin"
    DEADLINE = "frist"

    @property
    def danish(self) -> str:
        """The order as people say it."""
        return {"sag": "sagens nummer", "navn": "navn", "trin": "længst i samme trin", "frist": "nærmeste frist"}[
            self.value
        ]


class Box(NamedTuple):
    """A part of the map, in degrees."""

    south: float
    west: float
    north: float
    east: float


class Asked(NamedTuple):
    """Which places one wants to see; with nothing said, all of them."""

    said: str = ""
    stage: Stage | None = None
    type_key: str = ""
    box: Box | None = None
    is_late: bool = False
    is_unsafe: bool = False
    is_inherited: bool = False

    @property
    def words(self) -> list[str]:
        """What is looked for, in plain letters; signs that no text has are left out."""
        plain = plain_letters("".join(sign if sign.isprintable() else " " for sign in self.said))
        return [word[:LONGEST_WORD] for word in plain.split()[:MOST_WORDS]]


class PlaceLine(NamedTuple):
    """One place as the list shows it."""

    reference: str
    name: str
    type_key: str
    stage: Stage
    stage_since: date
    group: str
    address: str
    day: date | None
    """The next day something must be done by."""
    what: str
    is_late: bool
    is_unsafe: bool
    is_inherited: bool
    is_banned: bool


class Mark(NamedTuple):
    """One place as the map shows it."""

    reference: str
    name: str
    lat: float
    lon: float
    stage: Stage
    is_unsafe: bool
    is_damaged: bool
    is_inherited: bool
    is_banned: bool
    """Whether a fire ban closes it."""
    line: str | None = None
    """A path's line as WKT in degrees (`models.case.path_line`)."""


class PlacesFound(NamedTuple):
    """A page of the places found, and how many there are in all."""

    lines: list[PlaceLine]
    total: int
    page: int
    """The page that is shown: the last there is, where a later one was asked for."""

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def find_places(
    session: Session, asked: Asked, on: date, *, order: Order = Order.REFERENCE, page: int = 1
) -> PlacesFound:
    """A page of what one asked for; `page` counts from 1."""
    numbers, total = _page_of(session, asked, on, order, max(page, 1))
    last = max(1, -(-total // PAGE))
    if page > last:
        numbers, _ = _page_of(session, asked, on, order, last)
    return PlacesFound(_lines(session, numbers, on), total, min(max(page, 1), last))


def _page_of(session: Session, asked: Asked, on: date, order: Order, page: int) -> tuple[list[int], int]:
    """The numbers of the facilities on a page, and how many there are in all."""
    place, dialect_name = columns_of(Facility), dialect_of(session)
    wanted = _wanted(asked, dialect_name, on)
    rows = _in_order(rows_with_words(asked, select(place.id), dialect_name).where(*wanted), order, dialect_name)
    rows = rows.limit(PAGE).offset((page - 1) * PAGE)
    if asked.words:  # the words are read once for both; without them, the order's index finds the page at once
        both = session.execute(rows.add_columns(func.count().over())).all()
        if both:
            return [number for number, _ in both], both[0][1]
    total = session.execute(rows_with_words(asked, select(func.count()), dialect_name).where(*wanted)).scalar_one()
    return list(session.execute(rows).scalars()) if total else [], total


def references(session: Session, asked: Asked, on: date) -> set[str]:
    """The references of all places one asked for, for a list that is taken out."""
    wanted = _wanted(asked, dialect_of(session), on)
    rows = rows_with_words(asked, select(columns_of(Facility).reference), dialect_of(session))
    return set(session.execute(rows.where(*wanted)).scalars())


def marks(session: Session, asked: Asked, on: date) -> list[Mark]:
    """The places one asked for that have a point on the map; those that are over only where their stage is asked for."""
    place, incident, came = columns_of(Facility), columns_of(Incident), columns_of(Inheritance)
    open_one = exists().where(incident.facility_id == place.id, incident.decision.is_(None))
    rows = select(
        place.id,
        place.reference,
        place.name,
        place.lat,
        place.lon,
        place.stage,
        _is_unsafe(),
        open_one,
        exists().where(came.facility_id == place.id),
        place.line,
    )
    wanted = [*_wanted(asked, dialect_of(session), on), place.lat != NOWHERE]
    if asked.stage is None:
        wanted.append(place.stage.not_in(OVER))
    found = rows_with_words(asked, rows, dialect_of(session)).where(*wanted).order_by(place.reference)
    banned = places_under_ban(session)
    return [
        Mark(reference, name, lat, lon, stage, unsafe, damaged, inherited, number in banned, line)
        for number, reference, name, lat, lon, stage, unsafe, damaged, inherited, line in session.execute(found)
    ]


def rows_with_words(asked: Asked, rows: Select[Any], dialect_name: str) -> Select[Any]:
    """A statement about facilities, of those that have all the words asked for."""
    place, kept = columns_of(Facility), columns_of(PlaceWords)
    tables = Facility.__table__  # type: ignore[attr-defined]
    if asked.words:
        hits = select(kept.facility_id).where(*(_has(word, dialect_name) for word in asked.words))
        # read whole and first: without that, the order's index is gone through with a look at the words of each place
        read = hits.cte("hits").prefix_with("MATERIALIZED")
        tables = tables.join(read, read.c.facility_id == place.id)
    return rows.select_from(tables)


def _wanted(asked: Asked, dialect_name: str, on: date) -> list[ColumnElement[bool]]:
    place, came = columns_of(Facility), columns_of(Inheritance)
    wanted: list[ColumnElement[bool]] = []
    if asked.stage is not None:
        wanted.append(place.stage == asked.stage)
    if asked.type_key:
        wanted.append(place.type_key == asked.type_key)
    if asked.box is not None:
        wanted += [
            place.lat.between(asked.box.south, asked.box.north),
            place.lon.between(asked.box.west, asked.box.east),
        ]
    if asked.is_late:
        wanted += [place.stage.not_in(OVER), late_places(dialect_name, on)]
    if asked.is_unsafe:
        wanted.append(_is_unsafe())
    if asked.is_inherited:
        wanted.append(exists().where(came.facility_id == place.id))
    return wanted


def _has(word: str, dialect_name: str) -> ColumnElement[bool]:
    """Whether a place has the word in it, or is of a type that has."""
    where = func.strpos if dialect_name == "postgresql" else func.instr
    kept, place = columns_of(PlaceWords), columns_of(Facility)
    found: ColumnElement[bool] = where(kept.words, word) > 0
    types = [key for key, kind in catalogue().types.items() if word in plain_letters(kind.name)]
    return or_(found, kept.facility_id.in_(select(place.id).where(place.type_key.in_(types)))) if types else found


def _is_unsafe() -> ColumnElement[bool]:
    """Whether damage made the place unsafe, and nobody has said since that it may be used: decided and mended isn't that."""
    place, incident = columns_of(Facility), columns_of(Incident)
    unsafe = exists().where(incident.facility_id == place.id, incident.usable_on.is_(None), incident.safe.is_(False))
    return and_(place.stage.in_(LIVES), unsafe)


def _in_order(rows: Select[Any], order: Order, dialect_name: str) -> Select[Any]:
    place = columns_of(Facility)
    if order is Order.NAME:
        return rows.order_by(func.lower(place.name), place.reference)
    if order is Order.SINCE:
        return rows.order_by(place.stage_since, place.reference)
    if order is Order.DEADLINE:
        days = deadlines(dialect_name).subquery()
        first = select(days.c.facility_id, func.min(days.c.day).label("day")).group_by(days.c.facility_id).subquery()
        rows = rows.outerjoin(first, and_(first.c.facility_id == place.id, place.stage.not_in(OVER)))
        return rows.order_by(first.c.day.is_(None), first.c.day, place.reference)
    return rows.order_by(place.reference)


def _lines(session: Session, numbers: Sequence[int], on: date) -> list[PlaceLine]:
    """What the list shows of these places, in their order."""
    if not numbers:
        return []
    place, group, came = columns_of(Facility), columns_of(VolunteerGroup), columns_of(Inheritance)
    rows = (
        select(
            place.id,
            place.reference,
            place.name,
            place.type_key,
            place.stage,
            place.stage_since,
            group.name,
            came.address,
            came.id.is_not(None),
            _is_unsafe(),
        )
        .join(VolunteerGroup.__table__, group.id == place.group_id)  # type: ignore[attr-defined]
        .outerjoin(Inheritance.__table__, came.facility_id == place.id)  # type: ignore[attr-defined]
        .where(place.id.in_(numbers))
    )
    nearest = _nearest(session, numbers)
    found: dict[int, PlaceLine] = {}
    banned = places_under_ban(session)
    for number, reference, name, kind, stage, since, group_name, address, inherited, unsafe in session.execute(rows):
        day, what = nearest.get(number, (None, "")) if stage not in OVER else (None, "")
        is_late = day is not None and day < on
        up = (day, what, is_late, unsafe, inherited, number in banned)
        found[number] = PlaceLine(reference, name, kind, stage, since, group_name, address or "", *up)
    return [found[number] for number in numbers]


def _nearest(session: Session, numbers: Sequence[int]) -> dict[int, tuple[date, str]]:
    days = deadlines(dialect_of(session), numbers).subquery()
    rows = select(days.c.facility_id, days.c.day, days.c.what)
    found: dict[int, tuple[date, str]] = {}
    for number, day, what in session.execute(rows.order_by(days.c.day.desc())):
        found[number] = (day, what)
    return found
