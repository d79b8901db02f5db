"""Daily work at the desk, without a command line: groups, proposals, damage, pauses, conditions, withdrawals."""

import pytest
from sqlmodel import select

from channels.post import languages
from models.case.consultation import conditions_of
from models.case.facility import find
from models.case.volunteer_group import contacts_of, find_group
from models.database import reading
from models.journal import JournalEntry, journal_of
from models.operation.incident import incidents_of
from models.post.outbox import Message
from models.role import Door, Role
from models.stage import Stage
from tests.city import City
from tests.staff.conftest import Desk, fields


@pytest.fixture
def coordinator(desk: Desk) -> Desk:
    desk.sign_in("mette@kommune.example")
    return desk


@pytest.fixture
def operations(desk: Desk) -> Desk:
    other = desk.another()
    other.sign_in("drift@kommune.example")
    return other


def send(desk: Desk, path: str, **typed: str):
    return desk.post(path, **{**fields(desk.get(path).text), **typed})


def stage_of(city: City, reference: str = "VK-2026-0001") -> Stage:
    with reading(city.engine) as session:
        return find(session, reference).stage


GROUP = {
    "navn": "Havnens Venner",
    "kontakter.0.navn": "Karen Holm",
    "kontakter.0.mail": "karen@havnen.example",
    "kontakter.1.navn": "Søren Å",
    "kontakter.1.telefon": "20 30 40 50",
    "hvem": "COORDINATOR",
}


def test_a_group_is_made_with_its_contacts_and_shown(coordinator, city):
    made = send(coordinator, "/opgaver/grupper/ny", **GROUP)
    page = coordinator.get(made.headers["location"])

    assert made.status_code == 303
    assert "Karen Holm" in page.text
    assert "Havnens Venner" in coordinator.get("/opgaver/grupper?q=havnen").text
    assert "0 grupper" in coordinator.get("/opgaver/grupper?q=skoven").text


def test_a_group_without_a_contact_is_not_made_and_what_was_typed_stays(coordinator):
    sent = send(coordinator, "/opgaver/grupper/ny", navn="Havnens Venner", hvem="COORDINATOR")

    assert sent.status_code == 422
    assert 'value="Havnens Venner"' in sent.text


def test_a_group_that_is_changed_after_going_back_is_told_in_words_and_then_made(coordinator, city):
    form = fields(coordinator.get("/opgaver/grupper/ny").text)
    coordinator.post("/opgaver/grupper/ny", **(form | GROUP))

    back = coordinator.post("/opgaver/grupper/ny", **(form | GROUP | {"navn": "Skovens Venner"}))
    again = coordinator.post("/opgaver/grupper/ny", **(GROUP | {"navn": "Skovens Venner"} | fields(back.text)))

    assert back.status_code == 422
    assert "Du har sendt denne formular før" in back.text
    assert "Det blev til G-0001." in back.text
    assert "nøgle" not in back.text
    assert 'value="Skovens Venner"' in back.text
    assert again.status_code == 303
    assert again.headers["location"].endswith("G-0002")


def test_damage_that_is_changed_after_going_back_is_told_in_words_and_then_reported(operations, city):
    city.in_operation("baenk", name="Bænk ved kirken")
    path = "/opgaver/sag/VK-2026-0001/goer/skade"
    form = fields(operations.get(path).text)
    operations.post(path, **form, hvad="Sædet er knækket.", sikkert="YES")

    back = operations.post(path, **form, hvad="Ryggen er knækket.", sikkert="YES")
    again = operations.post(path, **fields(back.text), hvad="Ryggen er knækket.", sikkert="YES")

    assert back.status_code == 422
    assert "Det blev til skade nr. 1." in back.text
    assert "nøgle" not in back.text
    assert "Ryggen er knækket." in back.text
    assert again.status_code == 303
    with reading(city.engine) as session:
        assert len(incidents_of(session, find(session, "VK-2026-0001"))) == 2


def test_a_contact_gets_a_new_address_another_is_written_on_and_one_leaves(coordinator, city):
    path = send(coordinator, "/opgaver/grupper/ny", **GROUP).headers["location"]
    reference = path.rpartition("/")[2]
    with reading(city.engine) as session:
        karen = contacts_of(session, find_group(session, reference))[0].number
    csrf = {"csrf": coordinator.csrf(), "hvem": "COORDINATOR"}
    new = {"navn": "Karen Hollm", "mail": "ny@havnen.example", "telefon": "", "foretraekker": "MAIL"}
    coordinator.post(f"{path}/kontakt/{karen}", **csrf, **new)
    coordinator.post(f"{path}/kontakt", **csrf, navn="Tove Bo", mail="tove@havnen.example")
    coordinator.post(f"{path}/kontakt/{karen}/ud", **csrf)

    with reading(city.engine) as session:
        there = [(c.name, c.mail) for c in contacts_of(session, find_group(session, reference))]
    assert there == [("Søren Å", ""), ("Tove Bo", "tove@havnen.example")]


def test_a_contacts_misspelt_name_is_put_right_in_the_form_that_has_todays(coordinator, city):
    path = send(coordinator, "/opgaver/grupper/ny", **GROUP | {"kontakter.0.navn": "Karen Hollm"}).headers["location"]
    with reading(city.engine) as session:
        karen = contacts_of(session, find_group(session, path.rpartition("/")[2]))[0].number
    told = {"csrf": coordinator.csrf(), "hvem": "COORDINATOR", "mail": "karen@havnen.example", "foretraekker": "MAIL"}
    assert f'id="navn-{karen}" name="navn" value="Karen Hollm"' in coordinator.get(path).text

    empty = coordinator.post(f"{path}/kontakt/{karen}", **told, navn="")
    right = coordinator.post(f"{path}/kontakt/{karen}", **told, navn="Karen Holm")

    assert (empty.status_code, right.status_code) == (422, 303)
    assert f'href="#navn-{karen}"' in empty.text
    html = coordinator.get(path).text
    assert "Ret Karen Holm<" in html
    assert "Hollm" not in html


def test_a_groups_name_and_cvr_are_put_right_on_its_page_with_a_reason(coordinator, operations, city):
    path = send(coordinator, "/opgaver/grupper/ny", **GROUP | {"navn": "Havnens Vener"}).headers["location"]
    html = coordinator.get(path).text
    assert "Ret gruppens navn" in html
    assert 'value="Havnens Vener"' in html
    told = {"csrf": coordinator.csrf(), "hvem": "COORDINATOR", "gruppenavn": "Havnens Venner"}

    unreasoned = coordinator.post(f"{path}/navn", **told, cvr="")
    wrong = coordinator.post(f"{path}/navn", **told, cvr="12345678", grund="Stavet forkert.")
    right = coordinator.post(f"{path}/navn", **told, cvr="24256790", grund="Stavet forkert.")

    assert (unreasoned.status_code, wrong.status_code, right.status_code) == (422, 422, 303)
    assert 'href="#grund"' in unreasoned.text
    assert "Begrundelse: Feltet er tomt" in unreasoned.text or "Begrundelse: feltet er tomt" in unreasoned.text
    assert ('href="#cvr"' in wrong.text, 'value="12345678"' in wrong.text) == (True, True)
    html = coordinator.get(path).text
    assert "<h1>Havnens Venner</h1>" in html
    assert "CVR 24256790" in html
    assert "Ret gruppens navn" not in operations.get(path).text


def test_the_coordinator_sets_the_language_of_somebodys_letters(coordinator, city, monkeypatch):
    path = send(coordinator, "/opgaver/grupper/ny", **GROUP).headers["location"]
    with reading(city.engine) as session:
        karen = contacts_of(session, find_group(session, path.rpartition("/")[2]))[0].number
    assert "Breve til" not in coordinator.get(path).text  # nothing to choose where all letters are Danish
    monkeypatch.setattr(languages, "_choices", lambda _folder: (("de", "Deutsch"),))
    told = {"csrf": coordinator.csrf(), "hvem": "COORDINATOR"}

    assert "Breve til Karen Holm på" in coordinator.get(path).text
    unknown = coordinator.post(f"{path}/kontakt/{karen}/sprog", **told, sprog="tlh")
    set_to = coordinator.post(f"{path}/kontakt/{karen}/sprog", **told, sprog="de")

    assert (unknown.status_code, set_to.status_code) == (422, 303)
    assert "Vælg: da, de" in unknown.text
    with reading(city.engine) as session:
        assert [c.language for c in contacts_of(session, find_group(session, path.rpartition("/")[2]))] == ["de", ""]
        whats = [line.what for line in session.exec(select(JournalEntry))]
    assert "Havnens Venner: en får sine breve på et andet sprog." in whats


def test_who_does_not_ring_them_sees_no_name(coordinator, desk, city):
    path = send(coordinator, "/opgaver/grupper/ny", **GROUP).headers["location"]
    leader = desk.another()
    leader.sign_in("anden@kommune.example")
    page = leader.get(path)

    assert page.status_code == 200
    assert "Karen Holm" not in page.text
    assert "Skriv en ny på" not in page.text


PROPOSAL = {
    "type": "baenk",
    "navn": "Bænk ved kirken",
    "sted": "https://www.google.com/maps/@55.0402,12.2091,17z",
    "ejer": "MUNICIPALITY",
    "aar": "5",
}


def test_a_proposal_is_made_with_a_pasted_map_link_and_a_group_by_its_name(coordinator, city):
    group = city.add_group("Havnens Venner").replace("-", "_")
    sent = send(coordinator, "/opgaver/forslag/nyt", **PROPOSAL, gruppe=group, hvem="COORDINATOR")

    assert sent.status_code == 303, sent.text
    with reading(city.engine) as session:
        facility = find(session, "VK-2026-0001")
        assert (round(facility.lat, 4), round(facility.lon, 4)) == (55.0402, 12.2091)
        assert facility.proposed_by_person == "K-01"


def test_the_same_place_is_warned_about_before_it_is_proposed_twice(coordinator, city):
    group = city.add_group("Havnens Venner").replace("-", "_")
    once = {**PROPOSAL, "gruppe": group, "hvem": "COORDINATOR"}
    send(coordinator, "/opgaver/forslag/nyt", **once)
    twice = send(coordinator, "/opgaver/forslag/nyt", **once)
    surely = send(coordinator, "/opgaver/forslag/nyt", **once, alligevel="VK-2026-0001")

    assert twice.status_code == 409
    assert "Der er allerede et her" in twice.text
    assert surely.status_code == 303


def test_a_place_that_cannot_be_read_says_how_to_write_it(coordinator, city):
    group = city.add_group("Havnens Venner").replace("-", "_")
    sent = send(coordinator, "/opgaver/forslag/nyt", **{**PROPOSAL, "sted": "ved havnen"}, gruppe=group)

    assert sent.status_code == 422
    assert "kortlink" in sent.text


def test_a_proposal_is_withdrawn_with_a_word_to_the_group_and_can_be_asked_about_again(coordinator, city):
    city.propose("baenk", name="Bænk ved kirken")
    path = "/opgaver/sag/VK-2026-0001/goer"
    without = send(coordinator, f"{path}/traek-tilbage", hvem="COORDINATOR")
    sent = send(coordinator, f"{path}/traek-tilbage", grund="Gruppen har fundet et andet sted.", hvem="COORDINATOR")

    assert without.status_code == 422
    assert sent.status_code == 303
    assert stage_of(city) is Stage.WITHDRAWN
    page = coordinator.get("/opgaver/sag/VK-2026-0001").text
    assert "Trukket tilbage siden" in page
    assert "Afvist" not in page
    assert "Sagen er sluttet (trukket tilbage) og rettes ikke mere." in page
    told = [message for message in city.all(Message) if message.template == "proposal_withdrawn"]
    assert {message.role for message in told} == {None, Role.OPERATIONS, Role.PROJECT_LEAD}
    assert city.wrong() == []

    send(coordinator, f"{path}/spoerg-igen", aendret="De vil alligevel.", hvem="COORDINATOR")
    assert stage_of(city) is Stage.CONSULTATION
    assert city.wrong() == []


def test_a_place_in_operation_is_not_withdrawn_and_the_page_says_why(coordinator, city):
    city.in_operation("baenk")
    page = coordinator.get("/opgaver/sag/VK-2026-0001/goer/traek-tilbage")

    assert "Det kan ikke gøres nu" in page.text
    assert '<button class="nej"' not in page.text


def test_damage_is_reported_once_by_two_presses(operations, city):
    city.in_operation("baenk")
    path = "/opgaver/sag/VK-2026-0001/goer/skade"
    form = {**fields(operations.get(path).text), "hvad": "Sædet er knækket.", "sikkert": "NO"}
    sent = [operations.post(path, **form) for _ in range(2)]

    assert [each.status_code for each in sent] == [303, 303]
    with reading(city.engine) as session:
        incidents = incidents_of(session, find(session, "VK-2026-0001"))
    assert [(each.what, each.safe) for each in incidents] == [("Sædet er knækket.", False)]


def test_a_pause_is_written_in_and_ended(coordinator, city):
    city.in_operation("baenk")
    path = "/opgaver/sag/VK-2026-0001/goer"
    city.today = city.today.replace(year=2026, month=6, day=1)
    sent = send(coordinator, f"{path}/pause", fra="2026-06-02", til="30-06-2026", hvem="COORDINATOR")
    back = send(coordinator, f"{path}/tilbage", hvem="COORDINATOR")

    assert sent.status_code == 303, sent.text
    assert back.status_code == 303, back.text


def test_a_condition_is_met_one_by_one(operations, city):
    place = city.propose("baenk")
    city.answer(place, "conditions", conditions=["Vejen lægges om.", "Et skilt."])
    path = "/opgaver/sag/VK-2026-0001/goer/betingelse"
    sent = send(operations, path, betingelse="n2")

    assert sent.status_code == 303, sent.text
    with reading(city.engine) as session:
        met = [c.met_on is not None for c in conditions_of(session, find(session, "VK-2026-0001"))]
    assert met == [False, True]


def test_a_role_that_may_not_is_told_who_may(operations, city):
    city.propose("baenk")
    page = operations.get("/opgaver/sag/VK-2026-0001/goer/traek-tilbage")

    assert page.status_code in (403, 409)
    assert "projektlederen" in page.text


def test_the_journal_has_the_person_and_the_door(operations, city):
    city.in_operation("baenk")
    send(operations, "/opgaver/sag/VK-2026-0001/goer/skade", hvad="Sædet er løst.", sikkert="YES")

    with reading(city.engine) as session:
        line = journal_of(session, find(session, "VK-2026-0001").number)[-1]
    assert (line.by, line.operator, line.door) == (Role.OPERATIONS, "D-01", Door.DESK)
