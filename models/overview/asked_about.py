"""What a question is about, with what its page asks for next: one statement where it would be three."""

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlmodel import Session, SQLModel

from models.case.agreement import Agreement
from models.case.consultation import Consultation
from models.case.facility import Facility, find
from models.database import columns_of, found_beside, is_reading
from models.overview.passed_on import PassedOn

HANGS_ON: dict[str, type[SQLModel]] = {"consultation": Consultation, "agreement": Agreement}
"""By topic: the table whose rows about the place say whether the question waits."""


def find_asked(session: Session, key: str) -> Facility:
    """The facility that the question with this key is about; locked, where it is `find` that would lock it.

    Raises:
        BadInput: there is no such facility.
    """
    reference, topic, *_ = [*key.split(":"), ""]
    table = HANGS_ON.get(topic)
    if table is None:
        return find(session, reference)
    statement = _looking(table) if is_reading(session) else _deciding(table)
    rows = session.execute(statement, {"reference": reference.strip().upper(), "key": key}).all()
    if not rows:
        return find(session, reference)  # nothing hangs on it, or there is no such place, which it says
    facility: Facility = rows[0][0]
    found_beside(session, table, _each(row[1] for row in rows), facility_id=facility.id)
    if is_reading(session):
        found_beside(session, PassedOn, _each(row[2] for row in rows), key=key)
    return facility


def _each(rows: Any) -> list[Any]:
    """Those that are there, each once."""
    return list({row.id: row for row in rows if row is not None}.values())


@cache  # SQLAlchemy takes longer to build it than the database to answer it
def _deciding(table: type[SQLModel]) -> Select[*tuple[Any, ...]]:
    place, beside = columns_of(Facility), columns_of(table)
    rows: Select[*tuple[Any, ...]] = select(Facility, table).join(table, beside.facility_id == place.id)
    # both are locked: of what isn't, PostgreSQL shows whoever waited for the place the row as it was before they waited
    return rows.where(place.reference == bindparam("reference")).with_for_update(of=(Facility, table))


@cache
def _looking(table: type[SQLModel]) -> Select[*tuple[Any, ...]]:
    place, beside, passed = columns_of(Facility), columns_of(table), columns_of(PassedOn)
    rows: Select[*tuple[Any, ...]] = select(Facility, table, PassedOn).outerjoin(table, beside.facility_id == place.id)
    rows = rows.outerjoin(PassedOn, and_(passed.facility_id == place.id, passed.key == bindparam("key")))
    return rows.where(place.reference == bindparam("reference"))
