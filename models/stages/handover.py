"""Aflevering: operations looks at the finished facility and takes it over, with or without defects, or not."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session

from config.catalogue import catalogue
from models import text
from models.case.agreement import last_agreement, tasks_of
from models.case.agreement_version import start_care
from models.case.consultation import unmet_conditions
from models.case.facility import Facility, LandOwner, move
from models.case.gate import NOBODY_INSURES, missing_before, require_stage
from models.case.handover import (
    Defect,
    Handover,
    HandoverResult,
    NewDefect,
    add_defects,
    defects_of,
    handovers_of,
    last_handover,
)
from models.case.inspection import inspections_of
from models.case.insurance import has_answer
from models.journal import write_journal
from models.operation.inspection_booking import book_inspections
from models.operation.inspection_work import settle_mending
from models.post.outbox import Fact, tell, tell_group
from models.refusal import BadInput, Refusal, Remedy
from models.role import Door, Role, may_decide
from models.said import Said
from models.stage import Stage
from models.stages.protocol_signature import ask_to_sign

MAY_TAKE_OVER = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)


@dataclass(frozen=True)
class HandoverAnswer:
    """What operations found. `papers` are the keys of the papers that were handed over.

    `builder_signed` is who signed the protocol for the builder on the spot, and `builder_remarks` what they said to it;
    AB 18 § 46 asks for both sides' signatures. Operations signs by answering, `signed` with its name where it says one.
    Who built it and hasn't signed is asked to (`models.stages.protocol_signature`).
    """

    result: HandoverResult
    defects: tuple[NewDefect, ...] = field(default=())
    papers: tuple[str, ...] = field(default=())
    reason: str = ""
    builder_signed: str = ""
    builder_remarks: str = ""
    signed: str = ""


def open_handover(session: Session, facility: Facility, *, on: date) -> Handover:
    """A new attempt: operations is waited for."""
    handover = Handover(facility_id=facility.number, attempt=len(handovers_of(session, facility)) + 1, ready_on=on)
    session.add(handover)
    session.flush()
    return handover


def needed_papers(facility: Facility) -> tuple[str, ...]:
    """The papers this facility must come with; the owner's consent where the municipality isn't the owner."""
    papers = catalogue().type(facility.type_key).papers
    return papers if facility.land_owner is LandOwner.MUNICIPALITY else (*papers, "owner_consent")


def answer_handover(session: Session, facility: Facility, answer: HandoverAnswer, said: Said) -> Handover:
    """Record how the handover ended. Taking over starts the agreement and books the inspections.

    A paper that is missing doesn't stop a handover; it is written down and asked for. A refusal opens a
    new attempt.

    Raises:
        Refusal: a condition isn't met, nobody has answered who insures the volunteers, the facility isn't finished,
            defects and result contradict each other, or a refusal lacks its reason.
        BadInput: an unknown paper, a deadline before the handover.
    """
    may_decide(said.by, MAY_TAKE_OVER, "En aflevering")
    answer = checked(answer, said.on)
    if (same := _said_before(session, facility, answer, said.on)) is not None:
        return same
    require_stage(session, facility, Stage.HANDOVER, on=said.on, to="afleveres")
    handover = last_handover(session, facility)
    if handover is None or handover.result is not None:
        raise AssertionError("a facility in handover has an open attempt")
    taken = answer.result is not HandoverResult.REFUSED
    if taken:
        _refuse_unmet_conditions(session, facility)
        if not has_answer(session, facility):
            raise Refusal(
                "handover.insurance",
                f"{facility.reference} kan ikke overtages: {NOBODY_INSURES}",
                remedy=Remedy.ANSWER_INSURANCE,
            )
    _close_attempt(session, facility, handover, answer, said)
    line = f"Aflevering: {answer.result.danish}." + (f" {answer.reason}" if answer.reason else "")
    if answer.defects:
        line += f" Mangler: {len(answer.defects)}."
    write_journal(session, facility, line, said)
    ask_to_sign(session, facility, handover, said.on)
    if taken:
        _take_over(session, facility, handover, on=said.on)
    else:
        _try_again(session, facility, handover, said)
    return handover


def _said_before(session: Session, facility: Facility, answer: HandoverAnswer, on: date) -> Handover | None:
    """The attempt that was answered just so already; another answer after the taking over is refused."""
    decided = [h for h in handovers_of(session, facility) if h.result is not None]
    if not decided:
        return None
    last = decided[-1]
    is_settled = facility.stage is not Stage.HANDOVER or last.decided_on == on
    if is_settled and is_same(session, last, answer):
        return last
    if facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN, Stage.CLOSED):
        raise Refusal("handover.decided", f"{facility.reference} er allerede afleveret: {_said(last)}.")
    return None


def _refuse_unmet_conditions(session: Session, facility: Facility) -> None:
    """Stop a taking over while something operations asked for isn't done."""
    if unmet := unmet_conditions(session, facility):
        raise Refusal(
            "handover.condition",
            f"{facility.reference} kan ikke overtages: "
            + " ".join(f"Betingelse {c.number} er ikke opfyldt: {c.text.rstrip('.')}." for c in unmet),
        )


def _close_attempt(
    session: Session, facility: Facility, handover: Handover, answer: HandoverAnswer, said: Said
) -> None:
    """Keep the result, the papers, the defects and the signatures; a refused facility owes no papers yet."""
    missing = [] if answer.result is HandoverResult.REFUSED else needed_papers(facility)
    handover.result, handover.decided_on, handover.reason = answer.result, said.on, answer.reason
    handover.signed_by_builder, handover.builder_remarks = answer.builder_signed, answer.builder_remarks
    handover.signed_for_us = answer.signed
    if answer.builder_signed:
        handover.builder_signed_on, handover.builder_signed_as = said.on, said.by
    handover.papers = list(answer.papers)
    handover.papers_missing = [key for key in missing if key not in answer.papers]
    add_defects(session, facility, answer.defects, handover_id=handover.number)


def _try_again(session: Session, facility: Facility, handover: Handover, said: Said) -> None:
    """The project lead is told why, and a new attempt is open."""
    tell(
        session,
        facility,
        Role.PROJECT_LEAD,
        "handover_refused",
        said.on,
        key=f"{facility.reference}:handover:{handover.attempt}",
        context={"reason": handover.reason},
    )
    open_handover(session, facility, on=said.on)


def _take_over(session: Session, facility: Facility, handover: Handover, *, on: date) -> None:
    if missing := missing_before(session, facility, Stage.OPERATION):
        raise Refusal("gate.missing", " ".join(missing))
    move(session, facility, Stage.OPERATION, on=on)
    book_inspections(session, facility, Said(on, Role.CALENDAR, Door.CALENDAR))
    agreement = last_agreement(session, facility)
    if agreement is None:
        raise AssertionError("the gate lets no facility through without an agreement")
    start_care(session, agreement, on=on)
    key, context = accepted_letter(session, facility, handover)
    tell_group(session, facility, "handover_accepted", on, key=key, context=context)


def accepted_letter(session: Session, facility: Facility, handover: Handover) -> tuple[str, dict[str, Fact]]:
    """What the group is told of a taking over: the letter's key, and its facts."""
    agreement, names = last_agreement(session, facility), catalogue().papers
    tasks = tasks_of(session, agreement) if agreement is not None else []
    first = min((task.next_on for task in tasks if task.next_on), default=None)
    booked = inspections_of(session, facility)
    return f"{facility.reference}:handover:{handover.attempt}", {
        "defects": [
            {"number": d.number, "text": d.text, "deadline_on": d.deadline_on.isoformat()}
            for d in defects_of(session, facility)
        ],
        "papers_missing": [names[key].name for key in handover.papers_missing],
        "booked": [{"danish": i.kind.danish, "last_on": i.inspection_on.isoformat()} for i in booked],
        "first_check_on": first.isoformat() if first else None,
    }


def fix_defect(session: Session, facility: Facility, number: int, said: Said) -> Defect:
    """Record that a defect is put right; operations looks for itself.

    Raises:
        BadInput: there is no defect with that number.
    """
    may_decide(said.by, (*MAY_TAKE_OVER, Role.PROJECT_LEAD), "En mangel")
    defect = next((d for d in defects_of(session, facility) if d.number == number), None)
    if defect is None:
        raise BadInput("number", f"{facility.reference} har ingen mangel nr. {number}.")
    if defect.fixed_on is None:
        defect.fixed_on = said.on
        write_journal(session, facility, f"Mangel {number} er rettet: {defect.text}", said)
        settle_mending(session, defect, said)
    return defect


def _said(handover: Handover) -> str:
    return handover.result.danish if handover.result is not None else ""


def papers_due_on(handover: Handover) -> date:
    """When missing papers are asked for."""
    return (handover.decided_on or handover.ready_on) + timedelta(days=catalogue().escalation.missing_paper_days)


def checked(answer: HandoverAnswer, on: date) -> HandoverAnswer:
    """The answer with its texts cleaned.

    Raises:
        Refusal: defects and result contradict each other, or a refusal lacks its reason.
        BadInput: an unknown paper, a deadline before the handover.
    """
    reason = text.text(answer.reason, "reason", required=False)
    defects = tuple(NewDefect(text.text(d.text, "defect"), d.deadline_on) for d in answer.defects)
    for key in answer.papers:
        if key not in catalogue().papers:
            raise BadInput("paper", f'der er intet papir "{key[:40]}". Papirerne er: {", ".join(catalogue().papers)}.')
    if any(defect.deadline_on < on for defect in defects):
        raise BadInput("defect", "fristen for en mangel kan ikke ligge før afleveringen.")
    if answer.result is HandoverResult.ACCEPTED and defects:
        raise Refusal("handover.defects", "Er der mangler, er svaret “overtaget med mangler” (accepted_with_defects).")
    if answer.result is HandoverResult.ACCEPTED_WITH_DEFECTS and not defects:
        raise Refusal("handover.no_defects", "“Overtaget med mangler” skal nævne mindst én mangel med frist.")
    if answer.result is HandoverResult.REFUSED and not reason:
        raise Refusal("handover.reason_missing", "En afvist aflevering skal have en begrundelse.")
    signed = text.name(answer.builder_signed, "builder-signed") if answer.builder_signed.strip() else ""
    remarks = text.text(answer.builder_remarks, "builder-remarks", required=False)
    ours = text.name(answer.signed, "signed") if answer.signed.strip() else ""
    return HandoverAnswer(answer.result, defects, tuple(dict.fromkeys(answer.papers)), reason, signed, remarks, ours)


def is_same(session: Session, handover: Handover, answer: HandoverAnswer) -> bool:
    """Whether the attempt was answered just so already."""
    rows = [
        d for d in defects_of(session, session.get_one(Facility, handover.facility_id)) if d.handover_id == handover.id
    ]
    if [(d.text, d.deadline_on) for d in rows] != [(d.text, d.deadline_on) for d in answer.defects]:
        return False
    said = (answer.result, answer.reason, sorted(answer.papers))
    if said != (handover.result, handover.reason, sorted(handover.papers)):
        return False
    # what is left out is no contradiction: the builder may have signed by its link since
    signed = (
        (answer.builder_signed, handover.signed_by_builder),
        (answer.builder_remarks, handover.builder_remarks),
        (answer.signed, handover.signed_for_us),
    )
    return all(not said or said == there for said, there in signed)
