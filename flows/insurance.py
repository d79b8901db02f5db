"""Forsikring: who insures the volunteers, asked where the review of the agreement hasn't said it."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.insurance import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def insurance(reference: str, question: str) -> State:
    """Wait for the answer about insurance and record it."""
    return settle(reference, question)
