"""Each form as its role meets it in Prefect's UI: it opens, says what is asked, and can be sent."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from prefect.client.schemas.objects import FlowRun

from channels.questions.table import QUESTIONS
from flows.engine import engine
from flows.engine.paths import artifact_page, run_page, what_waits
from flows.engine.prefect_client import prefect
from flows.running.deployments import STARTED_BY_PEOPLE
from models.calendar import today
from models.case.facility import Facility
from models.database import now
from tests import patience
from tests.browser.prefect_ui import MARKDOWN, field, look_in_both_sizes, open_form, send
from tests.flows.gossip import ask_the_rest
from tests.flows.house import House, plain_name, read, until

ASKED = re.compile(r"bedes|mangler underskrift")

pytestmark = [pytest.mark.browser, pytest.mark.prefect, pytest.mark.usefixtures("ui")]


def test_every_question_opens_in_the_ui(page: Page, house: House, pictures: Path) -> None:
    ask_the_rest(house.city)
    asked = house.comes_in_step()

    assert {key.split(":")[1] for key in asked} == set(QUESTIONS)
    for word, run in {plain_name(run).split(" · ")[0]: run for run in asked.values()}.items():
        form = open_form(page, house.ui, run.id)

        expect(form.get_by_role("heading", level=3)).to_contain_text(ASKED)
        expect(form.get_by_role("link", name="Sagsmappen")).to_be_visible()
        expect(form.get_by_role("button", name="Resume")).to_be_enabled()
        look_in_both_sizes(page, form, pictures, word)
        page.goto("about:blank")  # left open, it asks the server for news all the time


PROPOSED = {"begrundelse": "Byggeriet er forsinket", "foreslaaet_af": "Puljeforvalteren"}
ABOUT_MONEY = {
    "Årsafslutning/overfør": lambda year: {"afslutning": {"aar": year}},
    "Flytning mellem år/flyt": lambda year: {
        "flytning": {"fra_aar": year, "til_aar": year + 1, "kroner": "1.250,50", **PROPOSED}
    },
    "Rettelse/ret": lambda year: {
        "rettelse": {"aar": year, "hvad": "Forbruget", "kroner": "-500", "reference": "", **PROPOSED}
    },
}


def started(house: House, deployment: str, parameters: dict[str, Any], word: str) -> FlowRun:
    """A run that people start, as soon as it waits with its form."""
    house.comes_in_step()  # so the deployments are there
    tag = f"test-{word}"
    run = engine.start(deployment, key=f"test:{now()}", name=word, tags=["driftsklar", tag], parameters=parameters)
    until(lambda: not engine.formless_runs(paused) if (paused := waiting(tag)) else None)
    return run


DECLINED = {"svar": "Afvis", "grund": "Pengene er lovet væk", "hvem": "Chefen"}


@pytest.mark.parametrize("deployment", ABOUT_MONEY)
def test_what_people_propose_about_money_opens_in_the_ui_and_can_be_declined(
    page: Page, house: House, pictures: Path, deployment: str
) -> None:
    word = deployment.partition("/")[0]
    run = started(house, deployment, ABOUT_MONEY[deployment](today().year), word)

    form = open_form(page, house.ui, run.id)

    expect(form.get_by_role("heading", level=3)).to_contain_text("bedes beslutte")
    look_in_both_sizes(page, form, pictures, word)
    page.goto("about:blank")
    if word == "Årsafslutning":  # which is decided, not proposed
        engine.cancel(run, "Kun set på.")
        return
    before = house.decided()
    engine.resume(run.id, DECLINED)
    until(lambda: not engine.open_runs(f"test-{word}"))
    assert house.decided()["ledger_entry"] == before["ledger_entry"]


def test_what_starts_a_run_is_asked_in_danish_on_a_laptop_and_on_a_phone(
    page: Page, house: House, pictures: Path
) -> None:
    house.comes_in_step()  # so the deployments are there
    for flow, name, _ in STARTED_BY_PEOPLE:
        with prefect() as client:
            deployment = client.read_deployment_by_name(f"{flow.name}/{name}")
        page.goto(f"{house.ui}/v2/deployments/deployment/{deployment.id}/run")
        main = page.get_by_role("main")
        expect(main.get_by_role("button", name="Submit")).to_be_enabled()
        expect(main.locator("fieldset label").first).to_be_visible()

        titles = main.locator("fieldset label").all_inner_texts()

        assert all(title[:1].isupper() for title in titles), titles
        look_in_both_sizes(page, main, pictures, f"{flow.name}-start", whole=True)


@pytest.mark.parametrize("key", ["overblik", "venter-paa-drift", "venter-paa-koordinator"])
def test_the_pages_about_what_waits_read_well(page: Page, house: House, pictures: Path, key: str) -> None:
    house.comes_in_step()
    shown = until(lambda: engine.latest_artifact(key))

    page.goto(f"{house.ui}{artifact_page(shown.latest_id)}")
    main = page.get_by_role("main")
    expect(main.get_by_role("heading").first).to_be_visible()
    expect(main.get_by_role("link", name="Svar her").first).to_be_visible()

    look_in_both_sizes(page, main, pictures, key)


def test_a_refused_proposal_asks_again_with_what_was_typed_and_is_put_right(
    page: Page, house: House, pictures: Path
) -> None:
    wish = {
        "anlaegstype": "Bænk",
        "navn": "Bænk ved mosen",
        "gruppe": "G-0099",
        "breddegrad": 55.01,
        "laengdegrad": 12.2,
        "ejer": "Kommunen",
        "aar": 3,
    }
    run = started(house, "Forslag/opret", {"forslag": wish}, "Forslag")

    page.goto(f"{house.ui}{what_waits()}")
    expect(page.get_by_role("link", name="Svar igen · Forslag · Bænk ved mosen")).to_be_visible()
    form = open_form(page, house.ui, run.id)
    expect(form).to_contain_text("Svaret kunne ikke bruges. Gruppe:")
    expect(field(form, "Navn")).to_have_value("Bænk ved mosen")
    look_in_both_sizes(page, form, pictures, "Svar igen")
    field(form, "Frivilliggruppe").fill("G-0001")
    send(form)

    until(lambda: read(run.id).state_name == "Oprettet")
    assert [place for place in house.city.all(Facility) if place.name == "Bænk ved mosen"]


def test_a_question_of_eight_days_is_found_where_up_leads_to(page: Page, house: House) -> None:
    _, run = next(iter(house.comes_in_step().items()))
    with closing(sqlite3.connect(house.prefect_database, timeout=patience.SECONDS)) as base, base:
        base.execute(
            "UPDATE flow_run SET expected_start_time = datetime(expected_start_time, '-8 days'),"
            " start_time = datetime(start_time, '-8 days') WHERE id = ?",
            [str(run.id)],
        )

    page.goto(f"{house.ui}{what_waits()}")
    expect(page.get_by_role("link", name=run.name)).to_be_visible()


def waiting(tag: str) -> list[FlowRun]:
    """The runs with this tag that wait for an answer."""
    return [run for run in engine.open_runs(tag) if run.state is not None and run.state.is_paused()]


def test_a_form_is_bearable_in_the_old_ui(page: Page, house: House) -> None:
    """The only test that goes to V1's address; nobody is led there any more."""
    run = next(r for r in house.comes_in_step().values() if plain_name(r).startswith("Driftshøring"))
    page.goto(f"{house.ui}{run_page(run.id).removeprefix('/v2')}")
    page.get_by_role("button", name="Resume").click()
    form = page.locator(".p-modal")

    expect(form.locator(".schema-form-property__label").first).to_be_visible()
    expect(form.get_by_role("button", name="Submit")).to_be_enabled()
    assert MARKDOWN.findall(form.inner_text()) == []
