"""What waits is found among those that can wait, and nothing is passed over."""

from datetime import date

from sqlmodel import select

from models.database import reading
from models.facility import Facility
from models.overview import all_waiting
from models.stage import Stage
from models.waiting import waits_of
from tests.city import City


def test_who_is_waited_for_is_the_same_as_when_every_case_is_asked(city: City):
    for stage in Stage:
        if stage not in (Stage.PROPOSAL, Stage.REFUSED):
            city.to_stage(stage)
    looked_after = city.in_operation()
    city.damage(looked_after)
    city.sweep(date(2026, 11, 2))

    with reading(city.engine) as session:
        every = {
            (facility.reference, wait.key)
            for facility in session.exec(select(Facility))
            for wait in waits_of(session, facility)
        }
        found = {(each.facility.reference, each.wait.key) for each in all_waiting(session)}

    assert found == every
    assert len({key for _, key in every}) > 6
