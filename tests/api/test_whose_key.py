"""Money by a key once persons are known, and what is kept of answers when somebody is erased."""

from datetime import timedelta

import pytest
from sqlmodel import select

from channels.paper.agreement_paper import print_agreement
from channels.records.personal_data import keep_retention
from models.case.volunteer_group import Contact
from models.database import reading, transaction
from models.journal import JournalEntry
from models.outside.kept_answer import KEPT_DAYS, KeptAnswer
from models.persons.erasure import erase_person
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.api.conftest import Other, Outside
from tests.city import City, Place
from tests.staff.conftest import RolesFile, roles  # noqa: F401  the fixture

BUDGET = {"year": 2027, "kr": 50_000, "reason": "Budget"}


@pytest.fixture
def asked(city: City) -> Place:
    """A bench that waits for money, in a pool that has it."""
    place = city.to_stage(Stage.FUNDING)
    city.fill_the_pool(place)
    return place


def persons(**keys: str) -> str:
    lines = "".join(
        f"  {id_}: {{mail: {id_.lower()}@kommune.example, roles: [{role}], api_keys: [{keys.get(id_.replace('-', ''), '')}]}}\n"
        for id_, role in (("L-01", "pool_manager"), ("L-02", "leader"))
    )
    return f"operators: {{}}\npersons:\n{lines}"


def by_api(city: City) -> set[str]:
    """Whom the journal names for what came in by the API."""
    with reading(city.engine) as session:
        return {each.operator for each in session.exec(select(JournalEntry).where(JournalEntry.door == Door.API))}


def granted(key: Other, place: Place) -> int:
    path = f"/facilities/{place.reference}/answers/funding"
    return key.post(path, {"answer": "grant"}).status_code


def test_without_persons_a_key_decides_money_as_before(outside: Outside, asked: Place) -> None:
    assert granted(outside.key("decide:funding", role=Role.POOL_MANAGER), asked) == 200


def test_with_persons_a_key_that_is_nobodys_decides_no_money(
    outside: Outside,
    asked: Place,
    roles: RolesFile,  # noqa: F811
) -> None:
    roles.say(persons())
    pool, finance = outside.key("decide:funding", role=Role.POOL_MANAGER), outside.key("finance", role=Role.LEADER)
    before = asked.city.ledger()

    grant = pool.post(f"/facilities/{asked.reference}/answers/funding", {"answer": "grant"})
    put_in = finance.post("/pool/appropriations", BUDGET)

    for refused in (grant, put_in):
        assert (refused.status_code, refused.json()["code"]) == (409, "money.needs_name")
        assert "api_keys" in refused.json()["detail"]
    assert asked.city.ledger() == before
    assert asked.stage is Stage.FUNDING


def test_with_persons_a_key_still_decides_what_costs_nothing(
    outside: Outside,
    city: City,
    roles: RolesFile,  # noqa: F811
) -> None:
    roles.say(persons())
    bench = city.propose()

    outside.key("decide:consultation", role=Role.OPERATIONS).answer(bench.reference, "consultation", answer="yes")

    assert bench.stage is Stage.AGREEMENT


def test_the_key_of_a_person_decides_and_the_journal_names_the_person(
    outside: Outside,
    asked: Place,
    roles: RolesFile,  # noqa: F811
) -> None:
    pool = outside.key("decide:funding", role=Role.POOL_MANAGER)
    roles.say(persons(L01=pool.short_id))

    assert granted(pool, asked) == 200
    assert by_api(asked.city) == {"L-01"}


def test_a_key_that_acts_in_a_role_its_person_has_not_is_nobodys(
    outside: Outside,
    asked: Place,
    roles: RolesFile,  # noqa: F811
) -> None:
    leader = outside.key("decide:funding", role=Role.LEADER)
    roles.say(persons(L01=leader.short_id))

    assert granted(leader, asked) == 409


def test_somebodys_key_and_their_desk_are_one_pair_of_eyes(
    outside: Outside,
    city: City,
    roles: RolesFile,  # noqa: F811
) -> None:
    leader = outside.key("finance", role=Role.LEADER)
    roles.say(persons(L02=leader.short_id))
    more = BUDGET | {"supplementary": True, "kr": 60_000, "proposed_by": "pool_manager"}

    assert leader.post("/pool/appropriations", more).status_code == 201
    assert by_api(city) == {"L-02"}


# -- what is kept of answers ---------------------------------------------------------------------------------------


def reported(outside: Outside, place: Place, what: str) -> tuple[Other, dict[str, object], str]:
    """Another system reports damage, with a key of its own for the request."""
    key = outside.key("report", "read", role=Role.OPERATIONS)
    path = f"/facilities/{place.reference}/reports"
    said: dict[str, object] = {"what": what, "safe": True}
    assert key.post(path, said, once="sag-1").status_code == 201
    return key, said, path


def kept(city: City) -> list[str]:
    with reading(city.engine) as session:
        return [each.body for each in session.exec(select(KeptAnswer))]


def erase(city: City, name: str) -> None:
    with transaction(city.engine) as session:
        contact = session.exec(select(Contact).where(Contact.name == name)).one()
        erase_person(session, contact, Said(city.today, Role.COORDINATOR, Door.CLI), printer=print_agreement)


def test_an_answer_that_names_somebody_who_is_erased_is_emptied_and_the_request_is_not_done_again(
    outside: Outside, city: City
) -> None:
    bench = city.propose()
    operations = outside.key("decide:consultation", role=Role.OPERATIONS)
    path = f"/facilities/{bench.reference}/answers/consultation"
    said = {"answer": "conditions", "conditions": ['Aase Holm ("den gule") ringer på 12345678 først']}
    first = operations.post(path, said, once="sag-1")
    assert "Aase Holm" in first.text

    erase(city, "Aase Holm")

    again = operations.post(path, said, once="sag-1")
    assert kept(city) == [""]
    assert (again.status_code, again.json()["code"]) == (409, "idempotency.forgotten")
    assert "Aase" not in str(city.dump())


def test_an_answer_about_nobody_stays_when_somebody_is_erased(outside: Outside, city: City) -> None:
    key, said, path = reported(outside, city.in_operation(), "En planke er knækket.")
    before = kept(city)

    erase(city, "Aase Holm")

    assert kept(city) == before
    assert key.post(path, said, once="sag-1").headers["idempotency-replayed"] == "true"


def test_kept_answers_go_after_thirty_days_though_nobody_asks_again(outside: Outside, city: City) -> None:
    reported(outside, city.in_operation(), "Ring til Jens.")

    keep_retention(city.engine, on=city.today + timedelta(days=KEPT_DAYS))
    there = len(kept(city))
    keep_retention(city.engine, on=city.today + timedelta(days=KEPT_DAYS + 1))

    assert (there, kept(city)) == (1, [])
