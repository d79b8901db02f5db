"""Reconcile, don't hope: whatever was lost, killed or decided elsewhere, Prefect comes back in step."""

import os
import signal

import pytest

from flows.engine import engine
from flows.engine.paths import run_page
from models.case.facility import Facility
from models.pool.ledger import LedgerEntry
from models.post.outbox import Message
from models.stage import Stage
from tests.city import Place
from tests.flows.house import House, description, plain_name, read, until

pytestmark = pytest.mark.prefect

ATTACK = "Erosion <script>"


def place(house: House, stage: Stage) -> Place:
    """The first place that is in this stage now."""
    found: list[Facility] = house.city.all(Facility)
    return next(Place(house.city, each.reference) for each in found if each.stage is stage)


def question_of(house: House, of: Place) -> str:
    """The key of what the place waits for."""
    return next(key for key in house.open_questions() if key.startswith(of.reference))


def test_what_was_decided_while_prefect_was_down_is_asked_on_when_it_comes_up(house: House) -> None:
    waiting = house.comes_in_step()

    assert {plain_name(run).split(" · ")[0] for run in waiting.values()} >= {
        "Driftshøring",
        "Pasningsaftale",
        "Puljetilsagn",
        "Bygning",
        "Aflevering",
        "Skade",
        "Ophør",
    }
    for key, run in waiting.items():
        reference = key.partition(":")[0]
        assert {"driftsklar", reference} <= set(run.tags)
        assert reference in run.name


def test_a_list_of_many_pages_holds_the_same_runs_as_one_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.comes_in_step()
    on_one_page = [run.id for run in engine.open_runs("spørgsmål")]

    monkeypatch.setattr(engine, "PAGE_ROWS", 2)

    assert [run.id for run in engine.open_runs("spørgsmål")] == on_one_page
    assert len(on_one_page) > 4


def test_every_case_file_leads_to_the_question_that_waits(house: House) -> None:
    for key, run in house.comes_in_step().items():
        reference = key.partition(":")[0]

        def leads_there(reference: str = reference, link: str = run_page(run.id)) -> bool:
            page = engine.latest_artifact(f"sag-{reference.lower()}")
            return page is not None and link in str(page.data)

        until(leads_there)


def test_bad_answers_are_asked_again_and_no_run_fails(house: House) -> None:
    waiting = house.comes_in_step()
    before = house.decided()
    tried = {
        "consultation": {
            "svar": "Nej",
            "timer_om_aaret": 1,
            "kr_om_aaret": 1,
            "begrundelse": ATTACK,
            "hvem": "Driften",
        },
        "agreement": {"svar": "Godkend med ændringer"},
        "incident": {
            "svar": "Reparér",
            "kroner": 10,
            "begrundelse": ATTACK,
            "hvem": "Driftslederen",
            "dato": "2024-02-30",
        },
    }
    asked = {key: run for key, run in waiting.items() if key.split(":")[1] in tried}
    for key, run in asked.items():
        values = tried[key.split(":")[1]]
        for bad in ({"unknown": "x"}, {"svar": "Måske"}, {"svar": None}, {"dato": "i går"}):
            with pytest.raises(engine.AnswerRejected):
                engine.resume(run.id, values | bad)
        engine.resume(run.id, values)

    def all_asked_again() -> bool:
        again = house.waiting()
        return set(again) == set(waiting) and all("kunne ikke bruges" in description(again[key]) for key in asked)

    until(all_asked_again)
    assert {run.id for run in house.waiting().values()} == {run.id for run in waiting.values()}
    assert house.decided() == before


def test_a_question_that_is_cancelled_is_asked_anew(house: House) -> None:
    key, run = next(iter(house.comes_in_step().items()))

    engine.cancel(run, "Nogen trykkede på Cancel.")

    assert house.asks_again(key, than=run.id).name == plain_name(run)


def test_what_another_door_answers_ends_its_run_and_the_next_is_asked(house: House) -> None:
    bench = place(house, Stage.CONSULTATION)
    run = house.comes_in_step()[question_of(house, bench)]

    house.city.answer(bench, "yes")

    until(lambda: read(run.id).state_name == "Afgjort")
    state = read(run.id).state
    assert state is not None
    assert state.message == "Afgjort ad en anden vej. Det seneste i sagen: Driften svarede ja."
    house.asks_again(f"{bench.reference}:agreement:1:review")
    house.comes_in_step()


def test_a_runner_killed_between_two_stages_goes_on_and_doubles_nothing(house: House) -> None:
    bench = place(house, Stage.FUNDING)
    key = question_of(house, bench)
    run = house.comes_in_step()[key]
    assert house.stack is not None
    runner = next(child for child in house.stack.children if child.name == "runner")
    assert runner.process is not None

    engine.resume(run.id, {"svar": "Giv tilsagn", "hvem": "Puljeforvalteren"})
    until(lambda: bench.stage is Stage.BUILDING)
    os.kill(runner.process.pid, signal.SIGKILL)  # written, but the next stage perhaps not asked for

    house.asks_again(question_of(house, bench))
    # killed before it had said so, it is taken up and finds in the case that it was its own answer
    until(lambda: (found := read(run.id).state) is not None and found.is_final())
    ended = read(run.id).state
    assert ended is not None
    assert ended.name == "Tilsagn", ended.message
    house.comes_in_step()
    entries: list[LedgerEntry] = house.city.ledger(facility_id=bench.facility.id)
    assert len({entry.key for entry in entries}) == len(entries)
    told: list[Message] = house.city.all(Message)
    assert len({message.key for message in told}) == len(told)
    assert [line for line in bench.journal if "tilsagn" in line.lower()] == [
        line for line in dict.fromkeys(bench.journal) if "tilsagn" in line.lower()
    ]
    assert house.city.wrong() == []


def test_a_form_made_of_the_agreements_own_tasks_is_read_as_it_was_made(house: House) -> None:
    bench = place(house, Stage.AGREEMENT)
    run = house.comes_in_step()[question_of(house, bench)]

    engine.resume(run.id, {"svar": "Godkend med ændringer", "til_driften": ["Kig til bænken, og tør den af"]})

    house.asks_again(f"{bench.reference}:agreement:2:sign:0")
    assert "er flyttet fra gruppen til driften" in bench.agreements[1].changes[0]
    until(lambda: read(run.id).state_name == "Til underskrift")
