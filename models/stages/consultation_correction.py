"""Ret svaret: operations takes back what it answered in a consultation, as long as nothing has been built on it.

The answer that was given stays in its round; the new one is a round of its own, asked on the same day as the first,
so the time operations took counts from there. What the first answer led to (a draft of the agreement, letters that
haven't left) is taken back, and everybody is told anew.
"""

from sqlmodel import Session

from models.case.agreement import AgreementStatus, agreements_of, signatures_of
from models.case.consultation import AnswerKind, Consultation, conditions_of, consultations_of, last_round
from models.case.facility import Facility, move
from models.case.inheritance import is_inherited
from models.journal import write_journal
from models.post.outbox import take_back_letters
from models.refusal import Refusal
from models.role import may_decide
from models.said import Said
from models.stage import Stage
from models.stages.consultation import MAY_ANSWER, answer_consultation, answer_key
from models.stages.consultation_answer import Answer, checked_answer, is_same_answer


def why_not_correct(session: Session, facility: Facility) -> str:
    """Why the last answer can't be taken back any more, in a sentence; empty where it can."""
    round_ = last_round(session, facility)
    if round_ is None or round_.answer is None:
        return "Driften har ikke svaret endnu."
    if is_inherited(session, facility):
        return "Stedet er arvet, og svaret har allerede fået følger. Tal med koordinatoren."
    if round_.answer is AnswerKind.NO:
        if facility.stage is Stage.REFUSED:
            return ""
        return "Forslaget er trukket tilbage." if facility.stage is Stage.WITHDRAWN else "Driften er spurgt igen."
    open_versions = [a for a in agreements_of(session, facility) if a.status is not AgreementStatus.VOID]
    if facility.stage is not Stage.AGREEMENT or any(a.status is not AgreementStatus.REVIEW for a in open_versions):
        return "Koordinatoren har set aftalen igennem. Ring til frivilligkoordinatoren, hvis den skal ændres."
    if any(signatures_of(session, agreement) for agreement in open_versions):
        return "Aftalen er skrevet under."
    if any(condition.met_on is not None for condition in conditions_of(session, facility)):
        return "En af betingelserne er opfyldt."
    return ""


def correct_consultation(session: Session, facility: Facility, answer: Answer, said: Said) -> Consultation:
    """Another answer than the one that was given. The same answer again changes nothing.

    Raises:
        Refusal: something has been built on the answer, the role may not answer, or the new answer lacks something.
    """
    may_decide(said.by, MAY_ANSWER, "Driftshøringen")
    answer = checked_answer(answer)
    round_ = last_round(session, facility)
    if round_ is not None and round_.answer is not None and is_same_answer(session, facility, round_, answer):
        return round_
    if why_not := why_not_correct(session, facility):
        raise Refusal("consultation.cannot_correct", f"Svaret om {facility.reference} kan ikke rettes mere. {why_not}")
    assert round_ is not None
    assert round_.answer is not None
    for agreement in agreements_of(session, facility):
        if agreement.status is AgreementStatus.REVIEW:
            agreement.status, agreement.ended_on = AgreementStatus.VOID, said.on
    take_back_letters(session, facility, answer_key(facility, round_))
    if facility.stage is Stage.AGREEMENT:
        move(session, facility, Stage.REFUSED, on=said.on)  # nothing stands of a yes that is taken back
    facility.outcome = ""
    move(session, facility, Stage.CONSULTATION, on=said.on)
    write_journal(session, facility, f"Driften retter sit svar, som var {round_.answer.danish}.", said)
    session.add(
        Consultation(
            facility_id=facility.number,
            round=len(consultations_of(session, facility)) + 1,
            asked_on=round_.asked_on,
            halfway_on=round_.halfway_on,
            deadline_on=round_.deadline_on,
            minutes_per_year=facility.minutes_per_year,
            kr_per_year_ore=facility.kr_per_year_ore,
        )
    )
    session.flush()
    return answer_consultation(session, facility, answer, said)
