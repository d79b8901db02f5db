"""The desk is killed with -9 at the commit of a decision; they press again: recorded once, and nothing is half done.

In `make test` before the commit on one database and after it on the other, with DRIFTSKLAR_CRASH both on each.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import update

from channels.post.deliver import deliver
from config.settings import settings
from models.calendar import today
from models.case.consultation import Consultation
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup
from models.database import now, reading, transaction
from models.journal import JournalEntry
from models.operation.incident import Incident
from models.overview.invariants import INVARIANTS, broken
from models.overview.waiting import Wait, all_waits
from models.persons.staff_session import StaffSession, Way, form_token, sign_in, who_is_there
from models.pool.ledger import LedgerEntry
from models.pool.money_wish import MoneyWish
from models.post.link import Purpose, make_link
from models.post.outbox import Message
from models.role import Role
from tests.city import City
from tests.crash.a_page import a_page
from tests.crash.conftest import Sink
from tests.crash.tally import WISH, Tally

YES = {"svar": "YES", "timer_om_aaret": "4", "kr_om_aaret": "500"}
PERSONS = """operators: {}
persons:
  K-01: {mail: mette@kommune.example, roles: [coordinator]}
  P-01: {mail: leif@kommune.example, roles: [project_lead]}
  D-01: {mail: drift@kommune.example, roles: [operations]}
  L-02: {mail: chef@kommune.example, roles: [leader]}
"""


class Decision(NamedTuple):
    """A form that somebody sends, and what there is once when it was taken."""

    path: str
    person: str
    form: dict[str, str]
    counted: Callable[[], int]


class Staff:
    """Who is signed in: their cookie, and what their forms carry."""

    def __init__(self, city: City, person: str) -> None:
        with transaction(city.engine) as session:
            token = sign_in(session, Way.MAIL, person, (), moment=now())
        self.cookies = {f"driftsklar-opgaver-{settings().page_port}": token}
        with reading(city.engine) as session:
            staff = who_is_there(session, token, on=today(), moment=now())
            assert staff is not None
            self.csrf = form_token(staff.session)


def consultation_of(city: City, reference: str) -> Wait:
    with reading(city.engine) as session:
        return next(
            wait
            for facility, waits in all_waits(session)
            for wait in waits
            if facility.reference == reference and wait.topic == "consultation"
        )


def decisions_of(city: City) -> list[Decision]:
    """What is decided in that order: the second about money is about the proposal of the first."""
    city.today = today()
    by_link = city.propose(name="Bænk ved kirken")
    signed_in = city.propose(name="Bænk ved åen", lat=55.0)
    bench = city.in_operation(name="Bænk ved havnen", lat=55.1)
    with transaction(city.engine) as session:
        key = consultation_of(city, by_link.reference).key
        token = make_link(session, Purpose.QUESTION, 1, contact_id=None, role=Role.OPERATIONS, moment=now(), about=key)

    def answered(reference: str) -> Callable[[], int]:
        def count() -> int:
            place = next(each for each in city.all(Facility) if each.reference == reference)
            rounds = [c for c in city.all(Consultation) if c.facility_id == place.id and c.answer is not None]
            lines = [j for j in city.all(JournalEntry) if j.facility_id == place.id and "svarede" in j.what.lower()]
            return max(len(rounds), len(lines))

        return count

    def rows(table: type, before: int = 0) -> Callable[[], int]:
        return lambda: len(city.all(table)) - before

    def named(table: type, name: str) -> Callable[[], int]:
        return lambda: sum(each.name == name for each in city.all(table))

    def booked() -> int:
        return sum(entry.year == 2048 for entry in city.all(LedgerEntry))

    money = {"aar": "2048", "kroner": "60.000", "begrundelse": "Budgettet.", "key": "m"}
    damage = {"hvad": "Et bræt er knækket", "sikkert": "YES", "key": "d"}
    group = {
        "navn": "Havnens Venner",
        "kontakter.0.navn": "Karen Holm",
        "kontakter.0.mail": "k@havn.example",
        "key": "g",
    }
    proposal = {
        "type": "baenk",
        "navn": "Bænk ved broen",
        "sted": "55,3 12,3",
        "gruppe": "G_0001",
        "aar": "5",
        "key": "p",
    }
    signed = f"/opgaver/svar/{consultation_of(city, signed_in.reference).key}"
    return [
        Decision(f"/opgaver/link/{token}", "", YES, answered(by_link.reference)),
        Decision(signed, "D-01", YES, answered(signed_in.reference)),
        Decision("/opgaver/pulje/forslag/ny/appropriation", "K-01", money, rows(MoneyWish)),
        Decision("/opgaver/pulje/forslag/{wish}", "L-02", {"svar": "YES"}, booked),
        Decision(f"/opgaver/sag/{bench.reference}/goer/skade", "D-01", damage, rows(Incident)),
        Decision("/opgaver/grupper/ny", "K-01", group, named(VolunteerGroup, "Havnens Venner")),
        Decision(
            "/opgaver/forslag/nyt", "P-01", proposal | {"ejer": "MUNICIPALITY"}, named(Facility, "Bænk ved broen")
        ),
    ]


@pytest.mark.parametrize("moment", ["before commit", "after commit"])
def test_a_decision_at_the_desk_survives_the_page_being_killed_at_its_commit(
    city: City, sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    database = city.engine.dialect.name
    if not WISH and (moment == "before commit") != (database == "postgresql"):
        pytest.skip("the other half is for DRIFTSKLAR_CRASH")
    with_persons(tmp_path, monkeypatch, sink)
    url = city.engine.url.render_as_string(hide_password=False)
    decisions = decisions_of(city)
    people = {person: Staff(city, person) for person in ("K-01", "P-01", "D-01", "L-02")}
    sink.forget()
    with city.engine.begin() as connection:  # what led here has been told
        connection.execute(update(Message).values(sent_at=now()))
    tally = Tally(f"desk killed {moment}", database, points=len(decisions))

    def press(page, decision: Decision, *, is_watched: bool):
        staff = people.get(decision.person)
        form = decision.form | ({"csrf": staff.csrf} if staff else {})
        cookies = staff.cookies if staff else {}
        wish = max((each.id for each in city.all(MoneyWish)), default=0)  # a number of what was lost isn't given again
        return page.send(decision.path.format(wish=wish), cookies=cookies, is_watched=is_watched, **form)

    for number, decision in enumerate([*decisions, None]):
        with a_page(url, tmp_path / "counted", kill_at=moment, posts=False) as page:
            if number:  # the one before was killed in the middle: they press again
                last = decisions[number - 1]
                was_there = last.counted()
                again = press(page, last, is_watched=False)
                assert again is not None
                assert (last.path, was_there) == (last.path, int(moment == "after commit"))
                assert again.status_code in (303, 409), (last.path, again.text)
                assert last.counted() == 1, last.path
            if decision is not None:
                assert press(page, decision, is_watched=True) is None, decision.path
        assert page.was_killed == (decision is not None)
        tally.kills += page.was_killed

    assert [decision.counted() for decision in decisions] == [1] * len(decisions)
    for days in range(8):  # a person gets one mail a day
        deliver(city.engine, clock=lambda: today() + timedelta(days=days))  # noqa: B023
    with reading(city.engine) as session:
        assert broken(session) == {}
    assert city.wrong() == []
    tally.invariants = len(INVARIANTS)
    mails = Counter(sink.taken())
    tally.mails, tally.mails_doubled = len(mails), mails.total() - len(mails)
    assert tally.mails_doubled == 0
    assert [m.id for m in city.all(Message) if m.sent_at is m.not_needed_at is None] == []
    assert len(city.all(StaffSession)) == len(people)
    tally.keep()


def with_persons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sink: Sink) -> None:
    """The installation has persons, and a mail server."""
    shutil.copytree(Path(__file__).resolve().parents[2] / "config", tmp_path / "config")
    (tmp_path / "config" / "roles.yaml").write_text(PERSONS)
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", sink.url)
    settings.cache_clear()
