"""Afleveringen rettes: operations took a place over and said it wrong, as a defect that was forgotten.

What is put right is how it was taken over: with which defects, papers and remarks. That it was taken over stands; the
place is in operation. The first answer stays in the journal.
"""

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.case.handover import Defect, Handover, HandoverResult, add_defects, defects_of, handovers_of
from models.case.inspection import inspections_of
from models.journal import write_journal
from models.operation.work_order import WorkOrder
from models.post.outbox import take_back_letters, tell_group
from models.refusal import Refusal
from models.role import may_decide
from models.said import Said
from models.stage import Stage
from models.stages.handover import MAY_TAKE_OVER, HandoverAnswer, accepted_letter, checked, is_same, needed_papers


def why_not_correct_handover(session: Session, facility: Facility) -> str:
    """Why the last answer can't be put right any more, in a sentence; empty where it can."""
    answered = [each for each in handovers_of(session, facility) if each.result is not None]
    if not answered:
        return "Driften har ikke svaret endnu."
    if answered[-1].result is HandoverResult.REFUSED:
        return "Driften bliver spurgt igen, når det er bragt i orden: svar på det nye spørgsmål om aflevering."
    if facility.stage is not Stage.OPERATION:
        return f"Stedet er ikke i drift mere ({facility.stage.danish})."
    if answered[-1].signed_by_builder:
        return "Protokollen er underskrevet af begge sider. Bestil det, der mangler, som arbejde på sagens side."
    if any(each.held_on is not None for each in inspections_of(session, facility)):
        return "Der er holdt eftersyn siden. Bestil det, der mangler, som arbejde på sagens side."
    numbers = [each.id for each in _defects(session, facility, answered[-1])]
    ordered = session.exec(select(WorkOrder.id).where(col(WorkOrder.defect_id).in_(numbers)).limit(1)).first()
    if ordered is not None or any(each.fixed_on for each in _defects(session, facility, answered[-1])):
        return "En af manglerne er der allerede gjort noget ved. Bestil resten som arbejde på sagens side."
    return ""


def correct_handover(session: Session, facility: Facility, answer: HandoverAnswer, said: Said) -> Handover:
    """Another answer than the one that was given; the group gets the letter anew. The same again changes nothing.

    Raises:
        Refusal: something has been built on the answer, the role may not, the new answer contradicts itself, or it says
            that the place isn't taken over.
        BadInput: an unknown paper, a deadline before today.
    """
    may_decide(said.by, MAY_TAKE_OVER, "En aflevering")
    answer = checked(answer, said.on)
    answered = [each for each in handovers_of(session, facility) if each.result is not None]
    if answered and is_same(session, answered[-1], answer):
        return answered[-1]
    if why_not := why_not_correct_handover(session, facility):
        raise Refusal(
            "handover.cannot_correct", f"Afleveringen af {facility.reference} kan ikke rettes mere. {why_not}"
        )
    if answer.result is HandoverResult.REFUSED:
        raise Refusal(
            "handover.stands",
            f"{facility.reference} er i drift, og det kan ikke rettes til “ikke overtaget”. Må stedet ikke bruges, så meld "
            "en skade på sagens side.",
        )
    handover = answered[-1]
    was = handover.result.danish if handover.result is not None else ""
    for defect in _defects(session, facility, handover):
        session.delete(defect)
    session.flush()
    handover.result, handover.reason = answer.result, answer.reason
    handover.signed_by_builder, handover.builder_remarks = answer.builder_signed, answer.builder_remarks
    handover.papers = list(answer.papers)
    handover.papers_missing = [key for key in needed_papers(facility) if key not in answer.papers]
    add_defects(session, facility, answer.defects, handover_id=handover.number)
    count = f" Mangler: {len(answer.defects)}." if answer.defects else ""
    line = f"Svaret på afleveringen rettes, det var: {was}. Nu: {answer.result.danish}.{count}"
    entry = write_journal(session, facility, f"{line} {answer.reason}".strip(), said)
    key, context = accepted_letter(session, facility, handover)
    take_back_letters(session, facility, key)
    context = context | {"is_corrected": True}
    tell_group(session, facility, "handover_accepted", said.on, key=f"{key}:corrected:{entry}", context=context)
    return handover


def _defects(session: Session, facility: Facility, handover: Handover) -> list[Defect]:
    return [each for each in defects_of(session, facility) if each.handover_id == handover.id]
