"""Inherited places in the figures: there, marked, and never counted as asked or as promised."""

from datetime import date

import pytest

from channels.paper.annual_report import annual_report
from models.case.consultation import Condition
from models.case.facility import LandOwner, find
from models.case.inheritance import by_when
from models.database import reading, transaction
from models.figures.forecast_basis import basis_on, forecast
from models.figures.indicators import Period, figure
from models.figures.replacement import pay_replacement
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.inheritance import ExistingPlace, take_in
from tests.city import City, Place

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
OLD = ExistingPlace(
    "baenk",
    "Bænk ved kirken",
    LandOwner.MUNICIPALITY,
    number="B-17",
    lat=54.99,
    lon=12.28,
    built_on=date(2016, 5, 1),
    replacement_ore=600_000,
    life_years=12,
)


@pytest.fixture
def old(city: City) -> Place:
    """A bench from 2016, taken in on 5 January 2026."""
    with transaction(city.engine) as session:
        return Place(city, take_in(session, OLD, Said(city.today, Role.OPERATIONS, Door.INHERITED)).facility.reference)


def test_the_figures_list_it_as_never_consulted_and_not_among_the_promises(city: City, old: Place):
    city.to_stage(Stage.BUILDING)
    with reading(city.engine) as session:
        first = figure(session, "consulted_first", YEAR)
        debts = figure(session, "never_consulted", YEAR)
        alone = figure(session, "without_deputy", YEAR)
    assert (first.value, first.basis) == (100, 1)
    assert (debts.value, debts.basis, debts.is_met) == (1, 1, False)
    assert (alone.value, alone.basis) == (0, 0)

    city.today = date(2026, 9, 1)
    city.ask_again(old, "Det er arvet")
    city.answer(old, "yes")

    with reading(city.engine) as session:
        assert figure(session, "never_consulted", YEAR).value == 0
        assert figure(session, "never_consulted", Period(YEAR.first, date(2026, 8, 31))).value == 1
        assert figure(session, "days_to_answer", YEAR).basis == 1  # not an answer to a proposal


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_report_counts_it_and_marks_it(city: City, old: Place):
    with reading(city.engine) as session:
        report = annual_report(session, 2026, YEAR.last)

    assert "1 anlæg i drift, heraf 1 arvet" in report.html
    assert "Driften er aldrig hørt om 1 af de arvede anlæg" in report.html
    assert "Drift (arvet, driften aldrig hørt)" in report.html
    assert "1 arvet, i drift" in report.html  # the map
    assert f"{old.reference}.consulted;Bænk ved kirken;driften hørt;nej" in report.csv


def test_its_damage_and_the_end_of_its_life_are_in_the_forecast_and_its_care_is_not(city: City, old: Place):
    city.appropriate(2026, 100_000)
    before = date(2026, 1, 4)
    with reading(city.engine) as session:
        ahead = forecast(session, city.today, 5)
        none = basis_on(session, before, 5)
    assert none.standing == ()
    assert [round(year.renewals_ore) for year in ahead] == [0] * 5
    assert all(year.incidents_ore > 0 for year in ahead)
    assert [year.year for year in ahead if year.replacement_ore] == [2028]

    with reading(city.engine) as session:  # nobody paid in 2028: it is still due
        late = forecast(session, date(2029, 1, 5), 5)
    assert [year.year for year in late if year.replacement_ore] == [2029]

    city.today = date(2029, 2, 1)
    city.appropriate(2029, 100_000)
    with transaction(city.engine) as session:
        pay_replacement(
            session,
            old.facility,
            600_000,
            Said(city.today, Role.POOL_MANAGER, Door.CLI),
            reason="Slidt op",
            proposed_by=Role.OPERATIONS,
            decided_on=None,
            case_number="",
        )
    with reading(city.engine) as session:
        paid = forecast(session, city.today, 5)
    assert [year.year for year in paid if year.replacement_ore] == []


@pytest.mark.parametrize(
    ("deadline_on", "said"), [(date(2026, 9, 1), "senest 1. september 2026"), (None, "inden afleveringen")]
)
def test_a_condition_says_until_when_and_no_handover_is_promised_where_there_is_none(
    city: City, old: Place, deadline_on: date | None, said: str
):
    new = city.propose("baenk", name="Ny bænk")
    told = []
    with reading(city.engine) as session:
        for reference in (new.reference, old.reference):
            facility = find(session, reference)
            about = {"facility_id": facility.number, "round": 1, "number": 1, "text": "Sti", "owner": Role.OPERATIONS}
            told.append(by_when(session, facility, Condition(**about, deadline_on=deadline_on)))

    assert told == [said, said if deadline_on else ""]
