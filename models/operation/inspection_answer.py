"""Eftersynet holdes: the firm is summoned in time, and what was found becomes work with deadlines."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, select

from models import text
from models.calendar import is_working_day
from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.handed_over import handed_over_on
from models.case.handover import Defect, NewDefect, add_defects, defects_of
from models.case.inspection import Inspection, InspectionResult
from models.danish import dato
from models.journal import write_journal
from models.operation.inspection import answer_summons_by, earliest_after_summons, latest_after_summons
from models.operation.inspection_work import order_mending, put_off, settle_work
from models.post.outbox import SUMMONS, tell_firm
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_INSPECT = (Role.OPERATIONS, Role.OPERATIONS_MANAGER)


def summon_firm(session: Session, inspection: Inspection, meeting_on: date, said: Said) -> Inspection:
    """Summon the firm in writing to an inspection, with at least 20 and at most 60 working days' notice.

    Raises:
        Refusal: the role may not, nobody can be summoned to it, it is held, or the last day to summon has passed.
        BadInput: the day is no working day, leaves too little or too much notice, or lies after the last lawful one.
    """
    may_decide(said.by, MAY_INSPECT, "Et eftersyn")
    facility = session.get_one(Facility, inspection.facility_id)
    firm = _firm_to_summon(session, facility, inspection)
    if inspection.summoned_for_on == meeting_on:
        return inspection
    _refuse_a_day_that_does_not_hold(inspection, meeting_on, said.on)
    inspection.summoned_on, inspection.summoned_for_on = said.on, meeting_on
    put_off(session, inspection, meeting_on)
    line = f"{firm.reference} er indkaldt til {inspection.kind.danish} {dato(meeting_on)}."
    write_journal(session, facility, line, said)
    key = f"inspection:{inspection.id}:summons:{meeting_on}"
    context = _summons(session, facility, firm, inspection, meeting_on)
    tell_firm(session, facility, firm.number, SUMMONS, said.on, key=key, context=context)
    return inspection


def _summons(
    session: Session, facility: Facility, firm: Firm, inspection: Inspection, meeting_on: date
) -> dict[str, object]:
    """All that the letter says, as it is on the day it is sent: a correction made later doesn't change what was sent."""
    since = handed_over_on(session, facility)
    return {
        "inspection_id": inspection.number,
        "kind": inspection.kind.danish,
        "meeting_on": meeting_on.isoformat(),
        "answer_by_on": answer_summons_by(meeting_on).isoformat(),
        "last_on": inspection.inspection_on.isoformat(),
        "handed_over_on": since.isoformat() if since is not None else "",
        "terms": facility.terms.danish,
        "claims_end_on": inspection.claims_end_on.isoformat() if inspection.claims_end_on else "",
        "firm": {"name": firm.name, "cvr": firm.cvr, "mail": firm.mail},
        "defects": [
            {"number": each.number, "text": each.text, "deadline_on": each.deadline_on.isoformat()}
            for each in defects_of(session, facility)
            if each.fixed_on is None
        ],
    }


def _firm_to_summon(session: Session, facility: Facility, inspection: Inspection) -> Firm:
    _refuse_what_is_over(facility, inspection)
    if not inspection.kind.is_by_contract:
        raise Refusal("inspection.no_summons", f"Til {inspection.kind.danish} indkaldes ingen. Aftal det med gruppen.")
    firm = session.get(Firm, facility.firm_id) if facility.built_by is BuiltBy.FIRM and facility.firm_id else None
    if firm is None:
        raise Refusal(
            "inspection.no_firm",
            f"Det står ikke, hvilket firma der byggede {facility.reference}. Skriv det først.",
            remedy=Remedy.CORRECT_FACILITY,
        )
    return firm


def _refuse_a_day_that_does_not_hold(inspection: Inspection, meeting_on: date, on: date) -> None:
    if inspection.summon_by_on is not None and on > inspection.summon_by_on:
        raise Refusal(
            "inspection.summons_late",
            f"Sidste dag for at indkalde til {inspection.kind.danish} var {dato(inspection.summon_by_on)}. Bed firmaet "
            "skriftligt om at komme alligevel, og skriv resultatet bagefter.",
            remedy=Remedy.ANSWER_INSPECTION,
        )
    first, last = earliest_after_summons(on), min(latest_after_summons(on), inspection.inspection_on)
    if not is_working_day(meeting_on) or not first <= meeting_on <= last:
        raise BadInput(
            "meeting-on",
            f"vælg en arbejdsdag fra {dato(first)} til {dato(last)}: varslet er mindst 20 og højst 60 arbejdsdage, "
            f"og sidste lovlige dag er {dato(inspection.inspection_on)}.",
        )


def answer_inspection(
    session: Session,
    inspection: Inspection,
    result: InspectionResult,
    defects: Sequence[NewDefect],
    said: Said,
    *,
    held_on: date,
    note: str = "",
    learned: str = "",
) -> Inspection:
    """Record how an inspection or a visit ended; each defect becomes work, the firm's where a firm built the place.

    After the last lawful day it is recorded all the same, and the journal says that it was too late.

    Raises:
        Refusal: the role may not, it is answered otherwise, the place is taken down, or result and defects contradict
            each other.
        BadInput: the day hasn't come or lies before the handover, or a deadline lies before it.
    """
    may_decide(said.by, MAY_INSPECT, "Et eftersyn")
    facility = session.get_one(Facility, inspection.facility_id)
    note, learned = text.text(note, "note", required=False), text.text(learned, "learned", required=False)
    defects = [NewDefect(text.text(each.text, "defect"), each.deadline_on) for each in defects]
    if _is_same(session, inspection, (result, held_on, note, learned), defects):
        return inspection
    _refuse_what_is_over(facility, inspection)
    _refuse_what_cannot_be(session, facility, result, defects, said.on, held_on)
    inspection.held_on, inspection.result, inspection.note, inspection.learned = held_on, result, note, learned
    found = add_defects(session, facility, defects, inspection_id=inspection.number)
    settle_work(session, inspection, said)
    firm = session.get(Firm, facility.firm_id) if inspection.kind.is_by_contract and facility.firm_id else None
    works = firm.number if firm is not None and firm.left_on is None else None
    for defect in found:
        order_mending(session, facility, defect, said, firm_id=works)
    # last, so that the receipt ends on the answer itself
    write_journal(session, facility, _line(inspection, len(found)), said)
    if works is not None:
        _send_protocol(session, facility, works, inspection, found, said.on)
    return inspection


def _line(inspection: Inspection, count: int) -> str:
    assert inspection.result is not None
    assert inspection.held_on is not None
    line = f"Eftersyn nr. {inspection.id} holdt: {inspection.kind.danish} {dato(inspection.held_on)}, "
    line += inspection.result.danish + (f" ({count})." if count else ".")
    if inspection.kind.is_by_contract and inspection.held_on > inspection.inspection_on:
        line += f" Sidste lovlige dag var {dato(inspection.inspection_on)}, så retten kan være tabt."
    return line + (f" {inspection.note}" if inspection.note else "")


def _send_protocol(
    session: Session, facility: Facility, firm_id: int, inspection: Inspection, found: list[Defect], on: date
) -> None:
    """The firm gets the protocol at once, whether it came or not (ABT 18 § 56)."""
    assert inspection.held_on is not None
    context = {
        "kind": inspection.kind.danish,
        "held_on": inspection.held_on.isoformat(),
        "note": inspection.note,
        "defects": [{"number": d.number, "text": d.text, "deadline_on": d.deadline_on.isoformat()} for d in found],
    }
    key = f"inspection:{inspection.id}:held"
    tell_firm(session, facility, firm_id, "inspection_held", on, key=key, context=context)


def _refuse_what_is_over(facility: Facility, inspection: Inspection) -> None:
    if inspection.held_on is not None:
        raise Refusal("inspection.held", f"Eftersyn nr. {inspection.id} er holdt {dato(inspection.held_on)}.")
    if inspection.dropped_on is not None:
        raise Refusal("inspection.dropped", f"Eftersyn nr. {inspection.id} gælder ikke mere. {inspection.note}".strip())
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        raise Refusal("inspection.not_in_operation", f"{facility.reference} er ikke i drift ({facility.stage.danish}).")


def _refuse_what_cannot_be(
    session: Session,
    facility: Facility,
    result: InspectionResult,
    defects: Sequence[NewDefect],
    on: date,
    held_on: date,
) -> None:
    if held_on > on:
        raise BadInput("held-on", "dagen er ikke kommet endnu. Skriv den dag, eftersynet blev holdt.")
    since = handed_over_on(session, facility)
    if since is not None and held_on < since:
        raise BadInput("held-on", f"dagen ligger før afleveringen {dato(since)}.")
    if result is InspectionResult.OK and defects:
        raise Refusal("inspection.defects", "Er der mangler, er svaret “mangler” (defects).")
    if result is InspectionResult.DEFECTS and not defects:
        raise Refusal("inspection.no_defects", "“Mangler” skal nævne mindst én mangel med frist.")
    if any(each.deadline_on < on for each in defects):
        raise BadInput("defect", "fristen for en mangel kan ikke være overskredet allerede.")


def _is_same(
    session: Session,
    inspection: Inspection,
    answer: tuple[InspectionResult, date, str, str],
    defects: Sequence[NewDefect],
) -> bool:
    if inspection.held_on is None:
        return False
    was = (inspection.result, inspection.held_on, inspection.note, inspection.learned)
    rows = session.exec(select(Defect).where(Defect.inspection_id == inspection.id).order_by("number")).all()
    return was == answer and [(r.text, r.deadline_on) for r in rows] == [(d.text, d.deadline_on) for d in defects]
