"""Rettelse af timer: minutes that were written wrong, of work or of a check, are put right; what stood before is kept.

The money stands as it was booked: a booking is put right where money is (`models.pool.correction`), by who may.
"""

from sqlmodel import Session

from models import text
from models.case.agreement import CareTask
from models.case.facility import Facility
from models.journal import write_journal
from models.operation.check import Check, FormerAnswer, report_of
from models.operation.check_answer import MAX_MINUTES as MOST_OF_A_CHECK
from models.operation.work import MAX_MINUTES
from models.operation.work_order import WorkOrder, WorkState
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

MAY_CORRECT_MINUTES = (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR)


def correct_work_minutes(session: Session, work: WorkOrder, minutes: int, said: Said, *, reason: str) -> WorkOrder:
    """Put right how many minutes a done job took; the same again changes nothing.

    Raises:
        Refusal: the role may not, or the work isn't done.
        BadInput: absurd minutes, or no reason.
    """
    may_decide(said.by, MAY_CORRECT_MINUTES, "En rettelse")
    reason = text.text(reason, "reason")
    if not 0 <= minutes <= MAX_MINUTES:
        raise BadInput("minutes", "skriv hele minutter fra 0 til 100.000.")
    if work.state is not WorkState.DONE:
        raise Refusal("work.not_done", f"Arbejde nr. {work.id} er ikke gjort endnu, så der er ingen timer at rette.")
    before, work.minutes = work.minutes, minutes
    if before == minutes:
        return work
    session.flush()
    line = f"Rettet: arbejde nr. {work.id} tog {minutes} minutter, ikke {before}. Begrundelse: {reason}"
    write_journal(session, session.get_one(Facility, work.facility_id), line, said)
    return work


def correct_check_minutes(session: Session, check: Check, minutes: int, said: Said, *, reason: str) -> Check:
    """Put right how many minutes a check took those who did it; the answer itself stays theirs.

    Raises:
        Refusal: the role may not, or the check isn't answered.
        BadInput: absurd minutes, or no reason.
    """
    may_decide(said.by, MAY_CORRECT_MINUTES, "En rettelse")
    reason = text.text(reason, "reason")
    if not 0 <= minutes <= MOST_OF_A_CHECK:
        raise BadInput("minutes", f"skriv hele minutter fra 0 til {MOST_OF_A_CHECK}.")
    report = report_of(session, check)
    if report is None:
        raise Refusal("check.not_answered", f"Tjek nr. {check.id} er ikke besvaret endnu.")
    before = report.minutes
    if before == minutes:
        return check
    session.add(
        FormerAnswer(
            check_id=check.number,
            result=report.result,
            minutes=before,
            note=report.note,
            on=report.on,
            corrected_on=said.on,
        )
    )
    report.minutes, report.minutes_are_planned = minutes, False
    session.flush()
    task = session.get_one(CareTask, check.care_task_id)
    line = f"Rettet: tjek nr. {check.id} “{task.name}” tog {minutes} minutter, ikke {before}. Begrundelse: {reason}"
    write_journal(session, session.get_one(Facility, check.facility_id), line, said)
    return check
