"""A whole case, as a caseworker asks for it: `facility show`, and what each decision about it prints."""

from datetime import date

from pydantic import Field

from channels.views.shapes.case_parts import (
    AgreementVersion,
    ApplicationLine,
    BuilderPart,
    CareAgreement,
    ConsultationRound,
    EndingLine,
    Handover,
    IncidentLine,
    InspectionLine,
    PermitLine,
    TaskLine,
)
from channels.views.shapes.facility import FacilityLine, Waits
from channels.views.shapes.shape import Hours, Kr, Shape
from models.case.facility import LandOwner


class Place(Shape):
    """Where it stands, in both systems of coordinates."""

    lat: float = Field(description="Latitude in degrees (WGS84).")
    lon: float = Field(description="Longitude in degrees (WGS84).")
    utm32_east: int = Field(description="Metres east (ETRS89/UTM 32N).")
    utm32_north: int = Field(description="Metres north (ETRS89/UTM 32N).")
    line: list[tuple[float, float]] = Field(
        description="A path's line, longitude and latitude (WGS84) of each corner; empty where only a point is known."
    )
    line_metres: int | None = Field(description="How long the line is; null without one.")


class Inherited(Shape):
    """What the municipality's own list said of a facility that stood before Driftsklar came."""

    number: str = Field(description="The municipality's own number for it; empty when it has none.")
    address: str = Field(description="Its address; empty when it has none.")
    built_on: date | None = Field(description="When it was built, where that is known.")
    taken_in_on: date = Field(description="When the list was taken in.")


class Estimate(Shape):
    """What its type is expected to cost, as it was when it was proposed."""

    hours_per_year: Hours = Field(description="Care, hours a year.")
    kr_per_year: Kr = Field(description="Care, kroner a year.")
    replacement_kr: Kr = Field(description="A new one, kroner.")
    life_years: int = Field(description="How many years it lasts.")


class YearAmount(Shape):
    """An amount of one year."""

    year: int = Field(description="The year.")
    kr: Kr = Field(description="Kroner.")


class FacilityCase(FacilityLine):
    """All of one facility's case."""

    stage_danish: str = Field(description="The stage as people say it.")
    group_name: str = Field(description="What the group is called.")
    place: Place | None = Field(description="Its point; null when only an address is known.")
    inherited: Inherited | None = Field(description="Where it came from, when it stood before.")
    land_owner: LandOwner = Field(description="Who owns the land.")
    start_on: date = Field(description="When its operation is expected to begin, or began.")
    proposed_on: date = Field(description="When it was proposed.")
    building_started_on: date | None = Field(description="When the building began.")
    outcome: str = Field(description="Why it was refused or closed, in Danish; empty while it wasn't.")
    estimate: Estimate = Field(description="What its type is expected to cost.")
    waits: list[Waits] = Field(description="All who are waited for.")
    readiness: list[str] = Field(description="What the group lacks, in Danish sentences.")
    consultations: list[ConsultationRound] = Field(description="The rounds in which operations was asked.")
    agreement: CareAgreement | None = Field(description="The newest version of the care agreement.")
    agreement_versions: list[AgreementVersion] = Field(description="All its versions.")
    commitments: list[YearAmount] = Field(description="What the pool has promised, by year.")
    spent: list[YearAmount] = Field(description="What has been spent, by year.")
    applications: list[ApplicationLine] = Field(description="What was asked of the pool, and what was decided.")
    endings: list[EndingLine] = Field(description="Each time its care was to end, and what was decided of it.")
    permits: list[PermitLine] = Field(description="The permits its type and land need.")
    handover: Handover | None = Field(description="The newest handover; null before one was asked for.")
    builder: BuilderPart = Field(description="Who builds or built it.")
    inspections: list[InspectionLine] = Field(description="The inspections that follow the handover.")
    tasks: list[TaskLine] = Field(description="The recurring tasks of the newest version.")
    incidents: list[IncidentLine] = Field(description="What has gone wrong there.")
    sleeping_since: date | None = Field(description="Since when its group hasn't answered.")
    missing: list[str] = Field(description="What the next stage lacks, in Danish sentences.")
