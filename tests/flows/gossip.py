"""A city where people write names wherever they can, with one place at each stage."""

from datetime import timedelta

from models.calendar import today
from models.stage import Stage
from tests.city import City, Place

CONTACTS = ("Aase Holm-Juhl;aase_holm@example.dk;20416183", "Bent Friis;bent@example.dk;+4530517294")
PEOPLE = (
    "Aase",
    "Holm-Juhl",
    "aase_holm",
    "example.dk",
    "20416183",
    "20 41 61 83",
    "Bent",
    "Friis",
    "30517294",
    "30 51 72 94",
    "Nabo Nielsen",
    "nabo@",
)
GOSSIP = "Aase Holm-Juhl (20 41 61 83, aase_holm@example.dk) og Bent Friis på +45 30 51 72 94 har set det"
DAYS_OF_CARE = 40
NAMES = {
    Stage.CONSULTATION: "Bænk ved Stege Nor",
    Stage.AGREEMENT: "Bænk ved Nyord Havn",
    Stage.FUNDING: "Bænk ved Præstø Fjord",
    Stage.BUILDING: "Bænk i Kalvehave",
    Stage.HANDOVER: "Bænk ved Bøgestrøm",
    Stage.OPERATION: "Stedet ved Ulvshale",
}
"""What the places are called that have come so far."""


def settle(city: City) -> None:
    """Places that have been in operation for a while, and places that are still on the way there.

    VK-…-0001 got a no. Each question there is, waits once.
    """
    city.today = today() - timedelta(days=DAYS_OF_CARE)
    group = city.add_group(contacts=CONTACTS)
    refused = city.propose(name="Bænk på klinten", group=group)
    city.answer(refused, "no", reason=GOSSIP, could_be_yes="Skriv til nabo@example.dk")
    cared_for = _on_the_way(city, Stage.OPERATION, group, "shelter")  # all the year round
    let_go, removed = (_on_the_way(city, Stage.OPERATION, group) for _ in range(2))
    city.live(city.today, today())
    city.report(city.checks(cared_for, only_open=True)[0], "damaged", note=GOSSIP)
    city.decide_incident(city.damage(removed, GOSSIP), "repair", kr=10, reason=GOSSIP)
    for place in (let_go, removed):
        city.let_go(place, GOSSIP)
    city.end(removed, "remove")
    for stage in (Stage.CONSULTATION, Stage.AGREEMENT, Stage.FUNDING, Stage.BUILDING, Stage.HANDOVER):
        _on_the_way(city, stage, group)


def ask_the_rest(city: City) -> None:
    """The questions that `settle` leaves out: who insures, what became late, what is mended, and a first inspection."""
    city.today = today()
    city.to_stage(Stage.BUILDING, insured=None, name="Bænk ved Hårbølle")
    standing = city.in_operation(from_=today() - timedelta(days=DAYS_OF_CARE), name="Bænk ved Bøgebjerg")
    city.order(standing, due=today() - timedelta(days=1), on=today() - timedelta(days=9))
    city.today = today()
    city.sweep()
    city.mend(city.damage(standing, "Et bræt er knækket"))


def _on_the_way(city: City, stage: Stage, group: str, type_key: str = "baenk") -> Place:
    """A place that has come as far as this stage, with gossip at every step."""
    place = city.propose(type_key, name=NAMES[stage], group=group)
    for step in (_consulted, _agreed, _funded, _built, _handed_over):
        if place.stage is stage:
            break
        step(city, place)
    if stage is Stage.HANDOVER:
        city.hand_over(place, "refused", reason=GOSSIP)
    assert place.stage is stage
    return place


def _consulted(city: City, place: Place) -> None:
    city.answer(place, "conditions", conditions=(GOSSIP,))


def _agreed(city: City, place: Place) -> None:
    city.review(place)
    city.sign(place, "volunteers", name="Aase Holm-Juhl")
    city.sign(place, "municipality")


def _funded(city: City, place: Place) -> None:
    city.fill_the_pool(place)
    city.appropriate(today().year, 1_000, key="repairs")
    city.fund(place, reason=GOSSIP)


def _built(city: City, place: Place) -> None:
    city.meet_condition(place)
    city.permit(place)
    city.build(place)


def _handed_over(city: City, place: Place) -> None:
    city.hand_over(place)
