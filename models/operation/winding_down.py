"""Ophør: the decent ending, when volunteers let go or the facility has had its time."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, func, select

from config.catalogue import Who, catalogue
from models import text
from models.case.agreement import Agreement, AgreementStatus, agreement_in_force, agreements_of, tasks_of
from models.case.agreement_version import copy_version, draft_first, draft_renewal, last_day, start_care
from models.case.facility import Facility, move
from models.case.funding import FundingDecision, open_applications
from models.case.inheritance import is_inherited
from models.case.volunteer_group import VolunteerGroup, find_group
from models.danish import dato, kr, timer
from models.database import Numbered, word_column
from models.journal import write_journal
from models.operation.check import Check, CheckState, Report, checks_of
from models.operation.followed import tell_reporters
from models.operation.incident import close_incidents, incidents_of
from models.operation.reporter import Heard
from models.operation.work import WorkKind, drop_work, open_work
from models.pool.offers import offer_next
from models.pool.right_to_decide import checked_case, require_meeting, where_decided
from models.pool.spending import release_from
from models.post.outbox import tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_WIND_DOWN = (Role.COORDINATOR, Role.OPERATIONS_MANAGER, Role.LEADER, Role.COMMITTEE)
MAY_BEGIN = (*MAY_WIND_DOWN, Role.OPERATIONS, Role.VOLUNTEER, Role.POOL_MANAGER, Role.CALENDAR)


class Outcome(StrEnum):
    """How a winding down ends."""

    NEW_GROUP = "new_group"
    OPERATIONS = "operations"
    REMOVE = "remove"
    RENEWED = "renewed"
    """The agreement was renewed after all; only signatures and the pool can say so, no form."""

    @property
    def danish(self) -> str:
        """The outcome as people say it."""
        return {
            "new_group": "en ny gruppe tager over",
            "operations": "driften tager over",
            "remove": "stedet tages ned",
            "renewed": "aftalen er fornyet",
        }[self.value]


class WindingDown(Numbered, SQLModel, table=True):
    """One winding down: when and why it began, and how it ended.

    What was decided is kept with who decided (`decided_by`), on which meeting's day (`met_on`), in which case
    (`case_number`) and in which words: empty where nobody said so. `level_percent` is the level of operation that was
    chosen, in per cent of today's care; None where none was.
    """

    __tablename__ = "winding_down"

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    begun_on: date
    reason: str
    outcome: Outcome | None = word_column(Outcome, default=None, nullable=True)
    group_id: int | None = Field(default=None, foreign_key="volunteer_group.id")
    decided_on: date | None = None
    case_number: str = Field(default="", max_length=text.NAME_LENGTH, sa_column_kwargs={"server_default": ""})
    level_percent: int | None = None
    words: str = Field(default="", sa_column_kwargs={"server_default": ""})
    met_on: date | None = None
    decided_by: Role | None = word_column(Role, default=None, nullable=True)


def winding_downs_of(session: Session, facility: Facility) -> list[WindingDown]:
    """The facility's endings, the first one first."""
    rows = select(WindingDown).where(WindingDown.facility_id == facility.id).order_by(col(WindingDown.id))
    return list(session.exec(rows))


def begin_winding_down(session: Session, facility: Facility, reason: str, said: Said) -> WindingDown:
    """Begin the ending: the coordinator is asked what becomes of the place.

    Raises:
        Refusal: the facility isn't in operation.
    """
    may_decide(said.by, MAY_BEGIN, "Et ophør")
    reason = text.text(reason, "reason")
    if facility.stage is Stage.WINDING_DOWN:
        return winding_downs_of(session, facility)[-1]
    _refuse_outside_operation(facility)
    ending = WindingDown(facility_id=facility.number, begun_on=said.on, reason=reason)
    session.add(ending)
    move(session, facility, Stage.WINDING_DOWN, on=said.on)
    session.flush()
    write_journal(session, facility, f"Ophør begyndt: {reason}", said)
    tell_group(
        session,
        facility,
        "winding_down_begun",
        said.on,
        key=f"winding-down:{ending.id}:begun",
        context={"reason": reason, "coordinator_phone": catalogue().municipality.phone},
    )
    return ending


def answer_winding_down(
    session: Session,
    facility: Facility,
    outcome: Outcome,
    said: Said,
    *,
    group: str | None,
    decided_on: date | None = None,
    case_number: str = "",
    level_percent: int | None = None,
    words: str = "",
) -> WindingDown:
    """Decide what becomes of the place. From operation it begins and ends the winding down in one step.

    A new group signs an agreement of its own; until it has, operations does the tasks. `decided_on` and `case_number`
    say where the committee decided it; they are required of it, and the case ends on the day it is typed in (`said.on`).
    `level_percent` is the level operations is to care for it at, one of `inherited_levels_percent` of
    `config/escalation.yaml`, and `words` what was decided, as it was said.

    Raises:
        Refusal: the facility isn't in operation or winding down, or it is decided otherwise.
        BadInput: a new group is missing or unknown; the committee's decision has no day or case, or lies ahead; a level
            that can't be chosen.
    """
    may_decide(said.by, MAY_WIND_DOWN, "Et ophør")
    _refuse_contradiction(outcome, group)
    _refuse_unknown_level(outcome, level_percent)
    require_meeting(said.by, decided_on, case_number, said.on)
    case_number, words = checked_case(case_number), text.text(words, "words", required=False)
    new_group = find_group(session, group) if group is not None else None
    new_group_id = new_group.id if new_group is not None else None
    endings = winding_downs_of(session, facility)
    if endings and facility.stage is not Stage.WINDING_DOWN:
        last = endings[-1]
        said_before = (last.outcome, last.group_id, last.case_number, last.level_percent, last.words)
        if said_before == (outcome, new_group_id, case_number, level_percent, words):
            return last
    _refuse_outside_operation(facility)
    if new_group_id == facility.group_id:
        raise BadInput("group", "det er den gruppe, der har stedet nu. Vælg en anden.")
    if facility.stage is Stage.OPERATION:
        begin_winding_down(session, facility, f"Besluttet: {outcome.danish}.", said)
    ending = winding_downs_of(session, facility)[-1]
    ending.case_number, ending.met_on, ending.decided_by = case_number, decided_on, said.by
    ending.level_percent, ending.words = level_percent, words
    where = _at_what_level(level_percent) + where_decided(decided_on, case_number) + (f" {words}" if words else "")
    if outcome is Outcome.REMOVE:
        close_down(session, facility, said, where=where)
        return ending
    ending.outcome, ending.decided_on, ending.group_id = outcome, said.on, new_group_id
    write_journal(session, facility, f"Ophør: {outcome.danish}.{where}", said)
    _thank(session, facility, ending, outcome, on=said.on)
    in_charge = agreement_in_force(session, facility) or agreements_of(session, facility)[-1]
    takeover = _hand_to_operations(session, facility, in_charge, said)
    if new_group is not None:
        _propose_to_group(session, facility, in_charge, new_group, takeover.until_on, said)
    move(session, facility, Stage.OPERATION, on=said.on)
    return ending


def _refuse_contradiction(outcome: Outcome, group: str | None) -> None:
    """Stop an outcome that no form can say, or one that doesn't fit with whether a group is named."""
    if outcome is Outcome.RENEWED:
        raise BadInput("outcome", "en fornyelse sker ved, at aftalen underskrives og puljen giver tilsagn.")
    if (group is None) == (outcome is Outcome.NEW_GROUP):
        raise BadInput("group", "skriv den nye gruppe (G-0001), når en ny gruppe tager over, og ellers ingen.")


def _refuse_unknown_level(outcome: Outcome, percent: int | None) -> None:
    """Stop a level that isn't one of those the committee chooses among, or that goes with no care by operations."""
    levels = catalogue().escalation.inherited_levels_percent
    if percent is None:
        return
    if outcome is not Outcome.OPERATIONS:
        raise BadInput("level", "et niveau hører kun til, når driften tager over. Lad det stå tomt.")
    if percent not in levels:
        raise BadInput("level", f"vælg et af niveauerne i escalation.yaml: {', '.join(map(str, levels))} procent.")


def _at_what_level(percent: int | None) -> str:
    if percent is None:
        return ""
    return f" På et niveau af {percent} % af plejen, som den var."


def where_from(ending: WindingDown) -> str:
    """Who decided, at what level and where, as people read it: "Besluttet af udvalget 3. juni 2026, sag 26/1."; or ""."""
    if ending.outcome is None or ending.decided_by is None:
        return ""
    day = ending.met_on or ending.decided_on
    on = f" {dato(day)}" if day is not None else ""
    case = f", sag {ending.case_number}" if ending.case_number else ""
    return f"Besluttet af {ending.decided_by.danish}{on}{case}.{_at_what_level(ending.level_percent)}"


def _refuse_outside_operation(facility: Facility) -> None:
    """Stop an ending of what isn't in operation."""
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        raise Refusal(
            "winding_down.not_in_operation",
            f"{facility.reference} kan ikke ophøre: anlægget er ikke i drift ({facility.stage.danish}).",
        )


def _theirs(session: Session, agreement: Agreement) -> dict[str, Who]:
    """The tasks that volunteers did, alone or with operations, as operations' own."""
    tasks = tasks_of(session, agreement)
    return {task.key: Who.MUNICIPALITY for task in tasks if task.who in (Who.VOLUNTEERS, Who.BOTH)}


def _hand_to_operations(session: Session, facility: Facility, in_charge: Agreement, said: Said) -> Agreement:
    """End what was agreed, and let operations do all tasks on the days they were due anyhow."""
    dates = {task.key: task.next_on for task in tasks_of(session, in_charge)}
    theirs = _theirs(session, in_charge)
    _end_agreements(session, facility, said)
    until_on = in_charge.until_on if in_charge.until_on > said.on else last_day(said.on, facility.years)
    takeover = copy_version(
        session, facility, in_charge, theirs, renews=True, from_on=said.on, until_on=until_on, on=said.on
    )
    start_care(session, takeover, on=said.on)  # operations alone: no signatures are needed
    _say_what_it_costs(session, facility, in_charge, takeover, said)
    for task in tasks_of(session, takeover):  # who does it changes, not when
        task.next_on = dates[task.key] or task.next_on
    return takeover


def _propose_to_group(
    session: Session, facility: Facility, in_charge: Agreement, group: VolunteerGroup, until_on: date, said: Said
) -> None:
    """The place is the new group's, and an agreement is drafted for it to sign."""
    facility.group_id = group.number
    facility.sleeping_since = None
    if not is_inherited(session, facility) or _theirs(session, in_charge):
        draft_renewal(session, facility, in_charge, from_on=said.on, until_on=until_on, on=said.on)
        return
    # operations has done it all alone: the group is proposed what volunteers usually do
    minutes, kr_ore = facility.minutes_per_year, facility.kr_per_year_ore
    draft_first(session, facility, minutes, kr_ore, renews=True, from_on=said.on, on=said.on)


def close_down(session: Session, facility: Facility, said: Said, *, where: str = "") -> None:
    """Take the place down: nothing is planned or undecided any more, and unused commitments go back.

    `where` says which meeting decided it (`models.pool.right_to_decide.where_decided`); empty where none did.
    """
    ending = winding_downs_of(session, facility)[-1]
    ending.outcome, ending.decided_on = Outcome.REMOVE, said.on
    _thank(session, facility, ending, Outcome.REMOVE, on=said.on)
    _end_agreements(session, facility, said)
    close_incidents(session, facility, "Stedet er taget ned.", on=said.on)
    for incident in incidents_of(session, facility):
        tell_reporters(session, incident, Heard.CLOSED, on=said.on)
    for work in open_work(session, facility):
        # a place may be said to have closed before the order was made: the order ends on its own day then
        drop_work(session, work, said._replace(on=max(said.on, work.ordered_on)), reason="Stedet er taget ned.")
    released = release_from(
        session,
        facility.number,
        said.on,
        said,
        key=f"{facility.reference}:released:{ending.id}",
        what="Stedet er taget ned",
    )
    facility.outcome = ending.reason
    move(session, facility, Stage.CLOSED, on=said.on)
    write_journal(session, facility, f"Stedet er taget ned.{where} {kr(released)} er givet tilbage til puljen.", said)
    if released:
        because = f"{kr(released)} er frigivet fra {facility.reference}"
        offer_next(session, said, because=because)


def _end_agreements(session: Session, facility: Facility, said: Said) -> None:
    """Nothing is owed any more: agreements end, checks lapse, and the pool isn't asked for what has ended."""
    for application in open_applications(session, facility):
        application.decision, application.decided_on = FundingDecision.DECLINE, said.on
        application.reason = "Aftalen er ophørt, før puljen svarede."
    for agreement in agreements_of(session, facility):
        if agreement.status not in (AgreementStatus.VOID, AgreementStatus.ENDED):
            agreement.status, agreement.ended_on = AgreementStatus.ENDED, said.on
        for task in tasks_of(session, agreement):
            task.next_on = None
    for check in checks_of(session, facility, only_open=True):
        check.state, check.closed_on = CheckState.CANCELLED, said.on
    session.flush()
    for work in open_work(session, facility):
        if work.kind is WorkKind.OWN_TASK:
            drop_work(session, work, said, reason="Aftalen er ophørt.")


def _say_what_it_costs(
    session: Session, facility: Facility, before: Agreement, takeover: Agreement, said: Said
) -> None:
    """Hours and kroner follow the tasks; the pool has promised nothing of it, and pays as bills come."""
    minutes = takeover.municipal_minutes_per_year - before.municipal_minutes_per_year
    more_ore = takeover.kr_per_year_ore - before.kr_per_year_ore
    if minutes <= 0:
        return
    write_journal(
        session,
        facility,
        f"Driften gør gruppens opgaver: {timer(minutes)} og {kr(more_ore)} mere om året. "
        "Det er ikke med i puljens tilsagn.",
        said,
    )


def minutes_given(session: Session, facility: Facility) -> int:
    """The time volunteers have given to the place."""
    rows = (
        select(func.sum(Report.minutes))
        .join(Check, col(Check.id) == Report.check_id)
        .where(
            Check.facility_id == facility.id,
            col(Check.who).in_((Who.VOLUNTEERS, Who.BOTH)),
            Report.by == Role.VOLUNTEER,
        )
    )
    return int(session.exec(rows).one() or 0)


def _thank(session: Session, facility: Facility, ending: WindingDown, outcome: Outcome, *, on: date) -> None:
    in_force = agreement_in_force(session, facility) or agreements_of(session, facility)[-1]
    tell_group(
        session,
        facility,
        "winding_down_outcome",
        on,
        key=f"winding-down:{ending.id}:outcome",
        context={
            "outcome": str(outcome),
            "years": max(1, (on - in_force.from_on).days // 365),
            "minutes_given": minutes_given(session, facility),
        },
    )
