"""Eftersyn fra sagens side: the firm is summoned, or how an inspection ended, whether operations was asked already or not."""

from collections.abc import Iterable

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.fields import Choice, Shown, choices, day, day_of, long_text, with_fields, with_values
from channels.questions.handover import DefectRow
from channels.questions.inspection import THREE_QUESTIONS
from channels.staff.action import Action, Given
from models.case.facility import Facility
from models.case.handover import NewDefect
from models.case.inspection import Inspection, InspectionResult, find_inspection, inspections_of
from models.danish import dato
from models.operation.inspection_answer import MAY_INSPECT, answer_inspection, summon_firm
from models.refusal import BadInput, Refusal
from models.said import Said
from models.stage import Stage

WHICH = "Hvilket eftersyn?"


class EndChoice(Choice):
    """How it ended."""

    OK = "I orden"
    DEFECTS = "Med mangler"


class SummonForm(Shown):
    """The day of the meeting."""

    dagen: str = day("Dagen, I indkalder til", "En arbejdsdag, mindst 20 og højst 60 arbejdsdage fra nu.")


class HeldForm(Shown):
    """What was found."""

    svar: EndChoice = Field(title="Hvordan gik det?")
    dagen: str = day("Holdt den", "Lad den stå tom, hvis det er i dag.")
    fejl: list[DefectRow] = Field(default=[], title="Mangler")
    bemaerkning: str = long_text("Bemærkning", "Hvad I så og aftalte. Ingen personnavne: den står i sagen.")
    laering: str = long_text("Til den næste, der tegner et sted", "Hvad skal være anderledes?")


def _open(session: Session, facility: Facility) -> list[Inspection]:
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        return []
    return inspections_of(session, facility, only_open=True)


def _by_contract(session: Session, facility: Facility) -> list[Inspection]:
    return [each for each in _open(session, facility) if each.kind.is_by_contract]


def _which(form: type[BaseModel], inspections: Iterable[Inspection]) -> type[BaseModel]:
    """The form, which asks first what it is about; where there is one only, that is chosen."""
    named = {f"n{each.id}": _words(each) for each in inspections}
    which = choices("Inspections", named)
    first = with_fields(Shown, eftersyn=(which, Field(title=WHICH)))
    asked = with_fields(first, **{name: (info.annotation, info) for name, info in form.model_fields.items()})
    return with_values(asked, eftersyn=which[next(iter(named))]) if len(named) == 1 else asked


def _words(inspection: Inspection) -> str:
    when = f"senest {dato(inspection.inspection_on)}"
    if inspection.summoned_for_on is not None:
        when = f"firmaet er indkaldt til {dato(inspection.summoned_for_on)}"
    elif inspection.summon_by_on is not None:
        when += f", indkald senest {dato(inspection.summon_by_on)}"
    return f"{inspection.kind.danish.capitalize()}, {when}"


def _chosen(session: Session, facility: Facility, given: Given) -> Inspection:
    found = find_inspection(session, int(given.form.eftersyn.name[1:]))
    if found.facility_id != facility.number:
        raise BadInput(WHICH, "det er et andet sted.")
    return found


def _nobody_to_summon(session: Session, facility: Facility) -> str:
    if not _by_contract(session, facility):
        return "Der er intet eftersyn, som et firma kan indkaldes til."
    if facility.firm_id is None:
        return "Det står ikke, hvilket firma der byggede. Skriv det under “Ret navn, sted eller hvem der byggede”."
    return ""


def _summon(session: Session, facility: Facility, given: Given, said: Said) -> str:
    meeting_on = day_of(given.form.dagen, "Dagen, I indkalder til")
    if meeting_on is None:
        raise BadInput("Dagen, I indkalder til", "skriv dagen.")
    found = summon_firm(session, _chosen(session, facility, given), meeting_on, said)
    return f"Firmaet er indkaldt til {found.kind.danish} {dato(meeting_on)}."


def _nothing_to_hold(session: Session, facility: Facility) -> str:
    return "" if _open(session, facility) else "Der er intet eftersyn eller besøg, som ikke er holdt."


def _held(session: Session, facility: Facility, given: Given, said: Said) -> str:
    form = given.form
    rows = [(row.hvad.strip(), day_of(row.senest, "Rettes senest")) for row in form.fejl if row.hvad.strip()]
    if any(deadline is None for _, deadline in rows):
        raise Refusal("inspection.deadline_missing", "Skriv, hvornår manglerne senest skal være rettet.")
    found = _chosen(session, facility, given)
    result = InspectionResult[form.svar.name]
    answer_inspection(
        session,
        found,
        result,
        [NewDefect(what, deadline) for what, deadline in rows if deadline is not None],
        said,
        held_on=day_of(form.dagen, "Holdt den") or said.on,
        note=form.bemaerkning,
        learned=form.laering,
    )
    return f"{found.kind.danish.capitalize()} er holdt: {result.danish}."


INSPECTION_ACTIONS: tuple[Action, ...] = (
    Action(
        "indkald",
        "Indkald firmaet til eftersyn",
        MAY_INSPECT,
        lambda session, facility: _which(SummonForm, _by_contract(session, facility)),
        _summon,
        _nobody_to_summon,
        help="Firmaet får indkaldelsen på skrift med det samme. En ny dag træder i stedet for den, der stod.",
    ),
    Action(
        "eftersyn",
        "Et eftersyn eller besøg er holdt",
        MAY_INSPECT,
        lambda session, facility: _which(HeldForm, _open(session, facility)),
        _held,
        _nothing_to_hold,
        help=f"Hver mangel bliver til arbejde med en frist. {THREE_QUESTIONS}",
    ),
)
