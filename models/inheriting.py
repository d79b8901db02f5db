"""At arve: an existing facility is taken in where it stands, in operation, by the one door past the gate.

Nobody was consulted, nothing was agreed and the pool has promised nothing. So operations does the care alone,
on its ordinary budget, until a group signs an agreement of its own.
"""

from datetime import date
from hashlib import sha256
from typing import NamedTuple

from sqlmodel import Session, select

from config.catalogue import FacilityType, catalogue
from models import text
from models.agreement_versions import draft_first, draft_own_care, start_inherited_care
from models.danish import dato
from models.database import insert_new
from models.estimates import kr_per_year_of
from models.facility import NOWHERE, Facility, LandOwner
from models.inherited import NUMBER_LENGTH, Inheritance
from models.journal import write_journal
from models.numbering import next_number
from models.place import is_in_denmark, to_utm32
from models.refusal import BadInput
from models.role import Door, Role, may_decide
from models.stage import Stage
from models.volunteer_group import NOBODY_KEY, VolunteerGroup

MAY_TAKE_IN = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR)
YEARS = 5
"""How long an agreement is proposed to run when a group takes an inherited place on [assume]."""


class ExistingPlace(NamedTuple):
    """A facility as the municipality's list has it. None or "" is what the list doesn't say.

    Degrees in WGS84, minutes and øre per year; the type's planning values stand in for what is missing.
    """

    type_key: str
    name: str
    land_owner: LandOwner
    number: str = ""
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    built_on: date | None = None
    minutes_per_year: int | None = None
    kr_per_year_ore: int | None = None
    replacement_ore: int | None = None
    life_years: int | None = None
    group_id: int | None = None


class TakenIn(NamedTuple):
    """What became of a row: the facility, and whether it was new, had its place added, or stood already."""

    facility: Facility
    is_new: bool
    was_placed: bool = False


def natural_key(place: ExistingPlace) -> str:
    """What makes a row the same row next time: the municipality's own number, or type, name and place."""
    if place.number:
        return f"inherited:nr:{place.number.casefold()}"
    words = [place.type_key, place.name.casefold(), place.address.casefold()]
    if place.lat is not None and place.lon is not None:
        words[2] = "/".join(str(round(metres)) for metres in to_utm32(place.lat, place.lon))
    return f"inherited:{sha256(chr(31).join(words).encode()).hexdigest()}"


def take_in(
    session: Session, place: ExistingPlace, *, on: date, by: Role, door: Door = Door.INHERITED
) -> TakenIn:
    """Take an existing facility in, at operation. The same row again changes nothing.

    Operations gets its care tasks with their first dates, spread so that a long list isn't due on one day. A group that is named gets an agreement for the
    coordinator's review, and operations does its tasks until it is signed and funded.

    Raises:
        Refusal: the role may not.
        BadInput: the field that can't be used, or the key belongs to a row that says something else.
    """
    may_decide(by, MAY_TAKE_IN, "Et anlæg, der findes i forvejen,")
    kind, place = _checked(place, on)
    key, said = natural_key(place), _fingerprint(place)
    there = session.exec(
        select(Facility, Inheritance)
        .join(Inheritance, Inheritance.facility_id == Facility.id)  # type: ignore[arg-type]
        .where(Facility.key == key)
    ).first()
    if there is not None:
        return _stands_already(session, *there, place, said, on=on, by=by, door=door)
    facility = _new_facility(session, kind, place, key, on)
    session.add(
        Inheritance(
            facility_id=facility.id or 0,
            number=place.number,
            address=place.address,
            built_on=place.built_on,
            said=said,
            taken_in_on=on,
            taken_in_by=by,
        )
    )
    session.flush()
    # no signatures: operations alone, as when a group has let go
    start_inherited_care(session, facility, draft_own_care(session, facility, on=on), on=on)
    if place.group_id is not None:
        draft_first(
            session, facility, facility.minutes_per_year, facility.kr_per_year_ore,
            renews=True, from_on=on, on=on,
        )  # fmt: skip
    _write(session, facility, _in_words(kind, place), on=on, by=by, door=door)
    session.flush()
    return TakenIn(facility, is_new=True)


def _stands_already(
    session: Session, facility: Facility, inheritance: Inheritance, place: ExistingPlace, said: str,
    *, on: date, by: Role, door: Door,
) -> TakenIn:  # fmt: skip
    if inheritance.said == said:
        return TakenIn(facility, is_new=False)
    nowhere = _fingerprint(place._replace(lat=None, lon=None))
    if not facility.is_placed and place.lat is not None and inheritance.said == nowhere:
        _place(facility, place)
        inheritance.said = said
        _write(session, facility, "Stedet har fået sit punkt på kortet.", on=on, by=by, door=door)
        return TakenIn(facility, is_new=False, was_placed=True)
    raise BadInput(
        "number",
        f"rækken er taget ind før, som {facility.reference}, men med andre oplysninger. Skriv dem "
        "som sidst, eller slet rækken: det, der er taget ind, rettes ikke herfra.",
    )


def _checked(place: ExistingPlace, on: date) -> tuple[FacilityType, ExistingPlace]:
    try:
        kind = catalogue().type(place.type_key)
    except KeyError:
        known = ", ".join(catalogue().types)
        raise BadInput(
            "type", f'"{place.type_key[:40]}" er ikke en anlægstype. Vælg en af: {known}.'
        ) from None
    if len(place.number) > NUMBER_LENGTH:
        raise BadInput("number", f"nummeret er for langt. Der er plads til {NUMBER_LENGTH} tegn.")
    place = place._replace(
        name=text.name(place.name, "name"),
        number=text.name(place.number, "number") if place.number.strip() else "",
        address=text.name(place.address, "address") if place.address.strip() else "",
    )
    if (place.lat is None) != (place.lon is None):
        raise BadInput("lat/lon", "skriv begge koordinater, eller ingen af dem.")
    if place.lat is None and not place.address:
        raise BadInput("address", "der er hverken koordinater eller adresse. Skriv et af dem.")
    if place.lat is not None and place.lon is not None and not is_in_denmark(place.lat, place.lon):
        raise BadInput("lat/lon", "stedet ligger ikke i Danmark. Se koordinaterne efter.")
    if place.built_on is not None and place.built_on > on:
        raise BadInput("built_on", f"{dato(place.built_on)} er ikke kommet endnu.")
    return kind, place


def _fingerprint(place: ExistingPlace) -> str:
    return sha256(chr(31).join(map(repr, place)).encode()).hexdigest()


def _new_facility(
    session: Session, kind: FacilityType, place: ExistingPlace, key: str, on: date
) -> Facility:
    prefix = f"{catalogue().municipality.reference_prefix}-{on.year}"
    given = place.minutes_per_year, place.kr_per_year_ore, place.replacement_ore, place.life_years
    minutes, kr_ore, replacement_ore, life = given
    facility = Facility(
        reference=f"{prefix}-{next_number(session, prefix):04d}",
        type_key=kind.key,
        name=place.name,
        group_id=place.group_id or _nobody(session, on),
        lat=NOWHERE,
        lon=NOWHERE,
        utm_east=0,
        utm_north=0,
        land_owner=place.land_owner,
        years=YEARS,
        start_on=place.built_on or on,
        minutes_per_year=kind.hours_per_year * 60 if minutes is None else minutes,
        kr_per_year_ore=kr_per_year_of(session, kind.key, on) * 100 if kr_ore is None else kr_ore,
        replacement_ore=kind.replacement_kr * 100 if replacement_ore is None else replacement_ore,
        life_years=kind.life_years if life is None else life,
        stage=Stage.OPERATION,
        stage_since=on,
        proposed_on=on,
        key=key,
    )
    _place(facility, place)
    session.add(facility)
    session.flush()
    return facility


def _place(facility: Facility, place: ExistingPlace) -> None:
    if place.lat is None or place.lon is None:
        return
    east, north = to_utm32(place.lat, place.lon)
    facility.lat, facility.lon = place.lat, place.lon
    facility.utm_east, facility.utm_north = round(east), round(north)


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


def _in_words(kind: FacilityType, place: ExistingPlace) -> str:
    number = f", kommunens nr. {place.number}" if place.number else ""
    built = f", opført {dato(place.built_on)}" if place.built_on else ""
    return (
        f"Arvet: {kind.name} “{place.name}”{number}{built}. Driften er ikke hørt, og puljen har "
        "intet lovet. Driften passer stedet."
    )


def _write(
    session: Session, facility: Facility, what: str, *, on: date, by: Role, door: Door
) -> None:
    write_journal(
        session, what, facility_id=facility.id, stage=facility.stage, on=on, by=by, door=door
    )
