"""The parts of a case: consultation, agreement, permits, handover, tasks and incidents."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Hours, Kr, Shape
from config.catalogue import Who
from models.case.agreement import AgreementStatus, Side
from models.case.builder import BuiltBy, Terms
from models.case.consultation import AnswerKind
from models.case.funding import FundingDecision
from models.case.handover import HandoverResult
from models.case.inspection import InspectionKind, InspectionResult
from models.case.permit import PermitResult
from models.operation.incident import IncidentDecision
from models.operation.winding_down import Outcome
from models.role import Role


class Condition(Shape):
    """A condition operations set for its yes."""

    number: int = Field(description="Its number in the round.")
    text: str = Field(description="What must be done.")
    owner: Role = Field(description="Who is to do it.")
    deadline: date | None = Field(description="The last day, where there is one.")
    met_on: date | None = Field(description="When it was met.")


class ConsultationRound(Shape):
    """One time operations was asked whether it can run the place."""

    round: int = Field(description="Counted from 1; 0 stands for what was inherited.")
    answer: AnswerKind | None = Field(description="Null until operations has answered.")
    reason: str = Field(description="Why.")
    could_be_yes: str = Field(description="What would turn a no into a yes.")
    conditions: list[Condition] = Field(description="What the yes depends on.")
    hours_per_year: Hours = Field(description="What operations needs, hours a year.")
    kr_per_year: Kr = Field(description="What operations needs, kroner a year.")
    asked_on: date = Field(description="When operations was asked.")
    deadline: date = Field(description="The last day for an answer.")
    decided_on: date | None = Field(description="When it answered.")


class AgreementVersion(Shape):
    """One version of the care agreement, as lists show it."""

    version: int = Field(description="Counted from 1.")
    status: AgreementStatus = Field(description="Where it is.")
    sha256: str = Field(description="The fingerprint of its PDF; empty before there is one.")
    pdf: str = Field(description="Its file, below the data folder; empty before there is one.")


class CareAgreement(Shape):
    """The newest version of the care agreement: who does how much, and for how long."""

    version: int = Field(description="Counted from 1.")
    status: AgreementStatus = Field(description="Where it is.")
    signed_by: list[Side] = Field(description="The sides that have signed.")
    sha256: str = Field(description="The fingerprint of its PDF; empty before there is one.")
    pdf: str = Field(description="Its file, below the data folder; empty before there is one.")
    from_on: date = Field(description="Its first day.")
    until_on: date = Field(description="Its last day.")
    hours_per_year: Hours = Field(description="The municipality's share, hours a year.")
    volunteer_hours_per_year: Hours = Field(description="The group's share, hours a year.")
    kr_per_year: Kr = Field(description="What the pool pays, kroner a year.")
    changes: list[str] = Field(description="What differs from the version before, in Danish.")


class ApplicationLine(Shape):
    """What was asked of the pool for one agreement, and what was decided."""

    applied_on: date = Field(description="When it was asked for.")
    decision: FundingDecision | None = Field(description="What was decided; null while it is open.")
    decided_on: date | None = Field(
        description="When, as the meeting's day where there was one; null while it is open."
    )
    decided_by: Role | None = Field(description="The role that decided; null while it is open.")
    case_number: str = Field(description="The political case; empty where none is named.")
    reason: str = Field(description="Why; empty where nobody said it.")


class EndingLine(Shape):
    """One time the care of the place was to end, and what was decided of it."""

    begun_on: date = Field(description="When it began.")
    reason: str = Field(description="Why.")
    outcome: Outcome | None = Field(description="What becomes of the place; null until it is decided.")
    decided_on: date | None = Field(description="When that was written down; null until it is decided.")
    decided_by: Role | None = Field(description="The role that decided; null until then, and of what is older.")
    met_on: date | None = Field(description="The day of the meeting; null where there was none.")
    case_number: str = Field(description="The political case; empty where none is named.")
    level_percent: int | None = Field(description="Operations' level, per cent of the care then; null for none chosen.")
    words: str = Field(description="What was decided, as it was said; empty where nobody typed it.")


class PermitLine(Shape):
    """A permit, and how it went."""

    key: str = Field(description="Its key in config/permits.yaml.")
    name: str = Field(description="What it is called.")
    result: PermitResult = Field(description="How it went.")
    case_number: str = Field(description="The authority's case; empty before there is one.")


class Defect(Shape):
    """What was wrong at the handover."""

    number: int = Field(description="Its number at the handover.")
    text: str = Field(description="What is wrong.")
    deadline: date = Field(description="The last day to put it right.")
    fixed_on: date | None = Field(description="When it was put right.")


class Handover(Shape):
    """The newest handover from building to operation."""

    result: HandoverResult | None = Field(description="Null until operations has answered.")
    decided_on: date | None = Field(description="When it answered.")
    defects: list[Defect] = Field(description="What was wrong.")
    papers: list[str] = Field(description="The keys of the papers that came.")
    papers_missing: list[str] = Field(description="The keys of those that didn't.")
    inspections: list[date] = Field(description="The last days of the later inspections.")
    signed_by_builder: str = Field(description="Who signed the protocol for the builder; empty when nobody did.")
    builder_remarks: str = Field(description="What the builder said to it.")
    builder_signed_on: date | None = Field(description="When the builder signed; null while nobody did.")
    signed_for_us: str = Field(description="Who signed for the municipality; empty where only the role is known.")


class BuilderPart(Shape):
    """Who builds or built the place."""

    built_by: BuiltBy | None = Field(description="Null where nobody has said.")
    terms: Terms = Field(description="The conditions agreed with the firm.")
    firm: str | None = Field(description="The firm, F-NUMBER, where it is one.")
    handed_over_on: date | None = Field(description="The day its terms count from; null before the handover.")
    claims_end_on: date | None = Field(description="When claims against the firm end; null where there are none.")


class InspectionLine(Shape):
    """An inspection of the finished place."""

    id: int = Field(description="Its number.")
    kind: InspectionKind = Field(description="What is looked at.")
    last_on: date = Field(description="The last day it can be held: by the terms, or for a visit by good sense.")
    summon_by_on: date | None = Field(description="The last day to summon the firm; null where nobody is summoned.")
    tell_on: date = Field(description="When operations is asked about it.")
    summoned_for_on: date | None = Field(description="The day the firm is summoned to.")
    held_on: date | None = Field(description="When it was held.")
    result: InspectionResult | None = Field(description="Null until it was held.")
    note: str = Field(description="What was noted.")
    learned: str = Field(description="What the designer of the next one should know.")


class InspectionOfPlace(InspectionLine):
    """An inspection in a list of many places."""

    facility: str = Field(description="The facility's reference.")


class TaskLine(Shape):
    """A recurring task."""

    key: str = Field(description="Its key in config/facility_types.yaml.")
    name: str = Field(description="What it is called.")
    who: Who = Field(description="Who does it.")
    minutes: int = Field(description="How long one time takes, minutes.")
    next_on: date | None = Field(description="The next day; null while nothing is planned.")


class IncidentLine(Shape):
    """What went wrong at a place, and what was decided."""

    id: int = Field(description="Its number.")
    what: str = Field(description="What happened.")
    safe: bool = Field(description="Whether the place can be used safely.")
    reported_on: date = Field(description="When it was reported.")
    decision: IncidentDecision | None = Field(description="Null until it is decided.")
    kr: Kr = Field(description="What the decision costs, kroner.")
    reason: str = Field(description="Why it was decided so.")
    made_safe_on: date | None = Field(description="When the place was closed off.")
    mended_on: date | None = Field(description="When it was mended.")
    usable_on: date | None = Field(description="When operations said that the place may be used again.")
    unsafe: bool = Field(description="Whether the place may not be used because of it.")
    state: str = Field(description="Where it is, in Danish.")


class PlacesIncident(IncidentLine):
    """The same with its place."""

    facility: str = Field(description="The facility's reference.")
