"""A project lead wishes for a shelter, and an operations worker answers, in the UI they will use."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from flows.engine.paths import what_waits
from tests.browser.prefect_ui import choose, field, look_in_both_sizes, open_form_here, picture, send

pytestmark = [pytest.mark.browser, pytest.mark.prefect]

NAME = "Shelter i Kohave Skov"


def open_run(page: Page, ui: str, word: str) -> Locator:
    """Find a run among what waits by the words people see, and open its form."""
    page.goto(f"{ui}{what_waits()}")  # the page looks anew by itself
    page.get_by_role("link", name=re.compile(rf"^{word} · VK-\d+-\d+ · {NAME}$")).first.click()
    return open_form_here(page)


def test_a_wish_is_answered_by_operations_and_the_agreement_waits(page: Page, ui: str, pictures: Path) -> None:
    page.goto(f"{ui}/v2/deployments")
    page.get_by_role("link", name="opret", exact=True).click()
    page.get_by_role("tab", name="Description").click()
    expect(page.get_by_text("Start her: et nyt shelter").first).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Custom run").click()

    main = page.get_by_role("main")
    choose(main, "Anlægstype", "Shelter")
    field(main, "Navn").fill(NAME)
    field(main, "Frivilliggruppe").fill("G-0001")
    field(main, "Breddegrad").fill("55.0102")
    field(main, "Længdegrad").fill("12.3105")
    expect(field(main, "Aftalens længde i år")).to_have_value("5")
    expect(field(main, "Længdegrad")).to_have_value("12.3105")
    main.get_by_role("button", name="Submit").click()
    expect(page).not_to_have_url(re.compile(r"/run(\?.*)?$"))  # it is sent

    form = open_run(page, ui, "Driftshøring")
    expect(form).to_contain_text("Driften bedes svare senest")
    expect(form).to_contain_text("Skøn for driften om året")
    expect(form).to_contain_text("Det kostede et anlæg af samme type om året")
    expect(field(form, "Timer om året")).to_have_value("14")
    choose(form, "Jeres svar", "Ja")
    choose(form, "Hvem svarer?", "Driften")
    form.get_by_role("heading", level=3).scroll_into_view_if_needed()
    look_in_both_sizes(page, form, pictures, "driftshoering-form")
    send(form)

    form = open_run(page, ui, "Pasningsaftale")
    expect(form).to_contain_text("Frivilligkoordinatoren bedes se pasningsaftalen")
    expect(form).to_contain_text(f"Pasningsaftale for {NAME}")

    form.get_by_role("link", name="Sagsmappen").click()
    case = page.get_by_role("main")
    expect(case.get_by_role("heading", name=re.compile(NAME))).to_be_visible()
    expect(case.get_by_text("Driften svarede ja").first).to_be_visible()
    look_in_both_sizes(page, case, pictures, "sagsmappe")
    case.get_by_role("link", name="Svar her").first.click()
    open_form_here(page)

    page.goto(f"{ui}{what_waits()}")
    # a run whose name and tags fill the line shows none of them, so it is looked for in the list, not in its first line
    expect(page.get_by_text("venter på frivilligkoordinatoren").filter(visible=True).first).to_be_visible()
    page.set_viewport_size({"width": 1366, "height": 1200})
    picture(page, pictures, "runs")
    page.set_viewport_size({"width": 390, "height": 1600})
    picture(page, pictures, "runs-telefon")
