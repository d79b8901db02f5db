"""Eight processes at one thing, some of them killed in the middle; then all of them once more, to the end.

It comes out as if one had done it alone: nothing twice, nothing half, nothing lost.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from config.settings import settings
from models.case.agreement import Agreement
from models.case.consultation import AnswerKind, Consultation
from models.database import reading
from models.operation.check import Check, Report
from models.overview.invariants import INVARIANTS, broken
from models.post.outbox import Message, MessageItem
from models.stage import Stage
from tests.city import City
from tests.crash.conftest import Sink
from tests.crash.racers import EIGHT, KILLED, answer, finish, fund, post, race, report, run_day
from tests.crash.tally import EVERYTHING, Tally

ROUNDS = 10 if EVERYTHING else 1

WAYS = {"some are killed": KILLED} | ({"all live": {}} if EVERYTHING else {})

pytestmark = pytest.mark.parametrize("kills", WAYS.values(), ids=WAYS)


@pytest.fixture
def url(city: City) -> str:
    """Where the racers meet."""
    return city.engine.url.render_as_string(hide_password=False)


@pytest.fixture(autouse=True)
def counted(request: pytest.FixtureRequest, database: Engine, kills: dict[int, int]) -> Iterator[Tally]:
    """What is counted here; at the end the doctor finds nothing."""
    what = request.node.name.partition("[")[0].removeprefix("test_").replace("_", " ")
    died = "some of eight killed" if kills else "eight at once"
    tally = Tally(f"{what}, {died}", database.dialect.name, points=len(kills))
    yield tally
    with reading(database) as session:
        assert broken(session) == {}
    tally.invariants += len(INVARIANTS)
    tally.keep()


def test_grants_from_one_pool(city: City, url: str, kills: dict[int, int], counted: Tally) -> None:
    for year in (2026, 2027):
        city.appropriate(year, 3 * 675 if year == 2026 else 100_000)
    benches = [city.to_stage(Stage.FUNDING, years=1, money=0) for _ in range(EIGHT)]
    said = [(bench.reference, city.today) for bench in benches]

    counted.kills += race(url, fund, said, kills=kills)
    race(url, fund, said, kills={})

    granted = [bench for bench in benches if bench.stage is Stage.BUILDING]
    assert len(granted) == 3
    assert city.pot(2026) == (0, 3 * 675, 0)
    assert {bench.stage for bench in benches if bench not in granted} == {Stage.FUNDING}
    assert Counter(kind for kind, _ in grants(city)) == {"funding_granted": 3 * 2}


def test_answers_to_one_consultation(city: City, url: str, kills: dict[int, int], counted: Tally) -> None:
    for _ in range(ROUNDS):
        bench = city.propose()
        said = [(bench.reference, ("yes", "no")[n % 2], city.today) for n in range(EIGHT)]

        counted.kills += race(url, answer, said, kills=kills)
        race(url, answer, said, kills={})

        rounds = [c for c in city.all(Consultation) if c.facility_id == bench.facility.id]
        assert len(rounds) == 1
        agreements = [a for a in city.all(Agreement) if a.facility_id == bench.facility.id]
        told = {m.template for m in city.all(Message) if m.facility_id == bench.facility.id}
        if rounds[0].answer is AnswerKind.YES:
            assert (bench.stage, len(agreements)) == (Stage.AGREEMENT, 1)
            assert "consultation_no" not in told
        else:
            assert (bench.stage, len(agreements)) == (Stage.REFUSED, 0)
            assert "consultation_yes" not in told


def test_answers_to_one_check(city: City, url: str, kills: dict[int, int], counted: Tally) -> None:
    bench = city.in_operation(years=2)
    city.sweep(date(2026, 4, 26))
    numbers = [check.number for check in city.checks(bench, only_open=True)][:ROUNDS]

    for number in numbers:
        said = [(number, date(2026, 4, 26))] * EIGHT
        counted.kills += race(url, report, said, kills=kills)
        race(url, report, said, kills={})

    answered = Counter(each.check_id for each in city.all(Report))
    assert answered == dict.fromkeys(numbers, 1)
    assert len([line for line in bench.journal if "i orden" in line]) <= len(numbers)


def test_the_end_of_one_work_order(city: City, url: str, kills: dict[int, int], counted: Tally) -> None:
    bench = city.in_operation(years=2)
    for number in range(ROUNDS):
        work = city.order(bench, f"Mal gavl {number}", kr=500)
        _, committed, spent = city.pot(2026)
        said = [(work.number, city.today)] * EIGHT

        counted.kills += race(url, finish, said, kills=kills)
        race(url, finish, said, kills={})

        assert city.pot(2026)[2] == spent + 400
        assert city.pot(2026)[1] <= committed - 400
        booked = Counter(entry.key for entry in city.ledger() if entry.key.startswith(f"work:{work.id}:"))
        assert set(booked.values()) == {1}
        assert len([line for line in bench.journal if f"Arbejde nr. {work.id} er gjort" in line]) == 1


def test_sweeps_of_one_day(city: City, url: str, kills: dict[int, int], counted: Tally) -> None:
    for number in range(3):
        city.in_operation(name=f"Bænk {number}", years=2)
    day = date(2026, 4, 27)  # a Monday: the week's mails
    for _ in range(ROUNDS):
        said = [(day,)] * EIGHT

        counted.kills += race(url, run_day, said, kills=kills)
        race(url, run_day, said, kills={})

        before = city.dump()
        assert not any(city.sweep(day).as_dict().values())
        assert city.dump() == before
        day += timedelta(days=7)
    keys = Counter(item.key for item in city.all(MessageItem))
    assert keys
    assert set(keys.values()) == {1}
    checks = Counter((check.care_task_id, check.due_on) for check in city.all(Check))
    assert set(checks.values()) == {1}


def test_deliveries_of_one_outbox(
    city: City, url: str, kills: dict[int, int], counted: Tally, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(EIGHT):
        city.answer(city.propose(name=f"Bænk {number}"), "no", reason="Erosion")
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", sink.url)
    settings.cache_clear()
    sink.forget()

    counted.kills += race(url, post, [()] * EIGHT, kills=kills)
    with city.engine.begin() as connection:  # ten minutes pass
        connection.exec_driver_sql("UPDATE message SET lease_until = NULL WHERE sent_at IS NULL")
    race(url, post, [()] * EIGHT, kills={})

    assert [m.id for m in city.all(Message) if m.sent_at is m.not_needed_at is None] == []
    mails = Counter(sink.taken())
    counted.mails += len(mails)
    counted.mails_doubled += sum(count - 1 for count in mails.values())
    assert len(mails) >= 2 * EIGHT
    assert counted.mails_doubled <= counted.kills


def grants(city: City) -> list[tuple[str, int | None]]:
    """What groups were told about money."""
    return [(m.template, m.contact_id) for m in city.all(Message) if m.template == "funding_granted"]
