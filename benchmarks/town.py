"""A made-up country of facilities in operation, as large as wanted, written row by row past all rules.

The road into operation isn't what is measured; only what the daily run meets is here, in the shape that the rules
would have left. Each facility has a group with one contact, an agreement in force and four tasks.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.machine import write_raw

TODAY = date(2026, 6, 9)  # a Tuesday: no Monday mail
TASKS = 4
NOTICE_DAYS = 5
STEPS = (4, 11, 18)
"""Days after the due date: reminded, reminded again, given on (config/escalation.yaml)."""
LATER = TODAY + timedelta(days=90)
#: every_days, every_months, season, minutes, who: four of the rules in config/facility_types.yaml.
RULES = (
    (14, None, "04-01/10-31", 30, "volunteers"),
    (30, None, "", 20, "volunteers"),
    (60, None, "04-01/10-31", 60, "volunteers"),
    (None, 12, "", 60, "municipality"),
)
FACILITY = (
    "id",
    "reference",
    "type_key",
    "name",
    "group_id",
    "lat",
    "lon",
    "utm_east",
    "utm_north",
    "land_owner",
    "years",
    "start_on",
    "minutes_per_year",
    "kr_per_year_ore",
    "replacement_ore",
    "life_years",
    "stage",
    "stage_since",
    "proposed_on",
    "outcome",
)
AGREEMENT = (
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
TASK = (
    "id",
    "agreement_id",
    "facility_id",
    "key",
    "name",
    "every_days",
    "every_months",
    "season",
    "minutes",
    "minutes_per_year",
    "who",
    "fine_when",
    "next_on",
)
CHECK = (
    "facility_id",
    "care_task_id",
    "due_on",
    "who",
    "state",
    "planned_on",
    "noticed_on",
    "reminded_on",
    "second_reminded_on",
    "escalated_on",
)


def build(engine: Engine, tasks: int, *, due_every: int, after: int = 0) -> None:
    """Facilities with so many tasks in all; one in `due_every` is due today, the others in three months.

    `after` facilities are there already.
    """
    places = max(1, tasks // TASKS)
    day = _days(engine)
    begun, until = day(date(2025, 4, 1)), day(date(2030, 3, 31))
    false = 0 if engine.dialect.name == "sqlite" else False
    numbers = range(after + 1, after + places + 1)
    nominal = [day(TODAY + timedelta(days=NOTICE_DAYS - n)) for n in range(5)]
    later = [day(LATER + timedelta(days=n)) for n in range(30)]
    written: list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]] = [
        (
            "volunteer_group",
            ("id", "reference", "name", "cvr", "since_on"),
            [(n, f"G-{n:07d}", f"Venner {n}", "", begun) for n in numbers],
        ),
        (
            "contact",
            ("id", "group_id", "position", "name", "mail", "phone", "mail_refused", "prefers"),
            [(n, n, 0, f"Kontakt Nr{n}", f"k{n}@example.dk", "", "", "mail") for n in numbers],
        ),
        (
            "facility",
            FACILITY,
            [
                (
                    n,
                    f"VK-2026-{n:07d}",
                    "shelter",
                    f"Shelter {n}",
                    n,
                    55.0,
                    12.2,
                    700000,
                    6100000,
                    "municipality",
                    5,
                    begun,
                    840,
                    650000,
                    6000000,
                    15,
                    "operation",
                    begun,
                    begun,
                    "",
                )
                for n in numbers
            ],
        ),
        (
            "agreement",
            AGREEMENT,
            [(n, n, n, 1, "in_force", false, begun, until, 600, 840, 650000, "[]", begun, "", "") for n in numbers],
        ),
        (
            "care_task",
            TASK,
            [
                (
                    number,
                    n,
                    n,
                    f"t{k}",
                    f"Se til stedet {k}",
                    *RULES[k][:4],
                    100,
                    RULES[k][4],
                    "Det er i orden",
                    nominal[number // due_every % 5] if number % due_every == 0 else later[n % 30],
                )
                for n in numbers
                for k in range(TASKS)
                for number in ((n - 1) * TASKS + k + 1,)
            ],
        ),
    ]
    write_raw(engine, written)
    if engine.dialect.name == "postgresql":
        _tidy(engine, ("volunteer_group", "contact", "facility", "agreement", "care_task"))


def add_open_checks(engine: Engine, checks: int, *, step_due_every: int, tasks: int, after: int = 0) -> None:
    """So many open checks (a task can have several), of all ages, each with the steps up to yesterday taken.

    One in `step_due_every` has its next step today; the others were reminded lately and wait. They are checks of the `tasks` that follow
    on `after` tasks.
    """
    day = _days(engine)
    rows: list[tuple[Any, ...]] = []
    for number in range(1, checks + 1):
        task = after + (number - 1) % tasks + 1
        rank = number // step_due_every
        is_due = number % step_due_every == 0
        age = STEPS[rank % 3] if is_due else (-4, -2, 1, 3, 5, 8, 10, 12, 15, 17)[number % 10]
        due_on = TODAY - timedelta(days=age)
        steps = [due_on + timedelta(days=d) for d in (-NOTICE_DAYS, *STEPS)]
        taken = [day(on) if on < TODAY else None for on in steps]
        state = ("notified", "reminded", "reminded", "escalated")[sum(t is not None for t in taken) - 1]
        # operations' own check is ordered one by one on its day: then it is work, with a ladder of its own
        who = RULES[(task - 1) % TASKS][4] if age < 0 else "volunteers"
        rows.append(((task - 1) // TASKS + 1, task, day(due_on), who, state, taken[0], *taken))
    write_raw(engine, [("check", CHECK, rows)])
    if engine.dialect.name == "postgresql":
        _tidy(engine, ("check",))


def _days(engine: Engine) -> Any:
    """Dates as the raw driver takes them."""
    known: dict[date, Any] = {}
    plain = engine.dialect.name == "sqlite"
    return lambda on: known.setdefault(on, on.isoformat() if plain else on)


def _tidy(engine: Engine, tables: tuple[str, ...]) -> None:
    """What time does to a database: the next number of each table, and the planner's statistics."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            sequence = f"pg_get_serial_sequence('\"{table}\"', 'id')"
            connection.execute(text(f'SELECT setval({sequence}, (SELECT max(id) FROM "{table}"))'))
            connection.execute(text(f'VACUUM ANALYZE "{table}"'))
