"""What an enquiry says as a proposal of ours, with what whoever takes it over puts right."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, select

from models.alike import folded
from models.case.enquiry import Enquiry
from models.case.facility import LandOwner
from models.case.volunteer_group import VolunteerGroup
from models.place import Degrees
from models.refusal import BadInput
from models.stages.proposal import Proposal

YEARS = 5
"""How long an agreement is proposed to run where nobody says it [assume]."""


class PutRight(NamedTuple):
    """What is said instead of the enquiry; None for what stands as it was sent."""

    type_key: str | None = None
    name: str | None = None
    point: Degrees | None = None
    land_owner: LandOwner | None = None
    years: int | None = None
    group: str | None = None
    new_group: str | None = None
    start_on: date | None = None
    anyway: bool = False
    """Whether it is another place than one of the same type and name close by."""


def proposal_of(session: Session, enquiry: Enquiry, put_right: PutRight) -> Proposal:
    """The proposal; its group is "" where `put_right.new_group` makes one.

    Raises:
        BadInput: what is missing, by its field.
    """
    type_key = put_right.type_key or enquiry.type_key
    if not type_key:
        raise BadInput("type", "det står der ikke, hvad der ønskes. Skriv anlægstypen.")
    name = put_right.name or enquiry.place_name
    if not name:
        raise BadInput("name", "stedet har intet navn. Skriv et, fx “Bænk ved Stege Nor”.")
    point = put_right.point or _point(enquiry)
    owner = put_right.land_owner or enquiry.land_owner
    if owner is None:
        raise BadInput("land_owner", "det står der ikke, hvem der ejer jorden. Skriv fx municipality.")
    years = put_right.years or enquiry.years or YEARS
    group = _group(session, enquiry, put_right)
    return Proposal(
        type_key, name, group, point.lat, point.lon, owner, years, put_right.start_on, anyway=put_right.anyway
    )


def group_named(session: Session, enquiry: Enquiry) -> VolunteerGroup | None:
    """The one group that is called as the enquiry says; None for none, or where several are."""
    wanted = folded(enquiry.group_name)
    same = [each for each in session.exec(select(VolunteerGroup)) if wanted and folded(each.name) == wanted]
    return same[0] if len(same) == 1 else None


def _point(enquiry: Enquiry) -> Degrees:
    if enquiry.lat is None or enquiry.lon is None:
        said = f" Der står: “{enquiry.place_said[:100]}”." if enquiry.place_said else ""
        raise BadInput(
            "place", f"der er intet punkt på kortet.{said} Skriv grader som 55.04, 12.21, eller et kortlink."
        )
    return Degrees(enquiry.lat, enquiry.lon)


def _group(session: Session, enquiry: Enquiry, put_right: PutRight) -> str:
    if put_right.group is not None and put_right.new_group is not None:
        raise BadInput("group", "skriv enten gruppen (group) eller navnet på en ny (new_group), ikke begge.")
    if put_right.new_group is not None:
        return ""
    if put_right.group is not None:
        return put_right.group
    if (named := group_named(session, enquiry)) is not None:
        return named.reference
    unknown = f"vi kender ingen gruppe “{enquiry.group_name}”." if enquiry.group_name else "gruppen mangler."
    raise BadInput(
        "group",
        f"{unknown} Skriv en, der er her, som G-0001 (group), eller navnet på en ny (new_group), med den, der skrev, som "
        "kontakt.",
    )
