"""What signing in, deputies and the mail's link write, on SQLite and PostgreSQL."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from channels.post.deliver import deliver
from models.database import engine_for, now, reading, transaction
from models.journal import JournalEntry
from models.persons.sign_in_link import SignInLink, ask_for_link, spend_link, token_for_mail
from models.persons.staff_session import StaffSession, Way, revoke, sign_in, sign_out, who_is_there
from models.persons.stand_in import end_stand_in, stand_in, stand_ins
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City
from tests.spare_databases import address_of
from tests.staff.conftest import RolesFile

ON = date(2026, 1, 5)
LEADER = Said(ON, Role.LEADER, Door.CLI)


@pytest.fixture(params=["migrated_file", "migrated_database"], ids=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Both, as everywhere else but in this folder."""
    template = request.getfixturevalue(request.param)
    if request.param == "migrated_database":
        with request.getfixturevalue("spare_databases").lent() as name:
            engine = engine_for(address_of(request.getfixturevalue("postgresql_server"), name))
            yield engine
            engine.dispose()
        return
    shutil.copy(template, tmp_path / "driftsklar.db")
    engine = engine_for(f"sqlite:///{tmp_path / 'driftsklar.db'}")
    yield engine
    engine.dispose()


def a_link(engine: Engine) -> str:
    with transaction(engine) as session:
        assert ask_for_link(session, "leder@kommune.example", "/opgaver", on=ON, moment=now())
    with reading(engine) as session:
        return token_for_mail(session, session.exec(select(SignInLink)).one().number)


def come_in(engine: Engine, person: str = "L-01") -> str:
    with transaction(engine) as session:
        return sign_in(session, Way.MAIL, person, (), moment=now())


def roles_of(engine: Engine, token: str, on: date = ON) -> frozenset[Role]:
    with reading(engine) as session:
        staff = who_is_there(session, token, on=on, moment=now())
        return staff.roles if staff else frozenset()


def test_of_eight_that_open_one_link_at_once_one_comes_in(city: City, roles: RolesFile) -> None:
    token = a_link(city.engine)

    def enter(_: int) -> bool:
        try:
            with transaction(city.engine) as session:
                person = spend_link(session, token, moment=now())
                sign_in(session, Way.MAIL, person, (), moment=now())
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        came_in = list(people.map(enter, range(8)))

    assert came_in.count(True) == 1
    assert len(city.all(StaffSession)) == 1


def test_the_mail_goes_once_to_the_person_alone(city: City, roles: RolesFile) -> None:
    a_link(city.engine)

    first, second = deliver(city.engine, clock=lambda: ON), deliver(city.engine, clock=lambda: ON)

    assert (first.sent, second.sent) == (1, 0)


def test_a_link_that_is_too_old_when_the_mail_server_is_back_is_not_sent(city: City, roles: RolesFile) -> None:
    with transaction(city.engine) as session:
        early = now() - timedelta(minutes=20)
        ask_for_link(session, "leder@kommune.example", "/opgaver", on=ON, moment=early)

    done = deliver(city.engine, clock=lambda: ON)

    assert (done.sent, done.not_needed) == (0, 1)
    [message] = city.all(Message)
    assert message.not_needed_at is not None


def test_a_session_ends_by_signing_out_and_by_being_revoked(city: City, roles: RolesFile) -> None:
    first, second = come_in(city.engine), come_in(city.engine)

    with transaction(city.engine) as session:
        sign_out(session, first, moment=now())
    after_one = (roles_of(city.engine, first), roles_of(city.engine, second))
    with transaction(city.engine) as session:
        counts = [revoke(session, person="L-01", moment=now()) for _ in range(2)]

    assert after_one == (frozenset(), {Role.LEADER, Role.POOL_MANAGER})
    assert counts == [1, 0]
    assert roles_of(city.engine, second) == frozenset()


def test_a_deputy_has_the_role_from_the_first_day_to_the_last(city: City, roles: RolesFile) -> None:
    token = come_in(city.engine, "D-01")

    with transaction(city.engine) as session:
        for _ in range(2):
            stand_in(session, Role.LEADER, "D-01", date(2026, 1, 10), date(2026, 1, 20), LEADER)

    had = {day: Role.LEADER in roles_of(city.engine, token, date(2026, 1, day)) for day in (9, 10, 20, 21)}
    assert had == {9: False, 10: True, 20: True, 21: False}
    with reading(city.engine) as session:
        assert len(stand_ins(session, on=ON)) == 1


def test_a_deputy_who_is_ended_early_has_the_role_no_more(city: City, roles: RolesFile) -> None:
    token = come_in(city.engine, "D-01")
    with transaction(city.engine) as session:
        made = stand_in(session, Role.LEADER, "D-01", ON, date(2026, 1, 20), LEADER)
    had = Role.LEADER in roles_of(city.engine, token)

    with transaction(city.engine) as session:
        for _ in range(2):
            end_stand_in(session, made.number, LEADER)

    assert had
    assert Role.LEADER not in roles_of(city.engine, token)
    lines = [entry.what for entry in city.all(JournalEntry)]
    assert lines == [
        "D-01 er vikar for chefen fra 5. januar 2026 til og med 20. januar 2026.",
        "D-01 er ikke mere vikar for chefen.",
    ]


@pytest.mark.parametrize(
    ("person", "until", "by", "why"),
    [
        ("X-99", date(2026, 2, 1), Role.LEADER, "roles.yaml"),
        ("O-nobody", date(2026, 2, 1), Role.LEADER, "roles.yaml"),
        ("D-01", date(2026, 1, 1), Role.LEADER, "slutdagen"),
        ("D-01", date(2027, 2, 1), Role.LEADER, "højst et år"),
        ("D-01", date(2026, 2, 1), Role.OPERATIONS, "chefen"),
        ("L-02", date(2026, 2, 1), Role.LEADER, "i forvejen"),
    ],
)
def test_a_deputy_who_makes_no_sense_is_refused(
    city: City, roles: RolesFile, person: str, until: date, by: Role, why: str
) -> None:
    before = city.dump()

    with pytest.raises((Refusal, BadInput), match=why), transaction(city.engine) as session:
        stand_in(session, Role.LEADER, person, ON, until, Said(ON, by, Door.CLI))

    assert city.dump() == before
