"""The guard of the daily run: it costs what is due, not what there is. Counted in statements and rows, by no clock."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Engine, event

from benchmarks.town import TASKS, TODAY, add_open_checks, build
from models.daily_run import sweep

FEW, MANY, DUE = 60, 2_412, 12
#: Tables that grow with facilities and years; the others are small, or a day's own.
LARGE = (
    *("agreement", "care_task", "check", "condition", "defect", "facility", "handover", "incident"),
    *("inspection", "journal", "ledger_entry", "message", "message_item", "pool_application", "report", "work_order"),
)  # fmt: skip


class Seen:
    """What a run asked of the database: statements, the rows they changed, and the plans that were chosen."""

    def __init__(self) -> None:
        self.statements: Counter[str] = Counter()
        self.rows = 0
        self.plans: list[str] = []


@contextmanager
def watching(engine: Engine, *, plans: bool = False) -> Iterator[Seen]:
    seen = Seen()
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "

    def before(_connection, cursor, statement, parameters, _context, many):
        word = statement.split()[0]
        if plans and not many and word in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            asking = cursor.connection.cursor()
            asking.execute(explain + statement, parameters)
            seen.plans += [str(row[-1]) for row in asking.fetchall()]

    def after(_connection, cursor, statement, _parameters, _context, _many):
        seen.statements[" ".join(statement.split())[:60]] += 1
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.rows += max(0, cursor.rowcount)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


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

    assert (again.planned, again.reminders, again.escalations) == (
        done.planned, done.reminders, done.escalations,
    )  # fmt: skip
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
        _prefer_indexes(database)

    with watching(database, plans=True) as seen:
        sweep(database, on=TODAY)

    scanned = {table for table in LARGE for plan in seen.plans if _scans(plan, table)}
    assert scanned == set()


def test_each_index_of_the_daily_path_is_used(database: Engine):
    a_country(database, MANY, due=DUE)
    if database.dialect.name == "postgresql":
        _prefer_indexes(database)

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


def _scans(plan: str, table: str) -> bool:
    """An index that is read from end to end (to sort by it) is no better than the table."""
    if f"Seq Scan on {table} " in f"{plan} ".replace('"', ""):
        return True
    return plan.replace('"', "").split()[:2] == ["SCAN", table]


def _prefer_indexes(engine: Engine) -> None:
    """A table of a test is so small that PostgreSQL would read it whole; what can't use an index still does."""
    event.listen(
        engine,
        "connect",
        lambda raw, _record: raw.execute("SET enable_seqscan = off") and raw.commit(),
    )
    engine.dispose()
