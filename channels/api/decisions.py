"""Afgørelser: the open questions of a facility and their answers, by the same functions as at every other door."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import Response

from channels.api.answering import BIGGEST, Once, Raw, once, shown
from channels.api.facilities import Reader, Reference, found
from channels.api.form_words import FieldLine, day_said, described, lines_of, read_answer
from channels.api.house import house_of
from channels.api.keys import Needs, said_by
from channels.questions import (
    agreement,
    building,
    consultation,
    funding,
    handover,
    incident,
    inspection,
    insurance,
    satisfaction,
    usable,
    winding_down,
    work,
)
from channels.questions.question import Question
from channels.questions.table import QUESTIONS
from channels.views.cases import facility_case, wait_line
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from channels.views.shapes.shape import Shape
from models.case.facility import Facility
from models.database import reading
from models.outside.api_key import ApiKey
from models.outside.scope import DECIDE
from models.overview.waiting import Wait, waits_of
from models.refusal import Refusal
from models.role import may_decide

router = APIRouter(tags=["Afgørelser / decisions"])
MAX_FIELDS = 40

#: The forms of each question as they are without a facility, for the description.
FORMS: dict[str, tuple[type[BaseModel], ...]] = {
    "consultation": (consultation.ConsultationForm,),
    "agreement": (agreement.ReviewForm, agreement.SignForm),
    "funding": (funding.FundingForm,),
    "building": (building.PermitForm, building.StartForm, building.FinishForm),
    "handover": (handover.HandoverForm,),
    "incident": (incident.IncidentForm,),
    "insurance": (insurance.InsuranceForm,),
    "inspection": (inspection.InspectionForm,),
    "usable": (usable.UsableForm,),
    "work": (work.WorkForm,),
    "satisfaction": (satisfaction.SatisfactionForm,),
    "winding_down": (winding_down.WindingDownForm,),
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "consultation": {"answer": "yes", "hours_per_year": 6, "kr_per_year": 900},
    "agreement": {"answer": "approve"},
    "funding": {"answer": "grant"},
    "building": {"event": "started"},
    "handover": {"answer": "accepted", "papers": []},
    "incident": {"answer": "repair", "kr": 400, "reason": "En planke skiftes."},
    "insurance": {"answer": "municipality"},
    "inspection": {"answer": "ok"},
    "usable": {"answer": "yes"},
    "work": {"answer": "done", "minutes": 30},
    "satisfaction": {"answer": "5"},
    "winding_down": {"answer": "operations"},
}


class QuestionLine(Shape):
    """A question that is open about a facility."""

    topic: str = Field(description="The last part of the address it is answered at.")
    asks: str = Field(description="The question, in Danish.")
    waits_for: Waits = Field(description="Who is waited for.")
    roles: list[str] = Field(description="The roles that may answer.")
    fields: list[FieldLine] = Field(description="What is to be sent, as it is for this facility.")


class Decided(Shape):
    """What came of an answer."""

    outcome: str = Field(description="In a word, in Danish.")
    message: str = Field(description="In a sentence, in Danish.")
    case: FacilityCase = Field(description="The facility's case afterwards.")


@router.get(
    "/facilities/{reference}/questions", response_model=list[QuestionLine], summary="Hvad der spørges om lige nu"
)
def list_questions(request: Request, key: Reader, reference: Reference) -> Response:
    """The open questions of a facility, each with the fields of its answer. / De åbne spørgsmål."""
    with reading(house_of(request).engine) as session:
        facility = found(session, reference)
        lines = [
            _line(session, facility, wait, QUESTIONS[wait.topic])
            for wait in waits_of(session, facility)
            if wait.topic in QUESTIONS
        ]
        return shown(request, lines)


def _line(session: Session, facility: Facility, wait: Wait, question: Question) -> QuestionLine:
    return QuestionLine(
        topic=wait.topic,
        asks=question.facts(session, facility, wait).title,
        waits_for=wait_line(wait),
        roles=[str(role) for role in question.roles],
        fields=lines_of(question.form(session, facility, wait)),
    )


def _open(session: Session, facility: Facility, topic: str, subject: int | None) -> Wait:
    open_now = [each for each in waits_of(session, facility) if each.topic == topic]
    wanted = [each for each in open_now if subject is None or each.subject == subject]
    if not wanted:
        raise Refusal(
            "question.not_open",
            f"{facility.reference} venter ikke på det svar. Se GET /api/v1/facilities/{facility.reference}/questions.",
        )
    if len(wanted) > 1:
        numbers = ", ".join(str(each.subject) for each in wanted)
        raise Refusal("question.several", f"Der er flere åbne: skriv ?incident= med et af numrene {numbers}.")
    return wanted[0]


def _route_of(topic: str, question: Question) -> None:
    """One address for each topic, so that a key's scope and the body stand in the description."""

    def answer(
        request: Request,
        key: Annotated[ApiKey, Depends(Needs(f"{DECIDE}{topic}"))],
        reference: Reference,
        body: dict[str, Any],
        raw: Raw,
        own_key: Once = None,
        incident: Annotated[
            int | None, Query(ge=1, le=BIGGEST, description="Which one, where several are open.")
        ] = None,
    ) -> Response:
        """Answer the question that is open; the rule behind it is everybody's. / Svar på det, der spørges om."""
        said = said_by(request, key)
        may_decide(said.by, question.roles, f"“{question.word}”")
        sent = dict(body)
        said = said._replace(on=day_said(sent, said.on))

        def do(session: Session) -> tuple[int, Shape, str]:
            facility = found(session, reference)
            wait = _open(session, facility, topic, incident)
            filled_in = read_answer(question.form(session, facility, wait), sent)
            outcome = question.decide(session, facility, wait, filled_in, said)
            session.flush()
            case = facility_case(session, facility)
            document = Decided(outcome=outcome.name, message=outcome.message, case=case)
            return 200, document, f"/api/v1/facilities/{facility.reference}"

        return once(request, key, raw, own_key, do)

    forms = [described(form) for form in FORMS[topic]]
    schema = forms[0] if len(forms) == 1 else {"anyOf": forms}
    router.add_api_route(
        f"/facilities/{{reference}}/answers/{topic}",
        answer,
        methods=["POST"],
        response_model=Decided,
        name=f"answer_{topic}",
        operation_id=f"answer_{topic}",
        summary=f"{question.word}: svar",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schema, "example": EXAMPLES[topic]}},
            }
        },
    )


for _topic, _question in QUESTIONS.items():
    _route_of(_topic, _question)
