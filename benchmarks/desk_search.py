"""The desk's search among 30,000 facilities, beside the query on the index of words alone, on both databases.

Ours is all that a page of *Steder* needs from the database: which places, how many, the page's fifty with their group,
road, next day and marks. The limit asks the words for the same and reads nothing else.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.machine import databases, write_raw
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import FACILITY
from models.database import reading
from models.overview.places import Asked, find_places

TODAY = date(2026, 6, 9)
GROUPS = 600
NAMES = ("Bænken ved åen", "Shelter i skoven", "Bordet på volden", "Bålpladsen ved søen", "Badebroen ved kæret")
TYPES = ("baenk", "shelter", "bord_baenkesaet", "baalplads", "badebro")
ROADS = ("Kirkevej", "Strandgade", "Søndre Mågevej", "Ærøvænget", "Østergade")
SEARCHES = ("kirkevej 12", "ærøvæ", "skov", "2026-0012")
"""A road with its number, part of a word with Danish letters, a fifth of all places, and a part of a reference."""


def rows(*, quick: bool) -> Iterator[Row]:
    """The search on both databases."""
    size, rounds = (3_000, 3) if quick else (30_000, 9)
    with databases() as kinds:
        for kind in kinds:
            engine = kind.empty()
            fill(engine, size)
            _ours(engine), _limit(engine)  # connections and statements: what a server does once
            seconds = in_turn(rounds, ours=partial(_ours, engine), limit=partial(_limit, engine))
            kind.drop(engine)
            yield rates(
                "desk search",
                kind.kind,
                size,
                seconds,
                unit="s",
                must="≤ 5",
                limit_name="the index query alone",
                note=f"{len(SEARCHES)} searches",
            )


def _ours(engine: Engine) -> float:
    begun = time.perf_counter()
    for said in SEARCHES:
        with reading(engine) as session:
            find_places(session, Asked(said), TODAY)
    return time.perf_counter() - begun


def _limit(engine: Engine) -> float:
    has = "strpos" if engine.dialect.name == "postgresql" else "instr"
    begun = time.perf_counter()
    for said in SEARCHES:
        words = Asked(said).words
        wanted = " AND ".join(f"{has}(words, :word{number}) > 0" for number in range(len(words)))
        with engine.execution_options(reading=True).connect() as connection:
            asked = {f"word{number}": word for number, word in enumerate(words)}
            connection.execute(text(f"SELECT facility_id FROM place_words WHERE {wanted} LIMIT 50"), asked).all()
            connection.execute(text(f"SELECT count(*) FROM place_words WHERE {wanted}"), asked).scalar()
    return time.perf_counter() - begun


def fill(engine: Engine, size: int) -> None:
    """So many facilities in operation: half of them inherited, each with a check to come, one in a hundred damaged."""
    is_sqlite = engine.dialect.name == "sqlite"
    numbers = range(1, size + 1)

    def day(of: date) -> Any:
        return of.isoformat() if is_sqlite else of

    def truth(of: bool) -> Any:
        return int(of) if is_sqlite else of

    begun = day(date(2025, 4, 1))
    groups = [(n, f"G-{n:04d}", f"Venner af {ROADS[n % 5]} {n}", "", begun) for n in range(1, GROUPS + 1)]
    places = [
        (
            n,
            f"VK-2026-{n:04d}",
            TYPES[n % 5],
            f"{NAMES[n % 5]} {n}",
            1 + n % GROUPS,
            54.85 + n % 173 / 500,
            11.7 + n % 179 / 250,
            700_000 + n,
            6_100_000 + n,
            "municipality",
            5,
            begun,
            840,
            650_000,
            6_000_000,
            15,
            "operation",
            begun,
            begun,
            "",
        )
        for n in numbers
    ]
    inherited = [
        (n, f"{n:05d}", f"{ROADS[n // 2 % 5]} {n % 90}", f"{n:064d}", begun, "operations") for n in numbers if n % 2
    ]
    due = [(n, n, 1, day(TODAY + timedelta(days=n % 60 - 5)), "volunteers", "planned", begun) for n in numbers]
    damaged = [(n, "Løs tagplade", truth(n % 200 == 0), begun, "volunteer", 0, "") for n in numbers if n % 100 == 0]
    agreement = (
        "id",
        "facility_id",
        "group_id",
        "version",
        "status",
        "renews",
        "from_on",
        "until_on",
        "volunteer_minutes_per_year",
        "municipal_minutes_per_year",
        "kr_per_year_ore",
        "changes",
        "drafted_on",
        "sha256",
        "pdf",
    )
    task = (
        "id",
        "agreement_id",
        "facility_id",
        "key",
        "name",
        "every_days",
        "season",
        "minutes",
        "minutes_per_year",
        "who",
        "fine_when",
    )
    written: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]] = [
        ("volunteer_group", ("id", "reference", "name", "cvr", "since_on"), groups),
        ("facility", FACILITY, places),
        ("inheritance", ("facility_id", "number", "address", "said", "taken_in_on", "taken_in_by"), inherited),
        (
            "agreement",
            agreement,
            [
                (
                    n,
                    n,
                    1 + n % GROUPS,
                    1,
                    "in_force",
                    truth(False),
                    begun,
                    day(date(2030, 3, 31)),
                    840,
                    0,
                    0,
                    "[]",
                    begun,
                    "",
                    "",
                )
                for n in numbers
            ],
        ),
        ("care_task", task, [(n, n, n, "look", "Se efter", 30, "", 20, 240, "volunteers", "") for n in numbers]),
        (
            "check",
            ("id", "facility_id", "care_task_id", "due_on", "who", "state", "planned_on"),
            [(n, f, f, *rest) for n, f, _, *rest in due],
        ),
        ("incident", ("facility_id", "what", "safe", "reported_on", "reported_by", "kr_ore", "reason"), damaged),
    ]
    write_raw(engine, written)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
