"""The pool's years: money in, between years, indexed, carried over, closed and corrected."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from config.catalogue import CarryOver, catalogue
from models.database import transaction
from models.pool.appropriation import appropriate, transfer
from models.pool.correction import correct
from models.pool.indexation import index_commitments
from models.pool.ledger import Kind, is_closed
from models.pool.spending import spend
from models.pool.year_end import carry_over, close_year, may_carry_over, release_unused
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City


def decide(
    city: City,
    decision: Callable[..., Any],
    *told: Any,
    on: date | None = None,
    by: Role = Role.POOL_MANAGER,
    **more: Any,
) -> Any:
    with transaction(city.engine) as session:
        return decision(session, *told, said=Said(on or city.today, by, Door.CLI), **more)


def end_of(city: City, year: int, kr: int | None = None) -> None:
    """Release, carry over and close a year in March after it."""

    def all_of_it(session: Session, said: Said) -> None:
        amount = may_carry_over(session, year) if kr is None else kr * 100
        release_unused(session, year, said)
        committee = said._replace(by=Role.COMMITTEE)
        carry_over(session, year, amount, committee, decided_on=said.on, case_number="27/1001")
        close_year(session, year, said)

    decide(city, all_of_it, on=date(year + 1, 3, 1))


def test_an_appropriation_keeps_where_it_was_decided(city: City):
    decide(
        city, appropriate, 2026, 100_00, reason="Budget", key=None, decided_on=date(2025, 10, 8), case_number="25/1001"
    )

    (entry,) = city.ledger()
    assert (entry.decided_on, entry.case_number) == (date(2025, 10, 8), "25/1001")


def test_a_closed_year_takes_nothing_but_a_correction_with_a_reason(city: City):
    city.appropriate(2026, 1_000)
    end_of(city, 2026, kr=400)
    before = city.dump()

    with pytest.raises(Refusal, match=r"2026 blev lukket 1. marts 2027"):
        city.appropriate(2026, 500)
    with pytest.raises(BadInput, match="reason"):
        decide(city, correct, Kind.CORRECTION, 2026, 100_00, facility=None, reason=" ", key=None)
    assert city.dump() == before

    decide(city, correct, Kind.CORRECTION, 2026, 100_00, facility=None, reason="Glemt faktura", key="f1")

    assert city.pot(2026) == (500, 0, 100)
    assert city.pot(2027)[0] == 400
    assert city.wrong() == []


def test_closing_twice_says_so_and_changes_nothing(city: City):
    city.appropriate(2026, 1_000)
    end_of(city, 2026)
    before = city.dump()

    decide(city, close_year, 2026, on=date(2027, 4, 1))

    assert city.dump() == before


@pytest.mark.parametrize(
    ("decision", "told", "why"),
    [
        (close_year, (2026,), "Overførslen fra 2026 er ikke besluttet"),
        (close_year, (2027,), "2027 er ikke slut"),
        (carry_over, (2026, 1_001_00), "kun 1.000 kr. fri"),
        (carry_over, (2026, -1), "ikke være negativt"),
        (index_commitments, (2027, 0, "KL"), "skriv satsen"),
        (index_commitments, (2027, 1_600, "KL"), "skriv satsen"),
        (index_commitments, (2027, 200, " "), "source"),
        (index_commitments, (2025, 200, "KL"), "2025 er slut"),
    ],
)
def test_what_cant_be_done_is_said_and_nothing_is_written(
    city: City, decision: Callable[..., Any], told: tuple[Any, ...], why: str
):
    city.appropriate(2026, 1_000)
    before = city.dump()

    with pytest.raises(Refusal, match=why):
        decide(city, decision, *told, on=date(2027, 3, 1))

    assert city.dump() == before


@pytest.mark.parametrize("ore", [0, -100, 10**15])
def test_absurd_money_is_refused(city: City, ore: int):
    with pytest.raises(BadInput, match="kr"):
        decide(city, appropriate, 2026, ore, reason="", key=None)
    with pytest.raises(BadInput, match="kr"):
        decide(city, transfer, 2026, 2027, ore, reason="x", key=None, decided_on=None, case_number="")

    assert city.ledger() == []


def test_a_transfer_moves_free_money_only_and_the_same_key_moves_it_once(city: City):
    city.appropriate(2026, 1_000)
    said = {"reason": "Senere start", "key": "t1", "decided_on": None, "case_number": ""}

    for _ in range(2):
        decide(city, transfer, 2026, 2027, 300_00, **said)

    assert (city.pot(2026)[0], city.pot(2027)[0]) == (700, 300)
    with pytest.raises(Refusal, match=r"kun 700 kr. fri i 2026"):
        decide(city, transfer, 2026, 2027, 701_00, **(said | {"key": "t2"}))
    with pytest.raises(Refusal, match="Vælg en anden nøgle"):
        decide(city, transfer, 2026, 2027, 200_00, **said)


def test_a_year_is_indexed_once_and_all_later_years_follow(city: City):
    bench = city.to_stage(Stage.BUILDING, kr=900, start_on=date(2026, 5, 1))

    for _ in range(2):
        assert decide(city, index_commitments, 2027, 300, "KL") == 27_00 + 27_00 + 9_00

    assert bench.promised_kr == {2026: 600, 2027: 927, 2028: 927, 2029: 309}
    with pytest.raises(Refusal, match="reguleret allerede"):
        decide(city, index_commitments, 2027, 310, "KL")
    decide(city, index_commitments, 2028, 100, "KL")
    assert bench.promised_kr == {2026: 600, 2027: 927, 2028: 936.27, 2029: 312.09}


def test_an_indexation_the_pool_cant_carry_says_what_is_missing(city: City):
    city.to_stage(Stage.BUILDING, kr=900, money=900, start_on=date(2026, 5, 1))
    before = city.dump()

    with pytest.raises(Refusal, match=r"der mangler 27 kr. i 2027 og 27 kr. i 2028"):
        decide(city, index_commitments, 2027, 300, "KL")

    assert city.dump() == before


def test_what_a_place_was_promised_and_didnt_use_moves_on_with_the_rest(city: City):
    bench = city.to_stage(Stage.BUILDING, kr=900, money=1_000, start_on=date(2026, 5, 1))

    end_of(city, 2026)

    assert city.pot(2026) == (0, 0, 0)
    assert city.pot(2027) == (1_100, 900, 0)
    assert bench.promised_kr[2027] == 900
    assert city.wrong() == []


@pytest.mark.parametrize(
    ("rule", "free", "allowed"),
    [
        (CarryOver(rule="all", percent=10, at_most_kr=None), 1_001, 1_001),
        (CarryOver(rule="share", percent=50, at_most_kr=None), 1_001, 500),
        (CarryOver(rule="capped", percent=50, at_most_kr=3), 1_001, 300),
        (CarryOver(rule="capped", percent=100, at_most_kr=300), 1_001, 1_001),
    ],
)
def test_the_rule_says_how_much_may_move_on(rule: CarryOver, free: int, allowed: int):
    assert rule.allowed_ore(free) == allowed


def test_more_than_the_rule_allows_is_refused(city: City, monkeypatch: pytest.MonkeyPatch):
    rule = CarryOver(rule="capped", percent=100, at_most_kr=400)
    rules = catalogue().pool.model_copy(update={"carry_over": rule})
    changed = catalogue().model_copy(update={"pool": rules})
    monkeypatch.setattr("models.pool.year_end.catalogue", lambda: changed)
    city.appropriate(2026, 1_000)

    with pytest.raises(Refusal, match=r"dog højst 400 kr. Af 1.000 kr. er det højst 400 kr."):
        decide(city, carry_over, 2026, 401_00, on=date(2027, 3, 1))

    end_of(city, 2026)
    assert (city.pot(2026)[0], city.pot(2027)[0]) == (600, 400)


def test_savings_for_a_replacement_move_on_with_their_place_and_come_back_when_it_is_removed(
    city: City, monkeypatch: pytest.MonkeyPatch
):
    rules = catalogue().pool.model_copy(update={"replacement_reserve": ("baenk",)})
    changed = catalogue().model_copy(update={"pool": rules})
    monkeypatch.setattr("models.pool.funding_need.catalogue", lambda: changed)
    bench = city.to_stage(Stage.BUILDING, kr=900, start_on=date(2026, 5, 1))

    assert city.pot(2026)[1] == 933.33  # 600 and 333,33: 6.000 kr. over 12 years, eight months of the first
    end_of(city, 2026)
    assert city.pot(2027)[1] == 1_733.33

    city.today = date(2027, 5, 1)
    city.permit(bench)
    city.build(bench)
    city.hand_over(bench)
    city.let_go(bench)
    city.end(bench, "remove")

    assert [city.pot(year)[1] for year in (2026, 2027, 2028, 2029)] == [0, 0, 0, 0]
    assert city.wrong() == []


def test_a_bill_that_comes_after_its_year_was_closed_is_paid_by_the_year_it_comes_in(city: City):
    bench = city.to_stage(Stage.BUILDING, kr=900, start_on=date(2026, 5, 1))
    end_of(city, 2026)

    paid = decide(city, spend, bench.facility.id, 2026, 50_00, key="late", what="Sen regning", on=date(2027, 4, 1))

    assert paid
    assert [(e.year, e.kind) for e in city.ledger() if e.key == "late"] == [(2027, Kind.SPENDING)]
    with transaction(city.engine) as session:
        assert is_closed(session, 2026)


@pytest.mark.parametrize(
    ("by", "proposed_by", "kr", "why"),
    [
        (Role.POOL_MANAGER, None, 25_001, r"over, hvad puljeforvalteren må beslutte. Det kan chefen"),
        (Role.LEADER, Role.LEADER, 30_000, r"foreslået af chefen, som ikke også.*Det kan udvalget"),
        (Role.LEADER, None, 30_000, r"skal have to: skriv, hvem der har foreslået"),
        (Role.COMMITTEE, Role.LEADER, 80_000, r"udvalgets beslutning skal have dato og sagsnummer"),
    ],
)
@pytest.mark.parametrize("what", ["supplementary", "transfer", "correction"])
def test_money_is_decided_within_the_limit_and_not_by_the_one_who_proposed_it(
    city: City, what: str, by: Role, proposed_by: Role | None, kr: int, why: str
):
    city.appropriate(2026, 200_000)
    before = city.dump()

    with pytest.raises(Refusal, match=why):
        decide(city, *moving(what, kr), by=by, proposed_by=proposed_by, **SAID[what])

    assert city.dump() == before
    decide(
        city,
        *moving(what, kr),
        by=Role.COMMITTEE,
        proposed_by=Role.LEADER,
        **(SAID[what] | {"decided_on": city.today, "case_number": "26/1"}),
    )
    assert city.ledger()[-1].case_number == "26/1"
    assert "(foreslået af chefen)" in city.ledger()[-1].what


@pytest.mark.parametrize("what", ["supplementary", "transfer", "correction"])
def test_a_small_amount_needs_one_role_alone(city: City, what: str):
    city.appropriate(2026, 200_000)

    decide(city, *moving(what, 25_000), by=Role.POOL_MANAGER, proposed_by=None, **SAID[what])

    assert len(city.ledger()) > 1


NO_CASE = {"reason": "Flere steder", "key": "k", "decided_on": None, "case_number": ""}
SAID = {
    "supplementary": NO_CASE | {"supplementary": True},
    "transfer": NO_CASE,
    "correction": NO_CASE | {"facility": None},
}


def moving(what: str, kr: int) -> tuple[Any, ...]:
    """The decision and what it is about."""
    return {
        "supplementary": (appropriate, 2026, kr * 100),
        "transfer": (transfer, 2026, 2027, kr * 100),
        "correction": (correct, Kind.CORRECTION, 2026, kr * 100),
    }[what]


def test_a_carry_over_above_the_limit_goes_to_the_next_level(city: City):
    city.appropriate(2026, 60_000)

    with pytest.raises(Refusal, match=r"60.000 kr. er over, hvad puljeforvalteren må.*chefen"):
        decide(city, carry_over, 2026, 60_000_00, on=date(2027, 3, 1))

    decide(city, carry_over, 2026, 60_000_00, on=date(2027, 3, 1), by=Role.LEADER)
    assert city.pot(2027)[0] == 60_000
