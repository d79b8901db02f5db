"""How much a question and its answer ask of the database: what keeps the desk fast, counted without a clock."""

from models.case.facility import find
from models.database import reading, transaction
from models.overview.waiting import all_waits, wait_with
from models.role import Role
from tests.city import City
from tests.staff.a_day import TODAY, come_in, live
from tests.staff.conftest import Desk, RolesFile
from tests.staff.test_every_route import PERSONS, YES
from tests.watching import watching


def test_an_answer_and_the_next_question_ask_for_little(desk: Desk, roles: RolesFile, city: City) -> None:
    roles.say(PERSONS)
    place = city.propose(name="Bænk ved kirken")
    come_in(desk, "D-01")
    form = {**YES, "csrf": desk.csrf()}

    with watching(city.engine) as to_answer:
        answered = desk.post(f"/opgaver/svar/{place.reference}:consultation:1", **form)
    come_in(desk, "K-01")
    with watching(city.engine) as to_look:
        seen = desk.get(f"/opgaver/svar/{place.reference}:agreement:1:review")

    assert (answered.status_code, seen.status_code) == (303, 200)
    taken = to_answer.asked[: _until_the_post(to_answer.asked)]
    assert len(taken) <= 10, taken
    assert len(to_look.asked) <= 5, to_look.asked


def _until_the_post(asked: list[str]) -> int:
    """Where the answer ends: the agreement's tasks are the last it writes, and then the post leaves."""
    return next(number for number, each in enumerate(asked, 1) if each.startswith("INSERT INTO care_task"))


def test_one_question_is_found_as_among_all_that_wait(desk: Desk, roles: RolesFile, city: City) -> None:
    roles.say(PERSONS)
    live(city)
    city.today = TODAY

    with reading(city.engine) as session:
        waits = [(facility.reference, wait) for facility, found in all_waits(session) for wait in found]
        alone = [(reference, wait_with(session, find(session, reference), wait.key)) for reference, wait in waits]

    assert {wait.topic for _, wait in waits} >= {"consultation", "agreement", "funding", "incident"}
    assert alone == waits


def test_what_a_decision_adds_is_there_when_it_asks_again(city: City) -> None:
    place = city.propose(name="Bænk ved kirken")
    city.answer(place, "conditions", conditions=("Vejen lægges om.",))

    with transaction(city.engine) as session:
        waits = [wait for _, found in all_waits(session) for wait in found]

    assert [wait.role for wait in waits] == [Role.COORDINATOR]
