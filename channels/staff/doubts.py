"""Er det rigtigt? What may be a slip of the finger is asked about once, above the form, and taken when it is ticked."""

from typing import NamedTuple

from channels.page.desk import Form
from models.danish import kr, minutter
from models.operation.unlikely import are_unlikely
from models.refusal import Refusal


class Minutes(NamedTuple):
    """How many were typed, and how many were planned; 0 where nothing was. `ore` is what they would cost, where that is booked."""

    typed: int
    planned: int
    ore: int = 0


class Unlikely(Refusal):
    """More minutes than anybody would expect. `of` is what the tick must carry, so that another number is asked about anew."""

    def __init__(self, minutes: Minutes) -> None:
        planned = f"Der var ventet {minutter(minutes.planned).rstrip('.')}. " if minutes.planned else ""
        cost = f" og bliver bogført som {kr(minutes.ore)[:-1]}" if minutes.ore else ""
        super().__init__(
            "minutes.unlikely",
            f"{minutter(minutes.typed).rstrip('.')} er meget{cost}. {planned}Ret tallet, eller sæt kryds ved, at det passer.",
        )
        self.of = str(minutes.typed)


def ask_if_meant(minutes: Minutes | None, form: Form) -> None:
    """Ask about minutes that are many more than planned.

    Raises:
        Unlikely: they are, and nobody has ticked that they are right.
    """
    if minutes is not None and are_unlikely(minutes.typed, minutes.planned) and form["alligevel"] != str(minutes.typed):
        raise Unlikely(minutes)


def doubt_in(refusal: Refusal | None) -> str:
    """What the tick carries; empty where there is nothing to tick."""
    return refusal.of if isinstance(refusal, Unlikely) else ""
