"""What the next stranger stumbled over at the desk, so that it stays mended (docs/desk-tried.md)."""

import re
from datetime import date, timedelta

import pytest

from models.case.consultation import conditions_of
from models.case.facility import find
from models.case.handover import last_handover
from models.case.permit import permits_of
from models.database import reading
from models.stage import Stage
from tests.city import City, Place
from tests.staff.a_day import come_in, wait_about
from tests.staff.conftest import Desk, RolesFile, fields
from tests.staff.test_newcomer import PERSONS, answer, words


@pytest.fixture
def crew(desk: Desk, roles: RolesFile) -> Desk:
    """D-01 of operations, signed in where each role is one person."""
    roles.say(PERSONS)
    come_in(desk, "D-01")
    return desk


def test_a_permit_has_the_number_of_the_authoritys_case(crew: Desk, city: City) -> None:
    place = city.to_stage(Stage.BUILDING, type_key="shelter")
    come_in(crew, "P-01")
    key = wait_about(city, "building").key
    form = crew.get(f"/opgaver/svar/{key}?svar=GRANTED").text

    assert "Sagsnummer" in words(form)
    with reading(city.engine) as session:
        permit = permits_of(session, find(session, place.reference))[0]
    sent = crew.post(f"/opgaver/svar/{key}", **fields(form), tilladelse=permit.key, sagsnummer="26/1234")
    assert sent.status_code == 303, words(sent.text)
    with reading(city.engine) as session:
        assert permits_of(session, find(session, place.reference))[0].case_number == "26/1234"


def test_who_has_signed_is_not_offered_again_and_the_receipt_says_who_has_not(crew: Desk, city: City) -> None:
    place = city.to_stage(Stage.AGREEMENT)
    city.review(place)
    come_in(crew, "K-01")
    said = answer(crew, city, "agreement", "CONTACT")

    path = f"/opgaver/svar/{wait_about(city, 'agreement').key}"
    page = words(crew.get(path).text)
    again = crew.post(path, **fields(crew.get(f"{path}?svar=CONTACT").text))  # a page that was open before
    receipt = words(crew.get(again.headers["location"]).text)

    assert "underskrift fra kommunen" in said
    assert "Kontaktpersonen har skrevet under" not in page
    assert "Stedfortræderen har skrevet under" not in page
    assert "Jeg skriver under for kommunen" in page
    assert "underskrift fra kommunen" in receipt
    assert "Ingen skal gøre mere" not in receipt


def test_to_move_a_task_instead_of_signing_has_a_button_that_says_so(crew: Desk, city: City) -> None:
    place = city.to_stage(Stage.AGREEMENT, type_key="shelter")
    city.review(place)
    come_in(crew, "K-01")
    path = f"/opgaver/svar/{wait_about(city, 'agreement').key}"
    form = crew.get(f"{path}?svar=CONTACT").text
    [task] = re.findall(r'name="(til_driften\.[A-Za-z_]+)"', form)[:1]

    nothing = crew.post(path, **fields(form), foldet="ja")
    moved = crew.post(path, **fields(form), **{task: "yes"}, foldet="ja")

    assert "Send: flyt opgaven, og lav en ny version" in words(form)
    assert (nothing.status_code, moved.status_code) == (422, 303)
    assert "vælg mindst én" in nothing.text.casefold()
    assert place.agreement.version == 2
    assert place.signatures(1) == place.signatures(2) == []


def test_work_that_comes_later_is_there_with_what_was_typed_when_it_is_refused(crew: Desk, city: City) -> None:
    bench = city.in_operation()
    work = city.order(bench, what="Mal gavlen", due=city.today + timedelta(days=60))

    typed = {"svar": "DONE", "minutter": "mange", "note": "Malingen slap op."}
    sent = crew.post(f"/opgaver/arbejde/{work.number}", csrf=crew.csrf(), **typed)

    assert sent.status_code == 422
    assert "Mal gavlen" in sent.text
    assert "Malingen slap op." in sent.text


def test_many_minutes_are_asked_about_with_what_they_would_cost(crew: Desk, city: City) -> None:
    work = city.order(city.in_operation(), what="Tøm spanden", due=city.today)

    sent = crew.post(f"/opgaver/arbejde/{work.number}", csrf=crew.csrf(), svar="DONE", minutter="900")

    assert sent.status_code == 409
    assert "15 timer er meget og bliver bogført som 6.375 kr." in words(sent.text)


@pytest.fixture
def finished(city: City) -> Place:
    """A shelter that stands there and waits to be taken over."""
    place = city.to_stage(Stage.HANDOVER)
    city.today += timedelta(days=10)
    return place


def handover_of(city: City, place: Place) -> date | None:
    with reading(city.engine) as session:
        handover = last_handover(session, find(session, place.reference))
        assert handover is not None
        return handover.decided_on


def test_a_handover_can_be_of_the_day_it_was_held(crew: Desk, city: City, finished: Place) -> None:
    held = city.today - timedelta(days=2)
    said = answer(crew, city, "handover", "ACCEPTED", dato=f"{held:%d-%m-%Y}")

    assert "Tak, svaret er gemt" in said
    assert handover_of(city, finished) == held


@pytest.mark.parametrize("day", ["2029-01-01", "i går"])
def test_a_day_that_has_not_come_or_is_none_is_told_beside_its_field(
    crew: Desk, city: City, finished: Place, day: str
) -> None:
    key = wait_about(city, "handover").key
    form = fields(crew.get(f"/opgaver/svar/{key}?svar=ACCEPTED").text)
    sent = crew.post(f"/opgaver/svar/{key}", **form, dato=day)

    assert sent.status_code == 422
    assert 'id="dato-fejl"' in sent.text
    assert f'value="{day}"' in sent.text
    assert handover_of(city, finished) is None


def test_who_takes_over_is_told_before_that_nobody_has_said_who_insures(crew: Desk, city: City) -> None:
    place = city.propose()
    city.answer(place)
    city.review(place, insured=None)
    city.sign(place)
    city.fill_the_pool(place)
    city.fund(place)
    city.permit(place)
    city.build(place)

    asked = words(crew.get(f"/opgaver/svar/{wait_about(city, 'handover').key}").text)
    refused = answer(crew, city, "handover", "ACCEPTED")

    assert "Frivilligkoordinatoren svarer på det, og stedet kan først overtages bagefter." in asked
    assert "Frivilligkoordinatoren svarer på det under “Forsikring”" in refused


CONDITION = {"timer_om_aaret": "2", "kr_om_aaret": "900", "vilkaar.0.hvad": "Vejen lægges om."}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "Hvem sørger for det? Vælg en."),
        ({"vilkaar.0.hvem": "VOLUNTEER", "vilkaar.0.frist": "2025-12-01"}, "fristen 1. december 2025 er allerede gået"),
    ],
)
def test_a_condition_has_an_owner_that_was_chosen_and_a_day_that_comes(
    crew: Desk, city: City, more: dict[str, str], says: str
) -> None:
    place = city.propose()

    said = answer(crew, city, "consultation", "CONDITIONS", **CONDITION, **more)

    assert says in said
    with reading(city.engine) as session:
        assert conditions_of(session, find(session, place.reference)) == []


def test_an_empty_reason_is_told_beside_the_field_by_its_own_name(crew: Desk, city: City) -> None:
    place = city.propose()
    come_in(crew, "P-01")
    path = f"/opgaver/sag/{place.reference}/goer/traek-tilbage"
    sent = crew.post(path, **fields(crew.get(path).text))

    assert sent.status_code == 422
    assert 'id="grund-fejl"' in sent.text
    assert "Begrundelse:" not in words(sent.text)


def test_an_answer_that_was_given_leads_on_to_its_receipt(crew: Desk, city: City) -> None:
    city.propose()
    path = f"/opgaver/svar/{wait_about(city, 'consultation').key}"
    answer(crew, city, "consultation", "YES", timer_om_aaret="2", kr_om_aaret="900")

    page = crew.get(path)

    assert f'href="{path}/kvittering"' in page.text
