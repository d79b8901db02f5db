"""In a real browser: a small phone and a desk, without JavaScript, by keyboard alone, four times as large.

axe-core looks at every page and every state of it, errors included. `PICTURES=docs/images` writes what is seen.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from channels.paper.agreement_paper import print_agreement
from models.database import now
from models.operation.check import CheckState
from models.post.link import Purpose
from models.stage import Stage

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PICTURES = os.environ.get("PICTURES")
PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}
ZOOMED = {"width": 320, "height": 256}
"""What a window of 1280 × 1024 has at 400 %."""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium was not found")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """A new window; JavaScript is off unless axe needs it."""
    contexts = []

    def opened(viewport: dict[str, int] = PHONE, *, scripts: bool = False) -> Tab:
        context = browser.new_context(
            viewport=viewport, java_script_enabled=scripts, locale="da-DK", has_touch=viewport == PHONE
        )
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def all_pages(city, page, bench, picture, serving) -> dict[str, tuple[str, Callable[[Tab], None]]]:
    """Every page in every state: its name, its path, and what is pressed there first."""
    _, url = serving(bench)
    city.printer = print_agreement
    wish = city.to_stage(Stage.AGREEMENT, name="Bænk på volden", group=bench.group)
    city.review(wish)
    signed = city.to_stage(Stage.AGREEMENT, name="Bænk i lunden", group=bench.group)
    city.review(signed)
    page.post(page.sign_link(signed), name="Aase", accept="yes", sha256=signed.agreement.sha256)
    report = {"what": "Ryglænet er løst", "safe": "no"}
    for n in range(2):
        page.post(
            f"/sted/{bench.reference}", [("a.jpg", picture(size=(300, 200 + n)))], **report, shown=page.shown(bench)
        )
    confirmed = page.link(Purpose.SUGGESTION, 2)
    page.post(confirmed, what="confirm")
    answered = page.link(Purpose.ANSWER, city.checks(bench)[1].id)
    page.post(answered, result="damaged", what="Slat", severity="serious", safe="no")
    paused = city.in_operation("baenk", name="Bænk ved skolen", group=bench.group)
    city.today = bench.city.today.replace(month=5, day=1)
    pause = page.stop_link(paused)
    page.post(pause, what="pause", **{"from": "2026-05-02", "until": "2026-08-31"})
    ended = city.in_operation("baenk", name="Bænk ved kirken", group=bench.group)
    city.today = city.today.replace(month=5, day=1)
    page.post(page.stop_link(ended), what="all", sure="yes")
    page.post(page.group_link(bench) + "/kalender", what="make")
    check, stop = page.check_link(bench, "look"), page.stop_link(bench)
    week, number = page.group_link(bench, Purpose.WEEK), city.checks(bench)[1].id
    contacts, place = page.group_link(bench, Purpose.CONTACTS), f"/sted/{bench.reference.lower()}"

    def nothing(tab: Tab) -> None:
        pass

    def press(words: str) -> Callable[[Tab], None]:
        def pressed(tab: Tab) -> None:
            with tab.expect_navigation():
                tab.get_by_role("button", name=words, exact=True).first.click()

        return pressed

    def wrong_minutes(tab: Tab) -> None:
        tab.locator("summary").click()
        tab.get_by_label("Hvor mange minutter").fill("en time")
        press("Alt er i orden")(tab)

    return {
        name: (url + path, first)
        for name, path, first in [
            ("home", "/", nothing),
            ("answer", check, nothing),
            ("answer-error", check, wrong_minutes),
            ("week", week, nothing),
            ("week-nothing-chosen", f"{week}/tjek/{city.check_of(bench, 'look').id}", press("Send svaret")),
            ("week-check", f"{week}/tjek/{city.check_of(bench, 'look').id}", nothing),
            ("week-answered", f"{week}/tjek/{number}", nothing),
            ("week-damage", f"{week}/galt/{bench.reference.lower()}?tjek={number}", nothing),
            ("week-places", f"{week}/galt", nothing),
            ("damage", check + "/galt", nothing),
            ("damage-error", check + "/galt", press("Meld det")),
            ("not-done", check + "/ikke", nothing),
            ("answered", answered, nothing),
            ("sign", page.sign_link(wish), nothing),
            ("sign-error", page.sign_link(wish), press("Skriv under")),
            ("signed", page.sign_link(signed), nothing),
            ("stop", stop, nothing),
            ("stop-error", stop, press("Vi stopper helt")),
            ("paused", pause + "/tak", nothing),
            ("ending", page.stop_link(ended), nothing),
            ("contacts", contacts, nothing),
            ("contacts-error", contacts, press("Skriv på")),
            ("contacts-saved", contacts + "/tak/gemt", nothing),
            ("left", contacts + "/tak/ude", nothing),
            ("group", page.group_link(bench), nothing),
            ("group-sent", page.group_link(bench) + "/tak", nothing),
            ("place", place, nothing),
            ("place-thanks", place + "/tak", nothing),
            ("place-not-in-use", f"/sted/{wish.reference}", nothing),
            ("suggestion", page.link(Purpose.SUGGESTION, 1), nothing),
            ("suggestion-confirmed", confirmed, nothing),
            ("unknown-link", "/svar/" + "x" * 43, nothing),
            ("not-found", "/nowhere", nothing),
        ]
    }


def test_everybody_can_use_every_page(all_pages, tab):
    """axe finds nothing; nothing is wider than the window at 360 pixels or at 400 %."""
    found: dict[str, str] = {}
    for viewport in (PHONE, DESK, ZOOMED):
        window = tab(viewport, scripts=True)
        for name, (url, first) in all_pages.items():
            window.goto(url)
            first(window)
            wide = window.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                found[f"{name} at {viewport['width']}"] = f"{wide} pixels too wide"
            if viewport != ZOOMED:
                seen = Axe().run(window, options=WCAG)
                if seen.violations_count:
                    found[f"{name} at {viewport['width']}: axe"] = seen.generate_report()
            if PICTURES and viewport == PHONE:
                Path(PICTURES).mkdir(parents=True, exist_ok=True)
                window.screenshot(path=f"{PICTURES}/page-{name}.png", full_page=name not in ("sign", "sign-error"))

    assert found == {}


def test_everybody_can_answer_the_yearly_question(city, page, bench, serving, tab):
    _, url = serving(bench)
    city.sweep(on=date(2026, 11, 1))
    city.today = date(2026, 11, 5)
    window, found = tab(PHONE, scripts=True), {}

    window.goto(url + page.link(Purpose.SATISFACTION, bench.facility.id))
    for state in ("satisfaction", "satisfaction-error", "satisfaction-thanks"):
        if state != "satisfaction":
            with window.expect_navigation():
                window.get_by_role("button").first.tap()
        if (seen := Axe().run(window, options=WCAG)).violations_count:
            found[state] = seen.generate_report()
        wide = window.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, state
        if state == "satisfaction-error":
            window.get_by_role("radio").first.check()

    assert found == {}
    assert "Tak" in window.get_by_role("heading", level=1).inner_text()


PRESSED = "button, .knap, .valg, summary, input:not([type=hidden]):not(#tomt):not([type=radio]):not([type=checkbox])"
SIZES = """selector => [...document.querySelectorAll(selector)]
    .filter(e => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden")
    .map(e => [e.innerText, e.getBoundingClientRect().width, e.getBoundingClientRect().height])"""


def test_what_is_pressed_is_large_enough_for_a_thumb(all_pages, tab):
    window = tab(PHONE, scripts=True)
    small = []
    for name, (url, first) in all_pages.items():
        window.goto(url)
        first(window)
        seen = window.evaluate(SIZES, PRESSED)
        small += [(name, *each) for each in seen if min(each[1:]) < 44]

    assert small == []


def test_a_whole_week_takes_two_taps_on_a_small_phone_without_javascript(city, page, bench, serving, tab):
    _, url = serving(bench)
    window = tab(PHONE)

    window.goto(url + page.group_link(bench, Purpose.WEEK))  # the tap on the link in the mail
    button = window.get_by_role("button", name="Alt er i orden alle steder", exact=True)
    box = button.bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE["height"], "it can be pressed without scrolling"
    with window.expect_navigation():
        button.tap()

    assert "Vi har jeres svar" in window.inner_text("main")
    assert city.checks(bench, only_open=True) == []


def test_all_fine_takes_two_taps_on_a_small_phone_without_javascript(city, page, bench, serving, tab):
    link, url = serving(bench)
    window = tab(PHONE)

    window.goto(url + link)  # the tap on the link in the mail
    button = window.get_by_role("button", name="Alt er i orden", exact=True)
    box = button.bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE["height"], "it can be pressed without scrolling"
    button.tap()

    window.get_by_role("heading", name="Tak. Vi har jeres svar.").wait_for()
    assert city.check_of(bench, "look").state is CheckState.DONE


def test_damage_with_a_photo_without_javascript(city, page, bench, serving, tab, picture, tmp_path):
    from models.case.photo import Photo
    from models.operation.incident import Incident

    link, url = serving(bench)
    photo = tmp_path / "bænk.jpg"
    photo.write_bytes(picture(size=(1200, 900)))
    window = tab(PHONE)

    window.goto(url + link)
    with window.expect_navigation():
        window.get_by_role("link", name="Noget er galt").tap()
    window.get_by_label("Hvad er galt?").fill("En slat er knækket")
    window.get_by_label("Det er alvorligt").check()
    window.get_by_label("Nej, det er ikke sikkert").check()
    window.get_by_label("Billeder").set_input_files(photo)
    window.get_by_role("button", name="Meld det").tap()

    window.get_by_text("Driften har fået besked nu").wait_for()
    assert [i.safe for i in city.all(Incident)] == [False]
    assert len(city.all(Photo)) == 1


def by_keyboard(window: Tab, words: str, kind: str = "button") -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    wanted = window.get_by_role(kind, name=words, exact=True).first.element_handle()
    for _ in range(60):
        window.keyboard.press("Tab")
        if window.evaluate("wanted => document.activeElement === wanted", wanted):
            return
    raise AssertionError(f"{words} can't be reached by keyboard")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_by_keyboard_alone(city, page, bench, serving, tab, viewport):
    link, url = serving(bench)
    window = tab(viewport, scripts=True)

    window.goto(url + link)
    by_keyboard(window, "Vi nåede det ikke", "link")
    assert window.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "4px"
    window.keyboard.press("Enter")
    by_keyboard(window, "Vil I fortælle noget?", "textbox")
    window.keyboard.type("Vi var på ferie")
    by_keyboard(window, "Send: vi nåede det ikke")
    window.keyboard.press("Enter")
    window.wait_for_selector("h1:has-text('Tak')")
    window.goto(url + page.stop_link(bench))
    by_keyboard(window, "Ja, hele gruppen stopper ved bænken ved Stege Nor.", "checkbox")
    window.keyboard.press("Space")
    by_keyboard(window, "Vi stopper helt")
    window.keyboard.press("Enter")
    window.wait_for_selector("h1:has-text('Tak')")

    assert bench.stage is Stage.WINDING_DOWN


def test_every_button_and_link_can_be_reached_by_keyboard(all_pages, tab):
    window = tab(DESK, scripts=True)
    missed = []
    for name, (url, first) in all_pages.items():
        window.goto(url)
        first(window)
        window.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        window.evaluate("document.activeElement.blur()")
        wanted = window.evaluate(
            "[...document.querySelectorAll('a, button, textarea, summary, input')]"
            ".filter(e => e.type !== 'hidden' && e.id !== 'tomt' && e.type !== 'radio').length"
        )
        reached = set()
        for _ in range(wanted * 2 + 20):
            window.keyboard.press("Tab")
            number = window.evaluate(
                "[...document.querySelectorAll('a, button, textarea, summary, input')]"
                ".filter(e => e.type !== 'hidden' && e.id !== 'tomt' && e.type !== 'radio')"
                ".indexOf(document.activeElement)"
            )
            reached.add(number)
            if len(reached - {-1}) == wanted:
                break
        if len(reached - {-1}) < wanted:
            missed.append((name, wanted - len(reached - {-1})))

    assert missed == []


def test_a_stranger_reports_from_the_sign(city, page, bench, serving, tab):
    """The form is sent by a person, who needs more than three seconds."""
    from models.operation.public_report import PublicReport

    _, url = serving(bench)
    window = tab(PHONE)
    window.goto(f"{url}/sted/{bench.reference.lower()}")
    window.get_by_label("Hvad er galt?").fill("Bænken vipper")
    window.get_by_label("Ja", exact=True).check()
    page.desk.moment = lambda: now() + timedelta(seconds=4)
    window.get_by_role("button", name="Send").tap()

    window.get_by_role("heading", name="Tak, fordi du sagde det.").wait_for()
    assert [r.what for r in city.all(PublicReport)] == ["Bænken vipper"]


def test_back_after_a_refused_form_shows_what_was_typed(city, page, bench, serving, tab):
    _, url = serving(bench)
    window = tab(PHONE)
    path = page.check_link(bench, "look")
    window.goto(f"{url}{path}/galt")
    window.get_by_label("Hvad er galt?").fill("Bænken vipper")
    window.get_by_role("button", name="Meld det").tap()
    window.get_by_role("alert").wait_for()
    window.get_by_label("Det er småt").check()
    window.get_by_label("Ja", exact=True).check()
    window.get_by_role("button", name="Meld det").tap()
    window.get_by_role("heading", name="Tak. Vi har jeres svar.").wait_for()

    window.go_back()

    assert window.get_by_role("heading", name="Noget er galt").is_visible()
    assert window.get_by_label("Hvad er galt?").input_value() == "Bænken vipper"
