"""The extra bottom line: which figures are followed, what they mean and what they should be."""

from typing import Literal

from pydantic import Field

from config.entry import Entry, own_key, words

#: What the program can compute.
IndicatorKey = Literal[
    "volunteer_hours",
    "checks_on_time",
    "days_to_answer",
    "consulted_first",
    "never_consulted",
    "cost_against_estimate",
    "kr_per_facility_year",
    "without_deputy",
    "days_until_safe",
    "unplanned_hours",
    "late_work",
    "satisfaction_volunteers",
    "satisfaction_municipality",
]
Direction = Literal["higher", "lower"]


class Indicator(Entry):
    """One figure. `target` is in the figure's unit; `direction` says which way is better."""

    key: str = own_key()
    name: str = words("figurens navn", longest=80)
    unit: Literal["timer", "%", "dage", "kr.", "anlæg", "af 5"] = Field(
        description='Skriv enheden: timer, "%", dage, kr., anlæg eller af 5.'
    )
    definition: str = words("hvordan tallet regnes ud", longest=400)
    target: int | None = Field(description="Skriv målet som et helt tal i samme enhed, eller null uden mål.")
    direction: Direction = Field(description="Skriv higher (højere er bedre) eller lower.")
