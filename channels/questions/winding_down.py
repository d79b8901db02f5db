"""Ophør: the coordinator, or the committee, decides what becomes of a place whose group lets go."""

from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, says
from channels.questions.fields import CAME_LATER, LATE, OF_A_MEETING, Choice, Shown, day, day_of, long_text, short_text
from channels.questions.question import Outcome, Question, Way, by_choice, stands
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.facility import Facility
from models.danish import dato, kr, timer
from models.operation.winding_down import MAY_WIND_DOWN, answer_winding_down, minutes_given, winding_downs_of
from models.operation.winding_down import Outcome as Ending
from models.overview.waiting import Wait
from models.pool.ledger import left_of, sums_of
from models.said import Said

_MEETING = (*OF_A_MEETING, "ordene")


class EndingChoice(Choice):
    """What can become of the place."""

    NEW_GROUP = "En ny gruppe tager over"
    OPERATIONS = "Driften tager over"
    REMOVE = "Stedet tages ned"


def _level() -> Any:
    return Field(
        default=0,
        title="Driftens niveau i procent",
        ge=0,
        le=100,
        description="Når driften tager over på et niveau, udvalget har valgt, fx 60. Lad feltet stå tomt, hvis der ikke er valgt et.",
        json_schema_extra={"position": LATE} | CAME_LATER,
    )


class WindingDownForm(Shown):
    """The coordinator's decision, or the committee's."""

    svar: EndingChoice = Field(title="Hvad sker der med stedet?")
    gruppe: str = Field(
        default="",
        title="Ny gruppe",
        max_length=12,
        description="Fx G-0002, når en ny gruppe tager over.",
        json_schema_extra={"pattern": "^(G-[0-9]{4,})?$"},
    )
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.", position=LATE)
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.", position=LATE)
    niveau: int = _level()
    ordene: str = long_text(
        "Hvad blev der besluttet?", "Beslutningens egne ord, hvis de skal huskes. Ingen personnavne."
    )


def facts(session: Session, facility: Facility, _wait: Wait) -> Facts:
    """Why it ends, what the group gave, and what is left of the grants."""
    ending = winding_downs_of(session, facility)[-1]
    left = sum(max(0, left_of(sums)) for sums in sums_of(session, facility.number).values())
    return Facts(
        "Frivilligkoordinatoren bedes beslutte, hvad der sker med stedet",
        (
            Link(facility.reference, facility.name),
            says(f"Begyndt {dato(ending.begun_on)}: {ending.reason}"),
            says(f"Gruppen har givet {timer(minutes_given(session, facility))}. Ubrugte tilsagn: {kr(left)}"),
        ),
    )


def form(_session: Session, _facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The same for every place."""
    return WindingDownForm


def decide(session: Session, facility: Facility, _wait: Wait, answer: WindingDownForm, said: Said) -> Outcome:
    """A new group, operations, or removal.

    Raises:
        Refusal: see `models.operation.winding_down.answer_winding_down`.
        BadInput: the committee's decision has no day or case.
    """
    outcome = Ending[answer.svar.name]
    answer_winding_down(
        session,
        facility,
        outcome,
        said,
        group=answer.gruppe.strip() or None,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
        case_number=answer.sagsnummer,
        level_percent=answer.niveau if answer.niveau else None,
        words=answer.ordene,
    )
    return Outcome(str(answer.svar), f"Ophør: {outcome.danish}.")


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers."""
    return f"answer winding-down {case.reference} --outcome new_group|operations|remove"


QUESTION = Question(
    topic="winding_down",
    word="Ophør",
    asked_by="winding_down",
    waits_for="Venter på en beslutning om, hvad der sker med stedet.",
    roles=MAY_WIND_DOWN,
    who="Hvem beslutter?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice(),
    why_not_correct=stands(
        "Gruppen har fået besked, og det er sat i gang. Ring til frivilligkoordinatoren, hvis det er forkert."
    ),
    ways=(
        Way("NEW_GROUP", "En ny gruppe tager over", ("gruppe", *_MEETING)),
        Way("OPERATIONS", "Driften tager over", ("niveau", *_MEETING)),
        Way("REMOVE", "Stedet tages ned", _MEETING, is_no=True),
    ),
)
