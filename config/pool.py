"""The pool's own rules: what moves on at the end of a year, what is saved up, what is expected."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from config.entry import Entry, Percentage, percent, whole
from config.error import wrong

CarryRule = Literal["all", "share", "capped"]
LaterYears = Literal["as_last_year", "none"]
ORE_PER_KR = 100


class CarryOver(Entry):
    """How much of a year's free money may move on to the next."""

    rule: CarryRule = Field(description="Skriv all, share eller capped.")
    percent: int = whole("andelen i procent (100 er det hele)", 0, 100)
    at_most_kr: int | None = whole("loftet i kroner (eller null for intet loft)", 0, 1_000_000_000)

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        if self.rule == "capped" and self.at_most_kr is None:
            raise wrong("capped har intet loft", "Skriv loftet i hele kroner.", at="at_most_kr")
        return self

    def allowed_ore(self, free_ore: int) -> int:
        """What may move on of that much free money, in øre, rounded down."""
        if self.rule == "all":
            return free_ore
        part = free_ore * self.percent // 100
        if self.rule == "share" or self.at_most_kr is None:
            return part
        return min(part, self.at_most_kr * ORE_PER_KR)

    @property
    def danish(self) -> str:
        """The rule in words, for the form."""
        if self.rule == "all":
            return "alt det frie må overføres"
        share = f"{self.percent} % af det frie må overføres"
        if self.rule == "share" or self.at_most_kr is None:
            return share
        cap = f"{self.at_most_kr:,}".replace(",", ".")
        return f"{share}, dog højst {cap} kr."


class IncidentRate(Entry):
    """What we believe of incidents before any has happened, and how firmly.

    Rate: a Gamma distribution with mean `per_100_years` / 100 a facility-year, worth as much as
    `weight_years` observed facility-years. Cost: mean `kr`, worth as much as `weight_incidents`
    observed ones; `spread_percent` is the standard deviation of one incident's cost in % of its mean.
    """

    per_100_years: int = whole("skader pr. 100 år med ét anlæg", 0, 10_000)
    weight_years: int = whole("hvor mange år antagelsen vejer", 1, 10_000)
    kr: int = whole("hvad en skade koster i kroner", 0, 100_000_000)
    weight_incidents: int = whole("hvor mange skader prisen vejer", 1, 10_000)
    spread_percent: int = whole("spredningen i procent af prisen", 1, 500)


class Forecasting(Entry):
    """What the forecast assumes of the years nobody has decided on yet."""

    later_years: LaterYears = Field(description="Skriv as_last_year (samme bevilling hvert år) eller none (ingen).")
    pool_pays_replacement: bool = Field(description="Skriv true, hvis puljen betaler udskiftning, ellers false.")
    agreements_are_renewed: bool = Field(
        description="Skriv true, hvis aftaler regnes for fornyet i anlæggets levetid, ellers false."
    )
    indexation_percent: Percentage = percent("den ventede P/L pr. år", 0, 20)
    simulations: int = whole("antal gennemregninger", 200, 100_000)

    @model_validator(mode="before")
    @classmethod
    def _says_the_new_name(cls, written: Any) -> Any:
        """A file from before rates were percent everywhere is told what to write now."""
        old = written.get("indexation_basis_points") if isinstance(written, dict) else None
        if isinstance(old, int):
            raise wrong(
                "hedder nu indexation_percent og skrives i procent",
                f"Skriv indexation_percent: {old / 100:g}",
                at="indexation_basis_points",
            )
        return written


class UsualRate(Entry):
    """The yearly rates anybody has seen; one beyond may be a slip of the hand and is asked about."""

    lowest_percent: Percentage = percent("den laveste sædvanlige P/L-sats", -5, 15)
    highest_percent: Percentage = percent("den højeste sædvanlige P/L-sats", -5, 15)

    @model_validator(mode="after")
    def _from_low_to_high(self) -> Self:
        if self.lowest_percent > self.highest_percent:
            raise wrong("er mindre end lowest_percent", at="highest_percent")
        return self


class PoolRules(Entry):
    """Everything in `config/pool.yaml`."""

    carry_over: CarryOver
    replacement_reserve: tuple[str, ...] = Field(
        description="Skriv en liste af anlægstyper, der spares op til, eller []."
    )
    forecast: Forecasting
    usual_rate: UsualRate
    incidents: dict[str, IncidentRate] = Field(
        description="Skriv mindst blokken default og ellers en blok pr. anlægstype."
    )

    @model_validator(mode="after")
    def _has_a_default(self) -> Self:
        if "default" not in self.incidents:
            raise wrong("mangler", "Skriv blokken default med de fem tal.", at="incidents.default")
        return self

    def incident_rate(self, type_key: str) -> IncidentRate:
        """The belief for a facility type, or the default one."""
        return self.incidents.get(type_key, self.incidents["default"])
