"""Which tests `make test` leaves to `make test THOROUGH=1`, and why each may be left.

What stays is every rule, every door and every letter, on SQLite or on PostgreSQL: half of the tests on each. What goes
is breadth: the same test on the other database or with more than a few inputs, the same assertion through each route,
state, size or point of a crash, what lives through months or starts programs of its own. `.ci/run` runs all of them, so
nothing lands that they refuse. Whoever names a file gets all of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

from tests.dear import dear_tests

THOROUGH: dict[str, str] = {
    "tests/browser": "every form and page of Prefect in Chromium",
    "tests/channels/test_bad_input.py": "every command with every hostile text",
    "tests/channels/test_damage.py": "every damage that the doctor must find",
    "tests/channels/test_doctor.py": "every way an installation breaks, each alone",
    "tests/channels/test_restore.py": "every crafted backup",
    "tests/crash": "killed at points all along a life, and races",
    "tests/flows/test_asked_once.py": "a real Prefect with its stack",
    "tests/flows/test_desk_in_step.py": "a real Prefect with its stack",
    "tests/flows/test_form.py": "a real Prefect with its stack",
    "tests/flows/test_form_input.py": "a real Prefect with its stack",
    "tests/flows/test_nights.py": "a real Prefect with its stack",
    "tests/flows/test_persons_stay_out.py": "a real Prefect with its stack",
    "tests/flows/test_prefect_door.py": "a real Prefect with its stack",
    "tests/flows/test_prefect_key.py": "a real Prefect with its stack",
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

DATABASES = ("sqlite", "postgresql")
CASES_A_DAY = 2
"""So many inputs of a test that has more are tried in a run of every day."""


def left_to_thorough(nodeids: Iterable[str]) -> set[str]:
    """Of these tests, those that a run of every day leaves out.

    Which database and which inputs a test has that day is drawn from its name, so it is the same ones each time.
    """
    cases: dict[str, list[str]] = defaultdict(list)
    stays: set[str] = set()
    for nodeid in (every := set(nodeids)) - for_the_other_database(every):
        if not is_thorough(nodeid):
            cases[nodeid.partition("[")[0]].append(nodeid)
    for test in cases.values():
        stays.update(sorted(test, key=_drawn)[:CASES_A_DAY])
    return every - stays


def is_thorough(nodeid: str) -> bool:
    """Whether that test is left out by its name, with all of its cases."""
    path, _, test = nodeid.partition("::")
    name = f"{path}::{test.partition('[')[0]}"
    by_name = any(name == each or path == each or path.startswith(f"{each}/") for each in THOROUGH)
    return by_name or name in dear_tests()


def for_the_other_database(nodeids: Iterable[str]) -> set[str]:
    """Of the tests that are there on both databases, those that a run of every day does on the other one."""
    pairs: dict[str, dict[str, str]] = defaultdict(dict)
    for nodeid in nodeids:
        for kind in DATABASES:
            if kind in nodeid:
                pairs[nodeid.replace(kind, "", 1)][kind] = nodeid
    return {pair[DATABASES[_drawn(name) % 2]] for name, pair in pairs.items() if pair.keys() == set(DATABASES)}


def _drawn(name: str) -> int:
    return crc32(name.encode())
