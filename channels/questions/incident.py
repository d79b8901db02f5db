"""Skade: the operations manager decides what to do about what was reported."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, Strong, says
from channels.questions.fields import LATE, OF_A_MEETING, Choice, Shown, day, day_of, short_text
from channels.questions.question import Outcome, Question, Way, by_choice, stands
from channels.questions.real_costs import cost_of_such_work
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.calendar import today
from models.case.facility import Facility
from models.danish import dato, kr
from models.operation.incident import IncidentDecision, find_incident
from models.operation.incident_decision import MAX_KR, MAY_DECIDE, decide_incident
from models.operation.work_order import WorkKind
from models.overview.waiting import Wait
from models.pool.ledger import left_of, sums_of, year_of
from models.said import Said
from models.text import TEXT_LENGTH


class DecisionChoice(Choice):
    """What can be done."""

    REPAIR = "Reparér"
    CLOSE = "Luk stedet"
    REMOVE = "Fjern det"


class IncidentForm(Shown):
    """The decision."""

    svar: DecisionChoice = Field(title="Beslutning")
    kroner: int = Field(
        title="Kroner",
        ge=0,
        le=MAX_KR,
        description="Hvad det koster, i hele kroner. En reparation bliver bestilt, og beløbet reserveret. 0, hvis det er gratis.",
    )
    begrundelse: str = Field(
        title="Begrundelse", min_length=3, max_length=TEXT_LENGTH, description="Den står i sagen og i årets rapport."
    )
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.", position=LATE)
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.", position=LATE)


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """What happened, and the money there is for it."""
    found = find_incident(session, wait.subject or 0)
    year = today().year
    left = left_of(sums_of(session, facility.number).get(year, {}))
    safe = says(f"Meldt {dato(found.reported_on)}. Stedet kan bruges.")
    if not found.safe:
        made_safe = f" Det er sikret {dato(found.made_safe_on)}." if found.made_safe_on else ""
        must_not = "Stedet må bruges igen." if found.usable_on else "Stedet må ikke bruges."
        safe = says(f"Meldt {dato(found.reported_on)}. ", Strong(must_not), made_safe)
    return Facts(
        f"Driftslederen bedes beslutte: hvad gør vi ved skade nr. {found.id}?",
        (
            Link(facility.reference, facility.name),
            says(Strong("Skaden:"), f" {found.what}"),
            safe,
            says(
                f"Tilbage af tilsagnet i {year}: {kr(left)} Fri i puljen: {kr(year_of(session, year).free_ore)} "
                f"Genopførelse koster {kr(facility.replacement_ore)}"
            ),
            *cost_of_such_work(session, facility, WorkKind.REPAIR),
        ),
    )


def form(_session: Session, _facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The same for every incident."""
    return IncidentForm


def decide(session: Session, _facility: Facility, wait: Wait, answer: IncidentForm, said: Said) -> Outcome:
    """Repair, close or remove, and what it costs the pool.

    Raises:
        Refusal: see `models.operation.incident_decision.decide_incident`.
        BadInput: the day of the political decision isn't there.
    """
    decision = IncidentDecision[answer.svar.name]
    decide_incident(
        session,
        find_incident(session, wait.subject or 0),
        decision,
        answer.kroner,
        answer.begrundelse,
        said,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
        case_number=answer.sagsnummer,
    )
    return Outcome(str(answer.svar), f"Skade nr. {wait.subject}: {decision.danish}.")


def command(wait: Waits, _case: FacilityCase) -> str:
    """The command that answers."""
    return f"answer incident {wait.incident} --decision repair|close|remove --kr BELØB --reason TEKST"


QUESTION = Question(
    topic="incident",
    word="Skade",
    asked_by="incident",
    waits_for="Venter på en beslutning om en skade.",
    roles=MAY_DECIDE,
    who="Hvem beslutter?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice(),
    why_not_correct=stands(
        "Arbejdet er bestilt, og pengene er sat af. Kan reparationen ikke gøres, så svar det på arbejdet: så skal skaden afgøres igen."
    ),
    ways=(
        Way("REPAIR", "Reparér", ("kroner", "begrundelse", *OF_A_MEETING)),
        Way("CLOSE", "Luk stedet", ("kroner", "begrundelse", *OF_A_MEETING)),
        Way("REMOVE", "Fjern det", ("kroner", "begrundelse", *OF_A_MEETING), is_no=True),
    ),
)
