"""Arbejde: operations takes an order, says that it is done and what it took, or why it can't be done."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, Strong, says
from channels.questions.fields import LATE, Choice, Shown, long_text, short_text, with_values
from channels.questions.question import Outcome, Question, by_choice, stands
from channels.questions.real_costs import cost_of_such_work
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.calendar import today
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.danish import dato, kr, minutter
from models.operation.work import MAX_MINUTES, MAY_FINISH, drop_work, finish_work, take_work
from models.operation.work_order import WorkOrder, WorkState, find_work
from models.overview.waiting import Wait
from models.refusal import BadInput
from models.said import Said


class WorkChoice(Choice):
    """What can be said about an order."""

    TAKEN = "Taget: vi gør det"
    DONE = "Gjort"
    CANNOT = "Kan ikke, fordi …"


class WorkForm(Shown):
    """The answer; minutes and kroner count for what is done."""

    svar: WorkChoice = Field(title="Hvordan går det?")
    minutter: int = Field(title="Minutter", ge=0, le=MAX_MINUTES, description="Tiden det tog, når det er gjort.")
    kroner: str = Field(
        default="",
        title="Kroner i alt",
        pattern=r"^[0-9]{0,9}$",
        description="Alt, hvad det kostede, timerne med. Tomt er timerne til kommunens timepris.",
    )
    bemaerkning: str = long_text(
        "Bemærkning", "Hvorfor det ikke kan gøres, eller hvad der blev gjort. Ingen personnavne."
    )
    faktura: str = short_text("Faktura", "Fakturaens nummer, når et firma har gjort det.", position=LATE)


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """What is to be done, by when, what was expected of it, and who has taken it."""
    work = session.get_one(WorkOrder, wait.subject)
    late = (" ", Strong("Fristen er overskredet.")) if work.is_late(today()) else ()
    is_planned = work.minutes_estimated or work.ore_estimated
    planned = [says(f"Ventet: {minutter(work.minutes_estimated)}, {kr(work.ore_estimated)}")] if is_planned else []
    taken = "Ingen har taget det endnu."
    if work.state is WorkState.TAKEN and work.taken_by is not None and work.taken_on is not None:
        taken = f"Taget af {work.taken_by.danish} {dato(work.taken_on)}."
    return Facts(
        f"Driften bedes gøre arbejde nr. {work.id}.",
        (
            Link(facility.reference, facility.name),
            says(Strong("Arbejdet:"), f" {work.what} ({work.kind.danish})"),
            says(f"Bestilt {dato(work.ordered_on)}, frist {dato(work.due_on)}.", *late),
            *planned,
            *cost_of_such_work(session, facility, work.kind),
            says(taken),
        ),
    )


def form(session: Session, _facility: Facility, wait: Wait) -> type[BaseModel]:
    """The form with the expected minutes filled in."""
    return with_values(WorkForm, minutter=session.get_one(WorkOrder, wait.subject).minutes_estimated)


def decide(session: Session, _facility: Facility, wait: Wait, answer: WorkForm, said: Said) -> Outcome:
    """Take it, finish it with what it took, or drop it with the reason.

    Raises:
        Refusal: see `models.operation.work`.
        BadInput: it can't be done, and no reason is said.
    """
    work = find_work(session, wait.subject or 0)
    if answer.svar is WorkChoice.TAKEN:
        take_work(session, work, said)
        return Outcome("Taget", f"Arbejde nr. {work.id} er taget.")
    if answer.svar is WorkChoice.CANNOT:
        if not answer.bemaerkning.strip():
            raise BadInput("note", "skriv, hvorfor det ikke kan gøres.")
        drop_work(session, work, said, reason=answer.bemaerkning)
        return Outcome("Droppet", f"Arbejde nr. {work.id} bliver ikke gjort.")
    ore = int(answer.kroner) * 100 if answer.kroner else cost_of(answer.minutter)
    finish_work(session, work, said, minutes=answer.minutter, ore=ore, note=answer.bemaerkning, invoice=answer.faktura)
    return Outcome("Gjort", f"Arbejde nr. {work.id} er gjort.")


def minutes(session: Session, _facility: Facility, wait: Wait, answer: WorkForm) -> tuple[int, int] | None:
    """What the job took, beside what was expected of it."""
    if answer.svar is not WorkChoice.DONE:
        return None
    return answer.minutter, session.get_one(WorkOrder, wait.subject).minutes_estimated


def command(wait: Waits, _case: FacilityCase) -> str:
    """The command that answers."""
    return f"work done {wait.work} --minutes TAL"


QUESTION = Question(
    topic="work",
    word="Arbejde",
    asked_by="work",
    waits_for="Venter på arbejde, hvis frist er overskredet.",
    roles=MAY_FINISH,
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice({WorkChoice.TAKEN: "Taget", WorkChoice.CANNOT: "Droppet"}, "Gjort"),
    minutes=minutes,
    why_not_correct=stands(
        "Det, arbejdet kostede, er bogført. Timer rettes med “Ret timer” på sagens side, penge på Puljens. Skal der gøres "
        "mere, så bestil det på sagens side."
    ),
)
