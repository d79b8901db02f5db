"""Invitation and taking a date on a phone of 360 × 740, without JavaScript; axe-core finds nothing. Taps are counted.

- An invitation: tick, "Jeg er med": two taps and what is typed (a name, a mail address).
- Taking a date from the week's page: "Jeg tager den": one tap. Giving it back: one tap.
- A lost link: "Send mig linket": one tap and the mail address.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from models.case.volunteer_group import Contact
from models.database import now
from models.operation.who_is_asked import TakenDate
from models.post.link import Purpose
from tests.page.test_members import IB, an_invitation

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PICTURES = os.environ.get("PICTURES")
PHONE = {"width": 360, "height": 740}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium was not found")]


class Phone:
    """A telephone without JavaScript, and a second window with it, where axe looks at the same page."""

    def __init__(self, plain: Tab, looked_at: Tab) -> None:
        self.plain, self.looked_at = plain, looked_at
        self.taps = 0

    def open(self, url: str, name: str) -> None:
        """Go there; axe finds nothing, and nothing is wider than the window."""
        self.plain.goto(url)
        self.look(name)

    def look(self, name: str) -> None:
        self.looked_at.goto(self.plain.url)
        found = Axe().run(self.looked_at, options=WCAG)
        assert found.violations_count == 0, (name, found.generate_report())
        assert self.plain.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        if PICTURES:
            self.plain.screenshot(path=Path(PICTURES) / f"page-{name}.png", full_page=True)

    def tap(self, words: str, *, first: bool = True) -> None:
        """Press a button, or tick a box."""
        self.taps += 1
        button = self.plain.get_by_role("button", name=words, exact=True)
        if button.count():
            with self.plain.expect_navigation():
                button.first.tap()
        else:
            self.plain.get_by_label(words).tap()


@pytest.fixture
def phone() -> Iterator[Phone]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
        )
        windows = [
            chromium.new_context(viewport=PHONE, java_script_enabled=scripts, locale="da-DK", has_touch=True).new_page()
            for scripts in (False, True)
        ]
        yield Phone(*windows)
        chromium.close()


def test_an_invitation_is_two_taps_a_date_is_one_and_a_lost_link_is_one(city, page, bench, serving, phone):
    _, url = serving(bench)
    invitation = an_invitation(page, bench)
    phone.open(url + page.group_link(bench, Purpose.CONTACTS), "members-invite")
    page.desk.moment = lambda: now() - timedelta(seconds=10)
    phone.open(url + invitation, "invitation")
    page.desk.moment = now
    phone.taps = 0
    phone.plain.get_by_label("Dit navn").fill(IB["name"])
    phone.plain.get_by_label("Din mail").fill(IB["mail"])
    phone.tap("Ja, jeg vil være med")
    phone.tap("Jeg er med")
    assert phone.taps == 2
    assert "Tak, du er med" in phone.plain.inner_text("main")
    assert [each.name for each in city.all(Contact) if each.is_member] == ["Ib Lund"]
    phone.look("who")
    own = phone.plain.url.partition("/hvem")[0]

    phone.open(own, "week-to-take")
    phone.taps = 0
    phone.tap("Jeg tager den")
    assert phone.taps == 1
    assert "Du tager den" in phone.plain.inner_text("main")
    assert len(city.all(TakenDate)) == 1
    phone.look("week-taken")
    phone.taps = 0
    phone.tap("Giv den tilbage")
    assert phone.taps == 1
    assert city.all(TakenDate) == []

    page.desk.moment = lambda: now() - timedelta(seconds=10)
    phone.open(url + "/", "home")
    page.desk.moment = now
    phone.taps = 0
    phone.plain.get_by_label("Din mail").fill("ib@example.dk")
    phone.tap("Send mig linket")
    assert phone.taps == 1
    assert "Kender vi adressen" in phone.plain.inner_text("main")
