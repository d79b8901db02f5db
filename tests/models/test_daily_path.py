"""The guard of the daily run: it costs what is due, not what there is. Counted in statements and rows, by no clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

from benchmarks.town import TASKS, TODAY, add_open_checks, build
from models.daily import daily_run, due_work
from models.daily.daily_run import sweep
from models.database import transaction
from models.journal import write_journal
from models.role import Door, Role
from models.said import Said
from tests.watching import prefer_indexes, scans, watching

FEW, MANY, DUE = 60, 2_412, 12
#: Tables that grow with facilities and years; the others are small, or a day's own.
LARGE = (
    *("agreement", "care_task", "check", "condition", "contact", "defect", "facility", "handover", "incident"),
    *("inspection", "journal", "ledger_entry", "message", "message_item", "pool_application", "report", "work_order"),
)


def a_country(engine: Engine, tasks: int, due: int, after: int = 0) -> None:
    """So many tasks, of which that many are due, and as many open checks; as many have their step today."""
    build(engine, tasks, due_every=tasks // due, after=after // TASKS)
    add_open_checks(engine, tasks, step_due_every=tasks // due, tasks=tasks, after=after)


def test_what_a_day_costs_does_not_grow_with_what_is_not_due(database: Engine):
    a_country(database, FEW, due=DUE)
    with watching(database) as few:
        done = sweep(database, on=TODAY)
    a_country(database, MANY, due=DUE, after=FEW)

    with watching(database) as many:
        again = sweep(database, on=TODAY)

    assert (again.planned, again.reminders, again.escalations) == (done.planned, done.reminders, done.escalations)
    assert not many.statements - few.statements
    assert many.rows <= few.rows + 4 * DUE  # fewer of them happen to share a message


def test_what_is_due_is_done_in_statements_for_all_at_once(database: Engine):
    build(database, FEW, due_every=1)
    with watching(database) as few:
        sweep(database, on=TODAY)
    build(database, MANY, due_every=1, after=FEW // TASKS)

    with watching(database) as many:
        assert sweep(database, on=TODAY).planned == MANY

    assert not many.statements - few.statements


def test_a_day_on_which_nothing_is_due_changes_nothing(database: Engine):
    build(database, MANY, due_every=1)
    sweep(database, on=TODAY)

    with watching(database) as again:
        assert not any(sweep(database, on=TODAY).as_dict().values())

    assert again.rows == 0


def test_no_table_that_grows_is_read_from_end_to_end(database: Engine):
    a_country(database, MANY, due=DUE)
    if database.dialect.name == "postgresql":
        prefer_indexes(database)

    with watching(database, plans=True) as seen:
        sweep(database, on=TODAY)

    scanned = {table for table in LARGE for plan in seen.plans if scans(plan, table)}
    assert scanned == set()


def test_each_index_of_the_daily_path_is_used(database: Engine):
    if database.dialect.name == "postgresql":
        with database.begin() as connection:  # else it goes by how much an earlier test had in this database
            connection.exec_driver_sql(
                "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relnamespace = 'public'::regnamespace"
            )
    a_country(database, MANY, due=DUE)
    if database.dialect.name == "postgresql":
        prefer_indexes(database)

    with watching(database, plans=True) as seen:
        sweep(database, on=TODAY + timedelta(days=1))

    used = {name for name in INDEXES for plan in seen.plans if name in plan}
    assert used == set(INDEXES)


INDEXES = (
    "ix_agreement_status_until_on",
    "ix_care_task_next_on",
    "ix_check_state_due_on",
    "ix_condition_met_on_deadline_on",
    "ix_defect_fixed_on_deadline_on",
    "ix_message_contact_id_on",
    "ix_message_on_role",
    "ix_pool_application_decision",
    "ix_work_order_booked_on",
)


def test_a_range_is_found_from_its_own_rows_however_many_there_are(database: Engine, monkeypatch: pytest.MonkeyPatch):
    """Seen in a profile: PostgreSQL read every task there is for each range of those that are due."""
    monkeypatch.setattr(due_work, "RANGE_ROWS", 40)
    build(database, MANY, due_every=1)
    with database.begin() as connection:
        connection.exec_driver_sql("ANALYZE")

    with watching(database, plans=True) as seen:
        assert sweep(database, on=TODAY).planned == MANY

    of_a_range = [
        plan
        for statement, plans in seen.plans_of.items()
        if statement.startswith(('INSERT INTO "check"', "INSERT INTO message_item", "UPDATE care_task"))
        for plan in plans
    ]
    assert of_a_range
    assert not [plan for plan in of_a_range for table in LARGE if scans(plan, table)]


def test_only_the_last_range_waits_for_the_disk_and_with_it_all_before(
    database: Engine, monkeypatch: pytest.MonkeyPatch
):
    """A range that the power took is still due; what comes after the daily run is on disk when it says so."""
    monkeypatch.setattr(due_work, "RANGE_ROWS", 40)
    build(database, FEW * 2, due_every=1)

    with _noting_whether_commits_wait(database) as waits:
        sweep(database, on=TODAY)
        with transaction(database) as session:
            say(session)

    ranges = [n for n, wait in enumerate(waits) if not wait]
    assert ranges == list(range(ranges[0], ranges[0] + 2))
    assert all(waits[ranges[-1] + 1 :])
    assert len(waits) > ranges[-1] + 3  # the last range, what the day does after it, and the line


def test_whoever_comes_after_a_day_that_broke_waits_for_the_disk(database: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(due_work, "RANGE_ROWS", 40)
    build(database, FEW * 2, due_every=1)
    monkeypatch.setattr(daily_run, "take_steps", _broken)
    with pytest.raises(ZeroDivisionError):
        sweep(database, on=TODAY)

    with _noting_whether_commits_wait(database) as waits, transaction(database) as session:
        say(session)

    assert waits == [True]


def say(session: Session) -> None:
    write_journal(session, None, "Alt er i orden", Said(TODAY, Role.OPERATIONS, Door.CLI))


def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError


@contextmanager
def _noting_whether_commits_wait(engine: Engine) -> Iterator[list[bool]]:
    """For each commit of somebody who writes, whether it waits until it is on disk."""
    waits: list[bool] = []
    is_postgresql = engine.dialect.name == "postgresql"
    how, full = ("SHOW synchronous_commit", "on") if is_postgresql else ("PRAGMA synchronous", 2)
    if is_postgresql:  # the tests' server waits for no disk
        with engine.begin() as connection:
            name = engine.url.database
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        engine.dispose()

    def note(connection: Connection) -> None:
        if not connection.get_execution_options().get("reading"):
            waits.append(connection.exec_driver_sql(how).scalar() == full)

    event.listen(engine, "commit", note)
    try:
        yield waits
    finally:
        event.remove(engine, "commit", note)


@pytest.mark.parametrize(
    ("what", "indexes", "statements"),
    [
        ("Alt er i orden", ("ix_contact_last_name",), 1),
        ("Kontakt 7 Holm ringede fra 12 34 56 78", ("ix_contact_last_name", "ix_contact_digits"), 2),
    ],
)
def test_a_journal_line_does_not_read_every_contact(
    database: Engine, what: str, indexes: tuple[str, ...], statements: int
):
    a_country(database, MANY, due=DUE)
    if database.dialect.name == "postgresql":
        prefer_indexes(database)

    with watching(database, plans=True) as seen, transaction(database) as session:
        write_journal(session, None, what, Said(TODAY, Role.COORDINATOR, Door.CLI))

    assert not any(scans(plan, "contact") for plan in seen.plans)
    assert {name for name in indexes if name in " ".join(seen.plans)} == set(indexes)
    assert seen.statements.total() == statements
