"""Aflevering: operations looks at the finished facility and answers with the protocol."""

from datetime import date
from enum import StrEnum

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from config.catalogue import catalogue
from flows.fields import Answered, long_text, on_of, role_of, roles
from flows.form import form
from flows.question import Outcome, heading, settle
from models.consultation import conditions_of
from models.danish import dato
from models.facility import Facility
from models.handover import MAY_TAKE_OVER, HandoverAnswer, NewDefect, answer_handover, needed_papers
from models.operations_consultation import meet_condition
from models.protocol import HandoverResult
from models.refusal import Refusal
from models.role import Door
from models.waiting import Wait

Taker = roles(*MAY_TAKE_OVER)
PaperChoice = StrEnum("PaperChoice", {key: paper.name for key, paper in catalogue().papers.items()})  # type: ignore[misc]


class ResultChoice(StrEnum):
    """How a handover can end."""

    ACCEPTED = "Overtaget"
    ACCEPTED_WITH_DEFECTS = "Overtaget med mangler"
    REFUSED = "Ikke overtaget"


class HandoverForm(Answered):
    """The protocol."""

    svar: ResultChoice = Field(title="Resultat")
    betingelser_opfyldt: bool = Field(
        default=False,
        title="Alle betingelser er opfyldt",
        description="Sæt kryds, når I har set, at de er.",
    )
    papirer: list[PaperChoice] = Field(default=[], title="Papirer, der er afleveret")
    mangler: str = long_text("Mangler", "En mangel på hver linje.")
    mangler_senest: date | None = Field(default=None, title="Manglerne rettes senest")
    begrundelse: str = long_text(
        "Bemærkning eller begrundelse", "Skal med, når stedet ikke overtages."
    )
    hvem: Taker = Field(default=Taker["OPERATIONS"], title="Hvem svarer?")  # type: ignore[valid-type]


@flow(name="Aflevering")
def handover(reference: str, question: str) -> State:
    """Wait for operations at the handover and record the protocol."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, _wait: Wait, told: str) -> type[HandoverForm]:
    conditions = conditions_of(session, facility)
    facts = [f"**{facility.reference} · {facility.name}**"]
    if conditions:
        rows = ["| Nr. | Betingelse | Senest | Opfyldt |", "|---:|---|---|---|"]
        rows += [
            f"| {c.number} | {c.text} | {dato(c.deadline_on) if c.deadline_on else '–'} | "
            f"{dato(c.met_on) if c.met_on else 'nej'} |"
            for c in conditions
        ]
        facts.append("\n".join(rows))
    names = [catalogue().papers[key].name for key in needed_papers(facility)]
    facts.append(
        "Papirer, der skal følge med: "
        + ", ".join(names)
        + ". Det, der mangler, bliver rykket for."
    )
    title = (
        f"Driften bedes se på {catalogue().type(facility.type_key).definite} og svare: overtager I?"
    )
    return form(
        HandoverForm, heading(told, title, facts), betingelser_opfyldt=all(c.met_on for c in conditions),
        papirer=[PaperChoice[key] for key in needed_papers(facility)],
    )  # fmt: skip


def _decide(session: Session, facility: Facility, _wait: Wait, said: HandoverForm) -> Outcome:
    on, by = on_of(said), role_of(said.hvem)  # type: ignore[arg-type]
    lines = [line.strip(" -") for line in said.mangler.splitlines() if line.strip(" -")]
    if lines and said.mangler_senest is None:
        raise Refusal(
            "handover.deadline_missing", "Skriv, hvornår manglerne senest skal være rettet."
        )
    defects = tuple(NewDefect(line, said.mangler_senest) for line in lines if said.mangler_senest)
    result = HandoverResult[said.svar.name]
    if said.betingelser_opfyldt:
        for condition in conditions_of(session, facility):
            meet_condition(session, facility, condition.number, on=on, by=by, door=Door.PREFECT)
    answer = HandoverAnswer(
        result, defects, tuple(paper.name for paper in said.papirer), said.begrundelse
    )
    answer_handover(session, facility, answer, on=on, by=by, door=Door.PREFECT)
    return Outcome(
        "Afvist" if result is HandoverResult.REFUSED else "Overtaget",
        f"Aflevering: {result.danish}.",
    )
