"""Who decided, for which day, and through which door: one value that goes with each decision."""

from datetime import date
from typing import NamedTuple

from models.role import Door, Role


class Said(NamedTuple):
    """What goes with a decision, from the door where it came in to the journal.

    `on` is the day it counts for (Europe/Copenhagen), not the moment it is recorded. `by` is the role; `person`
    the short id of whoever spoke for it, empty where the door knows nobody by name.
    """

    on: date
    by: Role
    door: Door
    person: str = ""
