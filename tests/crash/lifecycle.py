"""A bench's life, told so that it can be told again from the start: every step is harmless when repeated."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import deliver
from models.case.agreement import Side
from models.case.consultation import AnswerKind
from models.case.facility import Facility, LandOwner
from models.case.firm import add_firm
from models.case.funding import FundingDecision
from models.case.handover import HandoverResult
from models.case.insurance import Cover
from models.case.permit import PermitResult, permits_of
from models.case.volunteer_group import add_group
from models.daily.daily_run import sweep
from models.database import transaction
from models.operation.check import Check, CheckResult
from models.operation.check_answer import report_check
from models.operation.incident import Incident, IncidentDecision, open_incident
from models.operation.incident_decision import decide_incident
from models.operation.winding_down import Outcome, answer_winding_down
from models.operation.work import drop_work, finish_work, take_work
from models.operation.work_by_hand import order_by_hand
from models.operation.work_order import WorkKind, WorkOrder, WorkState
from models.pool.appropriation import appropriate
from models.role import Door, Role
from models.said import Said
from models.stages.agreement import review_agreement, sign_agreement
from models.stages.building import BuildingEvent, answer_permit, report_building
from models.stages.consultation import answer_consultation, meet_condition
from models.stages.consultation_answer import Answer, NewCondition
from models.stages.funding import decide_funding
from models.stages.handover import HandoverAnswer, answer_handover
from models.stages.insurance import answer_insurance
from models.stages.proposal import Proposal, propose

START = date(2026, 1, 5)
HANDOVER = date(2026, 4, 1)
FIRST_SWEEP = date(2026, 4, 26)
LAST_DAY = date(2026, 6, 9)


def live(engine: Engine) -> None:
    """From the wish to the ending, with one check nobody answers and one incident; mails all along."""
    for _ in _steps(engine):
        deliver(engine)


def _steps(engine: Engine) -> Iterator[None]:
    with transaction(engine) as session:
        contacts = ["Karen Holm;karen@nyord.example;", "Ole Juhl;ole@nyord.example;"]
        group = add_group(
            session, "Nyord Bylaug", contacts, cvr="", key="crash", said=Said(START, Role.COORDINATOR, Door.CLI)
        ).reference
    yield
    with transaction(engine) as session:
        for year in range(2026, 2030):
            appropriate(
                session, year, 50_000_00, reason="", key=f"b{year}", said=Said(START, Role.POOL_MANAGER, Door.CLI)
            )
    yield
    with transaction(engine) as session:
        wish = Proposal("baenk", "Bænk ved Stege Nor", group, 54.99, 12.28, LandOwner.MUNICIPALITY, 2, HANDOVER)
        propose(session, wish, key="crash", said=Said(START, Role.PROJECT_LEAD, Door.CLI))
    yield
    with transaction(engine) as session:
        answer = Answer(AnswerKind.CONDITIONS, 2, 900, (NewCondition("En sti"),))
        answer_consultation(session, _bench(session), answer, said=Said(date(2026, 1, 12), Role.OPERATIONS, Door.CLI))
    yield
    with transaction(engine) as session:
        reviewed = Said(date(2026, 1, 14), Role.COORDINATOR, Door.CLI)
        answer_insurance(session, _bench(session), Cover.MUNICIPALITY, reviewed)
        review_agreement(session, _bench(session), {}, printer=print_agreement, said=reviewed)
    yield
    for side, name, by in (
        (Side.VOLUNTEERS, "Karen Holm", Role.VOLUNTEER),
        (Side.MUNICIPALITY, "Koordinatoren", Role.COORDINATOR),
    ):
        with transaction(engine) as session:
            sign_agreement(
                session,
                _bench(session),
                side,
                name,
                printer=print_agreement,
                said=Said(date(2026, 1, 16), by, Door.CLI),
            )
        yield
    with transaction(engine) as session:
        decide_funding(
            session,
            _bench(session),
            FundingDecision.GRANT,
            reason="",
            decided_on=None,
            case_number="",
            said=Said(date(2026, 1, 20), Role.POOL_MANAGER, Door.CLI),
        )
    yield
    with transaction(engine) as session:
        bench = _bench(session)
        for permit in permits_of(session, bench):
            answer_permit(
                session,
                bench,
                permit.key,
                PermitResult.GRANTED,
                case_number="",
                said=Said(date(2026, 2, 1), Role.PROJECT_LEAD, Door.CLI),
            )
    for event_, day in ((BuildingEvent.STARTED, date(2026, 2, 10)), (BuildingEvent.FINISHED, date(2026, 3, 20))):
        with transaction(engine) as session:
            report_building(session, _bench(session), event_, said=Said(day, Role.PROJECT_LEAD, Door.CLI))
        yield
    with transaction(engine) as session:
        meet_condition(session, _bench(session), 1, said=Said(HANDOVER, Role.OPERATIONS, Door.CLI))
        answer = HandoverAnswer(HandoverResult.ACCEPTED, papers=("photo",))
        answer_handover(session, _bench(session), answer, said=Said(HANDOVER, Role.OPERATIONS, Door.CLI))
    yield
    yield from _year(engine)
    with transaction(engine) as session:
        answer_winding_down(
            session, _bench(session), Outcome.REMOVE, group=None, said=Said(LAST_DAY, Role.COORDINATOR, Door.CLI)
        )
    yield


def _year(engine: Engine) -> Iterator[None]:
    """A spring in steps of a week: the first check of all is left unanswered."""
    day = FIRST_SWEEP
    while day < LAST_DAY:
        sweep(engine, on=day)
        yield
        with transaction(engine) as session:
            due = select(Check).where(Check.due_on <= day, col(Check.noticed_on).is_not(None)).order_by(col(Check.id))
            for check in session.exec(due).all()[1:]:
                if check.closed_on is None:
                    report_check(
                        session, check, CheckResult.OK, Said(day, Role.VOLUNTEER, Door.CLI), minutes=20, note=""
                    )
        day += timedelta(days=7)
    with transaction(engine) as session:
        open_incident(
            session, _bench(session), "Et bræt er knækket", Said(day, Role.OPERATIONS, Door.CLI), safe=True, key="crash"
        )
    yield
    with transaction(engine) as session:
        incident = session.exec(select(Incident)).one()
        decide_incident(
            session, incident, IncidentDecision.REPAIR, 400, "Nyt bræt", Said(day, Role.OPERATIONS_MANAGER, Door.CLI)
        )
    yield
    yield from _work(engine, day)


def _work(engine: Engine, day: date) -> Iterator[None]:
    """The repair is taken and done by operations, a firm's order ends with its invoice, and one is dropped."""
    crew, boss, firm = (Said(day, by, Door.CLI) for by in (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.FIRM))
    with transaction(engine) as session:
        company = add_firm(session, "Møn Tømrer", crew, cvr="12345674", mail="post@firma.example", phone="")
        for what, by in (("Mal gavlen", company.reference), ("Klip hækken", "")):
            due_on = day + timedelta(days=14)
            order_by_hand(session, _bench(session), what, due_on, boss, key=what, minutes=30, ore=250_00, firm=by)
    yield
    for kind, what, said, took in (
        (WorkKind.REPAIR, "", crew, {"minutes": 40, "ore": 350_00}),
        (WorkKind.OTHER, "Mal gavlen", firm, {"minutes": 60, "ore": 200_00, "invoice": "F-118"}),
    ):
        for step in (take_work, partial(finish_work, **took)):
            with transaction(engine) as session:
                work = _order(session, kind, what)
                if step is not take_work or work.state is WorkState.ORDERED:
                    step(session, work, said)
            yield
    with transaction(engine) as session:
        drop_work(session, _order(session, WorkKind.OTHER, "Klip hækken"), crew, reason="Den er klippet.")
    yield


def _order(session: Session, kind: WorkKind, what: str) -> WorkOrder:
    orders = session.exec(select(WorkOrder).where(WorkOrder.kind == kind)).all()
    return next(order for order in orders if order.what == what or not what)


def _bench(session: object) -> Facility:
    facility: Facility = session.exec(select(Facility).with_for_update()).one()  # type: ignore[attr-defined]
    return facility
