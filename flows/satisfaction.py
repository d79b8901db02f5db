"""Samarbejde: once a year operations is asked how it goes with a place; the group is asked by mail."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.satisfaction import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def satisfaction(reference: str, question: str) -> State:
    """Wait for operations' answer to the year's question and record it."""
    return settle(reference, question)
