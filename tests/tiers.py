"""Which tests `make test` leaves to `make test THOROUGH=1`, and why each may be left.

What stays is every rule, every door and every letter, once or twice over. What goes is breadth: the same assertion
through each route, state, size or point of a crash, simulated years, and what starts programs of its own. `.ci/run` runs
all of them, so nothing lands that they refuse. Whoever names a file gets all of it.
"""

THOROUGH: dict[str, str] = {}
"""A file or folder of tests, or one test's name after `::`, and what it goes through that its neighbours don't."""


def is_thorough(nodeid: str) -> bool:
    """Whether that test is left to `THOROUGH=1`."""
    path, _, test = nodeid.partition("::")
    name = f"{path}::{test.partition('[')[0]}"
    return any(name == each or path == each or path.startswith(f"{each}/") for each in THOROUGH)
