"""The written-out case: what the ledger and the forecast say is what was computed beside the product."""

from collections import Counter
from datetime import date

import pytest

from models.database import reading
from models.figures.forecast_basis import forecast
from models.pool.ledger import Kind
from tests.city import City
from tests.pool.the_case import Case, the_case, worked_out


def test_every_formula_of_the_case_gives_the_amount_beside_it():
    for entry in the_case()["poster"]:
        assert worked_out(entry["formel"]) == entry["ore"], entry


def test_every_ledger_entry_carry_over_and_index_is_the_one_computed_by_hand(city: City):
    case = Case(city)

    numbers = {place.facility.id: number for number, place in case.places.items()}
    booked = Counter(
        (e.on.isoformat(), str(e.kind), e.year, numbers.get(e.facility_id), e.amount_ore)
        for e in city.ledger()
        if e.kind is not Kind.WORK_RESERVED  # moves no pot
    )
    written = Counter((e["den"], e["art"], e["aar"], e["anlaeg"], e["ore"]) for e in the_case()["poster"])
    assert booked - written == Counter()
    assert written - booked == Counter()
    assert city.wrong() == []


def test_the_years_balances_are_the_ones_computed_by_hand(city: City):
    Case(city)

    for pots in the_case()["pulje"]:
        kr = tuple(pots[name] / 100 for name in ("fri", "lovet", "brugt"))
        assert city.pot(pots["aar"]) == kr, pots["aar"]
        assert pots["sat_ind"] == pots["fri"] + pots["lovet"] + pots["brugt"]


def test_the_forecasts_means_are_the_ones_computed_by_hand(city: City):
    Case(city, until=date(2029, 1, 2))

    with reading(city.engine) as session:
        ahead = forecast(session, date(2029, 1, 2), 10)

    seen = [
        {
            "aar": a.year,
            "penge": a.money_ore,
            "antaget": a.money_is_assumed,
            "lovet": a.booked_ore,
            "fornyelse": a.renewals_ore,
            "skader": a.incidents_ore,
            "udskiftning": a.replacement_ore,
        }
        for a in ahead
    ]
    for mine, written in zip(seen, the_case()["fremskrivning"], strict=True):
        # half an øre may fall to either side in floating point
        assert mine == {k: v if isinstance(v, bool) else pytest.approx(v, abs=1) for k, v in written.items()}
