"""Grants out of one year of the pool, and out of many, by eight processes at once, beside the bare commit rate.

Ours is `models.pool.ledger.book`: the entry by its key, then one conditional update. The limit is one INSERT and one UPDATE
of the same rows by the raw driver, committed each time. The peer reads, decides and writes under SERIALIZABLE, and
tries again when it is told that somebody else did.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from benchmarks.machine import databases
from benchmarks.measure import Row, in_turn, rates
from models.database import columns_of, engine_for, now, transaction
from models.pool.ledger import Kind, LedgerEntry, PoolYear, book
from models.role import Door, Role
from models.said import Said

PROCESSES = 8
ON = date(2026, 6, 9)
WHAT = "Tilsagn til drift af bænk ved havnen"
Work = Callable[[Engine, str, int], None]


def ours(engine: Engine, key: str, year: int) -> None:
    """The product's own way."""
    with transaction(engine) as session:
        book(
            session,
            Kind.COMMITMENT,
            year,
            100,
            Said(ON, Role.POOL_MANAGER, Door.CLI),
            key=key,
            facility_id=None,
            what=WHAT,
        )


BARE = (
    text(
        'INSERT INTO ledger_entry (key, year, kind, amount_ore, what, "on", recorded_at, by, door, case_number) '
        "VALUES (:key, :year, :kind, :amount_ore, :what, :on, :recorded_at, :by, :door, :case_number)"
    ),
    text("UPDATE pool_year SET free_ore = free_ore - 100 WHERE year = :year"),
)


def limit(engine: Engine, key: str, year: int) -> None:
    """One INSERT, one UPDATE, nothing asked; their text is there already."""
    entry = {
        name: str(value) if isinstance(value, date | StrEnum) else value for name, value in _entry(key, year).items()
    }
    with engine.begin() as connection:
        connection.execute(BARE[0], entry)
        connection.execute(BARE[1], {"year": year})


def peer(engine: Engine, key: str, year: int) -> None:
    """Read, decide, write; again until nobody came between."""
    pots = columns_of(PoolYear)
    level = "SERIALIZABLE"
    while True:
        try:
            with engine.connect().execution_options(isolation_level=level) as connection:
                free = connection.execute(select(pots.free_ore).where(pots.year == year)).scalar_one()
                if free >= 100:
                    connection.execute(insert(LedgerEntry).values(_entry(key, year)))
                    connection.execute(update(PoolYear).where(pots.year == year).values(free_ore=free - 100))
                connection.commit()
                return
        except DBAPIError:
            continue


def _entry(key: str, year: int) -> dict[str, Any]:
    return {
        "key": key,
        "year": year,
        "kind": Kind.COMMITMENT,
        "amount_ore": 100,
        "what": WHAT,
        "on": ON,
        "recorded_at": now(),
        "by": Role.POOL_MANAGER,
        "door": Door.CLI,
        "case_number": "",
    }


def _worker(url: str, work: Work, number: int, times: int, years: int, start: Any, done: Any) -> None:
    engine = engine_for(url)
    with engine.connect():
        pass
    start.wait(60)
    for turn in range(times):
        work(engine, f"{work.__name__}:{number}:{turn}", 1000 + (number * times + turn) % years)
    done.wait(600)
    engine.dispose()


def _seconds(engine: Engine, work: Work, times: int, years: int) -> float:
    url = engine.url.render_as_string(hide_password=False)
    # forked from one that has loaded everything and done nothing
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["benchmarks.grants"])
    start, done = server.Barrier(PROCESSES + 1), server.Barrier(PROCESSES + 1)
    workers = [
        server.Process(target=_worker, args=(url, work, number, times, years, start, done))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    start.wait(120)
    begun = time.perf_counter()
    done.wait(600)
    took = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    return took


def rows(*, quick: bool) -> Iterator[Row]:
    """One pool and a thousand on both databases."""
    times = 25 if quick else 250
    with databases() as kinds:
        for kind in kinds:
            for years in (1, 1000):
                works: dict[str, Work] = {"ours": ours, "limit": limit}
                if kind.kind == "postgresql":
                    works["peer"] = peer
                filled = kind.empty()
                with filled.begin() as connection:
                    pots = {"put_in_ore": 10**12, "free_ore": 10**12, "committed_ore": 0, "spent_ore": 0}
                    all_ = [pots | {"year": 1000 + number} for number in range(years)]
                    connection.execute(insert(PoolYear), all_)

                def timed(work: Work, filled: Engine = filled, years: int = years) -> float:
                    copy = kind.copy(filled)  # noqa: B023
                    took = _seconds(copy, work, times, years)
                    kind.drop(copy)  # noqa: B023
                    return took

                seconds = in_turn(
                    1 if quick else 3, **{name: lambda work=work: timed(work) for name, work in works.items()}
                )
                yield rates(
                    f"grants into {years:,} pool{'s' if years > 1 else ''}, 8 processes",
                    kind.kind,
                    PROCESSES * times,
                    seconds,
                    unit="grants/s",
                    must="≥ 0.8",
                    limit_name="bare INSERT + UPDATE",
                    peer_name="read, then write, SERIALIZABLE" if "peer" in seconds else "",
                    peer_seconds=sorted(seconds["peer"])[len(seconds["peer"]) // 2] if "peer" in seconds else None,
                )
