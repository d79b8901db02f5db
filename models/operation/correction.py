"""Rettelse: a wrong answer is corrected by whoever gave it, within some days. What was answered before is kept.

What came of the first answer isn't taken back: damage that was reported stays until somebody has looked, and operations is
told what a work order is now about.
"""

from datetime import date, timedelta

from sqlmodel import Session

from config.catalogue import Who, catalogue
from models import text
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.journal import write_journal
from models.operation.check import Check, CheckResult, CheckState, FormerAnswer, Report, report_of
from models.operation.check_answer import MAX_MINUTES, MAY_REPORT, order_work, report_check
from models.operation.incident import Incident, incident_of_check
from models.operation.late_answer import tell_the_order
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
        _tell(session, check, task, facility, before, result, what, said)
    return incident


def _tell(
    session: Session,
    check: Check,
    task: CareTask,
    facility: Facility,
    before: CheckResult,
    result: CheckResult,
    what: str,
    said: Said,
) -> None:
    """Operations hears what it would act on otherwise: a work order, or damage that the group takes back."""
    order = tell_the_order(session, check, task, facility, what, said)
    if result is CheckResult.NOT_DONE and order is None and check.who in (Who.VOLUNTEERS, Who.BOTH):
        order_work(session, facility, check, task, on=said.on)
    if before is CheckResult.DAMAGED:
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
