"""Every question, by its topic. Prefect's deployments, the forms and "what next" are derived from here."""

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
from models.overview.waiting import Wait

#: In the order of a facility's life.
ALL = (
    consultation.QUESTION,
    agreement.QUESTION,
    funding.QUESTION,
    insurance.QUESTION,
    building.QUESTION,
    handover.QUESTION,
    incident.QUESTION,
    inspection.QUESTION,
    usable.QUESTION,
    work.QUESTION,
    satisfaction.QUESTION,
    winding_down.QUESTION,
)
QUESTIONS: dict[str, Question] = {question.topic: question for question in ALL}


def question_of(wait: Wait) -> Question:
    """The question that is asked about what waits."""
    return QUESTIONS[wait.topic]
