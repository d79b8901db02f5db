"""What the API needs of the server it lives in: the database, the day, and who sends the post afterwards."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from sqlalchemy import Engine
from sqlmodel import Session
from starlette.requests import Request


class House(Protocol):
    """The server around the API; the volunteers' page has one (`channels.page.desk`)."""

    engine: Engine
    today: Callable[[], date]

    def deciding(self) -> AbstractContextManager[Session]:
        """One decision, whole or not at all."""

    def must_not_flood(self, request: Request) -> None:
        """Count one more report from this address.

        Raises:
            Refusal: `public_report.too_many`.
        """

    def send_post(self) -> None:
        """Send what waits, if nobody is at it."""


def house_of(request: Request) -> House:
    """The house of this API."""
    house: House = request.app.state.house
    return house
