"""Puljen on the desk: one proposes, another decides; four eyes are two persons."""

import re
from datetime import date

import pytest

from models.database import reading
from models.pool.ledger import ledger, year_of
from models.role import Door, Role
from tests.city import City
from tests.staff.conftest import Desk, fields

APPROPRIATION = {"aar": "2026", "kroner": "60.000", "begrundelse": "Budgettet for 2026."}


def propose(desk: Desk, kind: str = "appropriation", **typed: str) -> str:
    """The path of the proposal that was made."""
    page = desk.get(f"/opgaver/pulje/forslag/ny/{kind}")
    sent = desk.post(f"/opgaver/pulje/forslag/ny/{kind}", **fields(page.text), **typed)
    assert sent.status_code == 303, re.sub(r"<[^>]+>", " ", sent.text)
    assert "Tak, forslaget er sendt" in desk.get(sent.headers["location"]).text
    return sent.headers["location"].partition("?")[0]


def say(desk: Desk, path: str, svar: str, **typed: str):
    form = fields(desk.get(f"{path}?svar={svar}").text)
    return desk.post(path, **form | {"svar": svar} | typed)


@pytest.fixture
def manager(desk: Desk) -> Desk:
    """L-01, who is leader and pool manager at once."""
    desk.sign_in("leder@kommune.example")
    return desk


@pytest.fixture
def leader(desk: Desk) -> Desk:
    """L-02, who is leader."""
    other = desk.another()
    other.sign_in("anden@kommune.example")
    return other


def test_a_proposal_books_nothing_until_another_says_yes(manager, leader, city):
    path = propose(manager, **APPROPRIATION, hvem="POOL_MANAGER")
    with reading(city.engine) as session:
        before = ledger(session)
    said = say(leader, path, "YES")

    assert before == []
    assert said.status_code == 303
    assert "Forslaget er afgjort" in leader.get(path).text
    with reading(city.engine) as session:
        assert year_of(session, 2026).free_ore == 6_000_000
        assert [(entry.by, entry.door) for entry in ledger(session)] == [(Role.LEADER, Door.DESK)]


def test_the_same_person_is_refused_in_another_role(manager, city):
    path = propose(manager, **APPROPRIATION, hvem="POOL_MANAGER")
    said = say(manager, path, "YES", hvem="LEADER")

    assert said.status_code == 409
    assert "to personer" in said.text
    with reading(city.engine) as session:
        assert ledger(session) == []


def test_money_above_ones_own_limit_is_no_way_round_the_second_person(manager, city):
    path = propose(manager, **APPROPRIATION | {"kroner": "250.000"}, hvem="POOL_MANAGER")
    asked = manager.get(path).text
    as_proposer = say(manager, path, "YES", hvem="POOL_MANAGER")
    as_leader = say(manager, path, "YES", hvem="LEADER")

    assert "en anden skal svare" in asked
    assert "Ja, godkend" not in asked
    assert [as_proposer.status_code, as_leader.status_code] == [409, 409]
    assert "to personer" in as_proposer.text
    with reading(city.engine) as session:
        assert ledger(session) == []


def test_a_no_needs_a_reason_and_books_nothing(manager, leader, city):
    path = propose(manager, **APPROPRIATION, hvem="POOL_MANAGER")
    without = say(leader, path, "NO")
    said = say(leader, path, "NO", grund="Budgettet er ikke vedtaget.")

    assert without.status_code == 422
    assert said.status_code == 303
    assert "Budgettet er ikke vedtaget." in leader.get(path).text
    with reading(city.engine) as session:
        assert ledger(session) == []


def test_the_second_press_of_a_proposal_is_the_same_proposal(manager):
    page = fields(manager.get("/opgaver/pulje/forslag/ny/appropriation").text)
    sent = [
        manager.post("/opgaver/pulje/forslag/ny/appropriation", **page, **APPROPRIATION, hvem="LEADER")
        for _ in range(2)
    ]

    assert sent[0].headers["location"] == sent[1].headers["location"]


def test_what_is_wrong_in_a_proposal_stands_above_it_and_what_was_typed_stays(manager):
    page = fields(manager.get("/opgaver/pulje/forslag/ny/appropriation").text)
    sent = manager.post(
        "/opgaver/pulje/forslag/ny/appropriation",
        **page,
        aar="2026",
        kroner="mange penge",
        begrundelse="Budgettet for 2026.",
        hvem="LEADER",
    )

    assert sent.status_code == 422
    assert "Kroner: beløbet kan ikke læses. Skriv fx 6500" in sent.text
    assert 'value="mange penge"' in sent.text


def test_a_proposal_waits_for_whoever_may_decide_it_and_they_get_a_mail_with_its_link(manager, leader, desk):
    path = propose(manager, **APPROPRIATION, hvem="POOL_MANAGER")
    desk.desk.send_post()

    assert path in leader.get("/opgaver").text
    assert any(path in mail for mail in desk.mails())


def test_operations_sees_the_pool_and_decides_nothing(desk, leader, city):
    path = propose(leader, **APPROPRIATION)
    desk.sign_in("drift@kommune.example")
    said = desk.post(path, **fields(desk.get("/opgaver/pulje").text), svar="YES")

    assert desk.get("/opgaver/pulje").status_code == 200
    assert said.status_code in (403, 409)
    with reading(city.engine) as session:
        assert ledger(session) == []


def test_a_year_is_carried_over_and_closed(manager, city: City):
    city.appropriate(2026, 10_000)
    city.today = date(2027, 1, 11)
    page = manager.get("/opgaver/pulje/aar/2026")
    sent = manager.post(
        "/opgaver/pulje/aar/2026", **fields(page.text), overfoeres="0", aaret="CLOSE", hvem="POOL_MANAGER"
    )

    assert sent.status_code == 303, sent.text
    assert "Lukket" in manager.get("/opgaver/pulje").text


def test_a_proposal_that_is_changed_after_back_is_refused_aloud_and_kept_on_the_page(manager):
    page = fields(manager.get("/opgaver/pulje/forslag/ny/appropriation").text)
    path = "/opgaver/pulje/forslag/ny/appropriation"
    manager.post(path, **page, **APPROPRIATION, hvem="LEADER")
    changed = manager.post(path, **page, **{**APPROPRIATION, "kroner": "70.000"}, hvem="LEADER")

    assert changed.status_code == 409
    assert "ændringen her er ikke med" in changed.text
    assert 'value="70.000"' in changed.text
