"""Which tests `make test` leaves to `make test THOROUGH=1`, and why each may be left.

What stays is every rule, every door and every letter, once, on SQLite or on PostgreSQL: half of the tests on each. What
goes is breadth: the same test on the other database, the same assertion through each route, state, size or point of a
crash, simulated years, and what starts programs of its own. `.ci/run` runs all of them, so nothing lands that they refuse.
Whoever names a file gets all of it.
"""

from collections.abc import Iterable
from zlib import crc32

THOROUGH: dict[str, str] = {
    "tests/browser": "every form and page of Prefect in Chromium",
    "tests/channels/test_bad_input.py": "every command with every hostile text",
    "tests/channels/test_damage.py": "every damage that the doctor must find",
    "tests/channels/test_doctor.py": "every way an installation breaks, each alone",
    "tests/channels/test_restore.py": "every crafted backup",
    "tests/crash": "killed at points all along a life, and races",
    "tests/flows/test_desk_in_step.py": "a real Prefect with its stack",
    "tests/flows/test_form.py": "a real Prefect with its stack",
    "tests/flows/test_nights.py": "a real Prefect with its stack",
    "tests/flows/test_reconcile.py": "a real Prefect with its stack, killed",
    "tests/flows/test_up.py": "a real Prefect with its stack, begun and ended",
    "tests/flows/test_warm.py": "a real Prefect with its stack, killed and hung",
    "tests/flows/test_wiped.py": "a real Prefect with its stack, its database gone",
    "tests/lifecycle/test_mail_economy.py::test_nobody_gets_more_mails_a_year_than_was_promised": "two years simulated",
    "tests/lifecycle/test_mail_economy.py::test_no_mail_says_what_is_not_true_that_morning": "two years simulated",
    "tests/lifecycle/test_mail_economy.py::test_the_page_is_as_the_simulation_writes_it": "two years simulated",
    "tests/lifecycle/test_state_machine.py": "lives drawn at random",
    "tests/page/test_browser.py": "every page in Chromium",
    "tests/page/test_damage_by_every_door.py": "every door in every state",
    "tests/page/test_fuzz.py": "every route with inputs nobody thought of",
    "tests/api/test_any_request.py": "every route with inputs nobody thought of",
    "tests/sheets/test_odd_files.py": "every odd file",
    "tests/staff/test_desk_in_a_browser.py": "every page of the desk in Chromium",
    "tests/staff/test_every_route.py": "every route of the desk in every role",
    "tests/staff/test_fuzz.py": "every route with inputs nobody thought of",
    "tests/staff/test_six_years.py": "six years lived",
    "tests/test_wheel.py": "builds and installs a wheel",
}
"""A file or folder of tests, or one test's name after `::`, and what it goes through that its neighbours don't."""


def is_thorough(nodeid: str) -> bool:
    """Whether that test is left to `THOROUGH=1`."""
    path, _, test = nodeid.partition("::")
    name = f"{path}::{test.partition('[')[0]}"
    return any(name == each or path == each or path.startswith(f"{each}/") for each in THOROUGH)


DATABASES = ("sqlite", "postgresql")


def for_the_other_database(nodeids: Iterable[str]) -> set[str]:
    """Of the tests that are there on both databases, those that an everyday run does on the other one.

    Which one it does is drawn from the test's name, so that it is the same one each time.
    """
    pairs: dict[str, dict[str, str]] = {}
    for nodeid in nodeids:
        for kind in DATABASES:
            if kind in nodeid:
                pairs.setdefault(nodeid.replace(kind, "", 1), {})[kind] = nodeid
    return {pair[DATABASES[crc32(name.encode()) % 2]] for name, pair in pairs.items() if pair.keys() == set(DATABASES)}
