"""Thirty proposals of a day: operations gets the first three at once, and the others as one mail with a link each."""

import re
from datetime import date

import pytest

from channels.post import mail_transport
from channels.post.deliver import deliver
from channels.post.mail import MailUnreachable
from models.post.outbox import Message
from models.role import Role
from tests.city import City
from tests.staff.conftest import Desk
from tests.staff.test_both_databases import database  # noqa: F401  both databases

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


def propose(city: City, count: int) -> None:
    city.today = MONDAY
    group = city.add_group()
    for number in range(count):
        city.propose(name=f"Bænk nr. {number + 1}", group=group, lat=54.9 + number / 100)


def to_operations(desk: Desk) -> list[str]:
    return [mail for mail in desk.mails() if "Driftshøring om" in mail or "driftshøringen" in mail]


def links(mail: str) -> list[str]:
    return re.findall(r"/opgaver/link/[\w-]{43}", mail)


def test_the_first_three_go_at_once_and_the_others_as_one_mail_the_next_day(desk, city):
    propose(city, 30)

    deliver(city.engine, clock=lambda: MONDAY)
    at_once = to_operations(desk)
    deliver(city.engine, clock=lambda: MONDAY)
    later_that_day = to_operations(desk)
    deliver(city.engine, clock=lambda: TUESDAY)
    next_day = to_operations(desk)

    assert (len(at_once), len(later_that_day), len(next_day)) == (3, 3, 4)
    assert [len(set(links(mail))) for mail in at_once] == [1, 1, 1]
    assert len(set(links(next_day[-1]))) == 27
    assert "Der er 27 ting i denne mail" in next_day[-1]
    asked = {link for mail in next_day for link in links(mail)}
    assert len(asked) == 30
    assert all(desk.get(link).status_code == 200 for link in asked)


def test_before_the_morning_the_heap_waits_for_the_days_own_mail(desk, city):
    propose(city, 5)
    deliver(city.engine, clock=lambda: MONDAY)

    deliver(city.engine, clock=lambda: TUESDAY, only_urgent=True)
    at_night = len(to_operations(desk))
    deliver(city.engine, clock=lambda: TUESDAY)

    assert (at_night, len(to_operations(desk))) == (3, 4)


def test_a_mail_server_that_is_away_loses_none_of_them_and_doubles_none(desk, city, monkeypatch):
    propose(city, 9)
    deliver(city.engine, clock=lambda: MONDAY)
    real = mail_transport.MaildirTransport.send

    def away(*_: object) -> None:
        raise MailUnreachable("væk")

    monkeypatch.setattr(mail_transport.MaildirTransport, "send", away)
    with pytest.raises(MailUnreachable):
        deliver(city.engine, clock=lambda: TUESDAY)
    monkeypatch.setattr(mail_transport.MaildirTransport, "send", real)
    with city.engine.begin() as connection:  # ten minutes pass
        connection.exec_driver_sql("UPDATE message SET lease_until = NULL WHERE sent_at IS NULL")
    deliver(city.engine, clock=lambda: TUESDAY)
    deliver(city.engine, clock=lambda: date(2026, 1, 7))

    found = [link for mail in to_operations(desk) for link in set(links(mail))]
    assert len(found) == len(set(found)) == 9
    assert [m.id for m in city.all(Message) if m.role is Role.OPERATIONS and m.sent_at is None] == []


def test_what_comes_after_the_heap_on_another_day_goes_at_once_again(desk, city):
    propose(city, 5)
    deliver(city.engine, clock=lambda: MONDAY)
    city.today = TUESDAY
    city.propose(name="Bænk ved åen", group="G-0001", lat=56.0)

    deliver(city.engine, clock=lambda: TUESDAY)

    mails = to_operations(desk)
    assert len(mails) == 5
    assert [mail for mail in mails if "Bænk ved åen" in mail and len(set(links(mail))) == 1]
