"""Which tests take so much of the processor that a run of every day leaves them to `make test THOROUGH=1`.

`make test THOROUGH=1 ARGS="-p tests.dear"` measures each test and writes `tests/dear.txt` anew. What is measured is
processor time, of the test with what it prepares and of the programs it has seen end; so a busy machine finds the same.
"""

import resource
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("dear.txt")
DEAR_SECONDS = 0.6
MEASURED = "processor_seconds"

_begun: dict[str, float] = {}
_found: dict[str, float] = {}


@cache
def dear_tests() -> frozenset[str]:
    """The tests on the list: file and name, without their cases."""
    return frozenset(LIST.read_text().splitlines())


def _spent() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test begins."""
    _begun[item.nodeid] = _spent()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note with a test's last report what it took: so hears of it the process that gives the tests out."""
    if call.when == "teardown":
        item.user_properties.append((MEASURED, _spent() - _begun.pop(item.nodeid, _spent())))
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep a test's cheapest case: the first one pays for what all of them share."""
    if report.when == "teardown":
        name, seconds = report.nodeid.partition("[")[0], dict(report.user_properties)[MEASURED]
        _found[name] = min(_found.get(name, seconds), seconds)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the list, once all have told; who wasn't run stays as they are."""
    if not hasattr(session.config, "workerinput"):
        functions = {name for name in _found if name.count("::") == 1}  # what a class makes is in `tiers` by its file
        dear = (dear_tests() - _found.keys()) | {name for name in functions if _found[name] >= DEAR_SECONDS}
        LIST.write_text("".join(f"{name}\n" for name in sorted(dear)))
