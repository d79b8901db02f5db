"""At arve: an existing facility is taken in where it stands, in operation, by the one door past the gate.

Nobody was consulted, nothing was agreed and the pool has promised nothing. So operations does the care alone,
on its ordinary budget, until a group signs an agreement of its own.

A list is written a thousand rows at a time, by one statement a table. What each row comes to is decided before
(`models.case.existing_place`).
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, select, update

from config.catalogue import catalogue
from models.case.agreement import Agreement, AgreementStatus, CareTask
from models.case.agreement_terms import keep_stored_terms
from models.case.agreement_version import first_version, own_care
from models.case.already_there import AlreadyThere
from models.case.existing_place import Change, Decided, ExistingPlace, checked, decide, fingerprint, natural_key
from models.case.facility import NOWHERE, Facility
from models.case.inheritance import Inheritance
from models.case.volunteer_group import NOBODY_KEY, VolunteerGroup
from models.danish import dato
from models.database import columns_of, insert_new
from models.figures.estimates import kr_per_year_of
from models.journal import CaseByNumber, write_journal
from models.numbering import next_number, next_numbers
from models.operator import person_of
from models.place import to_utm32
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

__all__ = ["ExistingPlace", "TakenIn", "may_take_in", "take_in", "write_all"]

YEARS = 5
"""How long an agreement is proposed to run when a group takes an inherited place on [assume]."""
_MAY_TAKE_IN = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR)
_AT_ONCE = 1_000

Row = dict[str, Any]


class TakenIn(NamedTuple):
    """What became of a row: the facility, and whether it was new, had its place or number added, or stood already."""

    facility: Facility
    is_new: bool
    was_placed: bool = False
    was_numbered: bool = False


def may_take_in(by: Role) -> None:
    """Refuse a role that may not take an existing facility in.

    Raises:
        Refusal: naming who may.
    """
    may_decide(by, _MAY_TAKE_IN, "Et anlæg, der findes i forvejen,")


def take_in(session: Session, place: ExistingPlace, said: Said) -> TakenIn:
    """Take an existing facility in, at operation. The same row again changes nothing.

    Operations gets its care tasks with their first dates, spread so that a long list isn't due on one day. A group
    that is named gets an agreement for the coordinator's review, and operations does its tasks until it is signed
    and funded.

    Raises:
        Refusal: the role may not.
        BadInput: the field that can't be used, or the number belongs to a row that says something else.
    """
    may_take_in(said.by)
    decided = decide(AlreadyThere.read(session), checked(place, said.on))
    (reference,) = write_all(session, [decided], said)
    facility = session.exec(select(Facility).where(Facility.reference == reference)).one()
    session.refresh(facility)
    change = decided.change
    return TakenIn(facility, change is Change.NEW, change is Change.PLACED, change is Change.NUMBERED)


def write_all(
    session: Session, decided: Sequence[Decided], said: Said, *, tell: Callable[[int], None] = lambda done: None
) -> list[str]:
    """Write what was decided; the reference of each row's facility, in their order.

    `tell` is called with how many rows are done, every thousand.

    Raises:
        Refusal: whoever sits at the command line may not act as `by`.
    """
    references = ["" if each.there is None else each.there.reference for each in decided]
    for each in decided:
        if each.there is not None and each.change is not Change.NOTHING:
            _add_what_was_missing(session, each, said)
    new = [(at, each.place) for at, each in enumerate(decided) if each.change is Change.NEW]
    costs: dict[str, int] = {}
    for begin in range(0, len(new), _AT_ONCE):
        some = new[begin : begin + _AT_ONCE]
        for _, place in some:
            if place.type_key not in costs:
                costs[place.type_key] = kr_per_year_of(session, place.type_key, said.on)
        made = _write_new(session, [place for _, place in some], costs, said)
        for (at, _), reference in zip(some, made, strict=True):
            references[at] = reference
        if len(some) == _AT_ONCE:
            tell(begin + _AT_ONCE)
    return references


def _write_new(session: Session, places: list[ExistingPlace], costs: dict[str, int], said: Said) -> list[str]:
    prefix = f"{catalogue().municipality.reference_prefix}-{said.on.year}"
    numbers = next_numbers(session, prefix, len(places))
    person = person_of(session, said)
    nobody = _nobody(session, said.on) if any(place.group_id is None for place in places) else 0
    facilities = [
        _facility(place, f"{prefix}-{number:04d}", nobody, costs[place.type_key], said.on)
        | {"proposed_by": said.by, "proposed_by_person": person}
        for place, number in zip(places, numbers, strict=True)
    ]
    for facility, number in zip(facilities, _insert(session, Facility, facilities), strict=True):
        facility["id"] = number
    _insert(
        session,
        Inheritance,
        [_inheritance(f, place, said.on, said.by) for f, place in zip(facilities, places, strict=True)],
    )
    # no signatures: operations alone, as when a group has let go
    drafts = [
        own_care(facility, on=said.on, number=number) for facility, number in zip(facilities, numbers, strict=True)
    ]
    drafts += [
        first_version(
            f,
            f["minutes_per_year"],
            f["kr_per_year_ore"],
            version=2,
            status=AgreementStatus.REVIEW,
            renews=True,
            from_on=said.on,
            on=said.on,
        )
        for f, place in zip(facilities, places, strict=True)
        if place.group_id is not None
    ]
    agreements = _insert(session, Agreement, [agreement for agreement, _ in drafts])
    tasks = [
        task | {"agreement_id": number} for (_, rows), number in zip(drafts, agreements, strict=True) for task in rows
    ]
    _insert(session, CareTask, tasks)
    keep_stored_terms(session, agreements[: len(facilities)])  # what is in force is binding; a draft isn't
    for facility, place in zip(facilities, places, strict=True):
        _write(session, facility["id"], _in_words(place), said)
    return [facility["reference"] for facility in facilities]


def _insert(session: Session, table: type[SQLModel], rows: list[Row]) -> list[int]:
    """Insert the rows; their numbers, in their order."""
    if not rows:
        return []
    number = columns_of(table).id
    statement = insert(table).returning(number, sort_by_parameter_order=True)
    return [int(made) for made in session.connection().execute(statement, rows).scalars()]


def _facility(place: ExistingPlace, reference: str, nobody: int, kr_per_year: int, on: date) -> Row:
    kind = catalogue().type(place.type_key)
    given = place.minutes_per_year, place.kr_per_year_ore, place.replacement_ore, place.life_years
    minutes, kr_ore, replacement_ore, life = given
    return {
        "reference": reference,
        "type_key": kind.key,
        "name": place.name,
        "group_id": place.group_id or nobody,
        **_point(place),
        "land_owner": place.land_owner,
        "years": YEARS,
        "start_on": place.built_on or on,
        "minutes_per_year": kind.hours_per_year * 60 if minutes is None else minutes,
        "kr_per_year_ore": kr_per_year * 100 if kr_ore is None else kr_ore,
        "replacement_ore": kind.replacement_kr * 100 if replacement_ore is None else replacement_ore,
        "life_years": kind.life_years if life is None else life,
        "stage": Stage.OPERATION,
        "stage_since": on,
        "proposed_on": on,
        "outcome": "",
        "key": natural_key(place),
    }


def _point(place: ExistingPlace) -> Row:
    if place.lat is None or place.lon is None:
        return {"lat": NOWHERE, "lon": NOWHERE, "utm_east": 0, "utm_north": 0}
    east, north = to_utm32(place.lat, place.lon)
    return {"lat": place.lat, "lon": place.lon, "utm_east": round(east), "utm_north": round(north)}


def _inheritance(facility: Row, place: ExistingPlace, on: date, by: Role) -> Row:
    return {
        "facility_id": facility["id"],
        "number": place.number,
        "address": place.address,
        "built_on": place.built_on,
        "said": fingerprint(place),
        "taken_in_on": on,
        "taken_in_by": by,
    }


def _add_what_was_missing(session: Session, decided: Decided, said: Said) -> None:
    """The point of a place that had only an address, or the number of one that was known without."""
    place, there = decided.place, decided.there
    assert there is not None
    inherited: Row = {"said": fingerprint(place)}
    facility: Row = {}
    if decided.change is Change.PLACED:
        facility, what = _point(place), "Stedet har fået sit punkt på kortet."
    else:
        inherited["number"], facility["key"] = place.number, natural_key(place)
        what = f"Stedet har fået kommunens nr. {place.number}."
    connection = session.connection()
    of_it = col(Inheritance.facility_id) == there.facility_id
    connection.execute(update(Inheritance).where(of_it).values(**inherited))
    connection.execute(update(Facility).where(col(Facility.id) == there.facility_id).values(**facility))
    _write(session, there.facility_id, what, said)


def _nobody(session: Session, on: date) -> int:
    """The stand-in for a group where there is none: it has no contacts, so nobody is written to."""
    wanted = select(VolunteerGroup.id).where(VolunteerGroup.key == NOBODY_KEY)
    there = session.exec(wanted).first()
    if there is None:
        row = {
            "reference": f"G-{next_number(session, 'group'):04d}",
            "name": "Ingen gruppe endnu",
            "cvr": "",
            "key": NOBODY_KEY,
            "since_on": on,
        }
        insert_new(session, VolunteerGroup, [row])
        there = session.exec(wanted).one()
    return there or 0


def _in_words(place: ExistingPlace) -> str:
    kind = catalogue().type(place.type_key)
    number = f", kommunens nr. {place.number}" if place.number else ""
    built = f", opført {dato(place.built_on)}" if place.built_on else ""
    return (
        f"Arvet: {kind.name} “{place.name}”{number}{built}. Driften er ikke hørt, og puljen har "
        "intet lovet. Driften passer stedet."
    )


def _write(session: Session, facility_id: int, what: str, said: Said) -> None:
    write_journal(session, CaseByNumber(facility_id, Stage.OPERATION), what, said)
