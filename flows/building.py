"""Bygning: the project lead reports the permits, and when the building starts and is finished."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.building import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def building(reference: str, question: str) -> State:
    """Wait for the permits and the builder; each report is a run of its own."""
    return settle(reference, question)
