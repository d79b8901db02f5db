"""Stadig sandt: what waits in the outbox is held against the truth when it leaves, not when it was said.

Between the two a check may have been answered, a paper come, an agreement been replaced. What is settled, replaced or
void falls out; of a notice and its reminders the latest stays. A record of what happened (a receipt, a decision, an
incident) stays true and is never dropped.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select

from models.case.agreement import Agreement, AgreementStatus, Side, Signature
from models.case.consultation import Condition, Consultation
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.handover import Defect, Handover
from models.case.inspection import Inspection
from models.case.silence import silence_of
from models.case.volunteer_group import Contact
from models.daily.check_steps import VOLUNTEERS_TAKE_PART
from models.database import columns_of, now
from models.operation.check import OPEN_STATES, Check, CheckState
from models.operation.public_report import PublicReport, ReportState
from models.operation.weather import Weather
from models.operation.who_is_asked import takers_of
from models.operation.work_order import WorkOrder, WorkState
from models.persons.sign_in_link import is_dead
from models.post.outbox import Message, MessageItem
from models.stages.enquiry import is_answered

Row = TypeVar("Row", bound=SQLModel)
IsOver = Callable[["Told"], bool]


class Told:
    """One thing that is told to somebody, and the number that its key names."""

    def __init__(self, message: Message, item: MessageItem) -> None:
        self.message = message
        self.item = item
        self.parts = item.key.split(":")

    @property
    def number(self) -> int:
        """What it is about, as "12" in "check:12:check_notice:contact-3"; 0 where the key names no number."""
        part = self.parts[1] if len(self.parts) > 1 else ""
        return int(part) if part.isdigit() else 0


def drop_what_is_settled(
    session: Session, messages: Collection[Message], items: dict[int, list[MessageItem]]
) -> list[Message]:
    """Mark what needn't be said any more, and return the messages that have nothing left to say.

    `items` are those of each message by its number; what falls out is taken from them. The messages are marked, too,
    and won't be asked for again.
    """
    told = [Told(m, item) for m in messages for item in items.get(m.number, [])]
    settled_before = [one for one in told if one.item.not_needed_at is not None]
    settled_now = _settled(session, [one for one in told if one.item.not_needed_at is None])
    moment = now()
    for one in settled_now:
        one.item.not_needed_at = moment
    gone = {one.item.id for one in settled_before + settled_now}
    empty = [m for m in messages if _says_nothing_else(m, items.get(m.number, []), gone)]
    for number, items_of_message in items.items():
        items[number] = [item for item in items_of_message if item.id not in gone]
    empty += [m for m in messages if m.template in _WHOLE and _WHOLE[m.template](session, m)]
    for m in empty:
        m.not_needed_at = m.given_up_at = moment
        m.lease_until = m.mail_id = m.mailed_on = None
    session.flush()
    return empty


def _settled(session: Session, told: list[Told]) -> list[Told]:
    """Those that are over by now, by the judge of their kind."""
    by_kind: defaultdict[str, list[Told]] = defaultdict(list)
    for one in told:
        by_kind[one.item.kind].append(one)
    settled = []
    for kinds, judge in _JUDGES:
        judged = [one for kind in kinds for one in by_kind[kind]]
        if judged:
            is_over = judge(session, judged)
            settled += [one for one in judged if is_over(one)]
    return settled


def _says_nothing_else(message: Message, items: list[MessageItem], gone: set[int | None]) -> bool:
    """Whether it is a day's message whose every item is gone; one that never had an item is another matter."""
    return message.template == "daily" and bool(items) and all(item.id in gone for item in items)


def _rows(session: Session, table: type[Row], numbers: Iterable[int | None]) -> dict[int | None, Row]:
    """The rows by number, read now: what the session still holds may be older. None names no row."""
    rows = select(table).where(columns_of(table).id.in_(set(numbers) - {None}))
    found = session.exec(rows.execution_options(populate_existing=True)).all()
    held: list[object] = session.info.setdefault("held", [])
    held += found  # a session forgets what nobody holds, and what is said of these is put into words next
    return {row.id: row for row in found}  # type: ignore[attr-defined]


def _asked(session: Session, told: list[Told]) -> IsOver:
    """A check is asked about while it is open, of those who do it now, and by the latest word only."""
    checks = _rows(session, Check, (one.number for one in told))
    places = _rows(session, Facility, (one.item.facility_id for one in told))
    contacts = _rows(session, Contact, (one.message.contact_id for one in told))
    takers = takers_of(session, {check.care_task_id for check in checks.values()})

    def is_over(one: Told) -> bool:
        check = checks.get(one.number)
        if check is None or check.state not in OPEN_STATES:
            return True
        contact = contacts.get(one.message.contact_id)  # none where it is a role that is told
        if contact is not None:
            is_theirs = check.who in VOLUNTEERS_TAKE_PART and places[check.facility_id].group_id == contact.group_id
        else:
            is_theirs = check.who not in VOLUNTEERS_TAKE_PART or check.who == "both"
        if one.item.kind == "check_notice" and contact is not None:
            taker = takers.get((check.care_task_id, check.due_on))
            if taker is not None and taker != contact.id:
                return True  # somebody has taken it since: they know
        later = {"check_notice": check.reminded_on, "check_reminder": check.second_reminded_on}
        return not is_theirs or later.get(one.item.kind) is not None

    return is_over


def _escalated(session: Session, told: list[Told]) -> IsOver:
    checks = _rows(session, Check, (one.number for one in told))
    return lambda one: checks[one.number].state is not CheckState.ESCALATED


def _unfunded(session: Session, told: list[Told]) -> IsOver:
    orders = _rows(session, WorkOrder, (one.number for one in told))

    def is_over(one: Told) -> bool:
        order = orders[one.number]
        is_carried = order.booked_on is not None or (order.is_open and order.reserved_year is not None)
        return is_carried or order.state is WorkState.DROPPED

    return is_over


def _ordered(session: Session, told: list[Told]) -> IsOver:
    """An order is told while somebody must do it still; who was asked may have done it late."""
    orders = _rows(session, WorkOrder, (one.number for one in told))
    return lambda one: not orders[one.number].is_open


def _reported(session: Session, told: list[Told]) -> IsOver:
    reports = _rows(session, PublicReport, (one.number for one in told))
    return lambda one: reports[one.number].state is not ReportState.SUGGESTED


def _condition(session: Session, told: list[Told]) -> IsOver:
    conditions = _rows(session, Condition, (one.number for one in told))
    return lambda one: conditions[one.number].met_on is not None


def _defect(session: Session, told: list[Told]) -> IsOver:
    defects = _rows(session, Defect, (one.number for one in told))
    return lambda one: defects[one.number].fixed_on is not None


def _inspected(session: Session, told: list[Told]) -> IsOver:
    inspections = _rows(session, Inspection, (one.number for one in told))
    return lambda one: not inspections[one.number].is_open


def _summoned(session: Session, told: list[Told]) -> IsOver:
    inspections = _rows(session, Inspection, (one.number for one in told))
    return lambda one: not inspections[one.number].is_open or inspections[one.number].summoned_on is not None


def _silent(session: Session, told: list[Told]) -> IsOver:
    places = _rows(session, Facility, (one.number for one in told))
    clocks = {number: silence_of(session, place) for number, place in places.items()}
    return lambda one: clocks[one.number] is None


def _papers(session: Session, told: list[Told]) -> IsOver:
    handovers = _rows(session, Handover, (one.number for one in told))
    return lambda one: not handovers[one.number].papers_missing


def _unsigned(session: Session, told: list[Told]) -> IsOver:
    handovers = _rows(session, Handover, (one.number for one in told))
    return lambda one: handovers[one.number].builder_signed_on is not None


def _consulted(session: Session, told: list[Told]) -> IsOver:
    places = {one.item.facility_id for one in told}
    rows = select(Consultation.facility_id, Consultation.round).where(
        col(Consultation.facility_id).in_(places), col(Consultation.answer).is_(None)
    )
    open_rounds = set(session.exec(rows).all())
    return lambda one: (one.item.facility_id, int(one.parts[2])) not in open_rounds


def _signed(session: Session, told: list[Told]) -> IsOver:
    places = {one.item.facility_id for one in told}
    rows = select(Agreement.facility_id, Agreement.version).where(
        col(Agreement.facility_id).in_(places), Agreement.status == AgreementStatus.SIGNING
    )
    waiting = set(session.exec(rows).all())
    return lambda one: (one.item.facility_id, int(one.parts[2])) not in waiting


def _asleep(session: Session, told: list[Told]) -> IsOver:
    places = _rows(session, Facility, (one.item.facility_id for one in told))
    return lambda one: places[one.item.facility_id].sleeping_since is None


def _refused(session: Session, told: list[Told]) -> IsOver:
    contacts = _rows(session, Contact, (one.number for one in told))
    return lambda one: not contacts[one.number].mail_refused or contacts[one.number].left_on is not None


def _weather_over(session: Session, told: list[Told]) -> IsOver:
    weather = _rows(session, Weather, (one.number for one in told))
    return lambda one: weather[one.number].ended_on is not None


_JUDGES: tuple[tuple[tuple[str, ...], Callable[[Session, list[Told]], IsOver]], ...] = (
    (("check_notice", "check_reminder", "check_second_reminder"), _asked),
    (("check_escalated",), _escalated),
    (("work_order", "work_late", "work_ordered"), _ordered),
    (("work_order_unfunded",), _unfunded),
    (("public_report",), _reported),
    (("condition_due",), _condition),
    (("defect_due",), _defect),
    (("papers_due",), _papers),
    (("protocol_unsigned",), _unsigned),
    (("inspection_asked",), _inspected),
    (("summons_soon",), _summoned),
    (("handover_silence",), _silent),
    (("consultation_halfway", "consultation_overdue"), _consulted),
    (("signing_overdue",), _signed),
    (("sleeping_group",), _asleep),
    (("contact_refused",), _refused),
    (("weather",), _weather_over),
)


def _is_signed_or_replaced(session: Session, message: Message) -> bool:
    """A version that the group has signed, or that was replaced meanwhile, isn't theirs to sign any more."""
    of = select(Agreement).where(
        Agreement.facility_id == message.facility_id, Agreement.version == message.context.get("version")
    )
    agreement = session.exec(of).first()
    if message.contact_id is None or agreement is None:
        return False
    signed = select(Signature.id).where(
        Signature.agreement_id == agreement.id, Signature.side == Side.VOLUNTEERS, col(Signature.void_on).is_(None)
    )
    return agreement.status is not AgreementStatus.SIGNING or session.exec(signed).first() is not None


def _is_looked_at(session: Session, message: Message) -> bool:
    number = message.context.get("report_id")
    report = session.get(PublicReport, number) if isinstance(number, int) else None
    return report is not None and report.state is not ReportState.SUGGESTED


def _has_a_newer_one(session: Session, message: Message) -> bool:
    """Of the Monday mails to a role that wait, the newest says all that is still so."""
    newer = select(Message.id).where(
        Message.template == "monday", Message.role == message.role, col(Message.on) > message.on
    )
    return session.exec(newer.limit(1)).first() is not None


def _lets_nobody_in(session: Session, message: Message) -> bool:
    """A link to sign in with that is used up, or that came too late to be of use."""
    return is_dead(session, int(str(message.context["sign_in_id"])), moment=now())


def _is_no_work(session: Session, message: Message) -> bool:
    """A firm isn't asked for what is done or dropped, nor when it has left."""
    number = message.context.get("work_id")
    work = session.get(WorkOrder, number) if isinstance(number, int) else None
    firm = session.get(Firm, message.firm_id) if message.firm_id is not None else None
    return work is None or not work.is_open or (firm is not None and firm.left_on is not None)


def _is_signed_by_the_builder(session: Session, message: Message) -> bool:
    """Nobody is reminded of a protocol that is signed; the protocol itself is sent all the same."""
    number = message.context.get("handover_id")
    handover = session.get(Handover, number) if isinstance(number, int) else None
    return handover is None or (bool(message.context.get("again")) and handover.builder_signed_on is not None)


_WHOLE: dict[str, Callable[[Session, Message], bool]] = {
    "agreement_to_sign": _is_signed_or_replaced,
    "public_report": _is_looked_at,
    "monday": _has_a_newer_one,
    "sign_in": _lets_nobody_in,
    "work_for_firm": _is_no_work,
    "enquiry_waits": is_answered,
    "protocol_to_sign": _is_signed_by_the_builder,
}
