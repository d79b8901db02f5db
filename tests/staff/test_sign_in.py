"""Staff sign in by a link in their mail: once, soon, and only who is in roles.yaml."""

from datetime import timedelta

import pytest

from config.settings import settings
from tests.city import City
from tests.staff.conftest import PERSONS, Desk, RolesFile, fields


def test_a_person_comes_in_by_the_link_in_their_mail(desk: Desk) -> None:
    desk.ask_for_link("Mette@Kommune.example", videre="/opgaver/sag/VK-2026-001")
    link = desk.link_in_mail()
    page = desk.get(link)

    answer = desk.post(link.partition("?")[0], **fields(page.text))

    assert "To: kollega <mette@kommune.example>" in desk.mails()[-1]
    assert "frivilligkoordinatoren og frivilliggruppen" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/opgaver/sag/VK-2026-001")
    assert "logget ind som K-01" in desk.get("/opgaver/log-ud").text


def test_nobody_learns_which_addresses_are_known(desk: Desk) -> None:
    known = desk.ask_for_link("mette@kommune.example")
    unknown = desk.ask_for_link("fremmed@kommune.example")

    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert len(desk.mails()) == 1


def test_a_mail_filter_that_opens_the_link_uses_nothing(desk: Desk) -> None:
    desk.ask_for_link("mette@kommune.example")
    link = desk.link_in_mail()
    for _ in range(3):
        assert desk.get(link).status_code == 200
        assert desk.client.head(link).status_code == 200

    answer = desk.post(link)

    assert answer.status_code == 303
    assert len(desk.sessions()) == 1


def test_the_link_works_once(desk: Desk) -> None:
    desk.sign_in("mette@kommune.example")
    link = desk.link_in_mail()

    again = desk.another().post(link)

    assert again.status_code == 410
    assert "kun én gang" in again.text
    assert len(desk.sessions()) == 1


def test_the_link_is_good_for_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.ask_for_link("mette@kommune.example")
    link = desk.link_in_mail()
    desk.at(timedelta(minutes=14))
    in_time = desk.get(link).status_code

    desk.at(timedelta(minutes=16))

    assert (in_time, desk.get(link).status_code, desk.post(link).status_code) == (200, 410, 410)
    assert desk.sessions() == []


def test_a_person_who_asks_again_and_again_gets_three_links(desk: Desk) -> None:
    for _ in range(5):
        desk.ask_for_link("mette@kommune.example")

    assert len(desk.mails()) == 3


def test_who_asks_from_one_address_too_often_must_wait(desk: Desk) -> None:
    answers = [desk.ask_for_link(f"nr{n}@kommune.example").status_code for n in range(11)]

    assert answers == [200] * 10 + [429]


@pytest.mark.parametrize("mail", ["", "mette", "@" * 300])
def test_what_is_no_address_is_said_beside_the_field(desk: Desk, mail: str) -> None:
    answer = desk.ask_for_link(mail)

    assert answer.status_code == 422
    assert 'id="mail-fejl"' in answer.text


def test_somebody_taken_out_of_roles_yaml_gets_no_link_and_can_use_none(desk: Desk, roles: RolesFile) -> None:
    desk.ask_for_link("mette@kommune.example")
    link = desk.link_in_mail()

    roles.say(PERSONS.replace("K-01: {mail: mette", "K-09: {mail: ny"))
    desk.ask_for_link("mette@kommune.example")

    assert len(desk.mails()) == 1
    assert (desk.get(link).status_code, desk.post(link).status_code) == (404, 404)


def test_neither_the_link_nor_the_cookie_stands_in_the_database(desk: Desk) -> None:
    desk.sign_in("mette@kommune.example")
    token = desk.link_in_mail().partition("?")[0].rpartition("/")[2]
    [cookie] = desk.client.cookies.jar

    stored = desk.city.dump()

    assert token not in str(stored)
    assert cookie.value not in str(stored)
    assert "mette" not in str(stored)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/opgaver",
        "//evil.example",
        "/opgaver//evil.example",
        "/\\evil.example",
        "/opgaver/../svar/x",
        "/svar/x",
        "/opgaverne",
        "/opgaver\r\nX: y",
        "javascript:alert(1)",
        "/opgaver@evil.example",
        "/opgaver/log-ind/oidc",
        "/opgaver/" + "a" * 600,
    ],
)
def test_signing_in_leads_nowhere_but_to_the_desk(desk: Desk, elsewhere: str) -> None:
    page = desk.get("/opgaver/log-ind", params={"videre": elsewhere})
    desk.ask_for_link("mette@kommune.example", videre=elsewhere)
    link = desk.link_in_mail().partition("?")[0]

    answer = desk.post(link, videre=elsewhere)

    assert fields(page.text)["videre"] == "/opgaver"
    assert answer.headers["location"] == "/opgaver"


def test_the_cookie_is_closed_to_scripts_and_forms_of_others(desk: Desk) -> None:
    told = desk.sign_in("mette@kommune.example").headers["set-cookie"]

    assert told.startswith("driftsklar-opgaver-4280=")
    parts = {part.strip().lower() for part in told.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/opgaver", "max-age=604800"} <= parts
    assert "secure" not in parts


def test_beyond_this_machine_the_cookie_travels_by_https_alone(
    roles: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", "https://pas.kommune.example/a")
    settings.cache_clear()
    desk = Desk(city, "https://pas.kommune.example")
    told = desk.sign_in("mette@kommune.example").headers["set-cookie"]

    assert told.startswith("__Secure-driftsklar-opgaver=")
    parts = {part.strip().lower() for part in told.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/a/opgaver"} <= parts


def test_without_https_nobody_signs_in_beyond_this_machine(
    roles: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", "http://pas.kommune.example")
    settings.cache_clear()
    desk = Desk(city, "http://pas.kommune.example")

    assert "https" in desk.get("/opgaver/log-ind").text
    assert desk.ask_for_link("mette@kommune.example").status_code == 503
    assert desk.messages() == []


def test_a_session_that_somebody_else_put_in_the_browser_is_not_taken_over(desk: Desk) -> None:
    desk.client.cookies.set("driftsklar-opgaver-4280", "planted-by-a-stranger-000000000000000000000")

    desk.sign_in("mette@kommune.example")

    [cookie] = [cookie for cookie in desk.client.cookies.jar if cookie.path == "/opgaver"]
    assert cookie.value != "planted-by-a-stranger-000000000000000000000"
    stranger = desk.another()
    stranger.client.cookies.set("driftsklar-opgaver-4280", "planted-by-a-stranger-000000000000000000000")
    assert "logget ind" not in stranger.get("/opgaver/log-ud").text.replace("Du er logget ud", "")


def test_signing_in_again_ends_the_session_before(desk: Desk) -> None:
    desk.sign_in("mette@kommune.example")
    desk.sign_in("leder@kommune.example")

    first, second = desk.sessions()

    assert first.ended_at is not None
    assert (second.ended_at, second.person) == (None, "L-01")


def test_without_persons_the_page_says_who_can_help(desk: Desk, roles: RolesFile) -> None:
    roles.say("operators:\n  mette: {id: K-01, roles: [coordinator]}\n")

    page = desk.get("/opgaver/log-ind").text

    assert "roles.yaml" in page
    assert "Prøv som" not in page
