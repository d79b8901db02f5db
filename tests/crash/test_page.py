"""The page is killed with -9 while somebody's answer is on its way; they press again: one answer, one receipt.

In `make test` at one of its points for each database, with DRIFTSKLAR_CRASH at as many as it says, each for
another check.
"""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from channels.addresses import PATHS
from channels.post.deliver import deliver
from config.settings import settings
from models.calendar import today
from models.case.photo import Photo
from models.case.volunteer_group import contacts_of, find_group
from models.database import now, reading, transaction
from models.operation.check import Check, Report
from models.operation.incident import Incident
from models.overview.invariants import INVARIANTS, broken
from models.post.link import Purpose, make_link
from models.post.outbox import Message, MessageItem
from tests.city import City
from tests.crash.a_page import a_page
from tests.crash.conftest import Sink
from tests.crash.tally import STEP, WISH, Tally

ANSWER = {"result": "damaged", "what": "En slat er knækket", "severity": "small", "safe": "yes"}


def link_to(city: City, group: str, check: Check) -> str:
    """The path in the mail of the group's first contact."""
    with transaction(city.engine) as session:
        contact = contacts_of(session, find_group(session, group))[0]
        token = make_link(session, Purpose.ANSWER, check.number, contact_id=contact.id, role=None, moment=now())
    return PATHS[Purpose.ANSWER].format(token=token)


def open_checks(city: City, group: str, count: int) -> list[Check]:
    """That many checks the group has been asked about; the mails that ask have gone."""
    while len(city.checks(only_open=True)) < count:
        city.in_operation(name=f"Bænk {len(city.checks())}", years=2, group=group)
        city.sweep(date(2026, 4, 26))
    with city.engine.begin() as connection:
        connection.execute(update(Message).values(sent_at=now()))
    return city.checks(only_open=True)[:count]


def test_an_answer_survives_the_page_being_killed_at_any_point(
    city: City, sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", sink.url)
    settings.cache_clear()
    sink.forget()
    url = city.engine.url.render_as_string(hide_password=False)
    group = city.add_group()
    counted = tmp_path / "counted"
    (first,) = open_checks(city, group, 1)
    with a_page(url, counted) as page:
        page.post(link_to(city, group, first), **ANSWER)
    names = counted.read_text().splitlines()
    database, decided = city.engine.dialect.name, names.index("before commit")
    once = decided if database == "postgresql" else names.index("after commit", decided)
    points = range(STEP // 2, len(names), STEP) if WISH else (once,)
    tally = Tally("page killed while it answers", database, points=len(names))
    for number, check in zip(points, open_checks(city, group, len(points)), strict=True):
        path = link_to(city, group, check)
        with a_page(url, tmp_path / "killed", kill_at=number + 1) as page:
            page.post(path, **ANSWER)
        assert page.was_killed or WISH  # the day's later answers send less post than the first
        with city.engine.begin() as connection:  # ten minutes pass
            connection.exec_driver_sql("UPDATE message SET lease_until = NULL WHERE sent_at IS NULL")

        with a_page(url, tmp_path / "again") as restarted:
            again = restarted.post(path, **ANSWER)

        assert again is not None
        assert (again.status_code, again.headers["location"]) == (303, path), names[number]
        tally.kills += page.was_killed
    for days in range(1, len(names) + 2):  # a person gets one mail a day
        deliver(city.engine, clock=lambda: today() + timedelta(days=days))  # noqa: B023
    with reading(city.engine) as session:
        assert broken(session) == {}
    answered = Counter(report.check_id for report in city.all(Report))
    assert set(answered.values()) == {1}
    assert len(answered) == len(points) + 1
    assert Counter(photo.check_id for photo in city.all(Photo)) == answered
    assert len(city.all(Incident)) == len(answered)
    receipts = [item.key for item in city.all(MessageItem) if item.kind == "receipt"]
    assert len(receipts) == len(set(receipts)) == len(answered)
    tally.invariants = len(INVARIANTS)
    mails = Counter(sink.taken())
    tally.mails, tally.mails_doubled = len(mails), mails.total() - len(mails)
    assert tally.mails_doubled <= sum(names[number] in ("after mail", "before commit") for number in points)
    assert [m.id for m in city.all(Message) if m.sent_at is m.not_needed_at is None] == []
    tally.keep()
