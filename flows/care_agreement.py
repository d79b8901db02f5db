"""Pasningsaftale: the coordinator reviews the text, then both sides sign."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.agreement import QUESTION
from flows.asking.question import settle


@flow(name=QUESTION.word)
def care_agreement(reference: str, question: str) -> State:
    """Wait for the coordinator's review or for a signature, and record it."""
    return settle(reference, question)
