"""The sign's page of a place that operations looks after alone thanks nobody who isn't there."""

from models.case.facility import LandOwner
from models.database import transaction
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import ExistingPlace, take_in


def test_the_page_of_an_inherited_place_says_that_the_municipality_looks_after_it(city, page):
    place = ExistingPlace("baenk", "Bænk på torvet", LandOwner.MUNICIPALITY, address="Torvet 1, Stege")
    with transaction(city.engine) as session:
        reference = take_in(session, place, Said(city.today, Role.OPERATIONS, Door.INHERITED)).facility.reference

    text = page.get(f"/sted/{reference.lower()}").text

    assert "Vordingborg Kommune passer stedet." in text
    assert "Ingen gruppe" not in text
