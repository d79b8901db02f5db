"""Rettelse: a wrong answer is corrected by whoever gave it, within some days. What was answered before is kept.

Damage that was reported stays until somebody has looked. An open work order is dropped when the group did it after all, and
made when it didn't; work that is done stays.
"""

from datetime import date, timedelta

from sqlmodel import Session

from config.catalogue import Who, catalogue
from models import text
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.journal import write_journal
from models.operation.check import Check, CheckResult, CheckState, FormerAnswer, Report, report_of
from models.operation.check_answer import MAX_MINUTES, MAY_REPORT, report_check
from models.operation.check_work import order_missed, others_did_it
from models.operation.incident import Incident, incident_of_check
from models.operation.work_order import WorkState, work_of_check
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

_STATE = {
    CheckResult.OK: CheckState.DONE,
    CheckResult.DAMAGED: CheckState.DAMAGED,
    CheckResult.NOT_DONE: CheckState.MISSED,
}


def may_correct(report: Report, contact_id: int | None, *, on: date) -> bool:
    """Whether this is whoever gave the answer, and the days for it haven't passed."""
    days = timedelta(days=catalogue().mails.correction_days)
    return contact_id is not None and report.contact_id == contact_id and report.on <= on <= report.on + days


def correct_answer(
    session: Session,
    check: Check,
    result: CheckResult,
    said: Said,
    *,
    contact_id: int | None,
    minutes: int | None,
    note: str,
    safe: bool = True,
) -> Incident | None:
    """Replace an answer; the same again changes nothing. Returns the incident that damage opens.

    Raises:
        Refusal: `check.not_answered`, or `check.not_to_correct`: it isn't theirs, or too long ago.
        BadInput: minutes out of bounds.
    """
    may_decide(said.by, MAY_REPORT, "Et svar")
    note = text.text(note, "note", required=False)
    if minutes is not None and not 0 <= minutes <= MAX_MINUTES:
        raise BadInput("minutes", f"skriv hele minutter fra 0 til {MAX_MINUTES}.")
    report = report_of(session, check)
    if report is None:
        raise Refusal("check.not_answered", f"Tjek nr. {check.id} er ikke besvaret endnu.")
    task = session.get_one(CareTask, check.care_task_id)
    facility = session.get_one(Facility, check.facility_id)
    spent = minutes if minutes is not None else (0 if result is CheckResult.NOT_DONE else task.minutes)
    if (report.result, report.minutes, report.note) == (result, spent, note):
        return None
    if not may_correct(report, contact_id, on=said.on):
        days = catalogue().mails.correction_days
        raise Refusal(
            "check.not_to_correct",
            f"Svaret på tjek nr. {check.id} kan kun rettes af den, der gav det, inden for {days} dage. Ring til os.",
        )
    before = report.result
    session.add(
        FormerAnswer(
            check_id=check.number,
            result=before,
            minutes=report.minutes,
            note=report.note,
            on=report.on,
            corrected_on=said.on,
        )
    )
    incident = None
    if result is CheckResult.DAMAGED and before is not CheckResult.DAMAGED:
        incident = report_check(session, check, result, said, minutes=minutes, note=note, safe=safe)
    report.result, report.minutes, report.note = result, spent, note
    report.minutes_are_planned = minutes is None and bool(spent)
    check.state = _STATE[result]
    session.flush()
    what = f"Svaret på tjek “{task.name}” er rettet fra {before.danish} til {result.danish}."
    write_journal(session, facility, what, said)
    if before is not result:
        _follow(session, check, task, facility, result, said)
        if before is CheckResult.DAMAGED:
            _tell_of_the_incident(session, check, facility, result, what, said)
    return incident


def _follow(
    session: Session, check: Check, task: CareTask, facility: Facility, result: CheckResult, said: Said
) -> None:
    """The check's order follows: it is dropped when the group did it after all, and ordered when it didn't."""
    order = work_of_check(session, check.number)
    if result is not CheckResult.NOT_DONE:
        if order is not None:
            others_did_it(session, facility, check, task, order, result, said)
    elif check.who in (Who.VOLUNTEERS, Who.BOTH) and (order is None or order.state is WorkState.DROPPED):
        order_missed(session, facility, check, task, on=said.on)


def _tell_of_the_incident(
    session: Session, check: Check, facility: Facility, result: CheckResult, what: str, said: Said
) -> None:
    """Operations hears that the group takes damage back, which stays until somebody has looked."""
    incident = incident_of_check(session, check)
    about = f" Skade nr. {incident.id} står, til I har set på den." if incident is not None else ""
    add_to_daily(
        session,
        contact_id=None,
        role=Role.OPERATIONS,
        kind="group_news",
        facility_id=facility.number,
        key=f"check:{check.id}:corrected:{said.on}:{result}",
        context={"what": what + about},
        on=said.on,
    )
