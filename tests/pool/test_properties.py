"""Whatever is done in whatever order: no year is overspent, and no øre comes or goes unseen."""

from contextlib import suppress
from datetime import date, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from models.case.facility import Facility
from models.database import reading, transaction
from models.overview.invariants import broken
from models.pool.appropriation import appropriate, transfer
from models.pool.correction import correct
from models.pool.funding_need import split_over_years
from models.pool.indexation import index_commitments, indexed
from models.pool.ledger import Kind, LedgerEntry, PoolYear, book, left_of, reserved, saved, sums_of, wrong_years
from models.pool.spending import release_from, spend
from models.pool.year_end import carry_over, close_year, may_carry_over, release_unused
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place

YEARS = 4
_bases = count(2030, 10)
_keys = count(1)

#: What an op does to the money that was put in, over all years together.
PUTS_IN = (Kind.APPROPRIATION, Kind.SUPPLEMENTARY, Kind.CORRECTION_PUT_IN)

amounts = st.integers(1, 3_000_000)
years = st.integers(0, YEARS - 1)
ops = st.one_of(
    st.tuples(st.just("appropriate"), years, amounts),
    st.tuples(st.just("commit"), years, amounts),
    st.tuples(st.just("spend"), years, amounts),
    st.tuples(st.just("release"), years, st.just(0)),
    st.tuples(st.just("transfer"), years, amounts),
    st.tuples(st.just("correct"), years, st.integers(-2_000_000, 2_000_000)),
    st.tuples(st.just("correct put in"), years, st.integers(-2_000_000, 2_000_000)),
    st.tuples(st.just("index"), years, st.integers(-500, 1_500)),
    st.tuples(st.just("year end"), years, st.just(0)),
)


def do(session: Session, facility: Facility, what: str, base: int, year: int, amount: int) -> None:
    """One operation, as a door would ask for it."""
    of, key = base + year, f"op {next(_keys)}"
    said = Said(date(of, 6, 1), Role.POOL_MANAGER, Door.CLI)
    place = facility.number
    after = said._replace(on=date(of + 1, 3, 1))
    match what:
        case "appropriate":
            appropriate(session, of, amount, said, reason="", key=key)
        case "commit":
            begin = date(of, 1 + amount % 12, 1)
            for each, ore in split_over_years(amount, begin, date(of + 1, begin.month, 1) - timedelta(1)).items():
                if ore:
                    book(session, Kind.COMMITMENT, each, ore, said, key=f"{key} {each}", facility_id=place, what="")
        case "spend":
            spend(session, place, of, amount, said, key=key, what="")
        case "release":
            release_from(session, place, date(of, 1, 1), said, key=key, what="")
        case "transfer":
            to = base + (year + 1) % YEARS
            transfer(session, of, to, amount, said, reason="x", key=key, decided_on=None, case_number="")
        case "correct" | "correct put in":
            kind = Kind.CORRECTION if what == "correct" else Kind.CORRECTION_PUT_IN
            correct(session, kind, of, amount, said, facility=facility, reason="x", key=key)
        case "index":
            index_commitments(session, of, amount, "KL", said, is_sure=True)
        case "year end":
            allowed = may_carry_over(session, of)
            release_unused(session, of, after)
            committee = after._replace(by=Role.COMMITTEE)
            carry_over(session, of, allowed, committee, decided_on=after.on, case_number="26/1")
            close_year(session, of, after)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ops, max_size=25))
def test_no_order_of_doings_overspends_a_year_or_loses_an_ore(city: City, todo: list[tuple[str, int, int]]):
    with reading(city.engine) as session:
        facility = session.exec(select(Facility)).first()
    if facility is None:
        facility = city.propose().facility
    base = next(_bases)

    for what, year, amount in todo:
        before = pots(city, base)
        try:
            with transaction(city.engine) as session:
                do(session, facility, what, base, year, amount)
        except Refusal:
            assert pots(city, base) == before

        with reading(city.engine) as session:
            entries = session.exec(select(LedgerEntry).where(LedgerEntry.year >= base)).all()
        after = pots(city, base)
        assert all(min(pot) >= 0 for pot in after.values())
        assert all(put_in == free + committed + spent for put_in, free, committed, spent in after.values())
        assert sum(pot[0] for pot in after.values()) == sum(e.amount_ore for e in entries if e.kind in PUTS_IN)
    with reading(city.engine) as session:
        assert wrong_years(session) == []


doings = st.one_of(
    st.tuples(st.just("order"), st.integers(0, 900)),
    st.tuples(st.just("finish"), st.integers(0, 900)),
    st.tuples(st.just("drop"), st.just(0)),
    st.tuples(st.just("year"), st.just(0)),
    st.tuples(st.just("money"), st.integers(1, 900)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(doings, max_size=20))
def test_what_is_reserved_booked_and_released_adds_up_for_each_order(city: City, todo: list[tuple[str, int]]):
    bench = next(iter(_benches(city)), None) or city.in_operation(kr=12, money=1_000)
    for what, kr in todo:
        orders = city.work_orders()
        with suppress(Refusal):
            match what:
                case "order":
                    city.order(bench, kr=kr)
                case "finish" if orders:
                    city.finish(orders[kr % len(orders)], kr=kr, by=Role.OPERATIONS_MANAGER)
                case "drop" if orders:
                    city.drop(orders[-1])
                case "money":
                    city.appropriate(city.today.year, kr)
                    city.sweep()
                case "year" if city.today.year < 2040:
                    over, city.today = city.today.year, date(city.today.year + 1, 2, 1)
                    with transaction(city.engine) as session:
                        release_unused(session, over, Said(city.today, Role.POOL_MANAGER, Door.CLI))
                        carry_over(session, over, 0, Said(city.today, Role.POOL_MANAGER, Door.CLI))
                        close_year(session, over, Said(city.today, Role.POOL_MANAGER, Door.CLI))

    for work in city.work_orders():
        entries = [entry for entry in city.ledger() if entry.key.startswith(f"work:{work.id}:")]
        of = {kind: sum(e.amount_ore for e in entries if e.kind is kind) for kind in Kind}
        waits = work.is_open or (work.done_on is not None and work.booked_on is None)
        assert of[Kind.WORK_RESERVED] == (work.ore_estimated if waits and work.reserved_year else 0)
        assert of[Kind.WORK_CARRIED] == 0
        assert of[Kind.SPENDING] == (work.ore if work.booked_on else 0)
        assert not (work.done_on and work.dropped_on)
    with reading(city.engine) as session:
        assert wrong_years(session) == []
        assert broken(session) == {}
        for row in session.exec(select(PoolYear)):
            sums = sums_of(session, bench.facility.number).get(row.year, {})
            assert row.committed_ore == left_of(sums) + reserved(sums) + saved(sums)
            assert left_of(sums) >= 0


def _benches(city: City) -> list[Place]:
    with reading(city.engine) as session:
        return [Place(city, each.reference) for each in session.exec(select(Facility))]


def pots(city: City, base: int) -> dict[int, tuple[int, int, int, int]]:
    with reading(city.engine) as session:
        rows = session.exec(select(PoolYear).where(PoolYear.year >= base))
        return {p.year: (p.put_in_ore, p.free_ore, p.committed_ore, p.spent_ore) for p in rows}


@given(st.integers(0, 10**9), st.dates(date(2020, 1, 1), date(2080, 12, 31)), st.integers(1, 10))
def test_the_parts_of_a_split_are_the_whole(per_year: int, begin: date, length: int):
    begin = begin.replace(day=min(begin.day, 28))
    end = begin.replace(year=begin.year + length) - timedelta(days=1)

    parts = split_over_years(per_year, begin, end)

    assert sum(parts.values()) == per_year * length
    assert all(ore >= 0 for ore in parts.values())
    assert set(parts) <= set(range(begin.year, end.year + 1))


@given(st.integers(-(10**12), 10**12), st.integers(-500, 1500))
def test_an_indexation_is_within_half_an_ore_of_exact(ore: int, basis_points: int):
    assert abs(indexed(ore, basis_points) * 10_000 - ore * basis_points) <= 5_000
    assert indexed(-ore, basis_points) == -indexed(ore, basis_points)
