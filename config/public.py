"""What anybody may see and send without being known; what is off has no address at all."""

from typing import Any

from pydantic import Field

from config.entry import Entry


def _switch(what: str) -> Any:
    return Field(default=False, description=f"Skriv true, hvis {what} skal være åben for alle, ellers false.")


class Public(Entry):
    """The public's way in. A municipality that was there before has no such file, and nothing opens by an update."""

    places: bool = _switch("/steder")
    friends: bool = _switch("“Vil I være med?”")
    proposals: bool = _switch("/forslag")
    following: bool = _switch("“Hvor er vores shelter?”")
