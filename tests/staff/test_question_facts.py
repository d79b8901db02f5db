"""What a question shows beside its answers: what such places really cost, photos, and the way on a map."""

from time import monotonic

import pytest

from channels.questions import real_costs
from models.case.photo import StoredPhoto, add_photos
from models.database import transaction
from models.stage import Stage
from tests.city import City
from tests.questions.test_every_question import asked, before
from tests.staff.a_day import come_in
from tests.staff.conftest import Desk, RolesFile
from tests.staff.test_question_page import words

PERSONS = """operators: {}
persons:
  A-01: {mail: alle@kommune.example, roles: [coordinator, project_lead, operations, operations_manager, pool_manager]}
"""


@pytest.fixture
def everybody(desk: Desk, roles: RolesFile) -> Desk:
    """Somebody with all roles at the desk."""
    roles.say(PERSONS)
    come_in(desk, "A-01")
    return desk


@pytest.mark.parametrize("topic", ["consultation", "agreement", "funding"])
def test_the_estimate_stands_beside_what_such_a_place_really_cost(everybody, city: City, topic):
    older = city.in_operation("baenk", name="Bænk ved havnen")
    city.mend(city.damage(older, safe=True), kr=1_200)
    place = before(topic)(city)
    wait, _ = asked(city, place, topic)

    page = everybody.get(f"/opgaver/svar/{wait.key}")

    assert "Det kostede et anlæg af samme type om året: 2026: 1.200 kr." in words(page.text).replace("  ", " ")
    assert "openstreetmap.org" in page.text


def test_what_such_a_place_cost_is_summed_up_anew_after_a_minute(
    everybody, city: City, monkeypatch: pytest.MonkeyPatch
):
    older = city.in_operation("baenk", name="Bænk ved havnen")
    city.mend(city.damage(older, safe=True), kr=1_200)
    place = city.propose("baenk", name="Bænk ved kirken")
    path = f"/opgaver/svar/{place.reference}:consultation:1"
    everybody.get(path)
    city.mend(city.damage(older, safe=True), kr=300)

    monkeypatch.setattr(real_costs, "monotonic", lambda: monotonic() + real_costs.FRESH_SECONDS + 1)

    assert "om året: 2026: 1.500 kr." in words(everybody.get(path).text).replace("  ", " ")


def test_damage_is_decided_on_beside_what_the_last_repair_took_and_its_photos_are_there_until_it_may_be_used(
    everybody, city: City
):
    place = city.in_operation("baenk", name="Bænk ved havnen")
    city.mend(city.damage(place, what="Et bræt er knækket.", safe=True), kr=800)
    number = city.damage(place, what="Sædet er væk.", safe=False)
    with transaction(city.engine) as session:
        add_photos(session, [StoredPhoto("ab" * 32, "photos/bench.jpg", 80, 60)], incident_id=number, on=city.today)

    decide = everybody.get(f"/opgaver/svar/{place.reference}:incident:{number}")
    city.mend(number, kr=500)
    usable = everybody.get(f"/opgaver/svar/{place.reference}:usable:{number}")

    assert "Det tog det sidst ved steder af samme type:" in words(decide.text)
    assert "Et bræt er knækket." in words(decide.text)
    assert "800 kr." in words(decide.text)
    for page in (decide, usable):
        assert page.status_code == 200
        assert 'alt="Billede 1 af det, der er meldt"' in page.text
    assert place.stage is Stage.OPERATION


def test_the_whole_agreement_is_a_page_of_its_own_without_a_person(everybody, city: City):
    place = before("agreement")(city)
    wait, _ = asked(city, place, "agreement")

    page = everybody.get(f"/opgaver/svar/{wait.key}")
    text = everybody.get(f"/opgaver/svar/{wait.key}/tekst")

    assert f'href="/opgaver/svar/{wait.key}/tekst">Læs hele teksten</a>' in page.text
    assert "Periode, fornyelse og opsigelse" in words(text.text)
    assert "Bent Friis" not in text.text


def test_the_receipt_of_a_repair_that_is_decided_names_the_work_though_something_else_waits(everybody, city: City):
    place = city.in_operation("baenk", name="Bænk ved havnen")
    number = city.damage(place, what="Sædet er væk.", safe=False)
    city.damage(place, what="Et bræt er knækket.", safe=True)
    path = f"/opgaver/svar/{place.reference}:incident:{number}"
    repair = {"svar": "REPAIR", "kroner": "300", "begrundelse": "Nyt sæde.", "hvem": "OPERATIONS_MANAGER"}
    everybody.post(path, csrf=everybody.csrf(), **repair)

    receipt = words(everybody.get(f"{path}/kvittering").text)

    assert "Sagen venter på driftslederen: afgørelse om skade nr. 2" in receipt
    assert "På arbejdslisten: nr. 1" in receipt
