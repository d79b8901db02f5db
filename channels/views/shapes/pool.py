"""The pool: balances, movements, the list of who is next, and the years ahead."""

from datetime import date

from pydantic import Field

from channels.views.shapes.shape import Kr, Moment, Shape
from models.figures.accounting import Side
from models.pool.ledger import Kind


class PoolLine(Shape):
    """One year's balances: appropriated = committed + spent + free."""

    year: int = Field(description="The year.")
    appropriated_kr: Kr = Field(description="What was put in, kroner.")
    committed_kr: Kr = Field(description="What is promised and not spent, kroner.")
    spent_kr: Kr = Field(description="What is spent, kroner.")
    free_kr: Kr = Field(description="What is neither, kroner.")


class PoolYears(Shape):
    """The balances of some years."""

    years: list[PoolLine] = Field(description="By year.")


class LedgerLine(Shape):
    """One movement of money; it is never changed."""

    at: Moment = Field(description="When it was written down, in Danish time.")
    on: date = Field(description="The day it counts for.")
    year: int = Field(description="The year it belongs to.")
    facility: str | None = Field(description="The facility's reference, where it is about one.")
    kind: Kind = Field(description="What kind of movement.")
    kr: Kr = Field(description="The amount, kroner.")
    key: str = Field(description="What the same movement is known by, so that it is made once.")
    what: str = Field(description="What it is for, in Danish.")
    account: str = Field(description="The account of config/accounts.yaml; empty for none.")
    invoice: str = Field(description="The reference of the invoice, where there is one.")


class ComparedLine(Shape):
    """One invoice: what is booked here, and what the economy system has paid."""

    invoice: str = Field(description="The invoice's reference.")
    side: Side = Field(description="Where it is known.")
    booked_kr: Kr = Field(description="Booked here, kroner.")
    paid_kr: Kr = Field(description="Paid by the economy system's list, kroner.")
    difference_kr: Kr = Field(description="Paid more than booked, kroner; less is negative.")
    paid_on: date | None = Field(description="The last day of a payment.")
    work: list[int] = Field(description="The work orders it is for.")


class PointsLine(Shape):
    """What one criterion gives."""

    criterion: str = Field(description="The criterion's name.")
    points: int = Field(description="Its points.")
    at_most: int = Field(description="The most it can give.")
    why: str = Field(description="Why, in Danish.")


class QueueLine(Shape):
    """One place on the list of those who wait for the pool."""

    number: int = Field(description="Its place, counted from 1.")
    facility: str = Field(description="The facility's reference.")
    name: str = Field(description="What the place is called.")
    points: int = Field(description="All points together.")
    applied_on: date = Field(description="When it was applied for.")
    waiting_since: date | None = Field(description="Since when it waits.")
    offered_on: date | None = Field(description="When money was offered.")
    why: list[PointsLine] = Field(description="What each criterion gives.")


class AheadLine(Shape):
    """One year of the forecast. `expected_kr` is the sum of the six amounts before it."""

    year: int = Field(description="The year.")
    money_kr: Kr = Field(description="What there is for the year, kroner.")
    carried_kr: Kr = Field(description="What comes over from the year before, kroner.")
    money_is_assumed: bool = Field(description="Whether the year has no appropriation yet.")
    booked_kr: Kr = Field(description="What is promised already, kroner.")
    renewals_kr: Kr = Field(description="What agreements cost that are renewed, kroner.")
    incidents_kr: Kr = Field(description="What goes wrong, kroner.")
    replacement_kr: Kr = Field(description="What is worn out and built anew, kroner.")
    added_kr: Kr = Field(description="What the tried facilities cost, kroner.")
    group_loss_kr: Kr = Field(description="What it costs that groups stop, kroner.")
    expected_kr: Kr = Field(description="What is expected to be drawn, kroner.")
    low_kr: Kr = Field(description="Less than this in one of ten cases, kroner.")
    high_kr: Kr = Field(description="More than this in one of ten cases, kroner.")
    chance_of_break: float = Field(description="How likely it is that the money isn't enough, from 0 to 1.")
    breaks: bool = Field(description="Whether the expected draw is more than the money.")


class Forecast(Shape):
    """The pool, year by year."""

    years: list[AheadLine] = Field(description="By year.")
    first_break: int | None = Field(description="The first year in which it breaks.")


class Indexed(Shape):
    """Commitments that were brought to another level of prices and wages."""

    year: int = Field(description="The first year.")
    rate_percent: float = Field(description="The rate, percent.")
    added_kr: Kr = Field(description="What was added in all, kroner.")


class CarriedOver(Shape):
    """What became of a year's money that wasn't used."""

    year: int = Field(description="The year that is over.")
    released_kr: Kr = Field(description="What was promised and set free, kroner.")
    carried_over_kr: Kr = Field(description="What came over to the next year, kroner.")


class YearClosed(Shape):
    """A year in which only corrections are possible."""

    year: int = Field(description="The year.")
    closed_on: date = Field(description="When it was closed.")
    lapsed_kr: Kr = Field(description="What fell back to the municipality, kroner.")
