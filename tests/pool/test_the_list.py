"""The priority list: points in words, and offers in order when money comes free."""

from datetime import date, timedelta

from models.case.funding import FundingDecision
from models.database import reading, transaction
from models.pool.appropriation import transfer
from models.pool.priority import queue
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City, Place


def waiting(city: City, name: str, *, kr: int = 900, **wish: object) -> Place:
    """A bench that asks for money the pool hasn't got, and waits."""
    place = city.to_stage(Stage.FUNDING, name=name, years=1, start_on=date(2027, 1, 1), kr=kr, **wish)
    city.fund(place, "wait")
    return place


def in_line(city: City) -> list[str]:
    with reading(city.engine) as session:
        return [place.facility.reference for place in queue(session, city.today)]


def offers(city: City) -> list[str]:
    return [
        line
        for message in city.letters_to(Role.POOL_MANAGER)
        if message.template == "funding_offer"
        for line in [str(message.context["why"])]
    ]


def test_each_point_is_explained_in_words(city: City):
    place = waiting(city, "Bænk ved Stege Nor")

    with reading(city.engine) as session:
        (first,) = queue(session, city.today + timedelta(days=365))

    assert first.facility.reference == place.reference
    assert {p.why: (p.points, p.at_most) for p in first.points} == {
        "gruppen har stedfortræder": (5, 25),
        "bænken får 6 af 10 for, hvor mange der får glæde af det": (12, 20),
        "der er intet tilsvarende sted i kommunen": (20, 20),
        "driften sagde ja uden betingelser": (20, 20),
        "ansøgningen er 365 dage gammel": (8, 15),
    }
    assert first.total == 65


def test_a_place_far_from_its_like_comes_before_one_beside_it(city: City):
    city.to_stage(Stage.BUILDING, name="Bænk ved havnen", years=1, start_on=date(2026, 5, 1))
    near = waiting(city, "Bænk ved siden af", lat=54.991)
    far = waiting(city, "Bænk langt væk", lat=55.15)

    assert in_line(city) == [far.reference, near.reference]


def test_equal_points_are_settled_by_who_has_waited_longest(city: City):
    first = waiting(city, "Bænk nr. et", lat=55.1)
    second = waiting(city, "Bænk nr. to", lat=55.1)

    assert in_line(city) == [first.reference, second.reference]


def test_when_money_comes_the_next_are_offered_it_in_order_and_told_why(city: City):
    first, second, third = (waiting(city, f"Bænk nr. {n}") for n in ("et", "to", "tre"))

    city.appropriate(2027, 1_800)

    told = offers(city)
    assert [why.split(" ")[:2] for why in told] == [["nr.", "1"], ["nr.", "2"]]
    assert "driften sagde ja uden betingelser (20 af 20 point)" in told[0]
    for place in (first, second):
        assert any(line.startswith("Tilbudt penge fra prioriteringslisten") for line in place.journal)
        assert [letter.template for letter in city.letters_to(place.group)][-1] == "funding_offered"
    assert not any(line.startswith("Tilbudt") for line in third.journal)


def test_an_offer_is_made_once_and_its_money_isnt_offered_to_the_next(city: City):
    waiting(city, "Bænk nr. et")
    waiting(city, "Bænk nr. to")
    city.appropriate(2027, 1_000)

    city.sweep()
    city.appropriate(2027, 700)

    assert len(offers(city)) == 1


def test_one_that_is_too_big_stops_the_line(city: City):
    waiting(city, "Stor bænk", kr=5_000, lat=55.15)
    waiting(city, "Lille bænk", kr=100)

    city.appropriate(2027, 1_000)

    assert offers(city) == []


def test_a_removal_brings_offers_too(city: City):
    place = city.to_stage(Stage.OPERATION, years=2, kr=900, money=900, start_on=date(2026, 1, 5))
    after = waiting(city, "Bænk nr. to")

    city.let_go(place)
    city.end(place, "remove")

    assert any("frigivet fra" in line for line in after.journal if line.startswith("Tilbudt"))


def test_a_granted_offer_leaves_the_list(city: City):
    place = waiting(city, "Bænk nr. et")
    city.appropriate(2027, 1_000)

    city.fund(place, FundingDecision.GRANT)

    assert place.stage is Stage.BUILDING
    assert in_line(city) == []


def test_an_offer_whose_money_is_gone_goes_back_on_the_list_and_is_offered_later(city: City):
    place = waiting(city, "Bænk nr. et")
    city.appropriate(2027, 1_000)
    move(city, 2027, 2028)

    city.fund(place, "wait")
    city.sweep()

    assert in_line(city) == [place.reference]
    assert len(offers(city)) == 1
    city.today += timedelta(days=30)
    city.appropriate(2027, 1_000)
    assert len(offers(city)) == 2


def test_an_offer_nobody_takes_isnt_repeated_every_day(city: City):
    place = waiting(city, "Bænk nr. et")
    city.appropriate(2027, 1_000)

    city.fund(place, "wait")
    city.live(city.today, city.today + timedelta(days=10))

    assert len(offers(city)) == 1


def move(city: City, from_year: int, to_year: int) -> None:
    with transaction(city.engine) as session:
        transfer(
            session,
            from_year,
            to_year,
            1_000_00,
            Said(city.today, Role.POOL_MANAGER, Door.CLI),
            reason="Senere start",
            key=None,
            decided_on=None,
            case_number="",
        )
