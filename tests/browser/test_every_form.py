"""Each form as its role meets it in Prefect's UI: it opens, says what is asked, and can be sent."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from prefect.client.schemas.objects import FlowRun

from flows import engine
from models.calendar import today
from models.database import now
from tests.flows.house import House, until

pytestmark = [pytest.mark.browser, pytest.mark.prefect]


def look_at(page: Page, house: House, run: FlowRun, picture: Path) -> None:
    """Open the form of a run that waits, and see that it can be read and sent."""
    page.goto(f"{house.ui}/runs/flow-run/{run.id}")
    page.get_by_role("button", name="Resume").click()
    form = page.locator(".p-modal")
    expect(form.locator(".schema-form-property__label").first).to_be_visible()
    expect(form.get_by_role("button", name="Submit")).to_be_enabled()
    said = form.inner_text()
    page.screenshot(path=picture)
    page.goto("about:blank")  # left open, it is drawn and asks the server for news all the time
    wrong = [word for word in ("undefined", "null", "None", "{{", "NaN") if word in said]
    assert wrong == [], f"{run.name}: {said}"
    assert "bedes" in said


def test_every_question_opens_in_the_ui(page: Page, house: House, pictures: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 1600})

    for run in house.comes_in_step().values():
        word = run.name.split(" · ")[0].lower()
        look_at(page, house, run, pictures / f"prefect-{word}.png")


PROPOSED = {"begrundelse": "Byggeriet er forsinket", "foreslaaet_af": "Puljeforvalteren"}
ABOUT_MONEY = {
    "Årsafslutning/overfør": lambda year: {"afslutning": {"aar": year}},
    "Flytning mellem år/flyt": lambda year: {
        "flytning": {"fra_aar": year, "til_aar": year + 1, "kroner": "1.250,50", **PROPOSED}
    },
    "Rettelse/ret": lambda year: {
        "rettelse": {"aar": year, "hvad": "Forbruget", "kroner": "-500", "reference": "", **PROPOSED}
    },
}  # fmt: skip


DECLINED = {"svar": "Afvis", "grund": "Pengene er lovet væk", "hvem": "Chefen"}


@pytest.mark.parametrize("deployment", ABOUT_MONEY)
def test_what_people_propose_about_money_opens_in_the_ui_and_can_be_declined(
    page: Page, house: House, pictures: Path, deployment: str
) -> None:
    page.set_viewport_size({"width": 1440, "height": 1600})
    house.comes_in_step()  # so the deployments are there
    word = deployment.partition("/")[0].lower().replace(" ", "-")
    run = engine.start(
        deployment,
        key=f"test:{now()}",
        name=word,
        tags=[f"test-{word}"],
        parameters=ABOUT_MONEY[deployment](today().year),
    )
    until(lambda: not engine.formless_runs(paused) if (paused := waiting(f"test-{word}")) else None)

    look_at(page, house, run, pictures / f"prefect-{word}.png")

    if word == "årsafslutning":  # which is decided, not proposed
        engine.cancel(run, "Kun set på.")
        return
    before = house.decided()
    engine.resume(run.id, DECLINED)
    until(lambda: not engine.open_runs(f"test-{word}"))
    assert house.decided()["ledger_entry"] == before["ledger_entry"]


def waiting(tag: str) -> list[FlowRun]:
    """The runs with this tag that wait for an answer."""
    return [run for run in engine.open_runs(tag) if run.state is not None and run.state.is_paused()]
