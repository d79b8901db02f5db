"""Chromium for the tests that drive the real UI; without it they are skipped, and it is said aloud."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from flows.running.up import HOUSE
from tests import patience
from tests.browser.prefect_ui import LAPTOP, takes_screenshots
from tests.flows.house import House, let_in

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium was not found: set CHROMIUM or put chromium on PATH"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis",  # without a graphics card the graph on a run's page would take a whole core
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
PATIENCE = patience.SECONDS * 1000  # milliseconds


def chromium() -> str | None:
    """Where Chromium is."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped browser test must not look like a passed one."""
    if any("browser" in report.nodeid for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_line(f"BROWSER TESTS SKIPPED. {MISSING}", red=True, bold=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of a file."""
    program = chromium()
    if program is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of the size of a laptop, of somebody who was never here before."""
    opened = browser.new_page(viewport=LAPTOP, locale="da-DK")
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the screenshots go."""
    folder = HOUSE / "docs" / "images" if takes_screenshots() else tmp_path / "images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def ui(request: pytest.FixtureRequest) -> str:
    """The address of a running house with the group G-0001; who has the page is signed in there."""
    if chromium() is None:
        pytest.skip(MISSING)
    house: House = request.getfixturevalue("house")
    let_in(request.getfixturevalue("page").context, house.ui, house.folder)
    return house.ui
