"""Arbejde: an order whose deadline has passed is asked for, until it is done or dropped."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.work import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def work(reference: str, question: str) -> State:
    """Wait for what operations says about late work, and record it."""
    return settle(reference, question)
