"""The desk's pages over 30,000 facilities and a million checks: search, list, map, overview, and a case of fifteen years.

Ours is the whole answer of the page, in one process without a network, by a leader who is signed in. The limit is what
the page can't do without, asked of the database alone. Of a case with fifteen years of history it is the page of one with one year.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from benchmarks.desk import Somebody, come_in, persons_known
from benchmarks.desk_search import fill
from benchmarks.machine import databases, write_raw
from benchmarks.measure import Row, in_turn, rates
from channels.page.app import make_app
from config.settings import settings

ON = date(2026, 6, 9)
OLD, YOUNG = 7, 8
"""Two facilities: with fifteen years of history, and with one."""
A_YEAR = 24
"""Checks of such a facility in a year."""
PERSONS = "operators: {}\npersons:\n  L-01: {mail: leder@kommune.example, roles: [leader, coordinator, pool_manager]}\n"
PAGES = {
    "desk, search": (
        "/opgaver/steder?q=kirkevej+12",
        "SELECT facility_id FROM place_words WHERE {has}(words, 'kirkevej') > 0",
    ),
    "desk, list of places": ("/opgaver/steder", "SELECT id FROM facility ORDER BY reference LIMIT 50"),
    "desk, list by deadline": (
        "/opgaver/steder?sorter=frist",
        "SELECT facility_id, min(due_on) FROM \"check\" WHERE state IN ('planned', 'notified', 'reminded', 'escalated') GROUP BY facility_id",
    ),
    "desk, map": ("/opgaver/kort", "SELECT reference, name, lat, lon, stage FROM facility ORDER BY reference"),
    "desk, overview": (
        "/opgaver/overblik",
        "SELECT state, count(*) FROM \"check\" WHERE state IN ('planned', 'notified', 'reminded', 'escalated') GROUP BY state",
    ),
    "desk, what waits": ("/opgaver", "SELECT stage, count(*) FROM facility GROUP BY stage"),
}
"""Each page with its address, and what it can't do without."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Each page on both databases."""
    size, checks, rounds = (3_000, 100_000, 3) if quick else (30_000, 1_000_000, 5)
    with persons_known(PERSONS), databases() as kinds:
        for kind in kinds:
            engine = kind.empty()
            fill(engine, size)
            live(engine, size, checks)
            who, client = come_in(engine, "L-01"), client_of(engine)
            works: dict[str, tuple[Callable[[], float], Callable[[], float], str]] = {
                name: (partial(seconds, client, path, who), partial(asked, engine, query), "its query alone")
                for name, (path, query) in PAGES.items()
            }
            works["desk, a case of fifteen years"] = (
                partial(seconds, client, case_of(engine, OLD), who),
                partial(seconds, client, case_of(engine, YOUNG), who),
                "a case of one year",
            )
            for name, (ours, limit, limit_name) in works.items():
                ours(), limit()  # templates, statements and connections: what a server does once
                found = in_turn(rounds, ours=ours, limit=limit)
                note = f"{statistics.median(found['ours']) * 1000:.0f} ms; {checks:,} checks"
                yield rates(name, kind.kind, size, found, unit="s", limit_name=limit_name, note=note)
            kind.drop(engine)


def client_of(engine: Engine) -> TestClient:
    """A browser without JavaScript, in this process."""
    return TestClient(make_app(engine, clock=lambda: ON, deliver=lambda: None), base_url=settings().page_url)


def seconds(client: TestClient, path: str, who: Somebody) -> float:
    """What one page takes."""
    begun = time.perf_counter()
    answer = client.get(path, cookies=who.cookies)
    took = time.perf_counter() - begun
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return took


def asked(engine: Engine, query: str) -> float:
    """What the database takes for a query and its rows."""
    has = "strpos" if engine.dialect.name == "postgresql" else "instr"
    begun = time.perf_counter()
    with engine.execution_options(reading=True).connect() as connection:
        connection.execute(text(query.format(has=has))).all()
    return time.perf_counter() - begun


def case_of(engine: Engine, number: int) -> str:
    """The address of a facility's case."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT reference FROM facility WHERE id = :number"), {"number": number})
        return f"/opgaver/sag/{found.scalar_one()}"


def live(engine: Engine, size: int, checks: int) -> None:
    """So many checks that are answered, of all places; and the history of an old place and of a young one."""
    plain = engine.dialect.name == "sqlite"

    def day(of: date) -> Any:
        return of.isoformat() if plain else of

    def moment(of: date) -> Any:
        return f"{of.isoformat()} 08:00:00.000000" if plain else datetime(of.year, of.month, of.day, 8)

    first = size + 1
    days = {n: day(ON - timedelta(days=n)) for n in range(1, 15 * 366)}
    told: list[tuple[Any, ...]] = [
        (
            first + n,
            n % size + 1,
            n % size + 1,
            days[20 + n // size * 30],
            "volunteers",
            "done",
            days[25 + n // size * 30],
        )
        for n in range(checks)
        if n % size + 1 not in (OLD, YOUNG)
    ]
    history: list[tuple[int, int]] = [
        (place, 10 + number * 365 // A_YEAR)
        for place, years in ((OLD, 15), (YOUNG, 1))
        for number in range(years * A_YEAR)
    ]
    after = first + checks
    told += [
        (after + n, place, place, days[back], "volunteers", "done", days[back + 5])
        for n, (place, back) in enumerate(history)
    ]
    reports = [
        (after + n, "ok", 20, "Alt er i orden", days[back], "volunteer", "page") for n, (_, back) in enumerate(history)
    ]
    lines = [
        (
            place,
            days[back],
            moment(ON - timedelta(days=back)),
            "operation",
            f"Tjek nr. {n} er i orden",
            "volunteer",
            "page",
            "",
        )
        for n, (place, back) in enumerate(history)
    ]
    letters = [
        (
            f"history:{n}",
            "receipt_of_old",
            place,
            "{}",
            "",
            days[back],
            moment(ON - timedelta(days=back)),
            1,
            "",
            moment(ON - timedelta(days=back)),
            "operations",
        )
        for n, (place, back) in enumerate(history)
    ]
    letters = [(key, "handover_called", *rest) for key, _, *rest in letters]
    write_raw(
        engine,
        [
            ("check", ("id", "facility_id", "care_task_id", "due_on", "who", "state", "planned_on"), told),
            ("report", ("check_id", "result", "minutes", "note", "on", "by", "door"), reports),
            ("journal", ("facility_id", "on", "recorded_at", "stage", "what", "by", "door", "operator"), lines),
            (
                "message",
                (
                    "key",
                    "template",
                    "facility_id",
                    "context",
                    "attachment",
                    "on",
                    "created_at",
                    "attempts",
                    "error",
                    "sent_at",
                    "role",
                ),
                letters,
            ),
        ],
    )
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
