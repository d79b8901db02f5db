"""Driftshøring: operations is asked before anything is promised."""

from datetime import date

from sqlmodel import Session

from config.catalogue import catalogue
from models import text
from models.calendar import add_working_days
from models.case.agreement import AgreementStatus, agreements_of, signatures_of
from models.case.agreement_version import draft_agreement
from models.case.consultation import (
    AnswerKind,
    Condition,
    Consultation,
    conditions_as_told,
    conditions_of,
    consultations_of,
    last_round,
    open_round,
)
from models.case.facility import Facility, move
from models.case.gate import require_stage
from models.case.inheritance import is_inherited
from models.danish import dato
from models.database import change_one
from models.journal import write_journal
from models.post.outbox import tell, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import NEVER_BUILT, Stage
from models.stages.asked_afterwards import MAY_ASK, conclude, is_asked_afterwards, require_no_yes, require_standing
from models.stages.consultation_answer import Answer, checked_answer, is_same_answer, require_days_to_come

MAY_ANSWER = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)


def ask_operations(session: Session, facility: Facility, said: Said) -> Consultation:
    """Open a round: operations is asked, with a deadline in working days and a reminder halfway.

    An inherited place is asked about where it stands (`models.stages.asked_afterwards`).
    """
    days_off = catalogue().municipality.days_off
    days = catalogue().escalation.consultation_deadline_working_days
    round_ = Consultation(
        facility_id=facility.number,
        round=len(consultations_of(session, facility)) + 1,
        asked_on=said.on,
        halfway_on=add_working_days(said.on, days // 2, days_off),
        deadline_on=add_working_days(said.on, days, days_off),
        minutes_per_year=facility.minutes_per_year,
        kr_per_year_ore=facility.kr_per_year_ore,
    )
    session.add(round_)
    afterwards = is_asked_afterwards(session, facility)
    if not afterwards:
        move(session, facility, Stage.CONSULTATION, on=said.on)
    write_journal(
        session, facility, f"Driften er spurgt (runde {round_.round}), svar senest {dato(round_.deadline_on)}.", said
    )
    tell(
        session,
        facility,
        Role.OPERATIONS,
        "consultation_afterwards" if afterwards else "consultation_asked",
        said.on,
        key=f"{facility.reference}:consultation:{round_.round}:asked",
        context={
            "deadline_on": round_.deadline_on.isoformat(),
            "round": round_.round,
            "minutes_per_year": round_.minutes_per_year,
            "kr_per_year_ore": round_.kr_per_year_ore,
        },
    )
    session.flush()
    return round_


def ask_again(session: Session, facility: Facility, change: str, said: Said) -> Consultation:
    """Ask operations anew after a no or after the pool declined, because something has changed.

    The round begins the whole road again: the agreement that was signed before a decline is void, and the
    next one is applied for anew. An inherited place is asked about where it stands, until there is a yes.

    Raises:
        Refusal: neither operations nor the pool has said no, or the role may not ask.
    """
    afterwards = is_asked_afterwards(session, facility)
    may_decide(said.by, MAY_ASK if afterwards else (Role.PROJECT_LEAD, Role.COORDINATOR), "En ny driftshøring")
    change = text.text(change, "change")
    if afterwards:
        if (waiting := open_round(session, facility)) is not None:
            return waiting
        require_no_yes(session, facility)
        _wish(session, facility, change, said)
        return ask_operations(session, facility, said)
    last = last_round(session, facility)
    if facility.stage is Stage.CONSULTATION and last is not None and last.round > 1 and last.asked_on == said.on:
        return last
    if facility.stage not in NEVER_BUILT:
        raise Refusal(
            "consultation.no_new_round",
            f"{facility.reference} kan kun høres igen, når driften har sagt nej, puljen har givet afslag, "
            "eller forslaget er trukket tilbage.",
        )
    for agreement in agreements_of(session, facility):
        if agreement.status is AgreementStatus.SIGNED:
            agreement.status, agreement.ended_on = AgreementStatus.VOID, said.on
            for signature in signatures_of(session, agreement):
                signature.void_on = said.on
    _wish(session, facility, change, said)
    facility.outcome, facility.withdrawn_on = "", None
    return ask_operations(session, facility, said)


def _wish(session: Session, facility: Facility, change: str, said: Said) -> None:
    again = "Ny driftshøring" if last_round(session, facility) is not None else "Driftshøring"
    write_journal(session, facility, f"{again} ønskes: {change}", said)


def answer_consultation(
    session: Session, facility: Facility, answer: Answer, said: Said, *, of: Consultation | None = None
) -> Consultation:
    """Record what operations answers to the open round, which may be given (`of`) as this transaction found it.

    A yes opens the agreement stage; a no closes the case with its reason. Conditions must be met before
    the handover, not before the signing (report, "Udfordringer i den fysiske drift"). What an answer about
    an inherited place leads to is in `models.stages.asked_afterwards`.

    Raises:
        Refusal: no round is open, the role may not answer, a no lacks its reason, or a yes on conditions
            its conditions.
    """
    may_decide(said.by, MAY_ANSWER, "Driftshøringen")
    answer = checked_answer(answer)
    # what another session has read may have been answered meanwhile
    round_ = of if of is not None and of in session else last_round(session, facility)
    if round_ is None:
        raise Refusal("consultation.not_open", f"{facility.reference} venter ikke på svar fra driften.")
    if round_.answer is not None:
        _refuse_another_answer(session, facility, round_, answer)
        return round_
    # what is inherited never comes to the stage of the consultation: it is asked about where it stands
    afterwards = facility.stage is not Stage.CONSULTATION and is_inherited(session, facility)
    if afterwards:
        require_standing(facility, round_, on=said.on)
    else:
        require_stage(session, facility, Stage.CONSULTATION, on=said.on, to="få svar fra driften")
    require_days_to_come(answer, on=said.on)
    _close_round(session, facility, round_, answer, on=said.on)
    line = f"Driften svarede {answer.kind.danish}" + (f": {answer.reason}" if answer.reason else ".")
    write_journal(session, facility, line, said)
    if afterwards:
        conclude(session, facility, round_, said)
    elif answer.kind is AnswerKind.NO:
        _end_with_no(session, facility, round_, said)
    else:
        _go_on_to_agreement(session, facility, round_, said)
    return round_


def _refuse_another_answer(session: Session, facility: Facility, round_: Consultation, answer: Answer) -> None:
    """Stop a second answer that isn't the first one said again."""
    if round_.answer is not None and not is_same_answer(session, facility, round_, answer):
        raise Refusal(
            "consultation.answered",
            f"Driften har allerede svaret {round_.answer.danish} om {facility.reference}. "
            "Efter et nej kan projektlederen bede om en ny høring.",
        )


def _close_round(session: Session, facility: Facility, round_: Consultation, answer: Answer, *, on: date) -> None:
    """Keep what was answered, with operations' own hours and kroner where it named them, and its conditions."""
    change_one(
        session,
        round_,
        answer=answer.kind,
        decided_on=on,
        reason=answer.reason,
        could_be_yes=answer.could_be_yes,
        minutes_per_year=round_.minutes_per_year if answer.hours_per_year is None else answer.hours_per_year * 60,
        kr_per_year_ore=round_.kr_per_year_ore if answer.kr_per_year is None else answer.kr_per_year * 100,
    )
    for number, condition in enumerate(answer.conditions, start=1):
        session.add(
            Condition(
                facility_id=facility.number,
                round=round_.round,
                number=number,
                text=condition.text,
                owner=condition.owner,
                deadline_on=condition.deadline_on,
            )
        )


def answer_key(facility: Facility, round_: Consultation) -> str:
    """What the keys of the letters about a round's answer begin with."""
    return f"{facility.reference}:consultation:{round_.round}:answer"


def _end_with_no(session: Session, facility: Facility, round_: Consultation, said: Said) -> None:
    """The case is closed with the reason, and the group and the project lead are told it."""
    facility.outcome = round_.reason
    move(session, facility, Stage.REFUSED, on=said.on)
    key, letter = answer_key(facility, round_), {"reason": round_.reason, "could_be_yes": round_.could_be_yes}
    tell_group(session, facility, "consultation_no", said.on, key=key, context=letter, and_roles=(Role.PROJECT_LEAD,))


def _go_on_to_agreement(session: Session, facility: Facility, round_: Consultation, said: Said) -> None:
    """The group and the project lead are told the conditions, and the agreement is drafted."""
    move(session, facility, Stage.AGREEMENT, on=said.on)
    on_conditions = round_.answer is AnswerKind.CONDITIONS
    letter = {"conditions": conditions_as_told(session, facility, round_) if on_conditions else []}
    key = answer_key(facility, round_)
    tell_group(
        session,
        facility,
        "consultation_yes",
        said.on,
        key=key,
        context=letter,
        and_roles=(Role.PROJECT_LEAD, Role.COORDINATOR),
    )
    draft_agreement(session, facility, round_, on=said.on)


def meet_condition(session: Session, facility: Facility, number: int, said: Said) -> Condition:
    """Record that a condition is met; operations or whoever owns it may say so.

    Raises:
        BadInput: there is no condition with that number.
    """
    condition = next((c for c in conditions_of(session, facility) if c.number == number), None)
    if condition is None:
        raise BadInput("number", f"{facility.reference} har ingen betingelse nr. {number}.")
    may_decide(said.by, (*MAY_ANSWER, Role.PROJECT_LEAD, condition.owner), "En betingelse")
    if condition.met_on is None:
        condition.met_on = said.on
        write_journal(session, facility, f"Betingelse {number} er opfyldt: {condition.text}", said)
    return condition
