"""Må bruges igen: operations says that a place which wasn't safe may be used again."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.usable import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def usable(reference: str, question: str) -> State:
    """Wait until operations says that the place may be used, and record it."""
    return settle(reference, question)
