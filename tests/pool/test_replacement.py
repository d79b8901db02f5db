"""A place that has had its time is built anew, from what was saved up for it."""

from datetime import date
from typing import Any

import pytest

from config.catalogue import catalogue
from models.case.facility import find
from models.database import reading, transaction
from models.figures.forecast_basis import forecast
from models.figures.replacement import pay_replacement
from models.pool.indexation import index_commitments
from models.pool.ledger import Kind
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place
from tests.pool.test_the_years import end_of


@pytest.fixture
def bench(city: City, monkeypatch: pytest.MonkeyPatch) -> Place:
    """In operation from 1 January 2026, worn out in 2028, with 2 × 3.000 kr. saved up of 6.000."""
    kind = catalogue().type("baenk").model_copy(update={"life_years": 2})
    rules = catalogue().pool.model_copy(update={"replacement_reserve": ("baenk",)})
    changed = catalogue().model_copy(update={"pool": rules, "types": catalogue().types | {"baenk": kind}})
    monkeypatch.setattr("models.pool.funding_need.catalogue", lambda: changed)
    monkeypatch.setattr("models.stages.proposal.catalogue", lambda: changed)
    return city.in_operation(from_=date(2026, 1, 1), years=2, start_on=date(2026, 1, 1))


def replaced(city: City, place: Place, kr: int, *, by: Role = Role.POOL_MANAGER, **more: Any) -> None:
    usual = {"reason": "Slidt op", "proposed_by": None, "decided_on": None, "case_number": ""}
    said = Said(city.today, by, Door.CLI)
    with transaction(city.engine) as session:
        facility = find(session, place.reference)
        pay_replacement(session, facility, kr * 100, said, **(usual | more))


def test_the_savings_pay_first_and_the_free_money_what_is_missing(city: City, bench: Place):
    end_of(city, 2026)
    end_of(city, 2027)
    city.today = date(2028, 5, 1)
    free = city.pot(2028)[0]
    assert city.pot(2028)[1] == 6_000

    for _ in range(2):
        replaced(city, bench, 7_000)

    assert city.pot(2028) == (free - 1_000, 0, 7_000)
    paid = [e.amount_ore for e in city.ledger() if e.kind is Kind.REPLACEMENT]
    assert paid == [7_000_00]
    assert "heraf 6.000 kr. fra opsparingen" in bench.journal[-1]
    with pytest.raises(Refusal, match=r"allerede betalt med 7.000 kr."):
        replaced(city, bench, 8_000)
    assert city.wrong() == []


def test_a_replacement_that_is_paid_is_not_expected_once_more(city: City, bench: Place):
    end_of(city, 2026)
    end_of(city, 2027)
    city.today = date(2028, 5, 1)

    def expected() -> list[int]:
        with reading(city.engine) as session:
            return [each.replacement_ore for each in forecast(session, city.today, 3)]

    assert expected()[0] == 0  # 6.000 kr. less 6.000 kr. saved up
    replaced(city, bench, 6_000)

    assert (expected()[0], expected()[2] > 0) == (0, True)


@pytest.mark.parametrize(
    ("on", "kr", "why"),
    [
        (date(2027, 5, 1), 6_000, "har sin levetid ud i 2028"),
        (date(2028, 2, 1), 6_000, "Opsparingen i 2026 er ikke flyttet"),
    ],
)
def test_what_cant_be_paid_says_why_and_changes_nothing(city: City, bench: Place, on: date, kr: int, why: str):
    city.today = on
    before = city.dump()

    with pytest.raises(Refusal, match=why):
        replaced(city, bench, kr)

    assert city.dump() == before


def test_more_than_the_savings_needs_the_right_to_decide_it(city: City, bench: Place):
    end_of(city, 2026)
    end_of(city, 2027)
    city.today = date(2028, 5, 1)

    with pytest.raises(Refusal, match=r"på 34.000 kr. er over.*Det kan chefen"):
        replaced(city, bench, 40_000)

    replaced(city, bench, 40_000, by=Role.LEADER, proposed_by=Role.POOL_MANAGER)
    assert city.pot(2028)[2] == 40_000


def test_savings_follow_prices_and_wages(city: City, bench: Place):
    end_of(city, 2026)
    said = Said(date(2027, 4, 1), Role.POOL_MANAGER, Door.CLI)

    with transaction(city.engine) as session:
        added = index_commitments(session, 2027, 300, "KL", said)
    with transaction(city.engine) as session:
        again = index_commitments(session, 2027, 300, "KL", said)

    assert added == again == (900 + 6_000) * 3  # øre: three percent of 900 kr. and of 6.000 kr.
    assert city.pot(2027)[1] == 6_900 * 1.03
    assert city.wrong() == []
