"""Puljetilsagn: the pool manager decides, a leader or the committee above the limits."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.funding import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def pool_funding(reference: str, question: str) -> State:
    """Wait for the pool's decision and record it."""
    return settle(reference, question)
