"""Who may say yes to how much money; above the last limit it is a political decision."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.entry import Entry, whole
from config.error import shown, wrong

#: The decisions that have limits.
DecisionWithLimit = Literal["funding", "incident"]
Decider = Literal["operations_manager", "pool_manager", "leader", "committee"]
ORE_PER_KR = 100


class Limit(Entry):
    """The most one role may grant, in kroner; none means no limit. Both limits hold at once."""

    role: Decider = Field(description="Skriv operations_manager, pool_manager, leader eller committee.")
    per_year_kr: int | None = whole("grænsen pr. år i kroner (eller null for ingen grænse)", 1, 1_000_000_000)
    in_all_kr: int | None = whole("grænsen i alt i kroner (eller null for ingen grænse)", 1, 1_000_000_000)
    needs_case_number: bool = Field(description="Skriv true, hvis beslutningen skal have et sagsnummer, ellers false.")

    @property
    def is_unlimited(self) -> bool:
        """Whether the role may grant any amount."""
        return self.per_year_kr is None and self.in_all_kr is None

    def covers(self, *, per_year_ore: int, in_all_ore: int) -> bool:
        """Whether the amounts (øre) are within the limit; the limit itself is within."""
        return _within(per_year_ore, self.per_year_kr) and _within(in_all_ore, self.in_all_kr)


def _rising(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    for number, (lower, upper) in enumerate(pairwise(limits), start=1):
        pairs = ((lower.per_year_kr, upper.per_year_kr), (lower.in_all_kr, upper.in_all_kr))
        falls = any(above is not None and (below is None or below > above) for below, above in pairs)
        if falls or all(below == above for below, above in pairs):
            problem = f"{upper.role} må ikke mere end {lower.role}"
            raise wrong(problem, "Skriv rollerne med stigende grænser, den laveste først.", at=f"[{number}]")
        if upper.role in [limit.role for limit in limits[:number]]:
            raise wrong(f"{shown(upper.role)} står to gange", "Slet den ene.", at=f"[{number}].role")
    if not limits[-1].is_unlimited:
        remedy = "Lad den sidste rolle have null i begge grænser, så nogen altid kan beslutte."
        raise wrong(f"{limits[-1].role} er sidst og har en grænse", remedy, at=f"[{len(limits) - 1}]")
    return limits


def _within(amount_ore: int, limit_kr: int | None) -> bool:
    return limit_kr is None or amount_ore <= limit_kr * ORE_PER_KR


_Limits = Annotated[tuple[Limit, ...], AfterValidator(_rising)]
_LIMITS_REMEDY = "Skriv mindst en rolle med role, per_year_kr, in_all_kr og needs_case_number."


class Delegation(Entry):
    """The limits by decision, lowest role first. Amounts are in øre, per year and in all."""

    funding: _Limits = Field(min_length=1, description=_LIMITS_REMEDY)
    incident: _Limits = Field(min_length=1, description=_LIMITS_REMEDY)

    @model_validator(mode="after")
    def _committee_has_a_case(self) -> Self:
        for decision, limits in (("funding", self.funding), ("incident", self.incident)):
            for number, limit in enumerate(limits):
                if limit.role == "committee" and not limit.needs_case_number:
                    place = f"{decision}[{number}].needs_case_number"
                    raise wrong("en politisk beslutning skal have et sagsnummer", "Skriv true.", at=place)
        return self

    def limits(self, decision: DecisionWithLimit) -> tuple[Limit, ...]:
        """The roles that may take the decision, lowest first."""
        return self.funding if decision == "funding" else self.incident

    def lowest(self, decision: DecisionWithLimit, per_year_ore: int, in_all_ore: int) -> str:
        """The lowest role that may grant the amounts; there always is one."""
        _must_be_money(per_year_ore, in_all_ore)
        fits = (x for x in self.limits(decision) if x.covers(per_year_ore=per_year_ore, in_all_ore=in_all_ore))
        return next(fits).role

    def may(self, decision: DecisionWithLimit, role: str, per_year_ore: int, in_all_ore: int) -> bool:
        """Whether the role may grant the amounts. A role without a limit of its own may not."""
        _must_be_money(per_year_ore, in_all_ore)
        limit = next((limit for limit in self.limits(decision) if limit.role == role), None)
        return limit is not None and limit.covers(per_year_ore=per_year_ore, in_all_ore=in_all_ore)

    def needs_case_number(self, decision: DecisionWithLimit, role: str) -> bool:
        """Whether a decision by the role must name its date and case number."""
        return any(limit.role == role and limit.needs_case_number for limit in self.limits(decision))


def _must_be_money(*amounts_ore: int) -> None:
    if any(amount < 0 for amount in amounts_ore):
        raise ValueError(f"an amount to grant can't be negative: {amounts_ore}")
