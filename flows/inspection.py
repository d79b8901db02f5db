"""Eftersyn: operations summons the firm in time, and answers how the inspection or the visit ended."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.inspection import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def inspection(reference: str, question: str) -> State:
    """Wait for operations at an inspection and record what was found."""
    return settle(reference, question)
