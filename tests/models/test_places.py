"""Steder: places are found by any part of what they are called, on both databases, and by what is up with them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from models.case.existing_place import ExistingPlace
from models.case.facility import LandOwner
from models.database import reading, transaction
from models.migration import migrate
from models.overview.invariants import places_not_found
from models.overview.places import PAGE, Asked, Box, Order, find_places, marks, references
from models.place_words import missing_keepers
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.inheritance import take_in
from tests.city import City

NOBODY_SAYS = Said(date(2026, 1, 5), Role.OPERATIONS, Door.INHERITED)


def inherit(city: City, name: str, address: str = "", number: str = "", type_key: str = "baenk") -> str:
    """The reference of a place that stood before."""
    place = ExistingPlace(type_key, name, LandOwner.MUNICIPALITY, lat=55.01, lon=12.2, address=address, number=number)
    with transaction(city.engine) as session:
        return take_in(session, place, NOBODY_SAYS).facility.reference


def named(city: City, said: str = "", order: Order = Order.REFERENCE, **asked: object) -> list[str]:
    with reading(city.engine) as session:
        return [line.name for line in find_places(session, Asked(said, **asked), city.today, order=order).lines]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("ærøvæ", ["Bænken ved åen"]),
        ("ÆRØVÆNGET 12", ["Bænken ved åen"]),
        ("aeroevaenget", ["Bænken ved åen"]),
        ("åen", ["Bænken ved åen"]),
        ("ÅEN", ["Bænken ved åen"]),
        ("0417", ["Bænken ved åen"]),
        ("skoven", ["Shelteret i Nordskoven"]),
        ("nordsk shelt", ["Shelteret i Nordskoven"]),
        ("naturve", ["Shelteret i Nordskoven"]),
        ("café", ["Bænk ved Café Å"]),
        ("cafe", ["Bænk ved Café Å"]),
        ("100%", []),
        ("_", []),
        ("'; DROP TABLE facility; --", []),
        ("intet sted hedder sådan", []),
    ],
)
def test_a_place_is_found_by_any_part_of_its_name_road_group_and_number(city, said, found):
    inherit(city, "Bænken ved åen", "Ærøvænget 12, 4780 Stege", "K-0417")
    inherit(city, "Bænk ved Café Å")
    city.propose("shelter", name="Shelteret i Nordskoven", group=city.add_group("Møns Naturvenner"))

    assert named(city, said) == found


def test_a_part_of_the_reference_and_the_type_find_a_place_too(city):
    bench, shelter = city.propose("baenk", name="Ved kirken"), city.propose("shelter", name="Ved havnen")

    assert named(city, shelter.reference[-3:]) == ["Ved havnen"]
    assert named(city, bench.reference.lower()) == ["Ved kirken"]
    assert named(city, "bænk") == ["Ved kirken"]


def test_what_is_renamed_is_found_by_its_new_name_at_once(city):
    place = city.propose("baenk", name="Ved kirken")
    inherit(city, "Den gamle", "Kirkevej 1")

    for changed, said, found in (
        ("facility SET name = 'Ved mølledammen' WHERE name = 'Ved kirken'", "mølledam", "Ved mølledammen"),
        (f"volunteer_group SET name = 'Åvennerne' WHERE reference = '{place.group}'", "åvenner", "Ved mølledammen"),
        ("inheritance SET address = 'Østergade 3'", "østergade", "Den gamle"),
    ):
        with transaction(city.engine) as session:
            session.execute(text(f"UPDATE {changed}"))

        assert named(city, said) == [found]
    assert named(city, "kirke") == []


def test_words_that_are_lost_are_told_by_the_doctor_and_made_again_by_migrate(city):
    city.propose("baenk", name="Ved kirken")
    with transaction(city.engine) as session:
        session.execute(text("UPDATE place_words SET words = 'noget andet'"))
        wrong = places_not_found(session)
        on = " ON facility" if city.engine.dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER facility_update_found{on}"))

    with reading(city.engine) as session:
        gone = places_not_found(session)
    migrate(city.engine)

    assert wrong == ["VK-2026-0001"]
    assert gone == ["facility: facility_update_found"]
    assert named(city, "kirken") == ["Ved kirken"]
    with city.engine.connect() as connection:
        assert missing_keepers(connection) == []


def test_a_place_is_late_once_a_day_of_it_has_passed_and_the_list_says_which(city):
    place = city.propose("baenk", name="Ved kirken")
    [deadline] = [each for each in _waits(city, place) if each]

    city.today = deadline
    assert named(city, is_late=True) == []
    city.today = deadline + timedelta(days=1)
    assert named(city, is_late=True) == ["Ved kirken"]
    with reading(city.engine) as session:
        [line] = find_places(session, Asked(), city.today).lines
    assert (line.day, line.what, line.is_late) == (deadline, "svar på driftshøringen", True)


def _waits(city: City, place) -> list[date | None]:
    from models.overview.waiting import waits_of

    with reading(city.engine) as session:
        return [wait.deadline_on for wait in waits_of(session, place.facility)]


def test_an_agreement_that_isnt_signed_in_time_is_late(city):
    place = city.to_stage(Stage.AGREEMENT, name="Ved kirken")
    city.review(place)
    [deadline] = _waits(city, place)

    with reading(city.engine) as session:
        [line] = find_places(session, Asked(), deadline + timedelta(days=1)).lines

    assert (line.day, line.is_late) == (deadline, True)


def test_unsafe_inherited_stage_type_and_a_part_of_the_map_narrow_the_list(city):
    safe = city.in_operation("baenk", name="Den hele")
    broken = city.in_operation("baenk", name="Den farlige", group=safe.group)
    city.damage(broken, safe=False)
    inherit(city, "Den arvede")

    assert named(city, is_unsafe=True) == ["Den farlige"]
    assert named(city, is_inherited=True) == ["Den arvede"]
    assert named(city, stage=Stage.OPERATION, type_key="baenk") == ["Den hele", "Den farlige", "Den arvede"]
    assert named(city, stage=Stage.CLOSED) == []
    assert named(city, box=Box(55.0, 12.19, 55.02, 12.21)) == ["Den arvede"]


def test_the_list_can_go_by_name_by_time_in_the_stage_and_by_the_next_deadline(city):
    city.propose("baenk", name="Ved åen")
    city.today = date(2026, 1, 12)
    city.propose("baenk", name="Bag kirken")
    inherit(city, "Uden frist")

    assert named(city, order=Order.NAME) == ["Bag kirken", "Uden frist", "Ved åen"]
    assert named(city, order=Order.DEADLINE)[:2] == ["Ved åen", "Bag kirken"]
    assert named(city, order=Order.SINCE)[-1] == "Bag kirken"


def test_fifty_are_a_page_and_a_page_beyond_the_last_is_the_last(city):
    for number in range(PAGE + 3):
        inherit(city, f"Bænk {number:03d}", number=f"N{number}")

    with reading(city.engine) as session:
        pages = [find_places(session, Asked(said), city.today, page=n) for said in ("", "bænk") for n in (1, 2, 99)]

    assert [(len(p.lines), p.total, p.page, p.pages) for p in pages] == [
        (50, 53, 1, 2),
        (3, 53, 2, 2),
        (3, 53, 2, 2),
    ] * 2


def test_the_map_has_what_has_a_point_and_isnt_over(city):
    inherit(city, "Med punkt")
    with transaction(city.engine) as session:
        nowhere = ExistingPlace("baenk", "Kun vej", LandOwner.MUNICIPALITY, address="Kirkevej 1")
        take_in(session, nowhere, NOBODY_SAYS)

    with reading(city.engine) as session:
        assert [mark.name for mark in marks(session, Asked(), city.today)] == ["Med punkt"]
        assert references(session, Asked("vej"), city.today) == {"VK-2026-0002"}
