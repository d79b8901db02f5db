"""Many municipalities in one installation: a database each, a schema each, or one set of tables for all.

Each has 300 facilities and 1,200 care tasks, of which one in 24 is due. Ours is a database each, the limit one set of
tables with all of them in it (a day is one run there), the peer a schema each. Beside the day's seconds: what an empty
one takes on disk, and how long it takes to make one. PostgreSQL only: a file of SQLite is a database each by nature.
"""

import time
from collections.abc import Iterator

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from benchmarks.machine import Databases, databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TODAY, build
from models.daily.daily_run import sweep
from models.database import engine_for
from models.migration import migrate

TASKS, ONE_IN = 1_200, 24
MEGABYTE = 2**20


def rows(*, quick: bool) -> Iterator[Row]:
    """The day, the disk and the making of one."""
    number, rounds = (3, 1) if quick else (98, 2)
    schemas = min(number, 20)  # each is migrated by itself: their day is measured on so many
    with databases() as kinds:
        kind = next(each for each in kinds if each.kind == "postgresql")
        one_database, made_database = _timed_making(kind)
        disk = _bytes(one_database, "SELECT pg_database_size(current_database())")
        alone = kind.empty()
        build(alone, TASKS, due_every=ONE_IN)
        together = kind.empty()
        build(together, TASKS * number, due_every=ONE_IN)
        shared = kind.empty()
        begun = time.perf_counter()
        in_schemas = [_a_schema(shared, f"municipality_{each}") for each in range(schemas)]
        made_schema = (time.perf_counter() - begun) / schemas
        schema_disk = _bytes(
            shared,
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'municipality_0' AND c.relkind = 'r'",
        )
        for engine in in_schemas:
            build(engine, TASKS, due_every=ONE_IN)

        def day_of_each() -> float:
            engines = [kind.copy(alone) for _ in range(number)]
            took = sum(_day(engine) for engine in engines)
            for engine in engines:
                kind.drop(engine)
            return took

        def day_of_all() -> float:
            copy = kind.copy(together)
            took = _day(copy)
            kind.drop(copy)
            return took

        seconds = in_turn(rounds, ours=day_of_each, limit=day_of_all)
        in_a_schema = sum(_day(engine) for engine in in_schemas) / schemas * number
        yield rates(
            "a day of many municipalities, a database each",
            "postgresql",
            number,
            seconds,
            unit="s",
            limit_name="one set of tables",
            peer_name=f"a schema each ({schemas} measured)",
            peer_seconds=in_a_schema,
            note=f"({TASKS:,} tasks each, 1 in {ONE_IN} due)",
        )
        yield Row(
            "an empty municipality on disk",
            "postgresql",
            1,
            "MB",
            round(disk / MEGABYTE, 1),
            peer=round(schema_disk / MEGABYTE, 1),
            peer_name="a schema each",
            peer_ratio=round(schema_disk / disk, 2),
        )
        yield Row(
            "a new municipality made",
            "postgresql",
            1,
            "s",
            round(made_database, 2),
            peer=round(made_schema, 2),
            peer_name="a schema each",
            peer_ratio=round(made_schema / made_database, 2),
        )


def _timed_making(kind: Databases) -> tuple[Engine, float]:
    begun = time.perf_counter()
    made = kind.empty()
    return made, time.perf_counter() - begun


def _a_schema(engine: Engine, name: str) -> Engine:
    """A municipality's tables under a name of their own, in the same database."""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    address = make_url(engine.url).update_query_dict({"options": f"-csearch_path={name}"})
    made = engine_for(address.render_as_string(hide_password=False))
    migrate(made)
    return made


def _bytes(engine: Engine, question: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(question)).scalar_one())


def _day(engine: Engine) -> float:
    """A day's run with a connection of its own, as a process would have it."""
    begun = time.perf_counter()
    sweep(engine, on=TODAY)
    took = time.perf_counter() - begun
    engine.dispose()
    return took
