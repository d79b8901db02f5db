"""Op til afleveringen: førgennemgang, færdigmelding and the call to the handover meeting, each written down."""

from datetime import date, timedelta

from sqlmodel import Session

from models import text
from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.handover_step import HandoverStep, StepKind, steps_of
from models.case.silence import silence_of
from models.danish import dato
from models.journal import write_journal
from models.post.outbox import tell_firm
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_PREPARE = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER)
FURTHEST = timedelta(days=366)


def take_step(
    session: Session, facility: Facility, kind: StepKind, day_on: date, said: Said, *, note: str = ""
) -> HandoverStep:
    """Write down a review that was held, a day the builder announced, or a meeting that was called.

    An announcement starts the ten working days after which silence is a yes; a call stops them. The firm gets the
    call by mail. The same again changes nothing.

    Raises:
        Refusal: the role may not, or the place isn't being built or handed over.
        BadInput: a review lacks what was seen, or the day can't be right.
    """
    may_decide(said.by, MAY_PREPARE, "Et skridt op til afleveringen")
    if kind is StepKind.DEEMED:
        raise AssertionError("only the calendar says that a work counts as handed over")
    if facility.stage not in (Stage.BUILDING, Stage.HANDOVER):
        raise Refusal(
            "handover_step.stage",
            f"{facility.reference} er i trinnet {facility.stage.danish}. {kind.danish.capitalize()} hører til byggeriet "
            "og afleveringen.",
        )
    note = text.text(note, "note", required=kind is StepKind.REVIEWED)
    _refuse_a_wrong_day(kind, day_on, said.on)
    there = [step for step in steps_of(session, facility, kind) if (step.day_on, step.note) == (day_on, note)]
    if there:
        return there[-1]
    clock = silence_of(session, facility)
    step = HandoverStep(facility_id=facility.number, kind=kind, said_on=said.on, day_on=day_on, note=note)
    session.add(step)
    session.flush()
    line = f"{kind.danish.capitalize()}: {dato(day_on)}." + (f" {note}" if note else "")
    if kind is StepKind.CALLED and clock is not None and day_on > clock.ends_on:
        line += f" Mødet ligger efter den 10. arbejdsdag {dato(clock.ends_on)}: få firmaets ja til dagen på skrift."
    write_journal(session, facility, line, said)
    if kind is StepKind.CALLED and facility.built_by is BuiltBy.FIRM and facility.firm_id is not None:
        context = {"meeting_on": day_on.isoformat(), "note": note}
        key = f"handover_step:{step.id}"
        tell_firm(session, facility, facility.firm_id, "handover_called", said.on, key=key, context=context)
    return step


def _refuse_a_wrong_day(kind: StepKind, day_on: date, on: date) -> None:
    if kind is StepKind.REVIEWED and day_on > on:
        raise BadInput("held-on", "dagen er ikke kommet endnu. Skriv den dag, førgennemgangen blev holdt.")
    if kind is StepKind.CALLED and day_on < on:
        raise BadInput("meeting-on", "mødet kan ikke ligge før i dag.")
    if abs(day_on - on) > FURTHEST:
        raise BadInput("finished-on", "dagen ligger mere end et år væk. Skriv den dag, firmaet skrev.")
