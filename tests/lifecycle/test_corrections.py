"""Rettelser: what was wrong is put right, the journal keeps what it was, and what was signed keeps its words."""

import pytest

from models.case.builder import BuiltBy, Terms
from models.case.facility import LandOwner, find
from models.case.firm import Firm, add_firm, find_firm, leave_firm
from models.database import transaction
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.correction import Correction, correct_facility
from models.stages.proposal import Proposal, propose
from tests.city import City, Place


def _correct(city: City, place: Place, reason: str = "Skrevet forkert.", by: Role = Role.PROJECT_LEAD, **what) -> None:
    with transaction(city.engine) as session:
        said = Said(city.today, by, Door.CLI)
        correct_facility(session, find(session, place.reference), Correction(**what), said, reason=reason)


def _add(city: City, name: str = "Møn Tømrer ApS", cvr: str = "12345674", mail: str = "post@firma.example") -> Firm:
    with transaction(city.engine) as session:
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        return add_firm(session, name, said, cvr=cvr, mail=mail, phone="")


def test_the_new_name_and_place_stand_everywhere_and_the_signed_agreement_keeps_its_own(city: City):
    place = city.in_operation(name="Bænk ved Nor")
    signed = place.agreement

    _correct(city, place, name="Bænk ved Stege Nor", lat=54.98, lon=12.27)

    there = place.facility
    assert (there.name, there.lat, there.lon) == ("Bænk ved Stege Nor", 54.98, 12.27)
    assert there.utm_north != 0
    assert place.agreement.sha256 == signed.sha256
    assert place.agreement.terms_sha256 == signed.terms_sha256
    line = place.journal[-1]
    assert "navnet var “Bænk ved Nor”, er “Bænk ved Stege Nor”" in line
    assert line.endswith("Begrundelse: Skrevet forkert.")


def test_the_same_correction_again_changes_nothing(city: City):
    place = city.in_operation()
    _correct(city, place, name="Et andet navn")
    before = city.dump()

    _correct(city, place, name="Et andet navn")

    assert city.dump() == before


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({}, "hvad der skal rettes"),
        ({"lat": 54.9}, "både --lat og --lon"),
        ({"lat": 10.0, "lon": 10.0}, "ikke i Danmark"),
        ({"terms": Terms.AB18}, "--built-by firm"),
        ({"firm": "F-0001"}, "--built-by firm"),
        ({"built_by": BuiltBy.FIRM, "firm": "F-0009"}, "intet firma"),
        ({"name": " "}, "tomt"),
        ({"name": "Ny", "reason": " "}, "tomt"),
    ],
)
def test_what_cant_be_corrected_so_is_said_and_nothing_is_written(city: City, what: dict, sentence: str):
    place = city.in_operation()
    before = city.dump()

    with pytest.raises(BadInput, match=sentence):
        _correct(city, place, **what)

    assert city.dump() == before


def test_words_that_are_out_for_signing_wait_but_the_builder_doesnt(city: City):
    place = city.to_stage(Stage.AGREEMENT)
    city.review(place)

    with pytest.raises(Refusal, match="sendt til underskrift"):
        _correct(city, place, name="Nyt navn")
    _correct(city, place, built_by=BuiltBy.OWN_CREW)

    assert place.facility.built_by is BuiltBy.OWN_CREW


def test_a_closed_case_is_corrected_no_more_and_not_by_everybody(city: City):
    place = city.to_stage(Stage.CLOSED)

    with pytest.raises(Refusal, match="rettes ikke mere"):
        _correct(city, place, name="Nyt navn")
    with pytest.raises(Refusal, match="kan ikke afgøres af"):
        _correct(city, place, name="Nyt navn", by=Role.VOLUNTEER)


def test_the_same_cvr_number_is_the_same_firm_and_another_name_for_it_is_refused(city: City):
    first = _add(city)
    before = city.dump()

    assert _add(city).reference == first.reference == "F-0001"
    assert city.dump() == before
    with pytest.raises(Refusal, match="F-0001 Møn Tømrer ApS"):
        _add(city, name="En anden")
    with pytest.raises(BadInput, match="CVR"):
        _add(city, cvr="12345678")
    with pytest.raises(BadInput, match="mail"):
        _add(city, cvr="10000009", mail="")


def test_a_firm_that_has_left_builds_nothing_more(city: City):
    firm = _add(city)
    place = city.in_operation()
    with transaction(city.engine) as session:
        leave_firm(session, find_firm(session, firm.reference), Said(city.today, Role.OPERATIONS, Door.CLI))

    with pytest.raises(BadInput, match="arbejder ikke mere"):
        _correct(city, place, built_by=BuiltBy.FIRM, firm=firm.reference)


def test_a_place_is_proposed_once_unless_it_is_said_to_be_another(city: City):
    group = city.add_group()
    wish = Proposal("baenk", "Bænk ved Nor", group, 54.99, 12.28, LandOwner.MUNICIPALITY, 3, anyway=False)
    said = Said(city.today, Role.PROJECT_LEAD, Door.CLI)
    with transaction(city.engine) as session:
        propose(session, wish, said, key="one")

    with transaction(city.engine) as session, pytest.raises(Refusal, match=r"VK-2026-0001.*--anyway"):
        propose(session, wish._replace(name="bænk  ved nor", lat=54.9902), said, key=None)
    with transaction(city.engine) as session:
        assert propose(session, wish, said, key="one").reference == "VK-2026-0001"
        assert propose(session, wish._replace(anyway=True), said, key=None).reference == "VK-2026-0002"
        assert propose(session, wish._replace(lat=54.98), said, key=None).reference == "VK-2026-0003"
