"""Sag til udvalget: what the committee must know to decide on a grant or on a removal, and what each way would cost.

It is an account of the case as it stands and decides nothing. What the committee says is typed in where the question is
answered, with its day and case number: `models.stages.funding`, `models.operation.winding_down`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session

from models.case.agreement import Agreement, agreement_in_force, last_agreement
from models.case.agreement_version import cost_of
from models.case.facility import Facility
from models.case.funding import PoolApplication, open_applications
from models.figures.forecast_basis import with_and_without
from models.operation.winding_down import minutes_given, winding_downs_of
from models.pool.funding_need import needs_of, reserves_of, rule_in_words, shortfalls, split_over_years
from models.pool.ledger import Kind, is_closed, left_of, promised, sums_of, year_of
from models.pool.priority import queue
from models.refusal import Refusal
from models.stage import Stage
from models.stages.places_to_decide import levels_of, removal_of, with_volunteers

STANDS = (Stage.OPERATION, Stage.WINDING_DOWN)


class About(StrEnum):
    """What the committee is asked about a place."""

    GRANT = "grant"
    REMOVAL = "removal"

    @property
    def danish(self) -> str:
        """What is asked, as people say it."""
        return {"grant": "tilsagn fra puljen", "removal": "at tage stedet ned"}[self.value]


class YearAsked(NamedTuple):
    """One year of a grant, in øre: what operation and savings ask, and what is free in the pool before."""

    year: int
    operation_ore: int
    savings_ore: int
    free_ore: int


class GrantCase(NamedTuple):
    """A grant that is asked for. Øre in all years of the agreement that can still be used.

    `alone_ore` is the same care by operations without volunteers. `short` is what the pool lacks, by year.
    """

    facility: Facility
    agreement: Agreement
    years: tuple[YearAsked, ...]
    alone_ore: int
    removal_ore: int
    short: Mapping[int, int]
    rule: str
    number_in_line: int | None
    ahead: str

    @property
    def total_ore(self) -> int:
        """What is asked for in all."""
        return sum(each.operation_ore + each.savings_ore for each in self.years)


class YearGiven(NamedTuple):
    """One year of what a place was given, in øre: promised, spent, and what goes back when it is taken down."""

    year: int
    promised_ore: int
    spent_ore: int
    left_ore: int


class RemovalCase(NamedTuple):
    """A place that may be taken down. Øre a year, but `removal_ore` once; minutes are what the group gave until now.

    `reason` is why its care ends; empty where nobody has begun that.
    """

    facility: Facility
    reason: str
    volunteers_ore: int
    levels_ore: tuple[int, ...]
    removal_ore: int
    minutes_given: int
    years: tuple[YearGiven, ...]


def asked_of_committee(session: Session, facility: Facility) -> tuple[About, ...]:
    """What the committee can be asked about the place as it stands now, the more pressing first; often nothing."""
    grant = (About.GRANT,) if _application(session, facility) is not None else ()
    return (*grant, About.REMOVAL) if facility.stage in STANDS else grant


def committee_case(session: Session, facility: Facility, on: date, *, about: About | None) -> GrantCase | RemovalCase:
    """The case for the committee; `about` is left out for the more pressing one.

    Raises:
        Refusal: `committee.nothing_to_decide`, there is no such question about the place now.
    """
    possible = asked_of_committee(session, facility)
    about = about or next(iter(possible), None)
    if about is None or about not in possible:
        what = f" om {about.danish}" if about is not None else ""
        raise Refusal(
            "committee.nothing_to_decide",
            f"{facility.reference} har intet spørgsmål{what} til udvalget nu ({facility.stage.danish.lower()}). Det kan "
            "være en ansøgning, puljen ikke har svaret på, eller et sted i drift, der måske skal tages ned.",
        )
    return _grant(session, facility, on) if about is About.GRANT else _removal(session, facility)


def _application(session: Session, facility: Facility) -> PoolApplication | None:
    return next(iter(open_applications(session, facility)), None)


def _grant(session: Session, facility: Facility, on: date) -> GrantCase:
    application = _application(session, facility)
    assert application is not None  # `asked_of_committee` has looked
    agreement = session.get_one(Agreement, application.agreement_id)
    needs, savings = needs_of(session, agreement), reserves_of(facility, agreement)
    years = tuple(
        YearAsked(year, ore - savings.get(year, 0), savings.get(year, 0), year_of(session, year).free_ore)
        for year, ore in needs.items()
    )
    alone = agreement.kr_per_year_ore + cost_of(agreement.volunteer_minutes_per_year)
    return GrantCase(
        facility,
        agreement,
        years,
        _in_open_years(session, split_over_years(alone, agreement.from_on, agreement.until_on)),
        removal_of(facility),
        shortfalls(session, needs),
        rule_in_words(needs, facility.proposed_by),
        next((place.number for place in queue(session, on) if place.facility.id == facility.id), None),
        with_and_without(session, facility, agreement, on).sentence,
    )


def _in_open_years(session: Session, amounts: Mapping[int, int]) -> int:
    return sum(ore for year, ore in amounts.items() if not is_closed(session, year))


def _removal(session: Session, facility: Facility) -> RemovalCase:
    care = agreement_in_force(session, facility) or last_agreement(session, facility)
    assert care is not None  # what stands has been agreed about, or was inherited with an agreement
    endings = [each for each in winding_downs_of(session, facility) if each.outcome is None]
    return RemovalCase(
        facility,
        endings[-1].reason if endings else "",
        with_volunteers(facility, care),
        levels_of(care.kr_per_year_ore + cost_of(care.volunteer_minutes_per_year)),
        removal_of(facility),
        minutes_given(session, facility),
        tuple(
            YearGiven(year, promised(sums), sums.get(Kind.SPENDING, 0), max(0, left_of(sums)))
            for year, sums in sorted(sums_of(session, facility.number).items())
        ),
    )
