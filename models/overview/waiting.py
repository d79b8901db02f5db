"""Who is waited for: the one question every screen, list and reminder asks."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, extract, select
from sqlmodel import Session

from config.catalogue import catalogue
from models.case.agreement import Agreement, AgreementStatus, Side, signatures_of
from models.case.consultation import Consultation, open_round, open_rounds
from models.case.facility import Facility, facilities
from models.case.funding import PoolApplication, last_application
from models.case.gate import missing_to_start_building
from models.case.handover import last_handover
from models.case.inspection import Inspection, asked_inspections
from models.case.insurance import Insurance, has_answer
from models.case.permit import permits_of
from models.database import columns_of
from models.operation.incident import Incident, IncidentDecision, incidents_of, unsafe_incidents
from models.operation.incident_end import open_repair
from models.operation.satisfaction import LETTER, Satisfaction, open_year
from models.operation.work_order import OPEN_WORK, WorkOrder, is_for_inspection, open_work
from models.pool.funding_need import needs_of, who_decides
from models.post.outbox import Message
from models.role import Role
from models.stage import Stage
from models.stages.agreement import open_version

OPEN = (AgreementStatus.REVIEW, AgreementStatus.SIGNING)
BEFORE_OPERATION = (Stage.BUILDING, Stage.HANDOVER)
"""Where who insures the volunteers is asked for by itself: when work begins on the place, unless the review said it."""


CONSULTATION = "consultation"
"""The topic that hangs on the open round."""


class Topic(Enum):
    """What a table of its own must be asked about; the stage itself says the rest."""

    AGREEMENT = auto()
    FUNDING = auto()
    INSURANCE = auto()
    INCIDENT = auto()
    INSPECTION = auto()
    USABLE = auto()
    SATISFACTION = auto()
    WORK = auto()


class Wait(NamedTuple):
    """Something that waits for a role. `key` names the run that asks.

    `subject` is the id of an incident or a work order, `inspection` that of an inspection. `asked` is the round in which
    operations is asked, for whoever goes on with it in the same transaction.
    """

    role: Role
    what: str
    deadline_on: date | None
    stage: Stage
    key: str
    subject: int | None = None
    inspection: int | None = None
    asked: Consultation | None = None

    @property
    def topic(self) -> str:
        """What is asked, in one word: the middle of the key, as "incident"."""
        return self.key.split(":")[1]


def all_waits(session: Session, stage: Stage | None = None) -> Iterator[tuple[Facility, list[Wait]]]:
    """Every facility, or those in one stage, by reference, each with its `waits_of`.

    What nobody can be waited for is asked of all at once, so most facilities cost no statement of their own.
    """
    rounds, topics = open_rounds(session), _topics(session)
    for facility in facilities(session, stage):
        number = facility.number
        yield facility, _waits(session, facility, rounds.get(number), topics.get(number, ()))


def _topics(session: Session) -> dict[int, set[Topic]]:
    """By facility: what it could be asked; a topic that is missing has no open row to ask about."""
    place, version = columns_of(Facility), columns_of(Agreement)
    application, incident = columns_of(PoolApplication), columns_of(Incident)
    look = columns_of(Inspection)
    work = columns_of(WorkOrder)
    letter, answer = columns_of(Message), columns_of(Satisfaction)
    cover = columns_of(Insurance)
    answered = exists().where(
        answer.facility_id == letter.facility_id,
        answer.side == Side.MUNICIPALITY,
        answer.year == extract("year", letter.on),
    )
    asked = exists().where(letter.facility_id == place.id, letter.template == LETTER, ~answered)
    open_rows: dict[Topic, Select[*tuple[Any, ...]]] = {
        Topic.AGREEMENT: select(version.facility_id).where(version.status.in_(OPEN)),
        Topic.FUNDING: select(application.facility_id).where(application.decision.is_(None)),
        Topic.INSURANCE: select(place.id).where(
            place.stage.in_(BEFORE_OPERATION), ~exists().where(cover.facility_id == place.id)
        ),
        Topic.INCIDENT: select(incident.facility_id).where(incident.decision.is_(None)),
        Topic.INSPECTION: select(look.facility_id).where(
            look.asked_on.is_not(None), look.held_on.is_(None), look.dropped_on.is_(None)
        ),
        Topic.USABLE: select(incident.facility_id).where(
            incident.safe.is_(False), incident.usable_on.is_(None), incident.decision.is_not(None)
        ),
        Topic.WORK: select(work.facility_id).where(work.state.in_(OPEN_WORK), work.reminded_on.is_not(None)),
        Topic.SATISFACTION: select(place.id).where(place.stage.in_((Stage.OPERATION, Stage.WINDING_DOWN)), asked),
    }
    found: dict[int, set[Topic]] = defaultdict(set)
    for topic, rows in open_rows.items():
        for facility_id in session.execute(rows.distinct()).scalars():
            found[facility_id].add(topic)
    return found


def waits_of(session: Session, facility: Facility) -> list[Wait]:
    """All that is waited for, what the stage waits for first; empty when the calendar has the word."""
    return _waits(session, facility, open_round(session, facility), tuple(Topic))


def wait_with(session: Session, facility: Facility, key: str) -> Wait | None:
    """The one of `waits_of` that has this key, while it waits; what is asked is only what its topic hangs on.

    Work can be answered from its order on, though it is asked for only once it is late.
    """
    _, topic, *_ = [*key.split(":"), ""]
    if topic == Topic.WORK.name.lower():
        orders = [wait_for_work(facility, work) for work in open_work(session, facility) if not is_for_inspection(work)]
        return next((wait for wait in orders if wait.key == key), None)
    round_ = open_round(session, facility) if topic == CONSULTATION else None
    topics = [each for each in Topic if each.name.lower() == topic]
    return next((wait for wait in _waits(session, facility, round_, topics) if wait.key == key), None)


def _waits(session: Session, facility: Facility, round_: Consultation | None, topics: Collection[Topic]) -> list[Wait]:
    """The same, when the open round and the `topics` that have anything open are known."""
    ref = facility.reference
    waits: list[Wait] = []
    # an inherited place is asked about where it stands, in operation
    if round_ is not None and facility.stage in (Stage.CONSULTATION, Stage.OPERATION):
        waits.append(
            Wait(
                Role.OPERATIONS,
                "svar på driftshøringen",
                round_.deadline_on,
                Stage.CONSULTATION,
                f"{ref}:{CONSULTATION}:{round_.round}",
                asked=round_,
            )
        )
    if Topic.AGREEMENT in topics:
        waits += _agreement(session, facility)
    if Topic.FUNDING in topics:
        waits += _funding(session, facility)
    if facility.stage is Stage.BUILDING:
        waits.append(_building(session, facility))
    if facility.stage is Stage.HANDOVER and (handover := last_handover(session, facility)):
        waits.append(Wait(Role.OPERATIONS, "aflevering", None, Stage.HANDOVER, f"{ref}:handover:{handover.attempt}"))
    if facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN):
        if Topic.INCIDENT in topics:
            waits += _incidents(session, facility)
        if Topic.INSPECTION in topics:
            waits += [wait_for_inspection(facility, each) for each in asked_inspections(session, facility)]
    if Topic.USABLE in topics:
        waits += _usable(session, facility)
    if Topic.INSURANCE in topics and facility.stage in BEFORE_OPERATION and not has_answer(session, facility):
        waits.append(
            Wait(
                Role.COORDINATOR,
                "svar på, hvem der forsikrer de frivillige",
                None,
                facility.stage,
                f"{ref}:insurance:1",
            )
        )
    if Topic.WORK in topics:
        waits += _late_work(session, facility)
    if facility.stage is Stage.WINDING_DOWN:
        waits.append(
            Wait(
                Role.COORDINATOR,
                "hvad der skal ske med stedet",
                None,
                Stage.WINDING_DOWN,
                f"{ref}:winding_down:{facility.stage_since}",
            )
        )
    told = Topic.SATISFACTION in topics
    if told and (year := open_year(session, facility, Side.MUNICIPALITY)):
        waits.append(
            Wait(Role.OPERATIONS, f"svar om samarbejdet i {year}", None, Stage.OPERATION, f"{ref}:satisfaction:{year}")
        )
    return waits


def _building(session: Session, facility: Facility) -> Wait:
    what = "tilladelserne" if missing_to_start_building(session, facility) else "byggeriet meldt i gang"
    if facility.building_started_on is not None:
        what = "byggeriet meldt færdigt"
    answered = sum(permit.decided_on is not None for permit in permits_of(session, facility))
    step = answered + (facility.building_started_on is not None)
    return Wait(Role.PROJECT_LEAD, what, None, Stage.BUILDING, f"{facility.reference}:building:{step}")


def _incidents(session: Session, facility: Facility) -> list[Wait]:
    return [
        Wait(
            Role.OPERATIONS_MANAGER,
            f"afgørelse om skade nr. {incident.id}",
            None,
            Stage.OPERATION,
            f"{facility.reference}:incident:{incident.id}",
            incident.id,
        )
        for incident in incidents_of(session, facility, only_open=True)
    ]


def wait_for_inspection(facility: Facility, inspection: Inspection) -> Wait:
    """First the summons of the firm is waited for, then the inspection itself."""
    what, deadline_on, step = inspection.kind.danish, inspection.inspection_on, "hold"
    if inspection.summoned_for_on is not None:
        deadline_on, step = inspection.summoned_for_on, f"{inspection.summoned_for_on}"
    elif inspection.summon_by_on is not None and facility.firm_id is not None:
        what, deadline_on, step = f"indkaldelse til {what}", inspection.summon_by_on, "summon"
    key = f"{facility.reference}:inspection:{inspection.id}:{step}"
    return Wait(Role.OPERATIONS, what, deadline_on, Stage.OPERATION, key, inspection=inspection.number)


def _usable(session: Session, facility: Facility) -> list[Wait]:
    """Operations is asked whether the place may be used again, once nothing is to be done about it any more."""
    return [
        Wait(
            Role.OPERATIONS,
            f"svar på, om stedet må bruges igen efter skade nr. {incident.id}",
            None,
            Stage.OPERATION,
            f"{facility.reference}:usable:{incident.id}",
            incident.id,
        )
        for incident in unsafe_incidents(session, facility)
        if incident.decision is not None
        and (incident.decision is IncidentDecision.REPAIR or facility.stage is Stage.OPERATION)
        and open_repair(session, incident) is None
    ]


def _late_work(session: Session, facility: Facility) -> list[Wait]:
    """Work is in operations' list from its order on; it is asked for once operations had to be reminded of it.

    So Prefect has a run for what is late, and not one for each bench that will be oiled in May. An inspection has a
    question of its own.
    """
    late = [work for work in open_work(session, facility) if work.reminded_on is not None]
    return [wait_for_work(facility, work) for work in late if not is_for_inspection(work)]


def wait_for_work(facility: Facility, work: WorkOrder) -> Wait:
    """The same question for any open order, for a door that asks before it is late."""
    key = f"{facility.reference}:work:{work.id}"
    what = f"arbejde nr. {work.id}: {work.what}"
    return Wait(Role.OPERATIONS, what, work.due_on, Stage.OPERATION, key, work.id)


def _agreement(session: Session, facility: Facility) -> list[Wait]:
    version = open_version(session, facility)
    if version is None or not facility.stage.is_open:
        return []
    key = f"{facility.reference}:agreement:{version.version}"
    if version.status is AgreementStatus.REVIEW:
        return [Wait(Role.COORDINATOR, "gennemsyn af pasningsaftalen", None, Stage.AGREEMENT, f"{key}:review")]
    signed = {signature.side for signature in signatures_of(session, version)}
    deadline = (version.sent_on or version.drafted_on) + timedelta(days=catalogue().escalation.signing_days)
    who = Role.COORDINATOR if Side.VOLUNTEERS in signed else Role.VOLUNTEER
    sides = " og ".join(side.danish for side in Side if side not in signed)
    return [Wait(who, f"underskrift fra {sides}", deadline, Stage.AGREEMENT, f"{key}:sign:{len(signed)}")]


def _funding(session: Session, facility: Facility) -> list[Wait]:
    application = last_application(session, facility)
    if application is None or application.decision is not None or not facility.stage.is_open:
        return []
    agreement = session.get_one(Agreement, application.agreement_id)
    role = who_decides(needs_of(session, agreement), facility.proposed_by)
    line = ", på prioriteringslisten" if application.waiting_since else ""
    if application.offered_on is not None:
        line = ", der er penge igen"
    return [
        Wait(role, f"puljens tilsagn{line}", None, Stage.FUNDING, f"{facility.reference}:funding:{agreement.version}")
    ]
