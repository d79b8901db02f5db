"""Rapporten, som arbejdet kræver: a competent person's report, without which the job isn't done, whoever did it.

The yearly main inspection of play equipment is such a job (BR18 chapter 16 § 367, DS/EN 1176-7). Which jobs they are
says `certificate` of a task in config/facility_types.yaml.
"""

from datetime import date

from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.case.agreement import CareTask
from models.case.certificate import Certificate, certificates_of
from models.case.facility import Facility
from models.operation.check import Check
from models.operation.work_order import WorkKind, WorkOrder
from models.refusal import BadInput, Refusal, Remedy

MAY_BE_ONE = (WorkKind.OWN_TASK, WorkKind.MISSED_CHECK, WorkKind.OTHER)
"""A repair or a defect that came of an inspection isn't the inspection, whatever its words are."""


def word_of_task(facility: Facility, task: CareTask) -> str:
    """What the type calls the task when it needs a certificate; empty when it needs none."""
    tasks = catalogue().type(facility.type_key).tasks
    return next((each.certificate for each in tasks if each.key == task.key), "")


def certificate_word(session: Session, work: WorkOrder) -> str:
    """What the job is called when the order is for one that needs a certificate; empty when it needs none.

    An order for a check is known by its task, one that somebody wrote by the job's name in its words.
    """
    if work.kind not in MAY_BE_ONE:
        return ""
    facility = session.get_one(Facility, work.facility_id)
    if work.check_id is not None:
        check = session.get_one(Check, work.check_id)
        return word_of_task(facility, session.get_one(CareTask, check.care_task_id))
    words = {task.certificate for task in catalogue().type(facility.type_key).tasks if task.certificate}
    named = work.what.casefold()
    return next((word for word in sorted(words) if word.casefold() in named), "")


def add_certificate(session: Session, work: WorkOrder, kept: tuple[str, str], *, on: date) -> None:
    """Keep a report with its order, by its hash and where it lies; the same again is kept once."""
    sha256, path = kept
    if all(each.sha256 != sha256 for each in certificates_of(session, work.number)):
        session.add(Certificate(work_id=work.number, sha256=sha256, path=path, added_on=on))
        session.flush()


def require_certificate(session: Session, work: WorkOrder) -> None:
    """Stop an order from being done while its report isn't here.

    Raises:
        BadInput: the job needs a certificate, and there is none.
    """
    word = certificate_word(session, work)
    if word and not _is_here(session, work.facility_id, work, _planned_on(session, work)):
        raise BadInput(
            "certificate", f"et {word} er først gjort, når rapporten er her. Læg den ved som PDF eller billede."
        )


def is_certified(session: Session, check: Check, order: WorkOrder | None) -> bool:
    """Whether nothing is missing for the check of a task to have been done: no report is needed, or it is here."""
    facility = session.get_one(Facility, check.facility_id)
    if not word_of_task(facility, session.get_one(CareTask, check.care_task_id)):
        return True
    return _is_here(session, check.facility_id, order, check.planned_on)


def require_certified(session: Session, check: Check, order: WorkOrder | None) -> None:
    """Stop the answer that all is well to a check whose report isn't here.

    Raises:
        Refusal: the task needs a certificate, and there is none.
    """
    if is_certified(session, check, order):
        return
    facility = session.get_one(Facility, check.facility_id)
    word = word_of_task(facility, session.get_one(CareTask, check.care_task_id))
    raise Refusal(
        "check.certificate",
        f"Et {word} er først gjort, når rapporten er her. Meld arbejdet gjort med rapporten på arbejdslisten.",
        remedy=Remedy.REPORT_WORK_DONE,
    )


def _planned_on(session: Session, work: WorkOrder) -> date:
    """From which day on a report is one of this job: since its check was planned, or since it was ordered."""
    return session.get_one(Check, work.check_id).planned_on if work.check_id is not None else work.ordered_on


def _is_here(session: Session, facility_id: int, work: WorkOrder | None, since: date) -> bool:
    """Whether the order has its report, or another order for the same job at the place has, as one to a firm."""
    if work is not None and certificates_of(session, work.number):
        return True
    rows = (
        select(WorkOrder)
        .join(Certificate, col(Certificate.work_id) == WorkOrder.id)
        .where(WorkOrder.facility_id == facility_id, Certificate.added_on >= since)
    )
    return any(certificate_word(session, each) for each in session.exec(rows).all())
