"""A whole life of a facility, in which people write names everywhere, and Prefect and the logs hold none."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from channels.post import deliver
from flows import engine
from models.calendar import today
from models.database import reading
from models.facility import find
from models.stage import Stage
from models.waiting import waits_of
from tests.city import City, Place
from tests.flows.house import House, a_house, patiently

pytestmark = pytest.mark.prefect

CONTACTS = (
    "Aase Holm-Juhl;aase_holm@example.dk;20416183",
    "Bent Friis;bent@example.dk;+4530517294",
)
PEOPLE = (
    "Aase", "Holm-Juhl", "aase_holm", "example.dk", "20416183", "20 41 61 83",
    "Bent", "Friis", "30517294", "30 51 72 94", "Nabo Nielsen", "nabo@",
)  # fmt: skip
GOSSIP = "Aase Holm-Juhl (20 41 61 83, aase_holm@example.dk) og Bent Friis på +45 30 51 72 94 har set det"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Prefect and a bench that people gossip about, from the wish until it is gone."""
    with a_house(tmp_path_factory.mktemp("house")) as made:
        made.open()
        live(made)
        yield made


def live(house: House) -> None:
    """Everything that is asked on the way comes by Prefect too, since each question is waited for."""
    city = house.city
    city.today = today() - timedelta(days=40)
    group = city.add_group(contacts=CONTACTS)
    no = city.propose(name="Bænk på klinten", group=group)
    city.answer(no, "no", reason=GOSSIP, could_be_yes="Skriv til nabo@example.dk")
    bench = city.propose(group=group)
    asked(house, bench)
    city.answer(bench, "conditions", conditions=(GOSSIP,))
    asked(house, bench)
    city.review(bench)
    city.sign(bench, "volunteers", name="Aase Holm-Juhl")
    city.sign(bench, "municipality")
    city.fill_the_pool(bench)
    city.appropriate(today().year, 1_000, key="repairs")
    asked(house, bench)
    city.fund(bench, reason=GOSSIP)
    city.meet_condition(bench)
    city.permit(bench)
    city.build(bench)
    asked(house, bench)
    city.hand_over(bench, "refused", reason=GOSSIP)
    asked(house, bench)
    city.hand_over(bench)
    city.live(city.today, today())
    for check in city.checks(bench, only_open=True):
        city.report(check, "damaged", note=GOSSIP)
    number = city.damage(bench, GOSSIP)
    asked(house, bench)
    city.decide_incident(number, "repair", kr=10, reason=GOSSIP)
    city.let_go(bench, GOSSIP)
    asked(house, bench)
    deliver(city.engine)
    city.end(bench, "remove")
    patiently(lambda: shown(bench, Stage.CLOSED.danish))


def asked(house: House, place: Place) -> None:
    """Wait until Prefect asks what the domain waits for, with the case as it is now beside it."""
    with reading(house.city.engine) as session:
        keys = [wait.key for wait in waits_of(session, find(session, place.reference))]
    for key in keys:
        house.asks_again(key)


def shown(place: Place, word: str) -> bool:
    """Whether the case file says so."""
    page = engine.latest_artifact(f"sag-{place.reference.lower()}")
    return page is not None and f"**{word}**" in str(page.data)


def named_in(database: Path) -> set[tuple[str, str]]:
    """Which table of a database names whom."""
    with sqlite3.connect(database) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert len(names) > 30
        return {
            (table, person)
            for (table,) in names
            for row in opened.execute(f'SELECT * FROM "{table}"')
            for person in PEOPLE
            if person in repr(row)
        }


def test_the_case_file_tells_the_story_and_names_nobody(house: House) -> None:
    page = str(getattr(engine.latest_artifact("sag-vk-2026-0001"), "data", ""))

    assert "en kontakt (" in page
    assert [person for person in PEOPLE if person in page] == []


def test_prefects_database_with_forms_artifacts_and_logs_holds_no_person(house: House) -> None:
    assert named_in(house.prefect_database) == set()


def test_our_logs_hold_no_person(house: House) -> None:
    logs = list((house.folder / "log").iterdir())

    said = {(log.name, p) for log in logs for p in PEOPLE if p in log.read_text(errors="replace")}

    assert logs
    assert said == set()


def test_the_journal_and_the_ledger_hold_no_person(house: House) -> None:
    city: City = house.city
    held = city.dump()

    kept_for_ever = " ".join([*held["journal"], *held["ledger_entry"]])

    assert "en kontakt" in kept_for_ever
    assert [person for person in PEOPLE if person in kept_for_ever] == []
