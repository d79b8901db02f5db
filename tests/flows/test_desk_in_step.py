"""The desk and Prefect are two doors to one question: answered once, and the other door says so."""

import re
from contextlib import suppress
from html import unescape

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Paused

from channels.page.app import make_app
from config.settings import settings
from flows.engine import engine
from flows.engine.prefect_client import prefect
from models.calendar import today
from models.case.consultation import Consultation
from models.case.facility import find
from models.database import now, reading, transaction
from models.post.link import Purpose, make_link
from models.role import Role
from tests.city import Place
from tests.flows.house import House, read, until
from tests.staff.conftest import Desk

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("as_its_own")]

YES = {"svar": "YES", "timer_om_aaret": "4", "kr_om_aaret": "500"}


def asked(house: House, name: str) -> tuple[Place, FlowRun, str]:
    """A bench operations is asked about: the run in Prefect, and the path of the link in the mail."""
    bench = house.city.propose(name=name, group="G-0001", on=today())
    key = f"{bench.reference}:consultation:1"
    run = house.asks_again(key)
    with transaction(house.city.engine) as session:
        number = find(session, bench.reference).number
        token = make_link(
            session, Purpose.QUESTION, number, contact_id=None, role=Role.OPERATIONS, moment=now(), about=key
        )
    return bench, run, f"/opgaver/link/{token}"


def desk_of(house: House) -> Desk:
    return Desk(house.city, settings().page_url, app=make_app(house.city.engine))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def answers_of(house: House, bench: Place) -> list[str]:
    return [str(c.answer) for c in house.city.all(Consultation) if c.facility_id == bench.facility.id]


def test_what_is_answered_at_the_desk_ends_its_run_as_settled_with_the_answer(house: House) -> None:
    bench, run, path = asked(house, "Bænk ved skoven")

    sent = desk_of(house).post(path, **YES)

    assert sent.status_code == 303, words(sent.text)
    until(lambda: read(run.id).state_name == "Afgjort")
    state = read(run.id).state
    assert state is not None
    assert state.is_completed()
    assert state.message == "Afgjort ad en anden vej. Det seneste i sagen: Driften svarede ja."
    house.asks_again(f"{bench.reference}:agreement:1:review")


def test_who_has_the_question_open_at_the_desk_is_told_who_answered_it_in_prefect(house: House) -> None:
    bench, run, path = asked(house, "Bænk ved mosen")
    desk = desk_of(house)
    form = desk.get(f"{path}?svar=NO")

    engine.resume(run.id, {"svar": "Ja", "timer_om_aaret": 4, "kr_om_aaret": 500, "hvem": "Driften"})
    until(lambda: answers_of(house, bench) == ["yes"])
    second = desk.post(path, svar="NO", begrundelse="Vejen bærer ikke en traktor.")

    assert form.status_code == 200
    assert second.status_code == 409
    assert "Spørgsmålet er besvaret" in words(second.text)
    assert "driften: Driften svarede ja" in words(second.text)
    assert "Vejen bærer ikke en traktor." in second.text
    assert answers_of(house, bench) == ["yes"]


def test_who_presses_resume_in_prefect_when_the_desk_was_first_changes_nothing(house: House) -> None:
    bench, run, path = asked(house, "Bænk ved engen")
    no = {"svar": "Nej", "timer_om_aaret": 4, "kr_om_aaret": 500, "begrundelse": "Nej.", "hvem": "Driften"}

    desk_of(house).post(path, **YES)
    with suppress(engine.AnswerRejected):  # at once, before the reconcile has ended the run, or just afterwards
        engine.resume(run.id, no)

    until(lambda: read(run.id).state_name == "Afgjort")
    state = read(run.id).state
    assert state is not None
    assert "Driften svarede ja." in (state.message or "")
    assert answers_of(house, bench) == ["yes"]
    assert not [line for line in bench.journal if "svarede nej" in line]


def test_what_is_paused_in_prefect_by_mistake_changes_no_case_and_is_answered_at_the_desk(house: House) -> None:
    bench, run, path = asked(house, "Bænk ved broen")
    before = bench.journal

    with prefect() as client:
        client.pause_deployment(run.deployment_id)
        client.set_flow_run_state(run.id, Paused(timeout_seconds=86_400), force=True)
    try:
        assert bench.journal == before
        sent = desk_of(house).post(path, **YES)
        until(lambda: read(run.id).state_name == "Afgjort")
    finally:
        with prefect() as client:
            client.resume_deployment(run.deployment_id)

    assert sent.status_code == 303
    assert answers_of(house, bench) == ["yes"]


def test_what_is_deleted_or_cancelled_in_prefect_by_mistake_changes_no_case_and_is_asked_again(house: House) -> None:
    bench, run, path = asked(house, "Bænk ved åen")
    key = f"{bench.reference}:consultation:1"
    before = bench.journal

    with prefect() as client:
        client.delete_flow_run(run.id)
    second = house.asks_again(key, than=run.id)
    engine.cancel(second, "Nogen trykkede på Cancel.")
    third = house.asks_again(key, than=second.id)

    assert third.id not in (run.id, second.id)
    assert bench.journal == before
    assert bench.stage.value == "consultation"
    with reading(house.city.engine) as session:
        assert find(session, bench.reference).reference == bench.reference
    assert desk_of(house).get(path).status_code == 200
