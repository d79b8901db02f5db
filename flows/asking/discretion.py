"""What is shown in Prefect names no person, whatever people wrote into their reasons and notes."""

from channels.domain import looking
from models.discretion import without_persons


def discreet(markdown: str) -> str:
    """The page or the text above a form, without contacts' names, addresses and numbers."""
    with looking() as session:
        return without_persons(session, markdown)
