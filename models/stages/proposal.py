"""Forslag: a group and the municipality wish for a facility. Nothing is promised yet."""

from datetime import date
from math import hypot
from typing import NamedTuple

from sqlmodel import Session, col, select

from config.catalogue import FacilityType, catalogue
from models import text
from models.calendar import add_months
from models.case.builder import BuiltBy, Terms
from models.case.facility import Facility, LandOwner
from models.case.permit import Permit, PermitResult, needed_permits
from models.case.volunteer_group import VolunteerGroup, find_group, missing_readiness
from models.figures.estimates import kr_per_year_of
from models.journal import write_journal
from models.numbering import next_number
from models.operator import person_of
from models.place import is_in_denmark, to_utm32
from models.post.outbox import tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import OVER, Stage
from models.stages.consultation import ask_operations
from models.stages.correction import Builder, Correction, builder_of

MAY_PROPOSE = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR, Role.VOLUNTEER)
MAX_YEARS = 10
NEAR_METRES = 50
PREPARATION_MONTHS = 3
"""From proposal to the planned start of operation, when no start is said [assume]."""


class Proposal(NamedTuple):
    """What is wished for. Coordinates in WGS84 degrees; `start_on` is when operation is planned to begin."""

    type_key: str
    name: str
    group: str
    lat: float
    lon: float
    land_owner: LandOwner
    years: int
    start_on: date | None = None
    built_by: BuiltBy = BuiltBy.VOLUNTEERS
    terms: Terms = Terms.NONE
    firm: str | None = None
    anyway: bool = True
    """Whether it is another place than one of the same type and name close by; where people type it, they are asked."""


def propose(session: Session, proposal: Proposal, said: Said, *, key: str | None) -> Facility:
    """Register a proposal with its estimate and permits, and ask operations at once.

    The same `key` again returns the facility that is there.

    Raises:
        BadInput: the field that can't be used, with the remedy.
        Refusal: the role may not propose, or a place of the same type and name is there already.
    """
    may_decide(said.by, MAY_PROPOSE, "Et forslag")
    kind = _facility_type(proposal.type_key)
    group = find_group(session, proposal.group)
    proposal = proposal._replace(name=text.name(proposal.name, "name"))
    start_on = proposal.start_on or add_months(said.on, PREPARATION_MONTHS).replace(day=1)
    _refuse_what_cannot_be(proposal, start_on, said.on)
    if key is not None:
        key = text.name(key, "key")
        if (there := session.exec(select(Facility).where(Facility.key == key)).first()) is not None:
            _refuse_used_key(there, proposal, group)
            return there
    _refuse_the_same_place(session, proposal)
    builder = builder_of(
        session,
        Correction(built_by=proposal.built_by, terms=proposal.terms, firm=proposal.firm),
        before=Builder(None, Terms.NONE, None),
    )
    facility = _new_facility(session, kind, proposal, group, start_on, said, key)
    facility.built_by, facility.terms, facility.firm_id = builder
    session.add(facility)
    session.flush()
    for permit in needed_permits(kind.permits, proposal.land_owner):
        session.add(Permit(facility_id=facility.number, key=permit, result=PermitResult.NEEDED))
    readiness = " ".join(missing_readiness(session, group)) or "Gruppen har stedfortræder."
    received = f"Forslag modtaget: {kind.name} “{proposal.name}”, {proposal.years} år. {readiness}"
    write_journal(session, facility, received, said)
    tell_group(
        session,
        facility,
        "proposal_received",
        said.on,
        key=f"{facility.reference}:received",
        context={"minutes_per_year": facility.minutes_per_year, "kr_per_year_ore": facility.kr_per_year_ore},
    )
    ask_operations(session, facility, said)
    return facility


def _refuse_what_cannot_be(proposal: Proposal, start_on: date, on: date) -> None:
    if not is_in_denmark(proposal.lat, proposal.lon):
        raise BadInput("lat/lon", "stedet ligger ikke i Danmark. Skriv grader som 55.04 og 12.21.")
    if not 1 <= proposal.years <= MAX_YEARS:
        raise BadInput("years", f"en aftale løber i 1 til {MAX_YEARS} år.")
    if start_on < on or start_on > add_months(on, 60):
        raise BadInput("start", "driften kan begynde fra i dag og højst fem år frem.")


def near_to(session: Session, proposal: Proposal) -> list[Facility]:
    """The facilities of the same type that stand or are planned within 50 metres, the oldest first."""
    east, north = to_utm32(proposal.lat, proposal.lon)
    rows = select(Facility).where(
        Facility.type_key == proposal.type_key,
        col(Facility.stage).not_in(OVER),
        col(Facility.utm_east).between(round(east) - NEAR_METRES, round(east) + NEAR_METRES),
        col(Facility.utm_north).between(round(north) - NEAR_METRES, round(north) + NEAR_METRES),
    )
    found = session.exec(rows.order_by(col(Facility.id)))
    return [each for each in found if hypot(each.utm_east - east, each.utm_north - north) <= NEAR_METRES]


def _refuse_the_same_place(session: Session, proposal: Proposal) -> None:
    """Stop a place from being proposed twice: same type, same name, within 50 metres."""
    if proposal.anyway:
        return
    name = " ".join(proposal.name.casefold().split())
    same = [each for each in near_to(session, proposal) if " ".join(each.name.casefold().split()) == name]
    if same:
        raise Refusal(
            "proposal.same_place",
            f"“{proposal.name}” er allerede {same[0].reference} ({same[0].stage.danish}), højst {NEAR_METRES} m derfra. "
            "Er det et andet sted, så skriv --anyway, eller giv det et andet navn.",
        )


def _refuse_used_key(there: Facility, proposal: Proposal, group: VolunteerGroup) -> None:
    """Stop a key that was used for another proposal."""
    was = (there.type_key, there.name, there.group_id, there.years)
    stands = (there.lat, there.lon, there.land_owner)
    if (
        was != (proposal.type_key, proposal.name, group.id, proposal.years)
        or stands != (proposal.lat, proposal.lon, proposal.land_owner)
        or proposal.start_on not in (None, there.start_on)
    ):
        raise BadInput("key", f'"{there.key}" er brugt til {there.reference}. Vælg en anden nøgle.')


def _new_facility(
    session: Session,
    kind: FacilityType,
    proposal: Proposal,
    group: VolunteerGroup,
    start_on: date,
    said: Said,
    key: str | None,
) -> Facility:
    """The row, with the estimate that its type gives."""
    prefix = f"{catalogue().municipality.reference_prefix}-{said.on.year}"
    east, north = to_utm32(proposal.lat, proposal.lon)
    return Facility(
        reference=f"{prefix}-{next_number(session, prefix):04d}",
        type_key=kind.key,
        name=proposal.name,
        group_id=group.number,
        lat=proposal.lat,
        lon=proposal.lon,
        utm_east=round(east),
        utm_north=round(north),
        land_owner=proposal.land_owner,
        years=proposal.years,
        start_on=start_on,
        minutes_per_year=kind.hours_per_year * 60,
        kr_per_year_ore=kr_per_year_of(session, kind.key, said.on) * 100,
        replacement_ore=kind.replacement_kr * 100,
        life_years=kind.life_years,
        stage=Stage.PROPOSAL,
        stage_since=said.on,
        proposed_on=said.on,
        proposed_by=said.by,
        proposed_by_person=person_of(session, said),
        key=key,
    )


def _facility_type(key: str) -> FacilityType:
    try:
        return catalogue().type(key)
    except KeyError:
        known = ", ".join(catalogue().types)
        raise BadInput("type", f'"{key[:40]}" er ikke en anlægstype. Vælg en af: {known}.') from None
