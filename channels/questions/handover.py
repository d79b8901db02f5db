"""Aflevering: operations looks at the finished facility and answers with the protocol."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, Listed, Sentence, Strong, says
from channels.questions.fields import (
    HIDDEN,
    Choice,
    Shown,
    choices,
    chosen,
    day,
    day_of,
    long_text,
    short_text,
    with_fields,
)
from channels.questions.question import Outcome, Question, Way, by_choice
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from config.catalogue import catalogue
from models.case.attached_paper import StoredPaper
from models.case.consultation import Condition, conditions_of
from models.case.facility import Facility
from models.case.gate import NOBODY_INSURES
from models.case.handover import HandoverResult, NewDefect, defects_of, is_taken_over, last_handover
from models.case.inheritance import by_when
from models.case.insurance import has_answer
from models.danish import dato
from models.overview.waiting import Wait
from models.refusal import Refusal
from models.said import Said
from models.stages.attached_paper import add_paper
from models.stages.consultation import meet_condition
from models.stages.handover import MAY_TAKE_OVER, HandoverAnswer, answer_handover, needed_papers
from models.stages.handover_correction import correct_handover, why_not_correct_handover
from models.text import NAME_LENGTH

SIGNATURES = ("vi_underskrev", "underskrevet", "bemaerkning")
"""Both signatures on the protocol, and what the builder said to it."""
PaperChoice = choices("PaperChoice", {key: paper.name for key, paper in catalogue().papers.items()})


class ResultChoice(Choice):
    """How a handover can end."""

    ACCEPTED = "Overtaget"
    ACCEPTED_WITH_DEFECTS = "Overtaget med mangler"
    REFUSED = "Ikke overtaget"


class DefectRow(Shown):
    """One defect with its deadline; where a door can show rows."""

    hvad: str = long_text("Hvad mangler?", "")
    senest: str = day("Rettes senest", "")


class HandoverForm(Shown):
    """The protocol."""

    svar: ResultChoice = Field(title="Resultat", description="Med mangler: nævn dem nedenfor med en frist.")
    betingelser_opfyldt: bool = Field(default=False, json_schema_extra=HIDDEN)
    papirer: list[PaperChoice] = Field(  # type: ignore[valid-type]
        default=[], title="Papirer, der er afleveret", description="Vælg dem, I har fået."
    )
    mangler: str = long_text("Mangler", "En mangel på hver linje.")
    mangler_senest: str = day("Manglerne rettes senest", "Skal med, når der er mangler.")
    underskrevet: str = short_text(
        "Underskrevet for den, der byggede",
        "Navn og firma, som på protokollen. Er det tomt, får den, der byggede, et link til at skrive under.",
    )
    bemaerkning: str = long_text("Bemærkning fra den, der byggede", "Hvad de sagde til manglerne.")
    vi_underskrev: str = Field(
        default="",
        title="Underskrevet for kommunen",
        description="Jeres navn på protokollen.",
        max_length=NAME_LENGTH,
        json_schema_extra={**HIDDEN, "one_line": True},
    )
    begrundelse: str = long_text("Begrundelse eller bemærkning", "Skal med, når stedet ikke overtages.")
    fejl: list[DefectRow] = Field(default=[], title="Mangler", json_schema_extra=HIDDEN)


def facts(session: Session, facility: Facility, _wait: Wait) -> Facts:
    """The conditions of the consultation, and the papers that must come along."""
    conditions = conditions_of(session, facility)
    names = [catalogue().papers[key].name for key in needed_papers(facility)]
    listed = Listed(
        "Betingelser fra høringen:",
        tuple(_condition(session, facility, condition) for condition in conditions),
        tuple(condition.number for condition in conditions),
    )
    return Facts(
        f"Driften bedes se på {catalogue().type(facility.type_key).definite} og svare: overtager I?",
        (
            Link(facility.reference, facility.name),
            *([listed] if conditions else []),
            *_insurance(session, facility),
            says(Strong("Papirer, der skal følge med:"), f" {', '.join(names)}. Det, der mangler, bliver rykket for."),
        ),
    )


def _insurance(session: Session, facility: Facility) -> list[Sentence]:
    if has_answer(session, facility):
        return []
    return [
        says(
            Strong("Forsikring:"),
            f" {NOBODY_INSURES} Frivilligkoordinatoren svarer på det, og stedet kan først overtages bagefter.",
        )
    ]


def _condition(session: Session, facility: Facility, condition: Condition) -> Sentence:
    what = f"{condition.text}, {by_when(session, facility, condition)}"
    if condition.met_on:
        return says(f"{what} – opfyldt {dato(condition.met_on)}")
    return says(f"{what} – ", Strong("ikke opfyldt"))


def form(session: Session, facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The protocol; conditions are asked about only where some are open."""
    if all(condition.met_on is not None for condition in conditions_of(session, facility)):
        return HandoverForm
    met = Field(
        default=False,
        title="Alle betingelser er opfyldt",
        description="Slå til, når I har set, at de er.",
        json_schema_extra={"position": -1},
    )
    return with_fields(HandoverForm, betingelser_opfyldt=(bool, met))


def decide(session: Session, facility: Facility, _wait: Wait, answer: HandoverForm, said: Said) -> Outcome:
    """Taken over, with defects or without, or not.

    Raises:
        Refusal: the defects have no deadline; see `models.stages.handover.answer_handover`.
        BadInput: the day of the deadline isn't there.
    """
    given = _given(answer)
    if answer.betingelser_opfyldt:
        for condition in conditions_of(session, facility):
            meet_condition(session, facility, condition.number, said)
    answer_handover(session, facility, given, said)
    return _outcome(given.result)


def correct(session: Session, facility: Facility, _wait: Wait, answer: HandoverForm, said: Said) -> Outcome:
    """It was taken over otherwise than was said.

    Raises:
        Refusal: the defects have no deadline; see `models.stages.handover_correction.correct_handover`.
        BadInput: the day of the deadline isn't there.
    """
    given = _given(answer)
    correct_handover(session, facility, given, said)
    return _outcome(given.result)


def _outcome(result: HandoverResult) -> Outcome:
    return Outcome("Afvist" if result is HandoverResult.REFUSED else "Overtaget", f"Aflevering: {result.danish}.")


def _given(answer: HandoverForm) -> HandoverAnswer:
    lines = [line.strip(" -") for line in answer.mangler.splitlines() if line.strip(" -")]
    deadline_on = day_of(answer.mangler_senest, "Manglerne rettes senest")
    rows = [(row.hvad.strip(), day_of(row.senest, "Rettes senest")) for row in answer.fejl if row.hvad.strip()]
    found = [*((line, deadline_on) for line in lines), *rows]
    if any(deadline is None for _, deadline in found):
        raise Refusal("handover.deadline_missing", "Skriv, hvornår manglerne senest skal være rettet.")
    defects = tuple(NewDefect(what, deadline) for what, deadline in found if deadline)
    result = HandoverResult[answer.svar.name]
    papers = tuple(chosen(paper) for paper in answer.papirer)
    return HandoverAnswer(
        result, defects, papers, answer.begrundelse, answer.underskrevet, answer.bemaerkning, answer.vi_underskrev
    )


def papers(facility: Facility) -> dict[str, str]:
    """The papers that this facility must come with, by their keys."""
    return {key: catalogue().papers[key].name for key in needed_papers(facility)}


def attach(session: Session, facility: Facility, came: Mapping[str, Sequence[StoredPaper]], said: Said) -> None:
    """Lay the files in the case, each as the paper it was chosen for.

    Raises:
        Refusal: see `models.stages.attached_paper.add_paper`.
    """
    for key, files in came.items():
        for stored in files:
            add_paper(session, facility, stored, said, what=catalogue().papers[key].name, kind=key)


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers: for a condition as long as one isn't met."""
    ref, rounds = case.reference, case.consultations
    unmet = [c for c in rounds[-1].conditions if not c.met_on] if rounds else []
    if unmet:
        return f"answer condition {ref} --number {unmet[0].number} --met"
    return f"answer handover {ref} --result accepted|accepted_with_defects|refused"


def left(session: Session, facility: Facility) -> list[str]:
    """Defects, papers and the builder's name, where it is taken over without them."""
    handover = last_handover(session, facility)
    if handover is None or not is_taken_over(session, facility):
        return []
    found = [
        f"Mangel: {each.text.rstrip('.')}, rettes senest {dato(each.deadline_on)}."
        for each in defects_of(session, facility)
        if each.fixed_on is None
    ]
    if handover.papers_missing:
        names = ", ".join(catalogue().paper_names(handover.papers_missing))
        found.append(f"Papirer, der bliver rykket for: {names}.")
    if not handover.signed_by_builder:
        found.append("Den, der byggede, mangler at skrive protokollen under.")
    return found


QUESTION = Question(
    topic="handover",
    word="Aflevering",
    asked_by="handover",
    dated=(HandoverForm,),
    waits_for="Venter på, at driften overtager det færdige anlæg.",
    roles=MAY_TAKE_OVER,
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice({ResultChoice.REFUSED: "Afvist"}, "Overtaget"),
    papers=papers,
    attach=attach,
    why_not_correct=lambda session, facility, _wait: why_not_correct_handover(session, facility),
    correct=correct,
    correct_form=lambda _session, _facility, _wait: HandoverForm,
    left=left,
    ways=(
        Way("ACCEPTED", "Ja, vi overtager", ("betingelser_opfyldt", "papirer", "begrundelse", *SIGNATURES)),
        Way(
            "ACCEPTED_WITH_DEFECTS",
            "Ja, men der er mangler",
            ("fejl", "betingelser_opfyldt", "papirer", "begrundelse", *SIGNATURES),
        ),
        Way("REFUSED", "Nej, fordi …", ("begrundelse", "fejl", "papirer", *SIGNATURES), is_no=True),
    ),
)
