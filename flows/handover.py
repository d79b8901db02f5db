"""Aflevering: operations looks at the finished facility and answers with the protocol."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.handover import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def handover(reference: str, question: str) -> State:
    """Wait for operations at the handover and record the protocol."""
    return settle(reference, question)
