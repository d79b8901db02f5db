"""Eftersyn: operations summons the firm in time, and says how the inspection or the visit ended."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Block, Facts, Link, Strong, says
from channels.questions.fields import Choice, Shown, day, day_of, long_text, with_fields
from channels.questions.question import Outcome, Question, by_choice
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.handover import NewDefect
from models.case.inspection import Inspection, InspectionKind, InspectionResult, find_inspection
from models.danish import dato
from models.operation.inspection_answer import MAY_INSPECT, answer_inspection, summon_firm
from models.overview.waiting import Wait
from models.refusal import BadInput, Refusal
from models.said import Said

THREE_QUESTIONS = "Virker det, som det var tænkt? Hvem gør hvad? Hvad skal det næste sted have anderledes?"


class HeldChoice(Choice):
    """How it ended."""

    OK = "Holdt, i orden"
    DEFECTS = "Holdt, med mangler"


class SummonOrHeldChoice(Choice):
    """The same where a firm can be summoned first."""

    SUMMON = "Indkald firmaet"
    OK = "Holdt, i orden"
    DEFECTS = "Holdt, med mangler"


class InspectionForm(Shown):
    """What was found."""

    svar: HeldChoice = Field(title="Svar", description="Med mangler: nævn dem nedenfor med en frist.")
    dagen: str = day("Dagen", "Dagen, det blev holdt. Lad den stå tom, hvis det er i dag.")
    mangler: str = long_text("Mangler", "En mangel på hver linje.")
    mangler_senest: str = day("Manglerne rettes senest", "Skal med, når der er mangler.")
    bemaerkning: str = long_text("Bemærkning", "Hvad I så og aftalte. Ingen personnavne: den står i sagen.")
    laering: str = long_text("Til den næste, der tegner et sted", "Hvad skal være anderledes?")


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """Until when it can be held and summoned to, by which terms, and who built the place."""
    found = _inspection(session, wait)
    last = says(Strong("Holdes senest:"), f" {dato(found.inspection_on)}")
    blocks: list[Block] = [Link(facility.reference, facility.name), last]
    if found.kind is InspectionKind.FIRST_WEEKS:
        blocks.append(says(f"Hold det sammen med dem, der passer stedet. {THREE_QUESTIONS}"))
    if found.summon_by_on is not None:
        blocks.append(says(Strong("Indkald senest:"), f" {dato(found.summon_by_on)}"))
        blocks.append(says(_builder(session, facility)))
    if found.summoned_for_on is not None:
        blocks.append(says(f"Firmaet er indkaldt til {dato(found.summoned_for_on)}."))
    return Facts(f"Driften bedes sørge for {found.kind.danish} (nr. {found.id}).", tuple(blocks))


def _builder(session: Session, facility: Facility) -> str:
    if facility.firm_id is None:
        return "Det står ikke, hvilket firma der byggede. Ret sagen, før I indkalder."
    firm = session.get_one(Firm, facility.firm_id)
    return f"Bygget af {firm.reference} {firm.name} på {facility.terms.danish}."


def form(session: Session, facility: Facility, wait: Wait) -> type[BaseModel]:
    """Where a firm built it, it can be summoned first."""
    found = _inspection(session, wait)
    if found.summon_by_on is None or facility.firm_id is None:
        return InspectionForm
    answer = Field(title="Svar", description="Indkald først; skriv resultatet, når det er holdt.")
    meeting = day("Dagen", "Dagen, I indkalder til, eller dagen, det blev holdt.")
    return with_fields(InspectionForm, svar=(SummonOrHeldChoice, answer), dagen=(str, meeting))


def decide(session: Session, facility: Facility, wait: Wait, answer: InspectionForm, said: Said) -> Outcome:
    """The summons, or how it ended.

    Raises:
        Refusal: see `models.operation.inspection_answer`; or the defects have no deadline.
        BadInput: the day isn't there.
    """
    found = find_inspection(session, wait.inspection or 0)
    chosen_on = day_of(answer.dagen, "Dagen")
    if answer.svar.name == "SUMMON":
        if chosen_on is None:
            raise BadInput("Dagen", "skriv den dag, firmaet indkaldes til.")
        summon_firm(session, found, chosen_on, said)
        return Outcome("Indkaldt", f"Firmaet er indkaldt til {found.kind.danish} {dato(chosen_on)}.")
    lines = [line.strip(" -") for line in answer.mangler.splitlines() if line.strip(" -")]
    deadline_on = day_of(answer.mangler_senest, "Manglerne rettes senest")
    if lines and deadline_on is None:
        raise Refusal("inspection.deadline_missing", "Skriv, hvornår manglerne senest skal være rettet.")
    defects = [NewDefect(line, deadline_on) for line in lines if deadline_on is not None]
    result = InspectionResult[answer.svar.name]
    answer_inspection(
        session,
        found,
        result,
        defects,
        said,
        held_on=chosen_on or said.on,
        note=answer.bemaerkning,
        learned=answer.laering,
    )
    return Outcome("Holdt", f"{found.kind.danish.capitalize()} er holdt: {result.danish}.")


def _inspection(session: Session, wait: Wait) -> Inspection:
    return session.get_one(Inspection, wait.inspection)


def command(wait: Waits, _case: FacilityCase) -> str:
    """The command that answers: the summons as long as nobody is summoned."""
    if wait.what.startswith("indkaldelse"):
        return f"inspection summon {wait.inspection} --meeting-on DATO"
    return f"answer inspection {wait.inspection} --held-on DATO --result ok|defects"


def _why_it_stands(session: Session, _facility: Facility, wait: Wait) -> str:
    """What one does where an answer was wrong; only a contract's inspection is written to a firm."""
    instead = "En glemt mangel bestilles som arbejde på sagens side."
    found = session.get(Inspection, wait.inspection) if wait.inspection is not None else None
    if found is None or not found.kind.is_by_contract:
        return f"Det står i sagens forløb. {instead}"
    return f"Firmaet har fået det på skrift. En dag flyttes ved at indkalde igen. {instead}"


QUESTION = Question(
    topic="inspection",
    word="Eftersyn",
    asked_by="inspection",
    waits_for="Venter på, at driften indkalder til eller holder et eftersyn.",
    roles=MAY_INSPECT,
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice({SummonOrHeldChoice.SUMMON: "Indkaldt"}, "Holdt"),
    why_not_correct=_why_it_stands,
)
