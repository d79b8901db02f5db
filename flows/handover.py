"""Aflevering: operations looks at the finished facility and answers with the protocol."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field, create_model
from sqlmodel import Session

from config.catalogue import catalogue
from flows.asking.fields import HIDDEN, Answered, Choice, choices, chosen, day, day_of, long_text, on_of, role_of, roles
from flows.asking.form import form
from flows.asking.markdown import cell
from flows.asking.question import Outcome, about, heading, settle
from models.case.consultation import conditions_of
from models.case.facility import Facility
from models.case.handover import HandoverResult
from models.danish import dato
from models.overview.waiting import Wait
from models.refusal import Refusal
from models.role import Door
from models.said import Said
from models.stages.consultation import meet_condition
from models.stages.handover import MAY_TAKE_OVER, HandoverAnswer, NewDefect, answer_handover, needed_papers

Taker = roles(*MAY_TAKE_OVER)
PaperChoice = choices("PaperChoice", {key: paper.name for key, paper in catalogue().papers.items()})


class ResultChoice(Choice):
    """How a handover can end."""

    ACCEPTED = "Overtaget"
    ACCEPTED_WITH_DEFECTS = "Overtaget med mangler"
    REFUSED = "Ikke overtaget"


class HandoverForm(Answered):
    """The protocol."""

    svar: ResultChoice = Field(title="Resultat", description="Med mangler: nævn dem nedenfor med en frist.")
    betingelser_opfyldt: bool = Field(default=False, json_schema_extra=HIDDEN)
    papirer: list[PaperChoice] = Field(  # type: ignore[valid-type]
        default=[], title="Papirer, der er afleveret", description="Vælg dem, I har fået."
    )
    mangler: str = long_text("Mangler", "En mangel på hver linje.")
    mangler_senest: str = day("Manglerne rettes senest", "Skal med, når der er mangler.")
    begrundelse: str = long_text("Begrundelse eller bemærkning", "Skal med, når stedet ikke overtages.")
    hvem: Taker = Field(title="Hvem svarer?")  # type: ignore[valid-type]


@flow(name="Aflevering")
def handover(reference: str, question: str) -> State:
    """Wait for operations at the handover and record the protocol."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, _wait: Wait, told: str) -> type[HandoverForm]:
    conditions = conditions_of(session, facility)
    facts = [about(facility)]
    if conditions:
        facts.append(
            "\n".join(
                [
                    "**Betingelser fra høringen:**\n",
                    *(
                        f"{c.number}. {cell(c.text)}"
                        + (f", senest {dato(c.deadline_on)}" if c.deadline_on else "")
                        + (f" – opfyldt {dato(c.met_on)}" if c.met_on else " – **ikke opfyldt**")
                        for c in conditions
                    ),
                ]
            )
        )
    names = [catalogue().papers[key].name for key in needed_papers(facility)]
    facts.append("**Papirer, der skal følge med:** " + ", ".join(names) + ". Det, der mangler, bliver rykket for.")
    title = f"Driften bedes se på {catalogue().type(facility.type_key).definite} og svare: overtager I?"
    asked = HandoverForm
    if any(condition.met_on is None for condition in conditions):
        met = Field(
            default=False,
            title="Alle betingelser er opfyldt",
            description="Slå til, når I har set, at de er.",
            json_schema_extra={"position": -1},
        )
        asked = create_model("HandoverForm", __base__=HandoverForm, betingelser_opfyldt=(bool, met))
    return form(asked, heading(told, title, facts))


def _decide(session: Session, facility: Facility, _wait: Wait, said: HandoverForm) -> Outcome:
    on, by = on_of(said.dato), role_of(said.hvem)
    lines = [line.strip(" -") for line in said.mangler.splitlines() if line.strip(" -")]
    deadline_on = day_of(said.mangler_senest, "Manglerne rettes senest")
    if lines and deadline_on is None:
        raise Refusal("handover.deadline_missing", "Skriv, hvornår manglerne senest skal være rettet.")
    defects = tuple(NewDefect(line, deadline_on) for line in lines if deadline_on)
    result = HandoverResult[said.svar.name]
    if said.betingelser_opfyldt:
        for condition in conditions_of(session, facility):
            meet_condition(session, facility, condition.number, Said(on, by, Door.PREFECT))
    answer = HandoverAnswer(result, defects, tuple(chosen(paper) for paper in said.papirer), said.begrundelse)
    answer_handover(session, facility, answer, Said(on, by, Door.PREFECT))
    return Outcome("Afvist" if result is HandoverResult.REFUSED else "Overtaget", f"Aflevering: {result.danish}.")
