"""Whoever waits for a place that somebody else decides about must see what was decided, not what was there before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from models.case.consultation import AnswerKind
from models.case.facility import find
from models.database import transaction
from models.overview.asked_about import find_asked
from models.overview.waiting import Wait, wait_with
from models.role import Door, Role
from models.said import Said
from models.stages.agreement import review_agreement
from models.stages.consultation import answer_consultation
from models.stages.consultation_answer import Answer
from tests import patience
from tests.city import City, Place, fingerprint
from tests.lifecycle.test_inherited import inherit

Decision = Callable[[Session, Place], object]


def _say_yes(session: Session, place: Place) -> None:
    said = Said(place.city.today, Role.OPERATIONS, Door.CLI)
    answer_consultation(session, find(session, place.reference), Answer(AnswerKind.YES, None, None, (), "", ""), said)


def _approve(session: Session, place: Place) -> None:
    said = Said(place.city.today, Role.COORDINATOR, Door.CLI)
    review_agreement(session, find(session, place.reference), {}, said, printer=fingerprint)


def _proposed(city: City) -> tuple[str, Decision]:
    return f"{city.propose().reference}:consultation:1", _say_yes


def _inherited(city: City) -> tuple[str, Decision]:
    """Its facility stays as it is: only the round is changed."""
    place = Place(city, inherit(city).facility.reference)
    city.ask_again(place, by=Role.OPERATIONS_MANAGER)
    return f"{place.reference}:consultation:1", _say_yes


def _drafted(city: City) -> tuple[str, Decision]:
    place = city.propose()
    city.answer(place)
    return f"{place.reference}:agreement:1:review", _approve


@pytest.mark.parametrize("asked", [_proposed, _inherited, _drafted])
def test_who_waited_for_the_place_sees_what_was_answered_meanwhile(
    city: City, asked: Callable[[City], tuple[str, Decision]]
) -> None:
    key, decide = asked(city)

    def look() -> Wait | None:
        with transaction(city.engine) as session:
            return wait_with(session, find_asked(session, key), key)

    before = look()
    with ThreadPoolExecutor(1) as somebody, transaction(city.engine) as session:
        decide(session, Place(city, key.split(":")[0]))
        session.flush()
        seen = somebody.submit(look)
        _until_somebody_waits(city.engine)

    assert before is not None
    assert seen.result() is None


def _until_somebody_waits(engine: Engine) -> None:
    """SQLite lets nobody in who wants to decide; PostgreSQL lets them come as far as the place's lock."""
    if engine.dialect.name == "sqlite":
        return
    waiting = text(
        "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
    )
    until = monotonic() + patience.SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(waiting).first() is None:
            assert monotonic() < until, "nobody came to wait for the place"
            sleep(0.01)
