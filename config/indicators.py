"""The extra bottom line: which figures are followed, what they mean and what they should be."""

from typing import Literal

from pydantic import Field

from config.entry import Entry, own_key, whole, words

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
    "worn_groups",
]
Direction = Literal["higher", "lower"]


class Thresholds(Entry):
    """From when it is a sign of wear (`models.figures.wear`)."""

    days: int = whole("dage, der ses på,", 28, 365)
    answers: int = whole("svar, der skal til for at sige noget,", 2, 100)
    slower_days: int = whole("dage, svarene er blevet senere,", 1, 60)
    skipped: int = whole("tjek, der er sprunget over,", 1, 100)
    one_person_percent: int = whole("procent, én person gør,", 50, 100)
    one_person_answers: int = whole("svar, før det tæller, at én gør det hele,", 2, 1000)


class Indicator(Entry):
    """One figure. `target` is in the figure's unit; `direction` says which way is better."""

    key: str = own_key()
    name: str = words("figurens navn", longest=80)
    unit: Literal["timer", "%", "dage", "kr.", "anlæg", "grupper", "af 5"] = Field(
        description='Skriv enheden: timer, "%", dage, kr., anlæg, grupper eller af 5.'
    )
    definition: str = words("hvordan tallet regnes ud", longest=400)
    target: int | None = Field(description="Skriv målet som et helt tal i samme enhed, eller null uden mål.")
    direction: Direction = Field(description="Skriv higher (højere er bedre) eller lower.")
    thresholds: Thresholds | None = Field(
        default=None, description="Skriv grænserne for worn_groups, eller slet linjen ved de andre."
    )
