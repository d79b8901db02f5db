"""A project lead wishes for a shelter, and an operations worker answers, in the UI they will use."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

pytestmark = [pytest.mark.browser, pytest.mark.prefect]

SLOW = 120_000  # milliseconds
LOOK = 5_000
PRESS_AGAIN = 30_000
FADED_IN = 2_000
NAME = "Shelter i Kohave Skov"


def field(page: Page, title: str) -> Locator:
    """The innermost field of a form that carries this title."""
    label = page.locator(".schema-form-property__label").filter(
        has_text=re.compile(rf"^{re.escape(title)}( \(Optional\))?$")
    )
    return page.locator(".schema-form-property", has=label).last


def write(page: Page, title: str, text: str) -> None:
    """Type into a field."""
    field(page, title).locator("textarea, input").first.fill(text)


def choose(page: Page, title: str, option: str) -> None:
    """Pick from a field's choices."""
    field(page, title).locator(".p-select-button__control").press("ArrowDown")
    page.locator(".p-select-option__text").get_by_text(option, exact=True).click()


def open_run(page: Page, ui: str, word: str) -> None:
    """Find a run by the words people see, and wait until it waits for an answer."""
    link = page.get_by_role("link", name=re.compile(rf"^{word} · VK-\d+-\d+ · {NAME}$")).first
    for _ in range(SLOW // LOOK):  # the page itself looks only now and then
        page.goto(f"{ui}/runs")
        with suppress(PlaywrightTimeout):
            link.wait_for(timeout=LOOK)
            break
    link.click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=SLOW)


def submit_until_taken(form: Locator) -> None:
    """Press Submit as people do: once more when a busy server let the form stand."""
    for _ in range(SLOW // PRESS_AGAIN):
        form.get_by_role("button", name="Submit").click()
        with suppress(PlaywrightTimeout):
            form.wait_for(state="hidden", timeout=PRESS_AGAIN)
            return
    expect(form).to_be_hidden()


def test_a_wish_is_answered_by_operations_and_the_agreement_waits(
    page: Page, ui: str, pictures: Path
) -> None:
    page.goto(f"{ui}/deployments")
    page.get_by_role("link", name="opret").click()
    page.get_by_text("Description", exact=True).click()
    expect(page.get_by_text("Start her: et nyt shelter")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").click()

    choose(page, "Anlægstype", "Shelter")
    write(page, "Navn", NAME)
    write(page, "Frivilliggruppe", "G-0001")
    write(page, "Breddegrad", "55.0102")
    write(page, "Længdegrad", "12.3105")
    expect(field(page, "Aftalens længde i år").locator("input")).to_have_value("5")
    expect(field(page, "Længdegrad").locator("input")).to_have_value("12.3105")
    page.screenshot(path=pictures / "prefect-forslag-form.png")
    page.get_by_role("button", name="Submit").click()
    expect(page).not_to_have_url(re.compile(r"/run(\?.*)?$"), timeout=SLOW)  # it is sent

    open_run(page, ui, "Driftshøring")
    page.get_by_role("button", name="Resume").click()
    form = page.locator(".p-modal")
    expect(form).to_contain_text("Driften bedes svare senest")
    expect(form).to_contain_text("Skøn for driften om året")
    expect(form).to_contain_text("Det kostede et anlæg af samme type om året")
    expect(field(page, "Timer om året").locator("input")).to_have_value("14")
    choose(page, "Jeres svar", "Ja")
    page.screenshot(path=pictures / "prefect-driftshoering-form.png")
    submit_until_taken(form)

    open_run(page, ui, "Pasningsaftale")
    page.get_by_role("button", name="Resume").click()
    expect(form).to_contain_text("Frivilligkoordinatoren bedes se pasningsaftalen")
    expect(form).to_contain_text(f"Pasningsaftale for {NAME}")

    with page.expect_popup() as opened:
        form.get_by_role("link", name="Sagsmappen").click()
    case = opened.value
    expect(case.get_by_role("heading", name=re.compile(NAME))).to_be_visible()
    expect(case.get_by_text("Driften svarede ja").first).to_be_visible()
    case.wait_for_timeout(FADED_IN)
    case.screenshot(path=pictures / "prefect-sagsmappe.png")
    with case.expect_popup() as opened:
        case.get_by_role("link", name="Svar her").click()
    expect(opened.value.get_by_role("button", name="Resume")).to_be_visible()

    page.set_viewport_size({"width": 1440, "height": 1200})
    page.goto(f"{ui}/runs")
    expect(page.get_by_text("venter på frivilligkoordinatoren").first).to_be_visible()
    page.wait_for_timeout(FADED_IN)
    page.screenshot(path=pictures / "prefect-runs.png")
