"""What befell the last places of a type stands in the next consultation about one."""

from channels.questions.consultation import facts
from channels.questions.facts import Listed
from models.case.facility import find
from models.database import reading
from models.overview.waiting import waits_of
from models.stage import Stage
from tests.city import City, Place


def told(city: City, place: Place) -> list[str]:
    """What operations reads of the last places, a line each; none where nothing is said."""
    with reading(city.engine) as session:
        facility = find(session, place.reference)
        blocks = facts(session, facility, waits_of(session, facility)[0]).blocks
    return [
        "".join(line.parts)
        for block in blocks
        if isinstance(block, Listed) and "lærte" in block.heading
        for line in block.lines
    ]


def test_a_refused_handover_and_a_damage_stand_in_the_next_consultation_of_the_type(city: City):
    first = city.to_stage(Stage.HANDOVER, "badebro", name="Badebro ved Ore")
    city.hand_over(first, "refused", reason="Døren vender mod vinden, siger Aase Holm.")
    city.hand_over(first)
    city.decide_incident(city.damage(first, "Bent Friis sejlede ind i broen"), reason="Isen tog to pæle.")

    (line,) = told(city, city.propose("badebro", name="Badebro ved Bakkebølle"))

    assert line.startswith(f"{first.reference} Badebro ved Ore:")
    assert "Døren vender mod vinden" in line
    assert "Isen tog to pæle." in line
    assert "sejlede" not in line
    assert "Aase" not in line


def test_only_the_three_last_of_the_type_are_told_of(city: City):
    built = [city.to_stage(Stage.OPERATION, name=f"Bænk {number}") for number in range(4)]
    city.to_stage(Stage.OPERATION, "shelter", name="Et shelter")

    lines = told(city, city.propose("baenk", name="Den næste bænk"))

    assert [line.partition(" ")[0] for line in lines] == [place.reference for place in reversed(built[1:])]
    assert all("gik, som det skulle" in line for line in lines)


def test_the_first_of_its_type_has_nothing_to_learn_from(city: City):
    assert told(city, city.propose("badebro", name="Den første badebro")) == []
