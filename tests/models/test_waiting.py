"""What waits is found among those that can wait, and nothing is passed over."""

from datetime import date

from sqlmodel import select

from models.case.facility import Facility, LandOwner
from models.database import reading, transaction
from models.overview.waiting import waits_of
from models.overview.what_waits import all_waiting
from models.role import Door, Role
from models.said import Said
from models.stage import NEVER_BUILT, Stage
from models.stages.inheritance import ExistingPlace, take_in
from tests.city import City, Place


def test_who_is_waited_for_is_the_same_as_when_every_case_is_asked(city: City):
    for stage in Stage:
        if stage not in (Stage.PROPOSAL, *NEVER_BUILT):
            city.to_stage(stage)
    old = ExistingPlace("baenk", "Gammel bænk", LandOwner.MUNICIPALITY, lat=54.99, lon=12.28)
    with transaction(city.engine) as session:
        taken_in = take_in(session, old, Said(city.today, Role.OPERATIONS, Door.INHERITED)).facility.reference
    city.ask_again(Place(city, taken_in), "Driften er aldrig hørt")
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
    assert f"{taken_in}:consultation:1" in {key for _, key in every}
    assert len({key for _, key in every}) > 6
