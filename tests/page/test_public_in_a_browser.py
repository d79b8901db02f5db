"""On a phone of 360×740, without JavaScript: the week, a correction, damage after an answer, and the public's way in.

One walk, with the taps counted as docs/koordinator.md says them; axe looks at each page. `PICTURES=docs/images` writes what is
seen.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab

from models.case.enquiry import Enquiry
from models.database import now
from models.operation.check import CheckState
from models.operation.incident import Incident
from models.post.link import Purpose
from tests.page.test_browser import CHROMIUM, WCAG, browser, tab  # noqa: F401  fixtures

PICTURES = os.environ.get("PICTURES")
PHONE = {"width": 360, "height": 740}

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium was not found")]


class Walk:
    """Somebody on the phone: what they tap, and what axe finds on the way."""

    def __init__(self, opened: Callable[..., Tab]) -> None:
        self.window, self.looking = opened(PHONE), opened(PHONE, scripts=True)
        self.taps, self.found = 0, {}

    def begin(self, url: str) -> None:
        """The tap on a link in a mail, or on the municipality's own page."""
        self.window.goto(url)
        self.taps = 1

    def tap(self, role: str, name: str, *, leads_on: bool = True) -> None:
        self.taps += 1
        there = self.window.get_by_role(role, name=name).first
        if not leads_on:
            there.check() if role in ("radio", "checkbox") else there.click()
            return
        with self.window.expect_navigation():
            there.click()

    def fill(self, label: str, words: str) -> None:
        """Into a field: one tap, and what is typed."""
        self.taps += 1
        self.window.get_by_label(label).first.fill(words)

    def look(self, name: str) -> None:
        """Keep what is seen, and let axe look at the same page, which needs JavaScript for it."""
        wide = self.window.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name}: {wide} pixels too wide"
        self.looking.goto(self.window.url)
        seen = Axe().run(self.looking, options=WCAG)
        if seen.violations_count:
            self.found[name] = seen.generate_report()
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.window.screenshot(path=f"{PICTURES}/public-{name}.png", full_page=True)


def test_a_walk_through_the_week_and_the_publics_way_in(city, page, bench, serving, tab):  # noqa: F811
    _, url = serving(bench)
    week = page.group_link(bench, Purpose.WEEK)
    number = city.check_of(bench, "look").id
    walk, ahead = Walk(tab), [0]
    page.desk.moment = lambda: now() + timedelta(seconds=ahead[0])

    walk.begin(url + week)
    walk.look("week")
    walk.tap("button", "Alt er i orden alle steder")
    assert (walk.taps, city.check_of(bench, "look").state) == (2, CheckState.DONE)

    walk.begin(f"{url}{week}/tjek/{number}")
    walk.look("correcting")
    walk.tap("radio", "Vi nåede det ikke", leads_on=False)
    walk.tap("button", "Ret svaret")
    assert walk.taps == 3
    assert city.check_of(bench, "look").state is not CheckState.DONE

    walk.begin(f"{url}{week}/galt/{bench.reference.lower()}?tjek={number}")
    walk.fill("Hvad er galt?", "Ryglænet er løst")
    walk.look("damage-after-an-answer")
    walk.tap("radio", "Det er småt", leads_on=False)
    walk.tap("radio", "Ja", leads_on=False)
    walk.tap("button", "Meld det")
    assert walk.taps == 5

    today = city.today
    left = city.in_operation("baenk", name="Bænk ved skolen", group=bench.group)
    city.end(left, "operations")
    city.today = today
    walk.begin(f"{url}/steder")
    walk.look("steder")
    walk.tap("link", "Vil I være med ved Bænk ved skolen?")
    walk.look("vil-i-vaere-med")
    walk.fill("Dit navn", "Ane Bo")
    walk.fill("Din telefon", "12 34 56 78")
    walk.tap("checkbox", "I må gemme det her", leads_on=False)
    ahead[0] += 10  # nobody fills in a form in three seconds, but a browser that is driven does
    walk.tap("button", "Send")
    assert walk.taps == 6
    assert "Vi venter på frivilligkoordinatoren" in walk.window.inner_text("main")

    walk.begin(f"{url}/steder/kort")
    walk.look("kort")

    walk.begin(f"{url}/forslag")
    walk.look("forslag")
    assert not walk.window.locator("#her").is_visible()
    walk.fill("Hvor?", "Ved den gamle mølle i Nyord")
    walk.fill("Hvorfor, og hvem får glæde af det?", "Der er ikke noget at sidde på.")
    walk.fill("Hvem er I?", "Seks naboer")
    walk.fill("Dit navn", "Ane Bo")
    walk.fill("Din mail", "ane@nabo.example")
    walk.tap("checkbox", "I må gemme det her", leads_on=False)
    ahead[0] += 10
    walk.tap("button", "Send forslaget")
    assert walk.taps == 8
    assert "Vi venter på projektlederen" in walk.window.inner_text("main")
    walk.look("hvor-er-vores-forslag")

    place = city.propose("baenk", name="Bænk på klinten", group=bench.group)
    city.answer(place)
    walk.begin(f"{url}{page.group_link(bench)}/hvor/{place.reference.lower()}")
    walk.look("hvor-er-vores-shelter")
    assert "Driften svarede ja" in walk.window.inner_text("main")

    assert [e.looks_automatic for e in city.all(Enquiry)] == [False, False]
    assert walk.found == {}
    assert ["Ryglænet er løst" in each.what for each in city.all(Incident)] == [True]
