"""Without anybody configured, and on this machine alone, the desk can be tried in every role, and says so in red."""

import pytest

from config.settings import settings
from models.role import Role
from tests.city import City
from tests.staff.conftest import NOBODY, PERSONS, STONE, Desk, RolesFile


@pytest.fixture
def nobody(roles: RolesFile) -> RolesFile:
    roles.say(NOBODY)
    return roles


@pytest.fixture
def desk(nobody: RolesFile, city: City) -> Desk:
    return Desk(city)


def test_one_chooses_a_role_and_every_page_says_that_it_is_for_trying(desk: Desk) -> None:
    offered = desk.get("/opgaver/log-ind").text
    button = desk.get("/opgaver/proev/operations").text
    answer = desk.post("/opgaver/proev/operations")

    page = desk.get("/opgaver/log-ud").text

    assert "Prøv som driften" in offered
    assert "Prøv som driften" in button
    assert answer.status_code == 303
    for html in (offered, button, page):
        assert 'class="proev" role="note"' in html
    assert desk.get(STONE).json() == {"roles": ["operations"], "person": "", "is_trying": True}
    assert desk.decide(Role.OPERATIONS).status_code == 204
    assert desk.decide(Role.LEADER).status_code == 403


def test_looking_at_the_button_signs_nobody_in(desk: Desk) -> None:
    desk.get("/opgaver/proev/leader")

    assert desk.sessions() == []


@pytest.mark.parametrize("role", ["volunteer", "calendar", "passer_by", "konge", "LEADER"])
def test_only_roles_of_the_staff_can_be_tried(desk: Desk, role: str) -> None:
    assert desk.get(f"/opgaver/proev/{role}").status_code == 404
    assert desk.post(f"/opgaver/proev/{role}").status_code == 404


def refused(desk: Desk) -> bool:
    page = desk.get("/opgaver/log-ind")
    answers = {desk.get("/opgaver/proev/leader").status_code, desk.post("/opgaver/proev/leader").status_code}
    return "Prøv som" not in page.text and answers == {404} and desk.sessions() == []


def test_not_where_persons_are_known(desk: Desk, nobody: RolesFile) -> None:
    nobody.say(PERSONS)

    assert refused(desk)


def test_not_where_operators_are_known(desk: Desk, nobody: RolesFile) -> None:
    nobody.say("operators:\n  mette: {id: K-01, roles: [coordinator]}\n")

    assert refused(desk)


def test_not_where_the_municipality_has_its_own_sign_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSKLAR_OIDC_ISSUER", "https://login.kommune.example")
    monkeypatch.setenv("DRIFTSKLAR_OIDC_CLIENT_ID", "driftsklar")
    settings.cache_clear()

    assert refused(desk)


def test_not_where_the_page_has_an_address_out_in_the_world(
    nobody: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", "https://pas.kommune.example")
    settings.cache_clear()

    assert refused(Desk(city, "https://pas.kommune.example"))


def test_not_for_somebody_at_another_machine(nobody: RolesFile, city: City) -> None:
    assert refused(Desk(city, host="10.0.0.7"))
    assert refused(Desk(city, "http://10.0.0.1:4280"))


def test_not_through_a_web_server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.client.headers["x-forwarded-for"] = "10.0.0.7"
    assert refused(desk)
    del desk.client.headers["x-forwarded-for"]

    monkeypatch.setenv("DRIFTSKLAR_PAGE_PROXY", "127.0.0.1")
    settings.cache_clear()

    assert refused(desk)


def test_whoever_was_trying_is_out_once_persons_are_configured(desk: Desk, nobody: RolesFile) -> None:
    desk.post("/opgaver/proev/leader")
    assert desk.get(STONE).status_code == 200

    nobody.say(PERSONS)

    assert desk.get(STONE).status_code == 303


def test_another_choice_replaces_the_one_before(desk: Desk) -> None:
    desk.post("/opgaver/proev/leader")
    desk.post("/opgaver/proev/operations")

    first, second = desk.sessions()

    assert first.ended_at is not None
    assert second.ended_at is None
